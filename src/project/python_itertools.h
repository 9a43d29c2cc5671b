// Python's itertools as functions that give lazy iterators; those that dbt has.
//
// Inside the room; its door is modules.h.
#pragma once

#include "project/python_object.h"

namespace plumb::project::python {

// The module as a dict.
Value itertools_module();

}  // namespace plumb::project::python
