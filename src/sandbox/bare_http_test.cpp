#include "sandbox/bare_http_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include "base/file.h"

namespace plumb::sandbox {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

FileDescriptor connect_to(const std::string& url) {
  int port = 0;
  std::string_view digits = std::string_view(url).substr(url.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval patience{20, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("no sandbox at " + url);
  }
  return socket;
}

std::string exchange(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  char buffer[16384];
  for (;;) {
    ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string unchunked(std::string_view body, bool& whole) {
  std::string result;
  whole = false;
  for (;;) {
    std::size_t end = body.find("\r\n");
    if (end == std::string_view::npos) return result;
    std::size_t size = 0;
    std::from_chars(body.data(), body.data() + end, size, 16);
    body.remove_prefix(end + 2);
    whole = size == 0;
    if (size == 0 || body.size() < size + 2) return result;
    result += body.substr(0, size);
    body.remove_prefix(size + 2);
  }
}

BareAnswer read_answer(std::string_view bytes) {
  BareAnswer answer;
  std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return answer;
  std::string_view head = bytes.substr(0, end + 2);
  std::string_view body = bytes.substr(end + 4);
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    std::size_t line = head.find("\r\n");
    std::size_t colon = head.find(": ");
    answer.headers.emplace_back(head.substr(0, colon), head.substr(colon + 2, line - colon - 2));
    head.remove_prefix(line + 2);
  }
  if (answer.header("Transfer-Encoding") == "chunked") {
    answer.body = unchunked(body, answer.whole);
  } else {
    answer.body = body;
    std::string length = answer.header("Content-Length");
    answer.whole = length.empty() ? body.empty() : std::to_string(body.size()) == length;
  }
  return answer;
}

}  // namespace

std::string BareAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

bool BareAnswer::has(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& each) { return same_name(each.first, name); });
}

BareAnswer bare_call(const std::string& url, const std::string& method, const std::string& target,
                     const BareHeaders& headers, const std::string& body) {
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n" + body;
  return read_answer(exchange(connect_to(url).get(), request));
}

BankTest::BankTest(ComdirectOptions options) : bank_(start_comdirect(std::move(options))) {}

ComdirectOptions BankTest::standing() {
  ComdirectOptions options;
  options.seed = 7;
  options.now = *find_instant("2026-11-21T07:00:00Z");
  options.push_delay = std::chrono::milliseconds(0);
  return options;
}

BareAnswer BankTest::call(const std::string& method, const std::string& target, const BareHeaders& headers,
                          const std::string& body) const {
  return bare_call(bank_->url(), method, target, headers, body);
}

BareAnswer BankTest::grant(const std::string& fields) const {
  return call("POST", "/oauth/token",
              {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
              "client_id=sandbox-client&client_secret=sandbox-secret&" + fields);
}

BareHeaders BankTest::with_token(const std::string& token) {
  return {{"Accept", "application/json"},
          {"Content-Type", "application/json"},
          {"Authorization", "Bearer " + token},
          {"x-http-request-info",
           R"({"clientRequestId":{"sessionId":"0f3c6a5be2d94d10a7c1b2f4de889977","requestId":"142305118"}})"}};
}

std::string BankTest::primary_token() const {
  return password_grant().json().root().get("access_token").as_text();
}

std::string BankTest::session_of(const std::string& token) const {
  Document sessions = call("GET", "/api/session/clients/user/v1/sessions", with_token(token)).json();
  return sessions.root().at(0).get("identifier").as_text();
}

std::string BankTest::session_body(const std::string& session) {
  return R"({"identifier":")" + session + R"(","sessionTanActive":true,"activated2FA":true})";
}

BareAnswer BankTest::validate(const std::string& token, const std::string& session, const BareHeaders& more) const {
  BareHeaders headers = with_token(token);
  headers.insert(headers.end(), more.begin(), more.end());
  return call("POST", "/api/session/clients/user/v1/sessions/" + session + "/validate", headers, session_body(session));
}

BareAnswer BankTest::activate(const std::string& token, const std::string& session, const std::string& challenge,
                              const std::string& tan) const {
  BareHeaders headers = with_token(token);
  headers.emplace_back("x-once-authentication-info", R"({"id":")" + challenge + R"("})");
  if (!tan.empty()) headers.emplace_back("x-once-authentication", tan);
  return call("PATCH", "/api/session/clients/user/v1/sessions/" + session, headers, session_body(session));
}

std::string BankTest::once_info(const BareAnswer& answer, const std::string& field) {
  Document info = parse_json(answer.header("x-once-authentication-info"), "header");
  Node node = info.root().find(field);
  return node.missing() ? "" : node.kind() == NodeKind::Text ? node.as_text() : node.to_json();
}

BareAnswer BankTest::sign_in() const {
  std::string token = primary_token();
  std::string session = session_of(token);
  BareAnswer challenge = validate(token, session);
  activate(token, session, once_info(challenge, "id"), "123456");
  return grant("grant_type=cd_secondary&token=" + token);
}

BareAnswer BankTest::get(const std::string& target, const BareHeaders& more) {
  if (token_.empty()) token_ = sign_in().json().root().get("access_token").as_text();
  BareHeaders headers = with_token(token_);
  for (const auto& header : more) {
    std::erase_if(headers, [&](const auto& each) { return same_name(each.first, header.first); });
    headers.push_back(header);
  }
  return call("GET", target, headers);
}

std::string BankTest::account(const std::string& type) {
  Document balances = get("/api/banking/clients/user/v2/accounts/balances").json();
  Node values = balances.root().get("values");
  for (std::size_t i = 0; i < values.size(); ++i) {
    Node account = values.at(i).get("account");
    if (account.get("accountType").get("key").as_text() == type) return account.get("accountId").as_text();
  }
  throw std::runtime_error("no account of type " + type);
}

}  // namespace plumb::sandbox
