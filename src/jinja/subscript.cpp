#include "jinja/subscript.h"

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/methods.h"
#include "jinja/number.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// The position that a key means in something so long; nothing when there is none.
std::optional<std::size_t> position_of(const Value& key, std::size_t length) {
  std::int64_t index = clip_to_int64(key);
  if (index < 0) index += static_cast<std::int64_t>(length);
  if (index < 0 || std::cmp_greater_equal(index, length)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

Value item_of_list(const Value& list, const Value& key) {
  const std::string_view type = type_name(list);
  if (!key.is_integral()) {
    raise_type_error(format("{} indices must be integers or slices, not {}", type, type_name(key)));
  }
  const auto position = position_of(key, list.items().size());
  if (!position) raise("IndexError", format("{} index out of range", type));
  return list.items()[*position];
}

Value character_of(const Value& text, const Value& key) {
  if (!key.is_integral()) {
    raise_type_error(format("string indices must be integers, not '{}'", type_name(key)));
  }
  const std::string_view characters = text.as_string();
  const auto position = position_of(key, count_code_points(characters));
  if (!position) raise("IndexError", "string index out of range");
  const std::size_t begin = find_code_point(characters, *position);
  std::size_t end = begin;
  next_code_point(characters, end);
  const std::string_view found = characters.substr(begin, end - begin);
  return text.is_markup() ? Value::markup(std::string(found)) : Value(found);
}

}  // namespace

Value attribute(State& state, const Value& value, std::string_view name) {
  if (value.is_undefined()) {
    if (chains(undefined_kind(value))) return value;
    raise_undefined(value);
  }
  std::optional<Value> found = value.kind() == Kind::Object ? value.as_object().find_attribute(state, name)
                                                            : find_builtin_attribute(state, value, name);
  if (!found) raise("AttributeError", format("'{}' object has no attribute '{}'", type_name(value), name));
  return std::move(*found);
}

Value subscript(State& state, const Value& value, const Value& key) {
  switch (value.kind()) {
    case Kind::Undefined:
      if (chains(undefined_kind(value))) return value;
      raise_undefined(value);
    case Kind::Dict:
      if (const Value* found = value.as_dict().find(key)) return *found;
      raise_key_error(state, key);
    case Kind::List:
    case Kind::Tuple:
      return item_of_list(value, key);
    case Kind::String:
      return character_of(value, key);
    case Kind::Object:
      if (std::optional<Value> found = value.as_object().find_item(state, key)) return std::move(*found);
      if (value.as_object().is_mapping()) raise_key_error(state, key);
      break;
    default:
      break;
  }
  raise_type_error(format("'{}' object is not subscriptable", type_name(value)));
}

std::string ascii(State& state, const Value& value) {
  std::string shown = repr(state, value);
  if (is_ascii(shown)) return shown;
  std::string out;
  for (std::size_t position = 0; position < shown.size();) {
    const auto code_point = static_cast<std::uint32_t>(next_code_point(shown, position));
    if (code_point < 0x80) {
      out += static_cast<char>(code_point);
    } else if (code_point < 0x100) {
      out += format("\\x{:02x}", code_point);
    } else {
      out += code_point < 0x10000 ? format("\\u{:04x}", code_point) : format("\\U{:08x}", code_point);
    }
  }
  return out;
}

}  // namespace plumb::jinja
