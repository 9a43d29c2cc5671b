// The calls below Client: headers, tokens, errors. Private to the connector.
//
// Facts about the bank's API are taken from its interface specification of April 2020 (chapter numbers in comments) and
// from what public clients report of production; the latter are marked "seen".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_client.h"
#include "ingest/connectors/comdirect.h"

namespace plumb::ingest::comdirect {

// A TAN challenge that the bank has raised (2.3).
struct Challenge {
  std::string id;
  std::string type;       // P_TAN, M_TAN, P_TAN_PUSH
  std::string text;       // Base64 of a PNG, a masked phone number, or nothing
  std::string poll_path;  // of a push: where its state can be asked, from the host's root
};

class Api {
 public:
  Api(Config config, const ClientOptions& options);

  const Config& config() const { return config_; }
  const ClientOptions& options() const { return options_; }
  const Session* find_session() const { return session_ ? &*session_ : nullptr; }
  void restore(Session session) { session_ = std::move(session); }

  // Grants (2.1, 2.5, 3.1.1). Each sets the session's tokens and tells options.on_session when `keep`.
  void grant(std::vector<std::pair<std::string, std::string>> fields, bool keep);
  void refresh();
  void revoke();

  // One call below /api with the present token, as it is: no refresh, no translation of errors.
  HttpResponse call(std::string method, const std::string& path, HttpHeaders more = {}, std::string body = {});
  // A GET that refreshes a token that is about to end, or that the bank no longer takes (once), and throws what the
  // bank says when it is no 200.
  HttpResponse get(const std::string& path, std::string accept = "application/json");

 private:
  std::string request_info() const;
  bool about_to_end() const;

  Config config_;
  ClientOptions options_;
  HttpClient http_;
  std::optional<Session> session_;
};

// The bank's own words as an Error: Service for most, with its message and key.
Error translate(const HttpResponse& response, const std::string& what);
// The `code` of an error's body; empty when there is none.
std::string code_of(const HttpResponse& response);

// Sign-in (2.1 to 2.6). `api` has no session before, and one of the second stage after.
void sign_in(Api& api, const Asker& ask);

// JSON to structs.
AccountBalance read_account_balance(const Node& node);
Transaction read_transaction(const Node& node);
std::optional<Amount> find_amount(const Node& node);

// The remittance text in its lines (see docs/connectors/comdirect.md), with the labelled values taken out.
struct Remittance {
  std::vector<std::string> lines;
  std::optional<std::string> end_to_end_reference;
  std::optional<std::string> mandate;
  std::optional<std::string> creditor_id;
};
Remittance read_remittance(std::string_view raw, bool booked);

}  // namespace plumb::ingest::comdirect
