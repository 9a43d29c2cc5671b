// Replacement texts of re.sub: "\2, \g<first>\n".
#include "base/format.h"
#include "project/python_re.h"

namespace plumb::project::python {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "\n" and its kin; '\0' for what is none.
char control_of(char c) {
  constexpr std::string_view kLetters = "abfnrtv", kControls = "\a\b\f\n\r\t\v";
  const std::size_t at = kLetters.find(c);
  return at == std::string_view::npos ? '\0' : kControls[at];
}

class Reader {
 public:
  Reader(const PatternObject& pattern, std::string_view text) : pattern_(pattern), text_(text) {}
  bool at_end() const { return at_ >= text_.size(); }
  // Up to the next backslash.
  std::string_view take_plain() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find('\\', at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  // Behind a backslash: a group, or text that is put into `text`.
  std::optional<std::size_t> take_escape(std::string& text) {
    const std::size_t begin = at_++;
    if (at_end()) fail("bad escape (end of pattern)", begin);
    const char c = text_[at_++];
    if (c == 'g') return take_name(begin);
    if (c == '0') {
      int code = 0;
      for (int i = 0; i < 2 && is_octal(peek()); ++i) code = code * 8 + (text_[at_++] - '0');
      jinja::append_code_point(text, static_cast<char32_t>(code & 0xFF));
      return std::nullopt;
    }
    if (is_digit(c)) return take_number(begin, c, text);
    if (const char control = control_of(c)) {
      text += control;
    } else if (is_letter(c)) {
      fail(plumb::format("bad escape \\{}", c), begin);
    } else {
      if (c != '\\') text += '\\';
      text += c;
    }
    return std::nullopt;
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  [[noreturn]] void fail(const std::string& message, std::size_t byte) const {
    jinja::raise("error", plumb::format("{} at position {}", message, jinja::count_code_points(text_.substr(0, byte))));
  }
  std::size_t check_group(std::size_t group, std::size_t at) const {
    if (group > pattern_.syntax.groups()) fail(plumb::format("invalid group reference {}", group), at);
    return group;
  }

  std::optional<std::size_t> take_number(std::size_t begin, char c, std::string& text) {
    auto number = static_cast<std::size_t>(c - '0');
    if (is_digit(peek())) {
      if (is_octal(c) && is_octal(peek()) && is_octal(peek(1))) {
        const int code = (c - '0') * 64 + (peek() - '0') * 8 + (peek(1) - '0');
        at_ += 2;
        if (code > 255) {
          fail(plumb::format("octal escape value {} outside of range 0-0o377", text_.substr(begin, 4)), begin);
        }
        jinja::append_code_point(text, static_cast<char32_t>(code));
        return std::nullopt;
      }
      number = number * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    }
    return check_group(number, begin + 1);
  }

  std::size_t take_name(std::size_t begin) {
    if (peek() != '<') fail("missing <", at_);
    const std::size_t name_begin = ++at_, end = text_.find('>', at_);
    if (end == std::string_view::npos) {
      if (name_begin == text_.size()) fail("missing group name", name_begin);
      fail("missing >, unterminated name", name_begin);
    }
    const std::string_view name = text_.substr(name_begin, end - name_begin);
    if (name.empty()) fail("missing group name", name_begin);
    at_ = end + 1;
    bool number = true, identifier = true;
    for (std::size_t i = 0; i < name.size();) {
      const bool first = i == 0;
      const char32_t c = jinja::next_code_point(name, i);
      number = number && c >= '0' && c <= '9';
      identifier = identifier && (first ? jinja::is_identifier_start(c) : jinja::is_identifier_part(c));
    }
    if (number) {
      std::size_t group = 0;
      for (const char c : name.substr(0, 6)) group = group * 10 + static_cast<std::size_t>(c - '0');
      return check_group(group, name_begin);
    }
    if (!identifier) fail(plumb::format("bad character in group name {}", jinja::repr_text(name)), name_begin);
    const std::size_t group = pattern_.syntax.find_name(name);
    if (group == 0) jinja::raise("IndexError", plumb::format("unknown group name {}", jinja::repr_text(name)));
    static_cast<void>(begin);
    return group;
  }

  const PatternObject& pattern_;
  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Replacement::Replacement(const PatternObject& pattern, std::string_view text) {
  Reader reader(pattern, text);
  Part plain;
  while (!reader.at_end()) {
    plain.text += reader.take_plain();
    if (reader.at_end()) break;
    if (const auto group = reader.take_escape(plain.text)) {
      parts_.push_back(std::exchange(plain, {}));
      parts_.push_back({{}, *group, true});
    }
  }
  parts_.push_back(std::move(plain));
}

void Replacement::append(std::string& out, const MatchObject& match) const {
  for (const Part& part : parts_) {
    if (!part.is_group) {
      out += part.text;
    } else if (match.spans[part.group].found()) {
      const Span span = match.spans[part.group];
      out += match.subject.view().substr(span.begin, span.end - span.begin);
    }
  }
}

}  // namespace plumb::project::python
