#include "jinja/text.h"

#include <charconv>
#include <cstring>

#include "jinja/nesting.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

void append_repr(State& state, std::string& out, const Value& value);

void append_int(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_items(State& state, std::string& out, const Value& list) {
  const std::size_t begin = out.size();
  // By position: the repr of a host object may change the list.
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    if (i > 0) out += ", ";
    append_repr(state, out, list.items()[i]);
    if (i % 1024 == 1023) state.reserve(2 * (out.size() - begin));
  }
}

void append_list(State& state, std::string& out, const Value& list) {
  const bool tuple = list.kind() == Kind::Tuple;
  const ReprLevel level(state, list.identity());
  state.tick();
  state.reserve(out.size());
  out += tuple ? '(' : '[';
  if (level.repeated()) {
    out += "...";
  } else {
    append_items(state, out, list);
    if (tuple && list.items().size() == 1) out += ',';
  }
  out += tuple ? ')' : ']';
}

void append_dict(State& state, std::string& out, const Value& dict) {
  const ReprLevel level(state, dict.identity());
  state.reserve(out.size());
  if (level.repeated()) {
    out += "{...}";
    return;
  }
  out += '{';
  const std::size_t begin = out.size();
  for (std::size_t position = 0; const Value::Entry* entry = dict.as_dict().next(position);) {
    if (out.size() > begin) out += ", ";
    const Value key = entry->key, item = entry->value;
    append_repr(state, out, key);
    out += ": ";
    append_repr(state, out, item);
    state.tick();
  }
  out += '}';
}

void append_set(State& state, std::string& out, const Value& set) {
  if (set.as_set().size() == 0) {
    out += "set()";
    return;
  }
  const ReprLevel level(state, set.identity());
  out += '{';
  const std::size_t begin = out.size();
  for (std::size_t position = 0; const Value* item = set.as_set().next(position);) {
    if (out.size() > begin) out += ", ";
    append_repr(state, out, *item);
  }
  out += '}';
}

void append_repr(State& state, std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::Undefined:
      out += "Undefined";
      return;
    case Kind::String:
      state.reserve(out.size() + value.as_string().size());
      if (value.is_markup()) {
        out += "Markup(" + repr_text(value.as_string()) + ")";
      } else {
        append_repr_text(out, value.as_string());
      }
      return;
    case Kind::List:
    case Kind::Tuple:
      append_list(state, out, value);
      return;
    case Kind::Dict:
      append_dict(state, out, value);
      return;
    case Kind::Set:
      append_set(state, out, value);
      return;
    case Kind::Object: {
      const NestingLevel level(state, "while getting the repr of an object");
      out += value.as_object().repr(state);
      state.reserve(out.size());
      return;
    }
    default:
      append_str(state, out, value);
  }
}

}  // namespace

void append_str(State& state, std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::String:
      out += value.as_string();
      return;
    case Kind::Int:
      append_int(out, value.as_int());
      return;
    case Kind::Undefined:
      out += undefined_text(value);
      return;
    case Kind::None:
      out += "None";
      return;
    case Kind::Bool:
      out += value.as_bool() ? "True" : "False";
      return;
    case Kind::Float:
      out += float_text(value.as_float());
      return;
    case Kind::BigInt:
      out += int_text(value);
      return;
    case Kind::Object: {
      const NestingLevel level(state, "while getting the str of an object");
      out += value.as_object().str(state);
      return;
    }
    default:
      append_repr(state, out, value);
  }
}

std::string to_str(State& state, const Value& value) {
  std::string text;
  append_str(state, text, value);
  return text;
}

std::string repr(State& state, const Value& value) {
  std::string text;
  append_repr(state, text, value);
  return text;
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::Undefined:
      return undefined_type_name(value);
    case Kind::None:
      return "NoneType";
    case Kind::Bool:
      return "bool";
    case Kind::Int:
    case Kind::BigInt:
      return "int";
    case Kind::Float:
      return "float";
    case Kind::String:
      return value.is_markup() ? "Markup" : "str";
    case Kind::List:
      return "list";
    case Kind::Tuple:
      return "tuple";
    case Kind::Dict:
      return "dict";
    case Kind::Set:
      return "set";
    case Kind::Object:
      return value.as_object().type_name();
  }
  return "object";
}

}  // namespace plumb::jinja
