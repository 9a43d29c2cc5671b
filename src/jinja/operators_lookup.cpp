// x.name, x[key] and calls, by Jinja2's rules: attribute and item stand in for each other.
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

Value member_of_undefined(const Value& value) {
  if (chains(undefined_kind(value))) return value;
  raise_undefined(value);
}

bool hashable(const Value& key) {
  switch (key.kind()) {
    case Kind::List:
    case Kind::Dict:
    case Kind::Set:
      return false;
    case Kind::Tuple:
      for (const Value& item : key.items()) {
        if (!hashable(item)) return false;
      }
      return true;
    case Kind::Object:
      return key.as_object().hash().has_value();
    default:
      return true;
  }
}

// Where an index points in something of this length, counted from the end when it is negative.
std::optional<std::size_t> resolve_index(const Value& index, std::size_t length) {
  std::int64_t position = clip_to_int64(index);
  if (position < 0) position += static_cast<std::int64_t>(length);
  if (position < 0 || static_cast<std::size_t>(position) >= length) return std::nullopt;
  return static_cast<std::size_t>(position);
}

std::optional<Value> find_character(State& state, const Value& text, const Value& index) {
  const std::size_t size = length(state, text);
  const std::optional<std::size_t> position = resolve_index(index, size);
  if (!position) return std::nullopt;
  const std::string_view bytes = text.as_string();
  const std::size_t begin = size == bytes.size() ? *position : find_code_point(bytes, *position);
  std::size_t end = begin;
  next_code_point(bytes, end);
  const std::string_view character = bytes.substr(begin, end - begin);
  return text.is_markup() ? Value::markup(std::string(character)) : Value(character);
}

// x[key] of Python, without what would be an exception there.
std::optional<Value> find_own_item(State& state, const Value& value, const Value& key) {
  switch (value.kind()) {
    case Kind::Dict: {
      if (!hashable(key)) return std::nullopt;
      const Value* found = value.as_dict().find(key);
      return found ? std::optional<Value>(*found) : std::nullopt;
    }
    case Kind::List:
    case Kind::Tuple: {
      if (!key.is_integral()) return std::nullopt;
      const std::optional<std::size_t> position = resolve_index(key, value.items().size());
      return position ? std::optional<Value>(value.items()[*position]) : std::nullopt;
    }
    case Kind::String:
      return key.is_integral() ? find_character(state, value, key) : std::nullopt;
    case Kind::Object:
      return value.as_object().find_item(state, key);
    default:
      return std::nullopt;
  }
}

std::optional<Value> find_own_attribute(State& state, const Value& value, std::string_view name) {
  if (value.kind() == Kind::Object) return value.as_object().find_attribute(state, name);
  return find_builtin_attribute(state, value, name);
}

}  // namespace

Value get_attribute(State& state, const Value& value, std::string_view name) {
  if (value.is_undefined()) return member_of_undefined(value);
  if (std::optional<Value> attribute = find_own_attribute(state, value, name)) return std::move(*attribute);
  if (value.kind() == Kind::Dict) {
    if (const Value* found = value.as_dict().find(name)) return *found;
  } else if (value.kind() == Kind::Object) {
    if (std::optional<Value> item = value.as_object().find_item(state, Value(name))) return std::move(*item);
  }
  return undefined_member(state, value, Value(name));
}

Value get_item(State& state, const Value& value, const Value& key) {
  if (value.is_undefined()) return member_of_undefined(value);
  if (std::optional<Value> item = find_own_item(state, value, key)) return std::move(*item);
  if (key.is_string()) {
    if (std::optional<Value> attribute = find_own_attribute(state, value, key.as_string())) {
      return std::move(*attribute);
    }
  }
  return undefined_member(state, value, key);
}

Value call(State& state, const Value& callee, Arguments arguments) {
  if (callee.is_undefined()) {
    if (undefined_kind(callee) == UndefinedKind::Forgiving) return callee;
    raise_undefined(callee);
  }
  if (callee.kind() == Kind::Object && callee.as_object().callable()) {
    // It lives until it has returned, whatever becomes of the variable that holds it.
    const Value held = callee;
    return held.as_object().call(state, arguments);
  }
  raise_type_error("'" + std::string(type_name(callee)) + "' object is not callable");
}

Value call_method(State& state, const Value& value, std::string_view name, Arguments arguments) {
  const Value held = value;
  std::optional<Value> result;
  if (held.kind() == Kind::Object) {
    result = held.as_object().call_method(state, name, arguments);
  } else if (!held.is_undefined()) {
    result = call_builtin_method(state, held, name, arguments);
  }
  if (result) return std::move(*result);
  return call(state, get_attribute(state, held, name), arguments);
}

}  // namespace plumb::jinja
