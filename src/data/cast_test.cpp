#include <gtest/gtest.h>

#include "base/error.h"
#include "data/batch.h"
#include "data/text.h"

namespace plumb::data {
namespace {

Column column_of(std::string_view type, std::initializer_list<const char*> texts) {
  ColumnBuilder builder(Type::parse(type));
  for (const char* text : texts) {
    if (text == nullptr) {
      builder.append_null();
    } else {
      EXPECT_TRUE(parse_text(text, builder)) << text;
    }
  }
  return builder.take();
}

std::string shown(const Column& column) {
  std::string out;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    if (row != 0) out += " | ";
    if (column.null_at(row)) {
      out += "-";
    } else {
      append_text(column, row, out);
    }
  }
  return out;
}

std::string cast_text(std::string_view from, std::string_view to, std::initializer_list<const char*> texts) {
  try {
    Column result = cast(column_of(from, texts), Type::parse(to), "c");
    EXPECT_EQ(result.type().to_string(), to);
    return shown(result);
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(Cast, WidensEveryValue) {
  EXPECT_EQ(cast_text("int64", "decimal(21,2)", {"1", nullptr, "-9223372036854775808"}),
            "1.00 | - | -9223372036854775808.00");
  EXPECT_EQ(cast_text("decimal(4,2)", "decimal(18,4)", {"1.50", nullptr}), "1.5000 | -");
  EXPECT_EQ(cast_text("int64", "double", {"9007199254740992", nullptr, "-1"}), "9007199254740992.0 | - | -1.0");
  EXPECT_EQ(cast_text("date", "timestamp", {"2026-11-21", nullptr}), "2026-11-21 00:00:00 | -");
  EXPECT_EQ(cast_text("bool", "text", {"true", nullptr}), "true | -");
  EXPECT_EQ(cast_text("uuid", "text", {"123e4567e89b12d3a456426614174000"}), "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(cast_text("list(int64)", "list(decimal(21,2))", {"[1,null]", nullptr, "[]"}), "[1.00,null] | - | []");
  EXPECT_EQ(cast_text("struct(a int64)", "struct(b text, a double)", {"{\"a\":1}", nullptr}),
            "{\"b\":null,\"a\":1.0} | -");
  EXPECT_EQ(cast_text("struct(a int64)", "json", {"{\"a\":1}", nullptr}), "{\"a\":1} | -");
  EXPECT_EQ(cast_text("list(date)", "text", {"[\"2026-11-21\"]"}), "[\"2026-11-21\"]");
}

TEST(Cast, ReadsTextsAsTheTypeThatAUserNamed) {
  EXPECT_EQ(cast_text("text", "date", {"2026-11-21", nullptr}), "2026-11-21 | -");
  EXPECT_EQ(cast_text("double", "decimal(18,2)", {"0.1", "-1200.0"}), "0.10 | -1200.00");
  EXPECT_EQ(cast_text("double", "decimal(18,2)", {"1e20"}), "column 'c': '1e+20' (double) does not fit decimal(18,2)");
  EXPECT_EQ(cast_text("text", "json", {"{\"a\": 1}"}), "{\"a\": 1}");
}

TEST(Cast, SaysWhichValueDoesNotFit) {
  EXPECT_EQ(cast_text("int64", "double", {"1", "9007199254740993"}),
            "column 'c': '9007199254740993' (int64) does not fit double");
  EXPECT_EQ(cast_text("int64", "double", {"9223372036854775807"}),
            "column 'c': '9223372036854775807' (int64) does not fit double");
  EXPECT_EQ(cast_text("decimal(4,2)", "decimal(4,1)", {"1.25"}),
            "column 'c': '1.25' (decimal(4,2)) does not fit decimal(4,1)");
  EXPECT_EQ(cast_text("text", "int64", {"12 EUR"}), "column 'c': '12 EUR' (text) does not fit int64");
  EXPECT_EQ(cast_text("date", "timestamp", {"999999-01-01"}),
            "column 'c': '999999-01-01' (date) does not fit timestamp");
  EXPECT_EQ(cast_text("struct(a int64, b int64)", "struct(a int64)", {"{\"a\":1}"}),
            "column 'c': struct(a int64) lacks a field of struct(a int64, b int64)");
}

// For every pair of types the wider one takes the values of both (but for integers that a double can't hold).
TEST(Cast, TheWidestTypeTakesBothSides) {
  std::vector<Column> columns = {
      column_of("bool", {"true"}),
      column_of("int64", {"-12"}),
      column_of("decimal(4,2)", {"1.25"}),
      column_of("decimal(38,0)", {"12"}),
      column_of("double", {"0.1"}),
      column_of("text", {"x"}),
      column_of("binary", {"00ff"}),
      column_of("date", {"2026-11-21"}),
      column_of("time", {"07:00:00"}),
      column_of("timestamp", {"2026-11-21T07:00"}),
      column_of("timestamptz", {"2026-11-21T07:00Z"}),
      column_of("json", {"{\"a\":1}"}),
      column_of("list(int64)", {"[1]"}),
      column_of("list(text)", {"[\"a\"]"}),
      column_of("struct(a int64)", {"{\"a\":1}"}),
      column_of("struct(b date)", {"{\"b\":\"2026-11-21\"}"}),
  };
  for (const Column& a : columns) {
    for (const Column& b : columns) {
      Type type = widest(a.type(), b.type());
      EXPECT_EQ(cast(a, type).type(), type);
      EXPECT_EQ(cast(b, type).rows(), 1u);
    }
  }
}

TEST(Conform, OrdersCastsAndFillsColumns) {
  Batch batch(Schema({{"a", Type::int64()}, {"b", Type::text()}}),
              {column_of("int64", {"1"}), column_of("text", {"x"})});
  Batch result = conform(batch, Schema({{"new", Type::date()}, {"b", Type::text()}, {"a", Type::text()}}));
  EXPECT_EQ(shown(result.column(0)), "-");
  EXPECT_EQ(shown(result.column(1)), "x");
  EXPECT_EQ(shown(result.column(2)), "1");
}

}  // namespace
}  // namespace plumb::data
