// catalog.json: the tables and columns that the database has for a project's nodes and sources.
#pragma once

#include <string>

#include "transform/results.h"
#include "transform/run_context.h"

namespace plumb::transform {

// Asks the macro get_catalog for each database that the project is in; an empty one asks nobody.
// https://schemas.getdbt.com/dbt/catalog/v1.json
std::string catalog_json(RunContext& context, const RunResultsMetadata& metadata, bool empty = false);

}  // namespace plumb::transform
