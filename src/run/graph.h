// A graph of tasks, and how far a run of it has come: which task may start, which one never will, and what became of
// the whole. Pure arithmetic: nothing here starts anything, and a step costs as much as it changes.
//
//     auto graph = Graph::make({{.id = "a"}, {.id = "b", .after = {"a"}}});
//     Progress progress(graph);
//     for (Step step : progress.start()) …                     // a may run
//     for (Step step : progress.finish({0, -1}, TaskState::Success)) …   // b may run
//
// A task with a map stands for as many instances as its list turns out to have, known only when its turn comes: it
// becomes Scheduled once, with map_index -1, and expand() then says how many. Whoever waits for it waits for all.
//
// The rules (TriggerRule), setups and teardowns are Airflow's. A Graph never changes and may be shared; a Progress
// belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "run/states.h"

namespace plumb::run {

enum class TriggerRule {
  AllSuccess,
  AllFailed,
  AllDone,
  AllDoneMinOneSuccess,
  AllSkipped,
  OneSuccess,
  OneFailed,
  OneDone,
  NoneFailed,
  NoneFailedMinOneSuccess,
  NoneSkipped,
  Always,
};
std::string_view to_string(TriggerRule rule);  // "all_success"
std::optional<TriggerRule> find_trigger_rule(std::string_view text);
std::span<const std::string_view> trigger_rule_names();

struct GraphTask {
  std::string id;
  std::vector<std::string> after = {};
  TriggerRule rule = TriggerRule::AllSuccess;
  bool setup = false;
  // The setups that it cleans up after: it runs when those succeeded, however the work between them ended, and its own
  // end does not decide on the run.
  std::vector<std::string> teardown_of = {};
  bool teardown = false;
};

class Graph {
 public:
  // Throws Error(Config) for two tasks of one name, a task that is not there, and a circle (with its path).
  static std::shared_ptr<const Graph> make(std::vector<GraphTask> tasks);

  std::size_t size() const { return tasks_.size(); }
  const GraphTask& task(std::size_t index) const { return tasks_[index]; }
  std::optional<std::size_t> find(std::string_view id) const;
  const std::vector<std::size_t>& before(std::size_t index) const { return before_[index]; }
  const std::vector<std::size_t>& following(std::size_t index) const { return following_[index]; }
  // A valid order of work; of several, the order they were written in.
  const std::vector<std::size_t>& order() const { return order_; }
  // The tasks reachable from these, without them: what a clear takes along.
  std::vector<std::size_t> all_after(std::vector<std::size_t> from) const;
  std::vector<std::size_t> all_before(std::vector<std::size_t> from) const;

 private:
  std::vector<GraphTask> tasks_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::vector<std::size_t>> before_, following_;
  std::vector<std::size_t> order_;
};

// An instance of a task: map_index is -1 for one without a map, and for one whose map is not expanded yet.
struct Instance {
  std::size_t task = 0;
  int map_index = -1;
  bool operator==(const Instance&) const = default;
};

// What follows: this instance is Scheduled (may run), Skipped or UpstreamFailed from now on.
struct Step {
  Instance instance;
  TaskState state = TaskState::None;
  bool operator==(const Step&) const = default;
};

class Progress {
 public:
  explicit Progress(std::shared_ptr<const Graph> graph);

  const Graph& graph() const { return *graph_; }

  // Before start(): what is known of an earlier life. A map's instances are told by expand() first.
  void restore(Instance instance, TaskState state);
  // What may run at once, and what is decided without running.
  std::vector<Step> start();

  // The map of a task that was Scheduled has so many entries; none: it is skipped. Its instances are Scheduled.
  std::vector<Step> expand(std::size_t task, std::size_t count);
  // An instance has ended. `skip`: tasks directly after it that a branch did not choose.
  std::vector<Step> finish(Instance instance, TaskState state, std::span<const std::size_t> skip = {});
  // A state on the way (Running, Deferred, UpForRetry …): kept for state_of, decides nothing.
  void note(Instance instance, TaskState state);

  TaskState state_of(Instance instance) const;
  // 1 for a task without a map, and until it is expanded.
  std::size_t instances_of(std::size_t task) const;
  bool finished() const { return open_ == 0; }
  // Failed when a task without followers (teardowns left out) failed or could not run; else Success.
  RunState outcome() const;

 private:
  // How the instances before a task have ended.
  struct Counts {
    std::size_t total = 0, done = 0, success = 0, failed = 0, skipped = 0, upstream_failed = 0;
    void add(TaskState state);
  };
  struct NodeProgress {
    std::vector<TaskState> states;  // one, or the map's
    bool expanded = false;
    std::size_t open = 1;  // instances that are not finished
    Counts upstream;
  };

  void end(std::size_t task, TaskState& slot, TaskState state);
  // The steps that follow for those whose counts changed, until nothing changes any more.
  std::vector<Step> settle(std::vector<std::size_t> touched);
  std::optional<TaskState> judge(std::size_t task) const;
  std::optional<TaskState> judge_teardown(std::size_t task) const;

  std::shared_ptr<const Graph> graph_;
  std::vector<NodeProgress> nodes_;
  std::size_t open_ = 0;  // instances that are not finished
  bool started_ = false;
};

}  // namespace plumb::run
