// The comment that goes to the database with every statement of a node: dbt_project.yml's `query-comment`.
#pragma once

#include <string>

#include "transform/run_context.h"

namespace plumb::transform {

// Empty: no comment. By default {"app": "dbt", "dbt_version": …, "profile_name": …, "target_name": …, "node_id": …}.
std::string query_comment(RunContext& context, const project::Node& node);
// Does it go behind the statement?
bool comment_is_appended(const project::ProjectSettings& settings);

}  // namespace plumb::transform
