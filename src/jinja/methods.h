// How the methods of builtin types are told: tables of names, functions, and of how many arguments they take.
//
// CPython declares its methods in a few styles, each with words of its own for a call that does not fit. A method's
// style and counts stand in its table, so that its function is only called with as many arguments as it takes.
//
// The library's own types are told so, and hosts may use it for theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jinja/object.h"
#include "jinja/value.h"

namespace plumb::jinja {

enum class Takes : std::uint8_t {
  Nothing,     // "str.upper() takes no arguments (1 given)"
  One,         // "str.join() takes exactly one argument (0 given)"
  Positional,  // "replace expected at least 2 arguments, got 1"
  Parsed,      // "find() takes at most 3 arguments (4 given)"
  Everything,  // the function looks itself
};

using MethodFunction = Value (*)(State& state, const Value& self, Arguments arguments);

struct Method {
  std::string_view name;
  MethodFunction function;
  Takes takes = Takes::Nothing;
  std::uint8_t least = 0, most = 0;  // of Positional and Parsed
};
inline constexpr std::uint8_t kAnyNumber = 255;

// Sorted by name.
std::span<const Method> string_methods();
std::span<const Method> list_methods();
std::span<const Method> tuple_methods();
std::span<const Method> dict_methods();
std::span<const Method> set_methods();
std::span<const Method> int_methods();
std::span<const Method> float_methods();

// Markup's own: those that escape their arguments or give markup again. The others are text's.
bool is_markup_method(std::string_view name);
Value call_markup_method(State& state, const Value& self, std::string_view name, Arguments arguments);

// Attributes that are no methods: `real`, `imag`, `numerator`, `denominator`.
std::optional<Value> find_number_attribute(const Value& number, std::string_view name);

const Method* find_method(std::span<const Method> methods, std::string_view name);
// `owner` is the type that messages name.
Value call_checked(State& state, const Method& method, std::string_view owner, const Value& self, Arguments arguments);
// "<built-in method upper of str object at 0x…>"
Value bind_method(const Method& method, std::string_view owner, const Value& self);

// ---- Arguments, with the words of CPython for what does not fit
// Fills `into` for a function with parameters that have names, as Argument Clinic does.
struct Parameters {
  std::string_view function;
  std::span<const std::string_view> names;
  std::size_t positional = SIZE_MAX;
};
void bind_parameters(const Parameters& parameters, Arguments arguments, std::span<Value> into);

// "must be str, not int"
std::string_view text_argument(const Value& value, std::string_view otherwise = "must be str");
// The same as Argument Clinic says it, which calls None by its name: "replace() argument 1 must be str, not None".
std::string_view checked_text(std::string_view what, const Value& value);
// A count or width: "'str' object cannot be interpreted as an integer"; OverflowError beyond 64 bits.
std::int64_t index_argument(const Value& value);
// One that C takes as an int.
std::int64_t int_argument(const Value& value);
// A bound of a slice; `absent` for None. "slice indices must be integers or None or have an __index__ method"
std::int64_t bound_argument(const Value& value, std::int64_t absent);
// Puts bounds that count from the end, or lie outside, into 0 … length.
void clip_bounds(std::int64_t& start, std::int64_t& stop, std::size_t length);

// KeyError, whose text is the key's repr.
[[noreturn]] void raise_key_error(State& state, const Value& key);

}  // namespace plumb::jinja
