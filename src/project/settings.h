// What the project's own files say before anything is parsed: dbt_project.yml, profiles.yml, packages, flags.
//
//     ProjectSettings settings = load_settings(folder, config::Environment::of_process(), {.target = "prod"});
//     for (const PackageSettings& package : settings.packages) read_files(package);
//
// dbt_project.yml names the profile (project_file.h); profiles.yml has its targets (profiles.h), of which one is
// rendered; with that target the rest of dbt_project.yml is rendered, and so are those of the installed packages
// (packages.h). Variables of the environment (DBT_TARGET, DBT_FULL_REFRESH, …) stand between the command line, which
// wins, and the files (flags.h). Nothing here connects to anything.
//
// Faults are Error(Config) in dbt's words where it has some, with file, line, column and a hint.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/error.h"
#include "config/config.h"
#include "jinja/jinja.h"
#include "project/warning.h"
#include "project/yaml_value.h"

namespace plumb::project {

// The version that Plumb stands in for: what require-dbt-version is held against.
inline constexpr std::string_view kDbtVersion = "1.11.16";

// The output of profiles.yml that is used; or, without a profiles.yml, the connection of plumb.yml that stands for it.
struct Target {
  std::string profile, name;  // "home", "dev"
  std::string type;           // "duckdb", "postgres"
  std::string database, schema;
  int threads = 1;
  // The output's other keys, rendered, under one name each (`password`, `dbname`); secrets among them, so never print
  // it.
  jinja::Value settings;
};
// `target` as templates see it: dbt's keys in its order, defaults filled in, no secrets.
jinja::Value target_value(const Target& target);

// One package: the project itself or one of dbt_packages/.
struct PackageSettings {
  std::string name, version;
  std::filesystem::path folder;
  // Without docs_paths, docs are looked for in all the other folders.
  std::vector<std::string> model_paths{"models"}, seed_paths{"seeds"}, snapshot_paths{"snapshots"}, test_paths{"tests"},
      analysis_paths{"analyses"}, macro_paths{"macros"}, docs_paths, function_paths{"functions"}, asset_paths,
      clean_targets;
  bool restrict_access = false;
  Document file;          // dbt_project.yml, for places and what was written before it was rendered
  jinja::Value vars;      // a dict; as written, for dbt does not render it
  jinja::Value quoting;   // a dict of those that are set
  jinja::Value dispatch;  // [{macro_namespace, search_order}]
  std::vector<std::string> on_run_start, on_run_end;  // as written
  // "models", "seeds", "snapshots", "sources", "data_tests", "unit_tests", "exposures", "metrics", "semantic-models",
  // "saved-queries", "functions": trees of configuration, rendered but for hooks. Those that are not there are missing.
  std::map<std::string, jinja::Value, std::less<>> config_trees;
};

// What the command line brings.
struct InvocationOptions {
  std::filesystem::path profiles_folder;  // empty: DBT_PROFILES_DIR, the working folder, the project's, ~/.dbt
  std::filesystem::path working_folder;   // empty: the project's
  std::string profile, target;            // empty: DBT_PROFILE and DBT_TARGET, else as the files say
  std::string target_path;                // empty: DBT_TARGET_PATH, dbt_project.yml's, "target"
  std::string packages_path;              // empty: DBT_PACKAGES_INSTALL_PATH, dbt_project.yml's, "dbt_packages"
  jinja::Value vars;                      // --vars: a dict, or undefined
  int threads = 0;
  jinja::Value flags;  // --full-refresh and the like: {"FULL_REFRESH": true}, or undefined
  std::string invocation_id;
};

// How loud a template speaks: log() for the log, log(info=true), and print(), which is heard even where all else is
// quiet and stands by itself.
enum class Voice : std::uint8_t { Debug, Info, Print };
using Say = std::function<void(std::string_view text, Voice voice)>;

struct ProjectSettings {
  std::filesystem::path folder;
  std::filesystem::path target_path, packages_path;
  std::filesystem::path profiles_file;  // empty: there is none, plumb.yml stood in
  Target target;
  PackageSettings root;
  std::vector<PackageSettings> packages;  // the installed ones, by folder
  jinja::Value command_line_vars;         // a dict
  config::Environment environment;
  jinja::Value flags;          // a dict by upper-case name, complete: {"FULL_REFRESH": false, …}
  jinja::Value query_comment;  // undefined: dbt's own comment; None or "": no comment; else text, or a dict
  std::string invocation_id;
  std::vector<Warning> warnings;
  // What templates see of the world. The clock of modules.datetime, which outlives the settings (null: the system's);
  // run_started_at; and api.Column, which belongs to those who know databases (undefined: one that forgives all).
  const Clock* clock = nullptr;
  Instant started_at = SystemClock().now();
  jinja::Value column_class = {};
  // Where log(…) and print(…) of templates go; `info` is what log(…, info=True) says. Empty: nowhere.
  Say say = {};
};

// Whether the flags say that: {"FULL_REFRESH": true}.
bool flag_on(const jinja::Value& flags, std::string_view name);

// DBT_ENV_CUSTOM_ENV_X of the environment as {X: value}: what artifacts say of a run's surroundings.
jinja::Value metadata_envs(const ProjectSettings& settings);

// Throws Error(Config) with the place, e.g. for an unknown target: "The profile 'x' does not have a target named 'y'."
ProjectSettings load_settings(const std::filesystem::path& folder, const config::Environment& environment,
                              const InvocationOptions& options);

// What is wrong with the two files, each by itself: for those who look for the fault.
struct SettingsCheck {
  std::filesystem::path project_file, profiles_file;  // without profiles_file: there is none
  std::string looked_in;                              // where profiles.yml would be
  std::optional<Target> target;                       // either this or profile_error
  std::optional<Error> profile_error, project_error;
};
// Throws only when there is no dbt_project.yml, or it is no YAML.
SettingsCheck check_settings(const std::filesystem::path& folder, const config::Environment& environment,
                             const InvocationOptions& options);

}  // namespace plumb::project
