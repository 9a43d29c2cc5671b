#include "jinja/methods_string.h"

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/string_search.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

template <std::string (*kMap)(std::string_view)>
Value mapped(State&, const Value& self, Arguments) {
  return kMap(self.as_string());
}

// True when there is a code point and all are of the kind.
template <bool (*kIs)(char32_t)>
Value all_are(State&, const Value& self, Arguments) {
  const std::string_view text = self.as_string();
  for (std::size_t position = 0; position < text.size();) {
    if (!kIs(next_code_point(text, position))) return false;
  }
  return !text.empty();
}

bool is_alnum(char32_t code_point) {
  return is_alpha(code_point) || is_numeric(code_point);
}

Value str_isascii(State&, const Value& self, Arguments) {
  return is_ascii(self.as_string());
}

Value str_isprintable(State& state, const Value& self, Arguments arguments) {
  return self.as_string().empty() ? Value(true) : all_are<is_printable>(state, self, arguments);
}

Value str_isidentifier(State&, const Value& self, Arguments) {
  const std::string_view text = self.as_string();
  if (text.empty()) return false;
  std::size_t position = 0;
  if (!is_identifier_start(next_code_point(text, position))) return false;
  while (position < text.size()) {
    if (!is_identifier_part(next_code_point(text, position))) return false;
  }
  return true;
}

// One letter at least, and none of the other case.
template <bool (*kWanted)(char32_t), bool (*kOther)(char32_t)>
Value has_case(State&, const Value& self, Arguments) {
  const std::string_view text = self.as_string();
  bool found = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    if (kOther(code_point) || is_title(code_point)) return false;
    found = found || kWanted(code_point);
  }
  return found;
}

Value str_istitle(State&, const Value& self, Arguments) {
  const std::string_view text = self.as_string();
  bool found = false, in_word = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    if (is_upper(code_point) || is_title(code_point)) {
      if (in_word) return false;
      found = in_word = true;
    } else if (is_lower(code_point)) {
      if (!in_word) return false;
      found = true;
    } else {
      in_word = false;
    }
  }
  return found;
}

enum class Sides { Left, Right, Both };

template <Sides kSides>
Value stripped(State&, const Value& self, Arguments arguments) {
  std::string_view text = self.as_string();
  if (arguments.positional.empty() || arguments.positional[0].is_none()) {
    if (kSides != Sides::Right) text = strip_left(text);
    if (kSides != Sides::Left) text = strip_right(text);
    return text;
  }
  if (!arguments.positional[0].is_string()) {
    constexpr std::string_view kName = kSides == Sides::Left ? "lstrip" : kSides == Sides::Right ? "rstrip" : "strip";
    raise_type_error(format("{} arg must be None or str", kName));
  }
  const std::string_view characters = arguments.positional[0].as_string();
  if (kSides != Sides::Right) text = strip_left(text, characters);
  if (kSides != Sides::Left) text = strip_right(text, characters);
  return text;
}

Value str_removeprefix(State&, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string();
  const std::string_view prefix = checked_text("removeprefix() argument", arguments.positional[0]);
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

Value str_removesuffix(State&, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string();
  const std::string_view suffix = checked_text("removesuffix() argument", arguments.positional[0]);
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

constexpr Method kMethods[] = {
    {"capitalize", mapped<to_capitalized>},
    {"casefold", mapped<to_casefold>},
    {"center", str_center, Takes::Positional, 1, 2},
    {"count", str_count, Takes::Parsed, 1, 3},
    {"encode", str_encode, Takes::Everything},
    {"endswith", str_endswith, Takes::Parsed, 1, 3},
    {"expandtabs", str_expandtabs, Takes::Everything},
    {"find", str_find, Takes::Parsed, 1, 3},
    {"format", str_format, Takes::Everything},
    {"format_map", str_format_map, Takes::Everything},
    {"index", str_index, Takes::Parsed, 1, 3},
    {"isalnum", all_are<is_alnum>},
    {"isalpha", all_are<is_alpha>},
    {"isascii", str_isascii},
    {"isdecimal", all_are<is_decimal>},
    {"isdigit", all_are<is_digit>},
    {"isidentifier", str_isidentifier},
    {"islower", has_case<is_lower, is_upper>},
    {"isnumeric", all_are<is_numeric>},
    {"isprintable", str_isprintable},
    {"isspace", all_are<is_space>},
    {"istitle", str_istitle},
    {"isupper", has_case<is_upper, is_lower>},
    {"join", str_join, Takes::One},
    {"ljust", str_ljust, Takes::Positional, 1, 2},
    {"lower", mapped<to_lower>},
    {"lstrip", stripped<Sides::Left>, Takes::Positional, 0, 1},
    {"maketrans", str_maketrans, Takes::Positional, 1, 3},
    {"partition", str_partition, Takes::One},
    {"removeprefix", str_removeprefix, Takes::One},
    {"removesuffix", str_removesuffix, Takes::One},
    {"replace", str_replace, Takes::Positional, 2, 3},
    {"rfind", str_rfind, Takes::Parsed, 1, 3},
    {"rindex", str_rindex, Takes::Parsed, 1, 3},
    {"rjust", str_rjust, Takes::Positional, 1, 2},
    {"rpartition", str_rpartition, Takes::One},
    {"rsplit", str_rsplit, Takes::Everything},
    {"rstrip", stripped<Sides::Right>, Takes::Positional, 0, 1},
    {"split", str_split, Takes::Everything},
    {"splitlines", str_splitlines, Takes::Everything},
    {"startswith", str_startswith, Takes::Parsed, 1, 3},
    {"strip", stripped<Sides::Both>, Takes::Positional, 0, 1},
    {"swapcase", mapped<to_swapped_case>},
    {"title", mapped<to_title>},
    {"translate", str_translate, Takes::One},
    {"upper", mapped<to_upper>},
    {"zfill", str_zfill, Takes::One},
};

}  // namespace

std::span<const Method> string_methods() {
  return kMethods;
}

}  // namespace plumb::jinja
