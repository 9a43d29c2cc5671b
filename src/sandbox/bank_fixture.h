// For tests only: the bank as a stranger's client meets it. Calls are written by hand and sent over a socket; nothing
// of our own client is in the way.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "sandbox/raw_http.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {

using RawHeaders = std::vector<std::pair<std::string, std::string>>;

struct BankAnswer : RawAnswer {
  Document json() const { return parse_json(body, "answer"); }
  // A text of the body's object.
  std::string text(std::string_view key) const { return json().root().get(key).as_text(); }
  bool has(std::string_view name) const { return !header(name).empty(); }
};

// A call with these headers, and nothing else but Host, Content-Length and Connection.
BankAnswer raw_call(const std::string& url, const std::string& method, const std::string& target,
                    const RawHeaders& headers = {}, const std::string& body = "");

// The bank as a test uses it: its clock stands at Saturday, 2026-11-21 08:00 in Berlin, the app approves at once.
class BankTest {
 public:
  explicit BankTest(ComdirectOptions options = standing());
  static ComdirectOptions standing();

  Sandbox& operator*() { return *bank_; }
  Sandbox* operator->() { return bank_.get(); }
  BankAnswer call(const std::string& method, const std::string& target, const RawHeaders& headers = {},
                  const std::string& body = "") const;

  // POST /oauth/token, with the client's credentials in front of the fields.
  BankAnswer grant(const std::string& fields) const;
  BankAnswer password_grant() const { return grant("grant_type=password&username=12345678&password=123456"); }
  static RawHeaders with_token(const std::string& token);

  // Steps of a sign-in: each gives what the next one needs.
  std::string primary_token() const;
  std::string session_of(const std::string& token) const;
  BankAnswer validate(const std::string& token, const std::string& session, const RawHeaders& more = {}) const;
  BankAnswer activate(const std::string& token, const std::string& session, const std::string& challenge,
                      const std::string& tan = "") const;
  static std::string session_body(const std::string& session);
  static std::string once_info(const BankAnswer& answer, const std::string& field);
  // All of them: a banking token's answer.
  BankAnswer sign_in() const;

  // A GET with a banking token, signed in on first use.
  BankAnswer get(const std::string& target, const RawHeaders& more = {});
  // The account's identifier by its type: "CA", "DAS", "SA", "FX".
  std::string account(const std::string& type);

 private:
  std::unique_ptr<Sandbox> bank_;
  std::string token_;
};

}  // namespace plumb::sandbox
