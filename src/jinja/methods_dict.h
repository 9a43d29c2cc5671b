// What dict() and dict.update() share.
#pragma once

#include <string_view>

#include "jinja/object.h"

namespace plumb::jinja {

// Adds the entries of a mapping, or the pairs of an iterable.
void update_dict(State& state, Dict& into, const Value& from);
// As dict(...) and update(...): at most one argument by position, then the keywords.
void update_dict(State& state, Dict& into, std::string_view function, Arguments arguments);

}  // namespace plumb::jinja
