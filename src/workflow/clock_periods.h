// A zone's time as periods in which the clock is not changed, and which part of the wall clock belongs to which.
//
// For fixed times each local time belongs to exactly one period: one that the clock shows twice to the later period,
// one that it skips to the period after the gap, where it is read with the offset before it (02:30 becomes 03:30). For
// times of every hour a period has just what its clock shows.
//
// A period is a stretch of a fortnight at most, found by asking the zone, so that thousands of schedules share its
// rules. Where it ends without a change of the clock, the next one simply goes on.
#pragma once

#include <array>

#include "base/clock.h"
#include "base/zone.h"

namespace plumb::workflow {

struct ClockPeriod {
  Instant begin, end;  // `end` is the next one's begin; Instant::min() and max() in UTC
  std::chrono::seconds offset{0};
};

// Local times in [begin, end) are the instants earlier by `offset`. Empty when begin >= end.
struct ClockWindow {
  LocalTime begin, end;
  std::chrono::seconds offset{0};
};

class ClockPeriods {
 public:
  explicit ClockPeriods(const Zone& zone) : zone_(zone) {}
  // The period around an instant: it reaches a week to both sides, or to the nearest change.
  ClockPeriod at(Instant instant) const;
  std::array<ClockWindow, 2> windows(const ClockPeriod& period, bool every_hour) const;
  // True when the clock is changed at the period's begin, or at its end.
  bool begins_with_change(const ClockPeriod& period) const;
  bool ends_with_change(const ClockPeriod& period) const;

 private:
  Zone zone_;
};

}  // namespace plumb::workflow
