// The store's tables, made and brought to this version by numbered migrations.
#pragma once

#include <string>

#include "db/db.h"

namespace plumb::store {

// The version that this program writes. A newer one is refused, an older one brought up to it.
inline constexpr int kSchemaVersion = 1;

// The schema in Postgres, unless the configuration says otherwise ("schema" among its settings).
inline constexpr std::string_view kDefaultSchema = "plumb";

// Makes or migrates the tables, in one transaction; true when there were none. Several may do so at once: one does, the
// others wait for it. Throws Error(Database) for a store of a newer version.
bool migrate(db::Connection& connection, const std::string& where);

// The statements of one migration in the SQL of this database; for tests.
std::string migration_sql(int version, db::Kind kind);

}  // namespace plumb::store
