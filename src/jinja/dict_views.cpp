#include "jinja/dict_views.h"

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

Value isdisjoint(State& state, const Value& self, Arguments arguments) {
  const std::unique_ptr<Iterator> others = iterate(state, arguments.positional[0]);
  while (const std::optional<Value> each = others->next(state)) {
    if (contains(state, self, *each)) return false;
    state.tick();
  }
  return true;
}

constexpr Method kMethods[] = {{"isdisjoint", isdisjoint, Takes::One}};

// How many items a set or another set-like view has; nothing for anything else.
std::optional<std::size_t> set_size(const Value& value) {
  if (value.kind() == Kind::Set) return value.as_set().size();
  const auto* view = value.find_object<DictView>();
  if (view == nullptr || view->shows() == DictView::Shows::Values) return std::nullopt;
  return view->dict().as_dict().size();
}

}  // namespace

// ---- Walking

DictIterator::DictIterator(Value dict, DictView::Shows shows)
    : dict_(std::move(dict)), shows_(shows), size_(dict_.as_dict().size()), version_(dict_.as_dict().version()) {}

const Value::Entry* DictIterator::next_entry() {
  if (finished_) return nullptr;
  const Dict& dict = dict_.as_dict();
  if (dict.version() != version_) {
    raise("RuntimeError", dict.size() != size_ ? "dictionary changed size during iteration"
                                               : "dictionary keys changed during iteration");
  }
  const Value::Entry* entry = dict.next(position_);
  finished_ = entry == nullptr;
  return entry;
}

std::optional<Value> DictIterator::next(State&) {
  const Value::Entry* entry = next_entry();
  if (entry == nullptr) return std::nullopt;
  if (shows_ == DictView::Shows::Keys) return entry->key;
  if (shows_ == DictView::Shows::Values) return entry->value;
  return Value::tuple({entry->key, entry->value});
}

Iterator::Pair DictIterator::next_pair(State&, Value& first, Value& second) {
  if (shows_ != DictView::Shows::Items) return Pair::Unknown;
  const Value::Entry* entry = next_entry();
  if (entry == nullptr) return Pair::End;
  first = entry->key;
  second = entry->value;
  return Pair::Found;
}

// ---- Views

std::string_view DictView::type_name() const {
  switch (shows_) {
    case Shows::Keys:
      return "dict_keys";
    case Shows::Values:
      return "dict_values";
    case Shows::Items:
      break;
  }
  return "dict_items";
}

std::optional<Value> DictView::find_attribute(State&, std::string_view name) {
  const Method* method = is_set_like() ? find_method(kMethods, name) : nullptr;
  if (method == nullptr) return std::nullopt;
  return bind_method(*method, type_name(), Ref<Object>(this));
}

std::optional<Value> DictView::call_method(State& state, std::string_view name, Arguments arguments) {
  const Method* method = is_set_like() ? find_method(kMethods, name) : nullptr;
  if (method == nullptr) return std::nullopt;
  return call_checked(state, *method, type_name(), Ref<Object>(this), arguments);
}

std::unique_ptr<Iterator> DictView::iterate(State&) {
  return std::make_unique<DictIterator>(dict_, shows_);
}

std::optional<std::size_t> DictView::length(State&) {
  return dict_.as_dict().size();
}

std::optional<bool> DictView::contains(State& state, const Value& item) {
  const Dict& dict = dict_.as_dict();
  if (shows_ == Shows::Keys) return dict.find(item) != nullptr;
  if (shows_ == Shows::Items) {
    if (item.kind() != Kind::Tuple || item.items().size() != 2) return false;
    const Value* found = dict.find(item.items()[0]);
    if (found == nullptr) return false;
    const Value value = *found;
    return value.same_as(item.items()[1]) || equal(state, value, item.items()[1]);
  }
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) {
    const Value value = entry->value;
    if (value.same_as(item) || equal(state, value, item)) return true;
    state.tick();
  }
  return false;
}

std::optional<bool> DictView::equals(State& state, const Value& other) {
  if (!is_set_like() || !set_size(other)) return std::nullopt;
  return compare(state, other) == std::partial_ordering::equivalent;
}

// As sets: "less" is a proper part of the other.
std::optional<std::partial_ordering> DictView::compare(State& state, const Value& other) {
  const std::optional<std::size_t> other_size = is_set_like() ? set_size(other) : std::nullopt;
  if (!other_size) return std::nullopt;
  const std::size_t size = dict_.as_dict().size();
  const bool smaller = size <= *other_size;
  const Value self = Ref<Object>(this);
  const std::unique_ptr<Iterator> items = jinja::iterate(state, smaller ? self : other);
  while (const std::optional<Value> item = items->next(state)) {
    if (!jinja::contains(state, smaller ? other : self, *item)) return std::partial_ordering::unordered;
    state.tick();
  }
  if (size == *other_size) return std::partial_ordering::equivalent;
  return smaller ? std::partial_ordering::less : std::partial_ordering::greater;
}

std::optional<Value> DictView::operate(State& state, BinaryOperator op, const Value& other, bool reflected) {
  if (op != BinaryOperator::Subtract || !is_set_like()) return std::nullopt;
  const Value self = Ref<Object>(this);
  Value left = Value::set(to_vector(state, reflected ? other : self));
  for (const Value& gone : to_vector(state, reflected ? self : other)) left.as_set().erase(gone);
  return left;
}

bool DictView::truth(State&) {
  return dict_.as_dict().size() != 0;
}

std::string DictView::repr(State& state) {
  const Value shown = Value::list(to_vector(state, Ref<Object>(this)));
  return plumb::format("{}({})", type_name(), jinja::repr(state, shown));
}

}  // namespace plumb::jinja
