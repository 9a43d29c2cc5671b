#include "transform/attach_profile.h"

#include <algorithm>

#include "transform/connection.h"
#include "transform/duckdb_setup.h"

namespace plumb::transform {

namespace {

// The schemas of a database, of which the target's may be missing before the first run.
bool has_schema(db::Connection& connection, const std::string& database, const std::string& schema) {
  return db::find_value(connection, "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
                        std::vector<db::Value>{database, schema})
      .has_value();
}

std::vector<std::string> attached_names(db::Connection& connection) {
  std::vector<std::string> names;
  auto rows = connection.query("SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY 1");
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row)
      data::append_text(batch->column(0), row, names.emplace_back());
  }
  return names;
}

}  // namespace

std::vector<std::string> attach_profile(db::Connection& connection, const project::Target& target,
                                        const std::filesystem::path& folder, const Log& log) {
  const Warehouse warehouse(target, folder, log);
  const auto before = attached_names(connection);
  auto there = [&](const std::string& name) { return std::find(before.begin(), before.end(), name) != before.end(); };
  db::DatabaseConfig config = warehouse.config();
  if (warehouse.kind() == db::Kind::DuckDb) prepare_duckdb(connection, warehouse, Rights::ReadOnly);
  std::error_code ignored;
  const bool absent = warehouse.kind() == db::Kind::DuckDb && !std::filesystem::exists(config.path, ignored);
  if (!absent) {
    config.read_only = true;
    if (config.kind == db::Kind::DuckDb) config.settings.clear();  // those of the file's own instance
    if (!there(target.database)) connection.attach(config, target.database);
    const bool in_schema = has_schema(connection, target.database, target.schema);
    connection.execute("USE " + connection.quote(target.database) +
                       (in_schema ? "." + connection.quote(target.schema) : std::string()));
  }
  std::vector<std::string> added;
  for (std::string& name : attached_names(connection)) {
    if (!there(name)) added.push_back(std::move(name));
  }
  return added;
}

}  // namespace plumb::transform
