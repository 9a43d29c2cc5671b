// Batches into DuckDB: every type, nested ones included, and what must not get in.

#include <random>

#include "base/file.h"
#include "base/testing.h"
#include "db/db.h"

namespace plumb::db {
namespace {

using data::Batch;
using data::BatchBuilder;
using data::ColumnBuilder;
using data::Decimal;
using data::Schema;
using data::Type;
using data::TypeKind;

// Values of every type from a seed: nulls, empty texts, texts on both sides of DuckDB's twelve bytes.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}

  void append(ColumnBuilder& column) {
    if (below(5) == 0) return column.append_null();
    switch (column.type().kind()) {
      case TypeKind::Bool:
        return column.append_bool(below(2) == 0);
      case TypeKind::Int64:
        return column.append_int64(static_cast<std::int64_t>(random_()));
      case TypeKind::Decimal: {
        data::Int128 most = data::kPowersOfTen[static_cast<std::size_t>(column.type().precision())] - 1;
        auto part = static_cast<data::Int128>(below(1001));
        return column.append_decimal({(most / 1000) * (part - 500), column.type().scale()});
      }
      case TypeKind::Double:
        return column.append_double(static_cast<double>(random_()) / 3);
      case TypeKind::Text:
        return column.append_text(std::string(below(30), 'x') + (below(2) == 0 ? "ä" : "") +
                                  std::string(below(3), 'y'));
      case TypeKind::Json:
        return column.append_text("{\"a\":" + std::to_string(below(1000000)) + "}");
      case TypeKind::Binary:
        return column.append_text(std::string_view("\0\xff\xfe 0123456789abcdef", below(20)));
      case TypeKind::Date:
        return column.append_days(static_cast<std::int32_t>(below(40000)) - 20000);
      case TypeKind::Time:
        return column.append_int64(static_cast<std::int64_t>(below(86'400'000'000)));
      case TypeKind::Timestamp:
      case TypeKind::TimestampTz:
        return column.append_int64(static_cast<std::int64_t>(below(4'000'000'000'000'000)) - 2'000'000'000'000'000);
      case TypeKind::Uuid: {
        data::Uuid uuid;
        for (auto& byte : uuid.bytes) byte = static_cast<std::uint8_t>(below(256));
        return column.append_uuid(uuid);
      }
      case TypeKind::List:
        for (std::size_t i = below(4); i > 0; --i) append(column.element());
        return column.end_list();
      case TypeKind::Struct:
        for (std::size_t i = 0; i < column.type().fields().size(); ++i) append(column.child(i));
        return column.end_struct();
    }
  }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

 private:
  std::mt19937_64 random_;
};

class DuckDbWriting : public testing::Test {
 protected:
  std::shared_ptr<Database> database = open({.kind = Kind::DuckDb});
  std::unique_ptr<Connection> connection = database->connect();

  static Batch texts(std::initializer_list<const char*> values) {
    BatchBuilder rows(Schema({{"t", Type::text()}}));
    for (const char* value : values) {
      rows.column(0).append_text(value);
      rows.finish_row();
    }
    return rows.take();
  }
  std::int64_t count(const std::string& table) {
    return std::stoll(*find_value(*connection, "SELECT count(*) FROM " + table));
  }
  static std::vector<std::string> rows_of(const Batch& batch) {
    std::vector<std::string> rows;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      std::string& text = rows.emplace_back();
      for (std::size_t i = 0; i < batch.columns(); ++i) {
        text += "|";
        if (!batch.column(i).null_at(row)) data::append_text(batch.column(i), row, text);
      }
    }
    return rows;
  }
};

TEST_F(DuckDbWriting, EveryValueOfEveryTypeComesBack) {
  auto point = Type::structure({{"x", Type::float64()}, {"l", Type::list(Type::text())}, {"b", Type::boolean()}});
  Schema schema({{"n", Type::int64()},
                 {"b", Type::boolean()},
                 {"i", Type::int64()},
                 {"d4", Type::decimal(4, 1)},
                 {"d9", Type::decimal(9, 2)},
                 {"d18", Type::decimal(18, 6)},
                 {"d38", Type::decimal(38, 38)},
                 {"f", Type::float64()},
                 {"t", Type::text()},
                 {"y", Type::binary()},
                 {"day", Type::date()},
                 {"at", Type::time()},
                 {"ts", Type::timestamp()},
                 {"tz", Type::timestamp_tz()},
                 {"u", Type::uuid()},
                 {"j", Type::json()},
                 {"l", Type::list(Type::list(point))},
                 {"s", Type::structure({{"p", point}, {"d", Type::decimal(20, 2)}})}});
  connection->execute(connection->create_table_sql({"", "t"}, schema));
  Dice dice(11);
  std::vector<std::string> sent;
  auto writer = connection->write({"", "t"}, schema);
  std::int64_t number = 0;
  for (std::size_t rows : {1u, 2047u, 2048u, 2049u, 5000u}) {
    BatchBuilder batch(schema);
    for (std::size_t row = 0; row < rows; ++row) {
      batch.column(0).append_int64(number++);
      for (std::size_t i = 1; i < schema.size(); ++i) dice.append(batch.column(i));
      batch.finish_row();
    }
    Batch taken = batch.take();
    for (auto& row : rows_of(taken)) sent.push_back(std::move(row));
    writer->append(taken);
  }
  EXPECT_EQ(writer->finish(), number);

  std::vector<std::string> found;
  auto rows = connection->query("SELECT * FROM t ORDER BY n");
  EXPECT_EQ(rows->schema(), schema);
  while (auto batch = rows->next()) {
    for (auto& row : rows_of(*batch)) found.push_back(std::move(row));
  }
  EXPECT_EQ(found, sent);
  // DuckDB itself agrees on what a null struct holds, and on texts of both lengths.
  EXPECT_EQ(find_value(*connection, "SELECT count(*) FROM t WHERE s IS NULL AND s.p.x IS NOT NULL"), "0");
  EXPECT_EQ(find_value(*connection, "SELECT count(*) FROM t AS a JOIN t AS b USING (n) WHERE a.t <> b.t"), "0");
}

TEST_F(DuckDbWriting, NothingIsThereBeforeFinish) {
  connection->execute("CREATE TABLE t(t VARCHAR)");
  Batch rows = texts({"a", "b"});
  { connection->write({"", "t"}, rows.schema())->append(rows); }
  EXPECT_EQ(count("t"), 0);
  EXPECT_FALSE(connection->in_transaction());
  {
    Transaction transaction(*connection);
    auto writer = connection->write({"", "t"}, rows.schema());
    writer->append(rows);
    EXPECT_EQ(writer->finish(), 2);
    EXPECT_EQ(count("t"), 2);
  }
  EXPECT_EQ(count("t"), 0);
}

TEST_F(DuckDbWriting, ColumnsAreFoundByNameAndOthersGetTheirDefault) {
  connection->create_schema("raw");
  connection->execute("CREATE TABLE raw.t(a INT DEFAULT 7, t VARCHAR, b INT)");
  Batch rows = texts({"x"});
  auto writer = connection->write({"raw", "t"}, rows.schema());
  writer->append(rows);
  writer->finish();
  EXPECT_EQ(find_value(*connection, "SELECT concat_ws(',', a, t, b) FROM raw.t"), "7,x");
  expect_error(ErrorKind::Database, "has no column 'q'", [&] {
    connection->write({"raw", "t"}, Schema({{"q", Type::text()}}));
  });
  expect_error(ErrorKind::NotFound, "there is no table \"raw\".\"nosuch\"", [&] {
    connection->write({"raw", "nosuch"}, rows.schema());
  });
}

TEST_F(DuckDbWriting, ValuesFitIntoAWiderTable) {
  connection->execute("CREATE TABLE t(i DECIMAL(20,2), s JSON, d VARCHAR, n SMALLINT, w VARCHAR)");
  BatchBuilder rows(Schema({{"i", Type::int64()},
                            {"s", Type::structure({{"a", Type::int64()}})},
                            {"d", Type::decimal(9, 2)},
                            {"n", Type::int64()},
                            {"w", Type::timestamp_tz()}}));
  rows.column(0).append_int64(5);
  rows.column(1).child(0).append_int64(1);
  rows.column(1).end_struct();
  rows.column(2).append_decimal(Decimal::parse("1.50"));
  rows.column(3).append_int64(7);
  rows.column(4).append_int64(0);
  rows.finish_row();
  auto writer = connection->write({"", "t"}, rows.schema());
  writer->append(rows.take());
  writer->finish();
  EXPECT_EQ(find_value(*connection, "SELECT concat_ws(' ', i, s, s->>'a', d, n, w) FROM t"),
            "5.00 {\"a\":1} 1 1.50 7 1970-01-01 00:00:00+00:00");
}

TEST_F(DuckDbWriting, WhatDoesNotFitIsRefusedWithItsTable) {
  connection->execute("CREATE TABLE small(n TINYINT); CREATE TABLE keyed(t VARCHAR PRIMARY KEY NOT NULL)");
  BatchBuilder numbers(Schema({{"n", Type::int64()}}));
  numbers.column(0).append_int64(1000);
  numbers.finish_row();
  expect_error(ErrorKind::Data, "does not fit into its column", [&] {
    auto writer = connection->write({"", "small"}, numbers.schema());
    writer->append(numbers.take());
    writer->finish();
  });
  expect_error(ErrorKind::Data, "table \"keyed\": ", [&] {
    Batch rows = texts({"a", "a"});
    auto writer = connection->write({"", "keyed"}, rows.schema());
    writer->append(rows);
    writer->finish();
  });
  EXPECT_EQ(count("small"), 0);
  EXPECT_EQ(count("keyed"), 0);
}

TEST_F(DuckDbWriting, BadTextsAreNamedAndHarmNothing) {
  connection->execute("CREATE TABLE t(t VARCHAR)");
  connection->execute("CREATE TABLE n(s STRUCT(l VARCHAR[]))");
  auto write = [&](const char* table, const Batch& rows) {
    auto writer = connection->write({"", table}, rows.schema());
    writer->append(rows);
    writer->finish();
  };
  expect_error(ErrorKind::Data, "row 2", [&] {
    write("t", texts({"good",
                      "b\xff"
                      "d"}));
  });
  // A character cut in two by the end of a text is valid UTF-8 as a whole.
  expect_error(ErrorKind::Data, "row 2", [&] { write("t", texts({"good", "\xc3", "\xa4"})); });
  BatchBuilder nested(Schema({{"s", Type::structure({{"l", Type::list(Type::text())}})}}));
  nested.column(0).child(0).element().append_text("a much longer text \xff");
  nested.column(0).child(0).end_list();
  nested.column(0).end_struct();
  nested.finish_row();
  expect_error(ErrorKind::Data, "'s', row 1", [&] { write("n", nested.take()); });
  BatchBuilder nul(Schema({{"t", Type::text()}}));
  nul.column(0).append_text(std::string_view("a\0b", 3));
  nul.finish_row();
  expect_error(ErrorKind::Data, "NUL", [&] { write("t", nul.take()); });
  EXPECT_EQ(count("t"), 0);
  write("t", texts({"good"}));
  EXPECT_EQ(count("t"), 1);
}

TEST_F(DuckDbWriting, UpsertReplacesRowsOfEqualKey) {
  connection->execute("CREATE TABLE t(t VARCHAR PRIMARY KEY, n BIGINT)");
  BatchBuilder rows(Schema({{"t", Type::text()}, {"n", Type::int64()}}));
  auto add = [&](const char* key, std::int64_t n) {
    rows.column(0).append_text(key);
    rows.column(1).append_int64(n);
    rows.finish_row();
  };
  add("a", 1);
  add("b", 2);
  upsert(*connection, {"", "t"}, rows.take(), std::vector<std::string>{"t"});
  add("b", 3);
  add("b", 4);
  upsert(*connection, {"", "t"}, rows.take(), std::vector<std::string>{"t"});
  EXPECT_EQ(find_value(*connection, "SELECT string_agg(t || n, ' ' ORDER BY t) FROM t"), "a1 b4");
}

TEST_F(DuckDbWriting, AStopEndsTheWriting) {
  connection->execute("CREATE TABLE t(t VARCHAR)");
  Batch rows = texts({"a"});
  auto writer = connection->write({"", "t"}, rows.schema());
  connection->cancel();
  expect_error(ErrorKind::Cancelled, "", [&] { writer->append(rows); });
  writer.reset();
  EXPECT_EQ(count("t"), 0);
}

}  // namespace
}  // namespace plumb::db
