// A run that is not finished, as the loop holds it: its rows, how far its graph has come, and what is still to be
// written down.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jinja/jinja.h"
#include "run/run.h"
#include "store/store.h"
#include "workflow/definition.h"

namespace plumb::workflow {

// A task's instance: its row, and the attempt that is at work or came last.
struct TaskInstance {
  store::TaskRow row;
  std::optional<store::AttemptRow> attempt;
  jinja::Value item;         // of a map: its entry
  std::uint64_t flight = 0;  // of the attempt that is at work; 0: none
  int losses = 0;            // attempts that died with their server or engine
  bool holds_place = false;  // in its pool and its run
  bool dirty = false, attempt_dirty = false;
};

// A place in the order of what may start: the more urgent first, then the older run, then as the file has it.
struct ReadyKey {
  int urgency = 0;  // minus the priority
  Instant run_after;
  std::int64_t run = 0;
  std::size_t task = 0;
  int map_index = -1;
  auto operator<=>(const ReadyKey&) const = default;
};
using ReadySet = std::set<ReadyKey>;

struct ActiveRun {
  ActiveRun(store::RunRow run_row, std::shared_ptr<const Workflow> definition);

  TaskInstance& at(run::Instance instance);
  const Task& task(run::Instance instance) const { return workflow->tasks[instance.task]; }
  // The rows of a task whose map has turned out to have so many entries.
  void expand(std::size_t task, const std::vector<jinja::Value>& items);
  store::TaskRow fresh_row(std::size_t task, int map_index) const;
  void put_value(std::string_view task, int map_index, std::string_view key, const jinja::Value& value);
  // "each[3]", as messages name an instance.
  std::string name_of(run::Instance instance) const;

  store::RunRow row;
  std::shared_ptr<const Workflow> workflow;
  run::Progress progress;
  std::vector<std::vector<TaskInstance>> tasks;  // by task, then by entry of its map
  jinja::Value values = jinja::Value::dict();    // what tasks left: {task: {key: value}}, of a map {task: [{…}, …]}
  std::map<std::string, jinja::Value, std::less<>> map_items;  // what the maps turned out to be
  jinja::Value params;
  std::string cancelled;  // why; empty: it is not
  int places = 0;         // instances that hold one
  ReadySet parked;        // may start, but enough of this run are at work
  bool dirty = true;
  std::vector<run::Instance> dirty_tasks;  // each once
};

}  // namespace plumb::workflow
