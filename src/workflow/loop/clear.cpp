// Back to the start, or a word on what became of it: of tasks that were chosen, in runs that are open or ended.
#include <algorithm>
#include <set>

#include "base/format.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

std::vector<store::RunRow> Loop::chosen_runs(const TaskChoice& choice) {
  if (choice.workflow.empty()) throw Error(ErrorKind::Usage, "which workflow?");
  std::vector<store::RunRow> rows;
  if (!choice.run_id.empty()) {
    rows.push_back(get_run(choice.workflow, choice.run_id));
    if (!choice.future && !choice.past) return rows;
  }
  store::RunFilter filter{.workflow = choice.workflow, .logical_date = {.from = choice.from, .to = choice.to}};
  if (!rows.empty()) {
    if (!rows[0].logical_date) return rows;
    if (!choice.past) filter.logical_date.from = rows[0].logical_date;
    if (!choice.future) filter.logical_date.to = rows[0].logical_date;
  }
  rows = store_.reader()->runs(filter, {.limit = 100'000, .order_by = "logical_date"}).rows;
  for (store::RunRow& row : rows) {
    if (ActiveRun* active = find_active(row.id)) row = active->row;
    expect_ours(row);
  }
  return rows;
}

std::vector<run::Instance> Loop::chosen_tasks(ActiveRun& active, const TaskChoice& choice) {
  const run::Graph& graph = *active.workflow->graph;
  std::vector<std::pair<std::size_t, std::optional<int>>> wanted;
  for (const auto& [id, map_index] : choice.tasks) {
    auto task = graph.find(id);
    if (!task) throw Error(ErrorKind::NotFound, format("the workflow '{}' has no task '{}'", active.row.workflow, id));
    wanted.emplace_back(*task, map_index);
  }
  if (choice.tasks.empty()) {
    for (std::size_t task = 0; task < graph.size(); ++task) wanted.emplace_back(task, std::nullopt);
  }
  std::vector<run::Instance> chosen;
  auto add = [&](std::size_t task, std::optional<int> map_index) {
    for (const TaskInstance& about : active.tasks[task]) {
      bool fits = !map_index || *map_index == about.row.map_index;
      bool failed = about.row.state == TaskState::Failed || about.row.state == TaskState::UpstreamFailed;
      bool running = about.row.state == TaskState::Running || about.row.state == TaskState::Queued;
      if (!fits || (choice.only_failed && !failed) || (choice.only_running && !running)) continue;
      run::Instance instance{task, about.row.map_index};
      if (std::find(chosen.begin(), chosen.end(), instance) == chosen.end()) chosen.push_back(instance);
    }
  };
  for (const auto& [task, map_index] : wanted) add(task, map_index);
  std::vector<std::size_t> roots;
  roots.reserve(chosen.size());
  for (run::Instance instance : chosen) roots.push_back(instance.task);
  if (choice.downstream) {
    for (std::size_t task : graph.all_after(roots)) {
      for (const TaskInstance& about : active.tasks[task]) {
        run::Instance instance{task, about.row.map_index};
        if (std::find(chosen.begin(), chosen.end(), instance) == chosen.end()) chosen.push_back(instance);
      }
    }
  }
  if (choice.upstream) {
    for (std::size_t task : graph.all_before(roots)) add(task, std::nullopt);
  }
  return chosen;
}

store::TaskOfRun Loop::told(const ActiveRun& active, run::Instance instance) {
  return {.task = const_cast<ActiveRun&>(active).at(instance).row,
          .workflow = active.row.workflow,
          .run_id = active.row.run_id,
          .logical_date = active.row.logical_date,
          .run_after = active.row.run_after};
}

// Of a run that has ended, or waits: its rows, without making it active.
std::unique_ptr<ActiveRun> Loop::read_run(const store::RunRow& row, std::shared_ptr<const Workflow> workflow) {
  auto read = std::make_unique<ActiveRun>(row, std::move(workflow));
  std::map<std::string, std::vector<const store::TaskRow*>, std::less<>> by_task;
  const auto rows = store_.reader()->tasks_of(row.id);
  for (const store::TaskRow& task : rows) by_task[task.task].push_back(&task);
  for (store::ValueRow& value : store_.reader()->values_of(row.id)) {
    if (value.key == kMapItems) read->map_items[value.task] = value_of_json(value.value_json);
  }
  for (std::size_t task = 0; task < read->tasks.size(); ++task) {
    auto known = by_task.find(read->workflow->tasks[task].id);
    if (known != by_task.end()) restore_task(*read, task, known->second);
  }
  read->dirty_tasks.clear();
  for (auto& instances : read->tasks) {
    for (TaskInstance& about : instances) about.dirty = false;
  }
  return read;
}

// A task as if it had not run yet; its attempts stay in the history, and it may have as many again.
void Loop::reset_task(TaskInstance& about, const Task& task) {
  about.row.state = TaskState::None;
  about.row.max_tries = about.row.try_number + task.retries.retries + 1;
  about.row.message.clear();
  about.row.waiting_for.clear();
  about.row.started_at.reset();
  about.row.ended_at.reset();
  about.row.next_try_at.reset();
  about.losses = 0;
}

std::vector<store::TaskOfRun> Loop::clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                          std::string_view who) {
  std::vector<store::TaskOfRun> cleared;
  for (store::RunRow& row : chosen_runs(choice)) {
    ActiveRun* active = find_active(row.id);
    std::unique_ptr<ActiveRun> read;
    if (active == nullptr) {
      auto workflow = newest_definition ? get_scheduled(row.workflow).workflow : definition_of(row);
      if (workflow == nullptr) continue;
      read = read_run(row, workflow);
    }
    ActiveRun& run = active != nullptr ? *active : *read;
    const auto chosen = chosen_tasks(run, choice);
    for (run::Instance instance : chosen) cleared.push_back(told(run, instance));
    if (dry_run || chosen.empty()) continue;
    std::set<std::size_t> maps, at_work;
    for (run::Instance instance : chosen) {
      TaskInstance& about = run.at(instance);
      const bool works = about.flight != 0;
      if (works) at_work.insert(instance.task);
      if (works) stop_instance(run, instance, "cleared");
      reset_task(about, run.task(instance));
      batch().remove_values(row.id, about.row.task, about.row.map_index);
      batch().save(about.row);
      if (about.row.map_index >= 0) maps.insert(instance.task);
    }
    // A map is made anew with the task that it is of: when all of it was chosen, and nothing of it is at work.
    for (std::size_t task : maps) {
      if (!at_work.contains(task) && chosen_whole(run, task, chosen)) fold(run, task);
    }
    audit({.event = "clear", .who = std::string(who), .workflow = row.workflow, .run_id = row.run_id});
    if (newest_definition) row.version = version_of(*get_scheduled(row.workflow).workflow);
    reopen(row, active != nullptr);
  }
  return cleared;
}

bool Loop::chosen_whole(const ActiveRun& active, std::size_t task, const std::vector<run::Instance>& chosen) {
  auto count = std::count_if(chosen.begin(), chosen.end(), [&](run::Instance one) { return one.task == task; });
  return static_cast<std::size_t>(count) == active.tasks[task].size();
}

// The instances of a map become the one task again that it was before.
void Loop::fold(ActiveRun& active, std::size_t task) {
  if (active.tasks[task].size() == 1 && active.tasks[task][0].row.map_index < 0) return;
  const std::string id = active.workflow->tasks[task].id;
  store::TaskRow whole = active.fresh_row(task, -1);
  batch().remove_tasks_from(active.row.id, id, 0);
  batch().remove_values(active.row.id, id, -1);
  batch().save(whole);
  active.map_items.erase(id);
  active.tasks[task].clear();
  active.tasks[task].push_back({.row = whole});
}

// An ended run is open again, and goes to the end of the queue; an active one is read anew.
void Loop::reopen(store::RunRow row, bool active) {
  if (active) {
    ActiveRun& run = *find_active(row.id);
    save_now(run);
    auto workflow = run.workflow;
    const store::RunRow current = run.row;
    for (auto& instances : run.tasks) {
      for (TaskInstance& about : instances) {
        if (about.holds_place && about.flight == 0) free_place(run, about, 0);
      }
    }
    forget(run);
    commit_now();
    return restore_run(current, workflow);
  }
  row.state = RunState::Queued;
  row.queued_at = now();
  row.started_at.reset();
  row.ended_at.reset();
  row.owner = options_.passive ? "" : self_.id;
  batch().save(row);
  if (options_.passive || waiting_.contains(row.id)) return;
  commit_now();
  enqueue(row);
  start_queued(row.workflow);
}

// Out of memory, with all that it holds there. What is in flight stays so.
void Loop::forget(ActiveRun& active) {
  const std::int64_t id = active.row.id;
  auto of_run = [id](const ReadyKey& key) { return key.run == id; };
  std::erase_if(ready_, of_run);
  for (auto& [name, pool] : pools_) std::erase_if(pool.parked, of_run);
  for (auto& [name, places] : task_places_) std::erase_if(places.parked, of_run);
  for (auto& instances : active.tasks) {
    for (TaskInstance& about : instances) {
      if (!about.holds_place) continue;
      --at_work_;
      pools_[about.row.pool].taken -= about.row.slots;
      about.holds_place = false;
    }
  }
  dirty_runs_.erase(id);
  scheduled_[active.row.workflow].active.erase(id);
  auto kept = runs_.find(id);
  ended_.push_back(std::move(kept->second));
  runs_.erase(kept);
}

// Ends what is at work for an instance, whose state is said by whoever asks for it.
void Loop::stop_instance(ActiveRun& active, run::Instance instance, std::string_view why) {
  TaskInstance& about = active.at(instance);
  auto flight = flights_.find(about.flight);
  if (flight == flights_.end()) return;
  note(about, why);
  end_flight(flight->first, flight->second);
  flights_.erase(flight);
  about.flight = 0;
  free_place(active, about, instance.task);
  if (about.attempt) {
    about.attempt->state = TaskState::Failed;
    about.attempt->message = why;
    about.attempt->ended_at = now();
    batch().save(*about.attempt);
  }
}

std::vector<store::TaskOfRun> Loop::mark(const TaskChoice& choice, TaskState state, bool dry_run,
                                         std::string_view who) {
  if (state != TaskState::Success && state != TaskState::Failed && state != TaskState::Skipped)
    throw Error(ErrorKind::Usage, "a task can be marked as success, failed or skipped");
  std::vector<store::TaskOfRun> marked;
  for (store::RunRow& row : chosen_runs(choice)) {
    ActiveRun* active = find_active(row.id);
    std::unique_ptr<ActiveRun> read;
    if (active == nullptr) {
      auto workflow = definition_of(row);
      if (workflow == nullptr) continue;
      read = read_run(row, workflow);
    }
    ActiveRun& run = active != nullptr ? *active : *read;
    bool changed = false;
    for (run::Instance instance : chosen_tasks(run, choice)) {
      TaskInstance& about = run.at(instance);
      if (about.row.state == state) continue;
      changed = true;
      if (!dry_run) {
        stop_instance(run, instance, format("marked as {}", to_string(state)));
        about.row.state = state;
        about.row.ended_at = now();
        about.row.message = format("marked by {}", who.empty() ? "somebody" : who);
        batch().save(about.row);
      }
      marked.push_back(told(run, instance));
      marked.back().task.state = state;
    }
    if (!changed || dry_run) continue;
    audit({.event = "mark_" + std::string(to_string(state)),
           .who = std::string(who),
           .workflow = row.workflow,
           .run_id = row.run_id});
    if (active != nullptr) {
      reopen(row, true);
    } else if (run::finished(row.state)) {
      settle_ended(run);
    }
  }
  return marked;
}

// An ended run, some of whose tasks somebody has marked: what that says of the whole.
void Loop::settle_ended(ActiveRun& read) {
  read.progress.start();
  store::RunRow row = read.row;
  row.state = read.progress.outcome();
  if (row.state != read.row.state) batch().save(row);
}

store::RunRow Loop::mark_run(std::string_view workflow, std::string_view run_id, RunState state, std::string_view who) {
  store::RunRow row = get_run(workflow, run_id);
  const TaskChoice all{.workflow = row.workflow, .run_id = row.run_id};
  if (state == RunState::Queued) {
    clear(all, false, false, who);
    return get_run(workflow, run_id);
  }
  audit({.event = "mark_run_" + std::string(to_string(state)),
         .who = std::string(who),
         .workflow = row.workflow,
         .run_id = row.run_id});
  ActiveRun* active = find_active(row.id);
  if (active != nullptr) {
    if (state == RunState::Failed) {
      cancel_run(*active, format("marked as failed by {}", who.empty() ? "somebody" : who));
      return get_run(workflow, run_id);
    }
    const std::int64_t id = row.id;
    mark(all, TaskState::Success, false, who);
    if (find_active(id) == nullptr) return get_run(workflow, run_id);
    return find_active(id)->row;
  }
  if (waiting_.erase(row.id) > 0) scheduled_[row.workflow].queue.erase({row.run_after, row.id});
  row.state = state;
  row.ended_at = row.ended_at.value_or(now());
  end_waiting_run(row, state);
  return row;
}

}  // namespace plumb::workflow
