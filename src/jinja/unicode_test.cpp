#include "jinja/unicode.h"

#include <gtest/gtest.h>

namespace plumb::jinja {
namespace {

TEST(JinjaUnicode, CountsCodePointsAndFindsThem) {
  const std::string_view text = "aé€𝄞z";
  EXPECT_EQ(count_code_points(text), 5U);
  EXPECT_EQ(find_code_point(text, 3), 6U);
  EXPECT_EQ(find_code_point(text, 9), text.size());
  std::size_t position = text.size() - 1;
  EXPECT_EQ(previous_code_point(text, position), U'𝄞');
  EXPECT_EQ(position, 6U);
}

TEST(JinjaUnicode, KeepsBytesThatAreNoText) {
  const std::string broken = "a\xFF\xE2\x82z";
  EXPECT_EQ(count_code_points(broken), 5U);
  EXPECT_EQ(to_upper(broken), "A\xFF\xE2\x82Z");
}

TEST(JinjaUnicode, ChangesCaseAsPythonDoes) {
  EXPECT_EQ(to_upper("Straße ŉ ﬁ"), "STRASSE ʼN FI");
  EXPECT_EQ(to_lower("ΟΔΟΣ Σ İ"), "οδος σ i̇");
  EXPECT_EQ(to_title("it's ßs ǆ'ab"), "It'S Sss ǅ'Ab");
  EXPECT_EQ(to_capitalized("ǆUNGLA"), "ǅungla");
  EXPECT_EQ(to_swapped_case("aBß"), "AbSS");
  EXPECT_EQ(to_casefold("Maẞe"), "masse");
}

TEST(JinjaUnicode, KnowsItsDigits) {
  EXPECT_TRUE(is_decimal(U'٣'));
  EXPECT_EQ(decimal_value(U'٣'), 3);
  EXPECT_EQ(decimal_value(0x1D7D9), 1);
  EXPECT_TRUE(is_digit(U'²') && !is_decimal(U'²'));
  EXPECT_TRUE(is_numeric(U'五') && !is_digit(U'五'));
}

TEST(JinjaUnicode, StripsPythonsWhiteSpace) {
  EXPECT_EQ(strip("\u3000\x1C a \u2028\n"), "a");
  EXPECT_EQ(strip(" \t "), "");
}

}  // namespace
}  // namespace plumb::jinja
