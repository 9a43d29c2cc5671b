#include "base/format.h"
#include "jinja/bytes.h"
#include "jinja/encodings.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/methods_string.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

struct Padding {
  std::size_t missing = 0;  // code points up to the width
  std::string fill = " ";
  std::int64_t width = 0;
};

Padding padding(State& state, std::string_view text, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  Padding result;
  result.width = index_argument(given[0]);
  if (given.size() > 1) {
    result.fill = text_argument(given[1], "The fill character must be a unicode character");
    if (count_code_points(result.fill) != 1) {
      raise_type_error("The fill character must be exactly one character long");
    }
  }
  const std::size_t length = count_code_points(text);
  if (std::cmp_greater(result.width, length)) result.missing = static_cast<std::size_t>(result.width) - length;
  // A width beyond any memory must not overflow while it is weighed.
  state.reserve(result.missing > SIZE_MAX / 8 ? SIZE_MAX / 2 : result.missing * result.fill.size() + text.size());
  return result;
}

std::string repeated(std::string_view text, std::size_t count) {
  if (text.size() == 1) return std::string(count, text[0]);
  std::string out;
  out.reserve(text.size() * count);
  while (count-- > 0) out += text;
  return out;
}

Value padded(std::string_view text, const Padding& pad, std::size_t left) {
  if (pad.missing == 0) return text;
  std::string out = repeated(pad.fill, left);
  out += text;
  out += repeated(pad.fill, pad.missing - left);
  return out;
}

// What a table of translate() has for a code point; nothing when it has none.
std::optional<Value> look_up(State& state, const Value& table, char32_t code_point) {
  const auto key = static_cast<std::int64_t>(code_point);
  switch (table.kind()) {
    case Kind::Dict: {
      const Value* found = table.as_dict().find(Value(key));
      return found != nullptr ? std::optional<Value>(*found) : std::nullopt;
    }
    case Kind::List:
    case Kind::Tuple:
      if (std::cmp_less(key, table.items().size())) return table.items()[static_cast<std::size_t>(key)];
      return std::nullopt;
    case Kind::String: {
      const std::string_view text = table.as_string();
      std::size_t at = find_code_point(text, code_point);
      if (at == text.size()) return std::nullopt;
      const std::size_t begin = at;
      next_code_point(text, at);
      return text.substr(begin, at - begin);
    }
    case Kind::Object:
      return table.as_object().find_item(state, Value(key));
    default:
      raise_type_error(format("'{}' object is not subscriptable", type_name(table)));
  }
}

void append_translated(std::string& out, const Value& replacement) {
  if (replacement.is_none()) return;
  if (replacement.is_string()) {
    out += replacement.as_string();
    return;
  }
  if (!replacement.is_integral()) raise_type_error("character mapping must return integer, None or str");
  if (!replacement.is_int() || replacement.as_int() < 0 || replacement.as_int() > 0x10FFFF) {
    if (replacement.kind() != Kind::Bool) raise_value_error("character mapping must be in range(0x110000)");
    out += static_cast<char>(replacement.as_bool());
    return;
  }
  append_code_point(out, static_cast<char32_t>(replacement.as_int()));
}

Value table_of_dict(const Dict& dict) {
  Value table = Value::dict();
  std::size_t position = 0;
  while (const Value::Entry* entry = dict.next(position)) {
    if (entry->key.is_integral()) {
      table.as_dict().set(entry->key, entry->value);
    } else if (entry->key.is_string()) {
      const std::string_view text = entry->key.as_string();
      std::size_t at = 0;
      const char32_t code_point = text.empty() ? 0 : next_code_point(text, at);
      if (text.empty() || at != text.size()) {
        raise_value_error("string keys in translate table must be of length 1");
      }
      table.as_dict().set(static_cast<std::int64_t>(code_point), entry->value);
    } else {
      raise_type_error("keys in translate table must be strings or integers");
    }
  }
  return table;
}

std::vector<Value> joinable(State& state, const Value& joined) {
  if (joined.kind() != Kind::Object && !joined.is_number() && !joined.is_none()) return to_vector(state, joined);
  const std::unique_ptr<Iterator> iterator =
      joined.kind() == Kind::Object ? joined.as_object().iterate(state) : nullptr;
  if (iterator == nullptr) raise_type_error("can only join an iterable");
  std::vector<Value> items;
  while (std::optional<Value> item = iterator->next(state)) {
    items.push_back(std::move(*item));
    state.tick();
  }
  return items;
}

[[noreturn]] void raise_not_joinable(std::size_t index, const Value& item) {
  raise_type_error(format("sequence item {}: expected str instance, {} found", index, type_name(item)));
}

}  // namespace

Value str_center(State& state, const Value& self, Arguments arguments) {
  const Padding pad = padding(state, self.as_string(), arguments);
  // Where it can't be even, CPython looks at the width.
  return padded(self.as_string(), pad,
                pad.missing / 2 + (pad.missing & static_cast<std::size_t>(pad.width) & std::size_t{1}));
}
Value str_ljust(State& state, const Value& self, Arguments arguments) {
  return padded(self.as_string(), padding(state, self.as_string(), arguments), 0);
}
Value str_rjust(State& state, const Value& self, Arguments arguments) {
  const Padding pad = padding(state, self.as_string(), arguments);
  return padded(self.as_string(), pad, pad.missing);
}

Value str_zfill(State& state, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string();
  const Padding pad = padding(state, text, arguments);
  if (pad.missing == 0) return text;
  const bool has_sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  std::string out(text.substr(0, has_sign ? 1 : 0));
  out.append(pad.missing, '0');
  out += text.substr(has_sign ? 1 : 0);
  return out;
}

Value str_expandtabs(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"tabsize"};
  Value size;
  bind_parameters({"expandtabs", kNames}, arguments, {&size, 1});
  const std::int64_t tab = given(size) ? int_argument(size) : 8;
  const std::string_view text = self.as_string();
  std::string out;
  std::int64_t column = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    const char32_t code_point = next_code_point(text, position);
    if (code_point == '\t') {
      if (tab <= 0) continue;
      const std::int64_t spaces = tab - column % tab;
      state.reserve(2 * out.size() + static_cast<std::size_t>(spaces));
      out.append(static_cast<std::size_t>(spaces), ' ');
      column += spaces;
      continue;
    }
    column = code_point == '\n' || code_point == '\r' ? 0 : column + 1;
    out += text.substr(begin, position - begin);
  }
  return out;
}

Value str_join(State& state, const Value& self, Arguments arguments) {
  const Value& joined = arguments.positional[0];
  const std::string_view separator = self.as_string();
  const bool ready = joined.kind() == Kind::List || joined.kind() == Kind::Tuple;
  const std::vector<Value> made = ready ? std::vector<Value>() : joinable(state, joined);
  const std::vector<Value>& items = ready ? joined.items() : made;
  if (items.size() == 1 && items[0].is_string() && !items[0].is_markup()) return items[0];

  std::size_t size = items.empty() ? 0 : separator.size() * (items.size() - 1);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_string()) raise_not_joinable(i, items[i]);
    size += items[i].as_string().size();
  }
  state.reserve(size);
  std::string out;
  out.reserve(size);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += separator;
    out += items[i].as_string();
  }
  return out;
}

Value str_maketrans(State&, const Value&, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  if (given.size() == 1) {
    if (given[0].kind() != Kind::Dict) {
      raise_type_error("if you give only one argument to maketrans it must be a dict");
    }
    return table_of_dict(given[0].as_dict());
  }
  const std::string_view to = checked_text("maketrans() argument 2", given[1]);
  const std::string_view removed = given.size() > 2 ? checked_text("maketrans() argument 3", given[2]) : "";
  if (!given[0].is_string()) {
    raise_type_error("first maketrans argument must be a string if there is a second argument");
  }
  const std::string_view from = given[0].as_string();
  if (count_code_points(from) != count_code_points(to)) {
    raise_value_error("the first two maketrans arguments must have equal length");
  }
  Value table = Value::dict();
  for (std::size_t at = 0, at_to = 0; at < from.size();) {
    const auto key = static_cast<std::int64_t>(next_code_point(from, at));
    table.as_dict().set(key, static_cast<std::int64_t>(next_code_point(to, at_to)));
  }
  for (std::size_t at = 0; at < removed.size();) {
    table.as_dict().set(static_cast<std::int64_t>(next_code_point(removed, at)), Value::none());
  }
  return table;
}

Value str_translate(State& state, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string();
  std::string out;
  for (std::size_t position = 0; position < text.size();) {
    state.tick();
    const std::size_t begin = position;
    const char32_t code_point = next_code_point(text, position);
    if (const std::optional<Value> replacement = look_up(state, arguments.positional[0], code_point)) {
      append_translated(out, *replacement);
      state.reserve(out.size());
    } else {
      out += text.substr(begin, position - begin);
    }
  }
  return out;
}

Value str_encode(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"encoding", "errors"};
  Value bound[2];
  bind_parameters({"encode", kNames}, arguments, bound);
  const std::string_view encoding = given(bound[0]) ? checked_text("encode() argument 'encoding'", bound[0]) : "utf-8";
  const std::string_view errors = given(bound[1]) ? checked_text("encode() argument 'errors'", bound[1]) : "strict";
  return make<Bytes>(encode_text(self.as_string(), encoding, errors));
}

}  // namespace plumb::jinja
