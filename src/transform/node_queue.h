// The order in which nodes run: each after those that it needs, as many at a time as there are threads.
//
// What was not chosen does not run, but what runs behind it still waits for what runs before it. In a build a node also
// waits for the tests of what it reads, and a model for its unit tests: those whose inputs are all behind it.
//
// Not for several threads at once: the Runner holds its lock when it asks.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "project/project.h"

namespace plumb::transform {

class NodeQueue {
 public:
  // `chosen`: unique ids. Ephemeral models among them do not run; `tests_block`: in a build.
  NodeQueue(const project::Manifest& manifest, const std::set<std::string>& chosen, bool tests_block);

  // How many run in all.
  std::size_t size() const { return nodes_.size(); }
  bool finished() const { return left_ == 0; }
  // A node that may run now, from the front; null when there is none at the moment.
  const project::Node* take();
  // It has ended: what waited for it alone may run.
  void done(const project::Node& node);
  // All that wait for it, directly or not, in order.
  std::vector<const project::Node*> successors(const project::Node& node) const;
  // All that run, in no particular order.
  std::vector<const project::Node*> nodes() const;
  // All nodes in an order in which they could run.
  std::vector<const project::Node*> plan() const;

 private:
  struct Entry {
    const project::Node* node = nullptr;
    std::vector<std::size_t> successors;
    std::size_t waits_for = 0;
    std::size_t height = 0;  // the longest chain behind it
  };
  void connect(const project::Manifest& manifest);
  void add_edge(std::size_t from, std::size_t to);
  bool precedes_model(const project::Node& node) const;
  void add_unit_test_edges();
  void add_test_edges(const project::Manifest& manifest);
  void measure_heights();

  std::vector<Entry> nodes_;
  std::map<std::string_view, std::size_t> places_;
  std::set<std::pair<std::size_t, std::size_t>> edges_;
  struct Later {
    const NodeQueue* queue;
    bool operator()(std::size_t a, std::size_t b) const;
  };
  std::set<std::size_t, Later> ready_{Later{this}};
  std::size_t left_ = 0;
};

}  // namespace plumb::transform
