// Values as text, as Python writes them: str(), repr(), format(), type names; and what HTML needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jinja/object.h"
#include "jinja/value.h"

namespace plumb::jinja {

// str(x), added to the end of `out`: what `{{ x }}` prints. A Strict undefined raises.
void append_str(State& state, std::string& out, const Value& value);
std::string to_str(State& state, const Value& value);
// repr(x): "'it''s'" in Python's choice of quotes and escapes, "[1, 2.0, None]"; a list inside itself is "[...]".
std::string repr(State& state, const Value& value);
std::string repr_text(std::string_view text);
void append_repr_text(std::string& out, std::string_view text);
// format(x, spec) of the builtin types: Python's format mini-language whole (fill, align, sign, #, 0, width, grouping,
// precision, type). ValueError "Unknown format code 'd' for object of type 'str'".
std::string format_value(State& state, const Value& value, std::string_view spec);

// type(x).__name__: "str", "NoneType", "Undefined", "Markup", or what a host object calls itself.
std::string_view type_name(const Value& value);

// &, <, >, ' and " as MarkupSafe writes them: &amp; &lt; &gt; &#39; &#34;. Nothing for any other character.
inline std::string_view html_escape(char character) {
  constexpr auto bit = [](char escaped) { return std::uint64_t{1} << escaped; };
  constexpr std::uint64_t kEscaped = bit('&') | bit('<') | bit('>') | bit('\'') | bit('"');
  const auto code = static_cast<unsigned char>(character);
  if (code >= 64 || (kEscaped >> code & 1) == 0) return {};
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\'':
      return "&#39;";
    case '"':
      return "&#34;";
    default:
      return {};
  }
}
void append_escaped(std::string& out, std::string_view text);
// The same, for what may be long: asks for the memory as it goes.
void append_escaped(State& state, std::string& out, std::string_view text);
// escape(x): markup stays as it is, anything else is its escaped str, as markup.
Value escape(State& state, const Value& value);

}  // namespace plumb::jinja
