#include "jinja/calling.h"

#include <numeric>

#include "jinja/errors.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

Value& bind_only(std::string_view name, Arguments arguments) {
  if (!arguments.keywords.empty()) raise_type_error(std::string(name) + "() takes no keyword arguments");
  if (arguments.positional.size() != 1) {
    raise_type_error(std::string(name) + "() takes exactly one argument (" +
                     std::to_string(arguments.positional.size()) + " given)");
  }
  return arguments.positional[0];
}

std::pair<Value*, Value*> bind_operands(std::string_view name, Arguments arguments) {
  if (!arguments.keywords.empty()) {
    raise_type_error("_operator." + std::string(name) + "() takes no keyword arguments");
  }
  if (arguments.positional.size() != 2) {
    raise_type_error(std::string(name) + " expected 2 arguments, got " + std::to_string(arguments.positional.size()));
  }
  return {&arguments.positional[0], &arguments.positional[1]};
}

std::int64_t index_of(const Value& value) {
  if (!value.is_integral()) {
    raise_type_error("'" + std::string(type_name(value)) + "' object cannot be interpreted as an integer");
  }
  return clip_to_int64(value);
}

bool reverse_flag(const Value& bound) {
  if (!given(bound)) return false;
  const std::int64_t number = index_of(bound);
  if (number < INT32_MIN || number > INT32_MAX) raise("OverflowError", "Python int too large to convert to C int");
  return number != 0;
}

bool flag(State& state, const Value& bound, bool otherwise) {
  return given(bound) ? truth(state, bound) : otherwise;
}

Value soft_str(State& state, Value value) {
  if (value.is_string()) return value;
  return Value(to_str(state, value));
}

Value make_text(std::string text, bool is_markup) {
  return is_markup ? Value::markup(std::move(text)) : Value(std::move(text));
}

TextOf::TextOf(State& state, const Value& value) {
  if (value.is_string()) {
    view_ = value.as_string();
  } else {
    append_str(state, made_, value);
    view_ = made_;
  }
}

bool knows_html(State& state, const Value& value) {
  if (value.is_markup()) return true;
  return value.kind() == Kind::Object && value.as_object().html(state).has_value();
}

void raise_no_attribute(const Value& value, std::string_view name) {
  raise("AttributeError",
        "'" + std::string(type_name(value)) + "' object has no attribute '" + std::string(name) + "'");
}

// ---- Attribute paths

namespace {

bool is_digits(std::string_view part) {
  if (part.empty()) return false;
  for (std::size_t at = 0; at < part.size();) {
    if (!is_digit(next_code_point(part, at))) return false;
  }
  return true;
}

Value parse_path_part(std::string_view part) {
  if (!is_digits(part)) return Value(part);
  std::string digits;
  for (std::size_t at = 0; at < part.size();) {
    int digit = decimal_value(next_code_point(part, at));
    if (digit < 0) raise_value_error("invalid literal for int() with base 10: " + repr_text(part));
    digits += static_cast<char>('0' + digit);
  }
  return parse_int(digits).value_or(Value(part));
}

}  // namespace

AttributePath::AttributePath(const Value& attribute, Value otherwise) : default_(std::move(otherwise)) {
  if (!given(attribute) || attribute.is_none()) return;
  if (!attribute.is_string()) {
    parts_.push_back(attribute);
    return;
  }
  std::string_view path = attribute.as_string();
  for (;;) {
    std::size_t dot = path.find('.');
    parts_.push_back(parse_path_part(path.substr(0, dot)));
    if (dot == std::string_view::npos) return;
    path.remove_prefix(dot + 1);
  }
}

Value AttributePath::get(State& state, const Value& item) const {
  if (parts_.empty()) return item;
  const bool has_default = is_set(default_);
  Value found = get_item(state, item, parts_[0]);
  for (std::size_t i = 1;; ++i) {
    if (has_default && found.is_undefined()) found = default_;
    if (i == parts_.size()) return found;
    found = get_item(state, found, parts_[i]);
  }
}

// ---- Order

Value ignore_case(const Value& value) {
  return value.is_string() ? make_text(to_lower(value.as_string()), value.is_markup()) : value;
}

namespace {

// Insertion by halves, which is what CPython's sort is for up to 64 items. `sorted` of them are in order already.
template <class Less>
void sort_by_insertion(std::vector<std::size_t>& indices, std::size_t sorted, const Less& less) {
  for (std::size_t next = sorted; next < indices.size(); ++next) {
    std::size_t low = 0, high = next;
    while (low < high) {
      std::size_t middle = low + (high - low) / 2;
      if (less(indices[next], indices[middle])) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    auto place = indices.begin() + static_cast<std::ptrdiff_t>(low);
    std::rotate(place, indices.begin() + static_cast<std::ptrdiff_t>(next),
                indices.begin() + static_cast<std::ptrdiff_t>(next) + 1);
  }
}

// How many at the front are in order; a falling run is turned round first.
template <class Less>
std::size_t find_run(std::vector<std::size_t>& indices, const Less& less) {
  if (indices.size() < 2) return indices.size();
  const bool falling = less(indices[1], indices[0]);
  std::size_t end = 2;
  while (end < indices.size() && less(indices[end], indices[end - 1]) == falling) ++end;
  if (falling) std::reverse(indices.begin(), indices.begin() + static_cast<std::ptrdiff_t>(end));
  return end;
}

}  // namespace

std::vector<std::size_t> sort_by_keys(State& state, const std::vector<Value>& keys, bool reverse) {
  constexpr std::size_t kShort = 64;
  std::vector<std::size_t> indices(keys.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  // Reversed before and after: equal keys keep their order.
  if (reverse) std::reverse(indices.begin(), indices.end());
  auto less = [&](std::size_t a, std::size_t b) {
    state.tick();
    return order(state, keys[a], keys[b]) == std::partial_ordering::less;
  };
  std::size_t run = find_run(indices, less);
  if (run < indices.size()) {
    if (indices.size() < kShort) {
      sort_by_insertion(indices, run, less);
    } else {
      std::stable_sort(indices.begin(), indices.end(), less);
    }
  }
  if (reverse) std::reverse(indices.begin(), indices.end());
  return indices;
}

Value make_named_generator(std::string_view name, std::unique_ptr<Iterator> iterator) {
  return make_generator(std::move(iterator), "generator", name);
}

std::vector<Value::Entry> entries_of(State& state, const Value& mapping) {
  std::vector<Value::Entry> entries;
  if (mapping.kind() == Kind::Dict) {
    const Dict& dict = mapping.as_dict();
    entries.reserve(dict.size());
    for (std::size_t at = 0; const Value::Entry* entry = dict.next(at);) entries.push_back(*entry);
    return entries;
  }
  if (mapping.is_undefined()) raise_undefined(mapping);
  if (mapping.kind() != Kind::Object || !mapping.as_object().is_mapping()) raise_no_attribute(mapping, "items");
  for (Value& key : to_vector(state, mapping)) {
    Value value = get_item(state, mapping, key);
    entries.push_back({std::move(key), std::move(value)});
  }
  return entries;
}

}  // namespace plumb::jinja
