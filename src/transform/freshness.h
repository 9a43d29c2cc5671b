// Source freshness: how old the newest row of a source is, against what its properties allow.
#pragma once

#include "transform/results.h"
#include "transform/run_context.h"
#include "transform/runner.h"

namespace plumb::transform {

// Does anybody want to know? Sources without warn_after, error_after or a way to tell are passed over.
bool has_freshness(const project::Source& source);

// Asks one source. What goes wrong becomes the result: "runtime error".
RunResult measure_freshness(RunContext& context, const project::Source& source);

}  // namespace plumb::transform
