#include "workflow/cron.h"

#include <algorithm>
#include <bit>

namespace plumb::workflow {
namespace {

namespace chr = std::chrono;

constexpr int kYears = 50;  // 29 February on a certain weekday comes every 28 years, or 40 across 2100
constexpr std::uint64_t kEveryHour = (std::uint64_t{1} << 24) - 1;

std::uint64_t bit(unsigned n) {
  return std::uint64_t{1} << n;
}

// The lowest bit that is not below `from`, the highest that is not above it; -1 when there is none.
int lowest(std::uint64_t bits, int from) {
  bits = from > 63 ? 0 : bits & ~(bit(static_cast<unsigned>(from)) - 1);
  return bits == 0 ? -1 : std::countr_zero(bits);
}
int highest(std::uint64_t bits, int from) {
  if (from < 0) return -1;
  bits &= from >= 63 ? ~std::uint64_t{0} : bit(static_cast<unsigned>(from) + 1) - 1;
  return bits == 0 ? -1 : 63 - std::countl_zero(bits);
}

struct TimeOfDay {
  int hour = 0, minute = 0, second = 0;
};

std::optional<TimeOfDay> first_from(const CronFields& fields, TimeOfDay from) {
  const TimeOfDay start{lowest(fields.hours, 0), lowest(fields.minutes, 0), lowest(fields.seconds, 0)};
  const int hour = lowest(fields.hours, from.hour);
  if (hour < 0) return std::nullopt;
  if (hour > from.hour) return TimeOfDay{hour, start.minute, start.second};
  const int minute = lowest(fields.minutes, from.minute);
  const int second = minute == from.minute ? lowest(fields.seconds, from.second) : start.second;
  if (minute >= 0 && second >= 0) return TimeOfDay{hour, minute, second};
  const int later = minute < 0 ? -1 : lowest(fields.minutes, from.minute + 1);
  if (later >= 0) return TimeOfDay{hour, later, start.second};
  const int next_hour = lowest(fields.hours, from.hour + 1);
  if (next_hour < 0) return std::nullopt;
  return TimeOfDay{next_hour, start.minute, start.second};
}

std::optional<TimeOfDay> last_until(const CronFields& fields, TimeOfDay until) {
  const TimeOfDay end{highest(fields.hours, 23), highest(fields.minutes, 59), highest(fields.seconds, 59)};
  const int hour = highest(fields.hours, until.hour);
  if (hour < 0) return std::nullopt;
  if (hour < until.hour) return TimeOfDay{hour, end.minute, end.second};
  const int minute = highest(fields.minutes, until.minute);
  const int second = minute == until.minute ? highest(fields.seconds, until.second) : end.second;
  if (minute >= 0 && second >= 0) return TimeOfDay{hour, minute, second};
  const int earlier = minute < 0 ? -1 : highest(fields.minutes, until.minute - 1);
  if (earlier >= 0) return TimeOfDay{hour, earlier, end.second};
  const int hour_before = highest(fields.hours, until.hour - 1);
  if (hour_before < 0) return std::nullopt;
  return TimeOfDay{hour_before, end.minute, end.second};
}

unsigned days_in(chr::year year, unsigned month) {
  return unsigned((year / chr::month(month) / chr::last).day());
}

unsigned weekday_of(chr::year year, unsigned month, unsigned day) {
  return chr::weekday(chr::sys_days(year / chr::month(month) / chr::day(day))).c_encoding();
}

// The workday nearest to `day`, without leaving the month.
unsigned nearest_workday(chr::year year, unsigned month, unsigned day) {
  const unsigned weekday = weekday_of(year, month, day);
  if (weekday == 6) return day > 1 ? day - 1 : day + 2;
  if (weekday == 0) return day < days_in(year, month) ? day + 1 : day - 2;
  return day;
}

LocalTime at(chr::year year, unsigned month, int day, TimeOfDay time) {
  return LocalTime(chr::local_days(year / chr::month(month) / chr::day(static_cast<unsigned>(day)))) +
         chr::hours(time.hour) + chr::minutes(time.minute) + chr::seconds(time.second);
}

struct Split {
  chr::year_month_day date;
  TimeOfDay time;
};

Split split(LocalTime local) {
  const auto day = chr::floor<chr::days>(local);
  const chr::hh_mm_ss time(chr::floor<chr::seconds>(local - day));
  return {chr::year_month_day(day),
          {int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count())}};
}

bool in_reach(LocalTime local) {
  constexpr LocalTime kFirst(chr::local_days(chr::year(1) / 1 / 1)), kLast(chr::local_days(chr::year(9999) / 1 / 1));
  return local > kFirst && local < kLast;
}

}  // namespace

bool Cron::every_hour() const {
  return fields_.hours == kEveryHour;
}

std::uint64_t Cron::days_of(chr::year year, unsigned month) const {
  const unsigned count = days_in(year, month);
  const std::uint64_t all = bit(count + 1) - 2;
  if (fields_.any_day && fields_.any_weekday) return all;
  std::uint64_t by_day = fields_.days;
  if (fields_.last_day) by_day |= bit(count);
  if (fields_.last_workday) by_day |= bit(nearest_workday(year, month, count));
  for (int day = lowest(fields_.nearest_workdays, 0); day >= 0; day = lowest(fields_.nearest_workdays, day + 1)) {
    by_day |= bit(nearest_workday(year, month, std::min(unsigned(day), count)));
  }
  std::uint64_t by_weekday = 0;
  const unsigned first = weekday_of(year, month, 1);
  for (unsigned day = 1; day <= count; ++day) {
    const unsigned weekday = (first + day - 1) % 7;
    const bool wanted = (fields_.weekdays & bit(weekday)) != 0 || (fields_.nth[weekday] & bit((day + 6) / 7)) != 0 ||
                        ((fields_.last_weekdays & bit(weekday)) != 0 && day + 7 > count);
    if (wanted) by_weekday |= bit(day);
  }
  if (fields_.any_day) return by_weekday & all;
  return (fields_.any_weekday ? by_day : by_day | by_weekday) & all;
}

std::optional<LocalTime> Cron::next(LocalTime after) const {
  if (!in_reach(after)) return std::nullopt;
  const auto [date, time] = split(chr::floor<chr::seconds>(after) + chr::seconds(1));
  const TimeOfDay midnight = *first_from(fields_, {});
  int from = int(unsigned(date.day()));
  unsigned month = unsigned(date.month());
  bool today = true;
  for (chr::year year = date.year(); year <= date.year() + chr::years(kYears); ++year, month = 1) {
    for (; month <= 12; ++month, from = 1, today = false) {
      if ((fields_.months & bit(month)) == 0) continue;
      const std::uint64_t days = days_of(year, month);
      int day = lowest(days, from);
      if (today && day == from) {
        if (auto rest = first_from(fields_, time)) return at(year, month, day, *rest);
        day = lowest(days, from + 1);
      }
      if (day >= 0) return at(year, month, day, midnight);
    }
  }
  return std::nullopt;
}

std::optional<LocalTime> Cron::previous(LocalTime before) const {
  if (!in_reach(before)) return std::nullopt;
  const auto [date, time] = split(before - Duration(1));
  const TimeOfDay evening = *last_until(fields_, {23, 59, 59});
  int until = int(unsigned(date.day()));
  unsigned month = unsigned(date.month());
  bool today = true;
  for (chr::year year = date.year(); year >= date.year() - chr::years(kYears); --year, month = 12) {
    for (; month >= 1; --month, until = 31, today = false) {
      if ((fields_.months & bit(month)) == 0) continue;
      const std::uint64_t days = days_of(year, month);
      int day = highest(days, until);
      if (today && day == until) {
        if (auto rest = last_until(fields_, time)) return at(year, month, day, *rest);
        day = highest(days, until - 1);
      }
      if (day >= 0) return at(year, month, day, evening);
    }
  }
  return std::nullopt;
}

}  // namespace plumb::workflow
