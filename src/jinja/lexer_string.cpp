// The escapes of string literals.
//
// Jinja2 writes a literal in ASCII first, é as \xe9, and then lets Python's unicode_escape codec read it. What this
// means for a backslash right before such a letter is kept: '\é' is the four characters \xe9.
#include <algorithm>
#include <optional>

#include "jinja/lexer.h"
#include "jinja/number.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// "xe9", "u20ac", "U0001f600"
std::string backslash_replaced(char32_t character) {
  std::string digits = int_text(Value(static_cast<std::int64_t>(character)), 16);
  std::size_t width = character <= 0xFF ? 2 : character <= 0xFFFF ? 4 : 8;
  digits.insert(0, width - std::min(width, digits.size()), '0');
  return (width == 2 ? "x" : width == 4 ? "u" : "U") + digits;
}

class Decoder {
 public:
  explicit Decoder(std::string_view inside) : rest_(inside) { out_.text.reserve(inside.size()); }

  DecodedString decode() {
    while (!rest_.empty() && out_.error.empty()) {
      std::size_t plain = std::min(rest_.find('\\'), rest_.size());
      out_.text += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      if (!rest_.empty()) decode_escape();
    }
    return std::move(out_);
  }

 private:
  void decode_escape() {
    char letter = rest_[1];  // a backslash never ends a literal
    static constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (auto found = kLetters.find(letter); found != std::string_view::npos) {
      out_.text.push_back(kMeanings[found]);
    } else if (letter == 'x') {
      return decode_hex(2, "truncated \\xXX escape");
    } else if (letter == 'u') {
      return decode_hex(4, "truncated \\uXXXX escape");
    } else if (letter == 'U') {
      return decode_hex(8, "truncated \\UXXXXXXXX escape");
    } else if (letter == 'N') {
      return decode_name();
    } else if (letter >= '0' && letter <= '7') {
      return decode_octal();
    } else if (static_cast<unsigned char>(letter) >= 0x80) {
      std::size_t behind = 1;
      out_.text += "\\" + backslash_replaced(next_code_point(rest_, behind));
      rest_.remove_prefix(behind);
      return;
    } else if (letter != '\n') {
      out_.text += rest_.substr(0, 2);
    }
    rest_.remove_prefix(2);
  }

  void decode_hex(std::size_t digits, std::string_view truncated) {
    char32_t character = 0;
    for (std::size_t i = 2; i < 2 + digits; ++i) {
      int value = i < rest_.size() ? hex_value(rest_[i]) : -1;
      if (value < 0) return fail(truncated);
      character = character << 4 | static_cast<char32_t>(value);
    }
    if (character > 0x10FFFF) return fail("illegal Unicode character");
    append_code_point(out_.text, character);
    rest_.remove_prefix(2 + digits);
  }

  void decode_octal() {
    char32_t character = 0;
    std::size_t end = 1;
    for (; end < std::min<std::size_t>(4, rest_.size()) && rest_[end] >= '0' && rest_[end] <= '7'; ++end) {
      character = character * 8 + static_cast<char32_t>(rest_[end] - '0');
    }
    append_code_point(out_.text, character);
    rest_.remove_prefix(end);
  }

  // \N{DASH}: there are no names of characters here.
  void decode_name() {
    auto end = rest_.find('}');
    bool named = rest_.substr(2).starts_with('{') && end != std::string_view::npos && end > 3;
    fail(named ? "unknown Unicode character name" : "malformed \\N character escape");
  }

  void fail(std::string_view message) { out_.error = message; }

  std::string_view rest_;
  DecodedString out_;
};

}  // namespace

DecodedString decode_string(std::string_view inside, std::string_view newline_sequence) {
  if (newline_sequence == "\n") return Decoder(inside).decode();
  std::string changed;
  for (char next : inside) {
    if (next == '\n') {
      changed += newline_sequence;
    } else {
      changed.push_back(next);
    }
  }
  return Decoder(changed).decode();
}

}  // namespace plumb::jinja
