// What all commands on a dbt project have in common: which project, which profile, which variables.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "project/project.h"

namespace plumb::cli {

struct ProjectArguments {
  std::string profiles_dir, profile, target, target_path, packages_install_path, invocation_id;
  std::string vars;  // --vars: YAML, "{limit: 10}"
  int threads = 0;
  bool quiet = false;
  jinja::Value flags = jinja::Value::dict();  // what --full-refresh and the like set: {"FULL_REFRESH": true}
};

// Which nodes, in dbt's words.
struct SelectionArguments {
  std::vector<std::string> select, exclude, resource_types, exclude_resource_types;
  std::string selector;
};

std::filesystem::path dbt_folder(const Context& context);
jinja::Value read_vars(const std::string& yaml);
// The project's folder is --project-dir, DBT_PROJECT_DIR, or the first one with a dbt_project.yml from here upwards.
project::ProjectSettings project_settings(const Context& context, const ProjectArguments& arguments);
// Only whether they are good, for plumb debug.
project::SettingsCheck check_project_settings(const Context& context, const ProjectArguments& arguments);
using TellWarning = std::function<void(const project::Warning&)>;
// Reads the project. Warnings are told as far as --warn-error-options lets them; one that is an error is thrown.
project::Manifest load_project_manifest(const project::ProjectSettings& settings, const TellWarning& tell);
// Tells warnings on standard error, for commands whose results others read.
TellWarning warnings_beside_results(const Context& context, bool quiet);
// The selection that the words mean, or selectors.yml's default where they say nothing.
project::Selection selection_of(const project::ProjectSettings& settings, const SelectionArguments& arguments);
// target/manifest.json. `metadata` is manifest_metadata's, with what was compiled perhaps.
void write_manifest_file(const project::ProjectSettings& settings, const project::Manifest& manifest,
                         const project::ManifestMetadata& metadata);
project::ManifestMetadata manifest_metadata(const Context& context, const project::ProjectSettings& settings);

}  // namespace plumb::cli
