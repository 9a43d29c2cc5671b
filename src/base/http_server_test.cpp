// The server as strangers see it: by the bytes on the wire.
#include "base/http_server.h"

#include <sys/un.h>
#include <zlib.h>

#include <condition_variable>
#include <future>

#include "base/format.h"
#include "base/http/testing.h"
#include "base/testing.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using namespace std::string_view_literals;

ServerResponse hello(const ServerRequest&) {
  return {.body = "hello"};
}

// What was asked, told back.
ServerResponse echo(const ServerRequest& request) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += format(" {}={}", name, value);
  return {.body = text + " [" + request.body + "]"};
}

// The whole conversation: these bytes, then everything up to the server's end.
std::string talk(const HttpServer& server, std::string_view bytes) {
  Wire wire = Wire::connect(server.port());
  wire.send(bytes);
  return wire.read_all();
}

std::string status_of(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}
std::string body_of(const std::string& answer) {
  std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}
bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

std::string gunzip(std::string_view bytes) {
  std::string text(1 << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST(HttpServer, AnswersWithLengthDateAndTheHandlersHeaders) {
  HttpServer server({}, [](const ServerRequest&) {
    return ServerResponse{.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "nothing here"};
  });
  std::string answer = talk(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(answer), "HTTP/1.1 404 Not Found");
  EXPECT_TRUE(has(answer, "\r\nContent-Type: text/plain\r\n"));
  EXPECT_TRUE(has(answer, "\r\nContent-Length: 12\r\n"));
  EXPECT_TRUE(has(answer, " GMT\r\nContent-Length"));
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  EXPECT_EQ(body_of(answer), "nothing here");
}

TEST(HttpServer, KeepsADateThatTheHandlerGives) {
  HttpServer server({}, [](const ServerRequest&) {
    return ServerResponse{.headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}};
  });
  std::string answer = talk(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(has(answer, "\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_FALSE(has(answer, "Date:"));
}

TEST(HttpServer, DecodesThePathAndTheQuery) {
  HttpServer server({}, echo);
  EXPECT_EQ(body_of(talk(server, "GET /a%20b/%C3%A4?q=x+y&q=%26&flag HTTP/1.0\r\n\r\n")),
            "GET /a b/ä q=x y q=& flag= []");
  EXPECT_EQ(body_of(talk(server, "GET http://proxied:80/a?b=c HTTP/1.0\r\n\r\n")), "GET /a b=c []");
  EXPECT_EQ(body_of(talk(server, "GET /?redirect=http://x/ HTTP/1.0\r\n\r\n")), "GET / redirect=http://x/ []");
  EXPECT_EQ(body_of(talk(server, "OPTIONS * HTTP/1.0\r\n\r\n")), "OPTIONS * []");
  EXPECT_EQ(body_of(talk(server, "GET /100%25%zz HTTP/1.0\r\n\r\n")), "GET /100%%zz []");
}

TEST(HttpServer, RefusesAPathThatAHandlerCouldMisread) {
  HttpServer server({}, echo);
  EXPECT_EQ(status_of(talk(server, "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_of(talk(server, "GET /a%0Ab HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 400 Bad Request");
}

TEST(HttpServer, ReadsFormsByLengthAndInChunks) {
  HttpServer server({}, [](const ServerRequest& request) {
    std::string text;
    for (const auto& [name, value] : request.form()) text += format("{}={};", name, value);
    return ServerResponse{.body = text};
  });
  EXPECT_EQ(body_of(talk(server, "POST / HTTP/1.0\r\nContent-Length: 14\r\n\r\na=1&b=x%3Dy+z&")), "a=1;b=x=y z;");
  EXPECT_EQ(body_of(talk(server,
                         "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3\r\na=1\r\n5;x=y\r\n&b=22\r\n0\r\n\r\n")),
            "a=1;b=22;");
}

TEST(HttpServer, AnswersManyRequestsOnOneConnectionInTheirOrder) {
  HttpServer server({}, echo);
  Wire wire = Wire::connect(server.port());
  wire.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n"
      "Host: x\r\nConnection: close\r\n\r\n");
  std::string answers = wire.read_all();
  EXPECT_LT(answers.find("GET /1 []"), answers.find("POST /2 [ab]"));
  EXPECT_LT(answers.find("POST /2 [ab]"), answers.find("GET /3 []"));
  EXPECT_TRUE(answers.ends_with("GET /3 []"));
}

TEST(HttpServer, ClosesAfterHttp10UnlessAskedNotTo) {
  HttpServer server({}, hello);
  EXPECT_TRUE(talk(server, "GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
  Wire wire = Wire::connect(server.port());
  wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(has(wire.read_until("hello"), "Connection: keep-alive"));
  wire.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(wire.read_all().ends_with("hello"));
}

TEST(HttpServer, ClosesWhenTheHandlerSaysSo) {
  HttpServer server({}, [](const ServerRequest&) {
    return ServerResponse{.headers = {{"Connection", "Close"}}, .body = "bye"};
  });
  EXPECT_TRUE(talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("bye"));
}

TEST(HttpServer, HeadHasTheLengthButNoBody) {
  HttpServer server({}, hello);
  std::string answer = talk(server, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(has(answer, "Content-Length: 5\r\n"));
  EXPECT_EQ(body_of(answer), "");
}

TEST(HttpServer, NoContentHasNeitherBodyNorLength) {
  HttpServer server({}, [](const ServerRequest&) { return ServerResponse{.status = 204, .body = "ignored"}; });
  std::string answer = talk(server, "DELETE /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(answer), "HTTP/1.1 204 No Content");
  EXPECT_FALSE(has(answer, "Content-Length"));
  EXPECT_EQ(body_of(answer), "");
}

TEST(HttpServer, SaysContinueToAClientThatWaitsForIt) {
  HttpServer server({}, echo);
  Wire wire = Wire::connect(server.port());
  wire.send("PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(wire.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abc");
  EXPECT_TRUE(wire.read_all().ends_with("PUT /x [abc]"));
}

TEST(HttpServer, RefusesWhatIsTooLarge) {
  HttpServer server({.largest_header = 2048, .largest_body = 1000}, echo);
  std::string long_header = "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(5000, 'a') + "\r\n\r\n";
  EXPECT_EQ(status_of(talk(server, long_header)), "HTTP/1.1 431 Request Header Fields Too Large");
  std::string many_headers = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 2000; ++i) many_headers += "A: b\r\n";
  EXPECT_EQ(status_of(talk(server, many_headers)), "HTTP/1.1 431 Request Header Fields Too Large");
  std::string long_body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + std::string(500000, 'b');
  EXPECT_EQ(status_of(talk(server, long_body)), "HTTP/1.1 413 Payload Too Large");
  std::string chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "64\r\n" + std::string(100, 'c') + "\r\n";
  EXPECT_EQ(status_of(talk(server, chunks)), "HTTP/1.1 413 Payload Too Large");
}

TEST(HttpServer, TakesHeadersUpToItsLimit) {
  HttpServer server({.largest_header = 128u << 10}, [](const ServerRequest& request) {
    return ServerResponse{.body = std::to_string(request.headers.find("x-challenge")->size())};
  });
  std::string header = "GET / HTTP/1.0\r\nX-Challenge: " + std::string(100'000, 'x') + "\r\n\r\n";
  EXPECT_EQ(body_of(talk(server, header)), "100000");
}

TEST(HttpServer, RefusesWhatIsNoHttp) {
  HttpServer server({}, hello);
  EXPECT_EQ(status_of(talk(server, "garbage\r\n\r\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_of(talk(server, "\x16\x03\x01\0\xa5\1\0\0\xa1\x03\x03 a TLS hello"sv)), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_of(talk(server, "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")), "HTTP/1.1 400 Bad Request");
}

TEST(HttpServer, LeavesAClientThatGoesAwayInMidRequest) {
  HttpServer server({}, hello);
  for (std::string_view part : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"}) {
    Wire wire = Wire::connect(server.port());
    wire.send(part);
    wire.finish_sending();
    EXPECT_EQ(wire.read_all(), "");
  }
  EXPECT_TRUE(talk(server, "GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
}

TEST(HttpServer, EndsIdleConnections) {
  HttpServer server({.idle_timeout = std::chrono::seconds(1), .request_timeout = std::chrono::seconds(1)}, hello);
  Wire silent = Wire::connect(server.port());
  Wire slow_header = Wire::connect(server.port());
  slow_header.send("GET / HTTP/1.1\r\nHost:");
  Wire slow_body = Wire::connect(server.port());
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(slow_header.read_all(), "");
  EXPECT_EQ(slow_body.read_all(), "");
}

TEST(HttpServer, TellsOneConnectionTooManyToComeBack) {
  HttpServer server({.most_connections = 2}, hello);
  Wire first = Wire::connect(server.port());
  Wire second = Wire::connect(server.port());
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  first.read_until("hello");
  second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  second.read_until("hello");
  std::string third = talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(third), "HTTP/1.1 503 Service Unavailable");
  EXPECT_TRUE(has(third, "Retry-After: 1\r\n"));
}

TEST(HttpServer, AHandlersErrorIsA500WithoutDetails) {
  std::mutex mutex;
  std::string logged;
  Log log([&](const LogRecord& record) {
    std::lock_guard lock(mutex);
    logged += std::string(record.message) + "\n";
  });
  HttpServer server({.log = log}, [](const ServerRequest& request) -> ServerResponse {
    if (request.path == "/error") throw Error(ErrorKind::Data, "the table is on fire");
    if (request.path == "/std") throw std::out_of_range("vector::at");
    if (request.path == "/inject") return {.headers = {{"Location", "/x\r\nSet-Cookie: stolen"}}};
    return {.status = 42};
  });
  for (std::string path : {"/error?token=topsecret", "/std", "/inject", "/status"}) {
    std::string answer = talk(server, "GET " + path + " HTTP/1.0\r\n\r\n");
    EXPECT_EQ(status_of(answer), "HTTP/1.1 500 Internal Server Error");
    EXPECT_EQ(body_of(answer), "internal error\n");
  }
  server.stop();
  EXPECT_TRUE(has(logged, "the table is on fire"));
  EXPECT_TRUE(has(logged, "/error?token=***"));
  EXPECT_TRUE(has(logged, "vector::at"));
  EXPECT_TRUE(has(logged, "status 42"));
  EXPECT_FALSE(has(logged, "topsecret"));
}

TEST(HttpServer, CompressesTextForThoseWhoAsk) {
  std::string rows(100'000, 'r');
  HttpServer server({.gzip = true}, [&](const ServerRequest& request) {
    if (request.path == "/short") return ServerResponse{.body = "short"};
    std::string type = request.path == "/image" ? "image/png" : "application/json; charset=utf-8";
    return ServerResponse{.headers = {{"Content-Type", type}}, .body = rows};
  });
  std::string packed = talk(server, "GET / HTTP/1.0\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n");
  EXPECT_TRUE(has(packed, "Content-Encoding: gzip\r\n"));
  EXPECT_TRUE(has(packed, "Vary: Accept-Encoding\r\n"));
  EXPECT_LT(packed.size(), 5000u);
  EXPECT_EQ(gunzip(body_of(packed)), rows);

  for (std::string request : {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nAccept-Encoding: gzip;q=0, *\r\n\r\n",
                              "GET /image HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n",
                              "GET /short HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n"}) {
    EXPECT_FALSE(has(talk(server, request), "Content-Encoding")) << request;
  }
}

TEST(HttpServer, ADelayHoldsUpNobodyElse) {
  HttpServer server({.threads = 1}, [](const ServerRequest& request) {
    if (request.path == "/never") return ServerResponse{.delay = std::chrono::hours(1)};
    return ServerResponse{.body = request.path, .delay = milliseconds(request.path == "/soon" ? 50 : 0)};
  });
  Wire never = Wire::connect(server.port());
  never.send("GET /never HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(talk(server, "GET /now HTTP/1.0\r\n\r\n").ends_with("/now"));
  EXPECT_TRUE(talk(server, "GET /soon HTTP/1.0\r\n\r\n").ends_with("/soon"));
}

TEST(HttpServer, ResetsInMidBodyOnRequest) {
  HttpServer server({}, [](const ServerRequest&) { return ServerResponse{.body = "0123456789", .reset_after = 4}; });
  Wire wire = Wire::connect(server.port());
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string answer = wire.read_all();
  EXPECT_TRUE(wire.was_reset());
  EXPECT_TRUE(has(answer, "Content-Length: 10\r\n"));
  EXPECT_EQ(body_of(answer), "0123");
}

TEST(HttpServer, RunsHandlersSideBySide) {
  std::mutex mutex;
  std::condition_variable both;
  int inside = 0;
  HttpServer server({.threads = 2}, [&](const ServerRequest&) {
    std::unique_lock lock(mutex);
    ++inside;
    both.notify_all();
    both.wait(lock, [&] { return inside >= 2; });
    return ServerResponse{.body = "met"};
  });
  auto other = std::async(std::launch::async, [&] { return talk(server, "GET / HTTP/1.0\r\n\r\n"); });
  EXPECT_TRUE(talk(server, "GET / HTTP/1.0\r\n\r\n").ends_with("met"));
  EXPECT_TRUE(other.get().ends_with("met"));
}

TEST(HttpServer, StopsHoweverStuckItsClientsAre) {
  HttpServer server({}, [](const ServerRequest& request) {
    if (request.path == "/large") return ServerResponse{.body = std::string(64u << 20, 'x')};
    return ServerResponse{.body = "late", .delay = std::chrono::hours(1)};
  });
  Wire silent = Wire::connect(server.port());
  Wire half = Wire::connect(server.port());
  half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  Wire delayed = Wire::connect(server.port());
  delayed.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  Wire never_reads = Wire::connect(server.port());
  never_reads.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  never_reads.read_until("\r\n\r\n");
  server.stop();
  server.stop();  // again does nothing
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(delayed.read_all(), "");
}

TEST(HttpServer, AnswersWhatIsAtWorkBeforeItStops) {
  std::promise<void> started;
  std::promise<void> go_on;
  HttpServer server({}, [&](const ServerRequest&) {
    started.set_value();
    go_on.get_future().wait();
    return ServerResponse{.body = "done"};
  });
  auto answer = std::async(std::launch::async, [&] { return talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); });
  started.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  go_on.set_value();
  EXPECT_TRUE(answer.get().ends_with("done"));
  stopped.get();
}

TEST(HttpServer, NamesAPortThatIsInUse) {
  HttpServer first({}, hello);
  std::string port = std::to_string(first.port());
  expect_error(ErrorKind::Busy, "port " + port + " on 127.0.0.1 is already in use",
               [&] { HttpServer second({.port = first.port()}, hello); });
}

TEST(HttpServer, APortIsFreeAgainAtOnce) {
  std::uint16_t port = 0;
  {
    HttpServer server({}, hello);
    port = server.port();
    EXPECT_TRUE(talk(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ends_with("hello"));
  }
  HttpServer again({.port = port}, hello);
  EXPECT_EQ(again.port(), port);
}

TEST(HttpServer, NamesItsAddress) {
  HttpServer server({}, hello);
  EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(error_of([] { HttpServer({.address = "example.org"}, hello); }),
            "'example.org' is no IP address to listen on\n"
            "hint: 127.0.0.1 is this machine only, 0.0.0.0 is everybody");
}

// What a proxy before us might read as another request than we do.
TEST(HttpServer, RefusesWhatCouldBeReadInTwoWays) {
  HttpServer server({}, echo);
  std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (std::string bytes : {
           post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           post + "Content-Length: 3, 3\r\n\r\nabc",
           post + "Content-Length: +3\r\n\r\nabc",
           post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 0\nX: y\r\n\r\n",
           std::string("GET / HTTP/1.1\nHost: x\n\n"),
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
           std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    EXPECT_EQ(status_of(talk(server, bytes)), "HTTP/1.1 400 Bad Request") << bytes;
  }
}

TEST(HttpServer, AFoldedHeaderIsOneHeader) {
  HttpServer server({}, echo);
  EXPECT_EQ(body_of(talk(server,
                         "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"
                         "3\r\nabc\r\n0\r\n\r\n")),
            "POST / [abc]");
}

TEST(HttpServer, ATrailerIsNoHeader) {
  HttpServer server({}, [](const ServerRequest& request) {
    return ServerResponse{.body = request.headers.find("X-Forwarded-User") ? "fooled" : "fine"};
  });
  EXPECT_EQ(body_of(talk(server,
                         "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\n0\r\nX-Forwarded-User: root\r\n\r\n")),
            "fine");
}

TEST(HttpServer, StreamsWhatComesLater) {
  auto stream = std::make_shared<ServerStream>();
  HttpServer server({}, [&](const ServerRequest&) { return ServerResponse{.stream = stream}; });
  Wire wire = Wire::connect(server.port());
  wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string head = wire.read_until("\r\n\r\n");
  EXPECT_TRUE(has(head, "Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(has(head, "Content-Length"));
  EXPECT_TRUE(stream->push("one"));
  EXPECT_EQ(wire.read_until("one\r\n"), "3\r\none\r\n");
  EXPECT_TRUE(stream->push("two"));
  EXPECT_EQ(wire.read_until("two\r\n"), "3\r\ntwo\r\n");
  stream->end();
  EXPECT_EQ(wire.read_all(), "0\r\n\r\n");
  EXPECT_FALSE(stream->push("late"));
}

TEST(HttpServer, StreamsToOldClientsUpToTheEndOfTheConnection) {
  HttpServer server({}, [](const ServerRequest&) {
    auto stream = std::make_shared<ServerStream>();
    stream->push("all there is");
    stream->end();
    return ServerResponse{.stream = stream};
  });
  std::string answer = talk(server, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(has(answer, "chunked"));
  EXPECT_EQ(body_of(answer), "all there is");
}

// A file of any size: the next piece is read when the last one was sent.
TEST(HttpServer, AsksAStreamForMoreWhenAllWasSent) {
  HttpServer server({}, [](const ServerRequest&) {
    auto left = std::make_shared<int>(1000);
    return ServerResponse{.stream = std::make_shared<ServerStream>(
                              [left](ServerStream& stream) {
                                if ((*left)-- == 0) return stream.end();
                                stream.push(std::string(10'000, 'x'));
                              },
                              20'000)};
  });
  std::string answer = talk(server, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(answer).size(), 10'000'000u);
}

TEST(HttpServer, AStreamEndsWhenItsClientLeavesOrFallsBehind) {
  auto left = std::make_shared<ServerStream>();
  auto behind = std::make_shared<ServerStream>(ServerStream::More(), 100'000);
  HttpServer server({}, [&](const ServerRequest& request) {
    return ServerResponse{.stream = request.path == "/left" ? left : behind};
  });
  {
    Wire wire = Wire::connect(server.port());
    wire.send("GET /left HTTP/1.1\r\nHost: x\r\n\r\n");
    wire.read_until("\r\n\r\n");
  }
  Wire slow = Wire::connect(server.port());
  slow.send("GET /behind HTTP/1.1\r\nHost: x\r\n\r\n");
  slow.read_until("\r\n\r\n");
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((left->listened() || behind->push(std::string(50'000, 'x'))) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_FALSE(left->listened());
  EXPECT_FALSE(behind->listened());
}

TEST(HttpServer, FiveHundredStreamsNeedNoThreads) {
  std::mutex mutex;
  std::vector<std::shared_ptr<ServerStream>> streams;
  HttpServer server({.threads = 1, .most_connections = 600}, [&](const ServerRequest&) {
    auto stream = std::make_shared<ServerStream>();
    std::lock_guard lock(mutex);
    streams.push_back(stream);
    return ServerResponse{.stream = stream};
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 500; ++i) {
    wires.push_back(Wire::connect(server.port()));
    wires.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (Wire& wire : wires) wire.read_until("\r\n\r\n");
  ASSERT_EQ(streams.size(), 500u);
  for (auto& stream : streams) stream->push("news");
  for (Wire& wire : wires) EXPECT_EQ(wire.read_until("news\r\n"), "4\r\nnews\r\n");
  server.stop();
  for (auto& stream : streams) EXPECT_FALSE(stream->listened());
}

// Speaks over a Unix socket.
std::string talk_locally(const std::filesystem::path& path, std::string_view bytes) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "refused";
  Wire wire(std::move(socket));
  wire.send(bytes);
  return wire.read_all();
}

TEST(HttpServer, ListensOnAUnixSocketOfItsOwnerOnly) {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "serve.sock";
  auto answer = [](const ServerRequest& request) {
    return ServerResponse{.body = request.peer.empty() ? "local" : request.peer};
  };
  {
    HttpServer server({.socket = path}, answer);
    EXPECT_EQ(body_of(talk_locally(path, "GET / HTTP/1.0\r\n\r\n")), "local");
    EXPECT_EQ(body_of(talk(server, "GET / HTTP/1.0\r\n\r\n")), "127.0.0.1");
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    expect_error(ErrorKind::Busy, "another server listens on " + path.string(),
                 [&] { HttpServer second({.socket = path}, answer); });
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HttpServer, ReplacesASocketThatNobodyListensOn) {
  TemporaryFolder folder;
  // Longer than a socket's address may be.
  std::filesystem::path deep = folder.path() / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  {
    FileDescriptor dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder.path() / "s").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::filesystem::rename(folder.path() / "s", deep / "serve.sock");
  }
  HttpServer server({.socket = deep / "serve.sock"}, hello);
  EXPECT_TRUE(std::filesystem::is_socket(deep / "serve.sock"));
}

TEST(HttpServer, ItsThreadsComeWithTheFirstRequest) {
  auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  };
  auto before = threads();
  HttpServer server({.threads = 8}, hello);
  EXPECT_EQ(threads(), before + 1);
  talk(server, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(threads(), before + 2);
}

}  // namespace
}  // namespace plumb
