// What a batch takes away: a run with all that belongs to it, and single things by name.

#include "store/state.h"

namespace plumb::store {

void Batch::remove_values(std::int64_t run, std::string_view task, int map_index) {
  state_->execute("DELETE FROM task_values WHERE run = ? AND task = ? AND map_index = ?",
                  {run, std::string(task), to_value(map_index)});
}

void Batch::remove_pool(std::string_view name) {
  state_->execute("DELETE FROM pools WHERE name = ?", {std::string(name)});
}

void Batch::remove_variable(std::string_view key) {
  state_->execute("DELETE FROM variables WHERE key = ?", {std::string(key)});
}

void Batch::remove_token(std::string_view id) {
  state_->execute("DELETE FROM tokens WHERE id = ?", {std::string(id)});
}

void Batch::remove_scheduler(std::string_view id) {
  state_->execute("DELETE FROM schedulers WHERE id = ?", {std::string(id)});
}

std::int64_t Batch::remove_run(std::int64_t run) {
  auto of = state_->ask("SELECT workflow, state FROM runs WHERE id = ?", {run});
  if (!of) return 0;
  std::string workflow(of->column(0).text_at(0));
  state_->count(kRunCount, workflow, of->column(1).text_at(0), -1);
  auto tasks = state_->ask("SELECT state, count(*) FROM tasks WHERE run = ? GROUP BY state", {run});
  std::int64_t gone = 0;
  for (std::size_t row = 0; tasks && row < tasks->rows(); ++row) {
    state_->count(kTaskCount, workflow, tasks->column(0).text_at(row), -tasks->column(1).int64_at(row));
    gone += tasks->column(1).int64_at(row);
  }
  for (const char* table : {"tasks", "attempts", "task_values", "run_news"}) {
    state_->execute(std::string("DELETE FROM ") + table + " WHERE run = ?", {run});
  }
  state_->execute("DELETE FROM runs WHERE id = ?", {run});
  return gone;
}

void Batch::remove_tasks_from(std::int64_t run, std::string_view task, int map_index) {
  Values which = {run, std::string(task), to_value(map_index)};
  auto gone = state_->ask(
      "SELECT t.workflow, t.state, count(*) FROM tasks t WHERE run = ? AND task = ? AND map_index >= ? GROUP BY "
      "t.workflow, t.state",
      which);
  for (std::size_t row = 0; gone && row < gone->rows(); ++row) {
    state_->count(kTaskCount, gone->column(0).text_at(row), gone->column(1).text_at(row),
                  -gone->column(2).int64_at(row));
  }
  for (const char* table : {"tasks", "attempts", "task_values"}) {
    state_->execute(std::string("DELETE FROM ") + table + " WHERE run = ? AND task = ? AND map_index >= ?", which);
  }
}

}  // namespace plumb::store
