// Every task counts how its forerunners' instances ended, so that its rule is judged from a few numbers; an instance
// that ends adds to the counts of the tasks after it, and only those are looked at.
#include <algorithm>

#include "run/graph.h"

namespace plumb::run {

namespace {

constexpr std::size_t at(int map_index) {
  return map_index < 0 ? 0 : static_cast<std::size_t>(map_index);
}

}  // namespace

Progress::Progress(std::shared_ptr<const Graph> graph) : graph_(std::move(graph)), nodes_(graph_->size()) {
  for (NodeProgress& node : nodes_) node.states = {TaskState::None};
}

void Progress::restore(Instance instance, TaskState state) {
  nodes_[instance.task].states.at(at(instance.map_index)) = state;
}

std::vector<Step> Progress::start() {
  started_ = true;
  open_ = 0;
  for (std::size_t task = 0; task < nodes_.size(); ++task) {
    NodeProgress& node = nodes_[task];
    node.open = static_cast<std::size_t>(
        std::count_if(node.states.begin(), node.states.end(), [](TaskState state) { return !run::finished(state); }));
    open_ += node.open;
    node.upstream = {};
    for (std::size_t before : graph_->before(task)) {
      node.upstream.total += nodes_[before].states.size();
      for (TaskState state : nodes_[before].states) node.upstream.add(state);
    }
  }
  return settle(graph_->order());
}

void Progress::Counts::add(TaskState state) {
  if (!run::finished(state)) return;
  ++done;
  if (state == TaskState::Success) ++success;
  if (state == TaskState::Failed) ++failed;
  if (state == TaskState::Skipped) ++skipped;
  if (state == TaskState::UpstreamFailed) ++upstream_failed;
}

// What the rule says about a task whose forerunners have come so far; nothing while it has to wait. As Airflow's: what
// can't be fulfilled any more is decided at once, without waiting for the rest.
std::optional<TaskState> Progress::judge(std::size_t task) const {
  if (graph_->task(task).teardown) return judge_teardown(task);
  const Counts& up = nodes_[task].upstream;
  const bool all_done = up.done == up.total;
  const std::size_t failures = up.failed + up.upstream_failed;
  constexpr auto run = TaskState::Scheduled;
  constexpr auto skip = TaskState::Skipped;
  constexpr auto fail = TaskState::UpstreamFailed;
  using Answer = std::optional<TaskState>;
  const Answer wait;
  if (up.total == 0) return run;
  switch (graph_->task(task).rule) {
    case TriggerRule::AllSuccess:
      return failures > 0 ? fail : up.skipped > 0 ? skip : all_done ? Answer(run) : wait;
    case TriggerRule::AllFailed:
      return up.success + up.skipped > 0 ? skip : all_done ? Answer(run) : wait;
    case TriggerRule::AllDone:
      return all_done ? Answer(run) : wait;
    case TriggerRule::AllDoneMinOneSuccess:
      return !all_done ? wait : up.success > 0 ? run : failures > 0 ? fail : skip;
    case TriggerRule::AllSkipped:
      return up.success + failures > 0 ? skip : all_done ? Answer(run) : wait;
    case TriggerRule::OneSuccess:
      return up.success > 0 ? Answer(run) : !all_done ? wait : failures > 0 ? fail : skip;
    case TriggerRule::OneFailed:
      return failures > 0 ? Answer(run) : all_done ? Answer(skip) : wait;
    case TriggerRule::OneDone:
      return up.success + up.failed > 0 ? Answer(run) : all_done ? Answer(skip) : wait;
    case TriggerRule::NoneFailed:
      return failures > 0 ? fail : all_done ? Answer(run) : wait;
    case TriggerRule::NoneFailedMinOneSuccess:
      return failures > 0 ? fail : !all_done ? wait : up.success > 0 ? run : skip;
    case TriggerRule::NoneSkipped:
      return up.skipped > 0 ? skip : all_done ? Answer(run) : wait;
    case TriggerRule::Always:
      return run;
  }
  return wait;
}

// It cleans up when something was set up, however the work between ended.
std::optional<TaskState> Progress::judge_teardown(std::size_t task) const {
  const Counts& up = nodes_[task].upstream;
  if (up.done < up.total) return std::nullopt;
  const auto& setups = graph_->task(task).teardown_of;
  if (setups.empty()) return TaskState::Scheduled;
  bool failed = false;
  for (const std::string& id : setups) {
    for (TaskState state : nodes_[*graph_->find(id)].states) {
      if (state == TaskState::Success) return TaskState::Scheduled;
      failed = failed || state == TaskState::Failed || state == TaskState::UpstreamFailed;
    }
  }
  return failed ? TaskState::UpstreamFailed : TaskState::Skipped;
}

void Progress::end(std::size_t task, TaskState& slot, TaskState state) {
  slot = state;
  --nodes_[task].open;
  --open_;
  for (std::size_t next : graph_->following(task)) nodes_[next].upstream.add(state);
}

std::vector<Step> Progress::settle(std::vector<std::size_t> touched) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    std::size_t task = touched[i];
    NodeProgress& node = nodes_[task];
    if (std::find(node.states.begin(), node.states.end(), TaskState::None) == node.states.end()) continue;
    std::optional<TaskState> decided = judge(task);
    if (!decided) continue;
    for (std::size_t k = 0; k < node.states.size(); ++k) {
      if (node.states[k] != TaskState::None) continue;
      steps.push_back({{task, node.expanded ? static_cast<int>(k) : -1}, *decided});
      if (run::finished(*decided)) {
        end(task, node.states[k], *decided);
      } else {
        node.states[k] = *decided;
      }
    }
    if (run::finished(*decided)) {
      const auto& following = graph_->following(task);
      touched.insert(touched.end(), following.begin(), following.end());
    }
  }
  return steps;
}

std::vector<Step> Progress::expand(std::size_t task, std::size_t count) {
  NodeProgress& node = nodes_[task];
  if (count == 0) return finish({task, -1}, TaskState::Skipped);
  node.expanded = true;
  if (!started_) {
    node.states.assign(count, TaskState::None);
    return {};
  }
  node.states.assign(count, TaskState::Scheduled);
  node.open += count - 1;
  open_ += count - 1;
  for (std::size_t next : graph_->following(task)) nodes_[next].upstream.total += count - 1;
  std::vector<Step> steps;
  for (std::size_t k = 0; k < count; ++k) steps.push_back({{task, static_cast<int>(k)}, TaskState::Scheduled});
  return steps;
}

std::vector<Step> Progress::finish(Instance instance, TaskState state, std::span<const std::size_t> skip) {
  TaskState& slot = nodes_[instance.task].states.at(at(instance.map_index));
  if (run::finished(slot)) return {};
  end(instance.task, slot, state);
  std::vector<std::size_t> touched;
  std::vector<Step> steps;
  for (std::size_t task : skip) {
    NodeProgress& node = nodes_[task];
    if (node.expanded || node.states.front() != TaskState::None) continue;
    steps.push_back({{task, -1}, TaskState::Skipped});
    end(task, node.states.front(), TaskState::Skipped);
    const auto& following = graph_->following(task);
    touched.insert(touched.end(), following.begin(), following.end());
  }
  const auto& following = graph_->following(instance.task);
  touched.insert(touched.end(), following.begin(), following.end());
  std::vector<Step> settled = settle(std::move(touched));
  steps.insert(steps.end(), settled.begin(), settled.end());
  return steps;
}

void Progress::note(Instance instance, TaskState state) {
  nodes_[instance.task].states.at(at(instance.map_index)) = state;
}

TaskState Progress::state_of(Instance instance) const {
  return nodes_[instance.task].states.at(at(instance.map_index));
}

std::size_t Progress::instances_of(std::size_t task) const {
  return nodes_[task].expanded ? nodes_[task].states.size() : 1;
}

RunState Progress::outcome() const {
  for (std::size_t task = 0; task < nodes_.size(); ++task) {
    if (graph_->task(task).teardown) continue;
    const auto& following = graph_->following(task);
    bool leaf =
        std::all_of(following.begin(), following.end(), [&](std::size_t next) { return graph_->task(next).teardown; });
    if (!leaf) continue;
    for (TaskState state : nodes_[task].states) {
      if (state == TaskState::Failed || state == TaskState::UpstreamFailed) return RunState::Failed;
    }
  }
  return RunState::Success;
}

}  // namespace plumb::run
