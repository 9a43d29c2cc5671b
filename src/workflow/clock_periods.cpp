#include "workflow/clock_periods.h"

#include <algorithm>

namespace plumb::workflow {
namespace {

using Second = std::chrono::sys_seconds;

// No zone changes its clock and changes it back within a week.
constexpr std::chrono::seconds kReach = std::chrono::weeks(1);

// The wall clock at an instant, which stays at the ends of time.
LocalTime local_at(Instant instant, std::chrono::seconds offset) {
  if (instant == Instant::min()) return LocalTime::min();
  if (instant == Instant::max()) return LocalTime::max();
  return LocalTime(instant.time_since_epoch() + offset);
}

// Of two instants with different offsets, the first second that has the later one's.
Second find_change(const Zone& zone, Second before, Second after) {
  const std::chrono::seconds offset = zone.offset_at(after);
  while (after - before > std::chrono::seconds(1)) {
    const Second middle = before + (after - before) / 2;
    (zone.offset_at(middle) == offset ? after : before) = middle;
  }
  return after;
}

}  // namespace

ClockPeriod ClockPeriods::at(Instant instant) const {
  if (zone_.name() == "UTC") return {Instant::min(), Instant::max()};
  const Second here = std::chrono::floor<std::chrono::seconds>(instant);
  Second begin = here - kReach, end = here + kReach;
  const std::chrono::seconds offset = zone_.offset_at(here);
  if (zone_.offset_at(begin) != offset) begin = find_change(zone_, begin, here);
  if (zone_.offset_at(end) != offset) end = find_change(zone_, here, end);
  return {begin, end, offset};
}

bool ClockPeriods::begins_with_change(const ClockPeriod& period) const {
  return period.begin != Instant::min() && zone_.offset_at(period.begin - Duration(1)) != period.offset;
}

bool ClockPeriods::ends_with_change(const ClockPeriod& period) const {
  return period.end != Instant::max() && zone_.offset_at(period.end) != period.offset;
}

std::array<ClockWindow, 2> ClockPeriods::windows(const ClockPeriod& period, bool every_hour) const {
  ClockWindow own{local_at(period.begin, period.offset), local_at(period.end, period.offset), period.offset};
  ClockWindow skipped{own.begin, own.begin, period.offset};
  if (every_hour || period.begin == Instant::min()) return {own, skipped};
  own.end = std::min(own.end, local_at(period.end, zone_.offset_at(period.end)));
  skipped.offset = zone_.offset_at(period.begin - Duration(1));
  skipped.begin = local_at(period.begin, skipped.offset);
  return {own, skipped};
}

}  // namespace plumb::workflow
