// Packages: what packages.yml or dependencies.yml ask for, and what lies in dbt_packages/.
//
//     PackageList wanted = read_package_list(folder, renderer);       // for `plumb deps`
//     std::vector<PackageSettings> found = read_installed(folder, "dbt_packages", renderer, …);
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "project/config_renderer.h"
#include "project/settings.h"

namespace plumb::project {

struct PackageEntry {
  enum class Kind : std::uint8_t { Local, Git, Tarball, Hub, Private };
  Kind kind = Kind::Hub;
  std::string name;      // of a tarball: what it is to be called; of a hub package: "dbt-labs/dbt_utils"
  std::string location;  // a folder, a url
  std::string revision;  // of git
  std::string subdirectory;
  std::vector<std::string> versions;  // of the hub: ">=1.0.0"
  bool prereleases = false;           // of the hub: take those too
  jinja::Value rendered, unrendered;  // its keys, and as they are written
  Place place;
};
struct PackageList {
  std::string file;  // "packages.yml", "dependencies.yml"; empty: there is neither
  std::vector<PackageEntry> entries;
  bool locked = false;  // package-lock.yml: with whatever the packages ask for themselves
};

// Secrets may be asked for here: {{ env_var('DBT_ENV_SECRET_GIT_TOKEN') }}. Throws Error(Config) for entries that are
// of no kind, and when both files name packages.
PackageList read_package_list(const std::filesystem::path& folder, const config::Environment& environment,
                              const jinja::Value& vars);

// package-lock.yml, if it was written for these entries; else nothing.
std::optional<PackageList> find_locked(const std::filesystem::path& folder, const PackageList& wanted,
                                       const config::Environment& environment, const jinja::Value& vars);
// What package-lock.yml knows the entries by: `sha1_hash`, as dbt computes it.
std::string lock_hash(const PackageList& wanted);

// Every folder of `packages_path` but those that begin with "__", by name. Throws Error(Config) when one is no project.
std::vector<PackageSettings> read_installed(const std::filesystem::path& folder,
                                            const std::filesystem::path& packages_path, const ConfigRenderer& renderer,
                                            bool check_version, std::vector<Warning>& warnings);

// Throws Error(Config) when fewer are there than asked for, or when two have one name.
void check_installed(const PackageList& wanted, const PackageSettings& root,
                     const std::vector<PackageSettings>& installed, std::string_view packages_path);

}  // namespace plumb::project
