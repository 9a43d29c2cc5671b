#include "data/text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>

#include "base/error.h"

namespace plumb::data {
namespace {

// The text read as a value of the type and written again, or "refused".
std::string canonical(std::string_view type, std::string_view text) {
  ColumnBuilder builder(Type::parse(type));
  if (!parse_text(text, builder)) {
    EXPECT_EQ(builder.rows(), 0u) << "a refused text leaves nothing behind";
    return "refused";
  }
  Column column = builder.take();
  EXPECT_EQ(column.rows(), 1u);
  std::string out;
  append_text(column, 0, out);
  return out;
}

std::string as_json(std::string_view type, std::string_view text) {
  ColumnBuilder builder(Type::parse(type));
  if (!parse_text(text, builder)) return "refused";
  std::string out;
  append_json(builder.take(), 0, out);
  return out;
}

TEST(Text, CanonicalFormsReadBackAsThemselves) {
  std::pair<const char*, const char*> forms[] = {
      {"bool", "true"},
      {"bool", "false"},
      {"int64", "-12"},
      {"int64", "9223372036854775807"},
      {"int64", "-9223372036854775808"},
      {"decimal(18,2)", "-12.30"},
      {"decimal(38,0)", "99999999999999999999999999999999999999"},
      {"double", "0.1"},
      {"double", "1.0"},
      {"double", "-0.0"},
      {"double", "100000.0"},
      {"double", "1e+22"},
      {"double", "1e-05"},
      {"double", "0.0001"},
      {"double", "1.7976931348623157e+308"},
      {"double", "5e-324"},
      {"double", "NaN"},
      {"double", "-Infinity"},
      {"text", ""},
      {"text", "Käse"},
      {"binary", "00ff10"},
      {"date", "2026-11-21"},
      {"date", "0000-02-29"},
      {"date", "-0044-03-15"},
      {"date", "5881580-07-11"},
      {"time", "07:00:00"},
      {"time", "23:59:59.000001"},
      {"time", "24:00:00"},
      {"timestamp", "2026-11-21 07:00:00"},
      {"timestamp", "1969-12-31 23:59:59.999999"},
      {"timestamptz", "2026-11-21 07:00:00.123456+00:00"},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000"},
      {"json", R"({"a": [1, 2.50, null]})"},
      {"list(int64)", "[1,null,3]"},
      {"struct(a decimal(4,2), b list(text))", R"({"a":1.50,"b":["x","\"\n\u0001"]})"},
  };
  for (auto [type, text] : forms) EXPECT_EQ(canonical(type, text), text) << type;
}

TEST(Text, ReadsWhatDatabasesAndFilesWriteInstead) {
  EXPECT_EQ(canonical("bool", "t"), "true");
  EXPECT_EQ(canonical("bool", "FALSE"), "false");
  EXPECT_EQ(canonical("bool", "1"), "true");
  EXPECT_EQ(canonical("int64", "007"), "7");
  EXPECT_EQ(canonical("decimal(18,2)", "7"), "7.00");
  EXPECT_EQ(canonical("decimal(18,2)", "1.5e3"), "1500.00");
  EXPECT_EQ(canonical("decimal(18,2)", "25E-2"), "0.25");
  EXPECT_EQ(canonical("double", "1E3"), "1000.0");
  EXPECT_EQ(canonical("double", "inf"), "Infinity");
  EXPECT_EQ(canonical("date", "2026-11-21 00:00:00"), "2026-11-21");
  EXPECT_EQ(canonical("date", "2026-11-21T00:00:00"), "2026-11-21");
  EXPECT_EQ(canonical("time", "07:30"), "07:30:00");
  EXPECT_EQ(canonical("timestamp", "2026-11-21"), "2026-11-21 00:00:00");
  EXPECT_EQ(canonical("timestamp", "2026-11-21T07:00:00,5"), "2026-11-21 07:00:00.500000");
  EXPECT_EQ(canonical("timestamptz", "2026-11-21T07:00:00Z"), "2026-11-21 07:00:00+00:00");
  EXPECT_EQ(canonical("timestamptz", "2026-01-01T00:30:00+02"), "2025-12-31 22:30:00+00:00");
  EXPECT_EQ(canonical("timestamptz", "2026-11-21 07:00:00-0530"), "2026-11-21 12:30:00+00:00");
  EXPECT_EQ(canonical("timestamptz", "1890-01-01 00:00:00+00:53:28"), "1889-12-31 23:06:32+00:00");
  EXPECT_EQ(canonical("timestamptz", "2026-11-21 07:00:00"), "2026-11-21 07:00:00+00:00");
  EXPECT_EQ(canonical("timestamptz", "2026-11-21T07:00:00.123456789Z"), "2026-11-21 07:00:00.123456+00:00");
  EXPECT_EQ(canonical("uuid", "123E4567E89B12D3A456426614174000"), "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(canonical("uuid", "{123e4567-e89b-12d3-a456-426614174000}"), "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(canonical("binary", "\\x00FF"), "00ff");
  EXPECT_EQ(canonical("struct(a int64, b date)", R"( { "b" : "2026-11-21" } )"), R"({"a":null,"b":"2026-11-21"})");
  EXPECT_EQ(canonical("list(text)", R"(["😀", 1.50, {"k": 1}, true])"), R"(["😀","1.50","{\"k\": 1}","true"])");
}

TEST(Text, RefusesWhatIsNoValueOfTheType) {
  std::pair<const char*, const char*> wrong[] = {
      {"bool", ""},
      {"bool", "yes"},
      {"bool", "\x11"},
      {"int64", ""},
      {"int64", "1.0"},
      {"int64", " 1"},
      {"int64", "+1"},
      {"int64", "9223372036854775808"},
      {"decimal(4,2)", "100"},
      {"decimal(4,2)", "1.005"},
      {"decimal(4,2)", "1e400"},
      {"decimal(4,2)", "1e"},
      {"decimal(4,2)", "1e--1"},
      {"double", ""},
      {"double", "-"},
      {"double", "1e400"},
      {"double", "0x10"},
      {"double", "nan(1)"},
      {"double", "1,5"},
      {"date", "2026-02-30"},
      {"date", "2026-13-01"},
      {"date", "2026-1-1"},
      {"date", "21.11.2026"},
      {"date", "2026-11-21 07:00:00"},
      {"date", "2026-11-21T00:00:00Z"},
      {"date", "5881580-07-12"},
      {"time", "24:00:01"},
      {"time", "7:00"},
      {"time", "07:60:00"},
      {"time", "07:00:"},
      {"timestamp", "2026-11-21T07:00:00Z"},
      {"timestamp", "2026-11-21 24:00:00"},
      {"timestamp", "2026-11-21 07:00:60"},
      {"timestamp", "9999999-01-01 00:00:00"},
      {"timestamptz", "2026-02-30T07:00:00Z"},
      {"timestamptz", "2026-11-21T07:00:00+24"},
      {"timestamptz", "2026-11-21T07:00:00 Europe/Berlin"},
      {"uuid", "123e4567-e89b-12d3-a456-42661417400"},
      {"uuid", "123e4567-e89b-12d3-a456-42661417400g"},
      {"uuid", "123e4567xe89b-12d3-a456-426614174000"},
      {"binary", "0"},
      {"binary", "0g"},
      {"json", ""},
      {"json", "{'a': 1}"},
      {"json", "[1,]"},
      {"json", "{\"a\":1"},
      {"json", "01"},
      {"json", "\"\\x\""},
      {"json", "\"\n\""},
      {"json", "1 2"},
      {"json", "\"\xff\""},
      {"list(int64)", "[1, \"a\"]"},
      {"list(int64)", "[1"},
      {"list(int64)", "{}"},
      {"struct(a int64)", R"({"a": 1, "b": 2})"},
      {"struct(a int64)", R"({"a": 1, "a": 2})"},
      {"list(text)", R"(["\ud800"])"},
  };
  for (auto [type, text] : wrong) EXPECT_EQ(canonical(type, text), "refused") << type << " " << text;
}

TEST(Text, JsonsNullIsANullListOrStruct) {
  for (auto type : {"list(int64)", "struct(a int64)"}) {
    ColumnBuilder builder(Type::parse(type));
    EXPECT_TRUE(parse_text("null", builder));
    EXPECT_TRUE(builder.take().null_at(0));
  }
  EXPECT_EQ(canonical("json", "null"), "null") << "a JSON column keeps its own null as a document";
}

TEST(Text, DeepJsonIsRefusedNotCrashedOn) {
  EXPECT_EQ(canonical("json", std::string(900, '[') + std::string(900, ']')),
            std::string(900, '[') + std::string(900, ']'));
  EXPECT_EQ(canonical("json", std::string(1'000'000, '[')), "refused");
}

TEST(Text, JsonKeepsNumbersExactAndQuotesTheRest) {
  EXPECT_EQ(as_json("decimal(20,2)", "123456789012345678.90"), "123456789012345678.90");
  EXPECT_EQ(as_json("double", "NaN"), "\"NaN\"");
  EXPECT_EQ(as_json("double", "2"), "2.0");
  EXPECT_EQ(as_json("text", "a\"b\\c\n\x01é"), R"("a\"b\\c\n\u0001é")");
  EXPECT_EQ(as_json("timestamptz", "2026-11-21T07:00:00Z"), "\"2026-11-21 07:00:00+00:00\"");
  EXPECT_EQ(as_json("json", "{\"a\": 1.10}"), "{\"a\": 1.10}");
  EXPECT_EQ(as_json("bool", "t"), "true");
}

TEST(Text, EveryDoubleReadsBackAsItself) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 50'000; ++i) {
    double value = 0;
    std::uint64_t bits = random();
    std::memcpy(&value, &bits, 8);
    if (i % 2 == 0) value = static_cast<double>(static_cast<std::int64_t>(bits >> 30)) / 1000.0;
    if (!std::isfinite(value)) continue;
    ColumnBuilder builder(Type::float64());
    builder.append_double(value);
    std::string text;
    append_text(builder.take(), 0, text);
    ASSERT_TRUE(parse_text(text, builder)) << text;
    ASSERT_EQ(builder.take().double_at(0), value) << text;
  }
}

TEST(Text, EveryInstantReadsBackAsItself) {
  std::mt19937_64 random(12);
  for (int i = 0; i < 50'000; ++i) {
    auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
    ColumnBuilder builder(Type::timestamp_tz());
    builder.append_int64(value);
    std::string text;
    append_text(builder.take(), 0, text);
    ASSERT_TRUE(parse_text(text, builder)) << text;
    ASSERT_EQ(builder.take().int64_at(0), value) << text;
  }
}

std::string guess(std::initializer_list<std::string_view> texts) {
  TypeGuess type;
  for (auto text : texts) type.add(text);
  for (auto text : texts) {
    if (text.empty()) continue;
    EXPECT_NE(canonical(type.type().to_string(), text), "refused") << text;
  }
  return type.type().to_string();
}

TEST(TypeGuess, NumbersAreAsNarrowAsTheyCanBe) {
  EXPECT_EQ(guess({"1", "", "-42"}), "int64");
  EXPECT_EQ(guess({"9223372036854775807"}), "int64");
  EXPECT_EQ(guess({"9223372036854775808"}), "decimal(38,0)");
  EXPECT_EQ(guess({"1", "99999999999999999999999999999999999999"}), "decimal(38,0)");
  EXPECT_EQ(guess({"1", "-12.30"}), "decimal(15,2)");
  EXPECT_EQ(guess({"12345678901234.5", "1.25"}), "decimal(18,2)");
  EXPECT_EQ(guess({"9223372036854775807", "1.25"}), "decimal(38,2)");
  EXPECT_EQ(guess({"0.1234567", "1"}), "double");
  EXPECT_EQ(guess({"0.5", "0.7364712141640124"}), "double");
  EXPECT_EQ(guess({"1e9"}), "double");
  EXPECT_EQ(guess({"1234567890123.456789"}), "double");
}

TEST(TypeGuess, NothingIsRoundedThatWasAWholeNumber) {
  EXPECT_EQ(guess({"9007199254740993", "0.1234567"}), "text");
  EXPECT_EQ(guess({"999999999999999999999999999999999999999"}), "text");
  EXPECT_EQ(guess({"99999999999999999999999999999999999999", "0.5"}), "text");
}

TEST(TypeGuess, WhatOnlyLooksLikeANumberIsText) {
  for (auto text :
       {"007", "+1", ".5", "5.", "1.2.3", "-", "--1", "1e", "1e400", "0x1F", "1,5", "5 kg", "NaN", "inf", "00.5"}) {
    EXPECT_EQ(guess({text}), "text") << text;
  }
}

TEST(TypeGuess, DatesAndTimesAreIso) {
  EXPECT_EQ(guess({"2026-11-21"}), "date");
  EXPECT_EQ(guess({"07:00:00", "23:59:59.5"}), "time");
  EXPECT_EQ(guess({"2026-11-21 07:00:00", "2026-11-21T07:00"}), "timestamp");
  EXPECT_EQ(guess({"2026-11-21", "2026-11-21T07:00:00"}), "timestamp");
  EXPECT_EQ(guess({"2026-11-21T07:00:00Z", "2026-11-21T07:00:00+02:00"}), "timestamptz");
  EXPECT_EQ(guess({"2026-11-21T07:00:00Z", "2026-11-21T07:00:00"}), "text");
  EXPECT_EQ(guess({"2026-11-21", "2026-02-30"}), "text");
  EXPECT_EQ(guess({"12:30"}), "text");
  EXPECT_EQ(guess({"21.11.2026"}), "text");
  EXPECT_EQ(guess({"2026-11-21T07:00:00.123456789Z"}), "text");
}

TEST(TypeGuess, AMixtureIsText) {
  EXPECT_EQ(guess({"true", "False", ""}), "bool");
  EXPECT_EQ(guess({"true", "1"}), "text");
  EXPECT_EQ(guess({"2026-11-21", "1"}), "text");
  EXPECT_EQ(guess({"", ""}), "text");
  EXPECT_EQ(guess({}), "text");
}

// Whatever pieces a file puts together, what is guessed can be read.
TEST(TypeGuess, EveryGuessReadsItsValues) {
  constexpr std::string_view kPieces[] = {"0",  "1",  "12",     "2026",     "-",           ".",    ":",
                                          "T",  "Z",  "e",      "+",        "99999999999", "true", " ",
                                          "11", "21", "-11-21", "07:00:00", "000000",      "\xff"};
  std::mt19937 random(13);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 6 + 1; n != 0; --n) text += kPieces[random() % std::size(kPieces)];
    std::string other;
    for (auto n = random() % 3; n != 0; --n) other += kPieces[random() % std::size(kPieces)];
    guess({text, other});
  }
}

}  // namespace
}  // namespace plumb::data
