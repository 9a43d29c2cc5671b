// profiles.yml: which file, which profile of it, which of the profile's outputs.
//
//     ProfileChoice choice{.profile = "home", .target = "prod"};
//     Target target = read_target(profiles.root(), choice, renderer);
//
// Only the output that is used is rendered: the others may ask for variables that are not set here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "project/config_renderer.h"
#include "project/settings.h"

namespace plumb::project {

// Of the folders, the first that holds a profiles.yml; nothing when none does.
std::optional<std::filesystem::path> find_profiles_file(const std::vector<std::filesystem::path>& folders);

struct ProfileChoice {
  std::string profile;  // what dbt_project.yml or --profile names
  std::string target;   // empty: as the profile says, else "default"
  int threads = 0;      // 0: as the output says
};
// Throws Error(Config) with the place, in dbt's words.
Target read_target(const plumb::Node& profiles, const ProfileChoice& choice, const ConfigRenderer& renderer);

// An output's keys, rendered, as the adapter's credentials: names in one spelling, what is required is there, the
// database of a DuckDB file derived. `target` has profile and name already.
void read_credentials(const plumb::Node& output, const ConfigRenderer& renderer, Target& target);

}  // namespace plumb::project
