// What every database does, told once and run on each of them.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <thread>

#include "base/file.h"
#include "base/testing.h"
#include "db/db.h"
#include "support/postgres_server.h"

namespace plumb::db {
namespace {

using data::Batch;
using data::BatchBuilder;
using data::Schema;
using data::Type;

// A database of the kind that the story runs on, empty.
class DatabaseStory : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    switch (GetParam()) {
      case Kind::Sqlite:
        database_ = open(DatabaseConfig{.kind = Kind::Sqlite, .path = folder_.path() / "story.db"});
        break;
      case Kind::DuckDb:
        database_ = open(DatabaseConfig{.kind = Kind::DuckDb, .path = folder_.path() / "story.duckdb"});
        break;
      case Kind::Postgres: {
        auto& server = test_support::PostgresServer::shared();
        database_ = open(DatabaseConfig{.kind = Kind::Postgres,
                                        .host = server.host(),
                                        .port = server.port(),
                                        .dbname = server.create_database(),
                                        .user = server.user()});
        break;
      }
    }
    connection_ = database_->connect();
  }

  // All rows as text, a line each, null as "-".
  std::string rows(std::string_view sql, std::span<const Value> parameters = {}) {
    std::string text;
    for (auto reader = connection_->query(sql, parameters); auto batch = reader->next();) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          if (i != 0) text += " | ";
          if (batch->column(i).null_at(row)) {
            text += "-";
          } else {
            data::append_text(batch->column(i), row, text);
          }
        }
        text += "\n";
      }
    }
    return text;
  }

  std::string types(std::string_view sql) {
    std::string text;
    auto reader = connection_->query(sql);
    for (const auto& field : reader->schema()) {
      text += (text.empty() ? "" : ", ") + field.name + " " + field.type.to_string();
    }
    return text;
  }

  void create(const std::string& table, const Schema& schema, std::vector<std::string> key = {}) {
    connection_->execute(connection_->create_table_sql({"", table}, schema, key));
  }

  // Writes lines of canonical texts, fields parted by '|', "-" for null.
  std::int64_t write(const std::string& table, const Schema& schema, std::string_view lines) {
    auto writer = connection_->write({"", table}, schema);
    writer->append(batch_of(schema, lines));
    return writer->finish();
  }

  static Batch batch_of(const Schema& schema, std::string_view lines) {
    BatchBuilder builder(schema);
    while (!lines.empty()) {
      std::string_view line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
      for (std::size_t i = 0; i < schema.size(); ++i) {
        std::string_view cell = line.substr(0, line.find('|'));
        line.remove_prefix(std::min(line.size(), cell.size() + 1));
        if (cell == "-") {
          builder.column(i).append_null();
        } else {
          EXPECT_TRUE(data::parse_text(cell, builder.column(i))) << cell << " as " << schema[i].type.to_string();
        }
      }
      builder.finish_row();
    }
    return builder.take();
  }

  TemporaryFolder folder_;
  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

std::string name_of(const testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::Sqlite:
      return "Sqlite";
    case Kind::DuckDb:
      return "DuckDb";
    case Kind::Postgres:
      return "Postgres";
  }
  return {};
}

INSTANTIATE_TEST_SUITE_P(Every, DatabaseStory, testing::Values(Kind::Sqlite, Kind::DuckDb, Kind::Postgres), name_of);

// One table for all drivers: each type with its ordinary values and its extremes.
struct TypeCase {
  Type type;
  std::vector<std::string> values;
};

std::vector<TypeCase> type_cases() {
  std::string long_text(1 << 20, 'x');
  return {
      {Type::boolean(), {"true", "false"}},
      {Type::int64(), {"0", "-1", "9223372036854775807", "-9223372036854775808"}},
      {Type::decimal(18, 2), {"0.10", "0.20", "0.30", "9999999999999999.99", "-9999999999999999.99", "0.00"}},
      {Type::decimal(15, 2), {"0.10", "0.20", "0.30", "9999999999999.99", "-9999999999999.99", "0.07", "12.00"}},
      {Type::decimal(9, 0), {"0", "999999999", "-999999999"}},
      {Type::decimal(15, 15), {"0.000000000000001", "0.999999999999999", "-0.100000000000000"}},
      {Type::decimal(38, 0),
       {"10000000000000000000000000000000000000", "-10000000000000000000000000000000000000",
        "99999999999999999999999999999999999999"}},
      {Type::decimal(38, 37), {"9.9999999999999999999999999999999999999", "-0.0000000000000000000000000000000000001"}},
      {Type::decimal(38, 10), {"1000000000000000.0000000001", "12345.6789000000", "0.0000100000"}},
      {Type::float64(),
       {"0.1", "0.30000000000000004", "-0.5", "1e+300", "5e-324", "1.7976931348623157e+308", "1.0",
        "9007199254740992.0", "NaN", "Infinity", "-Infinity"}},
      {Type::text(),
       {"", "word", "it's \"quoted\" \\ ; -- no comment", "Grüße, 東京", "👩‍👩‍👧 🎉", "tab\there\r\nline",
        "NULL", "\\N", "007", "1.0", long_text}},
      {Type::binary(), {"", "00ff10", "27225c0a"}},
      {Type::date(), {"2026-11-21", "0001-01-01", "9999-12-31", "1970-01-01", "1969-12-31", "2000-02-29"}},
      {Type::time(), {"00:00:00", "07:00:00", "23:59:59.999999"}},
      {Type::timestamp(),
       {"2026-11-21 07:00:00", "2026-11-21 07:00:00.000001", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999",
        "1969-12-31 23:59:59.500000"}},
      {Type::timestamp_tz(),
       {"2026-11-21 07:00:00+00:00", "0001-01-01 00:00:00+00:00", "9999-12-31 23:59:59.999999+00:00"}},
      {Type::uuid(), {"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "00000000-0000-0000-0000-000000000000"}},
      {Type::json(), {"{\"a\": [1, 2.50, null]}", "[]", "1.5", "\"text\"", "null"}},
  };
}

TEST_P(DatabaseStory, EveryTypeComesBackAsItWent) {
  for (const auto& [type, values] : type_cases()) {
    SCOPED_TRACE(type.to_string());
    Schema schema({{"row", Type::int64(), false}, {"value", type}});
    create("t", schema);
    BatchBuilder builder(schema);
    std::string expected;
    for (std::size_t i = 0; i < values.size(); ++i) {
      builder.column(0).append_int64(static_cast<std::int64_t>(i));
      ASSERT_TRUE(data::parse_text(values[i], builder.column(1))) << values[i];
      builder.finish_row();
      expected += values[i] + "\n";
    }
    builder.column(0).append_int64(static_cast<std::int64_t>(values.size()));
    builder.column(1).append_null();
    builder.finish_row();
    expected += "-\n";
    auto writer = connection_->write({"", "t"}, schema);
    writer->append(builder.take());
    EXPECT_EQ(writer->finish(), static_cast<std::int64_t>(values.size()) + 1);

    EXPECT_EQ(types("SELECT value FROM t"), "value " + type.to_string());
    EXPECT_EQ((*connection_->find_table({"", "t"}))[1].type, type);
    EXPECT_EQ(rows("SELECT value FROM t ORDER BY row"), expected);
    connection_->execute("DROP TABLE t");
  }
}

TEST_P(DatabaseStory, ListsAndStructsAreJsonWhereTheDatabaseHasNone) {
  if (GetParam() == Kind::DuckDb) GTEST_SKIP() << "DuckDB has them";
  Schema schema({{"tags", Type::list(Type::text())}, {"who", Type::structure({{"n", Type::int64()}})}});
  create("t", schema);
  write("t", schema, "[\"a\",\"b\"]|{\"n\":1}\n-|-\n");
  EXPECT_EQ(types("SELECT tags, who FROM t"), "tags json, who json");
  auto text = rows("SELECT tags, who FROM t");
  std::erase(text, ' ');
  EXPECT_EQ(text, "[\"a\",\"b\"]|{\"n\":1}\n-|-\n");
}

TEST_P(DatabaseStory, ParametersAreBoundNeverPasted) {
  Schema schema({{"flag", Type::boolean()},
                 {"n", Type::int64()},
                 {"x", Type::float64()},
                 {"word", Type::text()},
                 {"amount", Type::decimal(12, 2)},
                 {"wide", Type::decimal(30, 2)},
                 {"at", Type::timestamp_tz()},
                 {"day", Type::date()},
                 {"nothing", Type::text()}});
  create("t", schema);
  Instant at = *find_instant("2026-11-21T07:00:00.250Z");
  std::vector<Value> row = {true,
                            std::int64_t{-7},
                            0.1,
                            std::string("Robert'); DROP TABLE t; --"),
                            data::Decimal::parse("12.30"),
                            data::Decimal::parse("1234567890123456789.01"),
                            at,
                            *find_date("2026-11-21"),
                            std::monostate{}};
  EXPECT_EQ(connection_->execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row), 1);
  EXPECT_EQ(rows("SELECT * FROM t"),
            "true | -7 | 0.1 | Robert'); DROP TABLE t; -- | 12.30 | 1234567890123456789.01 | "
            "2026-11-21 07:00:00.250000+00:00 | 2026-11-21 | -\n");
  EXPECT_EQ(rows("SELECT n FROM t WHERE amount = ? AND day = ? AND \"at\" = ? AND flag = ? AND word = ?",
                 std::array<Value, 5>{data::Decimal::parse("12.3"), *find_date("2026-11-21"), at, true,
                                      std::string("Robert'); DROP TABLE t; --")}),
            "-7\n");
}

TEST_P(DatabaseStory, APlaceholderInATextOrACommentIsNone) {
  EXPECT_EQ(rows("SELECT 'what?' AS a, /* really? */ CAST(? AS INTEGER) + 1 AS \"b?\" -- sure?\n",
                 std::array<Value, 1>{std::int64_t{1}}),
            "what? | 2\n");
}

TEST_P(DatabaseStory, AWrongNumberOfParametersIsAnError) {
  create("t", Schema({{"n", Type::int64()}}));
  expect_error(ErrorKind::Database, "parameter", [&] { connection_->execute("INSERT INTO t VALUES (?)", {1L, 2L}); });
  expect_error(ErrorKind::Database, "parameter",
               [&] { connection_->execute("DELETE FROM t WHERE n IN (?, ?)", {1L}); });
}

TEST_P(DatabaseStory, ExecuteTellsHowManyRowsItChanged) {
  create("t", Schema({{"n", Type::int64()}}));
  EXPECT_EQ(connection_->execute("INSERT INTO t VALUES (1), (2), (3)"), 3);
  EXPECT_EQ(connection_->execute("UPDATE t SET n = n + 1 WHERE n > ?", {std::int64_t{1}}), 2);
  EXPECT_EQ(connection_->execute("DELETE FROM t WHERE n = 99"), 0);
  EXPECT_EQ(connection_->execute("CREATE TABLE u (n BIGINT); INSERT INTO u VALUES (1)"), 1);
}

TEST_P(DatabaseStory, AnErrorShowsItsPlaceInTheStatement) {
  auto text = error_of([&] { connection_->execute("SELECT 1;\nSELECT a\n  FROM nowhere"); });
  EXPECT_NE(text.find("nowhere"), std::string::npos) << text;
  text = error_of([&] { connection_->query("SELECT 1 +\n  * FRM t"); });
  EXPECT_NE(text.find("<query>:2:"), std::string::npos) << text;
}

TEST_P(DatabaseStory, ATransactionIsWholeOrNothing) {
  create("t", Schema({{"n", Type::int64()}}));
  {
    Transaction transaction(*connection_);
    EXPECT_TRUE(connection_->in_transaction());
    connection_->execute("INSERT INTO t VALUES (1)");
    write("t", Schema({{"n", Type::int64()}}), "2\n3\n");
    EXPECT_EQ(rows("SELECT count(*) FROM t"), "3\n");
  }
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
  Transaction transaction(*connection_);
  connection_->execute("INSERT INTO t VALUES (1)");
  transaction.commit();
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "1\n");
}

TEST_P(DatabaseStory, AWriterThatIsNotFinishedLeavesNothing) {
  Schema schema({{"n", Type::int64()}});
  create("t", schema);
  {
    auto writer = connection_->write({"", "t"}, schema);
    writer->append(batch_of(schema, "1\n2\n"));
  }
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
  EXPECT_FALSE(connection_->in_transaction());
}

TEST_P(DatabaseStory, RowsComeInBatchesAndMayBeLeftUnread) {
  Schema schema({{"n", Type::int64()}, {"word", Type::text()}});
  create("t", schema);
  auto writer = connection_->write({"", "t"}, schema);
  for (int part = 0; part < 3; ++part) {
    BatchBuilder builder(schema);
    for (int i = 0; i < 50'000; ++i) {
      builder.column(0).append_int64(part * 50'000 + i);
      builder.column(1).append_text("some text");
      builder.finish_row();
    }
    writer->append(builder.take());
  }
  EXPECT_EQ(writer->finish(), 150'000);
  std::int64_t sum = 0;
  std::size_t batches = 0;
  for (auto reader = connection_->query("SELECT n, word FROM t"); auto batch = reader->next(); ++batches) {
    for (std::size_t row = 0; row < batch->rows(); ++row) sum += batch->column(0).int64_at(row);
  }
  EXPECT_EQ(sum, 150'000LL * 149'999 / 2);
  EXPECT_GT(batches, 1u);
  connection_->query("SELECT n FROM t")->next();
  EXPECT_EQ(rows("SELECT max(n) FROM t"), "149999\n");
}

TEST_P(DatabaseStory, OnlyTheNamedColumnsAreWritten) {
  create("t", Schema({{"id", Type::int64()}, {"word", Type::text()}, {"day", Type::date()}}));
  write("t", Schema({{"day", Type::date()}, {"id", Type::int64()}}), "2026-01-01|1\n");
  EXPECT_EQ(rows("SELECT id, word, day FROM t"), "1 | - | 2026-01-01\n");
  expect_error(ErrorKind::Database, "'wrd'", [&] { connection_->write({"", "t"}, Schema({{"wrd", Type::text()}})); });
  expect_error(ErrorKind::NotFound, "nowhere", [&] {
    connection_->write({"", "nowhere"}, Schema({{"a", Type::text()}}));
  });
}

TEST_P(DatabaseStory, BadTextIsRefusedWithItsPlace) {
  Schema schema({{"id", Type::int64()}, {"word", Type::text()}});
  create("t", schema);
  auto write_texts = [&](std::vector<std::string> texts) {
    auto writer = connection_->write({"", "t"}, schema);
    BatchBuilder builder(schema);
    for (const auto& text : texts) {
      builder.column(0).append_int64(1);
      builder.column(1).append_text(text);
      builder.finish_row();
    }
    writer->append(builder.take());
    writer->finish();
  };
  expect_error(ErrorKind::Data, "table t, column 'word', row 2: the text holds a NUL character at byte 3", [&] {
    write_texts({"good", std::string("no\0t", 4)});
  });
  expect_error(ErrorKind::Data, "table t, column 'word', row 1: the text holds invalid UTF-8 at byte 2",
               [&] { write_texts({"a\xff"}); });
  // Halves of one character in two texts.
  expect_error(ErrorKind::Data, "row 1", [&] { write_texts({"\xc3", "\xbc"}); });
  expect_error(ErrorKind::Data, "parameter 2", [&] {
    connection_->execute("INSERT INTO t VALUES (?, ?)", {1L, std::string("\xff")});
  });
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
}

TEST_P(DatabaseStory, ANullOrADuplicateKeyIsRefused) {
  Schema schema({{"id", Type::int64(), false}, {"word", Type::text()}});
  create("t", schema, {"id"});
  expect_error(ErrorKind::Data, "", [&] { write("t", schema, "1|a\n1|b\n"); });
  expect_error(ErrorKind::Data, "", [&] { connection_->execute("INSERT INTO t VALUES (NULL, 'x')"); });
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
  EXPECT_EQ(write("t", schema, "1|a\n"), 1);
}

TEST_P(DatabaseStory, UpsertReplacesRowsOfEqualKeyAndTheLastOneCounts) {
  Schema schema({{"account", Type::text(), false},
                 {"day", Type::date(), false},
                 {"balance", Type::decimal(20, 2)},
                 {"note", Type::text()}});
  std::vector<std::string> key = {"account", "day"};
  create("t", schema, key);
  upsert(*connection_, {"", "t"}, batch_of(schema, "A|2026-01-01|1.00|first\nB|2026-01-01|2.00|-\n"), key);
  upsert(*connection_, {"", "t"}, batch_of(schema, "A|2026-01-01|5.00|x\nA|2026-01-02|3.10|-\nA|2026-01-01|6.00|-\n"),
         key);
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY account, day"),
            "A | 2026-01-01 | 6.00 | -\nA | 2026-01-02 | 3.10 | -\nB | 2026-01-01 | 2.00 | -\n");
  // A narrower batch leaves the other columns alone.
  Schema narrow({{"account", Type::text()}, {"day", Type::date()}, {"note", Type::text()}});
  upsert(*connection_, {"", "t"}, batch_of(narrow, "B|2026-01-01|seen\n"), key);
  EXPECT_EQ(rows("SELECT * FROM t WHERE account = 'B'"), "B | 2026-01-01 | 2.00 | seen\n");
  expect_error(ErrorKind::Data, "'day'", [&] { upsert(*connection_, {"", "t"}, batch_of(narrow, "B|-|x\n"), key); });
  {
    Transaction transaction(*connection_);
    upsert(*connection_, {"", "t"}, batch_of(narrow, "C|2026-01-01|x\n"), key);
  }
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "3\n");
}

TEST_P(DatabaseStory, ColumnsAreAddedAndWidened) {
  Schema schema(
      {{"id", Type::int64(), false}, {"n", Type::int64()}, {"amount", Type::decimal(10, 2)}, {"day", Type::date()}});
  create("t", schema, {"id"});
  write("t", schema, "1|7|12.30|2026-01-01\n2|-|-|-\n");
  connection_->add_column({"", "t"}, {"word", Type::text(), false});
  connection_->widen_column({"", "t"}, {"n", Type::decimal(21, 2)});
  connection_->widen_column({"", "t"}, {"amount", Type::decimal(30, 4)});
  connection_->widen_column({"", "t"}, {"day", Type::text()});
  EXPECT_EQ(types("SELECT * FROM t"), "id int64, n decimal(21,2), amount decimal(30,4), day text, word text");
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), "1 | 7.00 | 12.3000 | 2026-01-01 | -\n2 | - | - | - | -\n");
  // The key is still one.
  expect_error(ErrorKind::Data, "", [&] { connection_->execute("INSERT INTO t (id) VALUES (1)"); });
  connection_->widen_column({"", "t"}, {"n", Type::text()});
  EXPECT_EQ(rows("SELECT n FROM t ORDER BY id"), "7.00\n-\n");
}

TEST_P(DatabaseStory, EveryWideningKeepsTheValue) {
  struct Case {
    Type from;
    Type to;
    std::string before;
    std::string after;
  };
  std::vector<Case> cases = {
      {Type::int64(), Type::decimal(19, 0), "9223372036854775807", "9223372036854775807"},
      {Type::int64(), Type::decimal(15, 2), "-12", "-12.00"},
      {Type::int64(), Type::float64(), "12", "12.0"},
      {Type::int64(), Type::text(), "12", "12"},
      {Type::decimal(10, 2), Type::decimal(14, 4), "1.50", "1.5000"},
      {Type::decimal(10, 2), Type::text(), "1.50", "1.50"},
      {Type::decimal(30, 2), Type::decimal(32, 4), "1.50", "1.5000"},
      {Type::decimal(30, 2), Type::text(), "1.50", "1.50"},
      {Type::boolean(), Type::text(), "true", "true"},
      {Type::date(), Type::timestamp(), "2026-01-02", "2026-01-02 00:00:00"},
      {Type::date(), Type::text(), "2026-01-02", "2026-01-02"},
      {Type::timestamp(), Type::text(), "2026-01-02 03:04:05", "2026-01-02 03:04:05"},
      {Type::timestamp_tz(), Type::text(), "2026-01-02 03:04:05.500000+00:00", "2026-01-02 03:04:05.500000+00:00"},
      {Type::time(), Type::text(), "03:04:05", "03:04:05"},
      {Type::float64(), Type::text(), "0.1", "0.1"},
      {Type::uuid(), Type::text(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
      {Type::binary(), Type::text(), "00ff", "00ff"},
      {Type::json(), Type::text(), "[]", "[]"},
  };
  for (const auto& [from, to, before, after] : cases) {
    SCOPED_TRACE(from.to_string() + " to " + to.to_string());
    Schema schema({{"v", from}});
    create("t", schema);
    write("t", schema, before + "\n-\n");
    connection_->widen_column({"", "t"}, {"v", to});
    EXPECT_EQ(types("SELECT v FROM t"), "v " + to.to_string());
    EXPECT_EQ(rows("SELECT v FROM t ORDER BY v IS NULL"), after + "\n-\n");
    connection_->execute("DROP TABLE t");
  }
}

TEST_P(DatabaseStory, TheCatalogTellsTablesAndColumns) {
  EXPECT_FALSE(connection_->find_table({"", "t"}));
  create("t", Schema({{"id", Type::int64(), false}, {"we\"ird name", Type::text()}}), {"id"});
  connection_->execute("CREATE VIEW v AS SELECT id FROM t");
  auto schema = connection_->find_table({"", "t"});
  ASSERT_TRUE(schema);
  EXPECT_EQ((*schema)[1].name, "we\"ird name");
  EXPECT_FALSE((*schema)[0].nullable);
  EXPECT_TRUE((*schema)[1].nullable);
  std::string names;
  for (const auto& table : connection_->list_tables()) names += table.table + " ";
  EXPECT_EQ(names, "t v ");
}

TEST_P(DatabaseStory, TwoColumnsOfOneNameGetTwoNames) {
  EXPECT_EQ(types("SELECT CAST(1 AS BIGINT) AS id, CAST(2 AS BIGINT) AS id"), "id int64, id_1 int64");
}

TEST_P(DatabaseStory, ARunningStatementIsCancelledFromAnotherThread) {
  std::string endless =
      "WITH RECURSIVE forever(n) AS (SELECT 1 UNION ALL SELECT 1 - n FROM forever) SELECT sum(n) FROM forever";
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    connection_->cancel();
  });
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { connection_->query(endless)->next(); });
  other.join();
  // A cancel that met nothing ends the next statement, and only that one.
  connection_->cancel();
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { connection_->execute("SELECT 1"); });
  EXPECT_EQ(rows("SELECT 1"), "1\n");
}

TEST_P(DatabaseStory, AStopCancelsAWriterAndRollsBack) {
  Schema schema({{"n", Type::int64()}});
  create("t", schema);
  std::stop_source stop;
  expect_error(ErrorKind::Cancelled, "cancelled", [&] {
    Transaction transaction(*connection_);
    CancelOnStop cancel(*connection_, stop.get_token());
    auto writer = connection_->write({"", "t"}, schema);
    writer->append(batch_of(schema, "1\n"));
    stop.request_stop();
    for (int i = 0; i < 1000; ++i) writer->append(batch_of(schema, "1\n2\n"));
    writer->finish();
    transaction.commit();
  });
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0\n");
}

struct Visit {
  std::string who;
  Date day;
  data::Decimal paid;
  std::optional<std::string> note;
};

}  // namespace
}  // namespace plumb::db

template <>
struct plumb::data::Columns<plumb::db::Visit> {
  static constexpr auto list =
      std::tuple(column("who", &plumb::db::Visit::who), column("day", &plumb::db::Visit::day),
                 column("paid", &plumb::db::Visit::paid, 18, 2), column("note", &plumb::db::Visit::note));
};

namespace plumb::db {
namespace {

TEST_P(DatabaseStory, RecordsAreWrittenAndReadWithTheirTypes) {
  Table<Visit> visits(*connection_, {"", "visits"}, {"who", "day"});
  visits.create();
  visits.create();
  std::vector<Visit> rows = {
      {"Ada", *find_date("2026-01-01"), data::Decimal::parse("1234567890123456.78"), std::nullopt},
      {"Bob", *find_date("2026-01-01"), data::Decimal::parse("0.30"), "cash"}};
  visits.upsert(rows);
  rows[1].note = "card";
  visits.upsert(std::span(rows).subspan(1));
  auto back =
      visits.read("WHERE paid < ? ORDER BY who", std::array<Value, 1>{data::Decimal::parse("9999999999999999.00")});
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].paid, data::Decimal::parse("1234567890123456.78"));
  EXPECT_EQ(back[1].note, "card");
}

}  // namespace
}  // namespace plumb::db
