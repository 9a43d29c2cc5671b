// A zone's time as periods in which the clock is not changed, and which part of the wall clock belongs to which.
//
// For fixed times each local time belongs to exactly one period: one that the clock shows twice to the later period,
// one that it skips to the period after the gap, where it is read with the offset before it (02:30 becomes 03:30). For
// times of every hour a period has just what its clock shows.
#pragma once

#include <array>
#include <memory>

#include "base/clock.h"
#include "base/zone.h"

namespace plumb {
class ZoneRules;
}

namespace plumb::workflow {

struct ClockPeriod {
  Instant begin, end;  // `end` is the next one's begin; Instant::min() and max() where it goes on for ever
  std::chrono::seconds offset{0};
};

// Local times in [begin, end) are the instants earlier by `offset`. Empty when begin >= end.
struct ClockWindow {
  LocalTime begin, end;
  std::chrono::seconds offset{0};
};

class ClockPeriods {
 public:
  explicit ClockPeriods(const Zone& zone);
  ClockPeriod at(Instant instant) const;
  std::array<ClockWindow, 2> windows(const ClockPeriod& period, bool every_hour) const;

 private:
  std::shared_ptr<const ZoneRules> rules_;  // none for UTC
};

}  // namespace plumb::workflow
