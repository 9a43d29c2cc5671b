#include "data/record.h"

#include <gtest/gtest.h>

#include "data/text.h"

namespace plumb {
namespace {

struct Balance {
  std::string account_id;
  Date day;
  data::Decimal amount;
  std::optional<std::string> iban;
  std::int64_t version = 0;
  int year = 0;
  bool closed = false;
  double rate = 0;
  Instant read_at;
  data::Uuid id;
  std::optional<data::JsonText> raw;
  std::optional<data::Decimal> limit;
  friend bool operator==(const Balance&, const Balance&) = default;
};

}  // namespace

template <>
struct data::Columns<Balance> {
  static constexpr auto list = std::tuple(column("account_id", &Balance::account_id), column("day", &Balance::day),
                                          column("amount", &Balance::amount, 18, 2), column("iban", &Balance::iban),
                                          column("version", &Balance::version), column("year", &Balance::year),
                                          column("closed", &Balance::closed), column("rate", &Balance::rate),
                                          column("read_at", &Balance::read_at), column("id", &Balance::id),
                                          column("raw", &Balance::raw), column("limit", &Balance::limit, 10, 0));
};

namespace data {
namespace {

using namespace std::chrono_literals;

std::vector<Balance> balances() {
  Balance full{"DE1",
               2026y / 11 / 21,
               Decimal::parse("12.30"),
               "DE02",
               7,
               2026,
               true,
               1.5,
               Instant(1'700'000'000s),
               Uuid{{1, 2}},
               JsonText{R"({"a":1})"},
               Decimal::parse("500")};
  Balance empty{"DE2", 1969y / 12 / 31, Decimal::parse("-0.05"), {},     -7, -1,
                false, -0.25,           Instant(-1us),           Uuid{}, {}, {}};
  return {full, empty};
}

std::string message_of(auto action) {
  try {
    action();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(Record, BecomesABatchAndComesBack) {
  auto batch = to_batch<Balance>(balances());
  EXPECT_EQ(from_batch<Balance>(batch), balances());
  EXPECT_EQ(from_batch<Balance>(to_batch<Balance>({})).size(), 0u);
}

TEST(Record, WhatIsNoOptionalIsNotNull) {
  std::string text;
  for (const Field& field : schema_of<Balance>()) {
    text += field.name + " " + field.type.to_string() + (field.nullable ? "\n" : " not null\n");
  }
  EXPECT_EQ(text, R"(account_id text not null
day date not null
amount decimal(18,2) not null
iban text
version int64 not null
year int64 not null
closed bool not null
rate double not null
read_at timestamptz not null
id uuid not null
raw json
limit decimal(10,0)
)");
}

struct Pair {
  std::int64_t id = 0;
  std::optional<Date> day;
};

}  // namespace

template <>
struct Columns<Pair> {
  static constexpr auto list = std::tuple(column("id", &Pair::id), column("day", &Pair::day));
};

namespace {

Batch texts(std::string_view name, std::initializer_list<const char*> values) {
  BatchBuilder rows(Schema({{std::string(name), Type::text()}, {"day", Type::text()}}));
  for (const char* value : values) {
    if (value == nullptr) {
      rows.column(0).append_null();
    } else {
      rows.column(0).append_text(value);
    }
    rows.column(1).append_text("2026-11-21");
    rows.finish_row();
  }
  return rows.take();
}

TEST(Record, ReadsColumnsOfAnotherTypeThatFit) {
  auto pairs = from_batch<Pair>(texts("id", {"1", "-2"}));
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[1].id, -2);
  EXPECT_EQ(pairs[0].day, 2026y / 11 / 21);
}

TEST(Record, SaysWhichColumnDoesNotFit) {
  EXPECT_EQ(message_of([] { from_batch<Pair>(texts("ident", {"1"})); }), "the rows have no column 'id'");
  EXPECT_EQ(message_of([] {
              from_batch<Pair>(texts("id", {"1", nullptr}));
            }),
            "column 'id' has a null, and none may be there");
  EXPECT_EQ(message_of([] {
              from_batch<Pair>(texts("id", {"1", "one"}));
            }),
            "column 'id': 'one' (text) does not fit int64");
}

TEST(Record, RefusesWhatNoCalendarOrColumnHas) {
  Pair pair{1, 2026y / 2 / 30};
  EXPECT_EQ(message_of([&] { to_batch<Pair>(std::span<const Pair>(&pair, 1)); }),
            "2026-02-30 is no date of the calendar");
  auto wrong = balances();
  wrong[0].amount = Decimal::parse("0.005");
  EXPECT_EQ(message_of([&] { to_batch<Balance>(wrong); }), "0.005 does not fit decimal(18,2)");
}

}  // namespace
}  // namespace data
}  // namespace plumb
