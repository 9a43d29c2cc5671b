// The methods of selectors: which members of the graph `tag:daily` means, before graph operators and tests.
#pragma once

#include "project/selection.h"
#include "project/selection_graph.h"

namespace plumb::project {

// Throws Error(Usage) for values that the method does not know, and for state and results that are not there.
NodeSet match(const Criterion& criterion, const SelectionGraph& graph, const SelectionContext& context,
              const Manifest& manifest);

}  // namespace plumb::project
