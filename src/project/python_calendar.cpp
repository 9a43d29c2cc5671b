// Days and clock times of Python's calendar (the years 1 to 9999), and their text.
#include <chrono>
#include <ctime>

#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;
constexpr sys_days kDayZero = sys_days(std::chrono::year(1) / 1 / 1) - std::chrono::days(1);

year_month_day to_date(const Fields& fields) {
  return year_month_day(std::chrono::year(static_cast<int>(fields.year)),
                        std::chrono::month(static_cast<unsigned>(fields.month)),
                        std::chrono::day(static_cast<unsigned>(fields.day)));
}

void check(bool fits, const char* message) {
  if (!fits) jinja::raise_value_error(message);
}

// The Monday of the first week that has most of its days in the year.
std::int64_t first_monday(std::int64_t year) {
  const std::int64_t first = ordinal_of(Fields{.year = year});
  const std::int64_t weekday = weekday_of(first);
  return first - weekday + (weekday > 3 ? 7 : 0);
}

std::tm to_tm(const Fields& fields) {
  const std::int64_t ordinal = ordinal_of(fields);
  std::tm tm{};
  tm.tm_year = static_cast<int>(fields.year) - 1900;
  tm.tm_mon = static_cast<int>(fields.month) - 1;
  tm.tm_mday = static_cast<int>(fields.day);
  tm.tm_hour = static_cast<int>(fields.hour);
  tm.tm_min = static_cast<int>(fields.minute);
  tm.tm_sec = static_cast<int>(fields.second);
  tm.tm_wday = static_cast<int>((weekday_of(ordinal) + 1) % 7);
  tm.tm_yday = static_cast<int>(ordinal - ordinal_of(Fields{.year = fields.year}));
  tm.tm_isdst = -1;
  return tm;
}

}  // namespace

void check_date(const Fields& fields) {
  if (fields.year < 1 || fields.year > 9999) {
    jinja::raise_value_error(plumb::format("year {} is out of range", fields.year));
  }
  check(fields.month >= 1 && fields.month <= 12, "month must be in 1..12");
  check(fields.day >= 1 && fields.day <= 31 && to_date(fields).ok(), "day is out of range for month");
}

void check_time(const Fields& fields) {
  check(fields.hour >= 0 && fields.hour <= 23, "hour must be in 0..23");
  check(fields.minute >= 0 && fields.minute <= 59, "minute must be in 0..59");
  check(fields.second >= 0 && fields.second <= 59, "second must be in 0..59");
  check(fields.microsecond >= 0 && fields.microsecond <= 999'999, "microsecond must be in 0..999999");
}

std::int64_t ordinal_of(const Fields& date) {
  return (sys_days(to_date(date)) - kDayZero).count();
}

std::int64_t time_of(const Fields& fields) {
  return fields.hour * kHour + fields.minute * kMinute + fields.second * kSecond + fields.microsecond;
}

std::int64_t micros_of(const Fields& fields) {
  return (ordinal_of(fields) - 1) * kDay + time_of(fields);
}

Fields fields_of(std::int64_t micros) {
  const std::int64_t days = micros / kDay, time = micros % kDay;
  const year_month_day date(kDayZero + std::chrono::days(days + 1));
  return {.year = int(date.year()),
          .month = unsigned(date.month()),
          .day = unsigned(date.day()),
          .hour = time / kHour,
          .minute = time / kMinute % 60,
          .second = time / kSecond % 60,
          .microsecond = time % kSecond};
}

IsoWeek iso_week_of(std::int64_t ordinal) {
  std::int64_t year = fields_of((ordinal - 1) * kDay).year;
  if (ordinal < first_monday(year)) {
    --year;
  } else if (ordinal >= first_monday(year + 1)) {
    ++year;
  }
  return {year, (ordinal - first_monday(year)) / 7 + 1, weekday_of(ordinal) + 1};
}

std::int64_t ordinal_of(const IsoWeek& week) {
  if (week.year < 1 || week.year > 9999) {
    jinja::raise_value_error(plumb::format("Year is out of range: {}", week.year));
  }
  const std::int64_t first = first_monday(week.year), weeks = (first_monday(week.year + 1) - first) / 7;
  if (week.week < 1 || week.week > weeks) jinja::raise_value_error(plumb::format("Invalid week: {}", week.week));
  if (week.weekday < 1 || week.weekday > 7) {
    jinja::raise_value_error(plumb::format("Invalid weekday: {} (range is [1, 7])", week.weekday));
  }
  return first + (week.week - 1) * 7 + week.weekday - 1;
}

std::int64_t checked_micros(Int128 micros) {
  if (micros < 0 || micros >= Int128{kLastOrdinal} * kDay) jinja::raise("OverflowError", "date value out of range");
  return static_cast<std::int64_t>(micros);
}

// ---- Text

std::string date_text(const Fields& date) {
  return plumb::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string clock_text(const Fields& time, std::string_view timespec) {
  if (timespec == "auto") timespec = time.microsecond != 0 ? "microseconds" : "seconds";
  if (timespec == "hours") return plumb::format("{:02}", time.hour);
  if (timespec == "minutes") return plumb::format("{:02}:{:02}", time.hour, time.minute);
  std::string text = plumb::format("{:02}:{:02}:{:02}", time.hour, time.minute, time.second);
  if (timespec == "seconds") return text;
  if (timespec == "milliseconds") return text + plumb::format(".{:03}", time.microsecond / 1000);
  if (timespec == "microseconds") return text + plumb::format(".{:06}", time.microsecond);
  jinja::raise_value_error("Unknown timespec value");
}

std::string offset_text(std::int64_t offset, std::string_view separator) {
  const std::int64_t size = offset < 0 ? -offset : offset;
  std::string text =
      plumb::format("{}{:02}{}{:02}", offset < 0 ? '-' : '+', size / kHour, separator, size / kMinute % 60);
  if (size % kMinute != 0) text += plumb::format("{}{:02}", separator, size / kSecond % 60);
  if (size % kSecond != 0) text += plumb::format(".{:06}", size % kSecond);
  return text;
}

std::string format_time(const FormatTime& time, std::string_view spec) {
  // What C's strftime knows nothing of, or would take from the process's zone, is put in before.
  std::string ready;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    const char next = i + 1 < spec.size() ? spec[i + 1] : '\0';
    if (spec[i] != '%' || next == '\0') {
      ready += spec[i];
      continue;
    }
    ++i;
    if (next == 'f') {
      ready += plumb::format("{:06}", time.fields.microsecond);
    } else if (next == 'z') {
      if (time.offset) ready += offset_text(*time.offset, "");
    } else if (next == 'Z') {
      for (const char c : time.zone_name) ready += c == '%' ? "%%" : std::string(1, c);
    } else {
      ready += '%';
      ready += next;
    }
  }
  if (ready.empty()) return {};
  const std::tm tm = to_tm(time.fields);
  // An empty answer and one that does not fit look alike: a character before it tells them apart.
  const std::string marked = "." + ready;
  std::string text(marked.size() * 16 + 64, '\0');
  std::size_t length = 0;
  while ((length = std::strftime(text.data(), text.size(), marked.c_str(), &tm)) == 0 && text.size() < (1u << 24)) {
    text.resize(text.size() * 4);
  }
  return length == 0 ? std::string() : text.substr(1, length - 1);
}

}  // namespace plumb::project::python
