// Compiles nodes: a node's templates become the SQL that the database is asked for.
//
// What an ephemeral model says is put in front of the SQL of those who read it, as common table expressions, in the
// order in which they read one another. Each ephemeral model is compiled once for all its readers.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "transform/ctes.h"
#include "transform/run_context.h"

namespace plumb::transform {

// The type() of the Error for a node that reads an ephemeral model that does not compile.
inline constexpr std::string_view kEphemeralFault = "EphemeralCompilationError";

struct CompiledNode {
  std::string code;      // what runs
  std::string own_code;  // without the CTEs
  struct Part {
    std::string unique_id;
    Cte cte;
  };
  std::vector<Part> ctes;
};
using CompiledPtr = std::shared_ptr<const CompiledNode>;

// Any thread may use it, each with a context of its own.
class Compiler {
 public:
  // Further names and rules for one node.
  struct Options {
    const BatchWindow* batch = nullptr;
    const StandIns* stand_ins = nullptr;
    jinja::Value names = {};   // a dict of further names
    jinja::Value macros = {};  // a dict of functions that go before macros
    bool write = true;         // to target/compiled
  };
  // Afterwards the context is the node's, and knows the code. Throws what is wrong in the template.
  CompiledPtr compile(RunContext& context, const project::Node& node, const Options& options);
  CompiledPtr compile(RunContext& context, const project::Node& node) { return compile(context, node, Options()); }

  // What was compiled so far; null: not this one.
  CompiledPtr find(std::string_view unique_id) const;
  // Whether it is an ephemeral model that could not be compiled for one that reads it.
  bool failed(std::string_view unique_id) const;

 private:
  static void begin(RunContext& context, const project::Node& node, const Options& options);
  CompiledPtr compile_parent(RunContext& context, const project::Node& parent, const Options& options);
  void add_parents(RunContext& context, const std::vector<const project::Node*>& parents, const Options& options,
                   CompiledNode& into);

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, CompiledPtr, std::less<>> compiled_;
  std::set<std::string, std::less<>> failed_;
};

}  // namespace plumb::transform
