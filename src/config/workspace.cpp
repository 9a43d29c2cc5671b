#include <algorithm>
#include <cctype>

#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

// True when the statement holds the name as a word of its own, in any case. Too often true does no harm: one database
// is attached in vain.
bool mentions(std::string_view sql, std::string_view name) {
  auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  auto at = sql.begin();
  while (true) {
    at = std::search(at, sql.end(), name.begin(), name.end(), same);
    if (at == sql.end()) return false;
    auto after = at + static_cast<std::ptrdiff_t>(name.size());
    if ((at == sql.begin() || !word(at[-1])) && (after == sql.end() || !word(*after))) return true;
    ++at;
  }
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

}  // namespace

Workspace open_workspace(const std::optional<Project>& project, std::string_view sql) {
  Workspace workspace;
  workspace.database = db::open({.kind = db::Kind::DuckDb, .name = "query"});
  workspace.connection = workspace.database->connect();
  if (!project) return workspace;
  for (const auto& [name, connection] : project->connections) {
    if (!is_database(connection) || !mentions(sql, name)) continue;
    auto config = attachable(*project, connection);
    config.read_only = true;
    workspace.connection->attach(config, name);
    workspace.attached.push_back(name);
  }
  return workspace;
}

}  // namespace plumb::config
