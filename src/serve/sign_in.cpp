#include "serve/sign_in.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/format.h"
#include "base/text.h"

namespace plumb::serve {

namespace {

constexpr std::string_view kCookie = "plumb_session";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string header(const ServerRequest& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value ? *value : std::string();
}

// "example.org:8080" -> "example.org", "[::1]:80" -> "::1".
std::string host_without_port(std::string_view host) {
  if (host.starts_with('[')) return lower(host.substr(1, std::min(host.find(']'), host.size()) - 1));
  return lower(host.substr(0, host.find(':')));
}

bool changes_something(const ServerRequest& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

Error forbidden(std::string message) {
  return Error(ErrorKind::Auth, std::move(message), {.type = "Forbidden"});
}

}  // namespace

bool is_loopback(std::string_view address) {
  return address.empty() || address == "::1" || address == "localhost" || address.starts_with("127.") ||
         address.starts_with("::ffff:127.");
}

bool SignIn::trusted(const ServerRequest& request) const {
  const auto& proxies = options_.trusted_proxies;
  return request.peer.empty() || std::find(proxies.begin(), proxies.end(), request.peer) != proxies.end();
}

std::string SignIn::address_of(const ServerRequest& request) const {
  std::string forwarded = header(request, "X-Forwarded-For");
  if (trusted(request) && !forwarded.empty()) {
    // The last one is what our proxy saw; those before are what it was told.
    std::size_t comma = forwarded.rfind(',');
    std::string last = comma == std::string::npos ? forwarded : forwarded.substr(comma + 1);
    last.erase(0, last.find_first_not_of(" \t"));
    return printable(last).substr(0, 64);
  }
  return request.peer.empty() ? "local" : request.peer;
}

bool SignIn::names_this_machine(const ServerRequest& request) const {
  std::string host = host_without_port(header(request, "Host"));
  auto named = [&](const std::string& known) { return lower(known) == host; };
  return host.empty() || is_loopback(host) || std::any_of(options_.hosts.begin(), options_.hosts.end(), named);
}

// Browsers say so themselves; other clients send neither header.
bool SignIn::from_another_site(const ServerRequest& request) const {
  if (!changes_something(request)) return false;  // its page may ask, and not read the answer
  std::string site = header(request, "Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site") return true;
  std::string origin = header(request, "Origin");
  if (origin.empty()) return false;
  std::size_t scheme = origin.find("://");
  if (scheme == std::string::npos) return true;  // "null": a sandboxed page
  std::string host = trusted(request) ? header(request, "X-Forwarded-Host") : std::string();
  if (host.empty()) host = header(request, "Host");
  return lower(std::string_view(origin).substr(scheme + 3)) != lower(host);
}

std::string SignIn::session_of(const ServerRequest& request) const {
  std::string cookies = header(request, "Cookie");
  std::string_view rest = cookies;
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.starts_with(kCookie) && pair.substr(kCookie.size()).starts_with('=')) {
      return std::string(pair.substr(kCookie.size() + 1));
    }
  }
  return {};
}

std::string SignIn::csrf_token(const ServerRequest& request) const {
  return sha256_hex("csrf " + session_of(request));
}

Identity SignIn::identify(const ServerRequest& request) {
  // A proxy may stand before the socket, and bring strangers.
  bool forwarded = request.headers.find("X-Forwarded-For") || request.headers.find("Forwarded");
  if (request.peer.empty() && !forwarded) return {.user = "local", .role = Role::Admin};

  std::string authorization = header(request, "Authorization");
  std::string scheme = lower(authorization.substr(0, authorization.find(' ')));
  if (!authorization.empty()) {
    std::string_view credentials =
        std::string_view(authorization).substr(std::min(scheme.size() + 1, authorization.size()));
    std::optional<Identity> identity;
    if (scheme == "bearer") identity = accounts_.find_identity(credentials);
    if (scheme == "basic") identity = identify_basic(request, credentials);
    if (identity && !identity->session) return *identity;
    throw Error(ErrorKind::Auth, "Invalid credentials");
  }

  if (std::string session = session_of(request); !session.empty()) {
    if (std::optional<Identity> identity = accounts_.find_identity(session); identity && identity->session) {
      if (from_another_site(request)) throw forbidden("this request comes from another site's page");
      bool proven = Secret(csrf_token(request)).same_as(Secret(header(request, "X-CSRF-Token")));
      if (changes_something(request) && !proven) throw forbidden("the header X-CSRF-Token is missing or wrong");
      return *identity;
    }
  }

  if (is_loopback(request.peer) && !forwarded && !accounts_.any_user()) {
    if (!names_this_machine(request)) throw forbidden("this host is not known here; without users only localhost is");
    if (from_another_site(request)) throw forbidden("this request comes from another site's page");
    return {.user = "local", .role = Role::Admin};
  }
  return {};
}

std::optional<Identity> SignIn::identify_basic(const ServerRequest& request, std::string_view credentials) {
  std::string text;
  try {
    text = base64_decode(credentials);
  } catch (const Error&) {
    return {};
  }
  std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {};
  store::UserRow user = check(request, text.substr(0, colon), Secret(text.substr(colon + 1)));
  return Identity{.user = user.name, .role = find_role(user.role).value_or(Role::Nobody)};
}

store::UserRow SignIn::check(const ServerRequest& request, const std::string& user, const Secret& password) {
  std::string address = address_of(request);
  if (auto wait = limit_.find_wait(user, address)) {
    throw Error(ErrorKind::Busy, "too many failed sign-ins",
                {.hint = format("try again in {} s", wait->count()), .type = format("RetryAfter {}", wait->count())});
  }
  std::optional<store::UserRow> found = accounts_.check_password(user, password);
  if (!found) {
    limit_.failed(user, address);
    audit(request, "login_failed", user);
    throw Error(ErrorKind::Auth, "Invalid credentials");
  }
  limit_.succeeded(user, address);
  return *found;
}

void SignIn::audit(const ServerRequest& request, std::string_view event, const std::string& user) {
  JsonWriter extra;
  extra.begin_object().field("address", address_of(request)).end_object();
  parts_.operations.audit({.at = parts_.clock.now(),
                           .event = std::string(event),
                           .who = printable(user).substr(0, 100),
                           .extra_json = extra.take()});
}

std::string SignIn::cookie(const ServerRequest& request, std::string_view value, std::chrono::seconds life) const {
  bool secure = trusted(request) && header(request, "X-Forwarded-Proto") == "https";
  return format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Strict{}", kCookie, value,
                options_.base_path.empty() ? "/" : options_.base_path, life.count(), secure ? "; Secure" : "");
}

ServerResponse SignIn::begin_session(const ServerRequest& request, const std::string& user) {
  if (std::optional<Identity> old = accounts_.find_identity(session_of(request)); old && old->session) {
    accounts_.revoke_token(old->token);
  }
  MadeToken made = accounts_.make_token({.user = user, .life = options_.session_life, .session = true});
  audit(request, "login", user);
  const std::string& text = made.text.reveal();
  JsonWriter body;
  body.begin_object().field("user", user).field("csrf_token", sha256_hex("csrf " + text)).end_object();
  return {.status = 201,
          .headers = {{"Content-Type", "application/json"},
                      {"Cache-Control", "no-store"},
                      {"Set-Cookie", cookie(request, text, options_.session_life)}},
          .body = body.take()};
}

ServerResponse SignIn::end_session(const ServerRequest& request) {
  if (std::optional<Identity> old = accounts_.find_identity(session_of(request)); old && old->session) {
    accounts_.revoke_token(old->token);
    audit(request, "logout", old->user);
  }
  return {.status = 204, .headers = {{"Set-Cookie", cookie(request, "", std::chrono::seconds(0))}}};
}

}  // namespace plumb::serve
