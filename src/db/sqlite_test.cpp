// What is SQLite's own: files, locks, values of any type.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "base/testing.h"
#include "db/db.h"
#include "db/sqlite_widen.h"

namespace plumb::db {
namespace {

using data::Schema;
using data::Type;
using namespace std::chrono_literals;

class SqliteStory : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view name = "story.db") const { return folder_.path() / name; }

  std::unique_ptr<Connection> connect(DatabaseConfig config = {}) {
    if (config.path.empty()) config.path = file();
    return open(std::move(config))->connect();
  }

  // What the sqlite3 program prints.
  std::string sqlite3(const std::string& sql) {
    auto result = run_command({.arguments = {"sqlite3", "-cmd", ".nullvalue -", file().string(), sql}});
    return result.output + result.errors;
  }

  static std::string rows(Connection& connection, std::string_view sql) {
    std::string text;
    for (auto reader = connection.query(sql); auto batch = reader->next();) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          if (i != 0) text += "|";
          if (!batch->column(i).null_at(row)) data::append_text(batch->column(i), row, text);
        }
        text += "\n";
      }
    }
    return text;
  }

  static std::string types(Connection& connection, std::string_view sql) {
    std::string text;
    auto reader = connection.query(sql);
    for (const auto& field : reader->schema()) text += (text.empty() ? "" : ", ") + field.type.to_string();
    return text;
  }

  // Python with the stock sqlite3 module, running beside us; it has come so far when it prints "ready".
  ChildProcess start_python(const std::string& script) {
    auto path = folder_.path() / "script.py";
    write_file(path, script);
    auto output = folder_.path() / "output";
    ChildProcess child({.arguments = {"python3", "-u", path.string(), file().string()}}, output);
    while (child.running() && find_file(output).value_or("").find("ready") == std::string::npos) {
      std::this_thread::sleep_for(5ms);
    }
    return child;
  }

  std::string python_output() const { return read_file(folder_.path() / "output"); }

  TemporaryFolder folder_;
};

TEST_F(SqliteStory, MoneyIsANumberForAnybodysSqlite) {
  auto connection = connect();
  Schema schema({{"id", Type::int64(), false}, {"amount", Type::decimal(12, 2)}, {"wide", Type::decimal(20, 2)}});
  connection->execute(connection->create_table_sql({"", "t"}, schema, std::vector<std::string>{"id"}));
  data::BatchBuilder builder(schema);
  for (const char* text : {"0.10", "0.20", "-12.00"}) {
    builder.column(0).append_int64(static_cast<std::int64_t>(builder.rows()));
    ASSERT_TRUE(data::parse_text(text, builder.column(1)));
    ASSERT_TRUE(data::parse_text(text, builder.column(2)));
    builder.finish_row();
  }
  auto writer = connection->write({"", "t"}, schema);
  writer->append(builder.take());
  writer->finish();
  EXPECT_EQ(sqlite3("SELECT amount, typeof(amount), wide, typeof(wide) FROM t"),
            "0.1|real|0.10|text\n0.2|real|0.20|text\n-12|integer|-12.00|text\n");
  EXPECT_EQ(sqlite3("SELECT sql FROM sqlite_schema WHERE type = 'table'"),
            "CREATE TABLE \"t\" (\"id\" BIGINT NOT NULL, \"amount\" DECIMAL(12,2), \"wide\" DECIMAL_TEXT(20,2), "
            "PRIMARY KEY (\"id\"))\n");
}

TEST_F(SqliteStory, AFileThatWeWriteIsInWalModeFromItsFirstMoment) {
  auto connection = connect();
  EXPECT_EQ(sqlite3("PRAGMA journal_mode"), "wal\n");
  // One that somebody else made becomes so with our first write, and not before.
  run_command({.arguments = {"sqlite3", file("old.db").string(), "CREATE TABLE t (a)"}});
  auto old = connect({.path = file("old.db")});
  EXPECT_EQ(rows(*old, "SELECT * FROM t"), "");
  EXPECT_EQ(find_value(*old, "PRAGMA journal_mode"), "delete");
  old->execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(find_value(*old, "PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteStory, OnlyTheFileIsThereAfterwardsAndItIsComplete) {
  {
    auto connection = connect();
    connection->execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(std::filesystem::file_size(file().string() + "-wal"), 0u);
  // Somebody copies the file alone.
  std::filesystem::copy_file(file(), file("copy.db"));
  auto copy = connect({.path = file("copy.db")});
  EXPECT_EQ(rows(*copy, "SELECT a FROM t"), "1\n");
}

TEST_F(SqliteStory, ASecondWriterWaitsAndThenIsToldWhoHoldsTheFile) {
  auto connection = connect({.busy_timeout = 100ms});
  connection->execute("CREATE TABLE t (a)");
  auto holder = start_python(
      "import sqlite3, sys, time\n"
      "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
      "c.execute('BEGIN IMMEDIATE')\n"
      "print('ready')\n"
      "time.sleep(60)\n");
  auto text = error_of([&] { Transaction transaction(*connection); });
  EXPECT_EQ(text, format("{} is locked by python3 {} (process {})\n"
                         "hint: waited 0.1 s; run this again when the other has finished, or end it",
                         file().string(), (folder_.path() / "script.py").string(), holder.pid()));
  holder.stop();
  Transaction transaction(*connection);
  transaction.commit();
}

TEST_F(SqliteStory, ASecondWriterGetsItsTurnWhenTheFirstEnds) {
  auto first = connect();
  auto second = connect();
  first->execute("CREATE TABLE t (a)");
  first->begin();
  first->execute("INSERT INTO t VALUES (1)");
  std::jthread other([&] {
    Transaction transaction(*second);
    second->execute("INSERT INTO t SELECT max(a) + 1 FROM t");
    transaction.commit();
  });
  std::this_thread::sleep_for(30ms);
  first->commit();
  other.join();
  EXPECT_EQ(rows(*first, "SELECT a FROM t ORDER BY a"), "1\n2\n");
}

TEST_F(SqliteStory, AWaitForALockCanBeCancelled) {
  auto first = connect();
  first->execute("CREATE TABLE t (a)");
  first->begin();
  auto second = connect({.busy_timeout = 60s});
  std::jthread other([&] {
    std::this_thread::sleep_for(50ms);
    second->cancel();
  });
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { second->begin(); });
}

// The stock module without any patience (timeout=0) reads from before the file exists until after the last load.
TEST_F(SqliteStory, AReaderNeverSeesALockDuringLoads) {
  auto reader = start_python(
      "import os, sqlite3, sys\n"
      "print('ready')\n"
      "seen, reads = set(), 0\n"
      "while 20000 not in seen:\n"
      "    if not os.path.exists(sys.argv[1]): continue\n"
      "    c = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=0)\n"
      "    if c.execute(\"SELECT count(*) FROM sqlite_master WHERE name = 't'\").fetchone()[0]:\n"
      "        seen.add(c.execute('SELECT count(*) FROM t').fetchone()[0])\n"
      "        reads += 1\n"
      "    c.close()\n"
      "print('counts', sorted(seen - {0, 20000}))\n");
  Schema schema({{"n", Type::int64()}, {"word", Type::text()}});
  for (int load = 0; load < 20; ++load) {
    auto connection = connect();
    Transaction transaction(*connection);
    if (load == 0) connection->execute(connection->create_table_sql({"", "t"}, schema));
    data::BatchBuilder builder(schema);
    for (int i = 0; i < 1000; ++i) {
      builder.column(0).append_int64(i);
      builder.column(1).append_text("some text that takes a little room in the file");
      builder.finish_row();
    }
    auto writer = connection->write({"", "t"}, schema);
    writer->append(builder.take());
    writer->finish();
    transaction.commit();
  }
  EXPECT_EQ(reader.wait(), 0) << python_output();
  auto output = python_output();
  EXPECT_EQ(output.find("locked"), std::string::npos) << output;
  // Whole loads only.
  auto counts = output.substr(output.find("counts"));
  for (std::size_t at = counts.find_first_of("123456789"); at < counts.size();) {
    std::size_t end = counts.find_first_of(",]", at);
    EXPECT_EQ(std::stoi(counts.substr(at, end - at)) % 1000, 0) << counts;
    at = counts.find_first_of("123456789", end);
  }
}

TEST_F(SqliteStory, AProcessThatDiesInMidLoadLeavesNothing) {
  connect()->execute("CREATE TABLE t (a BIGINT)");
  pid_t child = fork();
  if (child == 0) {
    auto connection = connect();
    connection->begin();
    for (int i = 0; i < 20'000; ++i) connection->execute("INSERT INTO t VALUES (1)");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  auto connection = connect();
  EXPECT_EQ(rows(*connection, "SELECT count(*) FROM t"), "0\n");
  connection->execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(rows(*connection, "PRAGMA integrity_check"), "ok\n");
}

TEST_F(SqliteStory, WhatIsNoDatabaseIsNamed) {
  write_file(file(), std::string(5000, 'x'));
  expect_error(ErrorKind::Database, "story.db is no SQLite database", [&] { connect(); });
}

TEST_F(SqliteStory, AMissingFolderAndAMissingFileAreNamed) {
  expect_error(ErrorKind::Io, "there is no folder " + (folder_.path() / "nowhere").string(),
               [&] { connect({.path = folder_.path() / "nowhere" / "a.db"}); });
  expect_error(ErrorKind::NotFound, "there is no file", [&] { connect({.read_only = true}); });
  expect_error(ErrorKind::Io, "it is a folder", [&] { connect({.path = folder_.path()}); });
  expect_error(ErrorKind::Io, "no file can be made in /proc", [&] { connect({.path = "/proc/rows.db"}); });
  EXPECT_FALSE(std::filesystem::exists(file()));
}

// Root may write everything, so the story is told by another user.
class OtherUser {
 public:
  OtherUser() {
    if (geteuid() == 0 && seteuid(65534) != 0) changed_ = false;
  }
  ~OtherUser() {
    if (getuid() == 0) [[maybe_unused]]
      int back = seteuid(0);
  }
  bool changed_ = true;
};

TEST_F(SqliteStory, AReadOnlyFileIsNamedBeforeAnythingIsWritten) {
  run_command({.arguments = {"sqlite3", file().string(), "CREATE TABLE t (a); INSERT INTO t VALUES (1)"}});
  chmod(folder_.path().c_str(), 0755);
  chmod(file().c_str(), 0444);
  OtherUser nobody;
  auto connection = connect();
  EXPECT_EQ(rows(*connection, "SELECT a FROM t"), "1\n");
  expect_error(ErrorKind::Io, "it is read-only", [&] { connection->execute("INSERT INTO t VALUES (2)"); });
  expect_error(ErrorKind::Io, "it is read-only", [&] { connection->write({"", "t"}, Schema({{"a", Type::int64()}})); });
}

TEST_F(SqliteStory, AReadOnlyConnectionWritesNothing) {
  connect()->execute("CREATE TABLE t (a)");
  auto connection = connect({.read_only = true});
  expect_error(ErrorKind::Io, "read-only", [&] { connection->execute("INSERT INTO t VALUES (1)"); });
}

void write_much(Connection& connection) {
  Schema schema({{"word", Type::text()}});
  Transaction transaction(connection);
  auto writer = connection.write({"", "t"}, schema);
  for (int part = 0; part < 20; ++part) {
    data::BatchBuilder builder(schema);
    for (int i = 0; i < 1000; ++i) {
      builder.column(0).append_text(std::string(1000, 'x'));
      builder.finish_row();
    }
    writer->append(builder.take());
  }
  writer->finish();
  transaction.commit();
}

TEST_F(SqliteStory, AFullDatabaseKeepsWhatWasCommitted) {
  auto connection = connect();
  connection->execute("CREATE TABLE t (word TEXT); INSERT INTO t VALUES ('kept')");
  find_value(*connection, "PRAGMA max_page_count=100");
  expect_error(ErrorKind::Io, "full", [&] { write_much(*connection); });
  EXPECT_EQ(rows(*connection, "SELECT word FROM t"), "kept\n");
  connection->execute("INSERT INTO t VALUES ('more')");
}

TEST_F(SqliteStory, AFileThatMayNotGrowKeepsWhatWasCommitted) {
  auto connection = connect();
  connection->execute("CREATE TABLE t (word TEXT); INSERT INTO t VALUES ('kept')");
  auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4 << 20;
  setrlimit(RLIMIT_FSIZE, &small);
  expect_error(ErrorKind::Io, "may not grow", [&] { write_much(*connection); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(rows(*connection, "SELECT word FROM t"), "kept\n");
  write_much(*connection);
  EXPECT_EQ(rows(*connection, "SELECT count(*) FROM t"), "20001\n");
}

TEST_F(SqliteStory, ATypeThatChangesBetweenRowsWidensItsColumn) {
  auto connection = connect();
  connection->execute(
      "CREATE TABLE t (n INTEGER, x REAL, flag BOOLEAN, day DATE, amount DECIMAL(10,2), any, code VARCHAR(10));"
      "INSERT INTO t VALUES (1, 1.5, 1, '2026-01-01', 1.5, 1, '007');"
      "INSERT INTO t VALUES ('one', 2, 2, 'soon', 0.125, 2.5, 7)");
  EXPECT_EQ(types(*connection, "SELECT * FROM t"), "text, double, int64, text, double, double, text");
  EXPECT_EQ(rows(*connection, "SELECT * FROM t"), "1|1.5|1|2026-01-01|1.5|1.0|007\none|2.0|2|soon|0.125|2.5|7\n");
  EXPECT_EQ(types(*connection, "SELECT 9007199254740993 AS v UNION ALL SELECT 0.5"), "text");
  EXPECT_EQ(rows(*connection, "SELECT 9007199254740993 AS v UNION ALL SELECT 0.5"), "9007199254740993\n0.5\n");
  EXPECT_EQ(types(*connection, "SELECT NULL AS v UNION ALL SELECT x'00' UNION ALL SELECT 'text'"), "text");
}

TEST_F(SqliteStory, AValueThatFitsNoMoreAfterTheFirstBatchIsAnErrorWithItsPlace) {
  auto connection = connect();
  connection->execute(
      "CREATE TABLE t (n INTEGER);"
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 70000) INSERT INTO t SELECT i FROM c;"
      "INSERT INTO t VALUES ('end')");
  expect_error(ErrorKind::Data,
               "column 'n' began as int64, but row 70001 holds a text that does not fit\n"
               "hint: CAST(\"n\" AS TEXT) in the query reads every value",
               [&] { rows(*connection, "SELECT n FROM t"); });
  EXPECT_TRUE(rows(*connection, "SELECT CAST(n AS TEXT) FROM t").ends_with("70000\nend\n"));
}

TEST_F(SqliteStory, TextThatIsNoUtf8IsNamed) {
  auto connection = connect();
  connection->execute("CREATE TABLE t (word TEXT); INSERT INTO t VALUES ('good'), (CAST(x'61ff' AS TEXT))");
  expect_error(ErrorKind::Data, "column 'word', row 2: the text is invalid UTF-8 at byte 2",
               [&] { rows(*connection, "SELECT word FROM t"); });
  EXPECT_EQ(rows(*connection, "SELECT CAST(word AS BLOB) FROM t"), "676f6f64\n61ff\n");
}

TEST_F(SqliteStory, AnotherFileIsAttachedByName) {
  connect({.path = file("other.db")})->execute("CREATE TABLE u (a BIGINT); INSERT INTO u VALUES (5)");
  auto connection = connect();
  connection->attach({.path = file("other.db"), .read_only = true}, "other one");
  EXPECT_EQ(rows(*connection, "SELECT a FROM \"other one\".u"), "5\n");
  expect_error(ErrorKind::Io, "read-only", [&] { connection->execute("DELETE FROM \"other one\".u"); });
  expect_error(ErrorKind::Usage, "can't attach", [&] { connection->attach({.kind = Kind::Postgres}, "pg"); });
}

TEST_F(SqliteStory, ADatabaseInMemoryIsSharedByItsConnections) {
  auto database = open("sqlite://");
  auto first = database->connect();
  auto second = database->connect();
  first->execute("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1)");
  EXPECT_EQ(rows(*second, "SELECT a FROM t"), "1\n");
  first.reset();
  second.reset();
  EXPECT_EQ(rows(*database->connect(), "SELECT a FROM t"), "1\n");
  EXPECT_EQ(open("sqlite:///:memory:")->connect()->list_tables().size(), 0u);
}

TEST_F(SqliteStory, WideningKeepsIndexesAndConstraints) {
  auto connection = connect();
  connection->execute(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, n integer(3) NOT NULL CHECK (n > 0), \"a,b\" /* ( */ VARCHAR(3) DEFAULT "
      "'x', UNIQUE (n));"
      "CREATE INDEX i ON t (\"a,b\"); INSERT INTO t VALUES (1, 5, '007')");
  connection->widen_column({"", "T"}, {"n", Type::text()});
  EXPECT_EQ(rows(*connection, "SELECT sql FROM sqlite_schema WHERE name = 't'"),
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT NOT NULL CHECK (n > 0), \"a,b\" /* ( */ VARCHAR(3) DEFAULT "
            "'x', UNIQUE (n))\n");
  expect_error(ErrorKind::Data, "UNIQUE", [&] { connection->execute("INSERT INTO t VALUES (2, '5', 'y')"); });
  EXPECT_EQ(rows(*connection, "SELECT typeof(n), n FROM t"), "text|5\n");
  EXPECT_EQ(rows(*connection, "PRAGMA integrity_check"), "ok\n");
  EXPECT_EQ(sqlite3("SELECT n || 'x' FROM t"), "5x\n");
}

TEST(SqliteWiden, FindsTheDeclaredTypeHoweverItIsWritten) {
  auto replaced = [](std::string_view sql, std::string_view column) {
    return replace_declared_type(sql, column, "TEXT").value_or("not found");
  };
  EXPECT_EQ(replaced("CREATE TABLE t (a INT)", "a"), "CREATE TABLE t (a TEXT)");
  EXPECT_EQ(replaced("CREATE TABLE t(a)", "A"), "CREATE TABLE t(a TEXT)");
  EXPECT_EQ(replaced("CREATE TABLE \"(\" (x, 'a' DECIMAL ( 10 , 2 ) NOT NULL)", "a"),
            "CREATE TABLE \"(\" (x, 'a' TEXT NOT NULL)");
  EXPECT_EQ(replaced("CREATE TABLE t ([a] DOUBLE PRECISION, b)", "a"), "CREATE TABLE t ([a] TEXT, b)");
  EXPECT_EQ(replaced("CREATE TABLE t (b CHECK (b IN (1, 2)), -- a INT,\n a INT, UNIQUE (a))", "a"),
            "CREATE TABLE t (b CHECK (b IN (1, 2)), -- a INT,\n a TEXT, UNIQUE (a))");
  EXPECT_EQ(replaced("CREATE TABLE t (b INT)", "a"), "not found");
}

}  // namespace
}  // namespace plumb::db
