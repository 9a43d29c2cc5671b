// YAML and JSON as values: how a context comes out of a file.
#pragma once

#include "base/document.h"
#include "jinja/value.h"

namespace plumb::jinja {

// As Python's json reads it: whole numbers of any size, floats to the last digit, maps in their order. A missing node
// is None. What YAML calls a number in its own way (0x1F, 1:30, .inf) is read as YAML means it.
Value to_value(const Node& node);

}  // namespace plumb::jinja
