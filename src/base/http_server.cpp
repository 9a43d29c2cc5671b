// The server is one thread that speaks to all connections (so nothing here needs a lock) and a pool that runs handlers.
// A session is one connection; it goes round
//
//     Reading -> Handling -> [Delaying] -> Writing -> Reading ...
//
// and leaves through Lingering, where the client may still talk for a moment, so that it gets to read our last answer
// instead of a reset. Every phase but Handling has a time limit.
#include "base/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "base/error.h"
#include "base/format.h"
#include "base/http/answer.h"
#include "base/http/form.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

// What sessions at work get when the server stops; with the rest it stays below a second.
constexpr milliseconds kLastCall{700};
// How long and how much a client may go on talking after our last answer.
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLingering = 16u << 20;
// A reset discards what the peer has not received yet; so long do its bytes get to arrive.
constexpr milliseconds kBeforeReset{30};
// When the process has no descriptor for another connection.
constexpr milliseconds kAcceptPause{100};
// Connections above the limit that are told so; any more are closed at once.
constexpr std::size_t kMostRefusals = 64;

std::string_view reason_of(int status) {
  boost::core::string_view reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {reason.data(), reason.size()};
}

ServerResponse plain_answer(int status, std::string_view text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::string(text)};
}

// The answer to what could not be read as a request; empty where the connection just ends.
std::optional<ServerResponse> find_refusal(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return plain_answer(431, "the headers are too large\n");
  }
  if (error == http::error::body_limit) return plain_answer(413, "the body is too large\n");
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return plain_answer(400, "this is no HTTP request\n");
  }
  return {};
}

// Puts a request together as Beast reads it. (Beast's own message can't hold a header of 64 kB, and throws.)
class RequestParser : public http::basic_parser<true> {
 public:
  ServerRequest take() { return std::move(request_); }
  bool awaits_continue() const {
    const std::string* expect = request_.headers.find("Expect");
    return expect && same_name(*expect, "100-continue");
  }

 private:
  using Text = beast::string_view;
  static std::string own(Text text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb, Text method, Text target, int, error_code&) override {
    request_.method = own(method);
    request_.target = own(target);
  }
  void on_field_impl(http::field, Text name, Text value, error_code&) override {
    request_.headers.add(own(name), own(value));
  }
  std::size_t on_body_impl(Text piece, error_code&) override {
    request_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, Text piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  ServerRequest request_;
};

tcp::endpoint endpoint_of(const HttpServerOptions& options) {
  error_code error;
  auto address = asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error) {
    throw Error(ErrorKind::Config, format("'{}' is no IP address to listen on", printable(options.address)),
                {.hint = "127.0.0.1 is this machine only, 0.0.0.0 is everybody"});
  }
  return {address, options.port};
}

Error listen_error(const tcp::endpoint& endpoint, const error_code& error) {
  std::string where = format("port {} on {}", endpoint.port(), endpoint.address().to_string());
  if (error == asio::error::address_in_use) {
    return Error(ErrorKind::Busy, format("{} is already in use", where),
                 {.hint = format("choose another port, or end the program that has it: ss -ltnp 'sport = :{}' names it",
                                 endpoint.port())});
  }
  if (error == asio::error::access_denied) {
    return Error(ErrorKind::Io, format("no right to open {}", where), {.hint = "ports below 1024 are the system's"});
  }
  return Error(ErrorKind::Io, format("can't open {}: {}", where, error.message()));
}

}  // namespace

struct HttpServer::State {
  class Session;

  State(HttpServerOptions given, Handler handles);

  // Of the caller's thread.
  void open();
  void stop();
  // Of the pool's threads.
  ServerResponse answer(const ServerRequest& request) const;
  // Of the io thread.
  void accept();
  void welcome(tcp::socket socket);
  void begin_stop();
  void leave(Session* session);

  const HttpServerOptions options;
  const Handler handler;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};  // the pause of accept, later the last call
  tcp::endpoint endpoint;
  std::unordered_set<Session*> sessions;  // each is kept alive by the operation it waits for
  bool stopping = false;
  asio::thread_pool pool;
  std::thread thread;
  std::once_flag stopped;
};

class HttpServer::State::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(State& server, tcp::socket socket)
      : server_(server), stream_(std::move(socket)), timer_(server.io), buffer_(server.options.largest_header + 4096) {}

  void read();
  // An answer without a request, the last on this connection.
  void refuse(ServerResponse response);
  // The server stops: what is at work may finish, anything else ends.
  void hurry();
  void close();

 private:
  enum class Phase { Reading, Handling, Delaying, Writing, Lingering, Closed };

  // A callback of this session's, kept alive by it; not called once the session is closed.
  template <class Next>
  auto then(Next next) {
    return [self = this->shared_from_this(), next](const error_code& error, auto... count) {
      if (self->phase_ != Phase::Closed) (self.get()->*next)(error, count...);
    };
  }

  void on_header(const error_code& error, std::size_t);
  void on_continued(const error_code& error, std::size_t);
  void read_body();
  void on_request(const error_code& error, std::size_t);
  std::optional<ServerRequest> take_request();
  void handle(ServerRequest request);
  void on_answer(ServerResponse response);
  void on_delayed(const error_code& error);
  void write();
  void on_written(const error_code& error, std::size_t count);
  void finish();
  void on_reset(const error_code& error);
  void linger();
  void on_lingering(const error_code& error, std::size_t count);

  State& server_;
  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  Phase phase_ = Phase::Reading;
  bool head_only_ = false;  // of the request at work: HEAD
  bool keep_alive_ = false;
  bool reset_ = false;
  std::string head_;
  std::string body_;
  std::size_t sent_ = 0;
  std::size_t lingered_ = 0;
};

void HttpServer::State::Session::read() {
  phase_ = Phase::Reading;
  if (buffer_.size() == 0) buffer_.shrink_to_fit();  // an idle connection costs little
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.options.largest_header));
  parser_->body_limit(server_.options.largest_body);
  stream_.expires_after(server_.options.idle_timeout);
  http::async_read_header(stream_, buffer_, *parser_, then(&Session::on_header));
}

void HttpServer::State::Session::on_header(const error_code& error, std::size_t) {
  if (error) return on_request(error, 0);
  stream_.expires_after(server_.options.request_timeout);
  if (!parser_->awaits_continue()) return read_body();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(kContinue), then(&Session::on_continued));
}

void HttpServer::State::Session::on_continued(const error_code& error, std::size_t) {
  if (error) return close();
  read_body();
}

void HttpServer::State::Session::read_body() {
  http::async_read(stream_, buffer_, *parser_, then(&Session::on_request));
}

void HttpServer::State::Session::on_request(const error_code& error, std::size_t) {
  if (error) {
    std::optional<ServerResponse> refusal = find_refusal(error);
    return refusal ? refuse(std::move(*refusal)) : close();
  }
  std::optional<ServerRequest> request = take_request();
  if (!request) return refuse(plain_answer(400, "the path has a line break or a NUL in it\n"));
  handle(std::move(*request));
}

std::optional<ServerRequest> HttpServer::State::Session::take_request() {
  ServerRequest request = parser_->take();
  std::optional<RequestTarget> target = find_target(request.target);
  if (!target) return {};
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  head_only_ = request.method == "HEAD";
  keep_alive_ = parser_->keep_alive();
  return request;
}

void HttpServer::State::Session::handle(ServerRequest request) {
  phase_ = Phase::Handling;
  stream_.expires_never();
  asio::post(server_.pool, [self = shared_from_this(), request = std::move(request)]() mutable {
    State& server = self->server_;
    ServerResponse response = server.answer(request);
    asio::post(server.io, [self = std::move(self), response = std::move(response)]() mutable {
      if (self->phase_ != Phase::Closed) self->on_answer(std::move(response));
    });
  });
}

void HttpServer::State::Session::on_answer(ServerResponse response) {
  keep_alive_ = keep_alive_ && !server_.stopping && !asks_to_close(response);
  reset_ = response.reset_after.has_value();
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  head_ = render_head(response, {.reason = reason_of(response.status), .keep_alive = keep_alive_, .now = now});
  body_ = head_only_ || !may_have_body(response.status) ? std::string() : std::move(response.body);
  if (reset_) body_.resize(std::min(body_.size(), *response.reset_after));
  sent_ = 0;
  if (response.delay <= milliseconds(0)) return write();
  if (server_.stopping) return close();
  phase_ = Phase::Delaying;
  timer_.expires_after(response.delay);
  timer_.async_wait(then(&Session::on_delayed));
}

void HttpServer::State::Session::on_delayed(const error_code&) {
  write();
}

void HttpServer::State::Session::write() {
  phase_ = Phase::Writing;
  std::array<asio::const_buffer, 2> rest = {asio::buffer(head_), asio::buffer(body_)};
  rest[0] += std::min(sent_, head_.size());
  rest[1] += sent_ - std::min(sent_, head_.size());
  stream_.expires_after(server_.options.idle_timeout);  // for a piece; a slow reader is welcome while it reads
  stream_.async_write_some(rest, then(&Session::on_written));
}

void HttpServer::State::Session::on_written(const error_code& error, std::size_t count) {
  if (error) return close();
  sent_ += count;
  if (sent_ < head_.size() + body_.size()) return write();
  finish();
}

void HttpServer::State::Session::finish() {
  head_ = {};
  body_ = {};
  if (reset_) {
    timer_.expires_after(kBeforeReset);
    return timer_.async_wait(then(&Session::on_reset));
  }
  if (server_.stopping || !keep_alive_) return linger();
  read();
}

void HttpServer::State::Session::on_reset(const error_code&) {
  error_code ignored;
  stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);  // a close then sends RST
  close();
}

void HttpServer::State::Session::refuse(ServerResponse response) {
  keep_alive_ = false;
  head_only_ = false;
  on_answer(std::move(response));
}

void HttpServer::State::Session::linger() {
  phase_ = Phase::Lingering;
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (server_.stopping) return close();
  stream_.expires_after(kLinger);
  on_lingering({}, 0);
}

void HttpServer::State::Session::on_lingering(const error_code& error, std::size_t count) {
  lingered_ += count;
  if (error || lingered_ > kMostLingering) return close();
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(4096), then(&Session::on_lingering));
}

void HttpServer::State::Session::hurry() {
  if (phase_ != Phase::Handling && phase_ != Phase::Writing) close();
}

void HttpServer::State::Session::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  timer_.cancel();
  stream_.close();
  server_.leave(this);
}

HttpServer::State::State(HttpServerOptions given, Handler handles)
    : options(std::move(given)),
      handler(std::move(handles)),
      pool(static_cast<std::size_t>(std::max(options.threads, 1))) {}

void HttpServer::State::open() {
  endpoint = endpoint_of(options);
  error_code error;
  auto expect_success = [&] {
    if (error) throw listen_error(endpoint, error);
  };
  acceptor.open(endpoint.protocol(), error);
  expect_success();
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);  // a port that was open a moment ago is free
  expect_success();
  acceptor.bind(endpoint, error);
  expect_success();
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  expect_success();
  endpoint = acceptor.local_endpoint();
  accept();
  thread = std::thread([this] { io.run(); });
}

void HttpServer::State::accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (stopping) return;
    if (!error) {
      welcome(std::move(socket));
      return accept();
    }
    options.log.warn(format("can't take a connection: {}", error.message()));
    timer.expires_after(kAcceptPause);
    timer.async_wait([this](const error_code& cancelled) {
      if (!cancelled && !stopping) accept();
    });
  });
}

void HttpServer::State::welcome(tcp::socket socket) {
  auto limit = static_cast<std::size_t>(std::max(options.most_connections, 1));
  if (sessions.size() >= limit + kMostRefusals) return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto session = std::make_shared<Session>(*this, std::move(socket));
  bool full = sessions.size() >= limit;
  sessions.insert(session.get());
  if (!full) return session->read();
  ServerResponse busy = plain_answer(503, "too many connections\n");
  busy.headers.add("Retry-After", "1");
  session->refuse(std::move(busy));
}

void HttpServer::State::leave(Session* session) {
  sessions.erase(session);
  if (stopping && sessions.empty()) timer.cancel();
}

void HttpServer::State::begin_stop() {
  stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  timer.cancel();
  auto each = [this](void (Session::*act)()) {
    std::vector<Session*> all(sessions.begin(), sessions.end());
    for (Session* session : all) (session->*act)();
  };
  each(&Session::hurry);
  if (sessions.empty()) return;
  timer.expires_after(kLastCall);
  timer.async_wait([each](const error_code& cancelled) {
    if (!cancelled) each(&Session::close);
  });
}

void HttpServer::State::stop() {
  std::call_once(stopped, [this] {
    if (!thread.joinable()) return;
    std::promise<void> begun;
    asio::post(io, [&] {
      begin_stop();
      begun.set_value();
    });
    begun.get_future().wait();  // from here on no session goes to the pool
    pool.join();
    work.reset();
    thread.join();
  });
}

ServerResponse HttpServer::State::answer(const ServerRequest& request) const {
  ServerResponse response;
  std::string name = options.log.listened() ? request.method + " " + printable(redact(request.target)) : "";
  try {
    response = handler(request);
    expect_sendable(response);
    if (options.gzip) compress(response, request);
  } catch (const Error& error) {
    options.log.error(format("{}: {}", name, error.render()));
    response = plain_answer(500, "internal error\n");
  } catch (const std::exception& error) {
    options.log.error(format("{}: {}", name, redact(error.what())));
    response = plain_answer(500, "internal error\n");
  }
  if (options.log.listened()) options.log.debug(format("{}: {}", name, response.status));
  return response;
}

HttpServer::HttpServer(HttpServerOptions options, Handler handler)
    : state_(std::make_unique<State>(std::move(options), std::move(handler))) {
  state_->open();
}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return state_->endpoint.port();
}

std::string HttpServer::url() const {
  auto address = state_->endpoint.address();
  std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return format("http://{}:{}", host, port());
}

void HttpServer::stop() {
  state_->stop();
}

}  // namespace plumb
