// dbt_project.yml.
//
//     ProjectFile file = read_project_file(folder);
//     std::string profile = find_profile_name(file, early);          // before there is a target
//     PackageSettings package = read_package(std::move(file), renderer, warnings);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "project/config_renderer.h"
#include "project/settings.h"

namespace plumb::project {

struct ProjectFile {
  std::filesystem::path folder;
  Document document;
};

// `shown` is the folder as messages name it. Throws Error(Config) when there is no dbt_project.yml, or no map in it.
ProjectFile read_project_file(const std::filesystem::path& folder, const std::filesystem::path& shown = {});
// `profile:`; empty when it is not said.
std::string find_profile_name(const ProjectFile& file, const ConfigRenderer& renderer);

// Keys are checked as dbt's schema has them: unknown ones, wrong kinds, names that are no identifiers.
// `check_version`: whether require-dbt-version counts.
PackageSettings read_package(ProjectFile file, const ConfigRenderer& renderer, bool check_version,
                             std::vector<Warning>& warnings);

}  // namespace plumb::project
