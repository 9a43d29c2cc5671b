#include "sandbox/calendar.h"

#include <array>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 12> kMonths{"Januar", "Februar", "März",      "April",   "Mai",      "Juni",
                                                   "Juli",   "August",  "September", "Oktober", "November", "Dezember"};

}  // namespace

Day easter_sunday(std::chrono::year year) {
  // The anonymous Gregorian computus.
  int y = static_cast<int>(year);
  int a = y % 19;
  int b = y / 100;
  int c = y % 100;
  int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  int m = (a + 11 * h + 22 * l) / 451;
  int month = (h + l - 7 * m + 114) / 31;
  int day = (h + l - 7 * m + 114) % 31 + 1;
  return Day(year / month / day);
}

bool is_banking_day(Day day) {
  std::chrono::weekday weekday(day);
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return false;
  Date date(day);
  unsigned month = static_cast<unsigned>(date.month());
  unsigned of_month = static_cast<unsigned>(date.day());
  if (month == 1 && of_month == 1) return false;
  if (month == 5 && of_month == 1) return false;
  if (month == 12 && (of_month == 25 || of_month == 26)) return false;
  Day easter = easter_sunday(date.year());
  return day != easter - days(2) && day != easter + days(1);
}

Day banking_day_from(Day day) {
  while (!is_banking_day(day)) day += days(1);
  return day;
}

Day banking_day_until(Day day) {
  while (!is_banking_day(day)) day -= days(1);
  return day;
}

Day banking_days_after(Day day, int n) {
  for (; n > 0; --n) day = banking_day_from(day + days(1));
  return day;
}

std::string german_date(Date date) {
  return format("{:02}.{:02}.{}", static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                static_cast<int>(date.year()));
}

std::string german_month(Date date) {
  return format("{} {}", kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()));
}

}  // namespace plumb::sandbox
