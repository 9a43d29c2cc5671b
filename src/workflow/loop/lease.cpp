// Several servers on one store. Each has a name and, in Postgres, a lease that it renews; a run has one owner. Who
// finds that another's lease has ended takes its runs, and a server that finds its own runs taken lets go of them: it
// ends what it has at work, and begins again as if it had just been started, under a new name. What it wrote before
// that counts, what it wanted to write then does not.
#include <unistd.h>

#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

constexpr int kClaimedAtOnce = 1000;  // runs, so that nobody waits for long
constexpr char kNextLife = 'r';       // b1946ac9 is b1946ac9r2 after its first runs were taken

}  // namespace

void Loop::take_up() {
  end_leftovers();
  batch().save(self_);
  if (options_.schedules) {
    batch().claim_runs(self_, 1'000'000);
    flush();
    resync();
  }
  if (store_.shared()) at(now() + options_.lease / 3, [this] { renew_lease(); });
}

// What a dead server of this machine left at work ends before its runs are taken up.
void Loop::end_leftovers() {
  for (const store::SchedulerRow& other : store_.reader()->schedulers()) {
    bool here = other.host == self_.host;
    bool alive = here && ::access(format("/proc/{}", other.pid).c_str(), F_OK) == 0;
    if (!here || alive) continue;
    auto marker = other.id.substr(0, other.id.find(kNextLife));
    if (auto killed = run::kill_leftovers(marker); killed > 0)
      log_.warn(format("ended {} processes that an earlier server left behind", killed));
  }
}

void Loop::renew_lease() {
  at(now() + options_.lease / 3, [this] { renew_lease(); });
  end_leftovers();
  self_.lease_until = now() + options_.lease;
  batch().expect_lease(self_);
  batch().save(self_);
  auto claimed = options_.schedules ? batch().claim_runs(self_, kClaimedAtOnce) : std::vector<std::int64_t>();
  if (!claimed.empty()) log_.info(format("takes up {} runs that nobody owns", claimed.size()));
  for (std::int64_t id : claimed) {
    if (auto row = store_.reader()->find_run(id)) take_up_run(*row);
  }
}

// A new name, so that nothing of the old one can be mistaken for ours.
void Loop::let_go(const Error& fenced) {
  log_.warn(format("{}; it lets go of them", fenced.message()));
  for (const auto& [id, flight] : flights_) end_flight(id, flight);
  flights_.clear();
  happened_.clear();
  self_.id = format("{}{}{}", marker_, kNextLife, ++lives_);
  fenced_ = true;
}

// Reads all that is open from the store. What is in flight stays so, if the store knows of it.
void Loop::resync() {
  self_.lease_until = now() + options_.lease;
  if (store_.shared() && !fenced_) batch().expect_lease(self_);
  batch().save(self_);
  if (fenced_ && options_.schedules) batch().claim_runs(self_, kClaimedAtOnce);
  commit_now();
  fenced_ = false;
  if (broken_) begin_schedules_again();
  ready_.clear();
  runs_.clear();
  waiting_.clear();
  dirty_runs_.clear();
  at_work_ = 0;
  for (auto& [name, pool] : pools_) pool = {.limit = pool.limit};
  for (auto& [name, places] : task_places_) places = {.limit = places.limit};
  for (auto& [name, scheduled] : scheduled_) {
    scheduled.active.clear();
    scheduled.queue.clear();
  }
  for (const store::RunRow& row : store_.reader()->open_runs(self_.id)) take_up_run(row);
  broken_ = false;
  for (auto& [name, scheduled] : scheduled_) {
    start_queued(name);
    if (!scheduled.active.empty() || !scheduled.queue.empty()) plan_next(scheduled);
  }
}

// After a round that was not written down: what fell due in it falls due again. Timers of runs come back with them.
void Loop::begin_schedules_again() {
  const bool files_changed = reload_timer_ != 0;
  timers_.clear();
  timer_times_.clear();
  lazy_timer_ = rest_timer_ = sweep_timer_ = reload_timer_ = 0;
  scheduled_.clear();
  adopt_all(*definitions());
  plan_sweeps();
  if (files_changed) reload_timer_ = at(now(), [this] { reload(); });
  if (store_.shared()) at(now() + options_.lease / 3, [this] { renew_lease(); });
}

}  // namespace plumb::workflow
