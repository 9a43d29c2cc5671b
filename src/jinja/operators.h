// What Python's operators do to values. Each raises what Python raises, in its words: "unsupported operand type(s) for
// +: 'int' and 'str'", "'<' not supported between instances of 'str' and 'int'", "division by zero".
#pragma once

#include "jinja/object.h"
#include "jinja/value.h"

namespace plumb::jinja {

enum class CompareOperator { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, NotIn };

bool truth(State& state, const Value& value);
bool equal(State& state, const Value& a, const Value& b);
// a < b; a partial ordering is unordered for NaN. TypeError where Python has no order: `op` is what the message names.
std::partial_ordering order(State& state, const Value& a, const Value& b, std::string_view op = "<");
bool compare(State& state, CompareOperator op, const Value& a, const Value& b);
bool contains(State& state, const Value& container, const Value& item);

// +, -, *, /, //, %, ** ; `%` of text formats (printf.h).
Value operate(State& state, BinaryOperator op, const Value& a, const Value& b);
Value operate(State& state, UnaryOperator op, const Value& value);
// `~`: both as text, joined; markup if one of them is markup (the other is then escaped).
Value concat(State& state, std::span<const Value> parts);

// len(x): TypeError "object of type 'int' has no len()".
std::size_t length(State& state, const Value& value);
// iter(x): TypeError "'int' object is not iterable".
std::unique_ptr<Iterator> iterate(State& state, const Value& value);
// list(x), without an iterator's cost for what is a list already.
std::vector<Value> to_vector(State& state, const Value& value);
// For what is unhashable: TypeError "unhashable type: 'list'".
std::size_t hash_value(const Value& value);
// Equality as dict keys have it: needs no State, host objects answer by identity and hash.
bool equal_keys(const Value& a, const Value& b);

// x[start:stop:step] of text, lists, tuples. Bounds are None or whole numbers.
Value slice(State& state, const Value& value, const Value& start, const Value& stop, const Value& step);

// Jinja2's lookups. x.name: the attribute, else the item, else the environment's Undefined; x[key] the other way round.
// Of an undefined x: UndefinedError (or itself, when Chainable).
Value get_attribute(State& state, const Value& value, std::string_view name);
Value get_item(State& state, const Value& value, const Value& key);

// Calls a value: TypeError "'str' object is not callable".
Value call(State& state, const Value& callee, Arguments arguments);
// value.name(…), without making the bound method where that is not needed.
Value call_method(State& state, const Value& value, std::string_view name, Arguments arguments);

}  // namespace plumb::jinja
