// Other databases' tables in DuckDB.
//
// A DuckDB file is attached as it is. Postgres too, read-only, its password handed over as one of DuckDB's secrets,
// where no message, no catalog and no statement shows it. A SQLite file is attached read-only under a hidden name, and
// an in-memory catalog of the wanted name holds a view for each of its tables (sqlite_views.h); for a folder of SQLite
// files that catalog has a schema for each file.

#include <algorithm>
#include <array>

#include "base/format.h"
#include "db/drivers.h"
#include "db/duckdb_connection.h"
#include "db/sql_text.h"
#include "db/sqlite_views.h"

namespace plumb::db {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kSqliteEndings = {".db", ".sqlite", ".sqlite3"};

// Catalogs that go again unless everything went well.
class NewCatalogs {
 public:
  explicit NewCatalogs(DuckDbConnection& connection) : connection_(connection) {}
  ~NewCatalogs() {
    for (const std::string& name : names_) detach(name);
  }
  void add(std::string name) { names_.push_back(std::move(name)); }
  void keep() { names_.clear(); }

 private:
  void detach(const std::string& name) noexcept {
    const DuckDbLibrary& duckdb = connection_.duckdb();
    duckdb_result result{};
    duckdb.query(connection_.handle(), ("DETACH DATABASE IF EXISTS " + quote_name(name)).c_str(), &result);
    duckdb.destroy_result(&result);
    connection_.instance()->forget_catalog(name);
  }

  DuckDbConnection& connection_;
  std::vector<std::string> names_;
};

void attach_duckdb(DuckDbConnection& connection, const DatabaseConfig& other, const std::string& name) {
  if (other.path.empty()) throw Error(ErrorKind::Usage, "a DuckDB database in memory can't be attached");
  if (other.read_only && !fs::exists(other.path)) {
    throw Error(ErrorKind::NotFound, format("there is no DuckDB file {}", other.path.string()));
  }
  if (open_in_this_process(other.path)) {
    throw Error(ErrorKind::Busy, format("{} is open in this process already", other.path.string()),
                {.hint = "DuckDB can't have a file twice; use the connection that has it"});
  }
  auto& instance = *connection.instance();
  std::string sql = format("ATTACH {} AS {} (TYPE duckdb{})", quote_text(other.path.string()), quote_name(name),
                           other.read_only ? ", READ_ONLY" : "");
  instance.wait_while_busy(other.path.string(), other.busy_timeout, [&] { instance.run(connection.handle(), sql); });
}

// 'it''s' for libpq: backslashes, within a text of SQL.
std::string libpq_word(const std::string& keyword, const std::string& value) {
  std::string word = keyword + "='";
  for (char c : value) {
    if (c == '\'' || c == '\\') word += '\\';
    word += c;
  }
  return word + "' ";
}

void attach_postgres(DuckDbConnection& connection, const DatabaseConfig& other, const std::string& name) {
  auto& instance = *connection.instance();
  instance.load_extension(connection.handle(), "postgres");
  instance.keep_secret(other.password);
  std::string secret = quote_name("_plumb_" + name);
  std::string fields = "TYPE postgres";
  auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) fields += format(", {} {}", key, quote_text(value));
  };
  add("HOST", other.host);
  add("PORT", other.port);
  add("DATABASE", other.dbname);
  add("USER", other.user);
  add("PASSWORD", other.password.reveal());
  instance.run(connection.handle(), format("CREATE OR REPLACE TEMPORARY SECRET {} ({})", secret, fields));

  std::map<std::string, std::string> words = other.settings;
  words.emplace("application_name", "plumb");
  words.emplace("connect_timeout", "10");
  std::string rest;
  for (const auto& [keyword, value] : words) rest += libpq_word(keyword, value);
  try {
    instance.run(connection.handle(), format("ATTACH {} AS {} (TYPE postgres, READ_ONLY, SECRET {})", quote_text(rest),
                                             quote_name(name), secret));
  } catch (const Error& error) {
    // DuckDB puts the whole connection string in front of libpq's words.
    std::string_view words_of_libpq = error.message();
    if (std::size_t at = words_of_libpq.rfind("\": "); at != std::string_view::npos)
      words_of_libpq.remove_prefix(at + 3);
    throw Error(error.kind(), format("can't attach {}: {}", describe(other), words_of_libpq),
                {.hint = error.hint(), .retry_may_help = error.retry_may_help(), .cause = error.cause()});
  }
}

// The rows of a statement of SQLite's, each value a text.
std::vector<std::vector<std::string>> ask_sqlite(Connection& connection, const std::string& catalog,
                                                 const std::string& sql) {
  std::vector<std::vector<std::string>> answers;
  auto rows = connection.query(format("SELECT * FROM sqlite_query({}, {})", quote_text(catalog), quote_text(sql)));
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      auto& answer = answers.emplace_back();
      for (std::size_t i = 0; i < batch->columns(); ++i) {
        answer.emplace_back(batch->column(i).null_at(row) ? "" : batch->column(i).text_at(row));
      }
    }
  }
  return answers;
}

// A table that can't be shown (of a module that is not there, a view of what is gone) is left out: the rest of the file
// is good.
void show_sqlite_table(DuckDbConnection& connection, const std::string& hidden, const std::string& table, bool ours,
                       const std::string& view) {
  try {
    SqliteTable columns{.name = table, .columns = {}};
    for (auto& answer :
         ask_sqlite(connection, hidden, format("SELECT name, type FROM pragma_table_info({})", quote_text(table)))) {
      columns.columns.push_back({.name = std::move(answer[0]), .declaration = std::move(answer[1])});
    }
    connection.instance()->run(connection.handle(),
                               format("CREATE VIEW {} AS {}", view, sqlite_view_sql(hidden, columns, ours)));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled || error.kind() == ErrorKind::Busy) throw;
    connection.instance()->log().warn(format("table {} of the SQLite file can't be shown: {}", table, error.message()));
  }
}

// `schema` is quoted: "files"."raw_bank".
void show_sqlite_file(DuckDbConnection& connection, const fs::path& file, const std::string& hidden,
                      const std::string& schema, std::chrono::milliseconds busy_timeout) {
  connection.instance()->run(connection.handle(),
                             format("ATTACH {} AS {} (TYPE sqlite, READ_ONLY, BUSY_TIMEOUT {})",
                                    quote_text(file.string()), quote_name(hidden), busy_timeout.count()));
  auto tables = ask_sqlite(connection, hidden,
                           "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE "
                           "'sqlite\\_%' ESCAPE '\\' ORDER BY name");
  bool ours = std::any_of(tables.begin(), tables.end(), [](const auto& row) { return row[0].starts_with("_plumb"); });
  for (const auto& row : tables) {
    show_sqlite_table(connection, hidden, row[0], ours, schema + "." + quote_name(row[0]));
  }
}

// Not by looking into it: closing a file that this process has locked through SQLite would drop the lock.
bool looks_like_sqlite(const fs::path& file) {
  return std::find(kSqliteEndings.begin(), kSqliteEndings.end(), file.extension().string()) != kSqliteEndings.end();
}

std::vector<fs::path> sqlite_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code trouble;
  for (const auto& entry : fs::directory_iterator(folder, trouble)) {
    if (looks_like_sqlite(entry.path()) && entry.is_regular_file()) files.push_back(entry.path());
  }
  if (trouble) throw Error(ErrorKind::Io, format("can't read the folder {}: {}", folder.string(), trouble.message()));
  std::sort(files.begin(), files.end());
  return files;
}

void show_sqlite_folder(DuckDbConnection& connection, const DatabaseConfig& other, const std::string& name,
                        NewCatalogs& fresh) {
  auto& instance = *connection.instance();
  for (const fs::path& file : sqlite_files(other.path)) {
    std::string stem = file.stem().string();
    std::string hidden = format("_plumb_{}_{}", name, stem);
    std::string schema = quote_name(name) + "." + quote_name(stem);
    fresh.add(hidden);
    try {
      instance.run(connection.handle(), "CREATE SCHEMA IF NOT EXISTS " + schema);
      show_sqlite_file(connection, file, hidden, schema, other.busy_timeout);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Database) throw;
      instance.log().warn(format("{} can't be shown: {}", file.string(), error.message()));
    }
  }
}

void attach_sqlite(DuckDbConnection& connection, const DatabaseConfig& other, const std::string& name,
                   NewCatalogs& fresh) {
  if (other.path.empty()) throw Error(ErrorKind::Usage, "a SQLite database in memory can't be attached");
  if (!fs::exists(other.path)) {
    throw Error(ErrorKind::NotFound, format("there is no SQLite file {}", other.path.string()));
  }
  auto& instance = *connection.instance();
  instance.load_extension(connection.handle(), "sqlite");
  instance.run(connection.handle(), format("ATTACH ':memory:' AS {}", quote_name(name)));
  if (fs::is_directory(other.path)) return show_sqlite_folder(connection, other, name, fresh);
  std::string hidden = "_plumb_" + name;
  fresh.add(hidden);
  show_sqlite_file(connection, other.path, hidden, quote_name(name) + ".main", other.busy_timeout);
}

}  // namespace

void DuckDbConnection::attach(const DatabaseConfig& other, std::string_view name_view) {
  throw_if_cancelled();
  std::string name(name_view);
  std::string what = format("{} {}", to_string(other.kind),
                            other.kind == db::Kind::Postgres ? describe(other) : fs::absolute(other.path).string());
  if (!instance_->adopt_catalog(name, what)) return;
  NewCatalogs fresh(*this);
  fresh.add(name);
  switch (other.kind) {
    case db::Kind::DuckDb:
      attach_duckdb(*this, other, name);
      break;
    case db::Kind::Postgres:
      attach_postgres(*this, other, name);
      break;
    case db::Kind::Sqlite:
      attach_sqlite(*this, other, name, fresh);
      break;
  }
  fresh.keep();
}

}  // namespace plumb::db
