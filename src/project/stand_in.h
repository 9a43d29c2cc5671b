// Without a profiles.yml, the connection of plumb.yml that has the profile's name.
#pragma once

#include <filesystem>
#include <optional>

#include "project/profiles.h"

namespace plumb::project {

// Nothing when there is no plumb.yml in the folder or above it, or no duckdb or postgres connection of this name in it.
std::optional<Target> find_stand_in(const std::filesystem::path& folder, const config::Environment& environment,
                                    const ProfileChoice& choice);

}  // namespace plumb::project
