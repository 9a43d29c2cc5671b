#include "cli/context.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "cli/session_guard.h"

namespace plumb::cli {

namespace {

// PLUMB_HTTP_ATTEMPTS=1 for whoever would rather try again himself, say a scheduler.
RetryPolicy retry_policy(const config::Environment& environment) {
  RetryPolicy policy;
  auto text = environment.find("PLUMB_HTTP_ATTEMPTS");
  if (!text) return policy;
  const char* end = text->data() + text->size();
  auto read = std::from_chars(text->data(), end, policy.attempts);
  if (read.ec != std::errc() || read.ptr != end || policy.attempts < 1) {
    throw Error(ErrorKind::Usage, format("PLUMB_HTTP_ATTEMPTS: '{}' is no number of tries", *text),
                {.hint = "write a whole number from 1; 5 when it is not set"});
  }
  policy.unreached_attempts = std::min(policy.unreached_attempts, policy.attempts);
  return policy;
}

}  // namespace

Log Context::log() const {
  return Log(terminal.log_sink(verbose ? LogLevel::Debug : LogLevel::Warn));
}

config::Project Context::project() const {
  auto folder = project_dir;
  if (folder.empty()) {
    auto here = std::filesystem::path(".");
    std::error_code ignored;
    if (std::filesystem::exists(here / "plumb.yml", ignored)) {
      folder = here;
    } else {
      folder = config::find_project_folder(here).value_or(here);
    }
  }
  return config::load_project(folder, environment, vars);
}

ingest::Services services(const Context& context, const config::Project& project, config::SessionStore* sessions) {
  ingest::Services services{.clock = context.clock, .zone = project.zone, .log = context.log(), .stop = context.stop};
  if (context.terminal.interactive()) {
    services.ask = [&terminal = context.terminal](const ingest::Question& question) { return terminal.ask(question); };
  }
  services.sessions = sessions;
  if (sessions != nullptr) {
    services.guard = [folder = std::filesystem::absolute(project.folder),
                      environment = context.environment](const std::string& connection) {
      return start_session_guard(folder, connection, environment);
    };
  }
  services.retry = retry_policy(context.environment);
  return services;
}

config::SessionStore session_store(const config::Project& project) {
  return config::SessionStore(project.folder / ".plumb" / "sessions", project.environment);
}

}  // namespace plumb::cli
