// A small HTTP/1.1 server on Boost.Beast: for the sandboxes, and for `plumb serve`.
//
// The handler is called on one of `threads` threads (several calls at a time; they come with the first requests and go
// when there are none) and answers with a value; what it throws becomes a 500 whose body holds no details (an Error's
// message goes to the log). Everything is limited: header bytes (431), body bytes (413), connections (503), seconds of
// idling and of a request. The constructor returns when the port is open; stop() (and the destructor) ends all
// connections within a second, however stuck the clients are, and waits for handlers that are at work: it must not be
// called from one.
//
//     HttpServer server({.port = 0}, [](const ServerRequest& request) { return ServerResponse{.body = "hello"}; });
//     server.port();
//
// An answer that goes on (a live log, a file of a gigabyte) is a ServerStream: it holds no thread, however slow its
// client and however many there are. What could be read in two ways, by us and by a proxy before us, is refused: a
// length beside chunks, two lengths, two hosts, a host that is missing; trailers are dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_client.h"
#include "base/log.h"

namespace plumb {

struct ServerRequest {
  std::string method;
  std::string target;                                      // as it was sent: "/geo/1.0/direct?q=Berlin"
  std::string path;                                        // decoded: "/geo/1.0/direct"
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  HttpHeaders headers;
  std::string body;
  std::string peer;  // the address that is connected, "127.0.0.1"; empty on the Unix socket

  const std::string* find_query(std::string_view name) const;
  // The fields of a form body (application/x-www-form-urlencoded).
  std::vector<std::pair<std::string, std::string>> form() const;
};

// An answer whose pieces come later. The handler puts it into its response, and whoever has news keeps it and pushes,
// from any thread. What the client has not taken yet waits here; one that falls further behind than `most_waiting` is
// cut off.
class ServerStream {
 public:
  // Asked on the server's own thread whenever everything was sent (so first of all at the beginning), and after each
  // wake(): it pushes what there is, at once, and returns. Who only pushes needs none.
  using More = std::function<void(ServerStream&)>;
  explicit ServerStream(More more = {}, std::size_t most_waiting = 1u << 20);

  // False when nobody listens any more.
  bool push(std::string_view piece);
  void wake();
  // The answer is complete with what was pushed so far.
  void end();
  // Turns false for good when the client has gone; true before the first byte was sent.
  bool listened() const;

  // Of the server: what is to be sent now, and whether that is the end (or the client was cut off).
  struct Piece {
    std::string text;
    bool ended = false;
    bool cut_off = false;
  };
  Piece take();
  void attach(std::function<void()> wake);
  void detach();

 private:
  void notify();
  const More more_;
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::string waiting_;
  bool notified_ = false, ended_ = false, cut_off_ = false, gone_ = false;
};

struct ServerResponse {
  int status = 200;
  HttpHeaders headers = {};  // Content-Length, Connection and (unless given) Date are added
  std::string body = {};
  std::shared_ptr<ServerStream> stream = {};  // instead of a body; the connection ends with it
  // Faults that a sandbox plays on request: wait before answering (no thread waits with it); send so many bytes of the
  // body, then reset the connection.
  std::chrono::milliseconds delay{0};
  std::optional<std::size_t> reset_after = {};
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  // A Unix socket to listen on as well, for this user only (mode 0600). One that nobody listens on any more is
  // replaced.
  std::filesystem::path socket = {};
  int threads = 2;
  std::size_t largest_header = 64u << 10;
  std::size_t largest_body = 8u << 20;
  int most_connections = 256;
  std::chrono::seconds idle_timeout{30};     // for the next request's headers, and for a piece of an answer
  std::chrono::seconds request_timeout{60};  // for a request's whole body
  bool gzip = false;                         // compress bodies for clients that accept it
  Log log = {};
};

class HttpServer {
 public:
  using Handler = std::function<ServerResponse(const ServerRequest&)>;
  // Throws Error(Busy) when the port or the socket is taken.
  HttpServer(HttpServerOptions options, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:8080"
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb
