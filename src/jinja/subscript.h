// Python's own x.name, x[key] and ascii(x), where Jinja2's lookups do not come between: what format strings use.
#pragma once

#include <string>
#include <string_view>

#include "jinja/object.h"

namespace plumb::jinja {

// AttributeError "'int' object has no attribute 'x'".
Value attribute(State& state, const Value& value, std::string_view name);
// KeyError, IndexError, or TypeError "'int' object is not subscriptable".
Value subscript(State& state, const Value& value, const Value& key);
// repr() with escapes for what is not ASCII.
std::string ascii(State& state, const Value& value);

}  // namespace plumb::jinja
