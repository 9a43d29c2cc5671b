// Runs the nodes that were chosen: what `plumb run`, `build`, `test`, `seed`, `snapshot` and `compile` have in common.
//
//     Invocation invocation(settings, manifest, warehouse, clock);
//     Runner runner(invocation, progress);
//     Outcome outcome = runner.run(chosen, {.kind = RunKind::Build, .threads = 4});
//
// First the schemas are made and on-run-start runs, on the caller's thread. Then the nodes, each on one of the threads
// with its own Session and RunContext; what fails skips its successors, the rest goes on. At the end on-run-end sees
// the results. A stop (Ctrl-C) cancels the statements that run; what has not begun is left out, and the outcome says
// so.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "transform/node_queue.h"
#include "transform/results.h"

namespace plumb::transform {

enum class RunKind : std::uint8_t { Run, Build, Test, Seed, Snapshot, Compile, Freshness, Clone };

// Is told how it goes, one call at a time; of batches from several threads.
class Progress {
 public:
  virtual ~Progress() = default;
  struct Step {
    std::size_t index = 0, total = 0;  // from 1
  };
  virtual void concurrency(int threads) = 0;
  virtual void started(const project::Node& node, Step step) = 0;
  virtual void finished(const RunResult& result, Step step) = 0;
  virtual void started(const project::Source&, Step) {}
  // Of a microbatch model; the result is null for one that was left out.
  virtual void batch_started(const project::Node&, const std::string&, Step) {}
  virtual void batch(const project::Node&, const std::string&, Step, const RunResult*) {}
  // A line that says nothing: dbt has some between the parts.
  virtual void gap() = 0;
};

struct RunSettings {
  RunKind kind = RunKind::Run;
  int threads = 1;
  bool fail_fast = false;
  bool hooks = true;  // on-run-start and on-run-end
};

struct Outcome {
  std::vector<RunResult> results;  // in the order in which they ended
  bool cancelled = false;
  double seconds = 0;
  bool successful() const;
};

class Runner {
 public:
  Runner(Invocation& invocation, Compiler& compiler, Progress& progress)
      : invocation_(invocation), compiler_(compiler), progress_(progress) {}

  Outcome run(const std::set<std::string>& chosen, const RunSettings& settings);
  // How old sources are, between the hooks.
  Outcome run_freshness(const std::vector<const project::Source*>& sources, const RunSettings& settings);

 private:
  class Pool;
  friend class Pool;
  void prepare_schemas(RunContext& context, const NodeQueue& queue, const RunSettings& settings);
  void measure_sources(const std::vector<const project::Source*>& sources, int threads, Outcome& outcome);
  bool run_hooks(RunContext& context, std::string_view when, Outcome& outcome);
  void compile_ephemerals(RunContext& context, const std::set<std::string>& chosen, Outcome& outcome);

  Invocation& invocation_;
  Compiler& compiler_;
  Progress& progress_;
};

}  // namespace plumb::transform
