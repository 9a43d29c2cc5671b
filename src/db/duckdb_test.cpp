// Statements, types, errors and transactions of the DuckDB driver, on real databases.

#include <thread>

#include "base/file.h"
#include "base/testing.h"
#include "db/db.h"

namespace plumb::db {
namespace {

using data::Decimal;

class DuckDb : public testing::Test {
 protected:
  std::shared_ptr<Database> database = open({.kind = Kind::DuckDb});
  std::unique_ptr<Connection> connection = database->connect();

  // "type, type | value, value | value, value": a column's types, then the rows.
  std::string ask(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return ask(*connection, sql, parameters);
  }
  static std::string ask(Connection& of, std::string_view sql, std::initializer_list<Value> parameters = {}) {
    auto rows = of.query(sql, parameters);
    std::string out;
    for (const auto& field : rows->schema()) out += (out.empty() ? "" : ", ") + field.type.to_string();
    while (auto batch = rows->next()) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        out += " | ";
        for (std::size_t i = 0; i < batch->columns(); ++i) {
          if (i > 0) out += ", ";
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

TEST_F(DuckDb, Answers) {
  EXPECT_EQ(ask("SELECT 1 AS a, 'x' AS b"), "int64, text | 1, x");
}

TEST_F(DuckDb, RunsSeveralStatementsAndCountsRows) {
  EXPECT_EQ(connection->execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2), (3); DELETE FROM t WHERE a = 2"),
            4);
  EXPECT_EQ(connection->execute("UPDATE t SET a = a + 1"), 2);
  EXPECT_EQ(connection->execute("SELECT * FROM t"), 0);
  EXPECT_EQ(connection->execute("-- nothing but words"), 0);
  EXPECT_EQ(ask("SET threads = 1; SELECT sum(a) FROM t;"), "decimal(38,0) | 6");
}

TEST_F(DuckDb, BindsEveryKindOfParameter) {
  using namespace std::chrono_literals;
  EXPECT_EQ(ask("SELECT ?, ?, ?, ?, ?, ?, ?, ?", {true, std::int64_t{-7}, 0.5, "it's", Decimal::parse("-12.30"),
                                                  Instant(1s + 1us), Date(2026y / 2 / 28), std::monostate()}),
            "bool, int64, double, text, decimal(4,2), timestamptz, date, int64 | true, -7, 0.5, it's, -12.30, "
            "1970-01-01 00:00:01.000001+00:00, 2026-02-28, NULL");
  EXPECT_EQ(ask("SELECT ? = 0.05, ?", {Decimal{5, 2}, Decimal::parse("99999999999999999999999999999999999999")}),
            "bool, decimal(38,0) | true, 99999999999999999999999999999999999999");
  expect_error(ErrorKind::Database, "has 2 parameters, but 1 values", [&] { ask("SELECT ?, ?", {std::int64_t{1}}); });
  expect_error(ErrorKind::Data, "invalid UTF-8", [&] { ask("SELECT ?", {"\xff"}); });
  expect_error(ErrorKind::Usage, "take no parameters", [&] { ask("SELECT ?; SELECT ?", {std::int64_t{1}}); });
}

TEST_F(DuckDb, ReadsItsOwnTypes) {
  EXPECT_EQ(ask("SELECT true, 1::TINYINT, -2::SMALLINT, 3::INT, 4::BIGINT, 200::UTINYINT, 5::USMALLINT, 6::UINTEGER"),
            "bool, int64, int64, int64, int64, int64, int64, int64 | true, 1, -2, 3, 4, 200, 5, 6");
  EXPECT_EQ(ask("SELECT 18446744073709551615::UBIGINT, -99999999999999999999999999999999999999::HUGEINT, "
                "340282366920938463463374607431768211455::UHUGEINT"),
            "decimal(20,0), decimal(38,0), text | 18446744073709551615, -99999999999999999999999999999999999999, "
            "340282366920938463463374607431768211455");
  EXPECT_EQ(ask("SELECT 1.5::FLOAT, 0.1::DOUBLE, 1.23::DECIMAL(4,2), -123456.78::DECIMAL(9,2), "
                "123456789012.345678::DECIMAL(18,6), 12345678901234567890123456789012345.678::DECIMAL(38,3)"),
            "double, double, decimal(4,2), decimal(9,2), decimal(18,6), decimal(38,3) | 1.5, 0.1, 1.23, -123456.78, "
            "123456789012.345678, 12345678901234567890123456789012345.678");
  EXPECT_EQ(ask("SELECT 'short', 'longer than twelve bytes, äöü', '\\x00\\xFF'::BLOB, '[1]'::JSON, NULL"),
            "text, text, binary, json, int64 | short, longer than twelve bytes, äöü, 00ff, [1], NULL");
  EXPECT_EQ(ask("SELECT DATE '0001-01-01', TIME '07:00:00.000001', TIMESTAMP '1969-12-31 23:59:59.5', "
                "TIMESTAMPTZ '2026-11-21 07:00:00+02', '2026-11-21 07:00:00'::TIMESTAMP_S, "
                "'1969-12-31 23:59:59.001'::TIMESTAMP_MS, '1969-12-31 23:59:59.123456789'::TIMESTAMP_NS"),
            "date, time, timestamp, timestamptz, timestamp, timestamp, timestamp | 0001-01-01, 07:00:00.000001, "
            "1969-12-31 23:59:59.500000, 2026-11-21 05:00:00+00:00, 2026-11-21 07:00:00, "
            "1969-12-31 23:59:59.001000, 1969-12-31 23:59:59.123456");
  EXPECT_EQ(ask("SELECT uuid, uuid::VARCHAR = lower(uuid::VARCHAR) FROM (SELECT "
                "'F47AC10B-58CC-4372-8567-0E02B2C3D479'::UUID AS uuid)"),
            "uuid, bool | f47ac10b-58cc-4372-8567-0e02b2c3d479, true");
}

TEST_F(DuckDb, ReadsWhatOthersLackAsItsRelativesOrAsText) {
  EXPECT_EQ(ask("SELECT INTERVAL '1 day 2 hours', 'b'::ENUM('a', 'b'), '07:00:00+02'::TIMETZ, '07:00:00.1'::TIME_NS"),
            "text, text, text, text | 1 day 02:00:00, b, 07:00:00+02, 07:00:00.1");
  EXPECT_EQ(ask("SELECT MAP {'a': 1, 'b': NULL}, [1, 2]::INT[2]"),
            "list(struct(key text, value int64)), list(int64) | "
            "[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":null}], "
            "[1,2]");
  EXPECT_EQ(ask("SELECT '0101'::BIT AS b, '12345678901234567890123456789012345678901234567890'::BIGNUM, "
                "union_value(n := 7), 1::VARIANT, {'a': union_value(n := 7), 'b': [1]} ORDER BY b LIMIT ?;  ",
                {std::int64_t{1}}),
            "text, text, text, text, struct(a text, b list(int64)) | 0101, "
            "12345678901234567890123456789012345678901234567890, 7, 1, {\"a\":\"7\",\"b\":[1]}");
  expect_error(ErrorKind::Data, "column \"h\": a HUGEINT has more than 38 digits",
               [&] { ask("SELECT 100000000000000000000000000000000000000::HUGEINT AS h"); });
  expect_error(ErrorKind::Data, "column \"d\": a date is infinite", [&] { ask("SELECT 'infinity'::DATE AS d"); });
  expect_error(ErrorKind::Data, "column \"d\": a timestamp is infinite",
               [&] { ask("SELECT '-infinity'::TIMESTAMP AS d"); });
}

TEST_F(DuckDb, ReadsNestedValues) {
  EXPECT_EQ(ask("SELECT {'a': 1, 'b': ['x', NULL], 'c': {'d': 1.5::DECIMAL(3,1)}}, NULL::INT[], []::INT[]"),
            "struct(a int64, b list(text), c struct(d decimal(3,1))), list(int64), list(int64) | "
            "{\"a\":1,\"b\":[\"x\",null],\"c\":{\"d\":1.5}}, NULL, []");
  EXPECT_EQ(ask("SELECT CASE WHEN i = 1 THEN NULL ELSE {'i': i, 'l': list_reverse(range(i))} END FROM range(3) t(i)"),
            "struct(i int64, l list(int64)) | {\"i\":0,\"l\":[]} | NULL | {\"i\":2,\"l\":[1,0]}");
  EXPECT_EQ(ask("SELECT [1, 2], row(1, 'a') FROM range(2)"),
            "list(int64), struct(v1 int64, v2 text) | [1,2], {\"v1\":1,\"v2\":\"a\"} | [1,2], {\"v1\":1,\"v2\":\"a\"}");
  EXPECT_EQ(ask("SELECT list({'k': i, 'v': [i]} ORDER BY i DESC) FROM range(3) t(i)"),
            "list(struct(k int64, v list(int64))) | [{\"k\":2,\"v\":[2]},{\"k\":1,\"v\":[1]},{\"k\":0,\"v\":[0]}]");
}

TEST_F(DuckDb, NumbersColumnsOfOneName) {
  auto rows = connection->query("SELECT 1 AS a, 2 AS a, 3 AS b");
  EXPECT_EQ(rows->schema()[1].name, "a_1");
}

TEST_F(DuckDb, StreamsMoreRowsThanABatchHolds) {
  auto rows = connection->query("SELECT i, 'row ' || i AS t FROM range(200000) r(i)");
  std::int64_t expected = 0;
  int batches = 0;
  while (auto batch = rows->next()) {
    EXPECT_LE(batch->rows(), data::kBatchRows + 2048);
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      ASSERT_EQ(batch->column(0).int64_at(row), expected);
      ASSERT_EQ(batch->column(1).text_at(row), "row " + std::to_string(expected));
      ++expected;
    }
    ++batches;
  }
  EXPECT_EQ(expected, 200000);
  EXPECT_GE(batches, 3);
  EXPECT_FALSE(rows->next());
}

TEST_F(DuckDb, TellsAReaderThatCameTooLate) {
  auto rows = connection->query("SELECT * FROM range(200000)");
  ASSERT_TRUE(rows->next());
  connection->execute("SELECT 1");
  expect_error(ErrorKind::Internal, "after another statement", [&] { rows->next(); });
}

TEST_F(DuckDb, ShowsThePlaceOfAMistake) {
  connection->execute("CREATE TABLE t(amount INT)");
  EXPECT_EQ(error_of([&] { ask("SELECT 1;\nSELECT 'ä', amuont\nFROM t"); }),
            "<query>:2:13: Referenced column \"amuont\" not found in FROM clause\n"
            "   2 | SELECT 'ä', amuont\n"
            "     |             ^\n"
            "hint: there is \"amount\"");
  EXPECT_EQ(error_of([&] { ask("SELCT 1"); }),
            "<query>:1:1: syntax error at or near \"SELCT\"\n"
            "   1 | SELCT 1\n"
            "     | ^");
  EXPECT_EQ(error_of([&] { ask("SELECT * FROM tt"); }),
            "<query>:1:15: Table with name tt does not exist\n"
            "   1 | SELECT * FROM tt\n"
            "     |               ^\n"
            "hint: did you mean \"t\"?");
  expect_error(ErrorKind::Usage, "<query>:1:8: the statement holds a NUL byte",
               [&] { ask(std::string_view("SELECT \0", 8)); });
  expect_error(ErrorKind::Usage, "not valid UTF-8", [&] { ask("SELECT '\xff'"); });
  expect_error(ErrorKind::Database, "is empty", [&] { ask(" "); });
}

TEST_F(DuckDb, TellsKindsOfTroubleApart) {
  connection->execute("CREATE TABLE t(id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO t VALUES (1, 1)");
  expect_error(ErrorKind::Database, "does not exist", [&] { ask("SELECT nosuch(1)"); });
  expect_error(ErrorKind::Data, "Could not convert string 'x' to INT32", [&] { ask("SELECT 'x'::INT"); });
  expect_error(ErrorKind::Data, "NOT NULL constraint failed: t.n", [&] { ask("INSERT INTO t VALUES (2, NULL)"); });
  expect_error(ErrorKind::Data, "Duplicate key", [&] { ask("INSERT INTO t VALUES (1, 1)"); });
  expect_error(ErrorKind::NotFound, "nosuch.csv", [&] { ask("SELECT * FROM read_csv('/nosuch.csv')"); });
  // Well into the stream.
  expect_error(ErrorKind::Database, "late",
               [&] { ask("SELECT CASE WHEN i > 150000 THEN error('late') END FROM range(200000) r(i)"); });
}

TEST_F(DuckDb, EndsARunningStatementOnCancel) {
  std::stop_source stop;
  CancelOnStop cancel(*connection, stop.get_token());
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  expect_error(ErrorKind::Cancelled, "cancelled", [&] {
    connection->execute("CREATE TABLE t AS SELECT * FROM range(100000000000) ORDER BY hash(range)");
  });
  other.join();
  EXPECT_EQ(ask("SELECT 1"), "int64 | 1");
}

TEST_F(DuckDb, EndsTheNextStatementWhenNoneIsRunning) {
  connection->cancel();
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { ask("SELECT 1"); });
  EXPECT_EQ(ask("SELECT 1"), "int64 | 1");
  auto rows = connection->query("SELECT * FROM range(10000000)");
  ASSERT_TRUE(rows->next());
  connection->cancel();
  expect_error(ErrorKind::Cancelled, "cancelled", [&] { rows->next(); });
}

// DuckDB's threads may still be at the statement when the error has already taken connection and database with it.
TEST_F(DuckDb, EndsAStatementThatIsCancelledAsItBegins) {
  for (int round = 0; round < 200; ++round) {
    try {
      auto passing = open({.kind = Kind::DuckDb});
      auto reader = passing->connect();
      reader->execute("SELECT 1");
      std::jthread canceller([&, round] {
        std::this_thread::sleep_for(std::chrono::microseconds(round * 10));
        reader->cancel();
      });
      auto rows = reader->query("SELECT range FROM range(1000000000000)");
      while (rows->next()) {
      }
      ADD_FAILURE() << "it has ended by itself";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Cancelled) << error.render();
    }
  }
}

TEST_F(DuckDb, KeepsOrForgetsATransaction) {
  connection->execute("CREATE TABLE t(a INT)");
  {
    Transaction transaction(*connection);
    EXPECT_TRUE(connection->in_transaction());
    connection->execute("INSERT INTO t VALUES (1)");
  }
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(ask("SELECT count(*) FROM t"), "int64 | 0");
  {
    Transaction transaction(*connection);
    connection->execute("INSERT INTO t VALUES (1)");
    transaction.commit();
  }
  connection->execute("BEGIN; INSERT INTO t VALUES (2)");
  EXPECT_TRUE(connection->in_transaction());
  connection->execute("ROLLBACK");
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(ask("SELECT a FROM t"), "int64 | 1");
}

TEST_F(DuckDb, TellsThatTwoTransactionsMetOnARow) {
  connection->execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1)");
  auto second = database->connect();
  connection->begin();
  second->begin();
  connection->execute("UPDATE t SET a = 2");
  expect_error(ErrorKind::Busy, "onflict", [&] { second->execute("UPDATE t SET a = 3"); });
  second->rollback();
  connection->commit();
  EXPECT_EQ(ask(*second, "SELECT a FROM t"), "int64 | 2");
}

TEST_F(DuckDb, KnowsItsTables) {
  connection->create_schema("raw");
  connection->create_schema("raw");
  connection->execute(
      "CREATE TABLE raw.t(id BIGINT PRIMARY KEY, amount DECIMAL(18,2), \"we ird\" STRUCT(a INT)[]); "
      "CREATE VIEW raw.v AS SELECT id FROM raw.t; CREATE TABLE plain(a INT); CREATE TEMP TABLE tmp(b INT)");
  auto names = connection->list_tables("raw");
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0].schema + "." + names[0].table, "raw.t");
  EXPECT_EQ(names[1].table, "v");
  EXPECT_EQ(connection->list_tables().size(), 1u);

  auto schema = connection->find_table({"raw", "t"});
  ASSERT_TRUE(schema);
  EXPECT_EQ((*schema)[0], (data::Field{"id", data::Type::int64(), false}));
  EXPECT_EQ((*schema)[1], (data::Field{"amount", data::Type::decimal(18, 2)}));
  EXPECT_EQ((*schema)[2].type.to_string(), "list(struct(a int64))");
  EXPECT_TRUE(connection->find_table({"raw", "v"}));
  EXPECT_TRUE(connection->find_table({"", "plain"}));
  EXPECT_TRUE(connection->find_table({"", "tmp"}));
  EXPECT_FALSE(connection->find_table({"raw", "nosuch"}));
  EXPECT_FALSE(connection->find_table({"nosuch", "t"}));
  EXPECT_FALSE(connection->find_table({"", "t.csv"}));
}

TEST_F(DuckDb, KnowsWhichTablesAStatementNames) {
  auto names = [&](std::string_view sql) {
    std::string text;
    for (const auto& name : find_table_names(*connection, sql)) {
      if (!text.empty()) text += ", ";
      for (const auto& part : name) text += (&part == &name.front() ? "" : ".") + part;
    }
    return text;
  };
  EXPECT_EQ(
      names("WITH w AS (SELECT landing.x FROM files.raw_bank.t landing) SELECT 'lake.t' FROM w JOIN \"my lake\".u "
            "USING (k) WHERE n IN (SELECT m FROM v) -- other.t"),
      "files.raw_bank.t, w, my lake.u, v");
  EXPECT_EQ(names("DESCRIBE landing.raw.t"), "landing.raw.t");
  EXPECT_EQ(names("SELECT 1; SELECT * FROM a.b"), "a.b");
  // What DuckDB can't serialise is searched for names.
  EXPECT_EQ(names("INSERT INTO a.b.c SELECT x.y, 'q.r' FROM d /* e.f */"), "INSERT, INTO, a.b.c, SELECT, x.y, FROM, d");
  EXPECT_EQ(names("SELCT * FROM a.\"b\"\"c\""), "SELCT, FROM, a.b\"c");
}

TEST_F(DuckDb, DeclaresEveryTypeSoThatItIsReadBack) {
  using data::Type;
  auto point = Type::structure({{"x", Type::float64()}, {"a \"b\"", Type::list(Type::decimal(9, 3))}});
  data::Schema schema({{"b", Type::boolean()},
                       {"i", Type::int64(), false},
                       {"d", Type::decimal(38, 10)},
                       {"f", Type::float64()},
                       {"t", Type::text()},
                       {"y", Type::binary()},
                       {"day", Type::date()},
                       {"at", Type::time()},
                       {"ts", Type::timestamp()},
                       {"tz", Type::timestamp_tz()},
                       {"u", Type::uuid()},
                       {"j", Type::json()},
                       {"l", Type::list(point)},
                       {"s", point}});
  connection->execute(connection->create_table_sql({"", "t"}, schema, std::vector<std::string>{"i"}));
  EXPECT_EQ(connection->find_table({"", "t"}), schema);
  EXPECT_EQ(connection->column_type(Type::structure({})), "JSON");
  EXPECT_EQ(connection->column_type(Type::list(Type::structure({{"a", Type::text()}, {"A", Type::text()}}))), "JSON[]");
}

TEST_F(DuckDb, WidensColumnsKeysAndIndexedOnesIncluded) {
  using data::Type;
  connection->execute(
      "CREATE TABLE t(id INT PRIMARY KEY, n BIGINT NOT NULL, w VARCHAR DEFAULT 'x', s STRUCT(a INT), "
      "z TIMESTAMPTZ, CHECK (n > 0)); CREATE INDEX by_w ON t(w); "
      "INSERT INTO t VALUES (1, 2, 'a', {'a': 1}, '2026-11-21 07:00:00+00')");
  connection->execute("SET TimeZone = 'Europe/Berlin'");
  TableName t{"", "t"};
  connection->widen_column(t, {"n", Type::decimal(21, 2)});
  connection->widen_column(t, {"s", Type::json()});
  connection->widen_column(t, {"z", Type::text()});
  connection->widen_column(t, {"id", Type::decimal(20, 0)});
  connection->widen_column(t, {"id", Type::text()});
  connection->widen_column(t, {"w", Type::text()});
  EXPECT_EQ(ask("SELECT * FROM t"),
            "text, decimal(21,2), text, json, text | 1, 2.00, a, {\"a\":1}, 2026-11-21 07:00:00+00:00");
  expect_error(ErrorKind::Data, "Duplicate key", [&] { connection->execute("INSERT INTO t(id, n) VALUES ('1', 2)"); });
  expect_error(ErrorKind::Data, "CHECK", [&] { connection->execute("INSERT INTO t(id, n) VALUES ('2', 0)"); });
  expect_error(ErrorKind::Data, "NOT NULL", [&] { connection->execute("INSERT INTO t(id, n) VALUES ('2', NULL)"); });
  connection->execute("INSERT INTO t(id, n) VALUES ('2', 1)");
  EXPECT_EQ(ask("SELECT w FROM t WHERE id = '2'"), "text | x");
  EXPECT_EQ(ask("SELECT index_name FROM duckdb_indexes()"), "text | by_w");
  expect_error(ErrorKind::NotFound, "no column 'q'", [&] { connection->widen_column(t, {"q", Type::text()}); });
}

}  // namespace
}  // namespace plumb::db
