// One try of one request: from the options to an answer or the reason why there is none. (Private to base.)
#pragma once

#include <chrono>
#include <stop_token>
#include <variant>

#include "base/http/curl.h"
#include "base/http/failure.h"
#include "base/http_client.h"

namespace plumb {

// Whether a second sending does no harm: as the request says, else by its method.
bool is_repeatable(const HttpRequest& request);

// Throws Error(Data) for a method or header that would break the protocol (a line break in a token, say).
void expect_sendable(const HttpRequest& request);

// The connections of a client, and the handle that its requests take turns on.
class Line {
 public:
  Line();

  // Throws Error(Cancelled) on a stop, at once wherever the try stands.
  std::variant<HttpResponse, HttpFailure> attempt(const HttpRequest& request, const HttpClientOptions& options,
                                                  std::chrono::milliseconds patience, const std::stop_token& stop);

 private:
  CURLcode run(const std::stop_token& stop);
  FailedTry describe(CURLcode code) const;

  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::unique_ptr<CURL, EasyDeleter> easy_;  // goes before the multi that it was used with
};

}  // namespace plumb
