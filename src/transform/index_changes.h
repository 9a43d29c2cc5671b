// What changed of a materialized view: of Postgres' only its indexes can, without making it anew.
#pragma once

#include "jinja/jinja.h"

namespace plumb::transform {

// Relation.get_materialized_view_config_change_collection(described, model): `described` has the indexes that are there
// as rows of name, method, unique and column_names, `model` those that its config wants. Gives None, or
//     {indexes: [{action: 'drop', context: {name: …}}, {action: 'create', context: {as_node_config: {columns: …}}}],
//      requires_full_refresh: false}
jinja::Value index_changes(jinja::State& state, jinja::Arguments arguments);

}  // namespace plumb::transform
