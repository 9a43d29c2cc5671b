// Questions to the store. Every list is a page: found by index, newest first unless asked otherwise, with the total of
// what the filter chooses.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"

namespace plumb::store {

struct PageRequest {
  std::int64_t limit = 50;
  std::int64_t offset = 0;
  std::string order_by = {};  // a column of the record, "-" in front for descending; empty: newest first, names by name
};

template <class Row>
struct Page {
  std::vector<Row> rows;
  std::int64_t total = 0;
};

struct InstantRange {
  std::optional<Instant> from, to;  // both inclusive
};

struct WorkflowFilter {
  std::string name_pattern = {};  // SQL's LIKE
  std::vector<std::string> tags = {};
  std::optional<bool> paused = {};
  std::optional<bool> active = true;
};
struct RunFilter {
  std::string workflow = {};  // empty: all
  std::string run_id_pattern = {};
  std::vector<RunState> states = {};
  std::vector<RunType> types = {};
  InstantRange logical_date = {}, run_after = {}, started_at = {}, ended_at = {};
  std::optional<std::int64_t> backfill = {};
};
struct TaskFilter {
  std::string workflow = {};
  std::string run_id = {};
  std::string task = {};
  std::optional<int> map_index = {};
  std::vector<TaskState> states = {};
  std::string pool = {};
  InstantRange started_at = {}, ended_at = {};
};
struct AssetEventFilter {
  std::string asset = {};
  std::string workflow = {}, run_id = {}, task = {};  // of who made it
  InstantRange at = {};
};
struct EventFilter {
  std::string workflow = {}, run_id = {}, task = {}, event = {}, who = {};
  InstantRange at = {};
};

// A task with the names of its run.
struct TaskOfRun {
  TaskRow task;
  std::string workflow, run_id;
  std::optional<Instant> logical_date;
  Instant run_after;
};

class Reader {
 public:
  virtual ~Reader() = default;

  virtual std::optional<WorkflowRow> find_workflow(std::string_view name) = 0;
  virtual Page<WorkflowRow> workflows(const WorkflowFilter& filter, const PageRequest& page) = 0;
  virtual std::optional<VersionRow> find_version(std::string_view workflow, std::int64_t number) = 0;
  virtual Page<VersionRow> versions(std::string_view workflow, const PageRequest& page) = 0;

  virtual std::optional<RunRow> find_run(std::int64_t id) = 0;
  virtual std::optional<RunRow> find_run(std::string_view workflow, std::string_view run_id) = 0;
  virtual Page<RunRow> runs(const RunFilter& filter, const PageRequest& page) = 0;
  // Those that are not finished, oldest first: what a scheduler takes up. Empty owner: whoever owns them.
  virtual std::vector<RunRow> open_runs(std::string_view owner = {}) = 0;
  // The run of this workflow before this one by logical date (else by id), for depends_on_past.
  virtual std::optional<RunRow> find_run_before(const RunRow& run) = 0;

  virtual std::vector<TaskRow> tasks_of(std::int64_t run) = 0;
  virtual std::optional<TaskRow> find_task(std::int64_t run, std::string_view task, int map_index) = 0;
  virtual Page<TaskOfRun> tasks(const TaskFilter& filter, const PageRequest& page) = 0;
  virtual std::vector<AttemptRow> attempts_of(std::int64_t run, std::string_view task = {}, int map_index = -1) = 0;
  // Attempts that were queued or running when their scheduler went.
  virtual std::vector<AttemptRow> open_attempts(std::int64_t run) = 0;

  virtual std::vector<ValueRow> values_of(std::int64_t run, std::string_view task = {},
                                          std::optional<int> map_index = {}) = 0;

  virtual Page<AssetRow> assets(std::string_view name_pattern, const PageRequest& page) = 0;
  virtual std::optional<AssetRow> find_asset(std::string_view name) = 0;
  virtual std::optional<AssetRow> find_asset(std::int64_t id) = 0;
  virtual Page<AssetEventRow> asset_events(const AssetEventFilter& filter, const PageRequest& page) = 0;
  // The newest events of each asset that a workflow has not seen yet.
  virtual std::vector<AssetEventRow> news_for(std::string_view workflow) = 0;
  // What started a run.
  virtual std::vector<AssetEventRow> news_of_run(std::int64_t run) = 0;

  virtual std::vector<PoolRow> pools() = 0;
  virtual Page<VariableRow> variables(std::string_view key_pattern, const PageRequest& page) = 0;
  virtual std::optional<VariableRow> find_variable(std::string_view key) = 0;
  virtual Page<BackfillRow> backfills(std::string_view workflow, const PageRequest& page) = 0;
  virtual std::optional<BackfillRow> find_backfill(std::int64_t id) = 0;
  virtual std::optional<UserRow> find_user(std::string_view name) = 0;
  virtual std::vector<UserRow> users() = 0;
  virtual std::vector<TokenRow> tokens(std::string_view user = {}) = 0;
  virtual std::optional<TokenRow> find_token(std::string_view id) = 0;
  virtual Page<EventRow> events(const EventFilter& filter, const PageRequest& page) = 0;
  virtual std::vector<SchedulerRow> schedulers() = 0;
  virtual std::optional<std::string> find_note(std::string_view name) = 0;
  // How many tasks are in each state and pool now, of runs that are not finished.
  virtual std::map<TaskState, std::int64_t> open_task_counts() = 0;
};

}  // namespace plumb::store
