// A process that keeps a fresh session when the one that got it is killed before it could.
//
// It is `plumb connections keep NAME`, started before the service is asked. What it is handed through a pipe it stores,
// whatever becomes of us; a pipe that closes with nothing in it ends it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "config/config.h"
#include "ingest/ingest.h"

namespace plumb::cli {

// A guard that can't be started is none: the work goes on without.
std::unique_ptr<ingest::SessionGuard> start_session_guard(const std::filesystem::path& project_folder,
                                                          const std::string& connection,
                                                          const config::Environment& environment);

}  // namespace plumb::cli
