#include "workflow/ticks.h"

#include <algorithm>

#include "workflow/clock_periods.h"

namespace plumb::workflow {
namespace {

// More than an offset from UTC and a change of it together.
constexpr std::chrono::days kClockChange(3);

class CronTicks : public Ticks {
 public:
  CronTicks(const Cron& cron, const Zone& zone) : cron_(cron), periods_(zone) {}

  std::optional<Instant> next(Instant after) const override {
    for (ClockPeriod period = periods_.at(after);;) {
      std::optional<Instant> first;
      LocalTime nearest = LocalTime::max();
      for (const ClockWindow& window : periods_.windows(period, cron_.every_hour())) {
        LocalTime from(after.time_since_epoch() + window.offset);
        if (from < window.begin) from = window.begin - Duration(1);
        if (window.begin >= window.end || from >= window.end) continue;
        const auto local = cron_.next(from);
        if (!local) return std::nullopt;
        nearest = std::min(nearest, *local);
        if (*local >= window.end) continue;
        const Instant instant(local->time_since_epoch() - window.offset);
        if (!first || instant < *first) first = instant;
      }
      if (first || period.end == Instant::max()) return first;
      // Whatever the clock does meanwhile: nothing fires long before the nearest local time that does.
      Instant on = period.end;
      if (!periods_.ends_with_change(period)) on = std::max(on, Instant(nearest.time_since_epoch() - kClockChange));
      period = periods_.at(on);
    }
  }

  std::optional<Instant> previous(Instant before) const override {
    for (ClockPeriod period = periods_.at(before - Duration(1));;) {
      std::optional<Instant> last;
      LocalTime nearest = LocalTime::min();
      for (const ClockWindow& window : periods_.windows(period, cron_.every_hour())) {
        const LocalTime until = std::min(LocalTime(before.time_since_epoch() + window.offset), window.end);
        if (window.begin >= window.end || until <= window.begin) continue;
        const auto local = cron_.previous(until);
        if (!local) return std::nullopt;
        nearest = std::max(nearest, *local);
        if (*local < window.begin) continue;
        const Instant instant(local->time_since_epoch() - window.offset);
        if (!last || instant > *last) last = instant;
      }
      if (last || period.begin == Instant::min()) return last;
      Instant on = period.begin - Duration(1);
      if (!periods_.begins_with_change(period)) on = std::min(on, Instant(nearest.time_since_epoch() + kClockChange));
      period = periods_.at(on);
    }
  }

 private:
  Cron cron_;
  ClockPeriods periods_;
};

class SteadyTicks : public Ticks {
 public:
  SteadyTicks(Duration step, Instant anchor) : step_(step), phase_(anchor.time_since_epoch() % step) {}

  std::optional<Instant> next(Instant after) const override { return Instant(floor(after) + step_); }
  std::optional<Instant> previous(Instant before) const override { return Instant(floor(before - Duration(1))); }

 private:
  // The tick at or before a moment.
  Duration floor(Instant instant) const {
    const Duration since = instant.time_since_epoch() - phase_;
    Duration over = since % step_;
    if (over < Duration(0)) over += step_;
    return instant.time_since_epoch() - over;
  }

  Duration step_, phase_;
};

class MergedTicks : public Ticks {
 public:
  explicit MergedTicks(std::vector<TicksPtr> rows) : rows_(std::move(rows)) {}

  std::optional<Instant> next(Instant after) const override {
    std::optional<Instant> first;
    for (const TicksPtr& row : rows_) {
      const auto tick = row->next(after);
      if (tick && (!first || *tick < *first)) first = tick;
    }
    return first;
  }
  std::optional<Instant> previous(Instant before) const override {
    std::optional<Instant> last;
    for (const TicksPtr& row : rows_) last = std::max(last, row->previous(before));
    return last;
  }

 private:
  std::vector<TicksPtr> rows_;
};

// From a day of rest the search goes on at the next day's begin, so that a long holiday costs a step a day.
class OpenTicks : public Ticks {
 public:
  OpenTicks(TicksPtr ticks, std::vector<Calendar> calendars, const Zone& zone)
      : ticks_(std::move(ticks)), calendars_(std::move(calendars)), zone_(zone) {}

  std::optional<Instant> next(Instant after) const override {
    for (int days = 0; days < kLongestRest; ++days) {
      const auto tick = ticks_->next(after);
      if (!tick || open(*tick)) return tick;
      after = std::max(*tick, begin_of_day(*tick, std::chrono::days(1)) - Duration(1));
    }
    return std::nullopt;
  }
  std::optional<Instant> previous(Instant before) const override {
    for (int days = 0; days < kLongestRest; ++days) {
      const auto tick = ticks_->previous(before);
      if (!tick || open(*tick)) return tick;
      before = std::min(*tick, begin_of_day(*tick, std::chrono::days(0)));
    }
    return std::nullopt;
  }

 private:
  static constexpr int kLongestRest = 50 * 366;

  bool open(Instant tick) const {
    const Date date = zone_.date_of(tick);
    return std::all_of(calendars_.begin(), calendars_.end(), [&](const Calendar& c) { return c.open(date); });
  }
  Instant begin_of_day(Instant tick, std::chrono::days later) const {
    return zone_.to_instant(std::chrono::floor<std::chrono::days>(zone_.to_local(tick)) + later);
  }

  TicksPtr ticks_;
  std::vector<Calendar> calendars_;
  Zone zone_;
};

}  // namespace

TicksPtr cron_ticks(Cron cron, const Zone& zone) {
  return std::make_shared<CronTicks>(cron, zone);
}

TicksPtr steady_ticks(Duration step, Instant anchor) {
  return std::make_shared<SteadyTicks>(step, anchor);
}

TicksPtr merged_ticks(std::vector<TicksPtr> rows) {
  if (rows.size() == 1) return std::move(rows.front());
  return std::make_shared<MergedTicks>(std::move(rows));
}

TicksPtr open_ticks(TicksPtr ticks, std::vector<Calendar> calendars, const Zone& zone) {
  if (calendars.empty()) return ticks;
  return std::make_shared<OpenTicks>(std::move(ticks), std::move(calendars), zone);
}

}  // namespace plumb::workflow
