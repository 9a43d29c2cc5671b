#include <algorithm>

#include "base/format.h"
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// What `in`, count, index and remove mean by the same.
bool matches(State& state, const Value& item, const Value& wanted) {
  state.tick();
  return item.same_as(wanted) || equal(state, item, wanted);
}

std::optional<std::size_t> position_of(State& state, const Value& self, const Value& wanted, std::size_t start = 0,
                                       std::size_t stop = SIZE_MAX) {
  // The list is asked anew each time: a host's == may change it.
  for (std::size_t i = start; i < self.items().size() && i < stop; ++i) {
    const Value item = self.items()[i];
    if (matches(state, item, wanted)) return i;
  }
  return std::nullopt;
}

std::int64_t position_argument(const Value& value) {
  if (!value.is_integral()) raise_type_error("slice indices must be integers or have an __index__ method");
  return clip_to_int64(value);
}

Value append(State&, const Value& self, Arguments arguments) {
  self.as_list().items.push_back(std::move(arguments.positional[0]));
  self.as_list().grown();
  return Value::none();
}

Value clear(State&, const Value& self, Arguments) {
  // Emptied first: what dies with its last owner may look at the list.
  const std::vector<Value> gone = std::exchange(self.as_list().items, {});
  self.as_list().grown();
  return Value::none();
}

Value copy(State& state, const Value& self, Arguments) {
  state.reserve(self.items().size() * sizeof(Value));
  return Value::list(self.items());
}

Value count(State& state, const Value& self, Arguments arguments) {
  std::int64_t found = 0;
  for (std::size_t i = 0; i < self.items().size(); ++i) {
    const Value item = self.items()[i];
    if (matches(state, item, arguments.positional[0])) ++found;
  }
  return found;
}

Value extend(State& state, const Value& self, Arguments arguments) {
  std::vector<Value> added = to_vector(state, arguments.positional[0]);
  std::vector<Value>& items = self.as_list().items;
  state.reserve((items.size() + added.size()) * sizeof(Value));
  items.insert(items.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  self.as_list().grown();
  return Value::none();
}

Value index(State& state, const Value& self, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  std::int64_t start = given.size() > 1 ? position_argument(given[1]) : 0;
  std::int64_t stop = given.size() > 2 ? position_argument(given[2]) : INT64_MAX;
  clip_bounds(start, stop, self.items().size());
  if (const auto found =
          position_of(state, self, given[0], static_cast<std::size_t>(start), static_cast<std::size_t>(stop))) {
    return static_cast<std::int64_t>(*found);
  }
  if (self.kind() == Kind::Tuple) raise_value_error("tuple.index(x): x not in tuple");
  raise_value_error(format("{} is not in list", repr(state, given[0])));
}

Value insert(State&, const Value& self, Arguments arguments) {
  std::vector<Value>& items = self.as_list().items;
  const auto size = static_cast<std::int64_t>(items.size());
  std::int64_t at = index_argument(arguments.positional[0]);
  if (at < 0) at = std::max<std::int64_t>(at + size, 0);
  items.insert(items.begin() + std::min(at, size), std::move(arguments.positional[1]));
  self.as_list().grown();
  return Value::none();
}

Value pop(State&, const Value& self, Arguments arguments) {
  std::vector<Value>& items = self.as_list().items;
  std::int64_t at = arguments.positional.empty() ? -1 : index_argument(arguments.positional[0]);
  if (items.empty()) raise("IndexError", "pop from empty list");
  if (at < 0) at += static_cast<std::int64_t>(items.size());
  if (at < 0 || std::cmp_greater_equal(at, items.size())) raise("IndexError", "pop index out of range");
  Value popped = std::move(items[static_cast<std::size_t>(at)]);
  items.erase(items.begin() + at);
  return popped;
}

Value remove(State& state, const Value& self, Arguments arguments) {
  const auto found = position_of(state, self, arguments.positional[0]);
  if (!found) raise_value_error("list.remove(x): x not in list");
  std::vector<Value>& items = self.as_list().items;
  if (*found < items.size()) items.erase(items.begin() + static_cast<std::ptrdiff_t>(*found));
  return Value::none();
}

Value reverse(State&, const Value& self, Arguments) {
  std::reverse(self.as_list().items.begin(), self.as_list().items.end());
  return Value::none();
}

Value sort(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"key", "reverse"};
  Value bound[2];
  bind_parameters({"sort", kNames, 0}, arguments, bound);
  const bool in_reverse = given(bound[1]) && int_argument(bound[1]) != 0;
  // Sorted beside the list, which a key function may look at and change.
  const std::vector<Value> items(self.items().begin(), self.items().end());
  std::vector<Value> keys = items;
  if (given(bound[0]) && !bound[0].is_none()) {
    for (Value& key : keys) key = call(state, bound[0], {{&key, 1}, {}});
  }
  std::vector<Value> sorted;
  sorted.reserve(items.size());
  for (const std::size_t index : sort_by_keys(state, keys, in_reverse)) sorted.push_back(items[index]);
  self.as_list().items = std::move(sorted);
  self.as_list().grown();
  return Value::none();
}

constexpr Method kListMethods[] = {
    {"append", append, Takes::One},
    {"clear", clear},
    {"copy", copy},
    {"count", count, Takes::One},
    {"extend", extend, Takes::One},
    {"index", index, Takes::Positional, 1, 3},
    {"insert", insert, Takes::Positional, 2, 2},
    {"pop", pop, Takes::Positional, 0, 1},
    {"remove", remove, Takes::One},
    {"reverse", reverse},
    {"sort", sort, Takes::Everything},
};

constexpr Method kTupleMethods[] = {
    {"count", count, Takes::One},
    {"index", index, Takes::Positional, 1, 3},
};

}  // namespace

std::span<const Method> list_methods() {
  return kListMethods;
}
std::span<const Method> tuple_methods() {
  return kTupleMethods;
}

}  // namespace plumb::jinja
