#include "workflow/timetable.h"

#include <algorithm>

#include "workflow/stable_hash.h"
#include "workflow/timetable_plan.h"

namespace plumb::workflow {
namespace {

using Plan = Timetable::Plan;
using Kind = Plan::Kind;

// Nobody schedules beyond these, and within them no sum of ours overflows.
Instant clamp(Instant instant) {
  constexpr Instant kFirst(std::chrono::sys_days(std::chrono::year(2) / 1 / 1));
  constexpr Instant kLast(std::chrono::sys_days(std::chrono::year(9998) / 1 / 1));
  return std::clamp(instant, kFirst, kLast);
}

Duration jitter_of(const Plan& plan, Instant logical_date) {
  if (plan.jitter == Duration(0)) return Duration(0);
  const auto salt = static_cast<std::uint64_t>(logical_date.time_since_epoch().count());
  const auto spread = static_cast<std::uint64_t>(plan.jitter.count());
  return Duration(static_cast<Duration::rep>(stable_hash(plan.workflow, salt) % spread));
}

// The run that a tick stands for: under End the interval ends with it, under Start it begins with it.
std::optional<Due> run_at(const Plan& plan, Instant tick) {
  Interval interval{tick, tick};
  if (plan.rule == IntervalRule::End) {
    interval.start = plan.ticks->previous(tick).value_or(tick);
  } else {
    const auto end = plan.ticks->next(tick);
    if (!end) return std::nullopt;
    interval.end = *end;
  }
  return Due{tick, interval, interval.end + jitter_of(plan, tick)};
}

// Without catchup: the begin of the latest interval that is over, or of the first one, if none is.
std::optional<Instant> latest_complete(const Plan& plan, Instant now) {
  const auto end = plan.ticks->previous_until(now);
  const auto start = end ? plan.ticks->previous(*end) : std::nullopt;
  return start ? start : plan.ticks->next_from(now);
}

// Of a workflow without a start date that never ran: the next tick, or the one that has just gone by, if that is less
// than a tenth of the way to the next, or five minutes.
std::optional<Instant> first_tick(const Plan& plan, Instant now) {
  const auto past = plan.ticks->previous_until(now), next = plan.ticks->next_from(now);
  if (!past || !next) return next;
  const Duration patience = std::max<Duration>((*next - *past) / 10, std::chrono::minutes(5));
  return now - *past <= patience ? past : next;
}

// The tick of the next run. All candidates are lower bounds; the latest of them holds.
std::optional<Instant> next_tick(const Plan& plan, const std::optional<Due>& last, const Restriction& restriction,
                                 Instant now) {
  const Ticks& ticks = *plan.ticks;
  const bool first_ever = !last && !restriction.earliest;
  std::optional<Instant> tick;
  // Under Start the last interval's end is the next one's begin; after an edit of the schedule, the first tick from
  // there.
  if (last && plan.rule == IntervalRule::End) tick = ticks.next(clamp(last->interval.end));
  if (last && plan.rule == IntervalRule::Start) tick = ticks.next_from(clamp(last->interval.end));
  if (last && !tick) return std::nullopt;
  if (restriction.earliest && !(restriction.catchup && last && plan.rule == IntervalRule::End)) {
    const auto from = ticks.next_from(clamp(*restriction.earliest));
    if (!from) return std::nullopt;
    tick = std::max(tick, from);
  }
  if (plan.rule == IntervalRule::Start && (!restriction.catchup || first_ever)) {
    return std::max(tick, latest_complete(plan, now));
  }
  if (plan.rule == IntervalRule::End && first_ever) return first_tick(plan, now);
  return restriction.catchup ? tick : std::max(tick, ticks.previous_until(now));
}

std::optional<Due> next_once(const Plan& plan, bool ran, const Restriction& restriction, Instant now) {
  if (ran) return std::nullopt;
  const Instant at = plan.once_at.value_or(restriction.earliest.value_or(now));
  return Due{at, {at, at}, at};
}

// Each run's data begin where the last one's ended.
Due next_continuous(const std::optional<Due>& last, const Restriction& restriction, Instant now) {
  const Instant start = last ? last->interval.end : restriction.earliest.value_or(now);
  const Instant end = std::max(start, now);
  return {end, {start, end}, end};
}

}  // namespace

Timetable::Timetable() : plan_(std::make_shared<const Plan>()) {}
Timetable::Timetable(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

std::optional<Due> Timetable::next(const std::optional<Due>& last, const Restriction& restriction, Instant now) const {
  now = clamp(now);
  std::optional<Due> due;
  if (plan_->kind == Kind::Once) due = next_once(*plan_, last.has_value(), restriction, now);
  if (plan_->kind == Kind::Continuous) due = next_continuous(last, restriction, now);
  if (plan_->kind == Kind::Ticks) {
    if (const auto tick = next_tick(*plan_, last, restriction, now)) due = run_at(*plan_, *tick);
  }
  if (due && restriction.latest && due->logical_date > *restriction.latest) return std::nullopt;
  return due;
}

Due Timetable::manual(Instant run_after) const {
  Due due{run_after, {run_after, run_after}, run_after};
  if (plan_->kind != Kind::Ticks) return due;
  const auto end = plan_->ticks->previous_until(clamp(run_after));
  const auto start = end ? plan_->ticks->previous(*end) : std::nullopt;
  if (start) due.interval = {*start, *end};
  return due;
}

std::vector<Due> Timetable::between(Instant from, Instant to, std::size_t limit) const {
  std::vector<Due> runs;
  if (plan_->kind == Kind::Once && plan_->once_at && from <= *plan_->once_at && *plan_->once_at <= to && limit > 0) {
    runs.push_back({*plan_->once_at, {*plan_->once_at, *plan_->once_at}, *plan_->once_at});
  }
  if (plan_->kind != Kind::Ticks) return runs;
  for (auto tick = plan_->ticks->next_from(clamp(from)); tick && *tick <= to && runs.size() < limit;
       tick = plan_->ticks->next(*tick)) {
    const auto due = run_at(*plan_, *tick);
    if (!due) break;
    runs.push_back(*due);
  }
  return runs;
}

bool Timetable::periodic() const {
  return plan_->kind != Kind::ByHand;
}

bool Timetable::continuous() const {
  return plan_->kind == Kind::Continuous;
}

const AssetCondition* Timetable::assets() const {
  return plan_->assets ? &*plan_->assets : nullptr;
}

const Zone& Timetable::zone() const {
  return plan_->zone;
}

std::string Timetable::describe() const {
  if (plan_->assets) {
    const std::string news = "When there is news of " + plan_->assets->describe();
    return plan_->words.empty() ? news : news + "; or: " + plan_->words;
  }
  return plan_->words.empty() ? "By hand" : plan_->words;
}

const std::string& Timetable::summary() const {
  return plan_->summary;
}

}  // namespace plumb::workflow
