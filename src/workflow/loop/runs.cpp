// A run's life: made, started, taken up again after a crash, ended.
#include <algorithm>

#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

// "2026-11-21T06:00:00+00:00", with microseconds when there are any: as Airflow writes it.
std::string iso_instant(Instant instant) {
  std::string text = format_instant(instant);
  text.pop_back();
  return text + "+00:00";
}

ActiveRun* Loop::find_active(std::int64_t run) {
  auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : found->second.get();
}

// Unique, also for two in one microsecond and for another process beside us (insert() tells).
std::string Loop::free_run_id(const std::string& workflow, std::string_view kind, Instant when) {
  last_run_id_ = std::max(when, last_run_id_ + std::chrono::microseconds(1));
  std::string id = format("{}__{}", kind, iso_instant(last_run_id_));
  while (store_.reader()->find_run(workflow, id)) {
    last_run_id_ += std::chrono::microseconds(1);
    id = format("{}__{}", kind, iso_instant(last_run_id_));
  }
  return id;
}

// Empty when there is one of that name already.
std::optional<store::RunRow> Loop::make_run(store::RunRow row, const Workflow& workflow) {
  row.state = RunState::Queued;
  row.queued_at = now();
  row.version = version_of(workflow);
  row.owner = options_.passive ? "" : self_.id;
  batch().take_turn();
  if (!batch().insert(row)) return std::nullopt;
  enqueue(row);
  start_queued(row.workflow);
  if (auto* active = find_active(row.id)) return active->row;
  return row;
}

void Loop::enqueue(const store::RunRow& row) {
  if (options_.passive) return;
  waiting_.emplace(row.id, row);
  scheduled_[row.workflow].queue.emplace(row.run_after, row.id);
}

// Queued runs whose turn it is, as far as the workflow allows.
void Loop::start_queued(const std::string& name) {
  if (options_.passive || stopping_) return;
  Scheduled& scheduled = scheduled_[name];
  auto limit = static_cast<std::size_t>(scheduled.workflow ? scheduled.workflow->max_active_runs : 1);
  scheduled.held_by_others = false;
  const bool due = !scheduled.queue.empty() && scheduled.queue.begin()->first <= now();
  if (due && scheduled.active.size() < limit) {
    const std::size_t elsewhere = runs_elsewhere(name, {RunState::Running});
    scheduled.held_by_others = elsewhere > 0 && scheduled.active.size() + scheduled.queue.size() + elsewhere > limit;
    limit -= std::min(limit, elsewhere);
    if (scheduled.held_by_others) look_around_soon();
  }
  for (auto next = scheduled.queue.begin(); next != scheduled.queue.end() && scheduled.active.size() < limit;) {
    auto [run_after, id] = *next;
    if (run_after > now()) {
      at(run_after, [this, name] { start_queued(name); });
      break;
    }
    const store::RunRow row = waiting_.at(id);
    // A pause keeps what the schedule made; what a person started goes on.
    bool held = scheduled.row.paused && row.type != store::RunType::Manual;
    if (held || !backfill_allows(row)) {
      ++next;
      continue;
    }
    next = scheduled.queue.erase(next);
    waiting_.erase(id);
    start_run(row);
  }
}

void Loop::start_run(store::RunRow row) {
  auto workflow = definition_of(row);
  row.started_at = row.started_at.value_or(now());
  row.state = RunState::Running;
  row.owner = self_.id;
  if (workflow == nullptr) {
    end_waiting_run(row, RunState::Failed);
    return;
  }
  restore_run(row, workflow);
}

// The definition that the run began with; null when it can't be read any more.
std::shared_ptr<const Workflow> Loop::definition_of(const store::RunRow& row) {
  auto found = scheduled_.find(row.workflow);
  auto current = found == scheduled_.end() ? nullptr : found->second.workflow;
  if (current != nullptr && (found->second.row.version == row.version || row.version == 0)) return current;
  auto version = store_.reader()->find_version(row.workflow, row.version);
  if (!version) return current;
  try {
    return parse_workflow(version->text, current ? current->file : "workflows/" + row.workflow + ".yml", project_);
  } catch (const Error& error) {
    log_.warn(
        format("run {} of {}: its definition can't be read any more: {}", row.run_id, row.workflow, error.what()));
    return current;
  }
}

void Loop::take_up_run(store::RunRow row) {
  row.owner = self_.id;
  if (row.state == RunState::Queued) return enqueue(row);
  auto workflow = definition_of(row);
  if (workflow == nullptr) return end_waiting_run(row, RunState::Failed);
  restore_run(row, workflow);
}

// Its rows, if there are any, tell how far it has come; what was at work and is no more was lost.
void Loop::restore_run(const store::RunRow& row, std::shared_ptr<const Workflow> workflow) {
  auto owned = std::make_unique<ActiveRun>(row, std::move(workflow));
  ActiveRun& active = *owned;
  runs_[row.id] = std::move(owned);
  scheduled_[row.workflow].active.insert(row.id);
  active.params = value_of_json(row.params_json);
  auto reader = store_.reader();
  const auto rows = reader->tasks_of(row.id);
  std::map<std::string, std::vector<const store::TaskRow*>, std::less<>> by_task;
  for (const store::TaskRow& task : rows) by_task[task.task].push_back(&task);
  std::map<std::tuple<std::string, int>, store::AttemptRow> attempts;
  if (!rows.empty()) {
    for (store::ValueRow& value : reader->values_of(row.id)) {
      if (value.key == kMapItems) {
        active.map_items[value.task] = value_of_json(value.value_json);
      } else {
        active.put_value(value.task, value.map_index, value.key, value_of_json(value.value_json));
      }
    }
    for (store::AttemptRow& attempt : reader->open_attempts(row.id))
      attempts[{attempt.task, attempt.map_index}] = std::move(attempt);
  }
  reader.reset();
  for (std::size_t task = 0; task < active.tasks.size(); ++task) {
    auto known = by_task.find(active.workflow->tasks[task].id);
    if (known == by_task.end()) continue;
    restore_task(active, task, known->second);
  }
  touch(active);
  if (rows.empty()) tell({.kind = Change::Kind::RunState, .run = &active.row, .workflow = active.workflow.get()});
  auto steps = active.progress.start();
  // What was under way goes on from where it was.
  for (std::size_t task = 0; task < active.tasks.size(); ++task) {
    for (std::size_t k = 0; k < active.tasks[task].size(); ++k) {
      TaskInstance& instance = active.tasks[task][k];
      auto found = attempts.find({instance.row.task, instance.row.map_index});
      if (found != attempts.end()) instance.attempt = found->second;
      go_on(active, {task, instance.row.map_index});
    }
  }
  set_run_timers(active);
  take_steps(active, steps);
  finish_run_if_done(active);
}

void Loop::restore_task(ActiveRun& active, std::size_t task, const std::vector<const store::TaskRow*>& rows) {
  auto& instances = active.tasks[task];
  const bool expanded = rows.front()->map_index >= 0 || rows.size() > 1;
  if (expanded) {
    auto kept = active.map_items.find(active.workflow->tasks[task].id);
    std::vector<jinja::Value> entries(rows.size(), jinja::Value::none());
    for (std::size_t i = 0; kept != active.map_items.end() && i < entries.size(); ++i) {
      if (i < kept->second.items().size()) entries[i] = kept->second.items()[i];
    }
    active.progress.expand(task, rows.size());
    active.expand(task, entries);
  }
  for (const store::TaskRow* row : rows) {
    run::Instance instance{task, row->map_index};
    if (expanded && row->map_index < 0) continue;
    instances.at(row->map_index < 0 ? 0 : static_cast<std::size_t>(row->map_index)).row = *row;
    active.progress.restore(instance, row->state);
  }
}

// A task that was somewhere on its way when an earlier life ended.
void Loop::go_on(ActiveRun& active, run::Instance instance) {
  TaskInstance& task = active.at(instance);
  for (const auto& [id, flight] : flights_) {
    if (flight.run == active.row.id && flight.instance == instance) {
      task.flight = id;
      task.holds_place = true;
      ++active.places;
      ++at_work_;
      pools_[task.row.pool].taken += task.row.slots;
      return;
    }
  }
  switch (task.row.state) {
    case TaskState::Scheduled:
      return make_ready(active, instance);
    case TaskState::Queued:
    case TaskState::Running:
      return end_attempt(
          active, instance,
          {.verdict = AttemptEnd::Verdict::Lost, .at = now(), .message = "its server died while it was at work"});
    case TaskState::UpForRetry:
    case TaskState::UpForReschedule: {
      auto due = task.row.next_try_at;
      at(due.value_or(now()),
         [this, run = active.row.id, instance, state = task.row.state, due] { retry_now(run, instance, state, due); });
      return;
    }
    case TaskState::Deferred:
      return make_ready(active, instance);  // it finds out again what it waits for
    default:
      return;
  }
}

void Loop::retry_now(std::int64_t run, run::Instance instance, TaskState from, std::optional<Instant> due) {
  ActiveRun* active = find_active(run);
  if (active == nullptr || active->at(instance).row.state != from) return;
  if (active->at(instance).row.next_try_at != due) return;  // it has been put off since
  make_ready(*active, instance);
}

void Loop::take_steps(ActiveRun& active, const std::vector<run::Step>& steps) {
  for (const run::Step& step : steps) {
    if (step.state == TaskState::Scheduled) {
      make_ready(active, step.instance);
      continue;
    }
    TaskInstance& task = active.at(step.instance);
    task.row.ended_at = now();
    set_state(active, step.instance, step.state);
  }
}

void Loop::set_run_timers(ActiveRun& active) {
  const Workflow& workflow = *active.workflow;
  const std::int64_t id = active.row.id;
  const Instant begun = active.row.started_at.value_or(now());
  if (workflow.timeout) {
    at(begun + *workflow.timeout, [this, id] {
      if (ActiveRun* late = find_active(id)) cancel_run(*late, "the run timed out");
    });
  }
  if (workflow.deadline) {
    at(begun + *workflow.deadline, [this, id] { tell_deadline(id, std::nullopt); });
  }
  for (std::size_t task = 0; task < workflow.tasks.size(); ++task) {
    if (!workflow.tasks[task].deadline) continue;
    at(begun + *workflow.tasks[task].deadline, [this, id, task] { tell_deadline(id, task); });
  }
}

void Loop::tell_deadline(std::int64_t run, std::optional<std::size_t> task) {
  ActiveRun* active = find_active(run);
  if (active == nullptr) return;
  const store::TaskRow* late = nullptr;
  if (task) {
    for (const TaskInstance& instance : active->tasks[*task]) {
      if (!run::finished(instance.row.state)) late = &instance.row;
    }
    if (late == nullptr) return;
  }
  std::string text = late ? format("task {} has passed its deadline", late->task) : "the run has passed its deadline";
  tell({.kind = Change::Kind::Deadline,
        .run = &active->row,
        .task = late,
        .workflow = active->workflow.get(),
        .text = text});
  const auto& callbacks = task ? active->workflow->tasks[*task].callbacks : active->workflow->callbacks;
  std::optional<run::Instance> instance;
  if (task) instance = run::Instance{*task, late->map_index};
  call_back(*active, callbacks.on_deadline, "deadline", instance);
}

void Loop::finish_run_if_done(ActiveRun& active) {
  if (!active.progress.finished()) return;
  finish_run(active, active.cancelled.empty() ? active.progress.outcome() : RunState::Failed);
}

void Loop::finish_run(ActiveRun& active, RunState state) {
  active.row.state = state;
  active.row.ended_at = now();
  touch(active);
  call_back(active,
            state == RunState::Success ? active.workflow->callbacks.on_success : active.workflow->callbacks.on_failure,
            state == RunState::Success ? "success" : "failure", std::nullopt);
  tell({.kind = Change::Kind::RunState, .run = &active.row, .workflow = active.workflow.get()});
  // The rows are written with this round; then it is forgotten.
  auto kept = runs_.find(active.row.id);
  save_now(active);
  ended_.push_back(std::move(kept->second));
  runs_.erase(kept);
  run_news_.erase(active.row.id);
  std::erase_if(task_places_, [&](const auto& entry) { return entry.first.first == active.row.id; });
  scheduled_[active.row.workflow].active.erase(active.row.id);
  after_run(active.row);
}

void Loop::save_now(ActiveRun& active) {
  store::Batch& out = batch();
  if (active.dirty) out.save(active.row);
  active.dirty = false;
  for (run::Instance instance : active.dirty_tasks) {
    // A map that was expanded since has other instances.
    if (instance.map_index >= static_cast<int>(active.tasks[instance.task].size())) continue;
    TaskInstance& task = active.at(instance);
    if (task.dirty) out.save(task.row);
    if (task.attempt_dirty && task.attempt) out.save(*task.attempt);
    task.dirty = task.attempt_dirty = false;
  }
  active.dirty_tasks.clear();
}

// Of a run that never became active.
void Loop::end_waiting_run(const store::RunRow& row, RunState state) {
  store::RunRow ended = row;
  ended.state = state;
  ended.ended_at = now();
  batch().save(ended);
  tell({.kind = Change::Kind::RunState, .run = &ended});
  after_run(ended);
}

// Its place is free: for the next in the queue, for the schedule, for the task that started it.
void Loop::after_run(const store::RunRow& row) {
  if (row.parent_run) {
    if (ActiveRun* parent = find_active(*row.parent_run)) {
      auto task = parent->workflow->graph->find(row.parent_task);
      if (task) end_sub_run(*parent, {*task, row.parent_map_index}, row);
    }
  }
  start_queued(row.workflow);
  auto found = scheduled_.find(row.workflow);
  if (found != scheduled_.end() && found->second.workflow != nullptr) {
    wake_past_waiters(found->second);
    plan_next(found->second);
    start_if_fulfilled(found->second);
  }
  if (row.backfill) check_backfill(*row.backfill);
}

}  // namespace plumb::workflow
