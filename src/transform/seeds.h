// What a seed's materialization finds beside other names: the rows of its file.
#pragma once

#include "transform/run_context.h"

namespace plumb::transform {

// load_agate_table(), for the node that the context has begun with.
void add_seed_functions(RunContext& context, const project::Node& seed);

}  // namespace plumb::transform
