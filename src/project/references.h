// What ref(), source() and function() mean: the node or the source of a name.
//
// Nodes of the project go before those of the package that asks, and these before all others; with a package in the
// call it is that one's. A versioned model is found by its version, without one by its latest.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "project/manifest.h"

namespace plumb::project {

// Whether ref() can mean it: a model, a seed, a snapshot.
bool can_be_referred_to(const Node& node);

// Looks into lists that outlive it and don't change. Any thread may ask.
class References {
 public:
  References(const std::vector<Node>& nodes, const std::vector<Source>& sources, std::string root_package);

  // Null when there is none.
  const Node* find(const RefCall& ref, std::string_view from_package) const;
  const Source* find(const SourceCall& call, std::string_view from_package) const;
  // function('name'), function('package', 'name').
  const Node* find_function(const std::vector<std::string>& call, std::string_view from_package) const;

 private:
  const std::string root_;
  std::unordered_map<std::string_view, std::vector<const Node*>> nodes_;  // by name
  std::unordered_map<std::string_view, std::vector<const Node*>> functions_;
  std::unordered_map<std::string, std::vector<const Source*>> sources_;  // by "source.table"
};

}  // namespace plumb::project
