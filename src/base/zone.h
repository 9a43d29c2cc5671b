// Time zones: an instant's local date and clock, and back, by the system's tz database.
//
// A Zone is a small value that copies cheaply and may be used from any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace plumb {

using LocalTime = std::chrono::local_time<std::chrono::microseconds>;
using Date = std::chrono::year_month_day;

class Zone {
 public:
  // UTC.
  Zone();
  // "Europe/Berlin". Throws Error(Config) with the nearest known name.
  static Zone get(std::string_view name);

  const std::string& name() const { return name_; }
  LocalTime to_local(Instant instant) const;
  Date date_of(Instant instant) const;
  std::chrono::seconds offset_at(Instant instant) const;
  // An hour that the spring change skips becomes the instant of the change; of a doubled hour the first is taken.
  Instant to_instant(LocalTime local) const;

 private:
  std::string name_;
  const void* zone_;  // a date::time_zone, which lives as long as the program
};

// "2026-11-21", and back; empty when the text is no date of the calendar.
std::string format_date(Date date);
std::optional<Date> find_date(std::string_view text);

}  // namespace plumb
