// What has been kept long enough goes: ended runs with all that belongs to them, and logs. A slice at a time, so that
// nobody waits for it.
#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

constexpr std::chrono::minutes kFirst{2};  // after the start, when there is more important work
constexpr std::chrono::hours kEvery{1};
constexpr std::chrono::milliseconds kBetweenSlices{50};
// What a slice takes away is gone in about ten milliseconds: so long does who comes meanwhile wait.
constexpr int kTasks = 100;
constexpr int kFolders = 20;

}  // namespace

void Loop::plan_sweeps() {
  if (options_.passive || !options_.schedules) return;
  const bool wanted = definitions()->retention.history || definitions()->retention.logs;
  if (wanted && sweep_timer_ == 0) sweep_timer_ = after(kFirst, [this] { sweep(); });
}

void Loop::sweep() {
  sweep_timer_ = 0;
  const Retention retention = definitions()->retention;
  bool more = false;
  std::error_code ignored;
  if (retention.history) {
    commit_now();
    const auto removed = store_.remove_history(now() - *retention.history, kTasks);
    for (const std::string& folder : removed.folders) std::filesystem::remove_all(logs_ / folder, ignored);
    more = removed.more;
  }
  if (retention.logs) more = remove_old_logs(now() - *retention.logs) || more;
  if (more || retention.history || retention.logs) {
    const Duration pause = more ? Duration(kBetweenSlices) : Duration(kEvery);
    sweep_timer_ = after(pause, [this] { sweep(); });
  }
}

// Of runs that have ended by then; true when there may be more.
bool Loop::remove_old_logs(Instant before) {
  auto page = store_.reader()->runs(
      {.states = {RunState::Success, RunState::Failed}, .ended_at = {.from = logs_removed_until_, .to = before}},
      {.limit = kFolders, .order_by = "ended_at"});
  std::error_code ignored;
  for (const store::RunRow& run : page.rows) {
    std::filesystem::remove_all(logs_ / run.workflow / run.run_id, ignored);
    if (run.ended_at) logs_removed_until_ = *run.ended_at + std::chrono::microseconds(1);
  }
  return page.rows.size() == kFolders;
}

}  // namespace plumb::workflow
