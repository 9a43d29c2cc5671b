// Native rendering: values instead of text (jinja2.nativetypes).
#pragma once

#include "jinja/state.h"

namespace plumb::jinja {

// What a template has written, as one value: a single piece that is no text is itself; all else is joined as text and,
// if that is a literal of Python's, read as one.
Value join_native(State& state, std::vector<Value> pieces);

}  // namespace plumb::jinja
