// Within tags: names, numbers, strings, operators, and the tag's end.
#include <cctype>

#include "jinja/errors.h"
#include "jinja/lexer.h"
#include "jinja/number.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

bool is_ascii_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_ascii_word(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_ascii_digit(byte) || byte == '_';
}
bool is_hex_digit(char byte) {
  return std::isxdigit(static_cast<unsigned char>(byte)) != 0;
}
bool beyond_ascii(char byte) {
  return static_cast<unsigned char>(byte) >= 0x80;
}

// What may stand in a name for the lexer; whether it is an identifier is asked afterwards.
bool is_word(char32_t character) {
  return is_identifier_part(character) || is_alpha(character) || is_numeric(character) || is_digit(character);
}

bool is_identifier(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    bool first = at == 0;
    char32_t character = next_code_point(name, at);
    if (!(first ? is_identifier_start(character) || character == '_' : is_identifier_part(character))) return false;
  }
  return true;
}

// The end of the digit of any script at `at`, or `at`: \d of Python's regular expressions.
std::size_t skip_digit(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  if (!beyond_ascii(text[at])) return is_ascii_digit(text[at]) ? at + 1 : at;
  std::size_t behind = at;
  return decimal_value(next_code_point(text, behind)) >= 0 ? behind : at;
}

std::string without_underscores(std::string_view digits) {
  std::string out(digits);
  std::erase(out, '_');
  return out;
}

}  // namespace

// Brackets that are open keep a tag open: within them its end is an operator like others.
TokenStream::TokenOrNothing TokenStream::lex_in_tag() {
  while (true) {
    if (closers_.empty()) {
      if (auto end = lex_end_of_tag()) return end;
    }
    std::size_t behind = skip_space(at_);
    if (behind == at_) break;
    at_ = behind;
  }
  if (at_ >= source_.size()) {
    mode_ = Mode::Text;  // that is all there is
    return std::nullopt;
  }
  char first = source_[at_];
  if (is_ascii_digit(first) || beyond_ascii(first)) {
    if (std::size_t end = match_float(at_); end != at_) return lex_float(end);
    if (std::size_t end = match_integer(at_); end != at_) return lex_integer(end);
  }
  TokenOrNothing token;
  if (is_ascii_word(first) || beyond_ascii(first)) {
    token = lex_name();
  } else if (first == '\'' || first == '"') {
    token = lex_string();
  } else {
    token = lex_operator();
  }
  if (token) return token;
  std::size_t behind = at_;
  next_code_point(source_, behind);
  fail("unexpected char " + repr_text(source_.substr(at_, behind - at_)) + " at " +
       std::to_string(count_code_points(source_.substr(0, at_))));
}

TokenStream::TokenOrNothing TokenStream::lex_end_of_tag() {
  std::optional<std::size_t> end;
  auto kind = TokenKind::BlockEnd;
  if (mode_ == Mode::Block) {
    end = match_end(at_, syntax_.block_end, true, syntax_.trim_blocks);
  } else if (mode_ == Mode::Variable) {
    end = match_end(at_, syntax_.variable_end, false, false);
    kind = TokenKind::VariableEnd;
  } else {
    // All blank lines that follow belong to a line statement.
    std::size_t behind = skip_space(at_);
    auto newline = source_.substr(at_, behind - at_).rfind('\n');
    if (behind == source_.size()) {
      end = behind;
    } else if (newline != std::string_view::npos) {
      end = at_ + newline + 1;
    }
  }
  if (!end) return std::nullopt;
  mode_ = Mode::Text;
  return take(kind, *end);
}

// ---- Numbers

// Digits that may have single underscores between them.
std::size_t TokenStream::match_digits(std::size_t at) const {
  std::size_t end = skip_digit(source_, at);
  if (end == at) return at;
  while (true) {
    std::size_t next = skip_digit(source_, byte(end) == '_' ? end + 1 : end);
    if (next == end || next == end + (byte(end) == '_' ? 1 : 0)) return end;
    end = next;
  }
}

// Behind digits a fraction, an exponent or both; never right after a dot, where `a.1.2` are two lookups.
std::size_t TokenStream::match_float(std::size_t at) const {
  if (at > 0 && source_[at - 1] == '.') return at;
  std::size_t whole = match_digits(at);
  if (whole == at) return at;
  std::size_t end = whole;
  if (byte(whole) == '.') {
    std::size_t fraction = match_digits(whole + 1);
    if (fraction != whole + 1) end = fraction;
  }
  if (byte(end) == 'e' || byte(end) == 'E') {
    std::size_t power = end + 1 + (byte(end + 1) == '+' || byte(end + 1) == '-' ? 1 : 0);
    std::size_t behind = match_digits(power);
    if (behind != power) return behind;
  }
  return end != whole ? end : at;
}

std::size_t TokenStream::match_integer(std::size_t at) const {
  // One digit after the other, an underscore allowed before each.
  auto match_all = [this](std::size_t from, auto skip_one) {
    while (true) {
      std::size_t digit = from + (byte(from) == '_' ? 1 : 0);
      std::size_t behind = skip_one(digit);
      if (behind == digit) return from;
      from = behind;
    }
  };
  auto one_of = [this](auto is_one) {
    return [this, is_one](std::size_t digit) { return is_one(byte(digit)) ? digit + 1 : digit; };
  };
  auto any_digit = [this](std::size_t digit) { return skip_digit(source_, digit); };
  if (byte(at) != '0') return is_ascii_digit(byte(at)) ? match_all(at + 1, any_digit) : at;
  std::size_t begin = at + 2, end = begin;
  switch (byte(at + 1)) {
    case 'b':
    case 'B':
      end = match_all(begin, one_of([](char digit) { return digit == '0' || digit == '1'; }));
      break;
    case 'o':
    case 'O':
      end = match_all(begin, one_of([](char digit) { return digit >= '0' && digit <= '7'; }));
      break;
    case 'x':
    case 'X':
      end =
          match_all(begin, [&](std::size_t digit) { return is_hex_digit(byte(digit)) ? digit + 1 : any_digit(digit); });
      break;
    default:
      break;
  }
  if (end != begin) return end;
  return match_all(at + 1, one_of([](char digit) { return digit == '0'; }));
}

Token TokenStream::lex_float(std::size_t end) {
  std::string digits = without_underscores(source_.substr(at_, end - at_));
  for (std::size_t at = 0; at < digits.size();) {
    std::size_t begin = at;
    char32_t digit = next_code_point(digits, at);
    if (digit < 0x80) continue;
    std::string code = int_text(Value(static_cast<std::int64_t>(digit)), 16);
    for (auto& letter : code) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    code.insert(0, code.size() < 4 ? 4 - code.size() : 0, '0');
    throw error("SyntaxError", "invalid character '" + digits.substr(begin, at - begin) + "' (U+" + code + ")",
                place(at_));
  }
  Token token = take(TokenKind::Float, end);
  token.value = Value(*parse_float(digits));
  return token;
}

Token TokenStream::lex_integer(std::size_t end) {
  Token token = take(TokenKind::Integer, end);
  constexpr std::size_t kSurelyFits = 18;
  std::int64_t small = 0;
  bool plain = token.text.size() <= kSurelyFits && (token.text[0] != '0' || token.text.size() == 1);
  for (std::size_t i = 0; plain && i < token.text.size(); ++i) {
    plain = is_ascii_digit(token.text[i]);
    small = small * 10 + (token.text[i] - '0');
  }
  if (plain) {
    token.value = Value(small);
    return token;
  }
  constexpr std::size_t kLongest = 50'000;  // of what Python would read whole: 0xfff…
  bool decimal = token.text[0] != '0';
  if (!decimal && token.text.size() > kLongest)
    throw error("TemplateSyntaxError", "a number has too many digits", token.at);
  try {
    token.value = *parse_int(without_underscores(token.text), 0);
  } catch (const Error& too_long) {  // Python reads 4,300 digits and no more
    throw error(too_long.type(), too_long.message(), token.at);
  }
  return token;
}

// ---- Names, strings, operators

TokenStream::TokenOrNothing TokenStream::lex_name() {
  std::size_t end = at_;
  bool ascii = true;
  while (end < source_.size()) {
    if (!beyond_ascii(source_[end])) {
      if (!is_ascii_word(source_[end])) break;
      ++end;
      continue;
    }
    std::size_t behind = end;
    if (!is_word(next_code_point(source_, behind))) break;
    ascii = false;
    end = behind;
  }
  if (end == at_) return std::nullopt;
  if (!ascii && !is_identifier(source_.substr(at_, end - at_))) fail("Invalid character in identifier");
  return take(TokenKind::Name, end);
}

TokenStream::TokenOrNothing TokenStream::lex_string() {
  char quote = source_[at_];
  std::size_t begin = at_ + 1, end = begin;
  bool plain = true;
  while (true) {
    while (end < source_.size() && source_[end] != quote && source_[end] != '\\') ++end;
    if (end >= source_.size()) return std::nullopt;
    if (source_[end] == quote) break;
    plain = false;
    end += 2;
  }
  std::string_view inside = source_.substr(begin, end - begin);
  if (plain && (syntax_.newline_sequence == "\n" || inside.find('\n') == std::string_view::npos)) {
    Token token = take(TokenKind::String, end + 1);
    token.value = Value(inside);
    return token;
  }
  DecodedString decoded = decode_string(inside, syntax_.newline_sequence);
  if (!decoded.error.empty()) fail(std::string(decoded.error));
  Token token = take(TokenKind::String, end + 1);
  token.value = Value(std::move(decoded.text));
  return token;
}

TokenStream::TokenOrNothing TokenStream::lex_operator() {
  static constexpr std::string_view kSingle = "+-/*%~[](){}><=.:|,;";
  char first = source_[at_], second = byte(at_ + 1);
  bool is_double = (second == '=' && (first == '=' || first == '!' || first == '<' || first == '>')) ||
                   (first == second && (first == '/' || first == '*'));
  if (is_double) return take(TokenKind::Operator, at_ + 2);
  if (kSingle.find(first) == std::string_view::npos) return std::nullopt;
  balance(first);
  return take(TokenKind::Operator, at_ + 1);
}

void TokenStream::balance(char bracket) {
  switch (bracket) {
    case '(':
      closers_.push_back(')');
      return;
    case '[':
      closers_.push_back(']');
      return;
    case '{':
      closers_.push_back('}');
      return;
    case ')':
    case ']':
    case '}':
      break;
    default:
      return;
  }
  std::string message = std::string("unexpected '") + bracket + "'";
  if (closers_.empty()) fail(message);
  char expected = closers_.back();
  closers_.pop_back();
  if (expected != bracket) fail(message + ", expected '" + expected + "'");
}

}  // namespace plumb::jinja
