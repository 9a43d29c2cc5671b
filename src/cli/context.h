// What every command gets: the options that work everywhere, and the world.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "cli/job_report.h"
#include "cli/terminal.h"
#include "config/config.h"

namespace plumb::cli {

struct Context {
  std::filesystem::path project_dir = {};  // --project-dir; empty: found from here upwards
  bool json = false;
  bool dry_run = false;
  bool verbose = false;
  std::map<std::string, std::string> vars = {};  // --var name=value, over plumb.yml's

  Terminal& terminal;
  Clock& clock;
  std::stop_token stop;
  // The caller's, without any .env: this process's own, unless the engine works for somebody else.
  config::Environment environment = {};
  JobReport* report = nullptr;  // what is done is noted there, if anywhere

  Log log() const;
  // Throws Error(Config) when there is no project here.
  config::Project project() const;
};

// A source's services for this command. `sessions` must outlive them.
ingest::Services services(const Context& context, const config::Project& project, config::SessionStore* sessions);
config::SessionStore session_store(const config::Project& project);

}  // namespace plumb::cli
