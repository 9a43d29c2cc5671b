// A cron expression in a person's words.
#include <array>
#include <bit>
#include <functional>
#include <string>
#include <vector>

#include "base/format.h"
#include "workflow/cron.h"

namespace plumb::workflow {
namespace {

constexpr std::array<std::string_view, 13> kMonths = {"",        "January",  "February", "March",  "April",
                                                      "May",     "June",     "July",     "August", "September",
                                                      "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 6> kOrdinals = {"", "first", "second", "third", "fourth", "fifth"};

using Name = std::function<std::string(unsigned)>;

std::string number(unsigned n) {
  return format("{}", n);
}
std::string weekday(unsigned n) {
  return std::string(kWeekdays[n]);
}

std::uint64_t bit(unsigned n) {
  return std::uint64_t{1} << n;
}

bool is_all(std::uint64_t bits, unsigned low, unsigned high) {
  return bits == ((bit(high + 1) - 1) & ~(bit(low) - 1));
}

// "a, b and c"
std::string join(const std::vector<std::string>& parts, std::string_view last = " and ") {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? last : std::string_view(", ");
    text += parts[i];
  }
  return text;
}

// "1, 5 through 9 and 12": three and more in a row are a range.
std::string list(std::uint64_t bits, const Name& name) {
  std::vector<std::string> parts;
  for (unsigned n = 0; n < 64; ++n) {
    if ((bits & bit(n)) == 0) continue;
    unsigned end = n;
    while (end < 63 && (bits & bit(end + 1)) != 0) ++end;
    const bool range = end >= n + 2;
    parts.push_back(range ? format("{} through {}", name(n), name(end)) : name(n));
    if (range) n = end;
  }
  return join(parts);
}

// The step of 0, n, 2n, … up to the size, which n divides; 0 when it is no such row.
unsigned even_step(std::uint64_t bits, unsigned size) {
  if ((bits & 1) == 0 || std::popcount(bits) < 2) return 0;
  const unsigned step = unsigned(std::countr_zero(bits & (bits - 1)));
  std::uint64_t row = 0;
  for (unsigned n = 0; n < size; n += step) row |= bit(n);
  return size % step == 0 && row == bits ? step : 0;
}

std::string every(unsigned step, std::string_view unit) {
  return step == 1 ? format("Every {}", unit) : format("Every {} {}s", step, unit);
}

// "At 07:00 and 19:30", when there are few of them.
std::string clock_times(const CronFields& f) {
  std::vector<std::string> times;
  for (unsigned hour = 0; hour < 24; ++hour) {
    for (unsigned minute = 0; minute < 60; ++minute) {
      if ((f.hours & bit(hour)) == 0 || (f.minutes & bit(minute)) == 0) continue;
      std::string time = format("{:02}:{:02}", hour, minute);
      if (f.seconds != 1) time += format(":{:02}", std::countr_zero(f.seconds));
      times.push_back(std::move(time));
    }
  }
  return "At " + join(times);
}

std::string time_words(const CronFields& f) {
  const bool whole_minutes = f.seconds == 1, all_minutes = is_all(f.minutes, 0, 59), all_hours = is_all(f.hours, 0, 23);
  if (whole_minutes && f.minutes == 1 && std::popcount(f.hours) > 2) {
    if (const unsigned step = even_step(f.hours, 24)) return every(step, "hour");
  }
  if (std::popcount(f.seconds) == 1 && std::popcount(f.minutes) * std::popcount(f.hours) <= 4) return clock_times(f);
  if (all_hours && all_minutes && !whole_minutes) {
    if (const unsigned step = even_step(f.seconds, 60)) return every(step, "second");
  }
  if (whole_minutes && all_hours) {
    if (f.minutes == 1) return "Every hour";
    if (const unsigned step = even_step(f.minutes, 60)) return every(step, "minute");
  }
  std::string text = "At ";
  if (!whole_minutes) text += format("second {}, ", list(f.seconds, number));
  text += all_minutes ? std::string("every minute") : format("minute {}", list(f.minutes, number));
  return text + (all_hours ? " of each hour" : format(" of hour {}", list(f.hours, number)));
}

std::vector<std::string> day_words(const CronFields& f) {
  std::vector<std::string> days;
  if (f.days != 0) days.push_back(format("on day {} of the month", list(f.days, number)));
  if (f.nearest_workdays != 0)
    days.push_back(format("on the workday nearest to day {}", list(f.nearest_workdays, number)));
  if (f.last_day) days.emplace_back("on the last day of the month");
  if (f.last_workday) days.emplace_back("on the last workday of the month");
  return days;
}

std::vector<std::string> weekday_words(const CronFields& f) {
  std::vector<std::string> days;
  // Sunday is told last, so that a weekend is one.
  const std::uint64_t from_monday = (f.weekdays >> 1) | ((f.weekdays & 1) << 6);
  if (from_monday != 0) days.push_back("on " + list(from_monday, [](unsigned n) { return weekday((n + 1) % 7); }));
  for (unsigned day = 0; day < 7; ++day) {
    for (unsigned nth = 1; nth <= 5; ++nth) {
      if ((f.nth[day] & bit(nth)) != 0)
        days.push_back(format("on the {} {} of the month", kOrdinals[nth], weekday(day)));
    }
    if ((f.last_weekdays & bit(day)) != 0) days.push_back(format("on the last {} of the month", weekday(day)));
  }
  return days;
}

}  // namespace

std::string Cron::describe() const {
  std::string text = time_words(fields_);
  std::vector<std::string> days;
  if (!fields_.any_day) days = day_words(fields_);
  if (!fields_.any_weekday) {
    for (std::string& day : weekday_words(fields_)) days.push_back(std::move(day));
  }
  if (!days.empty()) text += " " + join(days, " or ");
  if (!is_all(fields_.months, 1, 12)) {
    text += " in " + list(fields_.months, [](unsigned n) { return std::string(kMonths[n]); });
  }
  return text;
}

}  // namespace plumb::workflow
