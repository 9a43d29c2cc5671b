// Timers, by time and then in the order in which they were set; and what becomes of them when somebody sets the clock.
//
// A schedule waits for a time of day: when the clock is set forward it is due at once, when it is set back the time
// comes later, once more. A delay counts from a moment: set forward it may end early, set back it must not become an
// hour longer, or a lease would run out and a retry never come.
#include "base/format.h"
#include "workflow/duration.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

constexpr std::chrono::seconds kStep{1};  // less is how clocks are kept right

}  // namespace

std::uint64_t Loop::at(Instant when, std::function<void()> what) {
  std::uint64_t number = ++last_timer_;
  timers_.emplace(std::pair(when, number), Timer{std::move(what)});
  timer_times_.emplace(number, when);
  return number;
}

std::uint64_t Loop::after(Duration delay, std::function<void()> what) {
  const Instant when = now() + delay;
  const std::uint64_t number = at(when, std::move(what));
  timers_.at({when, number}).delay = true;
  return number;
}

void Loop::drop_timer(std::uint64_t& timer) {
  auto found = timer_times_.find(timer);
  if (found != timer_times_.end()) {
    timers_.erase({found->second, timer});
    timer_times_.erase(found);
  }
  timer = 0;
}

// What sets itself a new timer for soon waits for the next round: this one has to be written down.
void Loop::fire_timers() {
  const Instant due = now();
  while (!timers_.empty() && timers_.begin()->first.first <= due) {
    auto node = timers_.extract(timers_.begin());
    timer_times_.erase(node.key().second);
    node.mapped().what();
  }
}

// Delays end as much earlier as the clock has been set back.
void Loop::see_clock() {
  const Instant seen = now();
  const Duration back = std::exchange(clock_seen_, seen) - seen;
  if (back < kStep) return;
  log_.warn(format("the clock was set back by {}", format_duration(back)));
  std::map<std::pair<Instant, std::uint64_t>, Timer> moved;
  while (!timers_.empty()) {
    auto node = timers_.extract(timers_.begin());
    if (node.mapped().delay) {
      node.key().first -= back;
      timer_times_[node.key().second] = node.key().first;
    }
    moved.insert(std::move(node));
  }
  timers_ = std::move(moved);
}

}  // namespace plumb::workflow
