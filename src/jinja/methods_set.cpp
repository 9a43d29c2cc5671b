#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/state.h"

namespace plumb::jinja {
namespace {

std::vector<Value> items_of(const Set& set) {
  std::vector<Value> items;
  items.reserve(set.size());
  std::size_t position = 0;
  while (const Value* item = set.next(position)) items.push_back(*item);
  return items;
}

Value copy_of(State& state, const Value& set) {
  state.reserve(set.as_set().size() * sizeof(Value::Entry));
  return Value::set(items_of(set.as_set()));
}

// An argument as a set: itself, or one made of what it gives.
Value as_set(State& state, const Value& other) {
  return other.kind() == Kind::Set ? other : Value::set(to_vector(state, other));
}

bool is_part_of(const Set& part, const Set& whole) {
  if (part.size() > whole.size()) return false;
  std::size_t position = 0;
  while (const Value* item = part.next(position)) {
    if (!whole.contains(*item)) return false;
  }
  return true;
}

// ---- What the operations do to a set
void unite(State& state, Set& set, const Value& other) {
  for (Value& item : to_vector(state, other)) {
    state.tick();
    set.add(item);
  }
}

void subtract(State& state, Set& set, const Value& other) {
  for (const Value& item : to_vector(state, other)) {
    state.tick();
    set.erase(item);
  }
}

void intersect(State& state, Set& set, const Value& other) {
  const Value kept = as_set(state, other);
  for (const Value& item : items_of(set)) {
    state.tick();
    if (!kept.as_set().contains(item)) set.erase(item);
  }
}

void toggle(State& state, Set& set, const Value& other) {
  const Value toggled = as_set(state, other);
  for (const Value& item : items_of(toggled.as_set())) {
    state.tick();
    if (!set.erase(item)) set.add(item);
  }
}

using Operation = void (*)(State& state, Set& set, const Value& other);

// union(), difference(), …: a new set.
template <Operation kOperation>
Value result(State& state, const Value& self, Arguments arguments) {
  Value made = copy_of(state, self);
  for (const Value& other : arguments.positional) kOperation(state, made.as_set(), other);
  return made;
}

// update(), difference_update(), …: the set itself.
template <Operation kOperation>
Value in_place(State& state, const Value& self, Arguments arguments) {
  for (const Value& other : arguments.positional) kOperation(state, self.as_set(), other);
  return Value::none();
}

Value add(State&, const Value& self, Arguments arguments) {
  self.as_set().add(arguments.positional[0]);
  return Value::none();
}

Value clear(State&, const Value& self, Arguments) {
  for (const Value& item : items_of(self.as_set())) self.as_set().erase(item);
  return Value::none();
}

Value copy(State& state, const Value& self, Arguments) {
  return copy_of(state, self);
}

// Sets are not hashable, yet a set may be asked for one: Python then looks for the frozen set, which we do not have.
bool erase(const Value& self, const Value& item) {
  return item.kind() != Kind::Set && self.as_set().erase(item);
}

Value discard(State&, const Value& self, Arguments arguments) {
  erase(self, arguments.positional[0]);
  return Value::none();
}

Value isdisjoint(State& state, const Value& self, Arguments arguments) {
  for (const Value& item : to_vector(state, arguments.positional[0])) {
    if (self.as_set().contains(item)) return false;
  }
  return true;
}

Value issubset(State& state, const Value& self, Arguments arguments) {
  return is_part_of(self.as_set(), as_set(state, arguments.positional[0]).as_set());
}

Value issuperset(State& state, const Value& self, Arguments arguments) {
  return is_part_of(as_set(state, arguments.positional[0]).as_set(), self.as_set());
}

Value pop(State&, const Value& self, Arguments) {
  std::size_t position = 0;
  const Value* first = self.as_set().next(position);
  if (first == nullptr) raise("KeyError", "'pop from an empty set'");
  Value popped = *first;
  self.as_set().erase(popped);
  return popped;
}

Value remove(State& state, const Value& self, Arguments arguments) {
  if (!erase(self, arguments.positional[0])) raise_key_error(state, arguments.positional[0]);
  return Value::none();
}

constexpr Method kMethods[] = {
    {"add", add, Takes::One},
    {"clear", clear},
    {"copy", copy},
    {"difference", result<subtract>, Takes::Parsed, 0, kAnyNumber},
    {"difference_update", in_place<subtract>, Takes::Parsed, 0, kAnyNumber},
    {"discard", discard, Takes::One},
    {"intersection", result<intersect>, Takes::Parsed, 0, kAnyNumber},
    {"intersection_update", in_place<intersect>, Takes::Parsed, 0, kAnyNumber},
    {"isdisjoint", isdisjoint, Takes::One},
    {"issubset", issubset, Takes::One},
    {"issuperset", issuperset, Takes::One},
    {"pop", pop},
    {"remove", remove, Takes::One},
    {"symmetric_difference", result<toggle>, Takes::One},
    {"symmetric_difference_update", in_place<toggle>, Takes::One},
    {"union", result<unite>, Takes::Parsed, 0, kAnyNumber},
    {"update", in_place<unite>, Takes::Parsed, 0, kAnyNumber},
};

}  // namespace

std::span<const Method> set_methods() {
  return kMethods;
}

}  // namespace plumb::jinja
