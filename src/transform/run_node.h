// Runs one node: compiles it, calls its materialization (or counts a test's failures), and says what came of it.
#pragma once

#include <string>

#include "transform/compile.h"
#include "transform/results.h"
#include "transform/runner.h"

namespace plumb::transform {

// What goes wrong with the node becomes the result. Only Error(Cancelled) is thrown on.
// `progress` hears of batches.
RunResult run_node(RunContext& context, Compiler& compiler, const project::Node& node, Progress& progress);
// One model, or one batch of it.
RunResult run_model(RunContext& context, Compiler& compiler, const project::Node& node,
                    const Compiler::Options& options);
// Compiles only: of compile, show and docs.
RunResult compile_node(RunContext& context, Compiler& compiler, const project::Node& node);
// on-run-start and on-run-end. `names`: a dict of what they see beside other names.
RunResult run_hook(RunContext& context, Compiler& compiler, const project::Node& node, const jinja::Value& names);

// The macro of a materialization: of the adapter before the general one, the project's before packages' and dbt's own.
// CompilationError when there is none.
const project::CatalogMacro& find_materialization(const Invocation& invocation, const std::string& name);

// An error as dbt tells it: "Compilation Error in model orders (models/orders.sql)", what it is, where, and the chain
// of macros.
std::string describe_error(const Error& error, const project::Node& node, db::Kind engine);
// "macro 'dbt_macro__cents'" without the prefix that macros have inside.
std::string macros_as_written(std::string text);

// Measures the two steps of a result.
class StepTimer {
 public:
  StepTimer(RunResult& result, const Clock& clock, std::string_view name)
      : result_(result), clock_(clock), step_{name, clock.now(), {}} {}
  ~StepTimer() {
    step_.end = clock_.now();
    result_.timing.push_back(step_);
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  RunResult& result_;
  const Clock& clock_;
  Timing step_;
};

}  // namespace plumb::transform
