// The server is one thread that speaks to all connections (so nothing here needs a lock) and workers that run handlers.
// A session is one connection; it goes round
//
//     Reading -> Handling -> [Delaying] -> Writing -> Reading ...
//                                                  -> Streaming, until its stream or its client ends
//
// and leaves through Lingering, where the client may still talk for a moment, so that it gets to read our last answer
// instead of a reset. Every phase but Handling has a time limit.
#include "base/http_server.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
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
#include "base/http/listen.h"
#include "base/http/request_parser.h"
#include "base/http/workers.h"
#include "base/secret.h"
#include "base/text.h"

namespace plumb {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using AnySocket = asio::generic::stream_protocol::socket;
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

}  // namespace

struct HttpServer::State {
  class Session;

  State(HttpServerOptions given, Handler handles);

  // Of the caller's thread.
  void open();
  void stop();
  // Of the workers' threads.
  ServerResponse answer(const ServerRequest& request) const;
  // Of the io thread.
  template <class Acceptor>
  void accept(Acceptor& from);
  void welcome(AnySocket socket, std::string peer);
  void begin_stop();
  void leave(Session* session);

  const HttpServerOptions options;
  const Handler handler;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  tcp::acceptor acceptor{io};
  Local::acceptor local_acceptor{io};
  asio::steady_timer timer{io};  // the pause of accept, later the last call
  tcp::endpoint endpoint;
  std::unordered_set<Session*> sessions;  // each is kept alive by the operation it waits for
  bool stopping = false;
  Workers workers;
  std::thread thread;
  std::once_flag stopped;
};

class HttpServer::State::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(State& server, AnySocket socket, std::string peer)
      : server_(server),
        stream_(std::move(socket)),
        peer_(std::move(peer)),
        timer_(server.io),
        buffer_(server.options.largest_header + 4096) {}

  void read();
  // An answer without a request, the last on this connection.
  void refuse(ServerResponse response);
  // The server stops: what is at work may finish, anything else ends.
  void hurry();
  void close();

 private:
  enum class Phase { Reading, Handling, Delaying, Writing, Streaming, Lingering, Closed };

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
  void begin_stream();
  void watch_client();
  void on_watched(const error_code& error, std::size_t count);
  void send_piece();
  void on_piece_sent(const error_code& error, std::size_t);
  void end_stream();
  void finish();
  void on_reset(const error_code& error);
  void linger();
  void on_lingering(const error_code& error, std::size_t count);
  void on_lingered(const error_code&) { close(); }

  State& server_;
  beast::basic_stream<asio::generic::stream_protocol> stream_;
  std::string peer_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  Phase phase_ = Phase::Reading;
  bool head_only_ = false;  // of the request at work: HEAD
  bool keep_alive_ = false;
  bool reset_ = false;
  bool chunked_ = false;                  // of a stream: the client knows chunks
  bool sending_ = false;                  // of a stream: a piece is on its way
  std::shared_ptr<ServerStream> source_;  // of a stream
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
  request.peer = peer_;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  head_only_ = request.method == "HEAD";
  keep_alive_ = parser_->keep_alive();
  chunked_ = parser_->knows_chunks();
  return request;
}

void HttpServer::State::Session::handle(ServerRequest request) {
  phase_ = Phase::Handling;
  stream_.expires_never();
  server_.workers.post([self = shared_from_this(), request = std::move(request)]() mutable {
    State& server = self->server_;
    ServerResponse response = server.answer(request);
    asio::post(server.io, [self = std::move(self), response = std::move(response)]() mutable {
      if (self->phase_ != Phase::Closed) return self->on_answer(std::move(response));
      if (response.stream) response.stream->detach();
    });
  });
}

void HttpServer::State::Session::on_answer(ServerResponse response) {
  source_ = head_only_ ? nullptr : std::move(response.stream);
  keep_alive_ = keep_alive_ && !server_.stopping && !asks_to_close(response) && !source_;
  reset_ = response.reset_after.has_value();
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  head_ = render_head(response, {.reason = reason_of(response.status),
                                 .keep_alive = keep_alive_,
                                 .streamed = source_ != nullptr,
                                 .chunked = chunked_,
                                 .now = now});
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

void HttpServer::State::Session::begin_stream() {
  phase_ = Phase::Streaming;
  if (server_.stopping) return close();
  source_->attach([weak = weak_from_this(), &io = server_.io] {
    asio::post(io, [weak] {
      if (auto self = weak.lock()) self->send_piece();
    });
  });
  stream_.expires_never();  // of the read below, which goes on beside our writes
  watch_client();
  send_piece();
}

// A client that has gone is noticed by the end of what it sends, long before a write fails.
void HttpServer::State::Session::watch_client() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(512), then(&Session::on_watched));
}

void HttpServer::State::Session::on_watched(const error_code& error, std::size_t count) {
  lingered_ += count;
  if (error || lingered_ > kMostLingering) return close();
  watch_client();
}

void HttpServer::State::Session::send_piece() {
  if (phase_ != Phase::Streaming || sending_) return;
  ServerStream::Piece piece = source_->take();
  if (piece.cut_off) return close();
  if (piece.text.empty() && !piece.ended) return;
  body_ = chunked_ ? chunk(piece.text, piece.ended) : std::move(piece.text);
  if (piece.ended) end_stream();
  sending_ = true;
  stream_.expires_after(server_.options.idle_timeout);
  asio::async_write(stream_, asio::buffer(body_), then(&Session::on_piece_sent));
}

void HttpServer::State::Session::on_piece_sent(const error_code& error, std::size_t) {
  if (error) return close();
  sending_ = false;
  if (source_) return send_piece();
  phase_ = Phase::Lingering;  // the read of watch_client() goes on
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  timer_.expires_after(kLinger);
  timer_.async_wait(then(&Session::on_lingered));
}

void HttpServer::State::Session::end_stream() {
  source_->detach();
  source_ = nullptr;
}

void HttpServer::State::Session::finish() {
  head_ = {};
  body_ = {};
  if (source_) return begin_stream();
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
  if (source_) end_stream();
  timer_.cancel();
  stream_.close();
  server_.leave(this);
}

HttpServer::State::State(HttpServerOptions given, Handler handles)
    : options(std::move(given)), handler(std::move(handles)), workers(options.threads) {}

void HttpServer::State::open() {
  endpoint = find_endpoint(options.address, options.port);
  FileDescriptor local;
  if (!options.socket.empty()) local = listen_on_socket(options.socket);
  listen_on(acceptor, endpoint);
  if (local) {
    local_acceptor.assign(Local(), ::dup(local.get()));
    accept(local_acceptor);
  }
  accept(acceptor);
  thread = std::thread([this] { io.run(); });
}

template <class Acceptor>
void HttpServer::State::accept(Acceptor& from) {
  using Socket = typename Acceptor::protocol_type::socket;
  from.async_accept([this, &from](const error_code& error, Socket socket) {
    if (stopping) return;
    if (!error) {
      error_code ignored;
      std::string peer;
      if constexpr (std::is_same_v<Socket, tcp::socket>) {
        socket.set_option(tcp::no_delay(true), ignored);
        peer = socket.remote_endpoint(ignored).address().to_string();
      }
      welcome(AnySocket(std::move(socket)), std::move(peer));
      return accept(from);
    }
    options.log.warn(format("can't take a connection: {}", error.message()));
    timer.expires_after(kAcceptPause);
    timer.async_wait([this, &from](const error_code& cancelled) {
      if (!cancelled && !stopping) accept(from);
    });
  });
}

void HttpServer::State::welcome(AnySocket socket, std::string peer) {
  auto limit = static_cast<std::size_t>(std::max(options.most_connections, 1));
  if (sessions.size() >= limit + kMostRefusals) return;
  auto session = std::make_shared<Session>(*this, std::move(socket), std::move(peer));
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
  if (local_acceptor.is_open()) {
    local_acceptor.close(ignored);
    std::error_code gone;
    std::filesystem::remove(options.socket, gone);
  }
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
    begun.get_future().wait();  // from here on no session goes to the workers
    workers.join();
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
