// Foreign keys of a contract: `to: ref('customers')` as the relation that it means.
#pragma once

#include "transform/run_context.h"

namespace plumb::transform {

// Writes the relations into the `constraints` of the node's entry and of its columns. Lists that change are new ones:
// an entry shares them with the node.
void resolve_foreign_keys(RunContext& context, const project::Node& node, jinja::Dict& entry);

}  // namespace plumb::transform
