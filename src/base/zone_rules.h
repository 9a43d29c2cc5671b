// What a file of the tz database says: changes of the offset from UTC, listed one by one, and a rule for the time after
// the last of them. The format is RFC 8536 (TZif); the rule is the TZ variable of POSIX, "CET-1CEST,M3.5.0,M10.5.0/3".
//
// Most who ask for a time want a Zone (zone.h); this is for those who want to know what the clock is called.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plumb {

using ZoneSecond = std::chrono::sys_seconds;

// A stretch of time with one offset: from `begin` up to, but without, `end`.
struct ZonePeriod {
  ZoneSecond begin;
  ZoneSecond end;
  std::chrono::seconds offset{0};
  bool summer = false;            // is this summer time?
  std::string abbreviation = {};  // "CEST"
};

// The yearly change to and from summer time, as POSIX writes it.
class YearlyRule {
 public:
  // Empty when the text is no such rule.
  static std::optional<YearlyRule> find(std::string_view text);
  ZonePeriod period_at(ZoneSecond instant) const;

 private:
  // A day of the year in one of three spellings, and the clock time of the change.
  struct Change {
    enum class Kind { MonthWeekDay, DayWithoutLeap, DayOfYear } kind = Kind::MonthWeekDay;
    int month = 0, week = 0, day = 0;
    std::chrono::seconds time{2 * 3600};

    std::chrono::seconds in_year(std::chrono::year year) const;  // of the local clock, since 1970
  };
  class Reader;

  ZonePeriod between(ZoneSecond begin, ZoneSecond end, bool summer) const;

  std::chrono::seconds standard_{0};
  std::optional<std::chrono::seconds> summer_;
  std::string standard_name_, summer_name_;
  Change to_summer_;
  Change to_standard_;
};

class ZoneRules {
 public:
  // Empty when the bytes are no TZif file.
  static std::optional<ZoneRules> find(std::string_view bytes);
  ZonePeriod period_at(ZoneSecond instant) const;

 private:
  struct Type {
    std::chrono::seconds offset{0};
    bool summer = false;
    std::string abbreviation = {};
  };
  struct Change {
    ZoneSecond at;
    std::size_t type = 0;  // from then on
  };
  std::vector<Type> types_;  // the first is that before the first change
  std::vector<Change> changes_;
  std::optional<YearlyRule> after_;
};

// The system's tz database: its folder, the rules of a zone ("Europe/Berlin"), every zone's name, sorted. Empty where
// there is none.
std::optional<std::string> find_zone_database();
std::optional<ZoneRules> find_zone_rules(std::string_view name);
std::vector<std::string> zone_names();

}  // namespace plumb
