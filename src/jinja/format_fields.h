// str.format: text with replacement fields, "{0.name[key]!r:>{width}}".
#pragma once

#include <string>
#include <string_view>

#include "jinja/object.h"

namespace plumb::jinja {

// Three of Python's functions read the same grammar and differ in how they look names up and in their words.
enum class FieldRules {
  Builtin,    // str.format
  Formatter,  // string.Formatter, which Markup.format uses: what it puts in is escaped
  Sandboxed,  // the sandbox: names are looked up as the template itself would
};
struct FieldOptions {
  FieldRules rules = FieldRules::Builtin;
  bool escapes = false;
};

// The values of fields: by position, and by name from keywords or, for format_map, a mapping.
struct FieldValues {
  std::span<const Value> positional = {};
  std::span<const Keyword> keywords = {};
  const Value* mapping = nullptr;
};

std::string format_fields(State& state, std::string_view text, const FieldValues& values, const FieldOptions& options);

}  // namespace plumb::jinja
