// One connection, from its first request to its end.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

#include "base/http/answer.h"
#include "base/http/form.h"
#include "base/http/server_state.h"

namespace plumb {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;

// How long and how much a client may go on talking after our last answer.
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kMostLingering = 16u << 20;
// A reset discards what the peer has not received yet; so long do its bytes get to arrive.
constexpr milliseconds kBeforeReset{30};

std::string_view reason_of(int status) {
  boost::core::string_view reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {reason.data(), reason.size()};
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

}  // namespace plumb
