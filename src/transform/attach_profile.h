// What a dbt project's profile names, for a query of one's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/db.h"
#include "project/project.h"

namespace plumb::transform {

// Into a DuckDB connection that belongs to no project: the target's database, read-only, as dbt calls it, and first
// where names have no database; and for DuckDB the extensions, settings and secrets of the profile, and what it
// attaches, so that views over that can be read. A file that is not there yet is left out. Returns the names that were
// attached.
std::vector<std::string> attach_profile(db::Connection& connection, const project::Target& target,
                                        const std::filesystem::path& folder, const Log& log);

}  // namespace plumb::transform
