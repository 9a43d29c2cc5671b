#include <gtest/gtest.h>

#include "base/error.h"
#include "data/batch.h"

namespace plumb::data {
namespace {

TEST(Batch, HoldsWhatWasAppended) {
  BatchBuilder rows(Schema({{"id", Type::int64()}, {"amount", Type::decimal(18, 2)}, {"name", Type::text()}}));
  rows.column(0).append_int64(1);
  rows.column(1).append_decimal(Decimal::parse("12.30"));
  rows.column(2).append_text("Ada");
  rows.finish_row();
  rows.column(0).append_int64(2);
  rows.column(1).append_null();
  rows.column(2).append_text("");
  rows.finish_row();
  Batch batch = rows.take();

  ASSERT_EQ(batch.rows(), 2u);
  EXPECT_EQ(batch.column(0).int64_at(1), 2);
  EXPECT_EQ(batch.column(1).decimal_at(0), Decimal::parse("12.3"));
  EXPECT_TRUE(batch.column(1).null_at(1));
  EXPECT_EQ(batch.column(1).null_count(), 1u);
  EXPECT_EQ(batch.find_column("name")->text_at(0), "Ada");
  EXPECT_EQ(batch.find_column("name")->text_at(1), "");
  EXPECT_FALSE(batch.find_column("name")->null_at(1));
  EXPECT_EQ(batch.find_column("Name"), nullptr);
  EXPECT_EQ(rows.rows(), 0u);
  EXPECT_EQ(rows.take().rows(), 0u);
}

TEST(Batch, NullsStayWhereTheyWerePut) {
  for (std::size_t first_null : {0u, 1u, 7u, 8u, 9u, 63u, 64u, 99u}) {
    ColumnBuilder builder(Type::boolean());
    for (std::size_t row = 0; row < 100; ++row) {
      if (row >= first_null && row % 3 == first_null % 3) {
        builder.append_null();
      } else {
        builder.append_bool(row % 2 == 0);
      }
    }
    Column column = builder.take();
    for (std::size_t row = 0; row < 100; ++row) {
      bool null = row >= first_null && row % 3 == first_null % 3;
      ASSERT_EQ(column.null_at(row), null) << first_null << " " << row;
      if (!null) {
        ASSERT_EQ(column.bool_at(row), row % 2 == 0);
      }
    }
  }
}

TEST(Batch, ADecimalIsRescaledOrRefused) {
  ColumnBuilder builder(Type::decimal(5, 2));
  builder.append_decimal(Decimal::parse("1.5"));
  builder.append_decimal(Decimal::parse("-999.99"));
  builder.append_decimal(Decimal::parse("7.500"));
  EXPECT_THROW(builder.append_decimal(Decimal::parse("1.005")), Error);
  EXPECT_THROW(builder.append_decimal(Decimal::parse("1000")), Error);
  EXPECT_THROW(builder.append_decimal(Decimal::parse("1000.00")), Error);
  Column column = builder.take();
  ASSERT_EQ(column.rows(), 3u);
  EXPECT_EQ(column.decimal_at(0).to_string(), "1.50");
  EXPECT_EQ(column.decimal_at(1).to_string(), "-999.99");
  EXPECT_EQ(column.decimal_at(2).to_string(), "7.50");
}

TEST(Batch, ListsAndStructsNest) {
  ColumnBuilder builder(Type::parse("list(struct(n int64, s text))"));
  auto append = [&](std::int64_t n, std::string_view s) {
    builder.element().child(0).append_int64(n);
    builder.element().child(1).append_text(s);
    builder.element().end_struct();
  };
  append(1, "a");
  append(2, "b");
  builder.end_list();
  builder.append_null();
  builder.end_list();
  append(3, "c");
  builder.element().append_null();
  builder.end_list();
  Column column = builder.take();

  ASSERT_EQ(column.rows(), 4u);
  EXPECT_TRUE(column.null_at(1));
  auto offsets = column.offsets();
  EXPECT_EQ(std::vector(offsets.begin(), offsets.end()), (std::vector<std::int32_t>{0, 2, 2, 2, 4}));
  const Column& element = column.children().front();
  EXPECT_TRUE(element.null_at(3));
  EXPECT_EQ(element.children()[1].text_at(2), "c");
  EXPECT_TRUE(element.children()[1].null_at(3));
}

// Every kind, nulls between: copying value by value gives the same buffers.
TEST(Batch, ValuesAreCopiedBetweenColumns) {
  ColumnBuilder builder(
      Type::parse("struct(b bool, n int64, d decimal(4,2), f double, t text, day date, u uuid, l list(text))"));
  for (int i = 0; i < 50; ++i) {
    if (i % 7 == 3) {
      builder.append_null();
      continue;
    }
    builder.child(0).append_bool(i % 2 == 0);
    builder.child(1).append_int64(i);
    builder.child(2).append_decimal({i, 2});
    builder.child(3).append_double(i / 2.0);
    builder.child(4).append_text(std::string(static_cast<std::size_t>(i), 'x'));
    builder.child(5).append_days(i);
    builder.child(6).append_uuid(Uuid{{static_cast<std::uint8_t>(i)}});
    for (int n = 0; n < i % 4; ++n) builder.child(7).element().append_text("y");
    if (i % 5 == 0) {
      builder.child(7).element().append_null();
    }
    builder.child(7).end_list();
    builder.end_struct();
  }
  Column column = builder.take();
  ColumnBuilder copies(column.type());
  for (std::size_t row = 0; row < column.rows(); ++row) copies.append_from(column, row);
  Column copy = copies.take();
  EXPECT_EQ(copy.null_count(), column.null_count());
  EXPECT_EQ(copy.bytes(), column.bytes());
  EXPECT_EQ(copy.children()[4].text_at(49), column.children()[4].text_at(49));
  EXPECT_EQ(copy.children()[2].decimal_at(49).to_string(), "0.49");
  EXPECT_EQ(copy.children()[6].uuid_at(49)[0], 49);
  EXPECT_EQ(copy.children()[7].children()[0].rows(), column.children()[7].children()[0].rows());
}

TEST(Batch, ARowThatWentWrongLeavesNoTrace) {
  BatchBuilder rows(Schema({{"flag", Type::boolean()}, {"tags", Type::list(Type::text())}, {"n", Type::int64()}}));
  for (int i = 0; i < 9; ++i) {
    rows.column(0).append_bool(true);
    rows.column(1).end_list();
    rows.column(2).append_int64(i);
    rows.finish_row();
  }
  rows.column(0).append_null();
  rows.column(1).element().append_text("half");
  rows.drop_row();
  rows.column(0).append_bool(false);
  rows.column(1).element().append_text("whole");
  rows.column(1).end_list();
  rows.column(2).append_int64(9);
  rows.finish_row();
  Batch batch = rows.take();
  ASSERT_EQ(batch.rows(), 10u);
  EXPECT_EQ(batch.column(0).null_count(), 0u);
  EXPECT_TRUE(batch.column(0).bool_at(8));
  EXPECT_FALSE(batch.column(0).bool_at(9));
  ASSERT_EQ(batch.column(1).children()[0].rows(), 1u);
  EXPECT_EQ(batch.column(1).children()[0].text_at(0), "whole");
}

TEST(Batch, ABuilderIsFullByRowsOrByBytes) {
  BatchBuilder small(Schema({{"n", Type::int64()}}));
  while (!small.full()) {
    small.column(0).append_int64(1);
    small.finish_row();
  }
  EXPECT_EQ(small.take().rows(), kBatchRows);
  BatchBuilder large(Schema({{"document", Type::json()}}));
  std::string document(1u << 20, ' ');
  while (!large.full()) {
    large.column(0).append_text(document);
    large.finish_row();
  }
  EXPECT_EQ(large.take().rows(), 4u);
}

TEST(Batch, AColumnOfNullsHoldsNothingElse) {
  for (auto type : {"int64", "text", "bool", "uuid", "list(int64)", "struct(a text)"}) {
    Column column = Column::nulls(Type::parse(type), 11);
    EXPECT_EQ(column.null_count(), 11u) << type;
    EXPECT_TRUE(column.null_at(10)) << type;
  }
}

}  // namespace
}  // namespace plumb::data
