// A small HTTP/1.1 server on Boost.Beast: for the sandboxes, and for `plumb serve` later.
//
// The handler is called on one of `threads` threads (several calls at a time) and answers with a value; what it throws
// becomes a 500 whose body holds no details (an Error's message goes to the log). Everything is limited: header bytes
// (431), body bytes (413), connections (503), seconds of idling and of a request. The constructor returns when the port
// is open; stop() (and the destructor) ends all connections within a second, however stuck the clients are, and waits
// for handlers that are at work: it must not be called from one.
//
//     HttpServer server({.port = 0}, [](const ServerRequest& request) { return ServerResponse{.body = "hello"}; });
//     server.port();
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
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

  const std::string* find_query(std::string_view name) const;
  // The fields of a form body (application/x-www-form-urlencoded).
  std::vector<std::pair<std::string, std::string>> form() const;
};

struct ServerResponse {
  int status = 200;
  HttpHeaders headers = {};  // Content-Length, Connection and (unless given) Date are added
  std::string body = {};
  // Faults that a sandbox plays on request: wait before answering (no thread waits with it); send so many bytes of the
  // body, then reset the connection.
  std::chrono::milliseconds delay{0};
  std::optional<std::size_t> reset_after = {};
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
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
  // Throws Error(Busy) when the port is taken.
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
