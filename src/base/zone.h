// Time zones: an instant's local date and clock, and back, by the system's tz database.
//
// A Zone is a small value that copies cheaply and may be used from any thread. The rules are read from the zone's file
// below /usr/share/zoneinfo (or $TZDIR), and go on for ever: beyond the changes that are listed there (2037, or less)
// the rule at the end of the file speaks.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace plumb {

using LocalTime = std::chrono::local_time<std::chrono::microseconds>;
using Date = std::chrono::year_month_day;

class ZoneRules;

class Zone {
 public:
  // UTC.
  Zone();
  // "Europe/Berlin". Throws Error(Config) with the nearest known name. "UTC" needs no tz database.
  static Zone get(std::string_view name);

  const std::string& name() const { return name_; }
  LocalTime to_local(Instant instant) const;
  Date date_of(Instant instant) const;
  std::chrono::seconds offset_at(Instant instant) const;
  // An hour that the spring change skips becomes the instant of the change; of a doubled hour the first is taken.
  Instant to_instant(LocalTime local) const;

 private:
  std::string name_;
  std::shared_ptr<const ZoneRules> rules_;  // empty for UTC
};

// "2026-11-21", and back; empty when the text is no date of the calendar.
std::string format_date(Date date);
std::optional<Date> find_date(std::string_view text);

}  // namespace plumb
