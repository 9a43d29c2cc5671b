// The comment that goes to the database with every statement of a node: dbt_project.yml's `query-comment`.
#pragma once

#include "transform/run_context.h"

namespace plumb::transform {

// Sets it for what the context's session sends from here on, before each statement or behind it. By default
// {"app": "dbt", "dbt_version": …, "profile_name": …, "target_name": …, "node_id": …}.
void comment_statements(RunContext& context, const project::Node& node);
// For what no node asks: "connection_name": "master" in place of the node.
void comment_statements(RunContext& context);

}  // namespace plumb::transform
