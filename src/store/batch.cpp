// What a batch writes.

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "store/state.h"

namespace plumb::store {
namespace {

template <class Row>
Values values_with_id_last(const Row& row) {
  Values values = to_values(row);
  std::rotate(values.begin(), values.begin() + 1, values.end());
  return values;
}

template <class Row>
Values values_without_id(const Row& row) {
  Values values = to_values(row);
  values.erase(values.begin());
  return values;
}

}  // namespace

void Batch::save(const WorkflowRow& workflow) {
  state_->execute(state_->store.statements.save_workflow, to_values(workflow));
}

void Batch::save(const VersionRow& version) {
  state_->execute(state_->store.statements.save_version, to_values(version));
}

bool Batch::insert(RunRow& run) {
  auto id = state_->ask_id(state_->store.statements.insert_run, values_without_id(run));
  if (id == 0) return false;
  run.id = id;
  state_->count(kRunCount, run.workflow, run::to_string(run.state), 1);
  return true;
}

void Batch::save(const RunRow& run) {
  auto before = state_->ask("SELECT workflow, state FROM runs WHERE id = ?", {run.id});
  if (!before) throw Error(ErrorKind::NotFound, format("there is no run {} in the store", run.id));
  auto workflow = before->column(0).text_at(0);
  auto state = before->column(1).text_at(0);
  if (state != run::to_string(run.state)) {
    state_->count(kRunCount, workflow, state, -1);
    state_->count(kRunCount, workflow, run::to_string(run.state), 1);
  }
  state_->execute(state_->store.statements.update_run, values_with_id_last(run));
}

void Batch::save(const TaskRow& task) {
  auto before = state_->ask(
      "SELECT r.workflow, t.state FROM runs r LEFT JOIN tasks t ON t.run = r.id AND t.task = ? AND t.map_index = ? "
      "WHERE r.id = ?",
      {task.task, to_value(task.map_index), task.run});
  if (!before) throw Error(ErrorKind::NotFound, format("there is no run {} in the store", task.run));
  std::string workflow(before->column(0).text_at(0));
  bool there = !before->column(1).null_at(0);
  auto state = run::to_string(task.state);
  if (!there || before->column(1).text_at(0) != state) {
    if (there) state_->count(kTaskCount, workflow, before->column(1).text_at(0), -1);
    state_->count(kTaskCount, workflow, state, 1);
  }
  Values values = to_values(task);
  values.insert(values.begin(), std::move(workflow));
  state_->execute(state_->store.statements.save_task, values);
}

void Batch::save(const AttemptRow& attempt) {
  state_->execute(state_->store.statements.save_attempt, to_values(attempt));
}

void Batch::save(const ValueRow& value) {
  state_->execute(state_->store.statements.save_value, to_values(value));
}

void Batch::save(AssetRow& asset) {
  asset.id = state_->ask_id(state_->store.statements.save_asset, values_without_id(asset));
}

void Batch::save(AssetEventRow& event) {
  if (event.id != 0) {
    state_->execute(state_->store.statements.update_asset_event, values_with_id_last(event));
    return;
  }
  event.id = state_->ask_id(state_->store.statements.insert_asset_event, values_without_id(event));
  state_->count(kAssetEventCount, event.asset, "", 1);
}

void Batch::add_news(std::string_view workflow, std::string_view asset, std::int64_t event) {
  state_->execute("INSERT INTO news (workflow, asset, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                  {std::string(workflow), std::string(asset), event});
}

void Batch::take_news(std::string_view workflow, std::int64_t run) {
  state_->execute("INSERT INTO run_news (run, event) SELECT ?, event FROM news WHERE workflow = ?",
                  {run, std::string(workflow)});
  state_->execute("DELETE FROM news WHERE workflow = ?", {std::string(workflow)});
}

void Batch::save(const PoolRow& pool) {
  state_->execute(state_->store.statements.save_pool, to_values(pool));
}

void Batch::save(const VariableRow& variable) {
  state_->execute(state_->store.statements.save_variable, to_values(variable));
}

void Batch::save(BackfillRow& backfill) {
  if (backfill.id != 0) {
    state_->execute(state_->store.statements.update_backfill, values_with_id_last(backfill));
    return;
  }
  backfill.id = state_->ask_id(state_->store.statements.insert_backfill, values_without_id(backfill));
}

void Batch::save(const UserRow& user) {
  state_->execute(state_->store.statements.save_user, to_values(user));
}

void Batch::save(const TokenRow& token) {
  state_->execute(state_->store.statements.save_token, to_values(token));
}

void Batch::save(EventRow& event) {
  if (event.id != 0) {
    state_->execute(state_->store.statements.update_event, values_with_id_last(event));
    return;
  }
  event.id = state_->ask_id(state_->store.statements.insert_event, values_without_id(event));
  state_->count(kEventCount, event.workflow, "", 1);
}

void Batch::set_note(std::string_view name, std::string_view value) {
  state_->execute(
      "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      {std::string(name), to_value(std::string(value))});
}

}  // namespace plumb::store
