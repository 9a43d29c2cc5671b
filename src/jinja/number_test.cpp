// Numbers, as CPython 3.11 has them.
#include "jinja/number.h"

#include <gtest/gtest.h>

#include <cmath>

#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

Value whole(std::string_view text) {
  std::optional<Value> value = parse_int(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(0);
}

TEST(Number, WholeNumbersGrowBeyond64BitsAndComeBack) {
  const Value big = int_power(2, 64);
  EXPECT_EQ(big.kind(), Kind::BigInt);
  EXPECT_EQ(int_text(big), "18446744073709551616");
  EXPECT_EQ(int_text(int_negate(int_power(2, 63))), "-9223372036854775808");
  EXPECT_EQ(int_subtract(big, int_subtract(big, 7)).kind(), Kind::Int);
  EXPECT_EQ(int_text(int_multiply(whole("123456789012345678901234567890"), -3)), "-370370367037037036703703703670");
}

TEST(Number, DivisionRoundsTowardsMinusInfinity) {
  EXPECT_EQ(int_floor_divide(-7, 2).as_int(), -4);
  EXPECT_EQ(int_modulo(-7, 2).as_int(), 1);
  EXPECT_EQ(int_modulo(7, -2).as_int(), -1);
  EXPECT_EQ(int_text(int_floor_divide(INT64_MIN, -1)), "9223372036854775808");
  EXPECT_EQ(int_text(int_floor_divide(whole("-100000000000000000000"), 3)), "-33333333333333333334");
  EXPECT_EQ(error_of([] { int_floor_divide(1, 0); }), "ZeroDivisionError: integer division or modulo by zero");
  EXPECT_EQ(error_of([] { int_modulo(1, false); }), "ZeroDivisionError: integer modulo by zero");
}

TEST(Number, TrueDivisionRoundsOnce) {
  EXPECT_EQ(float_text(int_true_divide(1, 3).as_float()), "0.3333333333333333");
  EXPECT_EQ(float_text(int_true_divide(int_power(10, 400), int_power(10, 399)).as_float()), "10.0");
  EXPECT_EQ(float_text(int_true_divide(whole("9007199254740993"), 1).as_float()), "9007199254740992.0");
  EXPECT_EQ(float_text(int_true_divide(1, int_power(10, 400)).as_float()), "0.0");
  EXPECT_EQ(error_of([] { int_true_divide(int_power(10, 400), 3); }),
            "OverflowError: integer division result too large for a float");
}

TEST(Number, PowersEnd) {
  EXPECT_EQ(int_text(int_power(-3, 5)), "-243");
  EXPECT_EQ(int_power(2, -1).as_float(), 0.5);
  EXPECT_EQ(int_power(-1, int_power(10, 30)).as_int(), 1);
  EXPECT_EQ(error_of([] { int_power(0, -1); }), "ZeroDivisionError: 0.0 cannot be raised to a negative power");
  EXPECT_EQ(error_of([] { int_power(9, int_power(9, 9)); }), "MemoryError: whole numbers end at 1048576 bits");
}

TEST(Number, WholeNumbersAndFloatsCompareExactly) {
  const Value above = int_add(int_power(2, 53), 1);
  EXPECT_TRUE(is_gt(int_float_compare(above, std::ldexp(1, 53))));
  EXPECT_TRUE(is_lt(int_float_compare(int_power(10, 400), HUGE_VAL)));
  EXPECT_TRUE(is_lt(int_float_compare(-1, -0.5)));
  EXPECT_EQ(int_float_compare(1, NAN), std::partial_ordering::unordered);
}

TEST(Number, EqualNumbersHashAlike) {
  EXPECT_EQ(number_hash(1), number_hash(1.0));
  EXPECT_EQ(number_hash(1), number_hash(true));
  EXPECT_EQ(number_hash(int_power(2, 100)), number_hash(std::ldexp(1, 100)));
  EXPECT_EQ(number_hash(0.0), number_hash(-0.0));
}

TEST(Number, FloatsAreWrittenAsShortAsTheyReadBack) {
  EXPECT_EQ(float_text(0.1), "0.1");
  EXPECT_EQ(float_text(100.0), "100.0");
  EXPECT_EQ(float_text(-0.0), "-0.0");
  EXPECT_EQ(float_text(1e15), "1000000000000000.0");
  EXPECT_EQ(float_text(1e16), "1e+16");
  EXPECT_EQ(float_text(1.5e300), "1.5e+300");
  EXPECT_EQ(float_text(0.0001), "0.0001");
  EXPECT_EQ(float_text(0.00001), "1e-05");
  EXPECT_EQ(float_text(5e-324), "5e-324");
  EXPECT_EQ(float_text(-HUGE_VAL), "-inf");
  EXPECT_EQ(float_text(NAN), "nan");
}

TEST(Number, ReadsWholeNumbersAsPythonDoes) {
  EXPECT_EQ(whole(" -1_000 ").as_int(), -1000);
  EXPECT_EQ(parse_int("ff", 16)->as_int(), 255);
  EXPECT_EQ(parse_int("0x_ff", 16)->as_int(), 255);
  EXPECT_EQ(parse_int("0b101", 0)->as_int(), 5);
  EXPECT_EQ(whole("٣٤").as_int(), 34);
  for (const char* bad : {"", " ", "-", "1__0", "_1", "1_", "1.0", "0x10", "a", "1 2"}) EXPECT_FALSE(parse_int(bad));
  EXPECT_FALSE(parse_int("010", 0));
}

TEST(Number, TextOfWholeNumbersEndsWhereCPythonEndsIt) {
  EXPECT_EQ(int_text(int_power(2, 64), 16), "10000000000000000");
  EXPECT_EQ(int_text(int_power(10, 4299)).size(), 4300U);
  EXPECT_EQ(error_of([] { int_text(int_power(10, 4300)); }),
            "ValueError: Exceeds the limit (4300 digits) for integer string conversion; use "
            "sys.set_int_max_str_digits() to increase the limit");
  EXPECT_EQ(error_of([] { parse_int(std::string(5000, '1')); }),
            "ValueError: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use "
            "sys.set_int_max_str_digits() to increase the limit");
}

TEST(Number, ReadsFloatsAsPythonDoes) {
  EXPECT_EQ(parse_float(" 1_000.5e-1 "), 100.05);
  EXPECT_EQ(parse_float("1e400"), HUGE_VAL);
  EXPECT_EQ(parse_float("-1e-400"), 0.0);
  EXPECT_EQ(parse_float("-Infinity"), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(parse_float("nan").value_or(0)));
  for (const char* bad : {"", ".", "1e", "e1", "1__0", "_1", "1_.5", "0x10", "infi"}) EXPECT_FALSE(parse_float(bad));
}

TEST(Number, FloatsBecomeWholeNumbersOfAnySize) {
  EXPECT_EQ(truncate(-2.9).as_int(), -2);
  EXPECT_EQ(int_text(truncate(1e22)), "10000000000000000000000");
  EXPECT_EQ(error_of([] { truncate(NAN); }), "ValueError: cannot convert float NaN to integer");
  EXPECT_EQ(error_of([] { truncate(HUGE_VAL); }), "OverflowError: cannot convert float infinity to integer");
  EXPECT_EQ(error_of([] { to_double(int_power(10, 400)); }), "OverflowError: int too large to convert to float");
}

}  // namespace
}  // namespace plumb::jinja
