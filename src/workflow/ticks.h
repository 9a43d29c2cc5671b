// The moments at which a schedule fires, as a row that is walked in both directions: cron under a zone's clock changes,
// a steady rhythm, several rows as one, a row without the days of rest.
//
// Nothing here knows of runs: which of the ticks become runs is the Timetable's business.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"
#include "workflow/calendar.h"
#include "workflow/cron.h"

namespace plumb::workflow {

class Ticks {
 public:
  virtual ~Ticks() = default;
  // The nearest tick strictly after (before) a moment; empty when there is none within fifty years.
  virtual std::optional<Instant> next(Instant after) const = 0;
  virtual std::optional<Instant> previous(Instant before) const = 0;

  // The nearest tick at that moment or after (before) it.
  std::optional<Instant> next_from(Instant from) const { return next(from - Duration(1)); }
  std::optional<Instant> previous_until(Instant until) const { return previous(until + Duration(1)); }
};

using TicksPtr = std::shared_ptr<const Ticks>;

// A fixed time that the clock skips fires later by what was skipped, one that it shows twice the second time; a cron of
// every hour fires whenever the clock shows its minutes.
TicksPtr cron_ticks(Cron cron, const Zone& zone);
// `anchor` and every `step` before and after it.
TicksPtr steady_ticks(Duration step, Instant anchor);
// Where two of the rows meet, there is one tick.
TicksPtr merged_ticks(std::vector<TicksPtr> rows);
// Those of `ticks` whose day, by the zone's clock, all calendars have open.
TicksPtr open_ticks(TicksPtr ticks, std::vector<Calendar> calendars, const Zone& zone);

}  // namespace plumb::workflow
