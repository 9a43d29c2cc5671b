// The globals that have a file of their own, and what they share.
#pragma once

#include "jinja/library.h"
#include "jinja/object.h"

namespace plumb::jinja {

Value make_range(State& state, Arguments arguments);
Value make_lipsum(State& state, Arguments arguments);
Value make_cycler(State& state, Arguments arguments);
Value make_joiner(State& state, Arguments arguments);
// namespace(): the only object whose attributes `{% set ns.x = … %}` may set.
Value make_namespace(State& state, Arguments arguments);
// The dict of them; null for anything else.
const Value* find_namespace_attributes(const Value& value);
// dict(): of a mapping or of pairs, and of keywords.
Value make_dict(State& state, Arguments arguments);

// A global as a value: a class of Python's, or the one function among them.
Value make_global(const LibraryFunction& global);

}  // namespace plumb::jinja
