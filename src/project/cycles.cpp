// Nodes that wait for each other can't be built. dbt says so when it builds; here it is said when the project is read.
#include <algorithm>
#include <unordered_map>

#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

namespace {

// Edges from what is depended on to what depends on it, by position. Tests are left out: nothing waits for them.
struct Graph {
  std::vector<const Node*> nodes;
  std::vector<std::vector<std::uint32_t>> children;
};

Graph graph_of(const Manifest& manifest) {
  Graph graph;
  std::unordered_map<std::string_view, std::uint32_t> positions;
  for (const Node& node : manifest.nodes) {
    if (node.type == ResourceType::Test || node.type == ResourceType::UnitTest) continue;
    positions.emplace(node.unique_id, static_cast<std::uint32_t>(graph.nodes.size()));
    graph.nodes.push_back(&node);
  }
  graph.children.resize(graph.nodes.size());
  for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& parent : graph.nodes[i]->depends_on.nodes) {
      if (auto found = positions.find(parent); found != positions.end()) graph.children[found->second].push_back(i);
    }
  }
  return graph;
}

// The nodes of a cycle, each a child of the one before it, and the first of the last; empty: there is none. What a walk
// meets on its own way is a cycle; what it has left behind leads to none.
class CycleSearch {
 public:
  explicit CycleSearch(const Graph& graph) : graph_(graph), left_(graph.nodes.size()), place_(graph.nodes.size(), -1) {}

  std::vector<std::uint32_t> find() {
    for (std::uint32_t start = 0; start < graph_.nodes.size(); ++start) {
      if (left_[start]) continue;
      enter(start);
      while (!way_.empty()) {
        Step& step = way_.back();
        const auto& children = graph_.children[step.node];
        if (step.next == children.size()) {
          leave();
          continue;
        }
        std::uint32_t child = children[step.next++];
        if (place_[child] >= 0) return cycle_from(static_cast<std::size_t>(place_[child]));
        if (!left_[child]) enter(child);
      }
    }
    return {};
  }

 private:
  struct Step {
    std::uint32_t node;
    std::size_t next = 0;
  };
  void enter(std::uint32_t node) {
    place_[node] = static_cast<int>(way_.size());
    way_.push_back({node});
  }
  void leave() {
    std::uint32_t node = way_.back().node;
    place_[node] = -1;
    left_[node] = true;
    way_.pop_back();
  }
  std::vector<std::uint32_t> cycle_from(std::size_t begin) const {
    std::vector<std::uint32_t> cycle;
    for (std::size_t i = begin; i < way_.size(); ++i) cycle.push_back(way_[i].node);
    return cycle;
  }

  const Graph& graph_;
  std::vector<bool> left_;
  std::vector<int> place_;  // on the way, or -1
  std::vector<Step> way_;
};

// Where a node's text names another one: ref('orders'). Its beginning, when a macro does it.
Place place_of_call(const Node& from, const Node& to) {
  std::string_view code = from.raw_code;
  Place place{.file = from.origin.path, .line = from.origin.line, .column = from.origin.column};
  for (std::size_t at = code.find(to.name); at != std::string_view::npos; at = code.find(to.name, at + 1)) {
    auto is_quote = [](char c) { return c == '\'' || c == '"'; };
    std::size_t end = at + to.name.size();
    if (at == 0 || end == code.size() || !is_quote(code[at - 1]) || !is_quote(code[end])) continue;
    std::size_t line_begin = code.rfind('\n', at) + 1;  // npos + 1 is 0
    place.line += static_cast<int>(std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    place.column = (line_begin == 0 ? from.origin.column : 1) +
                   static_cast<int>(count_characters(code.substr(line_begin, at - 1 - line_begin)));
    std::string_view line = code.substr(line_begin);
    if (line_begin != 0 || from.origin.column == 1) place.source_line = line.substr(0, line.find_first_of("\r\n"));
    return place;
  }
  return place;
}

}  // namespace

void expect_no_cycles(const Manifest& manifest) {
  Graph graph = graph_of(manifest);
  std::vector<std::uint32_t> cycle = CycleSearch(graph).find();
  if (cycle.empty()) return;
  // dbt begins with the second one.
  std::string ids, story;
  Place first;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const Node& parent = *graph.nodes[cycle[i]];
    const Node& child = *graph.nodes[cycle[(i + 1) % cycle.size()]];
    Place place = place_of_call(child, parent);
    ids += (i == 0 ? "" : " --> ") + child.unique_id;
    story +=
        format("{}{} refers to '{}' in {}:{}", i == 0 ? "" : ", ", child.name, parent.name, place.file, place.line);
    if (i == 0) first = std::move(place);
  }
  throw Error(ErrorKind::Config, "Found a cycle: " + ids, {.place = std::move(first), .hint = std::move(story)});
}

}  // namespace plumb::project
