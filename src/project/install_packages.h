// Installs what packages.yml or dependencies.yml ask for, and what those packages ask for themselves: `plumb deps`.
//
// A folder becomes a link, a git repository is cloned at its revision (by the program `git`), a tarball is fetched and
// unpacked (by the program `tar`). Everything is put together beside dbt_packages/ first and takes its place at the
// end: an installation that fails leaves the one before.
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
  std::string revision;              // of git: the commit
};

// `say` hears a line for each. Throws Error(Config) with the entry's place for one that can't be had.
std::vector<InstalledPackage> install_packages(const std::filesystem::path& folder,
                                               const config::Environment& environment, const jinja::Value& vars,
                                               const std::function<void(std::string_view)>& say,
                                               std::stop_token stop = {});

// package-lock.yml of what was installed.
std::string lock_file_text(const std::vector<InstalledPackage>& installed);

}  // namespace plumb::project
