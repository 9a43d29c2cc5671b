// The server is one thread that speaks to all connections (so nothing here needs a lock) and workers that run handlers.
// A session is one connection; it goes round
//
//     Reading -> Handling -> [Delaying] -> Writing -> Reading ...
//                                                  -> Streaming, until its stream or its client ends
//
// and leaves through Lingering, where the client may still talk for a moment, so that it gets to read our last answer
// instead of a reset. Every phase but Handling has a time limit.
//
// (Private to base.)
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "base/http/request_parser.h"
#include "base/http/workers.h"
#include "base/http_server.h"

namespace plumb {

namespace asio = boost::asio;
namespace beast = boost::beast;
using AnySocket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

// Text for people who look at the wire; a line.
inline ServerResponse plain_answer(int status, std::string_view text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::string(text)};
}

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
  asio::ip::tcp::acceptor acceptor{io};
  asio::local::stream_protocol::acceptor local_acceptor{io};
  asio::steady_timer timer{io};  // the pause of accept, later the last call
  asio::ip::tcp::endpoint endpoint;
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

}  // namespace plumb
