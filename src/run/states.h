// The states of a run and of a task in it: closed lists, with the questions that are asked of them. The words are
// Airflow's, so that its clients read them.
#pragma once

#include <optional>
#include <string_view>

namespace plumb::run {

// One execution of a workflow.
enum class RunState {
  Queued,  // waits for its turn: the workflow runs often enough already
  Running,
  Success,
  Failed,
};

// One task in a run (with a map, one of its instances).
enum class TaskState {
  None,       // waits for other tasks
  Scheduled,  // may run; waits for a place in its pool
  Queued,     // has its place, was written down, and is about to be started
  Running,
  Success,
  Failed,
  Skipped,
  UpstreamFailed,   // will not run: what it waits for did not end as it needs
  UpForRetry,       // failed, and waits for its next attempt
  UpForReschedule,  // a wait that looks again later
  Deferred,         // waits without a place: for a person, another run, a time, an asset
  Removed,          // the workflow no longer has it
};

std::string_view to_string(RunState state);
std::string_view to_string(TaskState state);  // "upstream_failed"; None is "none"
std::optional<RunState> find_run_state(std::string_view text);
std::optional<TaskState> find_task_state(std::string_view text);

inline bool finished(RunState state) {
  return state == RunState::Success || state == RunState::Failed;
}
// Nothing more will come of it by itself.
inline bool finished(TaskState state) {
  return state == TaskState::Success || state == TaskState::Failed || state == TaskState::Skipped ||
         state == TaskState::UpstreamFailed || state == TaskState::Removed;
}
// It takes a place in its pool and counts to what runs at once.
inline bool holds_place(TaskState state) {
  return state == TaskState::Queued || state == TaskState::Running;
}

}  // namespace plumb::run
