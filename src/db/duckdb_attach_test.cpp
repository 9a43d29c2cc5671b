// Files and other databases: who holds them, and what DuckDB sees in them.

#include <dlfcn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/file.h"
#include "base/process.h"
#include "base/testing.h"
#include "db/db.h"

namespace plumb::db {
namespace {

namespace fs = std::filesystem;

class DuckDbFiles : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::vector<std::string> logged;

  Log log() {
    return Log([this](const LogRecord& record) { logged.emplace_back(record.message); });
  }
  DatabaseConfig duckdb(const std::string& file) {
    return {
        .kind = Kind::DuckDb, .path = folder.path() / file, .busy_timeout = std::chrono::milliseconds(0), .log = log()};
  }
  DatabaseConfig sqlite(const std::string& file) { return {.kind = Kind::Sqlite, .path = folder.path() / file}; }
  std::unique_ptr<Connection> in_memory() { return open({.kind = Kind::DuckDb, .log = log()})->connect(); }

  // By the sqlite3 program: a process of its own.
  CommandResult by_another(const std::string& file, const std::string& sql) {
    return run_command({.arguments = {"sqlite3", "-bail", (folder.path() / file).string()}, .input = sql});
  }
  void make_sqlite(const std::string& file, const std::string& sql) {
    auto result = by_another(file, sql);
    ASSERT_TRUE(result.ok()) << result.errors;
  }

  // Rows as "a, b | c, d", after the types.
  static std::string ask(Connection& connection, std::string_view sql) {
    auto rows = connection.query(sql);
    std::string out;
    for (const auto& field : rows->schema()) out += (out.empty() ? "" : ", ") + field.type.to_string();
    while (auto batch = rows->next()) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          out += i == 0 ? " | " : ", ";
          if (batch->column(i).null_at(row)) {
            out += "NULL";
          } else {
            data::append_text(batch->column(i), row, out);
          }
        }
      }
    }
    return out;
  }
};

TEST_F(DuckDbFiles, AllConnectionsOfAProcessShareAFileAndTheLastOneFreesIt) {
  auto database = open(duckdb("lake.duckdb"));
  {
    auto first = database->connect();
    auto second = database->connect();
    first->execute("CREATE TABLE t AS SELECT 42 AS a");
    EXPECT_EQ(ask(*second, "SELECT a FROM t"), "int64 | 42");
  }
  {
    // Another Database has it by another path, and both see what the other did.
    auto other = open(duckdb("./lake.duckdb"));
    auto reader = other->connect();
    database->connect()->execute("UPDATE t SET a = 43");
    EXPECT_EQ(ask(*reader, "SELECT a FROM t"), "int64 | 43");
  }
}

TEST_F(DuckDbFiles, AFileThatIsOpenInAnotherWayIsWaitedFor) {
  open(duckdb("lake.duckdb"))->connect()->execute("CREATE TABLE t AS SELECT 42 AS a");
  auto reading = duckdb("lake.duckdb");
  reading.read_only = true;
  auto reader = open(reading)->connect();
  auto writing = duckdb("lake.duckdb");
  writing.busy_timeout = std::chrono::milliseconds(10);
  expect_error(ErrorKind::Busy, "lake.duckdb is open in this process already, in another way",
               [&] { open(writing)->connect(); });
  writing.busy_timeout = std::chrono::seconds(20);
  std::thread soon([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    reader.reset();
  });
  EXPECT_EQ(ask(*open(writing)->connect(), "SELECT a FROM t"), "int64 | 42");
  soon.join();
}

TEST_F(DuckDbFiles, ManyThreadsOpenOneFileAtOnce) {
  open(duckdb("lake.duckdb"))->connect()->execute("CREATE TABLE t (a INTEGER)");
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([this] {
      for (int round = 0; round < 5; ++round)
        open(duckdb("lake.duckdb"))->connect()->execute("INSERT INTO t VALUES (1)");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ask(*open(duckdb("lake.duckdb"))->connect(), "SELECT count(*) FROM t"), "int64 | 80");
}

TEST_F(DuckDbFiles, ADatabaseInMemoryLivesAsLongAsItsHandle) {
  auto database = open({.kind = Kind::DuckDb});
  database->connect()->execute("CREATE TABLE t AS SELECT 1 AS a");
  EXPECT_EQ(ask(*database->connect(), "SELECT * FROM t"), "int64 | 1");
  EXPECT_EQ(open({.kind = Kind::DuckDb})->connect()->list_tables().size(), 0u);
}

TEST_F(DuckDbFiles, SettingsApply) {
  auto config = duckdb("lake.duckdb");
  config.settings = {{"memory_limit", "100MiB"}, {"threads", "1"}, {"TimeZone", "Europe/Berlin"}};
  auto connection = open(config)->connect();
  EXPECT_EQ(ask(*connection,
                "SELECT current_setting('memory_limit'), current_setting('threads'), '2026-07-01 "
                "12:00:00+00'::TIMESTAMPTZ::VARCHAR"),
            "text, int64, text | 100.0 MiB, 1, 2026-07-01 14:00:00+02");
  config.path = folder.path() / "other.duckdb";
  config.settings = {{"memory_limt", "1"}};
  expect_error(ErrorKind::Config, "does not take the setting memory_limt = '1'", [&] { open(config)->connect(); });
  config.settings = {{"threads", "many"}};
  expect_error(ErrorKind::Config, "does not take the setting threads = 'many'", [&] { open(config)->connect(); });
}

TEST_F(DuckDbFiles, ReadOnlyIsReadOnly) {
  auto config = duckdb("lake.duckdb");
  open(config)->connect()->execute("CREATE TABLE t(a INT)");
  config.read_only = true;
  auto connection = open(config)->connect();
  expect_error(ErrorKind::Io, "read-only", [&] { connection->execute("INSERT INTO t VALUES (1)"); });
  config.path = folder.path() / "nosuch.duckdb";
  expect_error(ErrorKind::NotFound, "nosuch.duckdb", [&] { open(config)->connect(); });
}

TEST_F(DuckDbFiles, WhatIsNoDuckDbFileIsSaidSo) {
  std::ofstream(folder.path() / "lake.duckdb") << std::string(5000, 'x');
  expect_error(ErrorKind::Database, "can't open", [&] { open(duckdb("lake.duckdb"))->connect(); });
  expect_error(ErrorKind::NotFound, "can't open", [&] { open(duckdb("no/such/folder/lake.duckdb"))->connect(); });
}

// A process that holds a DuckDB file until its input ends.
class Holder {
 public:
  explicit Holder(const fs::path& file) {
    int ready[2];
    int end[2];
    EXPECT_EQ(pipe(ready), 0);
    EXPECT_EQ(pipe(end), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(end[1]);
      auto connection = open({.kind = Kind::DuckDb, .path = file})->connect();
      char byte = 'x';
      [[maybe_unused]] auto sent = write(ready[1], &byte, 1);
      [[maybe_unused]] auto got = read(end[0], &byte, 1);
      _exit(0);
    }
    close(end[0]);
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    end_ = end[1];
  }
  ~Holder() { finish(); }
  int pid() const { return pid_; }
  void finish() {
    if (end_ < 0) return;
    close(end_);
    end_ = -1;
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
  int end_;
};

TEST_F(DuckDbFiles, AFileThatAnotherProcessHoldsIsNamedWithItsHolder) {
  Holder holder(folder.path() / "lake.duckdb");
  auto config = duckdb("lake.duckdb");
  std::string message = error_of([&] { open(config)->connect(); });
  EXPECT_NE(message.find("lake.duckdb is in use by"), std::string::npos) << message;
  EXPECT_NE(message.find("(process " + std::to_string(holder.pid()) + ")"), std::string::npos) << message;
  config.read_only = true;
  auto connection = in_memory();
  expect_error(ErrorKind::Busy, "is in use by", [&] { connection->attach(config, "lake"); });
  // Nothing of the attempt is left over.
  holder.finish();
  connection->attach(config, "lake");
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake'"), "int64 | 0");
}

TEST_F(DuckDbFiles, AFileThatIsHeldIsWaitedFor) {
  Holder holder(folder.path() / "lake.duckdb");
  auto config = duckdb("lake.duckdb");
  config.busy_timeout = std::chrono::seconds(30);
  config.log = Log([&](const LogRecord& record) {
    if (record.message.find("waiting for") != std::string_view::npos) holder.finish();
  });
  EXPECT_EQ(ask(*open(config)->connect(), "SELECT 1"), "int64 | 1");
}

TEST_F(DuckDbFiles, ADuckDbFileIsAttachedAsItIs) {
  open(duckdb("lake.duckdb"))
      ->connect()
      ->execute("CREATE SCHEMA raw; CREATE TABLE raw.t AS SELECT 1.5::DECIMAL(4,2) AS a");
  auto connection = in_memory();
  auto config = duckdb("lake.duckdb");
  connection->attach(config, "lake");
  connection->attach(config, "lake");  // a second time is no harm
  connection->execute("INSERT INTO lake.raw.t VALUES (2)");
  EXPECT_EQ(ask(*connection, "SELECT sum(a) FROM lake.raw.t"), "decimal(38,2) | 3.50");
  expect_error(ErrorKind::Usage, "'lake' is attached already",
               [&] { connection->attach(duckdb("other.duckdb"), "lake"); });
  config.path = folder.path() / "nosuch.duckdb";
  config.read_only = true;
  expect_error(ErrorKind::NotFound, "no DuckDB file", [&] { connection->attach(config, "nosuch"); });
}

constexpr const char* kTypes =
    "CREATE TABLE t(i BIGINT, d DECIMAL(15,2), w DECIMAL_TEXT(38,10), b BOOLEAN, day DATE, at TIME_TEXT, ts TIMESTAMP, "
    "tz TIMESTAMPTZ, u UUID, j JSON_TEXT, f DOUBLE, y BLOB, t TEXT);"
    "INSERT INTO t VALUES (9007199254740993, 9999999999999.99, '1234567890123456789012345678.0123456789', 1, "
    "'2026-11-21', '07:00:00.5', '2026-11-21 07:00:00', '2026-11-21 07:00:00.25+00:00', "
    "'f47ac10b-58cc-4372-8567-0e02b2c3d479', '{\"a\":1.0}', 0.1, x'00ff', 'it''s');"
    "INSERT INTO t(i) VALUES (NULL);";

constexpr const char* kSeen =
    "int64, decimal(15,2), decimal(38,10), bool, date, time, timestamp, timestamptz, uuid, json, double, binary, text "
    "| "
    "9007199254740993, 9999999999999.99, 1234567890123456789012345678.0123456789, true, 2026-11-21, 07:00:00.500000, "
    "2026-11-21 07:00:00, 2026-11-21 07:00:00.250000+00:00, f47ac10b-58cc-4372-8567-0e02b2c3d479, {\"a\":1.0}, 0.1, "
    "00ff, it's | NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

TEST_F(DuckDbFiles, SqliteTablesAreSeenWithTheTypesTheyDeclare) {
  make_sqlite("ours.db", std::string(kTypes) + "CREATE TABLE _plumb_loads(id INT);");
  make_sqlite("library.db", kTypes);
  auto connection = in_memory();
  connection->execute("SET TimeZone = 'Europe/Berlin'");
  connection->attach(sqlite("ours.db"), "ours");
  connection->attach(sqlite("library.db"), "library");
  EXPECT_EQ(ask(*connection, "SELECT * FROM ours.t"), kSeen);
  EXPECT_EQ(ask(*connection, "SELECT * FROM library.t"), kSeen);
  EXPECT_EQ(ask(*connection, "SELECT sum(d) FROM ours.t"), "decimal(38,2) | 9999999999999.99");
}

TEST_F(DuckDbFiles, MoneyInSqliteIsExact) {
  std::string sql = "CREATE TABLE t(a DECIMAL(4,2), b DECIMAL(15,2), c DECIMAL(15,15)); INSERT INTO t VALUES ";
  for (int i = 1; i <= 999; ++i) {
    auto part = [&](int digits) {
      return std::to_string(1000000000 + i * 7919 % 1000).substr(10 - static_cast<std::size_t>(digits));
    };
    sql += (i > 1 ? "," : "") + std::string("(0.") + part(2) + ", 9999999999" + part(3) + "." + part(2) +
           ", 0.999999999999" + part(3) + ")";
  }
  make_sqlite("money.db", sql);
  auto connection = in_memory();
  connection->attach(sqlite("money.db"), "money");
  // Against the text that the sqlite3 program was given.
  EXPECT_EQ(ask(*connection,
                "SELECT count(*) FROM money.t WHERE a::VARCHAR || ' ' || b || ' ' || c <> "
                "(SELECT any_value('')) || a || ' ' || b || ' ' || c"),
            "int64 | 0");
  auto rows = connection->query("SELECT b, c FROM money.t");
  int i = 0;
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      ++i;
      std::string tail = std::to_string(1000 + i * 7919 % 1000).substr(1);
      ASSERT_EQ(batch->column(0).decimal_at(row).to_string(), "9999999999" + tail + "." + tail.substr(1));
      ASSERT_EQ(batch->column(1).decimal_at(row).to_string(), "0.999999999999" + tail);
    }
  }
  EXPECT_EQ(i, 999);
}

TEST_F(DuckDbFiles, SomebodyElsesSqliteFileIsReadable) {
  make_sqlite(
      "theirs.db",
      "CREATE TABLE \"odd na\"\"me\"(x, n NUMERIC, c VARCHAR(10), f REAL, at TIME, tz TIMESTAMP WITH TIME ZONE, "
      "y BLOB, \"co\"\"l\" INT);"
      "INSERT INTO \"odd na\"\"me\" VALUES ('x', 1.5, 'c', 0.1, 'seven', '2026-11-21 07:00:00+02:00', x'ff', 7);"
      "CREATE VIEW v AS SELECT \"co\"\"l\" + 1 AS k FROM \"odd na\"\"me\";"
      "CREATE TABLE gone(a INT); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone;"
      "CREATE TABLE plain(a INT PRIMARY KEY) WITHOUT ROWID; INSERT INTO plain VALUES (3);");
  auto connection = in_memory();
  connection->attach(sqlite("theirs.db"), "theirs");
  EXPECT_EQ(ask(*connection, "SELECT * FROM theirs.\"odd na\"\"me\""),
            "binary, double, text, double, text, timestamptz, binary, int64 | 78, 1.5, c, 0.1, seven, "
            "2026-11-21 05:00:00+00:00, ff, 7");
  EXPECT_EQ(ask(*connection, "SELECT a FROM theirs.plain"), "int64 | 3");
  EXPECT_EQ(ask(*connection, "SELECT * FROM theirs.v"), "int64 | 8");
  expect_error(ErrorKind::Database, "broken", [&] { ask(*connection, "SELECT * FROM theirs.broken"); });
  expect_error(ErrorKind::NotFound, "no SQLite file", [&] { connection->attach(sqlite("nosuch.db"), "nosuch"); });
}

TEST_F(DuckDbFiles, AFolderOfSqliteFilesIsOneCatalogWithASchemaEach) {
  fs::create_directory(folder.path() / "data");
  make_sqlite("data/raw_bank.db",
              "CREATE TABLE transactions(amount DECIMAL(9,2)); INSERT INTO transactions VALUES (-1.1)");
  make_sqlite("data/raw_weather.db", "CREATE TABLE main(city TEXT); INSERT INTO main VALUES ('Berlin,DE')");
  std::ofstream(folder.path() / "data" / "notes.txt") << "no database";
  std::ofstream(folder.path() / "data" / "broken.db") << std::string(5000, 'x');
  auto connection = in_memory();
  connection->attach(sqlite("data"), "files");
  EXPECT_EQ(ask(*connection, "SELECT amount, city FROM files.raw_bank.transactions, files.raw_weather.main"),
            "decimal(9,2), text | -1.10, Berlin,DE");
  ASSERT_FALSE(logged.empty());
  EXPECT_NE(logged.back().find("broken.db can't be shown"), std::string::npos) << logged.back();
}

TEST_F(DuckDbFiles, TheScannerUsesThisProcesssSqlite) {
  make_sqlite("a.db", "CREATE TABLE t(a INT)");
  auto connection = in_memory();
  connection->attach(sqlite("a.db"), "a");
  // Two copies of SQLite in one process lose each other's locks. The scanner brings one of its own, but its calls must
  // have been bound to the shared one.
  void* ours = reinterpret_cast<void*>(&sqlite3_open_v2);
  Dl_info shared{};
  ASSERT_NE(dladdr(ours, &shared), 0);
  EXPECT_NE(std::string(shared.dli_fname).find("libsqlite3.so"), std::string::npos) << shared.dli_fname;
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "sqlite3_open_v2"), ours);
}

TEST_F(DuckDbFiles, AWriteLockOfThisProcessSurvivesDuckDbReadingTheFile) {
  for (const char* mode : {"delete", "wal"}) {
    std::string file = std::string(mode) + ".db";
    make_sqlite(file, "PRAGMA journal_mode = " + std::string(mode) +
                          "; CREATE TABLE t(a INT); INSERT INTO t SELECT value FROM generate_series(1, 20000);");
    sqlite3* writer = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() / file).c_str(), &writer), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(writer, "BEGIN IMMEDIATE; INSERT INTO t VALUES (-1)", nullptr, nullptr, nullptr), SQLITE_OK);
    {
      auto connection = in_memory();
      connection->attach(sqlite(file), "a");
      EXPECT_EQ(ask(*connection, "SELECT count(*), min(a) FROM a.t"), "int64, int64 | 20000, 1");
    }
    // The scanner has opened and closed the file, and nobody else gets in all the same.
    auto refused = by_another(file, "INSERT INTO t VALUES (0)");
    EXPECT_FALSE(refused.ok()) << mode;
    EXPECT_NE(refused.errors.find("locked"), std::string::npos) << refused.errors;
    ASSERT_EQ(sqlite3_exec(writer, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_TRUE(by_another(file, "INSERT INTO t VALUES (0)").ok()) << mode;
    sqlite3_close(writer);
  }
}

TEST_F(DuckDbFiles, ExtensionsAreLoadedWhenAStatementNeedsThem) {
  make_sqlite("a.db", "CREATE TABLE t(a INT); INSERT INTO t VALUES (7)");
  auto connection = in_memory();
  std::string loaded = "SELECT count(*) FROM duckdb_extensions() WHERE loaded AND extension_name = 'sqlite_scanner'";
  EXPECT_EQ(ask(*connection, loaded), "int64 | 0");
  EXPECT_EQ(ask(*connection, "SELECT a FROM sqlite_scan('" + (folder.path() / "a.db").string() + "', 't')"),
            "int64 | 7");
  EXPECT_EQ(ask(*connection, loaded), "int64 | 1");
  auto other = in_memory();
  other->execute("ATTACH '" + (folder.path() / "a.db").string() + "' AS a (TYPE sqlite, READ_ONLY)");
  EXPECT_EQ(ask(*other, "SELECT a FROM a.t"), "int64 | 7");
}

TEST_F(DuckDbFiles, WorksWithoutAHome) {
  std::string home = find_environment("HOME").value_or("");
  unsetenv("HOME");
  make_sqlite("a.db", "CREATE TABLE t(a INT); INSERT INTO t VALUES (7)");
  auto connection = in_memory();
  connection->attach(sqlite("a.db"), "a");
  EXPECT_EQ(ask(*connection, "SELECT a FROM a.t"), "int64 | 7");
  if (!home.empty()) setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace plumb::db
