#include "run/states.h"

#include <array>
#include <utility>

namespace plumb::run {

namespace {

constexpr std::array<std::pair<RunState, std::string_view>, 4> kRunStates = {{
    {RunState::Queued, "queued"},
    {RunState::Running, "running"},
    {RunState::Success, "success"},
    {RunState::Failed, "failed"},
}};

constexpr std::array<std::pair<TaskState, std::string_view>, 12> kTaskStates = {{
    {TaskState::None, "none"},
    {TaskState::Scheduled, "scheduled"},
    {TaskState::Queued, "queued"},
    {TaskState::Running, "running"},
    {TaskState::Success, "success"},
    {TaskState::Failed, "failed"},
    {TaskState::Skipped, "skipped"},
    {TaskState::UpstreamFailed, "upstream_failed"},
    {TaskState::UpForRetry, "up_for_retry"},
    {TaskState::UpForReschedule, "up_for_reschedule"},
    {TaskState::Deferred, "deferred"},
    {TaskState::Removed, "removed"},
}};

template <class Table, class State>
std::string_view name_in(const Table& table, State state) {
  for (const auto& [known, name] : table) {
    if (known == state) return name;
  }
  return {};
}

template <class State, class Table>
std::optional<State> find_in(const Table& table, std::string_view text) {
  for (const auto& [state, name] : table) {
    if (name == text) return state;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(RunState state) {
  return name_in(kRunStates, state);
}

std::string_view to_string(TaskState state) {
  return name_in(kTaskStates, state);
}

std::optional<RunState> find_run_state(std::string_view text) {
  return find_in<RunState>(kRunStates, text);
}

std::optional<TaskState> find_task_state(std::string_view text) {
  return find_in<TaskState>(kTaskStates, text);
}

}  // namespace plumb::run
