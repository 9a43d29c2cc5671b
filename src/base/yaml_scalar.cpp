#include "base/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace plumb {
namespace {

constexpr std::array<std::string_view, 9> kTrue = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::array<std::string_view, 9> kFalse = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};

template <class Names>
bool one_of(std::string_view text, const Names& names) {
  return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether the text has characters of this set only, and any at all.
bool only(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789_";

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

// The sexagesimal tail, one or more ":59" or ":9", before an end or a decimal point.
bool is_sexagesimal_tail(std::string_view tail) {
  if (tail.empty()) return false;
  while (!tail.empty()) {
    if (tail[0] != ':') return false;
    tail.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < tail.size() && is_digit(tail[digits])) ++digits;
    if (digits < 1 || digits > 2 || (digits == 2 && tail[0] > '5')) return false;
    tail.remove_prefix(digits);
  }
  return true;
}

// [-+]?0b[0-1_]+ | [-+]?0[0-7_]+ | [-+]?(0|[1-9][0-9_]*) | [-+]?0x[0-9a-fA-F_]+ | [-+]?[1-9][0-9_]*(:[0-5]?[0-9])+
bool is_int(std::string_view text) {
  text = without_sign(text);
  if (text == "0") return true;
  if (text.starts_with("0b")) return only(text.substr(2), "01_");
  if (text.starts_with("0x")) return only(text.substr(2), "0123456789abcdefABCDEF_");
  if (text.starts_with('0')) return only(text.substr(1), "01234567_");
  if (text.empty() || text[0] < '1' || text[0] > '9') return false;
  std::size_t colon = text.find(':');
  if (!only(text.substr(0, colon), kDigits)) return false;
  return colon == std::string_view::npos || is_sexagesimal_tail(text.substr(colon));
}

// (e[-+][0-9]+)? up to the end: YAML 1.1 wants the sign.
bool is_exponent_or_end(std::string_view text) {
  if (text.empty()) return true;
  bool signed_e = text.size() > 2 && (text[0] == 'e' || text[0] == 'E') && (text[1] == '-' || text[1] == '+');
  return signed_e && only(text.substr(2), "0123456789");
}

// [-+]?[0-9][0-9_]*\.[0-9_]*(e[-+][0-9]+)? | \.[0-9][0-9_]*(e[-+][0-9]+)?
// | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]* | [-+]?\.inf | \.nan
bool is_float(std::string_view text) {
  std::string_view bare = without_sign(text);
  if (one_of(bare, std::array<std::string_view, 3>{".inf", ".Inf", ".INF"})) return true;
  if (one_of(text, std::array<std::string_view, 3>{".nan", ".NaN", ".NAN"})) return true;
  std::size_t point = bare.find('.');
  if (point == std::string_view::npos) return false;
  std::string_view whole = bare.substr(0, point);
  std::string_view fraction = bare.substr(point + 1);
  std::size_t fraction_digits = std::min(fraction.find_first_not_of(kDigits), fraction.size());
  std::string_view rest = fraction.substr(fraction_digits);
  if (whole.empty()) {
    bool has_sign = bare.size() != text.size();
    return !has_sign && !fraction.empty() && is_digit(fraction[0]) && is_exponent_or_end(rest);
  }
  if (!is_digit(whole[0])) return false;
  std::size_t colon = whole.find(':');
  if (!only(whole.substr(0, colon), kDigits)) return false;
  if (colon == std::string_view::npos) return is_exponent_or_end(rest);
  return is_sexagesimal_tail(whole.substr(colon)) && rest.empty();
}

std::string without_underscores(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '_'; });
  return out;
}

// Digits of a base after sign, underscores and prefix are gone; empty text when there are none.
struct Digits {
  bool negative = false;
  int base = 10;
  std::string text;
};

Digits digits_of(std::string_view text) {
  Digits digits;
  digits.negative = text.starts_with('-');
  digits.text = without_underscores(without_sign(text));
  std::string& plain = digits.text;
  if (plain.starts_with("0b") || plain.starts_with("0x")) {
    digits.base = plain[1] == 'b' ? 2 : 16;
    plain.erase(0, 2);
  } else if (plain.size() > 1 && plain[0] == '0') {
    digits.base = 8;
    plain.erase(0, 1);
  }
  return digits;
}

// Adds digits to a value of so many bits; false when they no longer fit.
bool append_digits(std::uint64_t& value, std::string_view digits, unsigned base) {
  for (char c : digits) {
    unsigned digit = is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
    std::uint64_t next = 0;
    if (__builtin_mul_overflow(value, base, &next) || __builtin_add_overflow(next, digit, &value)) return false;
  }
  return true;
}

// 190:20:30 is 190 hours, 20 minutes and 30 seconds in seconds.
bool append_sexagesimal(std::uint64_t& value, std::string_view text) {
  while (true) {
    std::size_t colon = text.find(':');
    std::uint64_t part = 0;
    if (!append_digits(part, text.substr(0, colon), 10)) return false;
    if (__builtin_mul_overflow(value, 60u, &value) || __builtin_add_overflow(value, part, &value)) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

// Whether a decimal that a double can't hold is too large for it, rather than too small: by the power of ten of its
// first digit.
bool is_huge(std::string_view text) {
  std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::size_t point = std::min(text.find('.'), e);
  std::size_t first = text.substr(0, e).find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  std::string_view exponent = text.substr(std::min(e + 1, text.size()));
  bool negative = exponent.starts_with('-');
  std::uint64_t power = 0;
  if (!append_digits(power, without_sign(exponent), 10)) power = std::numeric_limits<std::uint32_t>::max();
  auto order = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  auto shift = static_cast<std::int64_t>(std::min<std::uint64_t>(power, std::numeric_limits<std::uint32_t>::max()));
  return order + (negative ? -shift : shift) > 0;
}

// A decimal with or without point and exponent, without a sign.
std::optional<double> find_plain_double(std::string_view text) {
  double value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool beyond = failure == std::errc::result_out_of_range || std::isinf(value);
  if (beyond) return is_huge(text) ? std::nullopt : std::optional(0.0);
  return value;
}

std::optional<double> find_double_of_base(std::string_view digits, unsigned base) {
  double value = 0;
  for (char c : digits) {
    unsigned digit = is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
    value = value * base + digit;
  }
  return std::isinf(value) ? std::nullopt : std::optional(value);
}

std::optional<double> find_sexagesimal_double(std::string_view text) {
  double value = 0;
  while (true) {
    std::size_t colon = text.find(':');
    auto part = find_plain_double(text.substr(0, colon));
    if (!part) return std::nullopt;
    value = value * 60 + *part;
    if (colon == std::string_view::npos) return std::isinf(value) ? std::nullopt : std::optional(value);
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

NodeKind resolve_yaml_scalar(std::string_view text) {
  if (text.empty()) return NodeKind::Null;
  switch (text[0]) {
    case '~':
    case 'n':
    case 'N':
      if (one_of(text, std::array<std::string_view, 4>{"~", "null", "Null", "NULL"})) return NodeKind::Null;
      break;
    case '-':
    case '+':
    case '.':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      if (is_int(text)) return NodeKind::Int;
      return is_float(text) ? NodeKind::Float : NodeKind::Text;
    default:
      break;
  }
  return one_of(text, kTrue) || one_of(text, kFalse) ? NodeKind::Bool : NodeKind::Text;
}

bool yaml_bool(std::string_view text) {
  return one_of(text, kTrue);
}

bool yaml_int_has_digits(std::string_view text) {
  return !digits_of(text).text.empty();
}

std::optional<std::int64_t> find_yaml_int(std::string_view text) {
  Digits digits = digits_of(text);
  if (digits.text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  bool sexagesimal = digits.text.find(':') != std::string::npos;
  bool fits = sexagesimal ? append_sexagesimal(value, digits.text)
                          : append_digits(value, digits.text, static_cast<unsigned>(digits.base));
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!fits || value > kMost + (digits.negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(digits.negative ? 0 - value : value);
}

std::optional<double> find_yaml_double(std::string_view text) {
  bool negative = text.starts_with('-');
  std::optional<double> value;
  if (is_int(text)) {
    Digits digits = digits_of(text);
    bool sexagesimal = digits.text.find(':') != std::string::npos;
    value = sexagesimal         ? find_sexagesimal_double(digits.text)
            : digits.base == 10 ? find_plain_double(digits.text)
                                : find_double_of_base(digits.text, static_cast<unsigned>(digits.base));
  } else {
    std::string plain = without_underscores(without_sign(text));
    bool infinite = plain == ".inf" || plain == ".Inf" || plain == ".INF";
    bool no_number = plain == ".nan" || plain == ".NaN" || plain == ".NAN";
    value = infinite    ? std::numeric_limits<double>::infinity()
            : no_number ? std::numeric_limits<double>::quiet_NaN()
                        : find_sexagesimal_double(plain);
  }
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

std::string yaml_int_to_json(std::string_view text) {
  Digits digits = digits_of(text);
  bool decimal = digits.base == 10 && digits.text.find(':') == std::string::npos;
  if (decimal) return (digits.negative && digits.text != "0" ? "-" : "") + digits.text;
  auto value = find_yaml_int(text);
  return value ? std::to_string(*value) : json_quote(text);
}

}  // namespace plumb
