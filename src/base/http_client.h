// Calls to HTTP services, with patience where it helps.
//
// A client keeps its connections open between calls (HTTP/2 where the server speaks it), verifies TLS, and gives up in
// time. It belongs to one thread at a time. An answer of any status is a value; what throws is the absence of one:
// Error(Network) after the last retry, Error(Cancelled) on a stop, Error(Service) for a body over the limit.
//
//     HttpClient http({.log = log.module("http")}, clock);
//     HttpResponse answer = http.send({.method = "GET", .url = base + "/data/2.5/weather?q=Berlin,DE"});
//     if (answer.status != 200) …
//
// Redirects are answers like any other: they are not followed, as credentials would travel along. The environment's
// proxies (http_proxy, https_proxy, all_proxy, no_proxy) are used as curl does. Bodies arrive decompressed.
//
// A request is tried again on a reset, a refused connection, a time-out, 429 and 5xx, as the policy says, and only if
// it is safe to repeat (`repeatable`; GET, HEAD, PUT, DELETE by default); whatever never left this machine (a refused
// connection) is always safe. Waiting doubles with jitter; a Retry-After (seconds or date) takes its place. When the
// tries are used up (sooner for a service that is not there at all: somebody may be waiting for the word), or the next
// wait would pass the deadline, it ends at once: an answer (the 429) is returned as it came, a failure is thrown. Logs
// carry method, URL and status, redacted; nor do errors hold credentials.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace plumb {

// In the order they were given; names compare without case.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> list) : list_(list) {}
  void add(std::string name, std::string value) { list_.emplace_back(std::move(name), std::move(value)); }
  const std::string* find(std::string_view name) const;
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers = {};
  std::string body = {};
  std::optional<bool> repeatable = {};  // empty: by the method
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers = {};
  std::string body = {};

  bool ok() const { return status >= 200 && status < 300; }
};

struct RetryPolicy {
  int attempts = 5;                            // tries in all
  int unreached_attempts = 3;                  // of those, as long as nobody took the request (a refused connection)
  std::chrono::milliseconds first_delay{500};  // doubles, with jitter of ±25 %
  std::chrono::milliseconds longest_delay{30'000};
  // Which statuses are worth another try.
  std::function<bool(int status)> retry_status = [](int status) { return status == 429 || status >= 500; };
};

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds attempt_timeout{60'000};  // one try, answer included
  std::chrono::milliseconds deadline{300'000};        // all tries and waits together
  std::size_t largest_body = 64u << 20;               // bytes, after decompression
  RetryPolicy retry = {};
  std::string user_agent = "plumb";
  std::string unix_socket = {};  // a file to connect to, whatever host the URL names
  std::string ca_file = {};      // empty: CURL_CA_BUNDLE or SSL_CERT_FILE of the environment, else the system's
  Log log = {};
};

class HttpClient {
 public:
  // The clock waits between tries; it must outlive the client.
  explicit HttpClient(HttpClientOptions options, Clock& clock);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  HttpResponse send(const HttpRequest& request, std::stop_token stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// {"a","x y"},{"b","1"} -> "a=x%20y&b=1": for queries and form bodies alike.
std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace plumb
