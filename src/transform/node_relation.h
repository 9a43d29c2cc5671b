// The relations of nodes and sources: what `this`, ref() and source() stand for when SQL is made.
#pragma once

#include "project/project.h"
#include "transform/relation.h"

namespace plumb::transform {

// Of a model, seed or snapshot; `quoting` is the project's, over which goes the node's own.
jinja::Ref<Relation> relation_of(const project::Node& node, db::Kind engine, RelationPolicy quoting = {});
// Of a source. On DuckDB one with an external_location (in its config or meta) is the reading of that file:
//
//     meta: {external_location: "lake/{name}.parquet"}      'lake/orders.parquet'
jinja::Ref<Relation> relation_of(const project::Source& source, db::Kind engine, RelationPolicy quoting = {});

}  // namespace plumb::transform
