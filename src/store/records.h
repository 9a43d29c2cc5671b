// What the store keeps, as plain values. Instants are UTC; texts named …_json hold a JSON document.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "run/run.h"

namespace plumb::store {

using run::RunState;
using run::TaskState;

// A workflow as it was last read, and how far its schedule has come.
struct WorkflowRow {
  std::string name;
  bool paused = false;
  bool active = true;  // its file is there
  std::string file, description, schedule, timezone;
  std::string tags_json = "[]", definition_json = "{}";
  std::int64_t version = 0;  // the newest; 0: none yet
  std::optional<Instant> parsed_at;
  // The last run that the schedule made, and the next that it will.
  std::optional<Instant> last_logical_date, last_interval_start, last_interval_end, last_run_after;
  std::optional<Instant> next_logical_date, next_interval_start, next_interval_end, next_run_after;
};

struct VersionRow {
  std::string workflow;
  std::int64_t number = 0;
  std::string hash, text;  // of the file, as it stood
  Instant created_at;
};

// What made a run.
enum class RunType { Manual, Scheduled, Backfill, AssetTriggered };
std::string_view to_string(RunType type);  // "asset_triggered"
std::optional<RunType> find_run_type(std::string_view text);

struct RunRow {
  std::int64_t id = 0;  // given by the store
  std::string workflow;
  std::string run_id;  // unique within the workflow: "scheduled__2026-11-21T06:00:00+00:00"
  RunType type = RunType::Manual;
  RunState state = RunState::Queued;
  std::optional<Instant> logical_date, interval_start, interval_end;
  Instant run_after;
  Instant queued_at;
  std::optional<Instant> started_at, ended_at;
  std::int64_t version = 0;  // of the workflow's definition
  std::string params_json = "{}";
  std::string triggered_by;  // "scheduler", "cli", "rest_api", "asset", "backfill", "workflow"
  std::string triggering_user;
  std::string note;
  std::optional<std::int64_t> backfill;
  std::optional<std::int64_t> parent_run;  // of a sub-run: who started it, and by which task
  std::string parent_task;
  int parent_map_index = -1;
  std::string owner;  // the scheduler that carries it out; empty: nobody yet
};

// One task of a run; with a map, one of its instances. Its state is that of its last attempt.
struct TaskRow {
  std::int64_t run = 0;
  std::string task;
  int map_index = -1;
  TaskState state = TaskState::None;
  int try_number = 0;  // of the last attempt; 0: there was none
  int max_tries = 0;   // attempts it may have before it fails for good
  std::string kind;    // "shell", "load"
  std::string pool = "default_pool";
  int slots = 1;
  int priority = 1;
  std::optional<Instant> scheduled_at, queued_at, started_at, ended_at;
  std::optional<Instant> next_try_at;  // of UpForRetry, UpForReschedule and Deferred
  std::string host;
  std::int64_t pid = 0;
  std::string message;               // why it ended as it did, or what it waits for; one line
  std::string waiting_for;           // of Deferred: "approval", "run", "time", "asset"
  std::string rendered_json = "{}";  // its settings, rendered, without secrets
  std::string map_label;             // what its entry of the map is called
  std::string note;
};

struct AttemptRow {
  std::int64_t run = 0;
  std::string task;
  int map_index = -1;
  int try_number = 1;
  TaskState state = TaskState::Queued;
  std::optional<Instant> queued_at, started_at, ended_at;
  std::optional<int> exit_code;
  int signal = 0;
  std::string message;
  std::string log;  // the file, relative to the folder of logs
  std::string host;
  std::int64_t pid = 0;
  std::string owner;  // the scheduler
};

// A value that a task left for others (Airflow's XCom).
struct ValueRow {
  std::int64_t run = 0;
  std::string task;
  int map_index = -1;
  std::string key;
  std::string value_json;
  Instant at;
};

struct AssetRow {
  std::int64_t id = 0;
  std::string name;  // "raw.weather_observations"
  std::string uri, group;
  std::string extra_json = "{}";
  Instant created_at;
};

struct AssetEventRow {
  std::int64_t id = 0;
  std::string asset;
  Instant at;
  std::string extra_json = "{}";    // {"rows": 3, …}
  std::optional<std::int64_t> run;  // who made it; empty: the command line, or somebody by the API
  std::string workflow, run_id, task;
  int map_index = -1;
  std::string made_by;  // "task", "cli", "rest_api"
};

struct PoolRow {
  std::string name;
  int slots = 128;
  std::string description;
  bool include_deferred = false;
};

struct VariableRow {
  std::string key, value, description;
};

struct BackfillRow {
  std::int64_t id = 0;
  std::string workflow;
  Instant from, to;
  std::string params_json = "{}";
  int max_active_runs = 10;
  bool paused = false, backwards = false;
  std::string reprocess = "none";  // runs that are there already: "none", "failed", "completed"
  Instant created_at;
  std::optional<Instant> completed_at;
  std::string created_by;
};

struct UserRow {
  std::string name, password_hash, role;  // viewer, operator, admin
  bool active = true;
  Instant created_at;
};

struct TokenRow {
  std::string id, user, hash, description;
  Instant created_at;
  std::optional<Instant> expires_at, last_used_at;
};

// Who did what: the audit log (Airflow's event log).
struct EventRow {
  std::int64_t id = 0;
  Instant at;
  std::string event, who, workflow, run_id, task;
  std::optional<int> map_index, try_number;
  std::string extra_json = "{}";
};

// A scheduler that is, or was, at work on this store.
struct SchedulerRow {
  std::string id, host;
  std::int64_t pid = 0;
  std::int64_t started_ticks = 0;  // of the process, so that a number used again is not taken for it
  Instant started_at, lease_until;
  std::string kind;  // "serve", "start"
};

// Instances of a task that are at work, and the slots of the pool that they hold.
struct WorkOfOthers {
  std::string workflow, task, pool;
  std::int64_t slots = 0, instances = 0;
};

}  // namespace plumb::store
