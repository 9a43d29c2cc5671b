#include "data/decimal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "base/error.h"
#include "base/file.h"

namespace plumb::data {
namespace {

std::string round_trip(std::string_view text) {
  auto value = Decimal::find(text);
  return value ? value->to_string() : "refused";
}

TEST(Decimal, KeepsTheScaleAsWritten) {
  EXPECT_EQ(round_trip("-12.30"), "-12.30");
  EXPECT_EQ(round_trip("0"), "0");
  EXPECT_EQ(round_trip("2000.0"), "2000.0");
  EXPECT_EQ(round_trip("0.05"), "0.05");
  EXPECT_EQ(round_trip("-0.00"), "0.00");
  EXPECT_EQ(round_trip("007.5"), "7.5");
  EXPECT_EQ(round_trip("99999999999999999999999999999999999999"), "99999999999999999999999999999999999999");
  EXPECT_EQ(round_trip("-0.99999999999999999999999999999999999999"), "-0.99999999999999999999999999999999999999");
  EXPECT_EQ(round_trip("00000000000000000000000000000000000000000000001.5"), "1.5");
}

TEST(Decimal, RefusesWhatIsNoPlainNumber) {
  for (auto text :
       {"", "-", "+1", ".5", "5.", "-.5", "1e3", "1,5", " 1", "1 ", "1.2.3", "--1", "0x1", "NaN", "1_000", "."}) {
    EXPECT_EQ(round_trip(text), "refused") << text;
  }
}

TEST(Decimal, RefusesMoreThan38Digits) {
  EXPECT_EQ(round_trip("100000000000000000000000000000000000000"), "refused");
  EXPECT_EQ(round_trip("1.00000000000000000000000000000000000000"), "refused");
  EXPECT_EQ(round_trip("0.000000000000000000000000000000000000000"), "refused");
}

TEST(Decimal, ParseSaysWhatIsWrong) {
  try {
    Decimal::parse("12 EUR");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Data);
    EXPECT_EQ(error.message(), "'12 EUR' is not a decimal number of at most 38 digits");
  }
}

TEST(Decimal, MoneyAddsUpExactly) {
  EXPECT_EQ((Decimal::parse("0.1") + Decimal::parse("0.2")).to_string(), "0.3");
  EXPECT_EQ((Decimal::parse("0.10") - Decimal::parse("0.3")).to_string(), "-0.20");
  EXPECT_EQ((Decimal::parse("1.10") * Decimal::parse("-3")).to_string(), "-3.30");
}

TEST(Decimal, EqualityIsByValue) {
  EXPECT_EQ(Decimal::parse("1.50"), Decimal::parse("1.5"));
  EXPECT_NE(Decimal::parse("1.50"), Decimal::parse("1.51"));
  EXPECT_LT(Decimal::parse("-0.00000000000000000001"), Decimal::parse("0"));
  EXPECT_LT(Decimal::parse("0.99999999999999999999999999999999999999"),
            Decimal::parse("99999999999999999999999999999999999999"));
}

TEST(Decimal, OverflowIsAnErrorNotAWrongNumber) {
  auto largest = Decimal::parse("99999999999999999999999999999999999999");
  EXPECT_THROW(largest + Decimal::parse("1"), Error);
  EXPECT_THROW(largest + Decimal::parse("0.1"), Error);
  EXPECT_THROW(-largest - largest, Error);
  EXPECT_THROW(largest * Decimal::parse("10"), Error);
  EXPECT_THROW(largest * Decimal::parse("1.1"), Error);
  EXPECT_THROW(Decimal::parse("0.00000000000000000001") * Decimal::parse("0.0000000000000000001"), Error);
  EXPECT_EQ((largest * Decimal::parse("1")).to_string(), largest.to_string());
  EXPECT_EQ((largest - largest).to_string(), "0");
}

TEST(Decimal, CountsTheDigitsThatATypeNeeds) {
  EXPECT_EQ(Decimal::parse("12.30").digits(), 4);
  EXPECT_EQ(Decimal::parse("0.05").digits(), 2);
  EXPECT_EQ(Decimal::parse("0").digits(), 1);
  EXPECT_EQ(Decimal::parse("-99999999999999999999999999999999999999").digits(), 38);
}

// tools/make_decimal_cases.py wrote the expectations.
TEST(Decimal, AgreesWithPythonsDecimal) {
  std::istringstream cases(read_file(*find_environment("PLUMB_SOURCE_DIR") + "/tests/data/decimal_cases.txt"));
  auto result = [](auto calculate) -> std::string {
    try {
      return calculate().to_string();
    } catch (const Error&) {
      return "none";
    }
  };
  std::string operation, a, b, expected;
  int count = 0;
  for (; cases >> operation >> a >> b >> expected; ++count) {
    std::string line = operation + " " + a + " " + b;
    Decimal x = Decimal::parse(a);
    ASSERT_EQ(x.to_string(), a);
    if (operation == "rescale") {
      auto rescaled = x.find_rescaled(std::stoi(b));
      EXPECT_EQ(rescaled ? rescaled->to_string() : "none", expected) << line;
    } else if (operation == "double") {
      EXPECT_EQ(x.to_double(), std::stod(expected)) << line;
    } else if (operation == "compare") {
      auto order = x <=> Decimal::parse(b);
      EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, std::stoi(expected)) << line;
    } else {
      Decimal y = Decimal::parse(b);
      std::string got = operation == "add"        ? result([&] { return x + y; })
                        : operation == "subtract" ? result([&] { return x - y; })
                                                  : result([&] { return x * y; });
      EXPECT_EQ(got, expected) << line;
    }
  }
  EXPECT_EQ(count, 2400);
}

TEST(Decimal, EveryValueReadsBackAsItself) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    int scale = static_cast<int>(random() % 39);
    auto wide = static_cast<Int128>((static_cast<UInt128>(random()) << 64 | random()) >> (random() % 128));
    Decimal value{wide % kPowersOfTen[kMostDigits], scale};
    auto back = Decimal::find(value.to_string());
    ASSERT_TRUE(back) << value.to_string();
    ASSERT_TRUE(back->units == value.units && back->scale == value.scale) << value.to_string();
  }
}

}  // namespace
}  // namespace plumb::data
