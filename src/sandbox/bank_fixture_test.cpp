#include "sandbox/bank_fixture.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace plumb::sandbox {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

BankAnswer raw_call(const std::string& url, const std::string& method, const std::string& target,
                    const RawHeaders& headers, const std::string& body) {
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return {raw_exchange(url, request + "\r\n" + body)};
}

BankTest::BankTest(ComdirectOptions options) : bank_(start_comdirect(std::move(options))) {}

ComdirectOptions BankTest::standing() {
  ComdirectOptions options;
  options.seed = 7;
  options.now = *find_instant("2026-11-21T07:00:00Z");
  options.push_delay = std::chrono::milliseconds(0);
  return options;
}

BankAnswer BankTest::call(const std::string& method, const std::string& target, const RawHeaders& headers,
                          const std::string& body) const {
  return raw_call(bank_->url(), method, target, headers, body);
}

BankAnswer BankTest::grant(const std::string& fields) const {
  return call("POST", "/oauth/token",
              {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
              "client_id=sandbox-client&client_secret=sandbox-secret&" + fields);
}

RawHeaders BankTest::with_token(const std::string& token) {
  return {{"Accept", "application/json"},
          {"Content-Type", "application/json"},
          {"Authorization", "Bearer " + token},
          {"x-http-request-info",
           R"({"clientRequestId":{"sessionId":"0f3c6a5be2d94d10a7c1b2f4de889977","requestId":"142305118"}})"}};
}

std::string BankTest::primary_token() const {
  return password_grant().text("access_token");
}

std::string BankTest::session_of(const std::string& token) const {
  Document sessions = call("GET", "/api/session/clients/user/v1/sessions", with_token(token)).json();
  return sessions.root().at(0).get("identifier").as_text();
}

std::string BankTest::session_body(const std::string& session) {
  return R"({"identifier":")" + session + R"(","sessionTanActive":true,"activated2FA":true})";
}

BankAnswer BankTest::validate(const std::string& token, const std::string& session, const RawHeaders& more) const {
  RawHeaders headers = with_token(token);
  headers.insert(headers.end(), more.begin(), more.end());
  return call("POST", "/api/session/clients/user/v1/sessions/" + session + "/validate", headers, session_body(session));
}

BankAnswer BankTest::activate(const std::string& token, const std::string& session, const std::string& challenge,
                              const std::string& tan) const {
  RawHeaders headers = with_token(token);
  headers.emplace_back("x-once-authentication-info", R"({"id":")" + challenge + R"("})");
  if (!tan.empty()) headers.emplace_back("x-once-authentication", tan);
  return call("PATCH", "/api/session/clients/user/v1/sessions/" + session, headers, session_body(session));
}

std::string BankTest::once_info(const BankAnswer& answer, const std::string& field) {
  Document info = parse_json(answer.header("x-once-authentication-info"), "header");
  Node node = info.root().find(field);
  return node.missing() ? "" : node.kind() == NodeKind::Text ? node.as_text() : node.to_json();
}

BankAnswer BankTest::sign_in() const {
  std::string token = primary_token();
  std::string session = session_of(token);
  BankAnswer challenge = validate(token, session);
  activate(token, session, once_info(challenge, "id"), "123456");
  return grant("grant_type=cd_secondary&token=" + token);
}

BankAnswer BankTest::get(const std::string& target, const RawHeaders& more) {
  if (token_.empty()) token_ = sign_in().text("access_token");
  RawHeaders headers = with_token(token_);
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
