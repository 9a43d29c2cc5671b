// The real client against the real server, and against a raw peer for what Beast won't do.
#include "base/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>

#include "base/crypto.h"
#include "base/error.h"
#include "base/http/testing.h"
#include "base/http_server.h"
#include "base/testing.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

[[maybe_unused]] bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

class HttpClientTest : public testing::Test {
 protected:
  // Whatever proxies the machine has: loopback is not for them.
  HttpClientTest() {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"}) {
      unsetenv(name);
    }
  }

  // A server that answers the first calls by these statuses, in order, and every later one by 200.
  HttpServer::Handler statuses(std::vector<int> list, HttpHeaders headers = {}) {
    return [this, list = std::move(list), headers](const ServerRequest&) {
      auto call = static_cast<std::size_t>(calls_++);
      bool failing = call < list.size();
      return ServerResponse{.status = failing ? list[call] : 200,
                            .headers = failing ? headers : HttpHeaders{},
                            .body = failing ? "no" : "yes"};
    };
  }

  HttpClient client(HttpClientOptions options = {}) { return HttpClient(std::move(options), clock_); }
  static HttpClientOptions one_try() { return {.retry = {.attempts = 1}}; }

  std::string failure(const std::string& url, HttpClientOptions options = one_try()) {
    return error_of([&] { client(std::move(options)).send({.url = url}); });
  }

  TestClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};
  std::atomic<int> calls_ = 0;
};

TEST_F(HttpClientTest, SendsWhatItIsGivenAndGivesWhatItGets) {
  HttpServer server({}, [](const ServerRequest& request) {
    return ServerResponse{.status = 201,
                          .headers = {{"X-Answer", "42"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}},
                          .body = request.method + " " + request.target + " " + *request.headers.find("x-ask") + " " +
                                  *request.headers.find("user-agent") + " " + request.body};
  });
  HttpResponse answer = client().send({.method = "PATCH",
                                       .url = server.url() + "/a?q=Berlin,DE",
                                       .headers = {{"X-Ask", "why"}, {"X-Empty", ""}},
                                       .body = "{}"});
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(*answer.headers.find("x-answer"), "42");
  EXPECT_EQ(answer.body, "PATCH /a?q=Berlin,DE why plumb {}");
}

TEST_F(HttpClientTest, TriesAgainWithDoublingDelays) {
  HttpServer server({}, statuses({503, 500, 429}));
  EXPECT_EQ(client().send({.url = server.url()}).body, "yes");
  EXPECT_EQ(calls_, 4);
  EXPECT_GE(clock_.slept(), milliseconds(3500 * 3 / 4));
  EXPECT_LE(clock_.slept(), milliseconds(3500 * 5 / 4));
}

}  // namespace
}  // namespace plumb
