// Health, version, metrics, signing in, and the description of all this.
#include <algorithm>
#include <array>

#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"
#include "serve/metrics.h"

namespace plumb::serve {

namespace {

// The loop sleeps as long as nothing happens. One that has tasks to start and has not gone round for so long is stuck.
constexpr std::chrono::seconds kStuck{90};

bool scheduler_lives(Call& call) {
  if (!call.parts().health) return true;
  workflow::SchedulerHealth health = call.parts().health();
  return health.queued_tasks == 0 || call.now() - health.last_round < kStuck;
}

ServerResponse show_health(Call& call) {
  bool lives = scheduler_lives(call);
  std::string beat = format_instant(lives ? call.now() : call.parts().health().last_round);
  std::string_view scheduler = lives ? "healthy" : "unhealthy";
  call.reader().pools();  // throws when the store does not answer
  return one_answer([&](JsonWriter& json) {
    json.begin_object().key("metadatabase").begin_object().field("status", "healthy").end_object();
    json.key("scheduler")
        .begin_object()
        .field("status", scheduler)
        .field("latest_scheduler_heartbeat", beat)
        .end_object();
    json.key("triggerer")
        .begin_object()
        .field("status", scheduler)
        .field("latest_triggerer_heartbeat", beat)
        .end_object();
    json.key("dag_processor").begin_object().field("status", scheduler);
    json.field("latest_dag_processor_heartbeat", beat).end_object().end_object();
  });
}

// For load balancers and `docker healthcheck`: the status says it.
ServerResponse show_plain_health(Call& call) {
  bool lives = scheduler_lives(call);
  return json_answer(lives ? R"({"status":"healthy"})" : R"({"status":"unhealthy"})", lives ? 200 : 503);
}

// Somebody opened the address in a browser.
ServerResponse show_signpost(Call& call) {
  const ServeOptions& options = call.house().options;
  return {.headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = format("plumb {} is at work here. Its pages are still to come; until then:\n\n"
                         "  plumb workflows | runs | logs | assets    in the project's folder\n"
                         "  {}/openapi.json                           the API, described\n"
                         "  {}/health, {}/metrics\n",
                         options.version, options.base_path, options.base_path, options.base_path)};
}

ServerResponse show_version(Call& call) {
  return one_answer([&](JsonWriter& json) {
    json.begin_object().field("version", "3.1.8").key("git_version").null();
    json.field("plumb_version", call.house().options.version).end_object();
  });
}

ServerResponse show_metrics(Call& call) {
  return {.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          .body = call.house().metrics.render()};
}

ServerResponse show_openapi(Call& call) {
  return json_answer(openapi_document(call.house().options.version, call.house().options.base_path));
}

// What the server was started with: the one section.
std::array<std::pair<std::string_view, std::string>, 3> settings_of(const ServeOptions& options) {
  return {{{"address", options.address}, {"port", std::to_string(options.port)}, {"base_path", options.base_path}}};
}
constexpr std::string_view kSection = "server";

template <class Wanted>
ServerResponse answer_config(Call& call, Wanted wanted) {
  return one_answer([&](JsonWriter& json) {
    json.begin_object().key("sections").begin_array().begin_object();
    json.field("name", kSection).key("options").begin_array();
    for (const auto& [key, value] : settings_of(call.house().options)) {
      if (wanted(key)) json.begin_object().field("key", key).field("value", value).end_object();
    }
    json.end_array().end_object().end_array().end_object();
  });
}

ServerResponse show_config(Call& call) {
  if (!call.query("section").empty() && call.query("section") != kSection)
    throw not_found(format("Section {} not found.", call.query("section")));
  return answer_config(call, [](std::string_view) { return true; });
}

ServerResponse show_config_value(Call& call) {
  const std::string& name = call.path("option");
  const auto settings = settings_of(call.house().options);
  const bool known = std::any_of(settings.begin(), settings.end(), [&](const auto& one) { return one.first == name; });
  if (call.path("section") != kSection || !known)
    throw not_found(format("Option [{}/{}] not found.", call.path("section"), name));
  return answer_config(call, [&](std::string_view key) { return key == name; });
}

// --- Signing in

store::UserRow checked(Call& call) {
  Node body = call.body();
  return call.house().sign_in.check(call.request(), get_text(body, "username"), Secret(get_text(body, "password")));
}

ServerResponse make_token(Call& call) {
  store::UserRow user = checked(call);
  constexpr std::chrono::hours kLife{24};  // as Airflow's
  MadeToken made = call.house().accounts.make_token({.user = user.name, .description = "signed in", .life = kLife});
  return one_answer(
      [&](JsonWriter& json) { json.begin_object().field("access_token", made.text.reveal()).end_object(); }, 201);
}

ServerResponse begin_session(Call& call) {
  const std::string* type = call.request().headers.find("Content-Type");
  // A form of another site's page can't send this type without asking first.
  if (!type || !type->starts_with("application/json")) return error_answer(415, "send application/json");
  store::UserRow user = checked(call);
  return call.house().sign_in.begin_session(call.request(), user.name);
}

ServerResponse show_session(Call& call) {
  return one_answer([&](JsonWriter& json) {
    json.begin_object();
    put_text(json, "user", call.identity().user);
    json.field("role", to_string(call.identity().role)).key("csrf_token");
    call.identity().session ? json.text(call.house().sign_in.csrf_token(call.request())) : json.null();
    json.end_object();
  });
}

ServerResponse end_session(Call& call) {
  return call.house().sign_in.end_session(call.request());
}

constexpr Route kRoutes[] = {
    {"GET", "/", Role::Nobody, show_signpost, "Where to look", "*"},
    {"GET", "/health", Role::Nobody, show_plain_health, "Whether the server is well", "PlainHealth"},
    {"GET", "/metrics", Role::Viewer, show_metrics, "Numbers for Prometheus", "*"},
    {"GET", "/openapi.json", Role::Nobody, show_openapi, "This document", "*"},
    {"GET", "/api/v2/monitor/health", Role::Nobody, show_health, "Whether the parts are well", "HealthInfoResponse"},
    {"GET", "/api/v2/version", Role::Nobody, show_version, "The version of the shapes, and ours", "VersionInfo"},
    {"GET", "/api/v2/config", Role::Admin, show_config, "What the server was started with", "Config", "", 200,
     "section"},
    {"GET", "/api/v2/config/section/{section}/option/{option}", Role::Admin, show_config_value, "One of these",
     "Config"},
    {"POST", "/auth/token", Role::Nobody, make_token, "A token for a user and password", "TokenResponse", "LoginBody",
     201},
    {"POST", "/auth/token/cli", Role::Nobody, make_token, "The same", "TokenResponse", "LoginBody", 201},
    {"POST", "/api/plumb/v1/session", Role::Nobody, begin_session, "Sign in with a browser", "NewSession", "LoginBody",
     201},
    {"GET", "/api/plumb/v1/session", Role::Nobody, show_session, "Who I am", "Session"},
    {"DELETE", "/api/plumb/v1/session", Role::Nobody, end_session, "Sign out", "", "", 204},
};

}  // namespace

Routes system_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
