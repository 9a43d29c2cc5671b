// Values of a database as templates see them: what stands in the rows of run_query().
//
// Whole numbers are ints, decimals and floats Decimals, dates and datetimes Python's; lists and structs are JSON, and
// what else there is, times of the day and intervals too, is text. So it is in dbt.
#pragma once

#include "data/data.h"
#include "jinja/jinja.h"

namespace plumb::transform {

jinja::Value template_value(const data::Column& column, std::size_t row);

}  // namespace plumb::transform
