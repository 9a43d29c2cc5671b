// Who holds a lock on a file, for messages: Linux tells it in /proc/locks.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace plumb::db {

// "python3 load.py (process 4711)"; only the number when the process is another user's.
std::string describe_process(int pid);

// The process that writes a SQLite file, or keeps others from writing it. Empty when it can't be found (another
// container, another machine).
std::optional<std::string> find_sqlite_holder(const std::filesystem::path& file);

}  // namespace plumb::db
