// Runs, their tasks, attempts and values.

#include <algorithm>

#include "base/format.h"
#include "store/sql_reader.h"

namespace plumb::store {
namespace {

template <class State>
std::vector<std::string> words(const std::vector<State>& states) {
  std::vector<std::string> result;
  for (State state : states) {
    std::string word(to_string(state));
    if (std::find(result.begin(), result.end(), word) == result.end()) result.push_back(std::move(word));
  }
  return result;
}

}  // namespace

std::optional<RunRow> SqlReader::find_run(std::int64_t id) {
  return find<RunRow>("runs", "WHERE id = ?", {id});
}

std::optional<RunRow> SqlReader::find_run(std::string_view workflow, std::string_view run_id) {
  return find<RunRow>("runs", "WHERE run_id = ? AND workflow = ?", {std::string(run_id), std::string(workflow)});
}

Page<RunRow> SqlReader::runs(const RunFilter& filter, const PageRequest& request) {
  Question question{.table = "runs", .default_order = "-id", .columns = {}, .states = words(filter.states)};
  Conditions& conditions = question.conditions;
  if (filter.run_id_pattern.find_first_of("%_") == std::string::npos) {
    conditions.equal("run_id", filter.run_id_pattern);
  } else {
    conditions.like(connection_->kind(), "run_id", filter.run_id_pattern);
  }
  conditions.any_of("type", words(filter.types));
  conditions.between("logical_date", filter.logical_date);
  conditions.between("run_after", filter.run_after);
  conditions.between("started_at", filter.started_at);
  conditions.between("ended_at", filter.ended_at);
  if (filter.backfill) conditions.add("backfill = ?", {*filter.backfill});
  if (conditions.empty()) question.total = counted(kRunCount, filter.workflow, question.states);
  question.workflow = filter.workflow;
  question.walked = {"started_at", "ended_at"};
  return page<RunRow>(std::move(question), request);
}

std::vector<RunRow> SqlReader::open_runs(std::string_view owner) {
  Conditions conditions;
  conditions.any_of("state", {"queued", "running"});
  conditions.equal("owner", owner);
  return rows<RunRow>("runs", conditions.where() + " ORDER BY id", conditions.values());
}

std::optional<RunRow> SqlReader::find_run_before(const RunRow& run) {
  if (!run.logical_date) {
    return find<RunRow>("runs", "WHERE workflow = ? AND id < ? ORDER BY id DESC LIMIT 1", {run.workflow, run.id});
  }
  return find<RunRow>("runs", "WHERE workflow = ? AND logical_date < ? ORDER BY logical_date DESC LIMIT 1",
                      {run.workflow, to_value(*run.logical_date)});
}

std::vector<TaskRow> SqlReader::tasks_of(std::int64_t run) {
  return rows<TaskRow>("tasks", "WHERE run = ? ORDER BY id", {run});
}

std::optional<TaskRow> SqlReader::find_task(std::int64_t run, std::string_view task, int map_index) {
  return find<TaskRow>("tasks", "WHERE run = ? AND task = ? AND map_index = ?",
                       {run, std::string(task), to_value(map_index)});
}

bool SqlReader::choose_run(Conditions& conditions, const TaskFilter& filter) {
  Conditions which;
  which.equal("run_id", filter.run_id);
  which.equal("workflow", filter.workflow);
  std::string ids;
  auto answer = ask("SELECT id FROM runs" + which.where(), which.values());
  while (auto batch = answer->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      ids += format("{}{}", ids.empty() ? "" : ", ", batch->column(0).int64_at(row));
    }
  }
  if (!ids.empty()) conditions.add(format("run IN ({})", ids));
  return !ids.empty();
}

Page<TaskOfRun> SqlReader::tasks(const TaskFilter& filter, const PageRequest& request) {
  Question question{.table = "tasks", .default_order = "-id", .columns = {}, .states = words(filter.states)};
  question.orders = {"workflow", "id"};
  Conditions& conditions = question.conditions;
  conditions.equal("task", filter.task);
  if (filter.map_index) conditions.add("map_index = ?", {to_value(*filter.map_index)});
  conditions.equal("pool", filter.pool);
  conditions.between("started_at", filter.started_at);
  conditions.between("ended_at", filter.ended_at);
  if (conditions.empty() && filter.run_id.empty()) {
    question.total = counted(kTaskCount, filter.workflow, question.states);
  }
  Page<TaskOfRun> result;
  if (filter.run_id.empty()) {
    question.workflow = filter.workflow;
    question.walked = {"started_at"};
  } else if (!choose_run(conditions, filter)) {
    return result;
  }
  auto found = page<TaskRow>(std::move(question), request);
  result.total = found.total;
  name_runs(found.rows, result.rows);
  return result;
}

// The runs of a page's tasks, asked for at once.
void SqlReader::name_runs(std::vector<TaskRow>& tasks, std::vector<TaskOfRun>& named) {
  std::map<std::int64_t, TaskOfRun> runs;
  std::string ids;
  for (const TaskRow& task : tasks) {
    if (runs.try_emplace(task.run).second) ids += format("{}{}", ids.empty() ? "" : ", ", task.run);
  }
  if (ids.empty()) return;
  auto answer = ask(format("SELECT id, workflow, run_id, logical_date, run_after FROM runs WHERE id IN ({})", ids), {});
  while (auto batch = answer->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      TaskOfRun& run = runs[batch->column(0).int64_at(row)];
      read(batch->column(1), row, run.workflow);
      read(batch->column(2), row, run.run_id);
      if (!batch->column(3).null_at(row)) read(batch->column(3), row, run.logical_date);
      read(batch->column(4), row, run.run_after);
    }
  }
  for (TaskRow& task : tasks) {
    TaskOfRun one = runs[task.run];
    one.task = std::move(task);
    named.push_back(std::move(one));
  }
}

std::vector<AttemptRow> SqlReader::attempts_of(std::int64_t run, std::string_view task, int map_index) {
  Conditions conditions;
  conditions.add("run = ?", {run});
  if (!task.empty()) {
    conditions.equal("task", task);
    conditions.add("map_index = ?", {to_value(map_index)});
  }
  return rows<AttemptRow>("attempts", conditions.where() + " ORDER BY task, map_index, try_number",
                          conditions.values());
}

std::vector<AttemptRow> SqlReader::open_attempts(std::int64_t run) {
  return rows<AttemptRow>(
      "attempts", "WHERE run = ? AND state IN ('queued', 'running') ORDER BY task, map_index, try_number", {run});
}

std::vector<ValueRow> SqlReader::values_of(std::int64_t run, std::string_view task, std::optional<int> map_index) {
  Conditions conditions;
  conditions.add("run = ?", {run});
  conditions.equal("task", task);
  if (map_index) conditions.add("map_index = ?", {to_value(*map_index)});
  return rows<ValueRow>("task_values", conditions.where() + " ORDER BY task, map_index, \"key\"", conditions.values());
}

std::map<TaskState, std::int64_t> SqlReader::open_task_counts() {
  std::map<TaskState, std::int64_t> counts;
  auto answer = ask(
      "SELECT t.state, count(*) FROM runs r JOIN tasks t ON t.run = r.id WHERE r.state IN ('queued', 'running') GROUP "
      "BY t.state",
      {});
  while (auto batch = answer->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      TaskState state{};
      read(batch->column(0), row, state);
      counts[state] = batch->column(1).int64_at(row);
    }
  }
  return counts;
}

}  // namespace plumb::store
