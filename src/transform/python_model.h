// Models in Python: `def model(dbt, session)`, as dbt-duckdb has them.
//
// They run in an interpreter of the user's, which PLUMB_PYTHON names (python3 where it says nothing) and which has
// DuckDB's package for Python. A DuckDB file has one owner at a time, and that is us; so what the model reads goes over
// to it as Parquet files, and what it returns (a relation of DuckDB's, a frame of pandas or polars, a table of Arrow)
// comes back as one. In the model, `session` is therefore a database of its own, in memory.
#pragma once

#include <string>

#include "transform/run_context.h"

namespace plumb::transform {

// The model's code, and behind it what `dbt` is there.
std::string python_script(RunContext& context, const project::Node& node);

// Runs a script that ends with what a materialization made of the model; its table is there afterwards. Throws
// DbtRuntimeError with Python's own words.
void run_python(RunContext& context, const project::Node& node, const std::string& script);

}  // namespace plumb::transform
