// Filters on sequences as wholes: first, last, join, list, length, batch, slice, reverse, random, items, and what
// belongs to values of any kind: default, attr.
#include "jinja/calling.h"
#include "jinja/dict_views.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

Value undefined_because(State& state, const char* hint) {
  return undefined_hint(state.undefined_kind(), hint);
}

Value filter_length(State& state, Arguments arguments) {
  return Value(static_cast<std::int64_t>(length(state, bind_only("len", arguments))));
}

Value filter_list(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_list", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value::list(to_vector(state, value));
}

Value filter_default(State& state, Arguments arguments) {
  static const Signature kSignature{"do_default", {"value", "default_value", "boolean"}, 1};
  auto [value, otherwise, boolean] = bind<3>(kSignature, arguments);
  if (!value.is_undefined() && !(flag(state, boolean) && !truth(state, value))) return value;
  return given(otherwise) ? otherwise : Value("");
}

Value filter_attr(State& state, Arguments arguments) {
  static const Signature kSignature{"do_attr", {"obj", "name"}, 2};
  auto [object, name] = bind_behind_context<2>(kSignature, arguments);
  const bool hidden = name.is_string() && name.as_string().starts_with("__");
  if (object.is_undefined() && !hidden && undefined_kind(object) != UndefinedKind::Chainable) raise_undefined(object);
  if (name.is_undefined()) forbid_strict(name);
  if (!name.is_string()) {
    raise_type_error("attribute name must be string, not '" + std::string(type_name(name)) + "'");
  }
  if (object.is_undefined()) return hidden ? undefined_member(state, object, name) : object;
  std::optional<Value> found = object.kind() == Kind::Object
                                   ? object.as_object().find_attribute(state, name.as_string())
                                   : find_builtin_attribute(state, object, name.as_string());
  return found ? *std::move(found) : undefined_member(state, object, name);
}

// ---- The ends

Value filter_first(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_first", {"seq"}, 1};
  auto [seq] = bind_behind_context<1>(kSignature, arguments);
  if (auto first = iterate(state, seq)->next(state)) return *first;
  return undefined_because(state, "No first item, sequence was empty.");
}

// Is it a host's sequence with a length, whose items have numbers?
bool has_numbered_items(State& state, const Value& value) {
  return value.kind() == Kind::Object && value.as_object().is_sequence() && value.as_object().length(state).has_value();
}

// What reversed() takes. Not sets, generators and numbers.
bool is_reversible(State& state, const Value& value) {
  switch (value.kind()) {
    case Kind::Undefined:
    case Kind::String:
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
      return true;
    default:
      return has_numbered_items(state, value);
  }
}

Value filter_last(State& state, Arguments arguments) {
  static const Signature kSignature{"do_last", {"seq"}, 1};
  auto [seq] = bind_behind_context<1>(kSignature, arguments);
  if (!is_reversible(state, seq)) {
    raise_type_error("'" + std::string(type_name(seq)) + "' object is not reversible");
  }
  const std::size_t size = length(state, seq);
  if (size == 0) return undefined_because(state, "No last item, sequence was empty.");
  if (seq.kind() == Kind::Dict) return seq.as_dict().keys().back();
  return get_item(state, seq, Value(static_cast<std::int64_t>(size - 1)));
}

Value filter_random(State& state, Arguments arguments) {
  static const Signature kSignature{"do_random", {"seq"}, 1};
  auto [seq] = bind_behind_context<1>(kSignature, arguments);
  const std::size_t size = length(state, seq);
  if (size == 0) return undefined_because(state, "No random item, sequence was empty.");
  const Value index(static_cast<std::int64_t>(draw_below(size)));
  if (seq.kind() == Kind::Dict) {
    if (const Value* found = seq.as_dict().find(index)) return *found;
    raise("KeyError", repr(state, index));
  }
  if (seq.kind() == Kind::Set) raise_type_error("'set' object is not subscriptable");
  return get_item(state, seq, index);
}

// ---- join

// With markup among the parts all of it becomes markup, and the other parts are escaped.
Value join_escaping(State& state, std::vector<Value> items, Value separator) {
  bool as_markup = knows_html(state, separator);
  for (std::size_t i = 0; !as_markup && i < items.size(); ++i) as_markup = knows_html(state, items[i]);
  std::string out;
  auto append = [&](const Value& part) {
    if (as_markup) {
      out += escape(state, part).as_string();
    } else {
      append_str(state, out, part);
    }
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    state.tick();
    if (i > 0) append(separator);
    append(items[i]);
    state.reserve(3 * out.size());
  }
  return make_text(std::move(out), as_markup);
}

Value filter_join(State& state, Arguments arguments) {
  static const Signature kSignature{"sync_do_join", {"value", "d", "attribute"}, 1};
  auto [value, separator, attribute] = bind_behind_context<3>(kSignature, arguments);
  if (!given(separator)) separator = Value("");
  const AttributePath path(attribute);
  if (state.autoescape()) {
    std::vector<Value> items = to_vector(state, value);
    for (Value& item : items) item = path.get(state, item);
    return join_escaping(state, std::move(items), std::move(separator));
  }
  const TextOf holder(state, separator);
  const std::string_view between = holder;
  std::string out;
  bool first = true;
  auto append = [&](const Value& item) {
    state.tick();
    if (!std::exchange(first, false)) out += between;
    append_str(state, out, item);
    state.reserve(3 * out.size());
  };
  const bool is_list = value.kind() == Kind::List || value.kind() == Kind::Tuple;
  if (is_list && !is_set(attribute)) {
    for (const Value& item : value.items()) append(item);
  } else {
    auto iterator = iterate(state, value);
    while (auto item = iterator->next(state)) append(path.get(state, *item));
  }
  return Value(std::move(out));
}

// ---- Parts

// Rows of `line_count` items each, the last filled up.
class Batches final : public Iterator {
 public:
  Batches(Value value, Value line_count, Value fill)
      : value_(std::move(value)), line_count_(std::move(line_count)), fill_(std::move(fill)) {}

  std::optional<Value> next(State& state) override {
    if (!items_) items_ = iterate(state, value_);
    std::vector<Value> row;
    if (pending_) row.push_back(*std::exchange(pending_, std::nullopt));
    while (auto item = items_->next(state)) {
      // Python compares, rather than counts: a row of 0 or of 1.5 is never full.
      if (equal(state, Value(static_cast<std::int64_t>(row.size())), line_count_)) {
        pending_ = std::move(item);
        return Value::list(std::move(row));
      }
      row.push_back(*std::move(item));
    }
    if (row.empty()) return std::nullopt;
    if (is_set(fill_)) fill_up(state, row);
    return Value::list(std::move(row));
  }

 private:
  void fill_up(State& state, std::vector<Value>& row) const {
    const Value size(static_cast<std::int64_t>(row.size()));
    if (!compare(state, CompareOperator::Less, size, line_count_)) return;
    const Value missing = operate(state, BinaryOperator::Subtract, line_count_, size);
    const Value filling = operate(state, BinaryOperator::Multiply, Value::list({fill_}), missing);
    row.insert(row.end(), filling.items().begin(), filling.items().end());
  }

  Value value_, line_count_, fill_;
  std::unique_ptr<Iterator> items_;
  std::optional<Value> pending_;
};

Value filter_batch(State&, Arguments arguments) {
  static const Signature kSignature{"do_batch", {"value", "linecount", "fill_with"}, 2};
  auto [value, line_count, fill] = bind<3>(kSignature, arguments);
  return make_named_generator("do_batch",
                              std::make_unique<Batches>(std::move(value), std::move(line_count), std::move(fill)));
}

// So many columns, the first ones longer by one where it does not come out even.
class Columns final : public Iterator {
 public:
  Columns(Value value, Value count, Value fill)
      : value_(std::move(value)), count_(std::move(count)), fill_(std::move(fill)) {}

  std::optional<Value> next(State& state) override {
    if (!started_) start(state);
    if (column_ >= columns_) return std::nullopt;
    state.tick();
    const auto extra = static_cast<std::int64_t>(items_.size()) % columns_;
    const bool longer = column_ < extra;
    const auto size = static_cast<std::int64_t>(items_.size()) / columns_ + (longer ? 1 : 0);
    const auto begin = items_.begin() + position_;
    std::vector<Value> column(begin, begin + size);
    position_ += size;
    if (is_set(fill_) && !longer) column.push_back(fill_);
    ++column_;
    return Value::list(std::move(column));
  }

 private:
  void start(State& state) {
    started_ = true;
    items_ = to_vector(state, value_);
    if (!count_.is_integral()) {
      // The division is what Python tries first.
      operate(state, BinaryOperator::FloorDivide, Value(static_cast<std::int64_t>(items_.size())), count_);
    }
    columns_ = index_of(count_);
    if (columns_ == 0) raise("ZeroDivisionError", "integer division or modulo by zero");
  }

  Value value_, count_, fill_;
  bool started_ = false;
  std::vector<Value> items_;
  std::int64_t columns_ = 0, column_ = 0;
  std::ptrdiff_t position_ = 0;
};

Value filter_slice(State&, Arguments arguments) {
  static const Signature kSignature{"sync_do_slice", {"value", "slices", "fill_with"}, 2};
  auto [value, slices, fill] = bind<3>(kSignature, arguments);
  return make_named_generator("sync_do_slice",
                              std::make_unique<Columns>(std::move(value), std::move(slices), std::move(fill)));
}

// ---- reverse

// From the last item to the first, of what has numbered items.
class Backwards final : public Iterator {
 public:
  Backwards(Value value, std::size_t size) : value_(std::move(value)), left_(size) {}

  std::optional<Value> next(State& state) override {
    if (left_ == 0) return std::nullopt;
    --left_;
    if (value_.kind() != Kind::List && value_.kind() != Kind::Tuple) {
      return get_item(state, value_, Value(static_cast<std::int64_t>(left_)));
    }
    const auto& items = value_.items();
    if (left_ < items.size()) return items[left_];
    left_ = 0;  // the list has shrunk meanwhile
    return std::nullopt;
  }

 private:
  Value value_;
  std::size_t left_;
};

std::string reverse_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = text.size(); at > 0;) {
    const std::size_t end = at;
    previous_code_point(text, at);
    out += text.substr(at, end - at);
  }
  return out;
}

std::string_view reverse_iterator_name(const Value& value) {
  switch (value.kind()) {
    case Kind::List:
      return "list_reverseiterator";
    case Kind::Dict:
      return "dict_reversekeyiterator";
    default:
      return type_name(value) == "range" ? "range_iterator" : "reversed";
  }
}

Value filter_reverse(State& state, Arguments arguments) {
  static const Signature kSignature{"do_reverse", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  if (value.is_string()) return make_text(reverse_text(value.as_string()), value.is_markup());
  if (is_reversible(state, value)) {
    const std::string_view name = reverse_iterator_name(value);
    const std::size_t size = length(state, value);
    if (value.kind() == Kind::Dict) value = Value::list(value.as_dict().keys());
    return make_generator(std::make_unique<Backwards>(std::move(value), size), name);
  }
  if (value.is_number() || value.is_none() ||
      (value.kind() == Kind::Object && value.as_object().iterate(state) == nullptr)) {
    raise_filter_argument_error("argument must be iterable");
  }
  std::vector<Value> items = to_vector(state, value);
  std::reverse(items.begin(), items.end());
  return Value::list(std::move(items));
}

// ---- items

class Items final : public Iterator {
 public:
  explicit Items(Value value) : value_(std::move(value)) {}

  std::optional<Value> next(State& state) override {
    Iterator* pairs = start(state);
    return pairs != nullptr ? pairs->next(state) : std::nullopt;
  }
  Pair next_pair(State& state, Value& first, Value& second) override {
    Iterator* pairs = start(state);
    return pairs != nullptr ? pairs->next_pair(state, first, second) : Pair::End;
  }

 private:
  // What it walks, once it is asked for the first; null where there is nothing.
  Iterator* start(State& state) {
    if (of_dict_) return &*of_dict_;
    if (of_host_ || value_.is_undefined()) return of_host_.get();
    if (value_.kind() == Kind::Dict) return &of_dict_.emplace(value_, DictView::Shows::Items);
    if (value_.kind() != Kind::Object || !value_.as_object().is_mapping()) {
      raise_type_error("Can only get item pairs from a mapping.");
    }
    std::vector<Value> tuples;
    for (Value::Entry& entry : entries_of(state, value_)) {
      tuples.push_back(Value::tuple({std::move(entry.key), std::move(entry.value)}));
    }
    of_host_ = iterate(state, Value::list(std::move(tuples)));
    return of_host_.get();
  }

  const Value value_;
  std::optional<DictIterator> of_dict_;
  std::unique_ptr<Iterator> of_host_;
};

Value filter_items(State&, Arguments arguments) {
  static const Signature kSignature{"do_items", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return make_named_generator("do_items", std::make_unique<Items>(std::move(value)));
}

}  // namespace

std::span<const LibraryFunction> sequence_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"attr", filter_attr},       {"batch", filter_batch},   {"count", filter_length}, {"d", filter_default},
      {"default", filter_default}, {"first", filter_first},   {"items", filter_items},  {"join", filter_join},
      {"last", filter_last},       {"length", filter_length}, {"list", filter_list},    {"random", filter_random},
      {"reverse", filter_reverse}, {"slice", filter_slice},
  };
  return kFilters;
}

}  // namespace plumb::jinja
