// The methods of str that need more than a line. Inside the library; methods_string.cpp has the table of all.
#pragma once

#include <string>

#include "jinja/object.h"

namespace plumb::jinja {

// ---- methods_string_search.cpp: where something is, and cutting there
Value str_count(State& state, const Value& self, Arguments arguments);
Value str_endswith(State& state, const Value& self, Arguments arguments);
Value str_find(State& state, const Value& self, Arguments arguments);
Value str_index(State& state, const Value& self, Arguments arguments);
Value str_partition(State& state, const Value& self, Arguments arguments);
Value str_replace(State& state, const Value& self, Arguments arguments);
Value str_rfind(State& state, const Value& self, Arguments arguments);
Value str_rindex(State& state, const Value& self, Arguments arguments);
Value str_rpartition(State& state, const Value& self, Arguments arguments);
Value str_rsplit(State& state, const Value& self, Arguments arguments);
Value str_split(State& state, const Value& self, Arguments arguments);
Value str_splitlines(State& state, const Value& self, Arguments arguments);
Value str_startswith(State& state, const Value& self, Arguments arguments);

// ---- methods_string_shape.cpp: filling, joining, exchanging characters
Value str_center(State& state, const Value& self, Arguments arguments);
Value str_encode(State& state, const Value& self, Arguments arguments);
Value str_expandtabs(State& state, const Value& self, Arguments arguments);
Value str_join(State& state, const Value& self, Arguments arguments);
Value str_ljust(State& state, const Value& self, Arguments arguments);
Value str_maketrans(State& state, const Value& self, Arguments arguments);
Value str_rjust(State& state, const Value& self, Arguments arguments);
Value str_translate(State& state, const Value& self, Arguments arguments);
Value str_zfill(State& state, const Value& self, Arguments arguments);

// ---- format_fields.cpp
Value str_format(State& state, const Value& self, Arguments arguments);
Value str_format_map(State& state, const Value& self, Arguments arguments);

}  // namespace plumb::jinja
