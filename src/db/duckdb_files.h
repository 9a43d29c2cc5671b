// The DuckDB files that this process has open.
//
// POSIX locks are a process's own: two instances of one file in one process would both be let in, and write over each
// other. So all Databases of a file share one instance, whoever opened it first, as long as somebody is connected. What
// a process has open is a fact of the process, and so is the table that holds it: the one thing of this room that
// belongs to no object.
#pragma once

#include <memory>

#include "db/duckdb_instance.h"

namespace plumb::db {

// The instance for a file. Where the open one will not do (it was opened read-only, or with other settings), its end is
// waited for as for a stranger's lock. Throws Error(Busy).
std::shared_ptr<DuckDbInstance> share_duckdb_file(const DatabaseConfig& config);

}  // namespace plumb::db
