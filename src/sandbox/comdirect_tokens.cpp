#include "sandbox/comdirect_tokens.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/document.h"
#include "base/format.h"
#include "sandbox/comdirect_wire.h"
#include "sandbox/household.h"

namespace plumb::sandbox {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view bearer_of(const ServerRequest& request) {
  const std::string* header = request.headers.find("Authorization");
  if (!header || header->size() <= kBearer.size()) return {};
  std::string_view scheme = std::string_view(*header).substr(0, kBearer.size());
  // The scheme's name has no case.
  bool fits = std::equal(scheme.begin(), scheme.end(), kBearer.begin(),
                         [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  return fits ? std::string_view(*header).substr(kBearer.size()) : std::string_view();
}

std::string field(const std::vector<std::pair<std::string, std::string>>& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

std::string_view scope_text(Scope scope) {
  return scope == Scope::TwoFactor ? "TWO_FACTOR" : "BANKING_RW BROKERAGE_RW MESSAGES_RO REPORTS_RO SESSION_RW";
}

ServerResponse invalid_grant(std::string_view description) {
  return oauth_error(400, "invalid_grant", description);
}

}  // namespace

ServerResponse TokenDesk::grant(const ServerRequest& request, Instant now) {
  auto form = request.form();
  const ComdirectOptions& options = customer_.options;
  if (field(form, "client_id") != options.client_id || field(form, "client_secret") != options.client_secret) {
    return oauth_error(401, "invalid_client", "Bad client credentials");
  }
  // Not documented; a locked access might as well answer like a wrong PIN.
  if (customer_.locked) return oauth_error(401, "invalid_grant", "User account is locked");
  std::erase_if(pairs_, [&](const Pair& pair) { return pair.refresh_until <= now && pair.access_until <= now; });
  std::string type = field(form, "grant_type");
  if (type == "password") return by_password(field(form, "username"), field(form, "password"), now);
  if (type == "cd_secondary") return by_primary(field(form, "token"), now);
  if (type == "refresh_token") return by_refresh(field(form, "refresh_token"), now);
  if (type.empty()) return oauth_error(400, "invalid_request", "Missing grant type");
  return oauth_error(400, "unsupported_grant_type", "Unsupported grant type");
}

ServerResponse TokenDesk::by_password(const std::string& user, const std::string& pin, Instant now) {
  const ComdirectOptions& options = customer_.options;
  if (user != options.username || pin != options.password) return invalid_grant("Bad credentials");
  auto number = static_cast<std::int64_t>(logins_.size());
  logins_.push_back(std::make_unique<Login>());
  logins_.back()->session = bank_id(options.seed, "session", number);
  return issue(logins_.size() - 1, Scope::TwoFactor, now);
}

ServerResponse TokenDesk::by_primary(const std::string& access, Instant now) {
  const Pair* primary = find_access(access, now);
  if (!primary || primary->scope != Scope::TwoFactor) return invalid_grant("Invalid token");
  if (!logins_[primary->login]->activated) return invalid_grant("Session is not activated");
  return issue(primary->login, Scope::Banking, now);
}

ServerResponse TokenDesk::by_refresh(const std::string& refresh, Instant now) {
  auto old = std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& pair) { return pair.refresh == refresh; });
  if (refresh.empty() || old == pairs_.end() || old->refresh_until <= now) {
    return invalid_grant("Invalid refresh token");
  }
  std::size_t login = old->login;
  Scope scope = old->scope;
  pairs_.erase(old);
  return issue(login, scope, now);
}

ServerResponse TokenDesk::issue(std::size_t login, Scope scope, Instant now) {
  const ComdirectOptions& options = customer_.options;
  const Pair& pair = pairs_.emplace_back(
      Pair{random_uuid(), random_uuid(), scope, login, now + options.access_lifetime, now + options.refresh_lifetime});
  JsonWriter json;
  json.begin_object();
  json.field("access_token", pair.access).field("token_type", "bearer").field("refresh_token", pair.refresh);
  json.field("expires_in", static_cast<std::int64_t>(options.access_lifetime.count()));
  json.field("scope", scope_text(scope)).field("kdnr", customer_.number);
  json.field("bpid", customer_.partner).field("kontaktId", customer_.contact);
  json.end_object();
  return {.status = 200,
          .headers = {{"Content-Type", "application/json;charset=UTF-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = json.take()};
}

ServerResponse TokenDesk::revoke(const ServerRequest& request, Instant now) {
  const Pair* pair = find_access(bearer_of(request), now);
  if (!pair) return invalid_token("Invalid access token");
  std::size_t login = pair->login;
  std::erase_if(pairs_, [&](const Pair& each) { return each.login == login; });
  logins_[login]->activated = false;
  return bare_answer(204);
}

TokenDesk::Pair* TokenDesk::find_access(std::string_view token, Instant now) {
  if (token.empty()) return nullptr;
  for (Pair& pair : pairs_) {
    if (pair.access == token) return now < pair.access_until ? &pair : nullptr;
  }
  return nullptr;
}

std::optional<TokenDesk::Pass> TokenDesk::find_pass(const ServerRequest& request, Instant now) {
  const Pair* pair = find_access(bearer_of(request), now);
  if (!pair) return std::nullopt;
  return Pass{logins_[pair->login].get(), pair->scope};
}

void TokenDesk::expire(const ServerRequest& request) {
  for (Pair& pair : pairs_) {
    if (pair.access == bearer_of(request)) pair.access_until = Instant{};
  }
}

std::size_t TokenDesk::live_pairs(Instant now) const {
  return static_cast<std::size_t>(
      std::count_if(pairs_.begin(), pairs_.end(), [&](const Pair& pair) { return now < pair.refresh_until; }));
}

}  // namespace plumb::sandbox
