// The drivers, as open() knows them: one function each, and what they share.
//
// A driver is a Database and a Connection in a file of its own. Opening one costs nothing; its library is loaded and
// its file or server touched by connect().
#pragma once

#include <memory>
#include <string>

#include "db/db.h"

namespace plumb::db {

std::shared_ptr<Database> open_sqlite(DatabaseConfig config);
std::shared_ptr<Database> open_postgres(DatabaseConfig config);
std::shared_ptr<Database> open_duckdb(DatabaseConfig config);

// "data/raw_bank.db", "Postgres at localhost:5432/home as loader": how messages name a database. Never a secret.
std::string describe(const DatabaseConfig& config);

// Query results may carry one name twice, a Schema may not: the second "id" becomes "id_1".
std::vector<std::string> unique_names(std::vector<std::string> names);

}  // namespace plumb::db
