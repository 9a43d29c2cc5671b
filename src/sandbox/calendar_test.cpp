#include "sandbox/calendar.h"

#include <gtest/gtest.h>

namespace plumb::sandbox {
namespace {

Day day(int year, unsigned month, unsigned of_month) {
  return Day(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(of_month));
}

TEST(Calendar, Easter_moves) {
  EXPECT_EQ(easter_sunday(std::chrono::year(2025)), day(2025, 4, 20));
  EXPECT_EQ(easter_sunday(std::chrono::year(2026)), day(2026, 4, 5));
  EXPECT_EQ(easter_sunday(std::chrono::year(2038)), day(2038, 4, 25));
}

TEST(Calendar, No_bank_books_on_weekends_and_holidays) {
  EXPECT_FALSE(is_banking_day(day(2026, 11, 21)));  // a Saturday
  EXPECT_FALSE(is_banking_day(day(2026, 4, 3)));    // Good Friday
  EXPECT_FALSE(is_banking_day(day(2026, 4, 6)));    // Easter Monday
  EXPECT_FALSE(is_banking_day(day(2026, 5, 1)));
  EXPECT_TRUE(is_banking_day(day(2026, 12, 24)));
}

TEST(Calendar, A_due_day_moves_over_the_holidays) {
  EXPECT_EQ(banking_day_from(day(2026, 12, 25)), day(2026, 12, 28));
  EXPECT_EQ(banking_day_until(day(2026, 12, 27)), day(2026, 12, 24));
  EXPECT_EQ(banking_days_after(day(2026, 4, 2), 1), day(2026, 4, 7));
}

TEST(Calendar, Dates_are_written_in_German) {
  EXPECT_EQ(german_date(Date(day(2026, 3, 1))), "01.03.2026");
  EXPECT_EQ(german_month(Date(day(2026, 3, 1))), "März 2026");
}

}  // namespace
}  // namespace plumb::sandbox
