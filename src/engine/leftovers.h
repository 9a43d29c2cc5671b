// What an engine had started and could not end, because it was killed: a dbt project's Python, a guard.
//
// An engine carries PLUMB_ENGINE=PROJECT:OWNER in its environment, and with it all that it starts: a digest of the
// project's folder, and the process id of the owner.
#pragma once

#include <filesystem>
#include <string>

namespace plumb::engine {

inline constexpr const char* kMarkVariable = "PLUMB_ENGINE";
// Of an engine for this folder with us as its owner.
std::string engine_mark(const std::filesystem::path& folder);

// Kills what carries our own mark, and what carries the mark of an owner of this folder that is gone: when our engine
// has ended, and before one is started.
void kill_leftovers(const std::filesystem::path& folder);

}  // namespace plumb::engine
