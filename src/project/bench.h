// What a thread renders nodes with, and the queue that keeps two threads at it.
//
//     NodeQueue queue(parse);
//     for (const SourceFile& file : files) queue.add([&](Bench& bench) { return make_node(bench, file); });
//     queue.finish();
//
// Nodes are independent of each other until they are linked, so that each can be made by any thread. They are placed in
// the manifest in the order in which they were added, what their templates said is said in that order, and of several
// faults the first one's is thrown: nobody can tell how many threads there were.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "project/node_config.h"
#include "project/parse_context.h"

namespace plumb::project {

struct Parse;

// log(), print() and exceptions.warn() of a template.
struct Said {
  std::string text;
  Voice voice = Voice::Info;
  bool warning = false;
};

// One thread's.
struct Bench {
  Bench(const ProjectSettings& settings, const MacroCatalog& catalog);
  std::vector<Said> said;
  ParseContext context;
  NodeConfigs configs;
};

class NodeQueue {
 public:
  // Makes a node; what it refers to lives until the queue is finished.
  using Make = std::function<Node(Bench& bench)>;
  explicit NodeQueue(Parse& parse) : parse_(parse) {}
  void add(Make make);
  void finish();

 private:
  Parse& parse_;
  std::vector<Make> waiting_;
};

}  // namespace plumb::project
