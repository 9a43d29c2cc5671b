// Backfills: the runs of a range of the past, made at once and carried out a few at a time, in the order asked for.
#include <algorithm>

#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

namespace {

constexpr std::size_t kMostRuns = 20'000;

}  // namespace

BackfillPlan Loop::backfill(const NewBackfill& wanted) {
  Scheduled& scheduled = get_scheduled(wanted.workflow);
  const Workflow& workflow = *scheduled.workflow;
  if (!workflow.timetable->periodic() || workflow.timetable->continuous()) {
    throw Error(ErrorKind::Usage, format("the workflow '{}' has no schedule by time to fill back", wanted.workflow));
  }
  if (wanted.from > wanted.to) throw Error(ErrorKind::Usage, "the backfill ends before it begins");
  if (wanted.max_active_runs < 1) throw Error(ErrorKind::Usage, "a backfill needs at least one run at a time");
  auto dues = workflow.timetable->between(wanted.from, wanted.to, kMostRuns + 1);
  if (dues.size() > kMostRuns) {
    throw Error(ErrorKind::Usage, format("that would be more than {} runs", kMostRuns),
                {.hint = "take a shorter range"});
  }
  if (wanted.backwards) std::reverse(dues.begin(), dues.end());
  const jinja::Value params = check_params(workflow, wanted.params);
  BackfillPlan plan{.backfill = {.workflow = wanted.workflow,
                                 .from = wanted.from,
                                 .to = wanted.to,
                                 .params_json = json_of(params),
                                 .max_active_runs = wanted.max_active_runs,
                                 .backwards = wanted.backwards,
                                 .reprocess = wanted.reprocess,
                                 .created_at = now(),
                                 .created_by = wanted.who}};
  // What is there already stays, or runs again, as the policy says.
  auto reader = store_.reader();
  std::map<Instant, store::RunRow> there;
  for (store::RunRow& row :
       reader
           ->runs({.workflow = wanted.workflow, .logical_date = {.from = wanted.from, .to = wanted.to}},
                  {.limit = static_cast<std::int64_t>(kMostRuns) * 2})
           .rows) {
    if (row.logical_date) there[*row.logical_date] = row;
  }
  reader.reset();
  std::vector<store::RunRow> again;
  std::vector<Due> fresh;
  for (const Due& due : dues) {
    auto known = there.find(due.logical_date);
    if (known == there.end()) {
      fresh.push_back(due);
    } else {
      const RunState state = known->second.state;
      bool repeat = (wanted.reprocess == "failed" && state == RunState::Failed) ||
                    (wanted.reprocess == "completed" && run::finished(state));
      if (!repeat) continue;
      again.push_back(known->second);
    }
    plan.logical_dates.push_back(due.logical_date);
  }
  if (wanted.dry_run) return plan;
  auto open = store_.reader()->backfills(wanted.workflow, {.limit = 100});
  for (const store::BackfillRow& other : open.rows) {
    if (!other.completed_at) {
      throw Error(ErrorKind::Usage,
                  format("the workflow '{}' already has a backfill at work, number {}", wanted.workflow, other.id),
                  {.hint = "wait for it, or cancel it", .type = "Conflict"});
    }
  }
  batch().take_turn();
  batch().save(plan.backfill);
  backfills_[plan.backfill.id] = plan.backfill;
  audit({.event = "backfill", .who = wanted.who, .workflow = wanted.workflow});
  for (const Due& due : fresh) {
    store::RunRow row{.workflow = wanted.workflow,
                      .run_id = "backfill__" + iso_instant(due.logical_date),
                      .type = store::RunType::Backfill,
                      .state = RunState::Queued,
                      .logical_date = due.logical_date,
                      .interval_start = due.interval.start,
                      .interval_end = due.interval.end,
                      .run_after = now() + std::chrono::microseconds(&due - fresh.data()),  // keeps the order
                      .queued_at = now(),
                      .version = version_of(workflow),
                      .params_json = plan.backfill.params_json,
                      .triggered_by = "backfill",
                      .triggering_user = wanted.who,
                      .backfill = plan.backfill.id,
                      .owner = options_.passive ? "" : self_.id};
    if (batch().insert(row)) enqueue(row);
  }
  for (store::RunRow& row : again) {
    row.backfill = plan.backfill.id;
    batch().save(row);
  }
  commit_now();
  for (const store::RunRow& row : again) {
    clear({.workflow = row.workflow, .run_id = row.run_id}, false, true, wanted.who);
  }
  start_queued(wanted.workflow);
  check_backfill(plan.backfill.id);
  return plan;
}

// A run of a backfill starts when that is not paused and has room.
bool Loop::backfill_allows(const store::RunRow& row) {
  if (!row.backfill) return true;
  auto known = backfills_.find(*row.backfill);
  if (known == backfills_.end()) {
    auto read = store_.reader()->find_backfill(*row.backfill);
    if (!read) return true;
    known = backfills_.emplace(read->id, *read).first;
  }
  if (known->second.paused || known->second.completed_at) return known->second.completed_at.has_value();
  int at_work = 0;
  for (std::int64_t id : scheduled_[row.workflow].active) {
    ActiveRun* active = find_active(id);
    if (active != nullptr && active->row.backfill == row.backfill) ++at_work;
  }
  return at_work < known->second.max_active_runs;
}

void Loop::check_backfill(std::int64_t id) {
  auto known = backfills_.find(id);
  if (known == backfills_.end() || known->second.completed_at) return;
  auto of_it = [id](const auto& entry) { return entry.second.backfill == id; };
  bool open =
      std::any_of(waiting_.begin(), waiting_.end(), of_it) ||
      std::any_of(runs_.begin(), runs_.end(), [id](const auto& entry) { return entry.second->row.backfill == id; });
  if (open || options_.passive) return;
  known->second.completed_at = now();
  batch().save(known->second);
  backfills_.erase(known);
}

store::BackfillRow Loop::get_backfill(std::int64_t id) {
  auto known = backfills_.find(id);
  if (known != backfills_.end()) return known->second;
  auto row = store_.reader()->find_backfill(id);
  if (!row) throw Error(ErrorKind::NotFound, format("there is no backfill {}", id));
  return *row;
}

store::BackfillRow Loop::pause_backfill(std::int64_t id, bool paused, std::string_view who) {
  store::BackfillRow row = get_backfill(id);
  if (row.completed_at) throw Error(ErrorKind::Usage, format("the backfill {} has ended", id), {.type = "Conflict"});
  row.paused = paused;
  batch().save(row);
  backfills_[id] = row;
  audit({.event = paused ? "pause_backfill" : "unpause_backfill", .who = std::string(who), .workflow = row.workflow});
  start_queued(row.workflow);
  return row;
}

// What has not begun never will; what runs goes on to its end.
store::BackfillRow Loop::cancel_backfill(std::int64_t id, std::string_view who) {
  store::BackfillRow row = get_backfill(id);
  if (row.completed_at) throw Error(ErrorKind::Usage, format("the backfill {} has ended", id), {.type = "Conflict"});
  std::vector<store::RunRow> dropped;
  for (const auto& [run, waiting] : waiting_) {
    if (waiting.backfill == id) dropped.push_back(waiting);
  }
  row.completed_at = now();
  batch().save(row);
  backfills_.erase(id);
  for (const store::RunRow& waiting : dropped) {
    waiting_.erase(waiting.id);
    scheduled_[waiting.workflow].queue.erase({waiting.run_after, waiting.id});
    end_waiting_run(waiting, RunState::Failed);
  }
  audit({.event = "cancel_backfill", .who = std::string(who), .workflow = row.workflow});
  return row;
}

}  // namespace plumb::workflow
