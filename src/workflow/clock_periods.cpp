#include "workflow/clock_periods.h"

#include <algorithm>

#include "base/zone_rules.h"

namespace plumb::workflow {
namespace {

Instant widen(ZoneSecond second) {
  if (second == ZoneSecond::min()) return Instant::min();
  if (second == ZoneSecond::max()) return Instant::max();
  return second;
}

// The wall clock at an instant, which stays at the ends of time.
LocalTime local_at(Instant instant, std::chrono::seconds offset) {
  if (instant == Instant::min()) return LocalTime::min();
  if (instant == Instant::max()) return LocalTime::max();
  return LocalTime(instant.time_since_epoch() + offset);
}

}  // namespace

ClockPeriods::ClockPeriods(const Zone& zone) {
  if (auto rules = find_zone_rules(zone.name()); rules && zone.name() != "UTC") {
    rules_ = std::make_shared<const ZoneRules>(std::move(*rules));
  }
}

ClockPeriod ClockPeriods::at(Instant instant) const {
  if (!rules_) return {Instant::min(), Instant::max()};
  const ZonePeriod period = rules_->period_at(std::chrono::floor<std::chrono::seconds>(instant));
  return {widen(period.begin), widen(period.end), period.offset};
}

std::array<ClockWindow, 2> ClockPeriods::windows(const ClockPeriod& period, bool every_hour) const {
  ClockWindow own{local_at(period.begin, period.offset), local_at(period.end, period.offset), period.offset};
  ClockWindow skipped{own.begin, own.begin, period.offset};
  if (every_hour) return {own, skipped};
  if (period.end != Instant::max()) own.end = std::min(own.end, local_at(period.end, at(period.end).offset));
  if (period.begin != Instant::min()) {
    skipped.offset = at(period.begin - Duration(1)).offset;
    skipped.begin = local_at(period.begin, skipped.offset);
  }
  return {own, skipped};
}

}  // namespace plumb::workflow
