// Installs what packages.yml or dependencies.yml ask for, and what those packages ask for themselves: `plumb deps`.
//
// A folder becomes a link, a git repository is cloned at its revision (by the program `git`), a tarball is fetched and
// unpacked (by the program `tar`), and of dbt's hub (DBT_PACKAGE_HUB_URL) the versions are taken that suit everybody.
// Where package-lock.yml was written for the same entries, what it names is installed. Everything is put together
// beside dbt_packages/ first and takes its place at the end: an installation that fails leaves the one before.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "jinja/jinja.h"

namespace plumb::project {

struct InstalledPackage {
  std::string name, kind, location;  // "helpers", "local", "../helpers"
  std::string revision;              // of git: the commit; of the hub: the version
  std::string subdirectory = {};
};
struct Installation {
  std::vector<InstalledPackage> packages;
  std::string lock;  // the text of package-lock.yml
};

struct InstallSettings {
  jinja::Value vars = jinja::Value::dict();
  bool upgrade = false;                                                 // whatever package-lock.yml says
  bool lock_only = false;                                               // nothing stays but the lock
  std::function<void(std::string_view)> say = [](std::string_view) {};  // hears a line for each
};

// Throws Error(Config) with the entry's place for one that can't be had.
Installation install_packages(const std::filesystem::path& folder, const config::Environment& environment,
                              const InstallSettings& settings, std::stop_token stop = {});

}  // namespace plumb::project
