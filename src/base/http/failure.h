// Why there is no answer, told to a person. (Private to base.)
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/http_client.h"

namespace plumb {

// What is known of a try that ended without an answer.
struct FailedTry {
  int code = 0;                           // curl's
  std::string words = {};                 // curl's own, from its error buffer
  int system_error = 0;                   // of a connection that was not made
  bool sent = false;                      // the request left us, at least in part
  bool connected = false;                 // the host was there
  bool too_large = false;                 // we broke off: the body is over the limit
  std::chrono::milliseconds patience{0};  // the time-out that was in force
};

struct HttpFailure {
  Error error;  // retry_may_help() where another try makes sense
  bool sent;    // false: the service can't have seen the request, so anything may be repeated
};

HttpFailure explain(const FailedTry& failed, const HttpRequest& request, const HttpClientOptions& options);

// The request as messages and logs name it: "GET https://host/path?appid=***", at most a line long.
std::string name_of(const HttpRequest& request);
// "0.25 s", "10 s"
std::string in_seconds(std::chrono::microseconds time);

}  // namespace plumb
