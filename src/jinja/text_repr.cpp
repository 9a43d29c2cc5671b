// Text as a literal of Python's, and as HTML.
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

void append_hex(std::string& out, char letter, char32_t code_point, int digits) {
  out += '\\';
  out += letter;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[(code_point >> shift) & 0xF];
}

// \n, \x1b, \u200b, \U000e0001
void append_escape(std::string& out, char32_t code_point) {
  if (code_point == '\n') {
    out += "\\n";
  } else if (code_point == '\r') {
    out += "\\r";
  } else if (code_point == '\t') {
    out += "\\t";
  } else if (code_point <= 0xFF) {
    append_hex(out, 'x', code_point, 2);
  } else if (code_point <= 0xFFFF) {
    append_hex(out, 'u', code_point, 4);
  } else {
    append_hex(out, 'U', code_point, 8);
  }
}

}  // namespace

void append_repr_text(std::string& out, std::string_view text) {
  const bool double_quotes = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = double_quotes ? '"' : '\'';
  out += quote;
  std::size_t written = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const char32_t code_point = next_code_point(text, position);
    const bool backslash = code_point == '\\' || code_point == static_cast<unsigned char>(quote);
    if (!backslash && is_printable(code_point)) continue;
    out += text.substr(written, start - written);
    written = position;
    if (backslash) {
      out += '\\';
      out += static_cast<char>(code_point);
    } else {
      append_escape(out, code_point);
    }
  }
  out += text.substr(written);
  out += quote;
}

std::string repr_text(std::string_view text) {
  std::string out;
  append_repr_text(out, text);
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view escape = html_escape(text[i]);
    if (escape.empty()) continue;
    out += text.substr(written, i - written);
    out += escape;
    written = i + 1;
  }
  out += text.substr(written);
}

void append_escaped(State& state, std::string& out, std::string_view text) {
  constexpr std::size_t kPart = std::size_t{1} << 16;
  for (; text.size() > kPart; text.remove_prefix(kPart)) {
    append_escaped(out, text.substr(0, kPart));
    state.reserve(out.size());
  }
  append_escaped(out, text);
}

Value escape(State& state, const Value& value) {
  if (value.is_markup()) return value;
  if (value.kind() == Kind::Object) {
    if (std::optional<std::string> html = value.as_object().html(state)) return Value::markup(std::move(*html));
  }
  std::string escaped;
  if (value.is_string()) {
    append_escaped(state, escaped, value.as_string());
  } else {
    append_escaped(state, escaped, to_str(state, value));
  }
  return Value::markup(std::move(escaped));
}

}  // namespace plumb::jinja
