#include "cli/context.h"

namespace plumb::cli {

Log Context::log() const {
  return Log(stderr_sink(verbose ? LogLevel::Debug : LogLevel::Warn));
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
  return config::load_project(folder, config::Environment::of_process(), vars);
}

ingest::Services services(const Context& context, const config::Project& project, config::SessionStore* sessions) {
  ingest::Services services{.clock = context.clock, .zone = project.zone, .log = context.log(), .stop = context.stop};
  if (context.terminal.interactive()) {
    services.ask = [&terminal = context.terminal](const ingest::Question& question) { return terminal.ask(question); };
  }
  services.sessions = sessions;
  return services;
}

config::SessionStore session_store(const config::Project& project) {
  return config::SessionStore(project.folder / ".plumb" / "sessions", project.environment);
}

}  // namespace plumb::cli
