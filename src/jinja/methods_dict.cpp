#include "jinja/methods_dict.h"

#include "base/format.h"
#include "jinja/dict_views.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {
namespace {

void copy_entries(State& state, Dict& into, const Dict& from) {
  if (&into == &from) return;
  state.reserve((into.size() + from.size()) * sizeof(Value::Entry));
  std::size_t position = 0;
  while (const Value::Entry* entry = from.next(position)) into.set(entry->key, entry->value);
}

// dict.update asks a mapping for keys() and takes an item for each.
bool update_from_mapping(State& state, Dict& into, const Value& from) {
  if (from.kind() != Kind::Object || !from.as_object().is_mapping()) return false;
  const std::unique_ptr<Iterator> keys = iterate(state, from);
  while (const std::optional<Value> key = keys->next(state)) {
    into.set(*key, get_item(state, from, *key));
    state.tick();
  }
  return true;
}

Value clear(State&, const Value& self, Arguments) {
  self.as_dict().clear();
  return Value::none();
}

Value copy(State& state, const Value& self, Arguments) {
  Value copied = Value::dict();
  copy_entries(state, copied.as_dict(), self.as_dict());
  return copied;
}

Value fromkeys(State& state, const Value&, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  const Value value = given.size() > 1 ? given[1] : Value::none();
  Value made = Value::dict();
  const std::unique_ptr<Iterator> keys = iterate(state, given[0]);
  while (std::optional<Value> key = keys->next(state)) {
    made.as_dict().set(std::move(*key), value);
    state.tick();
  }
  return made;
}

Value get(State&, const Value& self, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  if (const Value* found = self.as_dict().find(given[0])) return *found;
  return given.size() > 1 ? std::move(given[1]) : Value::none();
}

Value items(State&, const Value& self, Arguments) {
  return make<DictView>(DictView::Shows::Items, self);
}
Value keys(State&, const Value& self, Arguments) {
  return make<DictView>(DictView::Shows::Keys, self);
}
Value values(State&, const Value& self, Arguments) {
  return make<DictView>(DictView::Shows::Values, self);
}

Value pop(State& state, const Value& self, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  // An empty dict is not asked, so that the key need not be hashable.
  const Value* found = self.as_dict().size() == 0 ? nullptr : self.as_dict().find(given[0]);
  if (found != nullptr) {
    Value popped = *found;
    self.as_dict().erase(given[0]);
    return popped;
  }
  if (given.size() < 2) raise_key_error(state, given[0]);
  return std::move(given[1]);
}

Value popitem(State&, const Value& self, Arguments) {
  Dict& dict = self.as_dict();
  const Value::Entry* last = dict.last();
  if (!last) raise("KeyError", "'popitem(): dictionary is empty'");
  Value popped = Value::tuple({last->key, last->value});
  dict.erase(popped.items()[0]);
  return popped;
}

Value setdefault(State&, const Value& self, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  if (const Value* found = self.as_dict().find(given[0])) return *found;
  Value value = given.size() > 1 ? std::move(given[1]) : Value::none();
  self.as_dict().set(std::move(given[0]), value);
  return value;
}

Value update(State& state, const Value& self, Arguments arguments) {
  update_dict(state, self.as_dict(), "update", arguments);
  return Value::none();
}

constexpr Method kMethods[] = {
    {"clear", clear},
    {"copy", copy},
    {"fromkeys", fromkeys, Takes::Positional, 1, 2},
    {"get", get, Takes::Positional, 1, 2},
    {"items", items},
    {"keys", keys},
    {"pop", pop, Takes::Positional, 1, 2},
    {"popitem", popitem},
    {"setdefault", setdefault, Takes::Positional, 1, 2},
    {"update", update, Takes::Everything},
    {"values", values},
};

}  // namespace

void update_dict(State& state, Dict& into, const Value& from) {
  if (from.is_undefined()) raise_undefined(from);
  if (from.kind() == Kind::Dict) {
    copy_entries(state, into, from.as_dict());
    return;
  }
  if (update_from_mapping(state, into, from)) return;
  const std::unique_ptr<Iterator> pairs = iterate(state, from);
  for (std::size_t i = 0; std::optional<Value> pair = pairs->next(state); ++i) {
    const bool iterable = !pair->is_number() && !pair->is_none() &&
                          (pair->kind() != Kind::Object || pair->as_object().iterate(state) != nullptr);
    if (!iterable) {
      raise_type_error(format("cannot convert dictionary update sequence element #{} to a sequence", i));
    }
    std::vector<Value> parts = to_vector(state, *pair);
    if (parts.size() != 2) {
      raise_value_error(format("dictionary update sequence element #{} has length {}; 2 is required", i, parts.size()));
    }
    into.set(std::move(parts[0]), std::move(parts[1]));
    state.tick();
  }
}

void update_dict(State& state, Dict& into, std::string_view function, Arguments arguments) {
  if (arguments.positional.size() > 1) {
    raise_type_error(format("{} expected at most 1 argument, got {}", function, arguments.positional.size()));
  }
  if (!arguments.positional.empty()) update_dict(state, into, arguments.positional[0]);
  for (Keyword& keyword : arguments.keywords) into.set(std::move(keyword.name), std::move(keyword.value));
}

std::span<const Method> dict_methods() {
  return kMethods;
}

}  // namespace plumb::jinja
