#include "ingest/connectors/comdirect_api.h"

#include "base/crypto.h"
#include "base/format.h"

namespace plumb::ingest::comdirect {

namespace {

// Ahead of the end of an access token (about ten minutes after it was given).
constexpr std::chrono::seconds kRefreshLead{60};

HttpClientOptions http_options(const ClientOptions& options) {
  HttpClientOptions http;
  http.retry = options.retry;
  http.log = options.log.module("comdirect.http");
  return http;
}

// What an OAuth refusal says; never what was sent.
std::string refusal(const HttpResponse& response) {
  if (response.body.empty() || response.body.front() != '{') return format("status {}", response.status);
  auto document = parse_json(response.body, "the bank's answer");
  return document.root().find("error_description").text_or(document.root().find("error").text_or("no reason given"));
}

}  // namespace

std::string code_of(const HttpResponse& response) {
  if (response.body.empty() || response.body.front() != '{' || !valid_utf8(response.body)) return {};
  auto document = parse_json(response.body, "the bank's answer");
  return document.root().find("code").text_or("");
}

Error translate(const HttpResponse& response, const std::string& what) {
  const bool passing = response.status == 429 || response.status >= 500;
  std::string words;
  const auto* type = response.headers.find("content-type");
  if (!response.body.empty() && type != nullptr && type->find("json") != std::string::npos) {
    auto document = parse_json(response.body, "the bank's answer");
    Node messages = document.root().find("messages");
    for (std::size_t i = 0; i < messages.size(); ++i) {
      auto text = messages.at(i).find("message").text_or("");
      auto key = messages.at(i).find("key").text_or("");
      words += format("{}{}{}", words.empty() ? "" : "; ", text, key.empty() ? "" : format(" ({})", key));
    }
    if (words.empty()) words = document.root().find("code").text_or("");
  }
  auto message =
      format("comdirect refused to {}: {}", what, words.empty() ? format("status {}", response.status) : words);
  std::string hint;
  if (response.status == 429) hint = "the bank asks for fewer calls; try again in a few minutes";
  if (response.status >= 500) hint = "the fault is the bank's; try again later";
  return Error(ErrorKind::Service, std::move(message), {.hint = hint, .retry_may_help = passing});
}

Api::Api(Config config, const ClientOptions& options)
    : config_(std::move(config)), options_(options), http_(http_options(options), options.clock) {}

// {"clientRequestId":{"sessionId":…,"requestId":…}} (1.2.2): the session's id is ours, the request's are nine digits of
// the clock.
std::string Api::request_info() const {
  auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock.now().time_since_epoch()).count();
  JsonWriter json;
  json.begin_object().key("clientRequestId").begin_object();
  json.field("sessionId", session_ ? session_->session_id : std::string());
  json.field("requestId", format("{:09}", milliseconds % 1'000'000'000));
  json.end_object().end_object();
  return json.take();
}

void Api::grant(std::vector<std::pair<std::string, std::string>> fields, bool keep) {
  const std::string kind = fields.front().second;
  // A refresh is never broken off: the bank may have answered already, and the old pair would be dead.
  const bool refreshes = kind == "refresh_token";
  fields.emplace_back("client_id", config_.client_id.reveal());
  fields.emplace_back("client_secret", config_.client_secret.reveal());
  auto response =
      http_.send({.method = "POST",
                  .url = config_.base_url + "/oauth/token",
                  .headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
                  .body = form_encode(fields),
                  .repeatable = false},
                 refreshes ? std::stop_token() : options_.stop);
  if (response.status == 400 || response.status == 401) {
    if (refreshes) {
      throw Error(ErrorKind::Auth, format("the session with comdirect has ended ({})", refusal(response)),
                  {.hint = "sign in again: `plumb connections login NAME`"});
    }
    throw Error(
        ErrorKind::Auth, format("comdirect refused the sign-in ({})", refusal(response)),
        {.hint = "check client id and secret, access number and PIN; do not try often, the bank locks the account"});
  }
  if (response.status != 200) throw translate(response, "give a token");

  auto document = parse_json(response.body, "the bank's answer");
  Session fresh;
  fresh.access_token = Secret(document.root().get("access_token").as_text());
  fresh.refresh_token = Secret(document.root().find("refresh_token").text_or(""));
  fresh.session_id = session_ ? session_->session_id : random_hex(16);
  fresh.access_expires_at = options_.clock.now() + std::chrono::seconds(document.root().get("expires_in").as_int());
  session_ = std::move(fresh);
  if (keep && options_.on_session) options_.on_session(*session_);
}

void Api::refresh() {
  options_.log.debug("refreshing the access token");
  if (options_.before_refresh) options_.before_refresh();
  // The old pair dies with the answer (3.1.1), so the new one is kept before anything uses it.
  grant({{"grant_type", "refresh_token"}, {"refresh_token", session_->refresh_token.reveal()}}, true);
}

void Api::revoke() {
  if (!session_) return;
  http_.send({.method = "DELETE",
              .url = config_.base_url + "/oauth/revoke",
              .headers = {{"Authorization", "Bearer " + session_->access_token.reveal()},
                          {"Content-Type", "application/x-www-form-urlencoded"}}},
             options_.stop);
  session_.reset();
}

HttpResponse Api::call(std::string method, const std::string& path, HttpHeaders more, std::string body) {
  HttpRequest request{.method = std::move(method), .url = config_.base_url + path, .body = std::move(body)};
  if (more.find("Accept") == nullptr) request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Authorization", "Bearer " + session_->access_token.reveal());
  request.headers.add("x-http-request-info", request_info());
  for (const auto& [name, value] : more) request.headers.add(name, value);
  request.repeatable = request.method == "GET";
  return http_.send(request, options_.stop);
}

bool Api::about_to_end() const {
  return options_.clock.now() + kRefreshLead >= session_->access_expires_at;
}

HttpResponse Api::get(const std::string& path, std::string accept) {
  if (!session_) throw Error(ErrorKind::Auth, "not signed in at comdirect");
  const bool fresh = about_to_end();
  if (fresh) refresh();
  auto response = call("GET", "/api" + path, {{"Accept", accept}});
  if (response.status == 401 && !fresh) {
    refresh();
    response = call("GET", "/api" + path, {{"Accept", accept}});
  }
  if (response.status == 401) {
    throw Error(ErrorKind::Auth, "comdirect no longer takes the session",
                {.hint = "sign in again: `plumb connections login NAME`"});
  }
  if (!response.ok()) throw translate(response, "answer " + path.substr(0, path.find('?')));
  return response;
}

}  // namespace plumb::ingest::comdirect
