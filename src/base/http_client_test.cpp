// The real client against the real server, and against a raw peer for what Beast won't do.
#include "base/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>

#include "base/crypto.h"
#include "base/error.h"
#include "base/format.h"
#include "base/http/testing.h"
#include "base/http_server.h"
#include "base/testing.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::string_view_literals;

bool has(const std::string& text, std::string_view piece) {
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

TEST_F(HttpClientTest, KeepsItsConnectionOpen) {
  HttpServer server({.most_connections = 1}, statuses({}));  // a second connection would get a 503
  HttpClient http = client(one_try());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(http.send({.method = i % 2 == 0 ? "GET" : "POST", .url = server.url(), .body = ""}).status, 200);
  }
  HttpClient moved = std::move(http);
  EXPECT_EQ(moved.send({.url = server.url()}).status, 200);
}

TEST_F(HttpClientTest, AddsNoContentTypeOfItsOwn) {
  HttpServer server({}, [](const ServerRequest& request) {
    const std::string* type = request.headers.find("Content-Type");
    return ServerResponse{.body = type ? *type : "none"};
  });
  EXPECT_EQ(client().send({.method = "POST", .url = server.url(), .body = "{}"}).body, "none");
  EXPECT_EQ(client().send({.method = "GET", .url = server.url(), .body = "{}"}).body, "none");
  EXPECT_EQ(
      client().send({.method = "POST", .url = server.url(), .headers = {{"content-type", "a/b"}}, .body = "{}"}).body,
      "a/b");
}

TEST_F(HttpClientTest, SendsLargeBodiesWithoutWaitingForContinue) {
  std::string body = random_bytes(3u << 20);
  HttpServer server({}, [](const ServerRequest& request) {
    return ServerResponse{.headers = {{"Expected", request.headers.find("Expect") ? "yes" : "no"}},
                          .body = request.body};
  });
  HttpResponse answer = client().send({.method = "PUT", .url = server.url(), .body = body});
  EXPECT_EQ(*answer.headers.find("Expected"), "no");
  EXPECT_EQ(answer.body, body);
}

TEST_F(HttpClientTest, CarriesAChallengeOf64KilobytesBothWays) {
  std::string challenge = base64_encode(random_bytes(48u << 10));
  ASSERT_EQ(challenge.size(), 64u << 10);
  HttpServer server({.largest_header = 128u << 10}, [](const ServerRequest& request) {
    return ServerResponse{.headers = {{"x-once-authentication-info", *request.headers.find("X-Challenge")}}};
  });
  HttpResponse answer = client().send({.url = server.url(), .headers = {{"X-Challenge", challenge}}});
  EXPECT_EQ(*answer.headers.find("x-once-authentication-info"), challenge);
}

TEST_F(HttpClientTest, DecodesGzip) {
  std::string rows(200'000, 'r');
  HttpServer server({.gzip = true}, [&](const ServerRequest&) { return ServerResponse{.body = rows}; });
  HttpResponse answer = client().send({.url = server.url()});
  EXPECT_EQ(*answer.headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(answer.body, rows);
}

TEST_F(HttpClientTest, RefusesABodyOverTheLimitAlsoWhenItTravelsCompressed) {
  HttpServer server({.gzip = true}, [&](const ServerRequest&) {
    ++calls_;
    return ServerResponse{.body = std::string(5'000'000, '0')};
  });
  HttpClientOptions options{.largest_body = 1'000'000};
  EXPECT_EQ(failure(server.url(), options), "the answer of 127.0.0.1:" + std::to_string(server.port()) +
                                                " is larger than the limit of 1000000 bytes (GET " + server.url() +
                                                ")\nhint: ask for less at a time, or raise largest_body");
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(client({.largest_body = 5'000'000}).send({.url = server.url()}).body.size(), 5'000'000u);
}

TEST_F(HttpClientTest, HeadAndNoContentHaveNoBody) {
  HttpServer server({.gzip = true}, [](const ServerRequest& request) {
    return ServerResponse{.status = request.method == "HEAD" ? 200 : 204, .body = std::string(5000, 'x')};
  });
  HttpClient http = client();
  EXPECT_EQ(http.send({.method = "HEAD", .url = server.url()}).body, "");
  EXPECT_EQ(http.send({.method = "DELETE", .url = server.url()}).status, 204);
  EXPECT_EQ(http.send({.method = "GET", .url = server.url()}).status, 204);
}

TEST_F(HttpClientTest, DoesNotFollowRedirects) {
  HttpServer server({}, statuses({302}, {{"Location", "/elsewhere"}}));
  HttpResponse answer = client().send({.url = server.url()});
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(*answer.headers.find("Location"), "/elsewhere");
  EXPECT_EQ(calls_, 1);
}

TEST_F(HttpClientTest, SkipsInterimAnswers) {
  RawPeer peer(
      {RawPeer::answer("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n"
                       "Content-Length: 2\r\n\r\nok")});
  HttpResponse answer = client(one_try()).send({.url = peer.url()});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("Link"), nullptr);
  EXPECT_EQ(*answer.headers.find("a"), "b");
  EXPECT_EQ(answer.body, "ok");
}

// Patience.

TEST_F(HttpClientTest, GivesTheLastAnswerWhenTriesAreUsedUp) {
  HttpServer server({}, statuses({500, 500, 502}));
  EXPECT_EQ(client({.retry = {.attempts = 3}}).send({.url = server.url()}).status, 502);
  EXPECT_EQ(calls_, 3);
}

TEST_F(HttpClientTest, DoesNotRepeatWhatWouldFailAgain) {
  HttpServer server({}, statuses({404, 401, 400}));
  HttpClient http = client();
  EXPECT_EQ(http.send({.url = server.url()}).status, 404);
  EXPECT_EQ(http.send({.url = server.url()}).status, 401);
  EXPECT_EQ(http.send({.url = server.url()}).status, 400);
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(HttpClientTest, TheCallerDecidesWhichStatusesPass) {
  HttpServer server({}, statuses({404, 503}));
  RetryPolicy policy{.retry_status = [](int status) { return status == 404; }};
  EXPECT_EQ(client({.retry = policy}).send({.url = server.url()}).status, 503);
  EXPECT_EQ(calls_, 2);
}

TEST_F(HttpClientTest, RepeatsAPostOnlyWhenToldThatItMay) {
  HttpServer server({}, statuses({503, 503}));
  HttpClient http = client();
  EXPECT_EQ(http.send({.method = "POST", .url = server.url(), .body = "tan=1"}).status, 503);
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(http.send({.method = "POST", .url = server.url(), .body = "q=1", .repeatable = true}).status, 200);
  EXPECT_EQ(calls_, 3);
  EXPECT_EQ(http.send({.method = "GET", .url = server.url(), .repeatable = false}).status, 200);
}

TEST_F(HttpClientTest, WaitsAsLongAsRetryAfterSays) {
  HttpServer server({}, statuses({429}, {{"Retry-After", "7"}}));
  EXPECT_EQ(client().send({.url = server.url()}).status, 200);
  EXPECT_EQ(clock_.slept(), seconds(7));
}

TEST_F(HttpClientTest, RetryAfterMayBeADate) {
  HttpServer server({}, statuses({503}, {{"Retry-After", "Sun, 06 Nov 1994 08:51:00 GMT"},
                                         {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  EXPECT_EQ(client().send({.url = server.url()}).status, 200);
  EXPECT_EQ(clock_.slept(), seconds(83));
}

TEST_F(HttpClientTest, GivesUpAtOnceWhenRetryAfterPassesTheDeadline) {
  HttpServer server({}, statuses({429}, {{"Retry-After", "3600"}}));
  HttpResponse answer = client().send({.url = server.url()});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(*answer.headers.find("Retry-After"), "3600");
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(HttpClientTest, AStormOf429EndsWithTheDeadline) {
  HttpServer server({}, statuses(std::vector<int>(1000, 429)));
  HttpClientOptions options{.deadline = seconds(20), .retry = {.attempts = 1000, .longest_delay = seconds(2)}};
  EXPECT_EQ(client(options).send({.url = server.url()}).status, 429);
  EXPECT_GT(clock_.slept(), seconds(15));
  EXPECT_LT(clock_.slept(), seconds(20));
  EXPECT_LT(calls_, 30);
}

// The other side breaks.

TEST_F(HttpClientTest, TriesAgainAfterAResetInMidBody) {
  HttpServer server({}, [&](const ServerRequest&) {
    ServerResponse answer{.body = "all of it"};
    if (calls_++ < 2) answer.reset_after = 3;
    return answer;
  });
  EXPECT_EQ(client().send({.url = server.url()}).body, "all of it");
  EXPECT_EQ(calls_, 3);
}

TEST_F(HttpClientTest, NamesAConnectionThatKeepsBreaking) {
  const std::vector<std::pair<const char*, RawPeer::Script>> breaks = {
      {"no answer", [](Wire& wire) { wire.read_until("\r\n\r\n"); }},
      {"half a status", RawPeer::answer("HTTP/1.1 2")},
      {"half the headers", RawPeer::answer("HTTP/1.1 200 OK\r\nContent-Len")},
      {"a whole header line", RawPeer::answer("HTTP/1.1 200 OK\r\nA: b\r\n")},
      {"half the body", RawPeer::answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")},
      {"half the chunks", RawPeer::answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n")},
      {"interim only", RawPeer::answer("HTTP/1.1 100 Continue\r\n\r\n")},
      {"a reset instead", [](Wire& wire) { wire.read_until("\r\n\r\n"), wire.reset(); }},
  };
  for (const auto& [name, script] : breaks) {
    SCOPED_TRACE(name);
    RawPeer peer({script});
    std::string host = "127.0.0.1:" + std::to_string(peer.port());
    std::string text = failure(peer.url() + "/x", {.retry = {.attempts = 3}});
    std::string expected = format(
        "the connection to {0} broke off before the answer was complete (GET http://{0}/x); tried 3 times", host);
    EXPECT_TRUE(text.starts_with(expected)) << text;
    EXPECT_EQ(peer.connections(), 3);
  }
}

TEST_F(HttpClientTest, DoesNotRepeatAPostWhoseConnectionBroke) {
  RawPeer peer({RawPeer::answer("")});
  expect_error(ErrorKind::Network, "broke off before the answer was complete (POST ",
               [&] { client().send({.method = "POST", .url = peer.url(), .body = "tan=1"}); });
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_EQ(clock_.slept(), Duration(0));
}

// Between two calls the server closed the connection that was kept; the client notices only while it sends.
TEST_F(HttpClientTest, OverADeadKeptConnectionAGetGoesOnAndAPostDoesNot) {
  auto one_answer_then_silence = [](Wire& wire) {
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    wire.read_until("\r\n\r\n");  // the second request arrives, and may have been carried out
  };
  std::string third;
  auto peer = std::make_unique<RawPeer>(std::vector<RawPeer::Script>{
      one_answer_then_silence, one_answer_then_silence, [&](Wire& wire) { third = wire.read_until("\r\n\r\n"); }});
  HttpClient http = client(one_try());
  EXPECT_EQ(http.send({.url = peer->url()}).body, "ok");
  EXPECT_EQ(http.send({.url = peer->url()}).body, "ok");
  EXPECT_EQ(peer->connections(), 2);
  expect_error(ErrorKind::Network, "broke off",
               [&] { http.send({.method = "POST", .url = peer->url(), .body = "tan=1"}); });
  peer.reset();
  EXPECT_EQ(third, "");  // where curl was about to send it again
}

TEST_F(HttpClientTest, NamesWhatIsNoHttp) {
  for (std::string_view garbage : {"SSH-2.0-OpenSSH_9.2\r\n"sv, "\0\1\2\3 nonsense \xff\xfe\n\n"sv}) {
    RawPeer peer({RawPeer::answer(std::string(garbage))});
    expect_error(ErrorKind::Service, "127.0.0.1:" + std::to_string(peer.port()) + " answers, but not in HTTP",
                 [&] { client().send({.url = peer.url()}); });
    EXPECT_EQ(peer.connections(), 1);
  }
}

TEST_F(HttpClientTest, RefusesHeadersWithoutEnd) {
  RawPeer peer({RawPeer::answer("HTTP/1.1 200 OK\r\nA: " + std::string(1'000'000, 'a'))});
  expect_error(ErrorKind::Service, "the headers of the answer of 127.0.0.1",
               [&] { client(one_try()).send({.url = peer.url()}); });
}

TEST_F(HttpClientTest, NamesABodyThatCanNotBeDecompressed) {
  RawPeer peer({RawPeer::answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")});
  expect_error(ErrorKind::Service, "can't be decompressed", [&] { client(one_try()).send({.url = peer.url()}); });
}

TEST_F(HttpClientTest, TriesAgainWhenNobodyListensYetEvenAPost) {
  std::uint16_t port = Listener().port();  // free again at once
  std::string host = "127.0.0.1:" + std::to_string(port);
  std::string text = error_of([&] { client().send({.method = "POST", .url = "http://" + host, .body = "tan=1"}); });
  EXPECT_TRUE(text.starts_with("connection refused by " + host + " (POST http://" + host + "); tried 3 times\n"))
      << text;
  EXPECT_TRUE(text.ends_with("\nhint: is the service running, and is the port right?")) << text;
  EXPECT_GT(clock_.slept(), seconds(1));
}

TEST_F(HttpClientTest, NamesAHostThatDoesNotExist) {
  expect_error(ErrorKind::Network, "could not resolve host 'nowhere.invalid' (GET http://nowhere.invalid/)",
               [&] { client(one_try()).send({.url = "http://nowhere.invalid/"}); });
}

TEST_F(HttpClientTest, GivesUpOnASlowAnswer) {
  HttpServer server({}, [](const ServerRequest&) { return ServerResponse{.delay = std::chrono::hours(1)}; });
  std::string text = failure(server.url(), {.attempt_timeout = milliseconds(150), .retry = {.attempts = 2}});
  EXPECT_TRUE(text.starts_with("timed out: no complete answer from 127.0.0.1:" + std::to_string(server.port()) +
                               " within 0.15 s (GET "))
      << text;
  EXPECT_TRUE(has(text, "tried 2 times")) << text;
}

TEST_F(HttpClientTest, TheDeadlineCutsATryShort) {
  HttpServer server({}, [](const ServerRequest&) { return ServerResponse{.delay = std::chrono::hours(1)}; });
  std::string text = failure(server.url(), {.deadline = milliseconds(160)});
  EXPECT_TRUE(has(text, " within 0.16 s (GET ")) << text;
  EXPECT_FALSE(has(text, "tried")) << text;
}

// A listener that accepts nobody and whose queue is full: connections to it are neither made nor refused.
class DeafListener {
 public:
  DeafListener() : listener_(0) {
    for (int i = 0; i < 3; ++i) {
      FileDescriptor caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      sockaddr_in address = loopback(listener_.port());
      (void)::connect(caller.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
      callers_.push_back(std::move(caller));
    }
  }
  std::string url() const { return listener_.url(); }

 private:
  Listener listener_;
  std::vector<FileDescriptor> callers_;
};

TEST_F(HttpClientTest, GivesUpOnAHostThatDoesNotTakeTheCall) {
  DeafListener deaf;
  std::string text = failure(deaf.url(), {.connect_timeout = milliseconds(70), .retry = {.attempts = 1}});
  EXPECT_TRUE(has(text, "timed out: could not connect to 127.0.0.1:")) << text;
  EXPECT_TRUE(has(text, " within 0.07 s")) << text;
}

// Stops.

class HttpClientStop : public HttpClientTest {
 protected:
  // Stops a request once `under_way` is true; the test hangs if it does not end.
  void expect_stop(const std::string& url, const std::function<bool()>& under_way) {
    SystemClock clock;
    HttpClient http({.log = Log([this](const LogRecord&) { waiting_ = true; })}, clock);
    std::stop_source stop;
    auto request = std::async(std::launch::async, [&] { return http.send({.url = url}, stop.get_token()); });
    while (!under_way()) std::this_thread::yield();
    stop.request_stop();
    expect_error(ErrorKind::Cancelled, "cancelled: GET " + url, [&] { request.get(); });
  }
  std::atomic<bool> waiting_ = false;
};

TEST_F(HttpClientStop, EndsARequestThatWaitsForItsAnswer) {
  HttpServer server({}, [&](const ServerRequest&) {
    ++calls_;
    return ServerResponse{.delay = std::chrono::hours(1)};
  });
  expect_stop(server.url(), [&] { return calls_ > 0; });
}

TEST_F(HttpClientStop, EndsARequestThatReceives) {
  std::atomic<bool> leaving = false;
  RawPeer peer({[&](Wire& wire) {
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789");
    ++calls_;
    while (!leaving) std::this_thread::yield();
  }});
  expect_stop(peer.url(), [&] { return calls_ > 0; });
  leaving = true;
}

TEST_F(HttpClientStop, EndsARequestThatConnects) {
  DeafListener deaf;
  int waits = 0;
  expect_stop(deaf.url(), [&] { return std::this_thread::sleep_for(milliseconds(10)), ++waits > 5; });
}

TEST_F(HttpClientStop, EndsAWaitBetweenTries) {
  HttpServer server({}, statuses({429}, {{"Retry-After", "200"}}));
  expect_stop(server.url(), [&] { return waiting_.load(); });
}

TEST_F(HttpClientStop, SendsNothingWhenAlreadyStopped) {
  HttpServer server({}, statuses({}));
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { client().send({.url = server.url()}, stop.get_token()); });
  EXPECT_EQ(calls_, 0);
}

// What the caller gets wrong, and what nobody may see.

TEST_F(HttpClientTest, RefusesWhatIsNoHttpUrl) {
  for (std::string url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://a b/", "http://x:99999/"}) {
    expect_error(ErrorKind::Config, "this is no http or https URL: '" + url + "'",
                 [&] { client().send({.url = url}); });
  }
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(HttpClientTest, RefusesALineBreakInAHeaderWithoutShowingIt) {
  HttpRequest request{.url = "http://127.0.0.1:1/", .headers = {{"Authorization", "Bearer topsecret\n"}}};
  std::string text = error_of([&] { client().send(request); });
  EXPECT_EQ(text,
            "the value of header 'Authorization' has a line break in it\n"
            "hint: a credential from a file may end in one; remove it");
  expect_error(ErrorKind::Data, "name of a header", [&] {
    client().send({.url = "x", .headers = {{"A: b\r\nC", "d"}}});
  });
  expect_error(ErrorKind::Data, "method", [&] { client().send({.method = "GET /x", .url = "x"}); });
}

TEST_F(HttpClientTest, ShowsNoCredentialInErrorsOrLogs) {
  std::string logged;
  Log log([&](const LogRecord& record) { logged += std::string(record.message) + "\n"; });
  HttpServer server({}, statuses({503}));
  std::string place = "127.0.0.1:" + std::to_string(server.port()) + "/data?q=Berlin&appid=topsecret";
  HttpRequest request{.url = "http://me:topsecret@" + place,
                      .headers = {{"Authorization", "Bearer topsecret"}},
                      .body = "password=topsecret",
                      .repeatable = true};
  client({.log = log}).send(request);
  server.stop();
  logged += error_of([&] { client({.log = log}).send(request); });
  EXPECT_FALSE(has(logged, "topsecret")) << logged;
  EXPECT_TRUE(has(logged, "GET http://***@127.0.0.1:")) << logged;
  EXPECT_TRUE(has(logged, "/data?q=Berlin&appid=*** -> 503; trying again in ")) << logged;
  EXPECT_TRUE(has(logged, "appid=*** -> 200, 3 bytes, ")) << logged;
}

TEST_F(HttpClientTest, GoesThroughTheProxyOfTheEnvironment) {
  RawPeer proxy({[](Wire& wire) {
    std::string request = wire.read_until("\r\n\r\n");
    std::string line = request.substr(0, request.find("\r\n"));
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(line.size()) + "\r\n\r\n" + line);
  }});
  HttpServer server({}, statuses({}));
  setenv("http_proxy", proxy.url().c_str(), 1);
  EXPECT_EQ(client(one_try()).send({.url = "http://service.invalid/x"}).body, "GET http://service.invalid/x HTTP/1.1");
  setenv("no_proxy", "127.0.0.1", 1);
  EXPECT_EQ(client(one_try()).send({.url = server.url()}).body, "yes");
  setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(Listener().port())).c_str(), 1);
  EXPECT_TRUE(has(failure("http://service.invalid/x"), "could not connect to the proxy"));
  unsetenv("http_proxy");
  unsetenv("no_proxy");
}

TEST_F(HttpClientTest, ManyClientsWorkSideBySide) {
  HttpServer server({}, [](const ServerRequest& request) { return ServerResponse{.body = request.path}; });
  std::vector<std::future<int>> clients;
  clients.reserve(4);
  for (int number = 0; number < 4; ++number) {
    clients.push_back(std::async(std::launch::async, [&, number] {
      HttpClient http = client(one_try());
      int right = 0;
      for (int i = 0; i < 25; ++i) {
        std::string path = "/" + std::to_string(number) + "/" + std::to_string(i);
        right += http.send({.url = server.url() + path}).body == path ? 1 : 0;
      }
      return right;
    }));
  }
  for (auto& right : clients) EXPECT_EQ(right.get(), 25);
}

}  // namespace
}  // namespace plumb
