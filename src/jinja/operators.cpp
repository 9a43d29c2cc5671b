// Truth, equality, order, membership.
#include "jinja/operators.h"

#include "jinja/errors.h"
#include "jinja/nesting.h"
#include "jinja/number.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {
namespace {

constexpr const char* kComparing = "in comparison";

std::partial_ordering order_numbers(const Value& a, const Value& b) {
  if (a.is_int() && b.is_int()) return a.as_int() <=> b.as_int();
  const bool a_float = a.kind() == Kind::Float, b_float = b.kind() == Kind::Float;
  if (a_float && b_float) return a.as_float() <=> b.as_float();
  if (b_float) return int_float_compare(a, b.as_float());
  if (a_float) return 0 <=> int_float_compare(b, a.as_float());
  return int_compare(a, b);
}

// Within containers identity is enough, as for Python.
bool same_or_equal(State& state, const Value& a, const Value& b) {
  return a.same_as(b) || equal(state, a, b);
}

bool equal_lists(State& state, const Value& a, const Value& b) {
  const NestingLevel level(state, kComparing);
  state.tick();
  if (a.items().size() != b.items().size()) return false;
  // By position, as host objects that are compared may change the lists.
  for (std::size_t i = 0; i < a.items().size() && i < b.items().size(); ++i) {
    const Value ours = a.items()[i], theirs = b.items()[i];
    if (!same_or_equal(state, ours, theirs)) return false;
  }
  return true;
}

bool equal_dicts(State& state, const Value& a, const Value& b) {
  const NestingLevel level(state, kComparing);
  state.tick();
  if (a.as_dict().size() != b.as_dict().size()) return false;
  for (std::size_t position = 0; const Value::Entry* entry = a.as_dict().next(position);) {
    const Value* found = b.as_dict().find(entry->key);
    if (!found) return false;
    const Value ours = entry->value, theirs = *found;
    if (!same_or_equal(state, ours, theirs)) return false;
  }
  return true;
}

bool is_subset(const Set& a, const Set& b) {
  if (a.size() > b.size()) return false;
  for (std::size_t position = 0; const Value* item = a.next(position);) {
    if (!b.contains(*item)) return false;
  }
  return true;
}

// In Python the other kinds of Undefined derive from the Lenient one, and the derived is asked first.
bool right_is_asked_first(const Value& a, const Value& b) {
  return undefined_kind(a) == UndefinedKind::Lenient && undefined_kind(b) != UndefinedKind::Lenient;
}

// Of an undefined and anything.
bool equal_undefined(const Value& a, const Value& b) {
  forbid_strict(a);
  if (!a.is_undefined() || right_is_asked_first(a, b)) forbid_strict(b);
  return a.is_undefined() && b.is_undefined() && undefined_kind(a) == undefined_kind(b);
}

bool equal_objects(State& state, const Value& a, const Value& b) {
  if (a.kind() == Kind::Object) {
    if (const std::optional<bool> answer = a.as_object().equals(state, b)) return *answer;
  }
  if (b.kind() == Kind::Object) {
    if (const std::optional<bool> answer = b.as_object().equals(state, a)) return *answer;
  }
  return a.same_as(b);
}

// Decided by the first items that differ, or else by the lengths.
std::partial_ordering order_lists(State& state, const Value& a, const Value& b, std::string_view op) {
  const NestingLevel level(state, kComparing);
  state.tick();
  for (std::size_t i = 0; i < a.items().size() && i < b.items().size(); ++i) {
    const Value ours = a.items()[i], theirs = b.items()[i];
    if (!same_or_equal(state, ours, theirs)) return order(state, ours, theirs, op);
  }
  return a.items().size() <=> b.items().size();
}

std::partial_ordering order_sets(const Set& a, const Set& b) {
  const bool within = is_subset(a, b), around = is_subset(b, a);
  if (within && around) return std::partial_ordering::equivalent;
  if (within) return std::partial_ordering::less;
  return around ? std::partial_ordering::greater : std::partial_ordering::unordered;
}

std::optional<std::partial_ordering> order_objects(State& state, const Value& a, const Value& b) {
  std::optional<std::partial_ordering> answer;
  if (a.kind() == Kind::Object) answer = a.as_object().compare(state, b);
  if (!answer && b.kind() == Kind::Object) {
    answer = b.as_object().compare(state, a);
    if (answer) answer = 0 <=> *answer;
  }
  return answer;
}

[[noreturn]] void raise_unordered(std::string_view op, const Value& a, const Value& b) {
  raise_type_error("'" + std::string(op) + "' not supported between instances of '" + std::string(type_name(a)) +
                   "' and '" + std::string(type_name(b)) + "'");
}

bool contains_by_walk(State& state, const Value& container, const Value& item) {
  std::unique_ptr<Iterator> iterator = container.as_object().iterate(state);
  if (!iterator) raise_type_error("argument of type '" + std::string(type_name(container)) + "' is not iterable");
  while (std::optional<Value> candidate = iterator->next(state)) {
    if (same_or_equal(state, *candidate, item)) return true;
    state.tick();
  }
  return false;
}

bool list_contains(State& state, const Value& list, const Value& item) {
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const Value candidate = list.items()[i];
    if (same_or_equal(state, candidate, item)) return true;
    if (i % 1024 == 1023) state.tick();
  }
  return false;
}

}  // namespace

bool truth(State& state, const Value& value) {
  switch (value.kind()) {
    case Kind::Bool:
      return value.as_bool();
    case Kind::Undefined:
      forbid_strict(value);
      return false;
    case Kind::None:
      return false;
    case Kind::Int:
      return value.as_int() != 0;
    case Kind::BigInt:
      return true;
    case Kind::Float:
      return value.as_float() != 0;
    case Kind::String:
      return !value.as_string().empty();
    case Kind::List:
    case Kind::Tuple:
      return !value.items().empty();
    case Kind::Dict:
      return value.as_dict().size() > 0;
    case Kind::Set:
      return value.as_set().size() > 0;
    case Kind::Object:
      return value.as_object().truth(state);
  }
  return true;
}

bool equal(State& state, const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return a.as_string() == b.as_string();
  if (a.is_number() && b.is_number()) return is_eq(order_numbers(a, b));
  if (a.is_undefined() || b.is_undefined()) return equal_undefined(a, b);
  if (a.kind() == Kind::Object || b.kind() == Kind::Object) return equal_objects(state, a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::None:
      return true;
    case Kind::List:
    case Kind::Tuple:
      return equal_lists(state, a, b);
    case Kind::Dict:
      return equal_dicts(state, a, b);
    case Kind::Set:
      return a.as_set().size() == b.as_set().size() && is_subset(a.as_set(), b.as_set());
    default:
      return false;
  }
}

std::partial_ordering order(State& state, const Value& a, const Value& b, std::string_view op) {
  if (a.is_number() && b.is_number()) return order_numbers(a, b);
  // UTF-8 has the order of code points.
  if (a.is_string() && b.is_string()) return a.as_string().compare(b.as_string()) <=> 0;
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::List || a.kind() == Kind::Tuple) return order_lists(state, a, b, op);
    if (a.kind() == Kind::Set) return order_sets(a.as_set(), b.as_set());
  }
  if (a.is_undefined()) raise_undefined(right_is_asked_first(a, b) ? b : a);
  if (const std::optional<std::partial_ordering> answer = order_objects(state, a, b)) return *answer;
  if (b.is_undefined()) raise_undefined(b);
  raise_unordered(op, a, b);
}

bool compare(State& state, CompareOperator op, const Value& a, const Value& b) {
  switch (op) {
    case CompareOperator::Equal:
      return equal(state, a, b);
    case CompareOperator::NotEqual:
      return !equal(state, a, b);
    case CompareOperator::Less:
      return is_lt(order(state, a, b, "<"));
    case CompareOperator::LessEqual:
      return is_lteq(order(state, a, b, "<="));
    case CompareOperator::Greater:
      return is_gt(order(state, a, b, ">"));
    case CompareOperator::GreaterEqual:
      return is_gteq(order(state, a, b, ">="));
    case CompareOperator::In:
      return contains(state, b, a);
    case CompareOperator::NotIn:
      return !contains(state, b, a);
  }
  return false;
}

bool contains(State& state, const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::String:
      if (!item.is_string()) {
        raise_type_error("'in <string>' requires string as left operand, not " + std::string(type_name(item)));
      }
      return find_text(container.as_string(), item.as_string()) != std::string_view::npos;
    case Kind::List:
    case Kind::Tuple:
      return list_contains(state, container, item);
    case Kind::Dict:
      return container.as_dict().find(item) != nullptr;
    case Kind::Set:
      // A set is looked for as the frozenset that might be in there, and never is.
      return item.kind() != Kind::Set && container.as_set().contains(item);
    case Kind::Undefined:
      forbid_strict(container);
      return false;
    case Kind::Object:
      if (const std::optional<bool> answer = container.as_object().contains(state, item)) return *answer;
      return contains_by_walk(state, container, item);
    default:
      raise_type_error("argument of type '" + std::string(type_name(container)) + "' is not iterable");
  }
}

}  // namespace plumb::jinja
