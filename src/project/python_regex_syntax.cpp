// Python's regular expressions written as PCRE2's.
#include <algorithm>
#include <optional>

#include "base/format.h"
#include "jinja/jinja.h"
#include "project/python_regex.h"

namespace plumb::project::python {
namespace {

constexpr char32_t kEnd = 0xFFFFFFFF;

bool is_octal(char32_t c) {
  return c >= '0' && c <= '7';
}
bool is_ascii_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
int hex_value(char32_t c) {
  if (is_ascii_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
  return -1;
}
int flag_of(char32_t c) {
  switch (c) {
    case 'i':
      return kIgnoreCase;
    case 'L':
      return kLocale;
    case 'm':
      return kMultiline;
    case 's':
      return kDotAll;
    case 'x':
      return kVerbose;
    case 'a':
      return kAscii;
    case 'u':
      return kUnicode;
    default:
      return 0;
  }
}

// Walks the pattern once, from left to right. `repeatable_` says what a quantifier would find before it.
class Translator {
 public:
  Translator(std::string_view pattern, int flags) {
    for (std::size_t at = 0; at < pattern.size();) text_ += jinja::next_code_point(pattern, at);
    syntax_.flags = flags;
  }

  RegexSyntax translate() {
    take_global_flags();
    if ((syntax_.flags & kLocale) != 0) jinja::raise_value_error("cannot use LOCALE flag with a str pattern");
    if ((syntax_.flags & kAscii) != 0 && (syntax_.flags & kUnicode) != 0) {
      jinja::raise_value_error("ASCII and UNICODE flags are incompatible");
    }
    if ((syntax_.flags & kAscii) == 0) syntax_.flags |= kUnicode;
    verbose_ = (syntax_.flags & kVerbose) != 0;
    while (at_ < text_.size()) take_one();
    if (!open_.empty()) fail("missing ), unterminated subpattern", open_.back().position);
    for (const auto& [group, position] : later_groups_) {
      if (group > syntax_.groups()) fail(plumb::format("invalid group reference {}", group), position);
    }
    return std::move(syntax_);
  }

 private:
  enum class Repeatable { Nothing, Item, Repeated };
  struct Open {
    std::size_t position;
    std::size_t group;  // 0 when it captures nothing
    bool verbose;       // as it was outside
  };
  struct ClassItem {
    bool category = false;
    char32_t point = 0;
    std::string pcre;
    std::size_t begin, end;  // in the pattern
  };

  [[noreturn]] void fail(const std::string& message, std::size_t position) const {
    const auto line =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(position, text_.size())), U'\n');
    std::string where = plumb::format(" at position {}", position);
    if (text_.find(U'\n') != std::u32string::npos) {
      const std::size_t newline = position == 0 ? std::u32string::npos : text_.rfind(U'\n', position - 1);
      const std::size_t column = newline == std::u32string::npos ? position + 1 : position - newline;
      where += plumb::format(" (line {}, column {})", line + 1, column);
    }
    jinja::raise("error", message + where);
  }
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : kEnd; }
  bool take(char32_t c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  std::string utf8(std::size_t begin, std::size_t end) const {
    std::string out;
    for (std::size_t i = begin; i < std::min(end, text_.size()); ++i) jinja::append_code_point(out, text_[i]);
    return out;
  }
  void emit(std::string_view pcre) { syntax_.pcre += pcre; }
  void emit_item(std::string_view pcre) {
    emit(pcre);
    repeatable_ = Repeatable::Item;
  }
  // One that matches between characters can't be repeated.
  void emit_position(std::string_view pcre) {
    emit(pcre);
    repeatable_ = Repeatable::Nothing;
  }
  static std::string code(char32_t point) { return plumb::format("\\x{{{:x}}}", static_cast<std::uint32_t>(point)); }

  // "(?im)" at the very beginning speaks for the whole.
  void take_global_flags() {
    while (peek() == '(' && peek(1) == '?') {
      std::size_t end = at_ + 2;
      int flags = 0;
      while (end < text_.size() && flag_of(text_[end]) != 0) flags |= flag_of(text_[end++]);
      if (flags == 0 || end >= text_.size() || text_[end] != ')') return;
      if ((flags & kLocale) != 0) fail("bad inline flags: cannot use 'L' flag with a str pattern", end);
      if ((flags & kAscii) != 0 && (flags & kUnicode) != 0) {
        fail("bad inline flags: flags 'a', 'u' and 'L' are incompatible", end);
      }
      syntax_.flags |= flags;
      at_ = end + 1;
    }
  }

  void take_one() {
    const char32_t c = text_[at_];
    if (verbose_ && take_verbose(c)) return;
    switch (c) {
      case '\\':
        return take_escape();
      case '[':
        return take_class();
      case '(':
        return take_open();
      case ')':
        return take_close();
      case '|':
        ++at_;
        return emit_position("|");
      case '^':
      case '$':
        ++at_;
        return emit_position(c == '^' ? "^" : "$");
      case '.':
        ++at_;
        return emit_item(".");
      case '*':
      case '+':
      case '?':
      case '{':
        return take_quantifier();
      default:
        ++at_;
        return emit_item(c < 128 && !is_ascii_letter(c) && !is_ascii_digit(c) ? code(c) : utf8(at_ - 1, at_));
    }
  }

  bool take_verbose(char32_t c) {
    if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      return true;
    }
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (space) ++at_;
    return space;
  }

  // ---- Quantifiers
  std::string take_digits() {
    std::string digits;
    while (is_ascii_digit(peek())) digits += static_cast<char>(text_[at_++]);
    return digits;
  }

  // Behind "{": nothing when it is no quantifier, and then a brace is a brace.
  std::optional<std::string> take_counts(std::size_t begin) {
    if (peek() == '}') return std::nullopt;
    const std::string least = take_digits();
    std::string most = least;
    const bool range = take(',');
    if (range) most = take_digits();
    if (!take('}')) {
      at_ = begin + 1;
      return std::nullopt;
    }
    if (least.empty() && !range) {
      at_ = begin + 1;
      return std::nullopt;
    }
    if (!most.empty() && !least.empty() &&
        (most.size() < least.size() || (most.size() == least.size() && most < least))) {
      fail("min repeat greater than max repeat", begin + 1);
    }
    constexpr std::size_t kMostDigits = 9;
    if (std::max(least.size(), most.size()) > kMostDigits) {
      jinja::raise("OverflowError", "the repetition number is too large");
    }
    return "{" + (least.empty() ? "0" : least) + (range ? "," + most : "") + "}";
  }

  void take_quantifier() {
    const std::size_t begin = at_;
    std::string quantifier = utf8(begin, begin + 1);
    ++at_;
    if (quantifier == "{") {
      const auto counts = take_counts(begin);
      if (!counts) return emit_item("\\{");
      quantifier = *counts;
    }
    if (repeatable_ == Repeatable::Nothing) fail("nothing to repeat", begin);
    if (repeatable_ == Repeatable::Repeated) fail("multiple repeat", begin);
    if (take('?')) {
      quantifier += '?';
    } else if (take('+')) {
      quantifier += '+';
    }
    emit(quantifier);
    repeatable_ = Repeatable::Repeated;
  }

  // ---- Escapes
  // Behind "\x", "\u", "\U": that many hexadecimal digits.
  char32_t take_hex(std::size_t begin, std::size_t digits) {
    std::uint32_t value = 0;
    std::size_t count = 0;
    for (; count < digits && hex_value(peek()) >= 0; ++count, ++at_) {
      value = value * 16 + static_cast<std::uint32_t>(hex_value(peek()));
    }
    if (count < digits) fail("incomplete escape " + utf8(begin, at_), begin);
    if (value > 0x10FFFF) fail("bad escape " + utf8(begin, at_), begin);
    return value;
  }

  // What is a character in and outside of classes.
  std::optional<char32_t> take_character_escape(std::size_t begin, char32_t c) {
    switch (c) {
      case 'x':
        return take_hex(begin, 2);
      case 'u':
        return take_hex(begin, 4);
      case 'U':
        return take_hex(begin, 8);
      case 'a':
        return 7;
      case 'f':
        return 12;
      case 'n':
        return 10;
      case 'r':
        return 13;
      case 't':
        return 9;
      case 'v':
        return 11;
      default:
        return std::nullopt;
    }
  }
  static std::optional<std::string_view> find_category(char32_t c) {
    switch (c) {
      case 'd':
        return "\\d";
      case 'D':
        return "\\D";
      case 's':
        return "\\s";
      case 'S':
        return "\\S";
      case 'w':
        return "\\w";
      case 'W':
        return "\\W";
      default:
        return std::nullopt;
    }
  }

  void take_escape() {
    const std::size_t begin = at_++;
    const char32_t c = peek();
    if (c == kEnd) fail("bad escape (end of pattern)", begin);
    ++at_;
    if (const auto category = find_category(c)) return emit_item(*category);
    if (c == 'A') return emit_position("\\A");
    if (c == 'Z') return emit_position("\\z");
    if (c == 'b') return emit_position("\\b");
    if (c == 'B') return emit_position("\\B");
    if (const auto point = take_character_escape(begin, c)) return emit_item(code(*point));
    if (is_ascii_digit(c)) return take_number_escape(begin, c);
    if (is_ascii_letter(c)) fail("bad escape " + utf8(begin, at_), begin);
    emit_item(code(c));
  }

  // "\0", "\012" and "\123" are characters in octal; "\1" to "\99" are groups.
  void take_number_escape(std::size_t begin, char32_t c) {
    std::uint32_t number = c - '0';
    if (c == '0') {
      for (int i = 0; i < 2 && is_octal(peek()); ++i) number = number * 8 + (text_[at_++] - '0');
      return emit_item(code(number));
    }
    if (is_ascii_digit(peek())) {
      if (is_octal(c) && is_octal(peek()) && is_octal(peek(1))) {
        number = number * 64 + (peek() - '0') * 8 + (peek(1) - '0');
        at_ += 2;
        if (number > 255) {
          fail(plumb::format("octal escape value {} outside of range 0-0o377", utf8(begin, at_)), begin);
        }
        return emit_item(code(number));
      }
      number = number * 10 + (text_[at_++] - '0');
    }
    refer_to(number, begin + 1);
  }

  void refer_to(std::size_t group, std::size_t position) {
    if (group > syntax_.groups()) fail(plumb::format("invalid group reference {}", group), position);
    for (const Open& open : open_) {
      if (open.group == group) fail("cannot refer to an open group", position - 1);
    }
    emit_item(plumb::format("\\g{{{}}}", group));
  }

  // ---- Classes
  ClassItem take_class_item(std::size_t class_begin) {
    ClassItem item{.begin = at_, .end = at_};
    if (peek() == kEnd) fail("unterminated character set", class_begin);
    char32_t c = text_[at_++];
    if (c == '\\') {
      c = peek();
      if (c == kEnd) fail("bad escape (end of pattern)", item.begin);
      ++at_;
      if (const auto category = find_category(c)) {
        item.category = true;
        item.pcre = *category;
      } else if (const auto point = take_character_escape(item.begin, c)) {
        c = *point;
      } else if (c == 'b') {
        c = 8;
      } else if (is_octal(c)) {
        std::uint32_t number = c - '0';
        for (int i = 0; i < 2 && is_octal(peek()); ++i) number = number * 8 + (text_[at_++] - '0');
        if (number > 255) {
          fail(plumb::format("octal escape value {} outside of range 0-0o377", utf8(item.begin, at_)), item.begin);
        }
        c = number;
      } else if (is_ascii_letter(c) || is_ascii_digit(c)) {
        fail("bad escape " + utf8(item.begin, at_), item.begin);
      }
    }
    item.end = at_;
    item.point = c;
    if (!item.category) item.pcre = code(c);
    return item;
  }

  void take_class() {
    const std::size_t begin = at_++;
    std::string pcre = take('^') ? "[^" : "[";
    for (bool first = true;; first = false) {
      if (!first && take(']')) break;
      const ClassItem low = take_class_item(begin);
      pcre += low.pcre;
      if (peek() != '-') continue;
      ++at_;
      if (peek() == kEnd) fail("unterminated character set", begin);
      if (take(']')) {
        pcre += code('-');
        break;
      }
      const ClassItem high = take_class_item(begin);
      if (low.category || high.category || high.point < low.point) {
        fail("bad character range " + utf8(low.begin, high.end), low.begin);
      }
      pcre += "-" + high.pcre;
    }
    emit_item(pcre + "]");
  }

  // ---- Groups
  void open_group(std::size_t position, bool captures, std::string_view pcre) {
    std::size_t group = 0;
    if (captures) {
      std::size_t parent = 0;
      for (const Open& open : open_) parent = open.group != 0 ? open.group : parent;
      syntax_.parents.push_back(parent);
      group = syntax_.groups();
    }
    open_.push_back({position, group, verbose_});
    emit_position(pcre);
  }

  void take_close() {
    if (open_.empty()) fail("unbalanced parenthesis", at_);
    verbose_ = open_.back().verbose;
    open_.pop_back();
    ++at_;
    emit_item(")");
  }

  std::string take_name(char32_t end) {
    const std::size_t begin = at_;
    while (peek() != kEnd && peek() != end) ++at_;
    std::string name = utf8(begin, at_);
    if (peek() == kEnd) {
      if (name.empty()) fail("missing group name", begin);
      fail(plumb::format("missing {}, unterminated name", static_cast<char>(end)), begin);
    }
    if (name.empty()) fail("missing group name", begin);
    ++at_;
    return name;
  }
  void check_name(const std::string& name, std::size_t position) const {
    bool good = true;
    for (std::size_t at = 0; at < name.size();) {
      const bool first = at == 0;
      const char32_t c = jinja::next_code_point(name, at);
      good = good && (first ? jinja::is_identifier_start(c) : jinja::is_identifier_part(c));
    }
    if (!good) fail(plumb::format("bad character in group name {}", jinja::repr_text(name)), position);
  }

  void take_open() {
    const std::size_t begin = at_++;
    if (!take('?')) return open_group(begin, true, "(");
    const char32_t c = peek();
    if (c == kEnd) fail("unexpected end of pattern", at_);
    ++at_;
    if (c == ':') return open_group(begin, false, "(?:");
    if (c == '=') return open_group(begin, false, "(?=");
    if (c == '!') return open_group(begin, false, "(?!");
    if (c == '>') return open_group(begin, false, "(?>");
    if (c == 'P') return take_named(begin);
    if (c == '#') return take_comment(begin);
    if (c == '(') return take_conditional(begin);
    if (c == '<') {
      if (peek() == kEnd) fail("unexpected end of pattern", at_);
      if (take('=')) return open_group(begin, false, "(?<=");
      if (take('!')) return open_group(begin, false, "(?<!");
      fail("unknown extension ?<" + utf8(at_, at_ + 1), begin + 1);
    }
    if (flag_of(c) != 0 || c == '-') {
      --at_;
      return take_flags(begin);
    }
    fail("unknown extension ?" + utf8(at_ - 1, at_), begin + 1);
  }

  void take_named(std::size_t begin) {
    if (take('<')) {
      const std::size_t at = at_;
      const std::string name = take_name('>');
      check_name(name, at);
      if (const std::size_t known = syntax_.find_name(name)) {
        fail(plumb::format("redefinition of group name {} as group {}; was group {}", jinja::repr_text(name),
                           syntax_.groups() + 1, known),
             at);
      }
      open_group(begin, true, "(");
      syntax_.names.emplace_back(name, syntax_.groups());
      return;
    }
    if (take('=')) {
      const std::size_t at = at_;
      const std::string name = take_name(')');
      check_name(name, at);
      const std::size_t group = syntax_.find_name(name);
      if (group == 0) fail(plumb::format("unknown group name {}", jinja::repr_text(name)), at);
      return refer_to(group, at + 1);
    }
    if (peek() == kEnd) fail("unexpected end of pattern", at_);
    fail("unknown extension ?P" + utf8(at_, at_ + 1), begin + 1);
  }

  void take_comment(std::size_t begin) {
    while (peek() != kEnd && peek() != ')') ++at_;
    if (!take(')')) fail("missing ), unterminated comment", begin);
  }

  void take_conditional(std::size_t begin) {
    const std::size_t at = at_;
    const std::string name = take_name(')');
    std::size_t group = 0;
    if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      group = name.size() < 4 ? static_cast<std::size_t>(std::stoi(name)) : 1000;
      if (group == 0) fail("bad group number", at);
      if (group > syntax_.groups()) {
        // It may come later.
        later_groups_.emplace_back(group, at);
        if (group > 99) fail(plumb::format("invalid group reference {}", name), at);
      }
    } else {
      check_name(name, at);
      group = syntax_.find_name(name);
      if (group == 0) fail(plumb::format("unknown group name {}", jinja::repr_text(name)), at);
    }
    open_group(begin, false, plumb::format("(?({})", group));
  }

  void take_flags(std::size_t begin) {
    int on = 0, off = 0;
    while (flag_of(peek()) != 0) on |= flag_of(text_[at_++]);
    if (take(')')) fail("global flags not at the start of the expression", begin);
    if (take('-')) {
      if (flag_of(peek()) == 0)
        fail(peek() == kEnd ? "missing flag" : is_ascii_letter(peek()) ? "unknown flag" : "missing flag", at_);
      while (flag_of(peek()) != 0) off |= flag_of(text_[at_++]);
    }
    if (!take(':')) {
      if (peek() == kEnd) fail("missing -, : or )", at_);
      fail(is_ascii_letter(peek()) ? "unknown flag" : "missing -, : or )", at_);
    }
    const auto letters = [](int flags) {
      std::string text;
      if ((flags & kIgnoreCase) != 0) text += 'i';
      if ((flags & kMultiline) != 0) text += 'm';
      if ((flags & kDotAll) != 0) text += 's';
      return text;
    };
    const std::string without = letters(off);
    open_group(begin, false, "(?" + letters(on) + (without.empty() ? "" : "-" + without) + ":");
    verbose_ = (verbose_ || (on & kVerbose) != 0) && (off & kVerbose) == 0;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  RegexSyntax syntax_;
  std::vector<Open> open_;
  std::vector<std::pair<std::size_t, std::size_t>> later_groups_;  // that conditions name before they stand, and where
  Repeatable repeatable_ = Repeatable::Nothing;
  bool verbose_ = false;
};

}  // namespace

std::size_t RegexSyntax::find_name(std::string_view name) const {
  for (const auto& [known, group] : names) {
    if (known == name) return group;
  }
  return 0;
}

RegexSyntax translate_pattern(std::string_view pattern, int flags) {
  return Translator(pattern, flags).translate();
}

}  // namespace plumb::project::python
