#include "transform/named_sequence.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

constexpr std::size_t kShown = 5;  // of a sequence's items in its repr

class ColumnType final : public jinja::Object {
 public:
  explicit ColumnType(std::string_view kind) : kind_(kind) {}
  std::string_view type_name() const override { return kind_; }
  std::string repr(State&) override { return plumb::format("<agate.data_types.{} object>", kind_); }
  std::optional<bool> equals(State&, const Value& other) override {
    const auto* type = other.find_object<ColumnType>();
    return type != nullptr && type->kind_ == kind_;
  }

 private:
  const std::string_view kind_;
};

Value without_nulls(const std::vector<Value>& items) {
  std::vector<Value> present;
  for (const Value& item : items) {
    if (!item.is_none()) present.push_back(item);
  }
  return Value::tuple(std::move(present));
}

}  // namespace

std::optional<std::size_t> NamedSequence::find_key(std::string_view key) const {
  if (keys_.is_none()) return std::nullopt;
  const auto& keys = keys_.items();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_string() && keys[i].as_string() == key) return i;
  }
  return std::nullopt;
}

std::optional<Value> NamedSequence::find_attribute(State&, std::string_view name) {
  for (std::string_view method : {"keys", "values", "items", "get", "dict"}) {
    if (method != name) continue;
    jinja::Ref<jinja::Object> self(this);
    return jinja::make_function(std::string(name), [self, method](State& state, Arguments arguments) {
      return *self->call_method(state, method, arguments);
    });
  }
  return std::nullopt;
}

std::optional<Value> NamedSequence::find_item(State&, const Value& key) {
  if (key.is_string()) {
    auto at = find_key(key.as_string());
    if (!at) return std::nullopt;
    return items()[*at];
  }
  if (!key.is_int()) return std::nullopt;
  auto size = static_cast<std::int64_t>(items().size());
  std::int64_t at = key.as_int() < 0 ? key.as_int() + size : key.as_int();
  if (at < 0 || at >= size) return std::nullopt;
  return items()[static_cast<std::size_t>(at)];
}

std::optional<Value> NamedSequence::slice(State& state, const Value& start, const Value& stop, const Value& step) {
  return jinja::slice(state, items_, start, stop, step);
}

std::optional<Value> NamedSequence::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "values") return items_;
  if (name == "keys") return keys_;
  if (name == "get") {
    static const Signature kGet{"MappedSequence.get", {"key", "default"}, 1};
    auto [key, fallback] = bind<2>(kGet, arguments);
    if (auto found = find_item(state, key)) return *found;
    return given(fallback) ? fallback : Value::none();
  }
  if (name != "items" && name != "dict") return std::nullopt;
  if (keys_.is_none()) jinja::raise_type_error("'NoneType' object is not iterable");
  const auto& keys = keys_.items();
  if (name == "dict") {
    auto dict = jinja::make<jinja::Dict>();
    for (std::size_t i = 0; i < keys.size(); ++i) dict->set(keys[i], items()[i]);
    return Value(std::move(dict));
  }
  std::vector<Value> pairs;
  for (std::size_t i = 0; i < keys.size(); ++i) pairs.push_back(Value::tuple({keys[i], items()[i]}));
  return Value::tuple(std::move(pairs));
}

std::optional<bool> NamedSequence::equals(State& state, const Value& other) {
  if (const auto* sequence = other.find_object<NamedSequence>()) return jinja::equal(state, items_, sequence->items_);
  bool comparable = other.kind() == jinja::Kind::Tuple || other.kind() == jinja::Kind::List;
  if (!comparable || other.items().size() != items().size()) return false;
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (!jinja::equal(state, items()[i], other.items()[i])) return false;
  }
  return true;
}

std::string NamedSequence::repr(State& state) {
  std::string text = plumb::format("<agate.{}: (", type_name());
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (i != 0) text += ", ";
    if (i == kShown) {
      text += "...";
      break;
    }
    text += jinja::repr(state, items()[i]);
  }
  return text + ")>";
}

std::optional<Value> ColumnValues::find_attribute(State& state, std::string_view name) {
  if (name == "name") return Value(name_);
  if (name == "data_type") return make_column_type(kind_);
  return NamedSequence::find_attribute(state, name);
}

std::optional<Value> ColumnValues::call_method(State& state, std::string_view name, Arguments arguments) {
  if (name == "values_without_nulls") return without_nulls(items());
  if (name == "values_distinct") {
    Value seen = Value::set(items());
    std::vector<Value> distinct;
    std::size_t position = 0;
    while (const Value* item = seen.as_set().next(position)) distinct.push_back(*item);
    return Value::tuple(std::move(distinct));
  }
  if (name == "values_sorted" || name == "values_without_nulls_sorted") {
    Value kept = name == "values_sorted" ? items_ : without_nulls(items());
    std::vector<Value> sorted;
    for (std::size_t at : sorted_order(state, kept.items(), false)) sorted.push_back(kept.items()[at]);
    return Value::list(std::move(sorted));
  }
  return NamedSequence::call_method(state, name, arguments);
}

std::vector<std::size_t> sorted_order(State& state, const std::vector<Value>& keys, bool reverse) {
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  auto before = [&](std::size_t a, std::size_t b) {
    if (reverse) std::swap(a, b);
    if (keys[a].is_none() || keys[b].is_none()) return !keys[a].is_none() && keys[b].is_none();
    return jinja::order(state, keys[a], keys[b]) == std::partial_ordering::less;
  };
  std::stable_sort(order.begin(), order.end(), before);
  return order;
}

Value make_column_type(std::string_view kind) {
  return Value(jinja::make<ColumnType>(kind));
}

}  // namespace plumb::transform
