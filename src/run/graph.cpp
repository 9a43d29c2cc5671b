#include "run/graph.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/format.h"

namespace plumb::run {

namespace {

constexpr std::array<std::string_view, 12> kRuleNames = {
    "all_success", "all_failed", "all_done",    "all_done_min_one_success",    "all_skipped",  "one_success",
    "one_failed",  "one_done",   "none_failed", "none_failed_min_one_success", "none_skipped", "always",
};

// Kahn's order, which keeps to the order of writing; shorter than the tasks when they go round in a circle.
std::vector<std::size_t> order_of(const std::vector<std::vector<std::size_t>>& before,
                                  const std::vector<std::vector<std::size_t>>& following) {
  std::vector<std::size_t> waits, order;
  for (std::size_t i = 0; i < before.size(); ++i) {
    waits.push_back(before[i].size());
    if (waits[i] == 0) order.push_back(i);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (std::size_t next : following[order[at]]) {
      if (--waits[next] == 0) order.push_back(next);
    }
  }
  return order;
}

// Of tasks that are in a circle or behind one: a circle, "a -> b -> a". Every one of them waits for another of them, so
// going back long enough meets a task twice.
std::string circle_in(const std::vector<GraphTask>& tasks, const std::vector<std::vector<std::size_t>>& before,
                      const std::vector<std::size_t>& order) {
  std::vector<bool> free(tasks.size(), false);
  for (std::size_t task : order) free[task] = true;
  std::size_t at = static_cast<std::size_t>(std::find(free.begin(), free.end(), false) - free.begin());
  std::vector<std::size_t> path;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(before[at].begin(), before[at].end(), [&](std::size_t task) { return !free[task]; });
  }
  std::string text = tasks[at].id;
  for (std::size_t i = path.size(); i-- > 0;) {
    text += " -> " + tasks[path[i]].id;
    if (path[i] == at) break;
  }
  return text;
}

std::vector<std::size_t> reachable(std::vector<std::size_t> from, const std::vector<std::vector<std::size_t>>& edges) {
  std::vector<bool> seen(edges.size(), false);
  for (std::size_t task : from) seen[task] = true;
  std::vector<std::size_t> found;
  while (!from.empty()) {
    std::size_t task = from.back();
    from.pop_back();
    for (std::size_t next : edges[task]) {
      if (seen[next]) continue;
      seen[next] = true;
      found.push_back(next);
      from.push_back(next);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::string_view to_string(TriggerRule rule) {
  return kRuleNames[static_cast<std::size_t>(rule)];
}

std::optional<TriggerRule> find_trigger_rule(std::string_view text) {
  const auto* found = std::find(kRuleNames.begin(), kRuleNames.end(), text);
  if (found == kRuleNames.end()) return std::nullopt;
  return static_cast<TriggerRule>(found - kRuleNames.begin());
}

std::span<const std::string_view> trigger_rule_names() {
  return kRuleNames;
}

std::shared_ptr<const Graph> Graph::make(std::vector<GraphTask> tasks) {
  auto graph = std::make_shared<Graph>();
  graph->before_.resize(tasks.size());
  graph->following_.resize(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!graph->index_.emplace(tasks[i].id, i).second)
      throw Error(ErrorKind::Config, format("there are two tasks '{}'", tasks[i].id));
  }
  auto get = [&](const std::string& id, const std::string& who) {
    if (auto found = graph->find(id)) return *found;
    std::vector<std::string> names;
    names.reserve(tasks.size());
    for (const GraphTask& task : tasks) names.push_back(task.id);
    auto nearest = find_nearest(id, names);
    throw Error(ErrorKind::Config, format("'{}' comes after '{}', which is no task", who, id),
                {.hint = nearest.empty() ? "" : format("did you mean '{}'?", nearest)});
  };
  auto connect = [&](std::size_t first, std::size_t then) {
    auto& before = graph->before_[then];
    if (std::find(before.begin(), before.end(), first) != before.end()) return;
    before.push_back(first);
    graph->following_[first].push_back(then);
  };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (const std::string& id : tasks[i].after) connect(get(id, tasks[i].id), i);
    for (const std::string& id : tasks[i].teardown_of) connect(get(id, tasks[i].id), i);
  }
  graph->order_ = order_of(graph->before_, graph->following_);
  if (graph->order_.size() < tasks.size()) {
    throw Error(ErrorKind::Config, format("the tasks wait for each other in a circle: {}",
                                          circle_in(tasks, graph->before_, graph->order_)));
  }
  graph->tasks_ = std::move(tasks);
  return graph;
}

std::optional<std::size_t> Graph::find(std::string_view id) const {
  auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::size_t> Graph::all_after(std::vector<std::size_t> from) const {
  return reachable(std::move(from), following_);
}

std::vector<std::size_t> Graph::all_before(std::vector<std::size_t> from) const {
  return reachable(std::move(from), before_);
}

}  // namespace plumb::run
