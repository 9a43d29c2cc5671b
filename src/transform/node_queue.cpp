#include "transform/node_queue.h"

#include <algorithm>
#include <unordered_map>

namespace plumb::transform {

using project::Manifest;
using project::Node;
using project::ResourceType;

// Longer chains first, so that they don't end last; tests before models, which wait for them; then by name.
bool NodeQueue::Later::operator()(std::size_t a, std::size_t b) const {
  const Entry& left = queue->nodes_[a];
  const Entry& right = queue->nodes_[b];
  if (left.height != right.height) return left.height > right.height;
  return left.node->unique_id < right.node->unique_id;
}

NodeQueue::NodeQueue(const Manifest& manifest, const std::set<std::string>& chosen, bool tests_block) {
  for (const Node& node : manifest.nodes) {
    bool runs = node.type != ResourceType::Operation && !node.ephemeral() && chosen.contains(node.unique_id);
    if (!runs) continue;
    places_[node.unique_id] = nodes_.size();
    nodes_.push_back({.node = &node});
  }
  connect(manifest);
  if (tests_block) {
    add_test_edges(manifest);
    add_unit_test_edges();
  }
  measure_heights();
  left_ = nodes_.size();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].waits_for == 0) ready_.insert(i);
  }
}

void NodeQueue::add_edge(std::size_t from, std::size_t to) {
  if (from == to || !edges_.emplace(from, to).second) return;
  nodes_[from].successors.push_back(to);
  ++nodes_[to].waits_for;
}

bool NodeQueue::precedes_model(const Node& node) const {
  const auto& models = node.depends_on.nodes;
  return node.type == ResourceType::UnitTest &&
         std::any_of(models.begin(), models.end(), [&](const std::string& model) { return places_.contains(model); });
}

// From each node up to the nearest ones that run, through those that do not.
void NodeQueue::connect(const Manifest& manifest) {
  std::unordered_map<std::string_view, std::vector<std::size_t>> nearest;  // of what does not run
  auto find = [&](auto&& self, const std::string& id) -> const std::vector<std::size_t>& {
    if (auto known = nearest.find(id); known != nearest.end()) return known->second;
    std::vector<std::size_t> found;
    if (auto parents = manifest.parents.find(id); parents != manifest.parents.end()) {
      for (const std::string& parent : parents->second) {
        if (auto place = places_.find(parent); place != places_.end()) {
          found.push_back(place->second);
          continue;
        }
        const auto& above = self(self, parent);
        found.insert(found.end(), above.begin(), above.end());
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return nearest[id] = std::move(found);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (precedes_model(*nodes_[i].node)) continue;
    for (std::size_t parent : find(find, nodes_[i].node->unique_id)) add_edge(parent, i);
  }
}

// A node waits for a test when all that the test reads is behind the node. The first such nodes on each path are
// enough: the others wait for these.
void NodeQueue::add_test_edges(const Manifest& manifest) {
  auto is_test = [](const std::string& id) { return id.starts_with("test.") || id.starts_with("unit_test."); };
  std::unordered_map<std::string_view, std::set<std::string>> descendants;
  auto below = [&](const std::string& id) -> const std::set<std::string>& {
    auto [entry, fresh] = descendants.try_emplace(id);
    if (!fresh) return entry->second;
    std::vector<const std::string*> todo{&id};
    std::set<std::string> found;
    while (!todo.empty()) {
      const std::string* next = todo.back();
      todo.pop_back();
      auto children = manifest.children.find(*next);
      if (children == manifest.children.end()) continue;
      for (const std::string& child : children->second) {
        if (!is_test(child) && found.insert(child).second) todo.push_back(&child);
      }
    }
    return descendants[id] = std::move(found);
  };
  auto block = [&](std::size_t test, const std::string& id) {
    if (auto place = places_.find(id); place != places_.end()) add_edge(test, place->second);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].node->type != ResourceType::Test) continue;
    const auto& reads = nodes_[i].node->depends_on.nodes;
    if (reads.empty()) continue;
    // Each of what it reads may run through nodes that were not chosen: so all below wait, not only the nearest.
    std::set<std::string> common = below(reads.front());
    for (std::size_t r = 1; r < reads.size(); ++r) {
      const auto& other = below(reads[r]);
      std::erase_if(common, [&](const std::string& id) { return !other.contains(id); });
    }
    for (const std::string& id : common) {
      auto parents = manifest.parents.find(id);
      bool first = true;
      if (parents != manifest.parents.end()) {
        for (const std::string& parent : parents->second) {
          if (common.contains(parent) && places_.contains(parent)) first = false;
        }
      }
      if (first) block(i, id);
    }
  }
}

// A unit test stands right before its model: it waits for what the model waits for, and the model for it.
void NodeQueue::add_unit_test_edges() {
  std::unordered_map<std::size_t, std::vector<std::size_t>> predecessors;
  for (const auto& [from, to] : edges_) predecessors[to].push_back(from);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!precedes_model(*nodes_[i].node)) continue;
    for (const std::string& model : nodes_[i].node->depends_on.nodes) {
      auto place = places_.find(model);
      if (place == places_.end()) continue;
      for (std::size_t predecessor : predecessors[place->second]) add_edge(predecessor, i);
      add_edge(i, place->second);
    }
  }
}

void NodeQueue::measure_heights() {
  std::vector<std::size_t> order, waits(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    waits[i] = nodes_[i].waits_for;
    if (waits[i] == 0) order.push_back(i);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (std::size_t successor : nodes_[order[next]].successors) {
      if (--waits[successor] == 0) order.push_back(successor);
    }
  }
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    for (std::size_t successor : nodes_[*i].successors) {
      nodes_[*i].height = std::max(nodes_[*i].height, nodes_[successor].height + 1);
    }
  }
}

const Node* NodeQueue::take() {
  if (ready_.empty()) return nullptr;
  std::size_t first = *ready_.begin();
  ready_.erase(ready_.begin());
  return nodes_[first].node;
}

void NodeQueue::done(const Node& node) {
  --left_;
  std::size_t place = places_.at(node.unique_id);
  for (std::size_t successor : nodes_[place].successors) {
    if (--nodes_[successor].waits_for == 0) ready_.insert(successor);
  }
}

std::vector<const Node*> NodeQueue::successors(const Node& node) const {
  std::vector<std::size_t> todo{places_.at(node.unique_id)};
  std::vector<bool> seen(nodes_.size());
  std::vector<const Node*> found;
  for (std::size_t next = 0; next < todo.size(); ++next) {
    for (std::size_t successor : nodes_[todo[next]].successors) {
      if (seen[successor]) continue;
      seen[successor] = true;
      todo.push_back(successor);
      found.push_back(nodes_[successor].node);
    }
  }
  return found;
}

std::vector<const Node*> NodeQueue::nodes() const {
  std::vector<const Node*> all;
  all.reserve(nodes_.size());
  for (const Entry& entry : nodes_) all.push_back(entry.node);
  return all;
}

std::vector<const Node*> NodeQueue::plan() const {
  NodeQueue walk(*this);
  walk.ready_ = std::set<std::size_t, Later>(ready_.begin(), ready_.end(), Later{&walk});
  std::vector<const Node*> order;
  while (const Node* node = walk.take()) {
    order.push_back(node);
    walk.done(*node);
  }
  return order;
}

}  // namespace plumb::transform
