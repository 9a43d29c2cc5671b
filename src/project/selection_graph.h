// The enabled things of a manifest as a graph of numbers, for selection.
//
//     SelectionGraph graph(manifest);
//     NodeSet chosen = graph.ancestors(set, 2);
//
// A member is a node, source, exposure, metric, semantic model, saved query, unit test or function, with the fields
// that selectors ask for in one shape. It borrows from the manifest.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "project/manifest.h"

namespace plumb::project {

// A set of members, by number.
class NodeSet {
 public:
  explicit NodeSet(std::size_t size) : bits_(size, false) {}
  bool contains(std::size_t member) const { return bits_[member]; }
  void add(std::size_t member) { bits_[member] = true; }
  void add(const NodeSet& other);
  void keep(const NodeSet& other);    // what is in both
  void remove(const NodeSet& other);  // what is in the other
  bool empty() const;
  bool full() const;
  std::size_t size() const { return bits_.size(); }

 private:
  std::vector<bool> bits_;
};

struct Member {
  ResourceType type = ResourceType::Model;
  std::string_view unique_id, name, package;
  const Node* node = nullptr;  // one of these three
  const Source* source = nullptr;
  const Other* other = nullptr;
  const Origin& origin() const;
  const std::vector<std::string>& fqn() const;
  // The config dict; null when it has none.
  const jinja::Dict* config() const;
  std::vector<std::string> tags() const;
  // config.access and config.group; empty: not said.
  std::string_view config_text(std::string_view key) const;
};

class SelectionGraph {
 public:
  explicit SelectionGraph(const Manifest& manifest);

  std::size_t size() const { return members_.size(); }
  const Member& member(std::size_t index) const { return members_[index]; }
  const std::vector<Member>& members() const { return members_; }
  std::span<const std::uint32_t> parents(std::size_t index) const { return parents_[index]; }
  std::span<const std::uint32_t> children(std::size_t index) const { return children_[index]; }
  NodeSet empty() const { return NodeSet(size()); }
  // What lies above or below the set, at most `levels` steps away; without the set itself, unless it is reached.
  NodeSet ancestors(const NodeSet& set, std::optional<int> levels) const { return walk(set, levels, parents_); }
  NodeSet descendants(const NodeSet& set, std::optional<int> levels) const { return walk(set, levels, children_); }

 private:
  using Edges = std::vector<std::vector<std::uint32_t>>;
  NodeSet walk(const NodeSet& set, std::optional<int> levels, const Edges& edges) const;

  std::vector<Member> members_;
  Edges parents_, children_;
};

}  // namespace plumb::project
