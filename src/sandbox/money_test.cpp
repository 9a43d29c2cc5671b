#include "sandbox/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace plumb::sandbox {
namespace {

TEST(Money, Amounts_are_written_as_the_bank_writes_them) {
  EXPECT_EQ(amount_text(686009), "6860.09");
  EXPECT_EQ(amount_text(762570), "7625.7");
  EXPECT_EQ(amount_text(200000), "2000.0");
  EXPECT_EQ(amount_text(0), "0");
  EXPECT_EQ(amount_text(-7), "-0.07");
  EXPECT_EQ(amount_text(123'456'789'012'345'678), "1234567890123456.78");
  EXPECT_EQ(amount_text(std::numeric_limits<Cents>::min()), "-92233720368547758.08");
}

TEST(Money, Other_numbers_of_decimals_are_written_alike) {
  EXPECT_EQ(decimal_text(2113, 3), "2.113");
  EXPECT_EQ(decimal_text(1312400, 4), "131.24");
  EXPECT_EQ(percent_text(-28368, 100000), "-28.368");
  EXPECT_EQ(percent_text(5, 0), "0");
}

TEST(Money, A_product_is_rounded_half_away_from_zero_and_does_not_overflow) {
  EXPECT_EQ(scale(15, 1, 10), 2);
  EXPECT_EQ(scale(-15, 1, 10), -2);
  EXPECT_EQ(scale(100000, 10000, 10850), 92166);
  EXPECT_EQ(scale(123'456'789'012'345'678, 10'000, 10'000), 123'456'789'012'345'678);
}

}  // namespace
}  // namespace plumb::sandbox
