// |striptags: what of HTML is text.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "jinja/filters.h"
#include "jinja/html_entities.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

// Without tags and comments. From one on that has no end everything is text.
std::string drop_markup(std::string_view html) {
  constexpr std::string_view kBegin = "<!--", kEnd = "-->";
  std::string out;
  out.reserve(html.size());
  for (;;) {
    const std::size_t begin = html.find('<');
    if (begin == std::string_view::npos) break;
    const bool comment = html.substr(begin).starts_with(kBegin);
    const std::size_t end = comment ? html.find(kEnd, begin + kBegin.size()) : html.find('>', begin);
    if (end == std::string_view::npos) break;
    out += html.substr(0, begin);
    html.remove_prefix(end + (comment ? kEnd.size() : 1));
  }
  out += html;
  return out;
}

std::string collapse_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (is_space(next_code_point(text, at))) {
      space = true;
      continue;
    }
    if (std::exchange(space, false) && !out.empty()) out += ' ';
    out += text.substr(begin, at - begin);
  }
  return out;
}

// ---- Entities

// What browsers show for references to the control characters of Latin 1: the letters of Windows-1252.
char32_t from_windows_1252(char32_t number) {
  static constexpr char32_t kLetters[] = {
      0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
  };
  return kLetters[number - 0x80];
}

bool is_refused(char32_t number) {
  const bool control = (number >= 1 && number <= 8) || number == 0xb || (number >= 0xe && number <= 0x1f) ||
                       (number >= 0x7f && number <= 0x9f);
  return control || (number >= 0xfdd0 && number <= 0xfdef) || (number & 0xfffe) == 0xfffe;
}

void append_numbered(std::string& out, std::string_view digits, int base) {
  constexpr char32_t kReplacement = 0xfffd;
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  const bool too_large = read.ec == std::errc::result_out_of_range || number > 0x10ffff;
  const auto point = static_cast<char32_t>(number);
  if (too_large || point == 0 || (point >= 0xd800 && point <= 0xdfff)) {
    append_code_point(out, kReplacement);
  } else if (point >= 0x80 && point <= 0x9f) {
    append_code_point(out, from_windows_1252(point));
  } else if (!is_refused(point)) {
    append_code_point(out, point);
  }
}

std::size_t count_digits(std::string_view text, bool hexadecimal) {
  std::size_t count = 0;
  while (count < text.size()) {
    const char c = text[count];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = hexadecimal && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    if (!digit && !letter) break;
    ++count;
  }
  return count;
}

// "#39;" or "#x27;" behind an ampersand: what it stands for goes to `out`. Returns its length, 0 when it is none.
std::size_t append_number_reference(std::string& out, std::string_view behind) {
  if (!behind.starts_with('#')) return 0;
  const bool hexadecimal = behind.size() > 1 && (behind[1] == 'x' || behind[1] == 'X');
  const std::size_t begin = hexadecimal ? 2 : 1;
  const std::size_t digits = count_digits(behind.substr(begin), hexadecimal);
  if (digits == 0) return 0;
  append_numbered(out, behind.substr(begin, digits), hexadecimal ? 16 : 10);
  const std::size_t end = begin + digits;
  return end < behind.size() && behind[end] == ';' ? end + 1 : end;
}

// "amp;" behind an ampersand, or the longest old name without a semicolon that it begins with ("notit" is "¬it").
std::size_t append_named_reference(std::string& out, std::string_view behind) {
  constexpr std::size_t kLongest = 32;
  std::size_t length = 0;
  for (std::size_t points = 0; length < behind.size() && points < kLongest; ++points) {
    if (std::string_view("\t\n\f <&#;").find(behind[length]) != std::string_view::npos) break;
    next_code_point(behind, length);
  }
  if (length < behind.size() && behind[length] == ';') {
    if (const std::string_view found = find_html_entity(behind.substr(0, length), true); !found.empty()) {
      out += found;
      return length + 1;
    }
  }
  for (; length >= 2; --length) {
    if (const std::string_view found = find_html_entity(behind.substr(0, length), false); !found.empty()) {
      out += found;
      return length;
    }
  }
  return 0;
}

}  // namespace

std::string unescape_entities(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  for (;;) {
    const std::size_t ampersand = html.find('&');
    out += html.substr(0, ampersand);
    if (ampersand == std::string_view::npos) return out;
    html.remove_prefix(ampersand + 1);
    std::size_t length = append_number_reference(out, html);
    if (length == 0) length = append_named_reference(out, html);
    if (length == 0) out += '&';
    html.remove_prefix(length);
  }
}

std::string strip_tags(std::string_view html) {
  return unescape_entities(collapse_space(drop_markup(html)));
}

}  // namespace plumb::jinja
