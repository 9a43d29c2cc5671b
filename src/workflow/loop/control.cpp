// What people ask for: a run now, a pause, an end, a word on what waits for one.
#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

using jinja::Value;

namespace {

// It becomes a folder's name, and part of addresses.
void check_run_id(const std::string& id) {
  bool fine = !id.empty() && id.size() <= 250 && id.front() != '.';
  for (char c : id) {
    bool known = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                 std::string_view("_-.:+~@=, ").find(c) != std::string_view::npos;
    fine = fine && known;
  }
  if (!fine) {
    throw Error(ErrorKind::Usage, format("'{}' is no name for a run", printable(id)),
                {.hint = "letters, digits and _ - . : + ~ @ = are allowed, 250 of them at most"});
  }
}

// A load that nobody watches asks for a person's approval once, and leaves a mark that it did
// (docs/connectors/comdirect.md). Whoever approves its task wants to be asked again.
void forget_challenges(const std::filesystem::path& project_folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(project_folder / ".plumb" / "sessions", ignored)) {
    if (entry.path().filename().string().ends_with(".challenge.session"))
      std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace

store::RunRow Loop::get_run(std::string_view workflow, std::string_view run_id) {
  auto row = store_.reader()->find_run(workflow, run_id);
  if (!row) throw Error(ErrorKind::NotFound, format("the workflow '{}' has no run '{}'", workflow, run_id));
  // What is open is newest here.
  if (ActiveRun* active = find_active(row->id)) return active->row;
  expect_ours(*row);
  return *row;
}

void Loop::audit(store::EventRow event) {
  event.at = now();
  batch().save(event);
}

store::RunRow Loop::trigger(const Trigger& trigger) {
  Scheduled& scheduled = get_scheduled(trigger.workflow);
  const Workflow& workflow = *scheduled.workflow;
  Value params = check_params(workflow, trigger.params);
  const Instant run_after = trigger.run_after.value_or(now());
  std::optional<Due> due;
  if (trigger.logical_date) due = workflow.timetable->manual(*trigger.logical_date);
  store::RunRow row{.workflow = trigger.workflow,
                    .run_id = trigger.run_id,
                    .type = store::RunType::Manual,
                    .logical_date = trigger.logical_date,
                    .interval_start = trigger.interval_start,
                    .interval_end = trigger.interval_end,
                    .run_after = run_after,
                    .params_json = json_of(params),
                    .triggered_by = trigger.by,
                    .triggering_user = trigger.who,
                    .note = trigger.note,
                    .parent_run = trigger.parent_run,
                    .parent_task = trigger.parent_task,
                    .parent_map_index = trigger.parent_map_index};
  if (!due) due = workflow.timetable->manual(run_after);
  if (!row.interval_start) row.interval_start = due->interval.start;
  if (!row.interval_end) row.interval_end = due->interval.end;
  if (row.run_id.empty())
    row.run_id = free_run_id(trigger.workflow, "manual", trigger.logical_date.value_or(run_after));
  check_run_id(row.run_id);
  auto made = make_run(row, workflow);
  if (!made) {
    bool taken = store_.reader()->find_run(trigger.workflow, row.run_id).has_value();
    throw Error(ErrorKind::Usage,
                taken ? format("the workflow '{}' already has a run '{}'", trigger.workflow, row.run_id)
                      : format("the workflow '{}' already has a run of that logical date", trigger.workflow),
                {.type = "Conflict"});
  }
  audit({.event = "trigger", .who = trigger.who, .workflow = trigger.workflow, .run_id = made->run_id});
  return *made;
}

void Loop::cancel_run(ActiveRun& active, std::string_view why) {
  if (!active.cancelled.empty()) return;
  active.cancelled = why;
  const std::int64_t id = active.row.id;
  // What runs is asked to end, and concludes when it has; the rest ends here.
  for (std::size_t task = 0; task < active.tasks.size(); ++task) {
    for (std::size_t k = 0; k < active.tasks[task].size(); ++k) {
      TaskInstance& about = active.tasks[task][k];
      if (about.flight != 0 || run::finished(about.row.state)) continue;
      about.row.message = why;
      if (about.attempt && !about.attempt->ended_at) {
        about.attempt->state = TaskState::Failed;
        about.attempt->ended_at = now();
        touch_attempt(active, {task, about.row.map_index});
      }
      const bool began = about.row.try_number > 0;
      conclude(active, {task, about.row.map_index}, began ? TaskState::Failed : TaskState::Skipped);
      if (find_active(id) == nullptr) return;  // that was the last
    }
  }
  for (const auto& [flight, about] : flights_) {
    if (about.run == id) end_flight(flight, about);
  }
  for (const auto& [child, other] : runs_) {
    if (other->row.parent_run == id && other->cancelled.empty()) {
      at(now(), [this, child = child] {
        if (ActiveRun* sub = find_active(child)) cancel_run(*sub, "the run that started it was cancelled");
      });
    }
  }
}

store::RunRow Loop::cancel(std::string_view workflow, std::string_view run_id, std::string_view who) {
  store::RunRow row = get_run(workflow, run_id);
  if (run::finished(row.state)) {
    throw Error(ErrorKind::Usage, format("the run '{}' has already ended: {}", run_id, to_string(row.state)),
                {.type = "Conflict"});
  }
  audit({.event = "cancel", .who = std::string(who), .workflow = row.workflow, .run_id = row.run_id});
  const std::int64_t id = row.id;
  if (ActiveRun* active = find_active(id)) {
    cancel_run(*active, "cancelled");
    if ((active = find_active(id)) != nullptr) return active->row;
    for (const auto& ended : ended_) {
      if (ended->row.id == id) return ended->row;
    }
    return row;
  }
  waiting_.erase(id);
  scheduled_[row.workflow].queue.erase({row.run_after, id});
  row.state = RunState::Failed;
  row.note = row.note.empty() ? "cancelled" : row.note;
  row.ended_at = now();
  end_waiting_run(row, RunState::Failed);
  return row;
}

void Loop::remove_run(std::string_view workflow, std::string_view run_id, std::string_view who) {
  store::RunRow row = get_run(workflow, run_id);
  if (find_active(row.id) != nullptr) {
    throw Error(ErrorKind::Usage, format("the run '{}' is at work", run_id),
                {.hint = "cancel it first", .type = "Conflict"});
  }
  if (waiting_.erase(row.id) > 0) scheduled_[row.workflow].queue.erase({row.run_after, row.id});
  batch().remove_run(row.id);
  audit({.event = "delete_run", .who = std::string(who), .workflow = row.workflow, .run_id = row.run_id});
  std::error_code ignored;
  std::filesystem::remove_all(logs_ / row.workflow / row.run_id, ignored);
}

void Loop::set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                    std::string_view text, std::string_view who) {
  store::RunRow row = get_run(workflow, run_id);
  audit({.event = "note",
         .who = std::string(who),
         .workflow = row.workflow,
         .run_id = row.run_id,
         .task = std::string(task)});
  ActiveRun* active = find_active(row.id);
  if (task.empty()) {
    row.note = text;
    if (active != nullptr) active->row.note = text;
    if (auto waiting = waiting_.find(row.id); waiting != waiting_.end()) waiting->second.note = text;
    return batch().save(row);
  }
  auto about = store_.reader()->find_task(row.id, task, map_index);
  if (!about) throw Error(ErrorKind::NotFound, format("the run '{}' has no task '{}'", run_id, task));
  auto index = active == nullptr ? std::nullopt : active->workflow->graph->find(task);
  if (index) {
    active->at({*index, map_index}).row.note = text;
    return touch(*active, {*index, map_index});
  }
  about->note = text;
  batch().save(*about);
}

void Loop::approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                   bool approved, std::string_view text, std::string_view who) {
  store::RunRow row = get_run(workflow, run_id);
  ActiveRun* active = find_active(row.id);
  auto index = active == nullptr ? std::nullopt : active->workflow->graph->find(task);
  const bool known = index && map_index < static_cast<int>(active->tasks[*index].size());
  if (!known || active->at({*index, map_index}).row.state != TaskState::Deferred) {
    throw Error(ErrorKind::Usage, format("the task '{}' does not wait for anybody", task), {.type = "Conflict"});
  }
  const run::Instance instance{*index, map_index};
  TaskInstance& about = active->at(instance);
  audit({.event = approved ? "approve" : "reject",
         .who = std::string(who),
         .workflow = row.workflow,
         .run_id = row.run_id,
         .task = std::string(task)});
  note(about, format("{} by {}{}", approved ? "approved" : "rejected", who.empty() ? "somebody" : who,
                     text.empty() ? "" : format(": {}", text)));
  if (about.row.waiting_for == "sign-in" && approved) {
    forget_challenges(project_.folder);
    return make_ready(*active, instance);
  }
  if (active->task(instance).kind == TaskKind::Approve && approved) {
    keep_value(*active, instance, "approved_by", Value(who));
    if (!text.empty()) keep_value(*active, instance, "note", Value(text));
  }
  answer(*active, instance, approved, approved ? "" : format("rejected by {}", who.empty() ? "somebody" : who));
}

void Loop::signed_in(std::string_view connection) {
  std::vector<std::pair<std::int64_t, run::Instance>> waiting;
  for (const auto& [id, active] : runs_) {
    for (std::size_t task = 0; task < active->tasks.size(); ++task) {
      for (const TaskInstance& about : active->tasks[task]) {
        if (about.row.state == TaskState::Deferred && about.row.waiting_for == "sign-in")
          waiting.push_back({id, run::Instance{task, about.row.map_index}});
      }
    }
  }
  for (const auto& [id, instance] : waiting) {
    ActiveRun* active = find_active(id);
    note(active->at(instance), format("{} has been signed in", connection));
    make_ready(*active, instance);
  }
}

void Loop::save_pool(const store::PoolRow& pool, std::string_view who) {
  batch().save(pool);
  audit({.event = "save_pool", .who = std::string(who), .extra_json = json_of(Value::dict({{"pool", pool.name}}))});
  pools_[pool.name].limit = pool.slots;
  wake_pools();
}

void Loop::remove_pool(std::string_view name, std::string_view who) {
  if (name == "default_pool") throw Error(ErrorKind::Usage, "the default pool stays");
  batch().remove_pool(name);
  audit({.event = "remove_pool", .who = std::string(who), .extra_json = json_of(Value::dict({{"pool", name}}))});
}

void Loop::save_variable(const store::VariableRow& variable, std::string_view who) {
  batch().save(variable);
  variables_known_ = false;
  audit(
      {.event = "save_variable", .who = std::string(who), .extra_json = json_of(Value::dict({{"key", variable.key}}))});
}

void Loop::remove_variable(std::string_view key, std::string_view who) {
  batch().remove_variable(key);
  variables_known_ = false;
  audit({.event = "remove_variable", .who = std::string(who), .extra_json = json_of(Value::dict({{"key", key}}))});
}

}  // namespace plumb::workflow
