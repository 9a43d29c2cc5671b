#include <algorithm>
#include <cctype>

#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// True when a table's name begins with the connection's, or a function is given it ("postgres_query('landing', …)").
// Too often true does no harm: one database is attached in vain.
bool mentions(std::string_view sql, const std::vector<std::vector<std::string>>& tables, const std::string& name) {
  auto begins = [&](const auto& table) { return same_name(table.front(), name); };
  return std::any_of(tables.begin(), tables.end(), begins) || sql.find("'" + name + "'") != std::string_view::npos;
}

db::DatabaseConfig attachable(const Project& project, const Connection& connection) {
  if (connection.type != "sqlite") return database_config(project, connection);
  // The whole folder, not one dataset of it.
  connection.expect_settings({"path", "read_only", "lock_timeout"});
  std::filesystem::path path = connection.text("path");
  return {.kind = db::Kind::Sqlite,
          .name = connection.name,
          .path = path.is_absolute() ? path : project.folder / path,
          .read_only = true};
}

// A DuckDB file that other work of this process has open (several commands in an engine) can't be had a second time:
// the statement is asked in the instance that has it, where the file's catalog has its own name.
bool ask_where_it_is_open(Workspace& workspace, const db::DatabaseConfig& config, const std::string& name) {
  if (config.kind != db::Kind::DuckDb || config.path.stem() != name || !workspace.attached.empty()) return false;
  auto at_once = config;
  at_once.busy_timeout = {};
  try {
    workspace.connection->attach(at_once, name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Busy) throw;
    workspace.connection.reset();
    workspace.database = db::open(config);
    workspace.connection = workspace.database->connect();
  }
  return true;
}

}  // namespace

Workspace open_workspace(const std::optional<Project>& project, std::string_view sql) {
  Workspace workspace;
  workspace.database = db::open({.kind = db::Kind::DuckDb, .name = "query"});
  workspace.connection = workspace.database->connect();
  if (!project) return workspace;
  auto tables = db::find_table_names(*workspace.connection, sql);
  std::vector<db::DatabaseConfig> mentioned;
  for (const auto& [name, connection] : project->connections) {
    if (!is_database(connection) || !mentions(sql, tables, name)) continue;
    auto& config = mentioned.emplace_back(attachable(*project, connection));
    config.read_only = true;
  }
  // DuckDB files first: the others can be attached to whatever instance has them.
  std::stable_partition(mentioned.begin(), mentioned.end(),
                        [](const auto& config) { return config.kind == db::Kind::DuckDb; });
  for (const auto& config : mentioned) {
    if (!ask_where_it_is_open(workspace, config, config.name)) workspace.connection->attach(config, config.name);
    workspace.attached.push_back(config.name);
  }
  // The instance may be one that writes; a workspace is for reading.
  if (!workspace.database->config().path.empty()) workspace.connection->execute("BEGIN TRANSACTION READ ONLY");
  std::sort(workspace.attached.begin(), workspace.attached.end());
  return workspace;
}

}  // namespace plumb::config
