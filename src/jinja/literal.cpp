// ast.literal_eval of a rendered text: how native types make values of what templates print.
//
// Python parses the whole text as an expression and then looks whether it is a literal. So this reads what is both: the
// tokens of Python (numbers, strings with prefixes and escapes, comments, continued lines), within displays of lists,
// tuples, dicts and sets. Complex numbers and "\N{...}" are left as text.
#include "jinja/bytes.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// Python's "...".
class Ellipsis final : public Object {
 public:
  std::string_view type_name() const override { return "ellipsis"; }
  std::string repr(State&) override { return "Ellipsis"; }
};

bool is_digit_of(char c, int base) {
  const int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 99;
  return value < base;
}
bool is_digit_of(char c) {
  return is_digit_of(c, 10);
}

// Reads one text; nullopt anywhere means that it is no literal.
class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : text_(text) {}

  std::optional<Value> read() {
    // Lines with nothing on them may come first, but the expression begins at the beginning of its line.
    if (text_.find('\0') != std::string_view::npos) return std::nullopt;
    skip_empty_lines();
    if (at(' ') || at('\t')) return std::nullopt;
    std::optional<Value> value = read_items_or_one('\0');
    if (!value) return std::nullopt;
    skip_space();
    while (at('\n') || at('\r')) {
      ++position_;
      skip_space();
    }
    if (position_ < text_.size()) return std::nullopt;
    return value;
  }

 private:
  // The tokenizer of CPython gives up there.
  static constexpr int kMostBrackets = 200;

  bool at(char wanted) const { return position_ < text_.size() && text_[position_] == wanted; }
  bool take(char wanted) {
    if (!at(wanted)) return false;
    ++position_;
    return true;
  }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }

  void skip_comment() {
    if (!at('#')) return;
    while (position_ < text_.size() && !at('\n') && !at('\r')) ++position_;
  }

  // White space, comments and continued lines; new lines only within brackets.
  void skip_space() {
    for (;;) {
      const char c = peek();
      if (position_ >= text_.size()) return;
      if (c == ' ' || c == '\t' || c == '\f' || (depth_ > 0 && (c == '\n' || c == '\r'))) {
        ++position_;
      } else if (c == '#') {
        skip_comment();
      } else if (!skip_continuation()) {
        return;
      }
    }
  }

  // A backslash at the end of a line, if another line follows.
  bool skip_continuation() {
    if (!at('\\')) return false;
    const std::size_t length = peek(1) == '\n' ? 2 : peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
    if (length == 0 || position_ + length >= text_.size()) return false;
    position_ += length;
    return true;
  }

  void skip_empty_lines() {
    for (;;) {
      const std::size_t begin = position_;
      while (at(' ') || at('\t') || at('\f')) ++position_;
      skip_comment();
      if (!at('\n') && !at('\r')) {
        position_ = begin;
        while (at('\f')) ++position_;
        return;
      }
      ++position_;
    }
  }

  // One value, or a tuple when commas follow it, up to `end`, which is left for the caller.
  std::optional<Value> read_items_or_one(char end) {
    std::vector<Value> items;
    bool is_tuple = false;
    for (;;) {
      skip_space();
      if (is_tuple && (end == '\0' ? at_end_of_line() : at(end))) break;
      std::optional<Value> item = read_value();
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
      skip_space();
      if (!take(',')) break;
      is_tuple = true;
    }
    if (!is_tuple) return std::move(items[0]);
    return Value::tuple(std::move(items));
  }

  bool at_end_of_line() const { return position_ >= text_.size() || at('\n') || at('\r'); }

  std::optional<Value> read_value() {
    switch (peek()) {
      case '(':
      case '[':
      case '{': {
        if (depth_ >= kMostBrackets) return std::nullopt;
        const char opened = text_[position_++];
        ++depth_;
        std::optional<Value> value = opened == '(' ? read_tuple() : opened == '[' ? read_list() : read_braces();
        --depth_;
        return value;
      }
      case '-':
      case '+':
        return read_signed();
      case '"':
      case '\'':
        return read_strings();
      default:
        break;
    }
    if (is_digit_of(peek()) || (peek() == '.' && is_digit_of(peek(1)))) return read_number();
    if (text_.substr(position_, 3) == "...") {
      position_ += 3;
      return Value(make<Ellipsis>());
    }
    return read_word();
  }

  std::optional<Value> read_tuple() {
    skip_space();
    if (take(')')) return Value::tuple();
    std::optional<Value> value = read_items_or_one(')');
    if (!value || !take(')')) return std::nullopt;
    return value;
  }

  std::optional<Value> read_list() {
    std::vector<Value> items;
    if (!read_items(items, ']')) return std::nullopt;
    return Value::list(std::move(items));
  }

  bool read_items(std::vector<Value>& items, char end) {
    for (;;) {
      skip_space();
      if (take(end)) return true;
      std::optional<Value> item = read_value();
      if (!item) return false;
      items.push_back(std::move(*item));
      skip_space();
      if (take(end)) return true;
      if (!take(',')) return false;
    }
  }

  std::optional<Value> read_braces() {
    skip_space();
    if (take('}')) return Value::dict();
    std::optional<Value> first = read_value();
    if (!first) return std::nullopt;
    skip_space();
    if (at(':')) return read_dict(std::move(*first));
    std::vector<Value> items{std::move(*first)};
    if (!take('}') && (!take(',') || !read_items(items, '}'))) return std::nullopt;
    return Value::set(items);
  }

  // Entries are only added once all is read: an unhashable key is Python's error only in what is a literal.
  std::optional<Value> read_dict(Value key) {
    std::vector<Value::Entry> entries;
    for (;;) {
      skip_space();
      if (!take(':')) return std::nullopt;
      skip_space();
      std::optional<Value> value = read_value();
      if (!value) return std::nullopt;
      entries.push_back({std::move(key), std::move(*value)});
      skip_space();
      if (take('}')) break;
      if (!take(',')) return std::nullopt;
      skip_space();
      if (take('}')) break;
      std::optional<Value> next = read_value();
      if (!next) return std::nullopt;
      key = std::move(*next);
    }
    Value dict = Value::dict();
    for (Value::Entry& entry : entries) dict.as_dict().set(std::move(entry.key), std::move(entry.value));
    return dict;
  }

  // One sign, and then a number: "--1" is no literal, nor is "-True".
  std::optional<Value> read_signed() {
    const bool negative = text_[position_++] == '-';
    skip_space();
    int brackets = 0;
    for (; at('('); skip_space()) {
      if (depth_ >= kMostBrackets) return std::nullopt;
      ++position_;
      ++brackets;
      ++depth_;
    }
    if (!is_digit_of(peek()) && !(peek() == '.' && is_digit_of(peek(1)))) return std::nullopt;
    std::optional<Value> number = read_number();
    for (; brackets > 0; --brackets) {
      skip_space();
      if (!take(')')) return std::nullopt;
      --depth_;
    }
    if (!number || !negative) return number;
    return number->kind() == Kind::Float ? Value(-number->as_float()) : int_negate(*number);
  }

  std::optional<Value> read_word() {
    const std::size_t begin = position_;
    std::size_t end = begin;
    while (end < text_.size()) {
      std::size_t next = end;
      if (!is_identifier_part(next_code_point(text_, next))) break;
      end = next;
    }
    const std::string_view word = text_.substr(begin, end - begin);
    if (end < text_.size() && (text_[end] == '"' || text_[end] == '\'')) return read_strings();
    position_ = end;
    if (word == "None") return Value::none();
    if (word == "True") return Value(true);
    if (word == "False") return Value(false);
    if (word != "set") return std::nullopt;
    skip_space();
    if (!take('(')) return std::nullopt;
    ++depth_;
    skip_space();
    --depth_;
    return take(')') ? std::optional<Value>(Value::set()) : std::nullopt;
  }

  // ---- Numbers
  // Digits with single underscores between them.
  bool skip_digits(int base) {
    if (!is_digit_of(peek(), base)) return false;
    for (;;) {
      while (is_digit_of(peek(), base)) ++position_;
      if (!at('_')) return true;
      ++position_;
      if (!is_digit_of(peek(), base)) return false;
    }
  }

  std::optional<Value> read_based(int base) {
    position_ += 2;
    const std::size_t begin = position_;
    take('_');
    if (!skip_digits(base) || ends_badly()) return std::nullopt;
    std::string digits(text_.substr(begin, position_ - begin));
    std::erase(digits, '_');
    return parse_int(digits, base);
  }

  // A number must not run into a word.
  bool ends_badly() const {
    if (position_ >= text_.size()) return false;
    std::size_t next = position_;
    return is_identifier_part(next_code_point(text_, next));
  }

  std::optional<Value> read_number() {
    if (peek() == '0' && position_ + 1 < text_.size()) {
      const char letter = static_cast<char>(peek(1) | 0x20);
      if (letter == 'x') return read_based(16);
      if (letter == 'o') return read_based(8);
      if (letter == 'b') return read_based(2);
    }
    const std::size_t begin = position_;
    bool is_float = false;
    if (!at('.') && !skip_digits(10)) return std::nullopt;
    if (take('.')) {
      is_float = true;
      if (is_digit_of(peek()) && !skip_digits(10)) return std::nullopt;
    }
    if (at('e') || at('E')) {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      if (!is_digit_of(peek(sign))) return std::nullopt;
      position_ += sign;
      is_float = true;
      if (!skip_digits(10)) return std::nullopt;
    }
    if (ends_badly()) return std::nullopt;
    std::string digits(text_.substr(begin, position_ - begin));
    std::erase(digits, '_');
    if (is_float) {
      const std::optional<double> number = parse_float(digits);
      return number ? std::optional<Value>(*number) : std::nullopt;
    }
    const bool zero = digits.find_first_not_of('0') == std::string::npos;
    constexpr std::size_t kMostDigits = 4300;
    if (zero) return Value(0);
    if (digits[0] == '0' || digits.size() > kMostDigits) return std::nullopt;
    return parse_int(digits);
  }

  // ---- Strings
  struct Prefix {
    bool bytes = false, raw = false;
  };

  std::optional<Prefix> read_prefix() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && !at('"') && !at('\'')) ++position_;
    const std::string prefix = to_lower(text_.substr(begin, position_ - begin));
    if (prefix.empty() || prefix == "u") return Prefix{};
    if (prefix == "r") return Prefix{false, true};
    if (prefix == "b") return Prefix{true, false};
    if (prefix == "br" || prefix == "rb") return Prefix{true, true};
    return std::nullopt;
  }

  bool at_string() const {
    std::size_t ahead = 0;
    while (ahead < 2 && (peek(ahead) | 0x20) >= 'a' && (peek(ahead) | 0x20) <= 'z') ++ahead;
    return peek(ahead) == '"' || peek(ahead) == '\'';
  }

  // Strings beside each other are one.
  std::optional<Value> read_strings() {
    std::string all;
    std::optional<bool> bytes;
    do {
      const std::optional<Prefix> prefix = read_prefix();
      if (!prefix || bytes.value_or(prefix->bytes) != prefix->bytes) return std::nullopt;
      bytes = prefix->bytes;
      if (!read_string(all, *prefix)) return std::nullopt;
      skip_space();
    } while (at_string());
    if (*bytes) return Value(make<Bytes>(std::move(all)));
    return Value(std::move(all));
  }

  bool read_string(std::string& out, const Prefix& prefix) {
    const char quote = text_[position_];
    const bool triple = peek(1) == quote && peek(2) == quote;
    position_ += triple ? 3 : 1;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        position_ += triple ? 3 : 1;
        return true;
      }
      if ((c == '\n' || c == '\r') && !triple) return false;
      if (prefix.bytes && static_cast<unsigned char>(c) >= 0x80) return false;
      ++position_;
      if (c == '\r') {
        take('\n');
        out += '\n';
      } else if (c != '\\') {
        out += c;
      } else if (!(prefix.raw ? read_raw_escape(out) : read_escape(out, prefix.bytes))) {
        return false;
      }
    }
    return false;
  }

  // The backslash stays, and keeps a quote from being the end.
  bool read_raw_escape(std::string& out) {
    if (position_ >= text_.size()) return false;
    out += '\\';
    const char c = text_[position_++];
    if (c == '\r') take('\n');
    out += c == '\r' ? '\n' : c;
    return true;
  }

  bool read_escape(std::string& out, bool bytes) {
    if (position_ >= text_.size()) return false;
    const char c = text_[position_++];
    constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (const std::size_t at = kLetters.find(c); at != std::string_view::npos) {
      out += kMeanings[at];
      return true;
    }
    if (c == '\n') return true;
    if (c == '\r') {
      take('\n');
      return true;
    }
    if (is_digit_of(c, 8)) {
      --position_;
      return append_number(out, 8, 1, 3, bytes);
    }
    if (c == 'x') return append_number(out, 16, 2, 2, bytes);
    if (!bytes && c == 'u') return append_number(out, 16, 4, 4, bytes);
    if (!bytes && c == 'U') return append_number(out, 16, 8, 8, bytes);
    if (!bytes && c == 'N') return false;
    // Any other stays as it is, with its backslash.
    out += '\\';
    out += c;
    return true;
  }

  bool append_number(std::string& out, int base, std::size_t least, std::size_t most, bool bytes) {
    std::uint64_t number = 0;
    std::size_t count = 0;
    for (; count < most && is_digit_of(peek(), base); ++count, ++position_) {
      const char c = peek();
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      number = number * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit);
    }
    if (count < least || number > 0x10FFFF) return false;
    if (bytes) {
      out += static_cast<char>(number & 0xFF);
    } else {
      append_code_point(out, static_cast<char32_t>(number));
    }
    return true;
  }

  const std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<Value> parse_literal(std::string_view text) {
  return LiteralReader(text).read();
}

}  // namespace plumb::jinja
