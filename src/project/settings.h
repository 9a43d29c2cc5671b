// What the project's own files say before anything is parsed: dbt_project.yml, profiles.yml, packages, selectors.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "config/config.h"
#include "jinja/jinja.h"
#include "project/yaml_value.h"

namespace plumb::project {

// The output of profiles.yml that is used; or, without a profiles.yml, the connection of plumb.yml that stands for it.
struct Target {
  std::string profile, name;  // "home", "dev"
  std::string type;           // "duckdb", "postgres"
  std::string database, schema;
  int threads = 1;
  jinja::Value settings;  // the output's other keys, rendered; secrets among them, so never print it
};

// One package: the project itself, one of dbt_packages/, or the built-in ones ("dbt", "dbt_duckdb", "dbt_postgres").
struct PackageSettings {
  std::string name, version;
  std::filesystem::path folder;
  std::vector<std::string> model_paths{"models"}, seed_paths{"seeds"}, snapshot_paths{"snapshots"}, test_paths{"tests"},
      analysis_paths{"analyses"}, macro_paths{"macros"}, docs_paths, function_paths{"functions"};
  Document file;      // dbt_project.yml, for places and for the config trees
  jinja::Value vars;  // rendered
  jinja::Value quoting;
  jinja::Value dispatch;  // [{macro_namespace, search_order}]
  std::vector<std::string> on_run_start, on_run_end;
  // `models:`, `seeds:`, … : rendered trees of configuration.
  std::map<std::string, jinja::Value, std::less<>> config_trees;
};

// What the command line brings.
struct InvocationOptions {
  std::filesystem::path profiles_folder;  // empty: DBT_PROFILES_DIR, the project's folder, ~/.dbt
  std::string profile, target;            // empty: as the files say
  std::string target_path;                // empty: "target"
  jinja::Value vars;                      // --vars
  int threads = 0;
  std::string invocation_id;
};

struct ProjectSettings {
  std::filesystem::path folder;
  std::filesystem::path target_path, packages_path;
  Target target;
  PackageSettings root;
  std::vector<PackageSettings> packages;  // installed ones, then the built-in ones
  jinja::Value command_line_vars;
  config::Environment environment;
  jinja::Value flags;
  jinja::Value query_comment = jinja::Value::none();
  std::string invocation_id;
};

// Throws Error(Config) with the place, e.g. for an unknown target: "the profile 'x' has no target 'y'".
ProjectSettings load_settings(const std::filesystem::path& folder, const config::Environment& environment,
                              const InvocationOptions& options);

}  // namespace plumb::project
