// len(), iter() and slices.
#include <algorithm>

#include "jinja/errors.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// By position: as in Python, what is appended meanwhile is met as well.
class ListWalk final : public Iterator {
 public:
  explicit ListWalk(Value list) : list_(std::move(list)) {}
  std::optional<Value> next(State&) override {
    const std::vector<Value>& items = list_.items();
    if (position_ >= items.size()) return std::nullopt;
    return items[position_++];
  }

 private:
  const Value list_;
  std::size_t position_ = 0;
};

class TextWalk final : public Iterator {
 public:
  explicit TextWalk(Value text) : text_(std::move(text)) {}
  std::optional<Value> next(State&) override {
    const std::string_view text = text_.as_string();
    if (position_ >= text.size()) return std::nullopt;
    const std::size_t start = position_;
    next_code_point(text, position_);
    return Value(text.substr(start, position_ - start));
  }

 private:
  const Value text_;
  std::size_t position_ = 0;
};

template <class Container>
class KeyWalk final : public Iterator {
 public:
  KeyWalk(Value value, const Container& container, const char* changed)
      : value_(std::move(value)), container_(container), size_(container.size()), changed_(changed) {}
  std::optional<Value> next(State&) override {
    if (container_.size() != size_) raise("RuntimeError", changed_);
    return key(container_.next(position_));
  }

 private:
  static std::optional<Value> key(const Value::Entry* entry) {
    return entry ? std::optional<Value>(entry->key) : std::nullopt;
  }
  static std::optional<Value> key(const Value* item) { return item ? std::optional<Value>(*item) : std::nullopt; }

  const Value value_;  // keeps the container
  const Container& container_;
  const std::size_t size_;
  const char* const changed_;
  std::size_t position_ = 0;
};

class NothingWalk final : public Iterator {
 public:
  std::optional<Value> next(State&) override { return std::nullopt; }
};

std::size_t text_length(const Value& text) {
  if (const Shared* shared = text.identity()) return static_cast<const LongText*>(shared)->length();
  return count_code_points(text.as_string());
}

// ---- Slices

std::optional<std::int64_t> slice_bound(const Value& bound) {
  if (bound.is_none()) return std::nullopt;
  if (bound.is_integral()) return clip_to_int64(bound);
  raise_type_error("slice indices must be integers or None or have an __index__ method");
}

// The positions that a slice of something of this length takes, as Python's slice.indices() gives them.
struct Steps {
  std::int64_t start = 0, stop = 0, step = 1;
  std::size_t count() const {
    if (step > 0) return start < stop ? static_cast<std::size_t>((stop - start - 1) / step + 1) : 0;
    return stop < start ? static_cast<std::size_t>((start - stop - 1) / -step + 1) : 0;
  }
};
Steps slice_steps(std::size_t length, const Value& start, const Value& stop, const Value& step) {
  const auto size = static_cast<std::int64_t>(length);
  Steps steps;
  steps.step = std::max(slice_bound(step).value_or(1), -INT64_MAX);
  if (steps.step == 0) raise_value_error("slice step cannot be zero");
  const bool forward = steps.step > 0;
  const std::int64_t lowest = forward ? 0 : -1, highest = forward ? size : size - 1;
  const auto place = [&](std::int64_t bound) {
    return bound < 0 ? std::max(bound + size, lowest) : std::min(bound, highest);
  };
  const std::optional<std::int64_t> first = slice_bound(start), last = slice_bound(stop);
  steps.start = first ? place(*first) : forward ? lowest : highest;
  steps.stop = last ? place(*last) : forward ? highest : lowest;
  return steps;
}

Value slice_list(State& state, const Value& list, const Steps& steps) {
  const std::vector<Value>& items = list.items();
  state.reserve(steps.count() * sizeof(Value));
  std::vector<Value> taken;
  taken.reserve(steps.count());
  std::int64_t position = steps.start;
  for (std::size_t i = 0; i < steps.count(); ++i, position += steps.step) {
    taken.push_back(items[static_cast<std::size_t>(position)]);
  }
  return list.kind() == Kind::Tuple ? Value::tuple(std::move(taken)) : Value::list(std::move(taken));
}

// Text whose characters are not all one byte: where each of them begins, and the end.
std::vector<std::size_t> character_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t position = 0; position < text.size(); next_code_point(text, position)) starts.push_back(position);
  starts.push_back(text.size());
  return starts;
}

std::string slice_characters(std::string_view text, std::size_t length, const Steps& steps) {
  const std::size_t count = steps.count();
  const auto start = static_cast<std::size_t>(steps.start);
  std::string taken;
  if (count == 0) return taken;
  if (steps.step == 1 && length == text.size()) return std::string(text.substr(start, count));
  if (steps.step == 1) {
    const std::size_t begin = find_code_point(text, start);
    return std::string(text.substr(begin, find_code_point(text.substr(begin), count)));
  }
  const std::vector<std::size_t> starts = character_starts(text);
  std::int64_t position = steps.start;
  for (std::size_t i = 0; i < count; ++i, position += steps.step) {
    const std::size_t begin = starts[static_cast<std::size_t>(position)];
    taken += text.substr(begin, starts[static_cast<std::size_t>(position) + 1] - begin);
  }
  return taken;
}

}  // namespace

std::size_t length(State& state, const Value& value) {
  switch (value.kind()) {
    case Kind::String:
      return text_length(value);
    case Kind::List:
    case Kind::Tuple:
      return value.items().size();
    case Kind::Dict:
      return value.as_dict().size();
    case Kind::Set:
      return value.as_set().size();
    case Kind::Undefined:
      forbid_strict(value);
      return 0;
    case Kind::Object:
      if (const std::optional<std::size_t> size = value.as_object().length(state)) return *size;
      break;
    default:
      break;
  }
  raise_type_error("object of type '" + std::string(type_name(value)) + "' has no len()");
}

std::unique_ptr<Iterator> iterate(State& state, const Value& value) {
  switch (value.kind()) {
    case Kind::List:
    case Kind::Tuple:
      return std::make_unique<ListWalk>(value);
    case Kind::Dict:
      return std::make_unique<KeyWalk<Dict>>(value, value.as_dict(), "dictionary changed size during iteration");
    case Kind::String:
      return std::make_unique<TextWalk>(value);
    case Kind::Set:
      return std::make_unique<KeyWalk<Set>>(value, value.as_set(), "Set changed size during iteration");
    case Kind::Undefined:
      forbid_strict(value);
      return std::make_unique<NothingWalk>();
    case Kind::Object:
      if (std::unique_ptr<Iterator> iterator = value.as_object().iterate(state)) return iterator;
      break;
    default:
      break;
  }
  raise_type_error("'" + std::string(type_name(value)) + "' object is not iterable");
}

std::vector<Value> to_vector(State& state, const Value& value) {
  if (value.kind() == Kind::List || value.kind() == Kind::Tuple) {
    state.reserve(value.items().size() * sizeof(Value));
    return value.items();
  }
  if (value.kind() == Kind::Dict) return value.as_dict().keys();
  std::vector<Value> items;
  const std::unique_ptr<Iterator> iterator = iterate(state, value);
  while (std::optional<Value> item = iterator->next(state)) {
    items.push_back(std::move(*item));
    state.tick();
    if (items.size() == items.capacity()) state.reserve(2 * items.size() * sizeof(Value));
  }
  return items;
}

Value slice(State& state, const Value& value, const Value& start, const Value& stop, const Value& step) {
  switch (value.kind()) {
    case Kind::List:
    case Kind::Tuple:
      return slice_list(state, value, slice_steps(value.items().size(), start, stop, step));
    case Kind::String: {
      const std::size_t size = text_length(value);
      std::string taken = slice_characters(value.as_string(), size, slice_steps(size, start, stop, step));
      return value.is_markup() ? Value::markup(std::move(taken)) : Value(std::move(taken));
    }
    case Kind::Undefined:
      if (chains(undefined_kind(value))) return value;
      raise_undefined(value);
    case Kind::Dict:
      raise_type_error("unhashable type: 'slice'");
    case Kind::Object:
      if (std::optional<Value> taken = value.as_object().slice(state, start, stop, step)) return std::move(*taken);
      break;
    default:
      break;
  }
  raise_type_error("'" + std::string(type_name(value)) + "' object is not subscriptable");
}

}  // namespace plumb::jinja
