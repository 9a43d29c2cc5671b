// Other databases' tables in DuckDB.
//
// A DuckDB file is attached as it is. Postgres is attached read-only, its password handed over as one of DuckDB's
// secrets, where no message, no catalog and no statement shows it. A SQLite file is attached read-only under a hidden
// name, and an in-memory catalog of the wanted name holds a view for each of its tables (sqlite_views.h); for a folder
// of SQLite files that catalog has a schema for each file.

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

// Whether a file is SQLite's is not found out by looking into it: closing a file that this process has locked through
// SQLite would drop the lock.
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

// keyword='value' for libpq, which wants backslashes.
std::string libpq_word(const std::string& keyword, const std::string& value) {
  std::string word = keyword + "='";
  for (char c : value) {
    if (c == '\'' || c == '\\') word += '\\';
    word += c;
  }
  return word + "' ";
}

// One database on its way in. What was attached is detached again unless all went well.
class Attachment {
 public:
  Attachment(std::shared_ptr<DuckDbSession> session, const DatabaseConfig& other, std::string name)
      : session_(std::move(session)), other_(other), name_(std::move(name)) {
    catalogs_.push_back(name_);
  }
  ~Attachment() {
    for (const std::string& catalog : catalogs_) detach(catalog);
  }
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  void attach() {
    switch (other_.kind) {
      case Kind::DuckDb:
        attach_duckdb();
        break;
      case Kind::Postgres:
        attach_postgres();
        break;
      case Kind::Sqlite:
        attach_sqlite();
        break;
    }
    catalogs_.clear();
  }

 private:
  DuckDbInstance& instance() { return session_->instance(); }

  void detach(const std::string& catalog) noexcept {
    const DuckDbLibrary& duckdb = session_->duckdb();
    duckdb_result result{};
    duckdb.query(session_->handle(), ("DETACH DATABASE IF EXISTS " + quote_name(catalog)).c_str(), &result);
    duckdb.destroy_result(&result);
    instance().forget_catalog(catalog);
  }

  void attach_duckdb() {
    if (other_.path.empty()) throw Error(ErrorKind::Usage, "a DuckDB database in memory can't be attached");
    if (other_.read_only && !fs::exists(other_.path)) {
      throw Error(ErrorKind::NotFound, format("there is no DuckDB file {}", other_.path.string()));
    }
    auto busy = [this](const char* hint) {
      return Error(ErrorKind::Busy, format("{} is open in this process already", other_.path.string()), {.hint = hint});
    };
    if (instance().shows_twice(other_.path))
      throw busy("DuckDB can't have a file twice; use the connection that has it");
    std::string sql = format("ATTACH {} AS {} (TYPE duckdb{})", quote_text(other_.path.string()), quote_name(name_),
                             other_.read_only ? ", READ_ONLY" : "");
    wait_while_busy(other_.path.string(), other_.busy_timeout, instance().log(), [&] {
      if (open_in_this_process(other_.path)) throw busy("try again when the other work is done");
      session_->ask(sql);
    });
  }

  void attach_postgres() {
    instance().load_extension(session_->handle(), "postgres");
    instance().keep_secret(other_.password);
    std::string secret = quote_name("_plumb_" + name_);
    std::string fields = "TYPE postgres";
    auto add = [&](const char* key, const std::string& value) {
      if (!value.empty()) fields += format(", {} {}", key, quote_text(value));
    };
    add("HOST", other_.host);
    add("PORT", other_.port);
    add("DATABASE", other_.dbname);
    add("USER", other_.user);
    add("PASSWORD", other_.password.reveal());
    session_->ask(format("CREATE OR REPLACE TEMPORARY SECRET {} ({})", secret, fields));

    std::map<std::string, std::string> words = other_.settings;
    words.emplace("application_name", "plumb");
    words.emplace("connect_timeout", "10");
    std::string rest;
    for (const auto& [keyword, value] : words) rest += libpq_word(keyword, value);
    try {
      session_->ask(
          format("ATTACH {} AS {} (TYPE postgres, READ_ONLY, SECRET {})", quote_text(rest), quote_name(name_), secret));
    } catch (const Error& error) {
      // DuckDB puts the whole connection string in front of libpq's words.
      std::string_view reason = error.message();
      if (std::size_t at = reason.rfind("\": "); at != std::string_view::npos) reason.remove_prefix(at + 3);
      throw Error(error.kind(), format("can't attach {}: {}", describe(other_), reason),
                  {.hint = error.hint(), .retry_may_help = error.retry_may_help(), .cause = error.cause()});
    }
  }

  void attach_sqlite() {
    if (other_.path.empty()) throw Error(ErrorKind::Usage, "a SQLite database in memory can't be attached");
    if (!fs::exists(other_.path)) {
      throw Error(ErrorKind::NotFound, format("there is no SQLite file {}", other_.path.string()));
    }
    instance().load_extension(session_->handle(), "sqlite");
    session_->ask(format("ATTACH ':memory:' AS {}", quote_name(name_)));
    if (fs::is_directory(other_.path)) return show_folder();
    show_file(other_.path, "_plumb_" + name_, quote_name(name_) + ".main");
  }

  // A file that can't be shown is no reason to miss the others.
  void show_folder() {
    for (const fs::path& file : sqlite_files(other_.path)) {
      std::string stem = file.stem().string();
      std::string hidden = format("_plumb_{}_{}", name_, stem);
      std::string schema = quote_name(name_) + "." + quote_name(stem);
      try {
        session_->ask("CREATE SCHEMA IF NOT EXISTS " + schema);
        show_file(file, hidden, schema);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::Database) throw;
        detach(hidden);
        instance().log().warn(format("{} can't be shown: {}", file.string(), error.message()));
      }
    }
  }

  // `schema` is quoted: "files"."raw_bank".
  void show_file(const fs::path& file, const std::string& hidden, const std::string& schema) {
    catalogs_.push_back(hidden);
    session_->ask(format("ATTACH {} AS {} (TYPE sqlite, READ_ONLY, BUSY_TIMEOUT {})", quote_text(file.string()),
                         quote_name(hidden), other_.busy_timeout.count()));
    auto tables = ask_sqlite(hidden,
                             "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE "
                             "'sqlite\\_%' ESCAPE '\\' ORDER BY name");
    bool ours = std::any_of(tables.begin(), tables.end(), [](const auto& row) { return row[0].starts_with("_plumb"); });
    for (const auto& row : tables) show_table(hidden, row[0], ours, schema + "." + quote_name(row[0]));
  }

  // A table that can't be shown (of a module that is not there, a view of what is gone) is left out: the rest of the
  // file is good.
  void show_table(const std::string& hidden, const std::string& table, bool ours, const std::string& view) {
    try {
      SqliteTable columns{.name = table, .columns = {}};
      for (auto& answer :
           ask_sqlite(hidden, format("SELECT name, type FROM pragma_table_info({})", quote_text(table)))) {
        columns.columns.push_back({.name = std::move(answer[0]), .declaration = std::move(answer[1])});
      }
      SqliteView shown = sqlite_view(hidden, columns, ours);
      if (shown.by_sqlite_query) instance().note_sqlite_query();
      session_->ask(format("CREATE VIEW {} AS {}", view, shown.select));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled || error.kind() == ErrorKind::Busy) throw;
      instance().log().warn(format("table {} of {} can't be shown: {}", table, describe(other_), error.message()));
    }
  }

  // The rows of a statement of SQLite's, each value a text.
  std::vector<std::vector<std::string>> ask_sqlite(const std::string& catalog, const std::string& sql) {
    std::vector<std::vector<std::string>> answers;
    DuckDbResult result =
        session_->ask(format("SELECT * FROM sqlite_query({}, {})", quote_text(catalog), quote_text(sql)));
    ResultPlan plan = plan_result(session_->duckdb(), result);
    DuckDbReader rows(session_, std::move(result), std::move(plan), {});
    while (auto batch = rows.next()) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        auto& answer = answers.emplace_back();
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          answer.emplace_back(batch->column(i).null_at(row) ? "" : batch->column(i).text_at(row));
        }
      }
    }
    return answers;
  }

  std::shared_ptr<DuckDbSession> session_;
  const DatabaseConfig& other_;
  std::string name_;
  std::vector<std::string> catalogs_;
};

}  // namespace

void DuckDbConnection::attach(const DatabaseConfig& other, std::string_view name_view) {
  std::string name(name_view);
  std::string what = format("{} {}", to_string(other.kind),
                            other.kind == db::Kind::Postgres ? describe(other) : fs::absolute(other.path).string());
  if (!session_->instance().adopt_catalog(name, what)) return;
  Attachment(session_, other, name).attach();
}

}  // namespace plumb::db
