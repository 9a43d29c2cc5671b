// Microbatch models: an incremental model that is built a span of time after the other.
//
// Each batch is the whole model over the rows of its hour, day, month or year: inputs that have an `event_time` are
// narrowed to it, and its rows take the place of those that were there. The first batch of a new table makes it.
#pragma once

#include <functional>
#include <vector>

#include "transform/compile.h"
#include "transform/results.h"
#include "transform/runner.h"

namespace plumb::transform {

bool is_microbatch(const project::Node& node);

// From --event-time-start, else from `begin` of a new table or from `lookback` batches ago, until --event-time-end or
// now; whole batches but for the last. Throws CompilationError where the configuration lacks what it takes.
std::vector<BatchWindow> batches_of(jinja::State& state, const project::Node& node, const Invocation& invocation,
                                    bool incremental);

// Compiles and runs all batches. One that fails does not keep the next ones from running, but for the first of a new
// table; partial success is what that is called.
void run_microbatch(RunResult& result, RunContext& context, Compiler& compiler, Progress& progress);

// The span that --sample names: "3 days", or {start, end}. Nothing: there is no --sample.
std::optional<BatchWindow> sample_window(const Invocation& invocation);

}  // namespace plumb::transform
