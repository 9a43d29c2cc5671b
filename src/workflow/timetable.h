// When a workflow runs: a schedule from YAML, and the arithmetic of its runs.
//
// A Timetable is a value that never changes: it reads no clock, keeps no state and may be asked from any thread.
// Whoever runs workflows tells it which run came last and what time it is, and hears which run is next:
//
//     Timetable timetable = Timetable::parse(root.find("schedule"), {.zone = Zone::get("Europe/Berlin")});
//     std::optional<Due> due = timetable.next(last, {.earliest = start_date, .catchup = false}, clock.now());
//     // wait until due->run_after, start a run of due->logical_date, and ask again with last = due
//
// The rules are Airflow 3.1's, with the decision of docs/schedules.md: a run that falls due by the clock has the moment
// it falls due as logical date, and the interval that ends there as its data; `interval: start` gives the older rule,
// in which a run is named after the begin of its interval. Without catchup, of what was missed only the latest run is
// due.
//
// A schedule may be written as
//
//     "0 7 * * mon-fri"    cron, see cron.h; a list of them; "@daily", "@once", "@continuous", "@every 15m"
//     {cron: …|[…], timezone: …, interval: end|start, jitter: 5m, calendar: NAME|[…], exclude: […]}
//     {every: 15m, anchor: 2026-01-01T00:00:00Z}      {once: 2026-12-24T18:00:00Z}
//     {assets: [a, b]}     all have news; {any: [a, {all: [b, c]}]}; with `cron` or `every` beside it, whichever is
//     first nothing, null        by hand only
//
// Instants out of it are UTC. Wall-clock times are the zone's: a time that the clock skips in spring runs later by what
// was skipped, one that it shows twice in autumn runs once, the second time; a schedule of every hour runs both times.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/zone.h"
#include "workflow/asset_condition.h"
#include "workflow/calendar.h"

namespace plumb::workflow {

// A stretch of time from `start` up to, but without, `end`.
struct Interval {
  Instant start;
  Instant end;
  bool operator==(const Interval&) const = default;
};

// A run that falls due. `logical_date` is its name and never changes; `run_after` is the earliest moment to start it,
// which lies behind the logical date by the jitter, or by the interval's length under `interval: start`.
struct Due {
  Instant logical_date;
  Interval interval;
  Instant run_after;
  bool operator==(const Due&) const = default;
};

// What the workflow allows its schedule: no logical date before `earliest` (start_date) or after `latest` (end_date).
struct Restriction {
  std::optional<Instant> earliest = {};
  std::optional<Instant> latest = {};
  bool catchup = false;  // true: every run since then; false: of those missed only the latest
};

// Which end of its data interval names a run.
enum class IntervalRule { End, Start };

// What a schedule is read with. What the schedule itself says (`timezone`, `interval`, `jitter`) goes before.
struct TimetableOptions {
  Zone zone = {};
  std::string workflow = {};  // spreads `H` and jitter: two workflows get different minutes, always the same ones
  const Calendars* calendars = nullptr;
  IntervalRule interval = IntervalRule::End;
  Duration jitter{0};
  std::optional<Instant> start_date = {};  // where the rhythm of `every` begins; else a Monday's midnight in the zone
};

class Timetable {
 public:
  // By hand only.
  Timetable();
  // Throws Error(Config) with the place and a hint, also for a schedule that no day of any calendar fulfils.
  static Timetable parse(const Node& schedule, const TimetableOptions& options);

  // The run after `last`, the last one that the schedule started (none yet: empty). It may lie in the past: then it is
  // due now. Empty when there is none any more: by hand, assets only, once and done, beyond `latest`. A pure function;
  // the answer without catchup changes as `now` passes a run that was not started, so ask again after a pause.
  std::optional<Due> next(const std::optional<Due>& last, const Restriction& restriction, Instant now) const;
  // A run that a person asks for: its logical date is that moment, its interval the last one that was complete.
  Due manual(Instant run_after) const;
  // All runs with a logical date in [from, to], oldest first, for backfills: `limit` at most.
  std::vector<Due> between(Instant from, Instant to, std::size_t limit) const;

  // True when time alone makes it due, now and again or once.
  bool periodic() const;
  // True for @continuous: one run at a time, the next as soon as the last has ended. Ask for next() only then.
  bool continuous() const;
  // What must have news for a run, or null. With periodic() as well: whichever comes first.
  const AssetCondition* assets() const;

  const Zone& zone() const;
  // For a person: "At 07:00, Monday through Friday (Europe/Berlin)"; "By hand".
  std::string describe() const;
  // As it was written: "0 7 * * 1-5", "every 15m"; empty when by hand.
  const std::string& summary() const;

  struct Plan;

 private:
  explicit Timetable(std::shared_ptr<const Plan> plan);
  std::shared_ptr<const Plan> plan_;
};

}  // namespace plumb::workflow
