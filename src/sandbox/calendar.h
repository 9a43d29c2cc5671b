// The days on which a bank books: Monday to Friday, without the holidays of the payment system (TARGET).
#pragma once

#include <chrono>

#include "base/zone.h"

namespace plumb::sandbox {

// A day as a number that can be counted with.
using Day = std::chrono::sys_days;

bool is_banking_day(Day day);
Day easter_sunday(std::chrono::year year);
// The day itself if it is a banking day, else the next or the one before.
Day banking_day_from(Day day);
Day banking_day_until(Day day);
// The n-th banking day after this day.
Day banking_days_after(Day day, int n);

// Days since 1970: what dice are numbered by.
inline std::int64_t number_of(Day day) {
  return day.time_since_epoch().count();
}
inline Day last_of_month(Date date) {
  return Day(date.year() / date.month() / std::chrono::last);
}
// "07.11.2026" and "November 2026".
std::string german_date(Date date);
std::string german_month(Date date);

}  // namespace plumb::sandbox
