// The comdirect sandbox: the way in, the routes, and the switches of its own.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "sandbox/comdirect_banking.h"
#include "sandbox/comdirect_brokerage.h"
#include "sandbox/comdirect_documents.h"
#include "sandbox/comdirect_session.h"
#include "sandbox/comdirect_tokens.h"
#include "sandbox/comdirect_wire.h"
#include "sandbox/loose_json.h"
#include "sandbox/service.h"

namespace plumb::sandbox {
namespace {

// The accounts were opened in January 2025, or a full year before an earlier now.
Date opened_before(Instant now) {
  int year = static_cast<int>(Date(std::chrono::floor<std::chrono::days>(now)).year());
  return Date(std::chrono::year(std::min(2025, year - 1)), std::chrono::January, std::chrono::day(1));
}

using Captures = std::vector<std::string_view>;

// "/api/banking/v1/accounts/{}/transactions" against a path: what stands at the brackets.
std::optional<Captures> match(std::string_view pattern, std::string_view path) {
  Captures captures;
  while (true) {
    std::size_t pattern_end = std::min(pattern.find('/'), pattern.size());
    std::size_t path_end = std::min(path.find('/'), path.size());
    std::string_view expected = pattern.substr(0, pattern_end);
    std::string_view found = path.substr(0, path_end);
    if (expected == "{}") {
      if (found.empty()) return std::nullopt;
      captures.push_back(found);
    } else if (expected != found) {
      return std::nullopt;
    }
    bool pattern_done = pattern_end == pattern.size();
    bool path_done = path_end == path.size();
    if (pattern_done || path_done) return pattern_done && path_done ? std::optional(captures) : std::nullopt;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

// A client may tunnel PUT, PATCH and DELETE through another method.
ServerRequest with_overridden_method(const ServerRequest& request) {
  ServerRequest result = request;
  const std::string* method = request.headers.find("X-HTTP-Method-Override");
  if (method && (*method == "PUT" || *method == "PATCH" || *method == "DELETE")) result.method = *method;
  return result;
}

constexpr std::string_view kActivation = "/api/session/clients/{}/v1/sessions/{}";

class Comdirect : public Service {
 public:
  explicit Comdirect(ComdirectOptions options)
      : customer_{.options = std::move(options)}, tokens_(customer_), sessions_(customer_, world_) {
    Dice dice(customer_.options.seed, "customer numbers");
    customer_.number = "1" + dice.text(9, "0123456789");
    customer_.partner = dice.between(1'000'000, 9'999'999);
    customer_.contact = dice.between(1'000'000'000, 1'999'999'999);
    customer_.client_id = bank_id(customer_.options.seed, "client");
  }

  ServerResponse answer(const ServerRequest& original, Instant now) override {
    ServerRequest request = with_overridden_method(original);
    ServerResponse response = route(request, now);
    const std::string* cookies = request.headers.find("Cookie");
    if (response.status == 200 && (!cookies || cookies->find("qSession=") == std::string::npos)) {
      response.headers.add("Set-Cookie", format("qSession={}; Path=/; HttpOnly",
                                                bank_id(customer_.options.seed, "cookie", cookie_count_++)));
    }
    return response;
  }

  ServerResponse refuse(const Fault& fault, const ServerRequest& request, Instant now) override;
  bool concerns(const Fault& fault, const ServerRequest& request) const override;
  std::optional<ServerResponse> command(std::string_view name, const ServerRequest& request, Instant now) override;
  void describe(JsonWriter& state, Instant now) const override;

 private:
  ServerResponse route(const ServerRequest& request, Instant now);
  ServerResponse route_session(Login& login, const ServerRequest& request, Instant now);
  ServerResponse route_counters(const ServerRequest& request, Instant now);
  bool is_me(std::string_view client) const;
  const Household& household_at(Instant now);
  std::optional<std::string> set_option(const std::string& name, const std::string& value);

  SystemClock world_;
  Customer customer_;
  TokenDesk tokens_;
  SessionDesk sessions_;
  PostBox post_box_;
  std::unique_ptr<Household> household_;
  std::int64_t cookie_count_ = 0;
};

ServerResponse Comdirect::route(const ServerRequest& request, Instant now) {
  if (request.path == "/oauth/token" && request.method == "POST") return tokens_.grant(request, now);
  if (request.path == "/oauth/revoke" && request.method == "DELETE") return tokens_.revoke(request, now);
  if (request.path.starts_with("/oauth/")) return bare_answer(405);
  if (!request.path.starts_with("/api/")) return bare_answer(404);
  std::optional<TokenDesk::Pass> pass = tokens_.find_pass(request, now);
  if (!pass) return invalid_token("Invalid access token");
  const std::string* info = request.headers.find("x-http-request-info");
  std::optional<LooseObject> id = info ? find_loose_object(*info) : std::nullopt;
  auto told = [&](const char* name) {
    return id->contains(name) && !id->at(name).empty() && id->at(name).size() <= 40;
  };
  // Strict and lax forms are taken alike; one that is no object, or says nothing, is like none.
  if (!id || !told("clientRequestId.sessionId") || !told("clientRequestId.requestId")) {
    return bank_error(400, "request.header.invalid",
                      {.key = "x-http-request-info.invalid",
                       .text = "Der Header x-http-request-info fehlt oder ist ungültig.",
                       .origin = {"x-http-request-info"}});
  }
  if (customer_.locked) return SessionDesk::locked_answer();
  if (request.path.starts_with("/api/session/")) return route_session(*pass->login, request, now);
  // That a token of too small a scope is a 401 is an inference; the answer is not recorded.
  if (pass->scope != Scope::Banking) return invalid_token("Insufficient scope for this resource");
  return route_counters(request, now);
}

ServerResponse Comdirect::route_session(Login& login, const ServerRequest& request, Instant now) {
  const std::string& method = request.method;
  if (auto at = match("/api/session/clients/{}/v1/sessions", request.path); at && is_me((*at)[0])) {
    return method == "GET" ? sessions_.show(login) : bare_answer(405);
  }
  if (auto at = match("/api/session/clients/{}/v1/sessions/{}/validate", request.path); at && is_me((*at)[0])) {
    return method == "POST" ? sessions_.validate(login, (*at)[1], request, now) : bare_answer(405);
  }
  if (auto at = match(kActivation, request.path); at && is_me((*at)[0])) {
    return method == "PATCH" ? sessions_.activate(login, (*at)[1], request, now) : bare_answer(405);
  }
  if (auto at = match("/api/session/v1/authentications/{}", request.path)) {
    return method == "GET" ? sessions_.poll(login, (*at)[0], now) : bare_answer(405);
  }
  return bare_answer(404);
}

ServerResponse Comdirect::route_counters(const ServerRequest& request, Instant now) {
  struct Route {
    std::string_view pattern;
    bool mine;  // the first capture is the client
    ServerResponse (*answer)(const Visit&, const Captures&, PostBox&);
  };
  static constexpr std::array<Route, 16> kRoutes{{
      {"/api/banking/clients/{}/v2/accounts/balances", true,
       [](const Visit& v, const Captures&, PostBox&) { return list_balances(v); }},
      {"/api/banking/clients/{}/v1/accounts/balances", true,
       [](const Visit& v, const Captures&, PostBox&) { return list_balances(v); }},
      {"/api/banking/v2/accounts/{}/balances", false,
       [](const Visit& v, const Captures& at, PostBox&) { return show_balance(v, at[0]); }},
      {"/api/banking/v1/accounts/{}/transactions", false,
       [](const Visit& v, const Captures& at, PostBox&) { return list_transactions(v, at[0]); }},
      {"/api/brokerage/clients/{}/v3/depots", true,
       [](const Visit& v, const Captures&, PostBox&) { return list_depots(v); }},
      {"/api/brokerage/v3/depots/{}/positions", false,
       [](const Visit& v, const Captures& at, PostBox&) { return list_positions(v, at[0]); }},
      {"/api/brokerage/v3/depots/{}/positions/{}", false,
       [](const Visit& v, const Captures& at, PostBox&) { return show_position(v, at[0], at[1]); }},
      {"/api/brokerage/v3/depots/{}/transactions", false,
       [](const Visit& v, const Captures& at, PostBox&) { return list_depot_transactions(v, at[0]); }},
      {"/api/brokerage/v1/instruments/{}", false,
       [](const Visit& v, const Captures& at, PostBox&) { return show_instrument(v, at[0]); }},
      {"/api/brokerage/v3/orders/dimensions", false,
       [](const Visit& v, const Captures&, PostBox&) { return list_dimensions(v); }},
      {"/api/brokerage/depots/{}/v3/orders", false,
       [](const Visit& v, const Captures& at, PostBox&) { return list_orders(v, at[0]); }},
      {"/api/brokerage/v3/orders/{}", false,
       [](const Visit& v, const Captures& at, PostBox&) { return show_order(v, at[0]); }},
      {"/api/messages/clients/{}/v2/documents", true,
       [](const Visit& v, const Captures&, PostBox& box) { return box.list(v); }},
      {"/api/messages/v2/documents/{}", false,
       [](const Visit& v, const Captures& at, PostBox& box) { return box.open(v, at[0]); }},
      {"/api/messages/v2/documents/{}/predocument", false,
       [](const Visit& v, const Captures& at, PostBox& box) { return box.open_predocument(v, at[0]); }},
      {"/api/reports/participants/{}/v1/allbalances", true,
       [](const Visit& v, const Captures&, PostBox&) { return list_all_balances(v); }},
  }};
  Visit visit{customer_, household_at(now), request, now};
  for (const Route& route : kRoutes) {
    std::optional<Captures> at = match(route.pattern, request.path);
    if (!at || (route.mine && !is_me(at->front()))) continue;
    return request.method == "GET" ? route.answer(visit, *at, post_box_) : bare_answer(405);
  }
  return bare_answer(404);
}

bool Comdirect::is_me(std::string_view client) const {
  return client == "user" || client == customer_.client_id || client == format("{}", customer_.contact);
}

const Household& Comdirect::household_at(Instant now) {
  const ComdirectOptions& options = customer_.options;
  Date opened = opened_before(now);
  bool fits = household_ && household_->options().opened <= opened &&
              household_->options().large_amounts == options.large_amounts;
  if (!fits) {
    household_ = std::make_unique<Household>(
        HouseholdOptions{.seed = options.seed, .opened = opened, .large_amounts = options.large_amounts});
  }
  household_->live_until(now);
  return *household_;
}

bool Comdirect::concerns(const Fault& fault, const ServerRequest& original) const {
  ServerRequest request = with_overridden_method(original);
  if (fault.kind == FaultKind::ExpiredToken) {
    return request.path.starts_with("/api/") && request.headers.find("Authorization");
  }
  if (fault.kind == FaultKind::WrongTan) {
    return request.method == "PATCH" && match(kActivation, request.path).has_value();
  }
  return true;
}

ServerResponse Comdirect::refuse(const Fault& fault, const ServerRequest& request, Instant now) {
  bool oauth = request.path.starts_with("/oauth/");
  switch (fault.kind) {
    case FaultKind::ExpiredToken:
      tokens_.expire(request);
      return invalid_token("Access token expired");
    case FaultKind::WrongTan:
      return sessions_.refuse_tan();
    case FaultKind::LockedAccount:
      sessions_.lock();
      return answer(request, now);
    default:
      break;
  }
  int status = fault.kind == FaultKind::TooManyRequests ? 429 : fault.status;
  if (oauth && status < 500) return oauth_error(status, "invalid_grant", "Refused by a fault of the sandbox");
  if (status == 401) return invalid_token("Invalid access token");
  if (status == 404 || status == 406) return bare_answer(status);
  // What production sends with these is not recorded.
  return bank_error(status, status == 429 ? "too.many.requests" : "internal.error",
                    {.key = "technischer-fehler", .text = "Der Dienst steht zurzeit nicht zur Verfügung."});
}

std::optional<ServerResponse> Comdirect::command(std::string_view name, const ServerRequest& request, Instant now) {
  auto done = [] { return json_answer(200, "{\"ok\":true}"); };
  if (name == "approve" || name == "deny") {
    return json_answer(200, format("{{\"decided\":{}}}", sessions_.decide_pushes(name == "approve", now)));
  }
  if (name == "expire") {
    tokens_.expire_all();
    return done();
  }
  if (name == "lock") {
    sessions_.lock();
    return done();
  }
  if (name == "unlock") {
    sessions_.unlock();
    return done();
  }
  if (name != "options") return std::nullopt;
  ComdirectOptions before = customer_.options;
  for (const auto& [key, value] : request.query) {
    if (auto problem = set_option(key, value)) {
      customer_.options = std::move(before);
      return bad_command(*problem);
    }
  }
  return done();
}

std::optional<std::string> Comdirect::set_option(const std::string& name, const std::string& value) {
  ComdirectOptions& options = customer_.options;
  std::string problem = format("{}={}: ", name, value);
  if (name == "tan") {
    std::optional<TanKind> kind = find_tan_kind(value);
    if (!kind) return problem + "expected P_TAN, M_TAN or P_TAN_PUSH";
    options.preferred = *kind;
  } else if (name == "kinds") {
    options.kinds.clear();
    for (std::size_t from = 0; from <= value.size();) {
      std::size_t end = std::min(value.find(',', from), value.size());
      std::optional<TanKind> kind = find_tan_kind(value.substr(from, end - from));
      if (!kind) return problem + "expected a list of P_TAN, M_TAN, P_TAN_PUSH";
      options.kinds.push_back(*kind);
      from = end + 1;
    }
  } else if (name == "tan_value") {
    options.tan = value;
  } else if (name == "push_outcome") {
    if (value != "approve" && value != "deny") return problem + "expected approve or deny";
    options.push_approves = value == "approve";
  } else if (name == "debtor_key") {
    if (value != "debtor" && value != "deptor") return problem + "expected debtor or deptor";
    options.spell_deptor = value == "deptor";
  } else if (name == "large_amounts") {
    if (value != "true" && value != "false") return problem + "expected true or false";
    options.large_amounts = value == "true";
  } else {
    int number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    bool whole = error == std::errc() && end == value.data() + value.size();
    if (whole && name == "push_delay_ms") {
      options.push_delay = std::chrono::milliseconds(number);
    } else if (whole && name == "challenge_seconds") {
      options.challenge_lifetime = std::chrono::seconds(number);
    } else if (whole && name == "token_seconds") {
      options.access_lifetime = std::chrono::seconds(number);
    } else if (whole && name == "refresh_seconds") {
      options.refresh_lifetime = std::chrono::seconds(number);
    } else {
      return problem + "no such option, or no whole number";
    }
  }
  return std::nullopt;
}

void Comdirect::describe(JsonWriter& state, Instant now) const {
  const ComdirectOptions& options = customer_.options;
  state.field("kdnr", customer_.number).field("bpid", customer_.partner).field("kontaktId", customer_.contact);
  state.field("clientId", customer_.client_id).field("tan", tan_name(options.preferred));
  state.field("token_seconds", static_cast<std::int64_t>(options.access_lifetime.count()));
  state.field("refresh_seconds", static_cast<std::int64_t>(options.refresh_lifetime.count()));
  state.field("live_tokens", static_cast<std::int64_t>(tokens_.live_pairs(now)));
  sessions_.describe(state, now);
}

}  // namespace

std::unique_ptr<Sandbox> start_comdirect(ComdirectOptions options) {
  ServingOptions serving{.name = "comdirect",
                         .port = options.port,
                         .seed = options.seed,
                         .now = options.now,
                         .gzip = true,
                         .log = options.log};
  return serve(std::make_unique<Comdirect>(std::move(options)), std::move(serving));
}

}  // namespace plumb::sandbox
