// Several servers on one store. Each has a name and, in Postgres, a lease that it renews; a run has one owner. Who
// finds that another's lease has ended takes its runs, and a server that finds its own runs taken lets go of them: it
// ends what it has at work, and begins again as if it had just been started, under a new name. What it wrote before
// that counts, what it wanted to write then does not.
#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "workflow/loop/loop.h"
#include "workflow/stable_hash.h"

namespace plumb::workflow {

namespace {

constexpr int kClaimedAtOnce = 1000;  // runs, so that nobody waits for long
constexpr std::chrono::seconds kLookAround{1};
constexpr char kNextLife = 'r';  // b1946ac9 is b1946ac9r2 after its first runs were taken

}  // namespace

void Loop::take_up() {
  see_others();
  batch().save(self_);
  if (options_.schedules) {
    batch().claim_runs(self_, 1'000'000);
    flush();
    resync();
  }
  if (store_.shared()) after(options_.lease / 3, [this] { renew_lease(); });
}

// Who else is there. What a dead server of this machine left at work ends before its runs are taken up.
void Loop::see_others() {
  others_.clear();
  for (const store::SchedulerRow& other : store_.reader()->schedulers()) {
    if (other.id == self_.id) continue;
    bool here = other.host == self_.host;
    bool dead = here && ::access(format("/proc/{}", other.pid).c_str(), F_OK) != 0;
    if (!dead && other.kind == self_.kind) others_.push_back(other.id);
    if (!dead) continue;
    auto marker = other.id.substr(0, other.id.find(kNextLife));
    if (auto killed = run::kill_leftovers(marker); killed > 0)
      log_.warn(format("ended {} processes that an earlier server left behind", killed));
  }
}

void Loop::renew_lease() {
  after(options_.lease / 3, [this] { renew_lease(); });
  see_others();
  self_.lease_until = now() + options_.lease;
  batch().expect_lease(self_);
  batch().save(self_);
  auto claimed = options_.schedules ? batch().claim_runs(self_, kClaimedAtOnce) : std::vector<std::int64_t>();
  if (!claimed.empty()) log_.info(format("takes up {} runs that nobody owns", claimed.size()));
  for (std::int64_t id : claimed) {
    if (auto row = store_.reader()->find_run(id)) take_up_run(*row);
  }
  variables_known_ = false;  // somebody may have changed them elsewhere
  load_pools();
  // News that a command line brought, or a server that makes no runs.
  std::set<std::string> waiting;
  for (const auto& [asset, names] : consumers_) waiting.insert(names.begin(), names.end());
  for (const std::string& name : waiting) start_if_fulfilled(scheduled_[name]);
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
  lazy_timer_ = rest_timer_ = sweep_timer_ = reload_timer_ = look_timer_ = 0;
  scheduled_.clear();
  adopt_all(*definitions());
  plan_sweeps();
  if (files_changed) reload_timer_ = after(Duration(0), [this] { reload(); });
  if (store_.shared()) after(options_.lease / 3, [this] { renew_lease(); });
}

// ---- Limits that hold over all servers

// Each workflow has one server that makes its scheduled runs; the others come a moment later, if it has not.
bool Loop::falls_to_us(std::string_view workflow) const {
  auto weight = [&](const std::string& server) { return stable_hash(workflow, stable_hash(server, 0)); };
  return std::none_of(others_.begin(), others_.end(),
                      [&](const std::string& other) { return weight(other) > weight(self_.id); });
}

// Of its runs those that other servers own: a number that stays true until this round is written down.
std::size_t Loop::runs_elsewhere(std::string_view workflow, const std::vector<RunState>& states) {
  if (!store_.shared() || options_.passive) return 0;
  batch().take_turn();
  return static_cast<std::size_t>(batch().runs_of_others(self_, workflow, states));
}

// The default pool is each server's own: nearly every task would have to wait for the others' batches.
void Loop::count_others(const ActiveRun& active, run::Instance instance, Places& pool, Places* of_task) {
  if (!store_.shared()) return;
  const std::string& task = active.task(instance).id;
  const std::string& pool_name = active.tasks[instance.task].front().row.pool;
  const bool shared_pool = pool_name != "default_pool";
  const bool shared_task = of_task != nullptr && active.task(instance).at_once > 0;
  if (!shared_pool && !shared_task) return;
  if (!others_work_) {
    batch().take_turn();
    others_work_ = batch().work_of_others(self_);
  }
  std::int64_t slots = 0, instances = 0;
  for (const store::WorkOfOthers& other : *others_work_) {
    if (other.pool == pool_name) slots += other.slots;
    if (other.workflow == active.row.workflow && other.task == task) instances += other.instances;
  }
  if (shared_pool) pool.elsewhere = static_cast<int>(slots);
  if (shared_task) of_task->elsewhere = static_cast<int>(instances);
}

// What others hold comes free without a word to us.
void Loop::look_around_soon() {
  if (store_.shared() && look_timer_ == 0) look_timer_ = after(kLookAround, [this] { look_around(); });
}

void Loop::look_around() {
  look_timer_ = 0;
  for (auto& [name, places] : pools_) {
    if (std::exchange(places.elsewhere, 0) > 0) unpark(places.parked);
  }
  for (auto& [name, places] : task_places_) {
    if (std::exchange(places.elsewhere, 0) > 0) unpark(places.parked);
  }
  std::vector<std::string> held;
  for (auto& [name, scheduled] : scheduled_) {
    if (std::exchange(scheduled.held_by_others, false)) held.push_back(name);
    if (!scheduled.wait_for_past.empty()) wake_past_waiters(scheduled);
  }
  for (const std::string& name : held) start_queued(name);
}

// Of an open run only its owner knows how things stand.
void Loop::expect_ours(const store::RunRow& row) {
  if (!store_.shared() || run::finished(row.state) || row.owner.empty() || row.owner == self_.id) return;
  for (const store::SchedulerRow& other : store_.reader()->schedulers()) {
    if (other.id != row.owner) continue;
    throw Error(ErrorKind::Usage, format("the run '{}' is carried out by another server", row.run_id),
                {.hint = format("ask the one on {} (process {})", other.host, other.pid), .type = "Conflict"});
  }
}

}  // namespace plumb::workflow
