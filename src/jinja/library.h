// The library that every template finds: filters, tests, globals, and the methods of Python's builtin types.
//
// Tables, not registration: an Environment asks them for what its host has not added itself. Behaviour, argument names
// and messages are Jinja2 3.1.6's and CPython 3.11's.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "jinja/object.h"

namespace plumb::jinja {

// A filter gets what it filters as the first positional argument; a test answers with a bool.
struct LibraryFunction {
  std::string_view name;
  Value (*function)(State& state, Arguments arguments);
};
// By name; made once and shared by all environments.
using Library = std::unordered_map<std::string_view, NativeFunction>;
const Library& builtin_filters();
const Library& builtin_tests();
// range, dict, lipsum, cycler, joiner, namespace.
std::span<const LibraryFunction> builtin_globals();

// The attributes of values that are no host objects: methods of str, list, dict, tuple, set, int, float, bool, and
// `real`, `imag` and the like. Nothing when the type has no such attribute. A method comes as a bound one.
std::optional<Value> find_builtin_attribute(State& state, const Value& value, std::string_view name);
// The same and called at once; nothing when there is no such method.
std::optional<Value> call_builtin_method(State& state, const Value& value, std::string_view name, Arguments arguments);

// `text % values`, Python's printf formatting; markup escapes its values.
Value format_printf(State& state, const Value& text, const Value& values);
// ast.literal_eval of a rendered text, as native types do it; nothing when it is no literal.
std::optional<Value> parse_literal(std::string_view text);

}  // namespace plumb::jinja
