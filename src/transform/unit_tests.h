// Unit tests: a model's SQL over given rows, compared with expected ones.
//
// Each input becomes a CTE of literal rows that stands where the model's ref() or source() stood; the columns' types
// are asked of the real relation. The materialization `unit` then selects actual and expected rows side by side, and
// they are compared here, in any order.
#pragma once

#include "transform/compile.h"
#include "transform/results.h"

namespace plumb::transform {

// Compiles and runs the unit test that is the result's node. Throws what dbt would end it with.
void run_unit_test(RunResult& result, RunContext& context, Compiler& compiler);

// Actual and expected rows as a table of differences; empty when they are the same rows. Columns are all but
// `actual_or_expected`:
//
//     @@,id,name
//     →,1→2,Ada       a row that differs in its id: 1 was expected
//     +++,3,Bob       a row more
//     ---,4,Eve       a row less
std::string row_differences(jinja::State& state, const TableData& rows);

}  // namespace plumb::transform
