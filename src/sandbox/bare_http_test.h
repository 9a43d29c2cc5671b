// A bare HTTP call for the sandbox's tests: a socket, the bytes that are sent, the bytes that come back. It knows of no
// client of ours, adds nothing of its own but Host, Content-Length and Connection, and reads a broken answer as well.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {

using BareHeaders = std::vector<std::pair<std::string, std::string>>;

struct BareAnswer {
  int status = 0;
  BareHeaders headers;
  std::string body;
  bool whole = false;  // as many bytes came as were promised

  std::string header(std::string_view name) const;  // empty when there is none
  bool has(std::string_view name) const;
  Document json() const { return parse_json(body, "answer"); }
};

// `url` is the server's, "http://127.0.0.1:4711".
BareAnswer bare_call(const std::string& url, const std::string& method, const std::string& target,
                     const BareHeaders& headers = {}, const std::string& body = "");

// The bank as a test uses it: its clock stands at Saturday, 2026-11-21 08:00 in Berlin, the app approves at once.
class BankTest {
 public:
  explicit BankTest(ComdirectOptions options = standing());
  static ComdirectOptions standing();

  Sandbox& operator*() { return *bank_; }
  Sandbox* operator->() { return bank_.get(); }
  BareAnswer call(const std::string& method, const std::string& target, const BareHeaders& headers = {},
                  const std::string& body = "") const;

  // POST /oauth/token, with the client's credentials in front of the fields.
  BareAnswer grant(const std::string& fields) const;
  BareAnswer password_grant() const { return grant("grant_type=password&username=12345678&password=123456"); }
  static BareHeaders with_token(const std::string& token);

  // Steps of a sign-in: each gives what the next one needs.
  std::string primary_token() const;
  std::string session_of(const std::string& token) const;
  BareAnswer validate(const std::string& token, const std::string& session, const BareHeaders& more = {}) const;
  BareAnswer activate(const std::string& token, const std::string& session, const std::string& challenge,
                      const std::string& tan = "") const;
  static std::string session_body(const std::string& session);
  static std::string once_info(const BareAnswer& answer, const std::string& field);
  // All of them: a banking token's answer.
  BareAnswer sign_in() const;

  // A GET with a banking token, signed in on first use.
  BareAnswer get(const std::string& target, const BareHeaders& more = {});
  // The account's identifier by its type: "CA", "DAS", "SA", "FX".
  std::string account(const std::string& type);

 private:
  std::unique_ptr<Sandbox> bank_;
  std::string token_;
};

}  // namespace plumb::sandbox
