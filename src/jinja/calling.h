// What filters, tests and globals share: how their arguments are bound, and what their parameters mean.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/object.h"
#include "jinja/value.h"

namespace plumb::jinja {

// Binds the parameters of a function to which Jinja2 passes something itself (the environment, the context) before what
// a template gives: Python's messages count it.
template <std::size_t N>
std::array<Value, N> bind_behind_context(const Signature& signature, Arguments arguments) {
  std::array<Value, N> bound;
  if (arguments.keywords.empty() && arguments.positional.size() >= signature.required &&
      arguments.positional.size() <= N) {
    std::move(arguments.positional.begin(), arguments.positional.end(), bound.begin());
    return bound;
  }
  Signature counted = signature;
  counted.hidden = 1;
  bind_arguments(counted, arguments, bound);
  return bound;
}

// The one argument of a function that is written in C: "abs() takes exactly one argument (2 given)".
Value& bind_only(std::string_view name, Arguments arguments);
// The two of an operator: "eq expected 2 arguments, got 1".
std::pair<Value*, Value*> bind_operands(std::string_view name, Arguments arguments);

// operator.index: "'str' object cannot be interpreted as an integer".
std::int64_t index_of(const Value& value);
// The `reverse` of sort: a whole number that fits C's int.
bool reverse_flag(const Value& bound);
// Was it given, and not as None?
inline bool is_set(const Value& bound) {
  return given(bound) && !bound.is_none();
}
// The truth of a flag; `otherwise` when it was not given.
bool flag(State& state, const Value& bound, bool otherwise = false);

// ---- Text
// The value itself if it is text, else its str().
Value soft_str(State& state, Value value);
Value make_text(std::string text, bool is_markup);
// Text of a value for as long as this lives, without copying what is text already.
class TextOf {
 public:
  TextOf(State& state, const Value& value);
  operator std::string_view() const { return view_; }
  std::string_view view() const { return view_; }

 private:
  std::string made_;
  std::string_view view_;
};
// Values that know HTML (Python's __html__): markup, and hosts that say so.
bool knows_html(State& state, const Value& value);
// "'int' object has no attribute 'items'"
[[noreturn]] void raise_no_attribute(const Value& value, std::string_view name);

// ---- Lookup of what a path names: "address.city", "0.name", 3
class AttributePath {
 public:
  // None names the item itself.
  explicit AttributePath(const Value& attribute, Value otherwise = Value::none());
  Value get(State& state, const Value& item) const;

 private:
  std::vector<Value> parts_;
  Value default_;
};

// ---- Order
// Text in lower case; anything else as it is.
Value ignore_case(const Value& value);
// The order of indices that sorts the keys, stable, by `<`. Compares in CPython's order, so that the message for what
// can't be compared names the same two.
std::vector<std::size_t> sort_by_keys(State& state, const std::vector<Value>& keys, bool reverse = false);

// A generator as Python shows it: "<generator object NAME at 0x…>".
Value make_named_generator(std::string_view name, std::unique_ptr<Iterator> iterator);

// key and value of each entry, for dicts and for hosts that are mappings.
std::vector<Value::Entry> entries_of(State& state, const Value& mapping);

}  // namespace plumb::jinja
