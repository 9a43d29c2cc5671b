// The Reader over a connection of the pool.
#pragma once

#include <algorithm>
#include <string>

#include "store/question.h"
#include "store/state.h"

namespace plumb::store {

class SqlReader : public Reader {
 public:
  explicit SqlReader(std::shared_ptr<ReaderPool> pool);
  ~SqlReader() override;

  std::optional<WorkflowRow> find_workflow(std::string_view name) override;
  Page<WorkflowRow> workflows(const WorkflowFilter& filter, const PageRequest& page) override;
  std::optional<VersionRow> find_version(std::string_view workflow, std::int64_t number) override;
  Page<VersionRow> versions(std::string_view workflow, const PageRequest& page) override;

  std::optional<RunRow> find_run(std::int64_t id) override;
  std::optional<RunRow> find_run(std::string_view workflow, std::string_view run_id) override;
  Page<RunRow> runs(const RunFilter& filter, const PageRequest& page) override;
  std::vector<RunRow> open_runs(std::string_view owner) override;
  std::optional<RunRow> find_run_before(const RunRow& run) override;

  std::vector<TaskRow> tasks_of(std::int64_t run) override;
  std::optional<TaskRow> find_task(std::int64_t run, std::string_view task, int map_index) override;
  Page<TaskOfRun> tasks(const TaskFilter& filter, const PageRequest& page) override;
  std::vector<AttemptRow> attempts_of(std::int64_t run, std::string_view task, int map_index) override;
  std::vector<AttemptRow> open_attempts(std::int64_t run) override;
  std::vector<ValueRow> values_of(std::int64_t run, std::string_view task, std::optional<int> map_index) override;

  Page<AssetRow> assets(std::string_view name_pattern, const PageRequest& page) override;
  std::optional<AssetRow> find_asset(std::string_view name) override;
  std::optional<AssetRow> find_asset(std::int64_t id) override;
  Page<AssetEventRow> asset_events(const AssetEventFilter& filter, const PageRequest& page) override;
  std::vector<AssetEventRow> news_for(std::string_view workflow) override;
  std::vector<AssetEventRow> news_of_run(std::int64_t run) override;

  std::vector<PoolRow> pools() override;
  Page<VariableRow> variables(std::string_view key_pattern, const PageRequest& page) override;
  std::optional<VariableRow> find_variable(std::string_view key) override;
  Page<BackfillRow> backfills(std::string_view workflow, const PageRequest& page) override;
  std::optional<BackfillRow> find_backfill(std::int64_t id) override;
  std::optional<UserRow> find_user(std::string_view name) override;
  std::vector<UserRow> users() override;
  std::vector<TokenRow> tokens(std::string_view user) override;
  std::optional<TokenRow> find_token(std::string_view id) override;
  Page<EventRow> events(const EventFilter& filter, const PageRequest& page) override;
  std::vector<SchedulerRow> schedulers() override;
  std::optional<std::string> find_note(std::string_view name) override;
  std::map<TaskState, std::int64_t> open_task_counts() override;

 private:
  std::unique_ptr<db::Reader> ask(const std::string& sql, const Values& values);
  std::int64_t ask_number(const std::string& sql, const Values& values);
  std::int64_t counted(std::string_view what, std::string_view name, const std::vector<std::string>& states);
  // All records of a table that `rest` chooses.
  template <class Row>
  std::vector<Row> rows(std::string_view table, const std::string& rest, const Values& values = {});
  template <class Row>
  std::optional<Row> find(std::string_view table, const std::string& rest, const Values& values);
  template <class Row>
  Page<Row> page(Question question, const PageRequest& page);
  void name_runs(std::vector<TaskRow>& tasks, std::vector<TaskOfRun>& named);
  // Adds the run of a filter of tasks; false when there is no such run.
  bool choose_run(Conditions& conditions, const TaskFilter& filter);

  std::shared_ptr<ReaderPool> pool_;
  std::unique_ptr<db::Connection> connection_;
  bool asked_ = false;
};

template <class Row>
std::vector<Row> SqlReader::rows(std::string_view table, const std::string& rest, const Values& values) {
  std::vector<Row> result;
  auto answer = ask("SELECT " + list_columns(column_names<Row>()) + " FROM " + std::string(table) + " " + rest, values);
  while (auto batch = answer->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::size_t column = 0;
      result.push_back(read_row<Row>(*batch, row, column));
    }
  }
  return result;
}

template <class Row>
std::optional<Row> SqlReader::find(std::string_view table, const std::string& rest, const Values& values) {
  auto found = rows<Row>(table, rest, values);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

template <class Row>
Page<Row> SqlReader::page(Question question, const PageRequest& request) {
  Page<Row> result;
  question.columns = column_names<Row>();
  if (!question.total) {
    auto count = count_sql(question);
    question.total = ask_number(count.sql, count.values);
  }
  result.total = *question.total;
  auto sql = page_sql(question, request, result.total, connection_->kind());
  auto answer = ask(sql.sql, sql.values);
  while (auto batch = answer->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::size_t column = 0;
      result.rows.push_back(read_row<Row>(*batch, row, column));
    }
  }
  if (sql.reversed) std::reverse(result.rows.begin(), result.rows.end());
  return result;
}

}  // namespace plumb::store
