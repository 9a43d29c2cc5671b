// Cron expressions: which moments of a wall clock they name. Zones and clock changes are ticks.h's business.
//
//     ┌ minute 0-59   ┌ hour 0-23   ┌ day 1-31   ┌ month 1-12, jan-dec   ┌ weekday 0-7 (0 and 7 are Sunday), sun-sat
//     0               7             *            *                       mon-fri           [a sixth field: seconds
//     0-59]
//
// A field is a list, with commas, of: `*`; a value; a range `a-b`, which may wrap around (22-3, fri-mon); any of these
// with a step, `*/15`, `9-17/2`, `5/15` (from 5 on). Days know `L` (the last one of the month), `15W` (the workday
// nearest to the 15th, in the same month; 31W is the last one's), `LW` (the last workday); weekdays know `fri#2` (the
// second Friday) and `L5`, `5L` (the last Friday); both know `?`, which is `*`. `H` is a value that depends on the
// seed, so that many schedules spread out but stay put: `H`, `H(0-29)`, `H/15`, `H(0-29)/10`. Where day and weekday are
// both given, either will do.
// @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly and @annually stand for what they say.
//
// The reference is croniter, but for what docs/schedules.md lists. A Cron is a value; any thread may ask it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/zone.h"

namespace plumb::workflow {

// What the fields allow: bit n stands for the value n.
struct CronFields {
  std::uint64_t seconds = 1;
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days = 0;
  std::uint64_t months = 0;
  std::uint64_t weekdays = 0;            // bit 0 is Sunday
  std::uint64_t nearest_workdays = 0;    // the days written with W
  bool last_day = false;                 // L
  bool last_workday = false;             // LW
  std::array<std::uint8_t, 7> nth = {};  // of each weekday: bit n for the n-th of the month
  std::uint64_t last_weekdays = 0;       // L5
  bool any_day = true;                   // the field is * or ?
  bool any_weekday = true;

  bool operator==(const CronFields&) const = default;
};

class Cron {
 public:
  // Throws Error(Config) at `place`, moved to the faulty field where the text stands there as it is, for a malformed
  // expression and for one that never comes true (30 February).
  static Cron parse(std::string_view text, std::string_view seed, const Place& place = {});

  // The nearest moment strictly after (before) this one; empty when there is none within fifty years.
  std::optional<LocalTime> next(LocalTime after) const;
  std::optional<LocalTime> previous(LocalTime before) const;

  // True when the hour is free: then it runs in both of a doubled hour and in none of a skipped one.
  bool every_hour() const;
  const CronFields& fields() const { return fields_; }
  // "At 07:00, Monday through Friday".
  std::string describe() const;

 private:
  // The days of that month as bits.
  std::uint64_t days_of(std::chrono::year year, unsigned month) const;

  CronFields fields_;
};

}  // namespace plumb::workflow
