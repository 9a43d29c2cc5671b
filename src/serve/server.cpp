// From a request to an answer: whose it is, which route, what the handler says; and no secret in it.
#include <algorithm>

#include "base/format.h"
#include "base/secret.h"
#include "serve/live.h"
#include "serve/metrics.h"
#include "serve/router.h"
#include "serve/serve.h"

namespace plumb::serve {

namespace {

void expect_users_beyond_loopback(const ServeOptions& options, Accounts& accounts) {
  if (is_loopback(options.address) || accounts.any_user()) return;
  throw Error(ErrorKind::Config, format("nobody could sign in, and {} is open to other machines", options.address),
              {.hint = "add a user first: plumb users add NAME --role admin, or set PLUMB_ADMIN_PASSWORD"});
}

// What browsers are told with every answer.
void add_safety(ServerResponse& response) {
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Referrer-Policy", "same-origin");
  if (!response.headers.find("Content-Security-Policy")) {
    response.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
}

void replace_all(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3)) {
    text.replace(at, what.size(), "***");
  }
}

}  // namespace

struct Server::State {
  State(ServeOptions given, const Parts& given_parts)
      : options(std::move(given)),
        parts(given_parts),
        accounts(parts.store, parts.clock),
        sign_in(options, parts, accounts),
        metrics(std::make_shared<Metrics>(parts)),
        live(std::make_shared<Live>(parts)),
        house{options, parts, accounts, sign_in, *live, *metrics},
        router(all_routes()) {
    // As they stand in JSON, and as they are.
    for (const Secret& secret : parts.project.secrets()) {
      std::string quoted = json_quote(secret.reveal());
      quoted = quoted.substr(1, quoted.size() - 2);
      if (quoted != secret.reveal()) secrets.emplace_back(quoted);
      secrets.push_back(secret);
    }
  }

  ServerResponse answer(const ServerRequest& request);
  ServerResponse answer_route(const ServerRequest& request);
  std::string_view path_of(const ServerRequest& request) const;
  void mask(ServerResponse& response) const;

  const ServeOptions options;
  const Parts parts;
  Accounts accounts;
  SignIn sign_in;
  std::shared_ptr<Metrics> metrics;
  std::shared_ptr<Live> live;
  House house;
  Router router;
  std::vector<Secret> secrets;
  std::unique_ptr<HttpServer> http;  // goes first: its threads use what stands above
};

ServerResponse Server::State::answer(const ServerRequest& request) {
  auto start = std::chrono::steady_clock::now();
  ServerResponse response;
  try {
    response = answer_route(request);
  } catch (const Error& error) {
    std::optional<ServerResponse> known = answer_error(error);
    if (!known) {
      parts.log.error(format("{} {}: {}", request.method, printable(redact(request.target)), error.render()));
      known = error_answer(500, "Internal Server Error");
    }
    response = std::move(*known);
  }
  mask(response);
  add_safety(response);
  metrics->answered(response.status,
                    std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start));
  return response;
}

// As it was sent, without the query and the prefix that a proxy may have left.
std::string_view Server::State::path_of(const ServerRequest& request) const {
  std::string_view path = request.target;
  std::size_t scheme = path.find("://");
  if (!path.starts_with('/') && scheme != std::string_view::npos) {
    path.remove_prefix(std::min(path.find('/', scheme + 3), path.size()));
  }
  path = path.substr(0, path.find_first_of("?#"));
  const std::string& base = options.base_path;
  if (!base.empty() && path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/')) {
    path.remove_prefix(base.size());
  }
  return path.empty() ? std::string_view("/") : path;
}

ServerResponse Server::State::answer_route(const ServerRequest& request) {
  Router::Match match = router.find(request.method, path_of(request));
  if (!match.route)
    return error_answer(match.path_known ? 405 : 404, match.path_known ? "Method Not Allowed" : "Not Found");
  // A credential that is wrong must not keep anybody from signing in, or a load balancer from asking after our health.
  Identity identity;
  bool open = match.route->role == Role::Nobody;
  bool of_session = match.route->path == "/api/plumb/v1/session" && request.method != "POST";
  if (!open || of_session) {
    try {
      identity = sign_in.identify(request);
    } catch (const Error& error) {
      if (!open || error.type() == "Forbidden") throw;
    }
  }
  if (identity.role == Role::Nobody && !open) throw Error(ErrorKind::Auth, "Not authenticated");
  if (identity.role < match.route->role) {
    return error_answer(403, format("this needs the role {}", to_string(match.route->role)));
  }
  Call call(request, house, std::move(identity), std::move(match.pieces));
  return match.route->handler(call);
}

// The net below the rule that secrets are not put into answers.
void Server::State::mask(ServerResponse& response) const {
  for (const Secret& secret : secrets) replace_all(response.body, secret.reveal());
}

Server::Server(ServeOptions options, const Parts& parts) {
  state_ = std::make_unique<State>(std::move(options), parts);
  expect_users_beyond_loopback(state_->options, state_->accounts);
  HttpServerOptions http{.address = state_->options.address,
                         .port = state_->options.port,
                         .socket = state_->options.socket,
                         .threads = state_->options.threads,
                         .largest_body = 1u << 20,
                         .most_connections = state_->options.most_connections,
                         .gzip = true,
                         .log = parts.log};
  state_->http = std::make_unique<HttpServer>(
      std::move(http), [state = state_.get()](const ServerRequest& request) { return state->answer(request); });
}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->http->port();
}

std::string Server::url() const {
  return state_->http->url() + state_->options.base_path;
}

workflow::Listener Server::listener() {
  return
      [metrics = std::weak_ptr(state_->metrics), live = std::weak_ptr(state_->live)](const workflow::Change& change) {
        if (auto counted = metrics.lock()) counted->changed(change);
        if (auto told = live.lock()) told->changed(change);
      };
}

void Server::stop() {
  state_->http->stop();
}

}  // namespace plumb::serve
