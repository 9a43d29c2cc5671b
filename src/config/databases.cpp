#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

const std::vector<std::string> kPostgresNames = {"host", "port", "dbname", "user", "password"};
const std::vector<std::string> kPostgresKeywords = {
    "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "options", "service", "target_session_attrs"};
const std::vector<std::string> kDuckDbNames = {"path", "memory_limit", "threads", "read_only", "lock_timeout"};
const std::vector<std::string> kSqliteNames = {"path", "read_only", "lock_timeout"};

std::filesystem::path resolve(const Project& project, const Connection& connection) {
  std::filesystem::path path = connection.text("path");
  if (path.empty() || path.is_absolute() || path == ":memory:") return path;
  return project.folder / path;
}

bool flag(const Connection& connection, std::string_view key) {
  const auto* setting = connection.find(key);
  if (setting == nullptr || setting->value == "false" || setting->value == "no") return false;
  if (setting->value == "true" || setting->value == "yes") return true;
  throw Error(ErrorKind::Config, format("`{}` should be true or false", key), {.place = setting->place});
}

// `lock_timeout: 2.5`, in seconds: how long to wait for somebody else who holds the file.
void read_lock_timeout(const Connection& connection, db::DatabaseConfig& config) {
  const auto* setting = connection.find("lock_timeout");
  if (setting == nullptr) return;
  const auto& text = setting->value;
  double seconds = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(seconds >= 0 && seconds <= 86'400)) {
    throw Error(ErrorKind::Config, "`lock_timeout` should be a number of seconds, at most a day",
                {.place = setting->place, .hint = "10 when it is left out"});
  }
  config.busy_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// One file for a dataset in a folder of SQLite files. The dataset becomes a file name, so it may not leave the folder.
std::filesystem::path sqlite_file(const Project& project, const Connection& connection, std::string_view dataset) {
  auto path = resolve(project, connection);
  if (path.empty() || path == ":memory:" || path.has_extension()) return path;
  if (dataset.empty() || dataset.find_first_of("/\\") != std::string_view::npos || dataset.starts_with('.')) {
    throw Error(
        ErrorKind::Config,
        format("connection '{}' is a folder of SQLite files; '{}' is no dataset's name", connection.name, dataset),
        {.place = connection.place, .hint = "give the pipeline a `dataset` of letters, digits and underscores"});
  }
  return path / (std::string(dataset) + ".db");
}

db::DatabaseConfig sqlite_config(const Project& project, const Connection& connection, std::string_view dataset) {
  connection.expect_settings(kSqliteNames);
  if (connection.find("path") == nullptr) {
    throw Error(
        ErrorKind::Config, format("the sqlite connection '{}' needs a `path`", connection.name),
        {.place = connection.place, .hint = "a file (data/home.db) or a folder with a file for each dataset (data)"});
  }
  return {.kind = db::Kind::Sqlite, .path = sqlite_file(project, connection, dataset)};
}

db::DatabaseConfig duckdb_config(const Project& project, const Connection& connection) {
  connection.expect_settings(kDuckDbNames);
  db::DatabaseConfig config{.kind = db::Kind::DuckDb, .path = resolve(project, connection)};
  if (config.path == ":memory:") config.path.clear();
  for (const char* key : {"memory_limit", "threads"}) {
    if (const auto* setting = connection.find(key)) config.settings[key] = setting->value;
  }
  return config;
}

db::DatabaseConfig postgres_config(const Connection& connection) {
  auto known = kPostgresNames;
  known.insert(known.end(), kPostgresKeywords.begin(), kPostgresKeywords.end());
  connection.expect_settings(known);
  db::DatabaseConfig config{.kind = db::Kind::Postgres};
  config.host = connection.text("host");
  config.port = connection.text("port");
  config.dbname = connection.text("dbname");
  config.user = connection.text("user");
  config.password = connection.secret("password");
  for (const auto& key : kPostgresKeywords) {
    if (const auto* setting = connection.find(key)) config.settings[key] = setting->value;
  }
  return config;
}

}  // namespace

std::vector<std::string> database_types() {
  return {"sqlite", "duckdb", "postgres"};
}

bool is_database(const Connection& connection) {
  const auto types = database_types();
  return std::find(types.begin(), types.end(), connection.type) != types.end();
}

db::DatabaseConfig database_config(const Project& project, const Connection& connection, std::string_view dataset) {
  db::DatabaseConfig config;
  if (connection.type == "sqlite") {
    config = sqlite_config(project, connection, dataset);
  } else if (connection.type == "duckdb") {
    config = duckdb_config(project, connection);
  } else if (connection.type == "postgres") {
    config = postgres_config(connection);
  } else {
    throw Error(ErrorKind::Config,
                format("connection '{}' is of type '{}', which is no database", connection.name, connection.type),
                {.place = connection.place, .hint = "databases are sqlite, duckdb and postgres"});
  }
  if (connection.type != "postgres") {
    config.read_only = flag(connection, "read_only");
    read_lock_timeout(connection, config);
  }
  config.name = connection.name;
  return config;
}

}  // namespace plumb::config
