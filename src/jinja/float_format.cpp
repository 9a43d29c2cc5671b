#include "jinja/float_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace plumb::jinja {
namespace {

// No double has more digits than this before the zeros begin, neither in front of the point nor behind it.
constexpr int kMostDigits = 1100;

std::string digits_of(double value, std::chars_format style, int precision) {
  const int exact = std::min(precision, kMostDigits);
  std::string text(static_cast<std::size_t>(exact) + 350, '\0');
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, style, exact);
  text.resize(static_cast<std::size_t>(end.ptr - text.data()));
  if (precision > exact) {
    const std::size_t at = std::min(text.find('e'), text.size());
    text.insert(at, static_cast<std::size_t>(precision - exact), '0');
  }
  return text;
}

void add_point(std::string& text, std::string_view point) {
  if (text.find('.') != std::string::npos) return;
  text.insert(std::min(text.find('e'), text.size()), point);
}

void drop_zeros(std::string& text) {
  if (text.find('.') == std::string::npos) return;
  const std::size_t end = std::min(text.find('e'), text.size());
  std::size_t keep = end;
  while (text[keep - 1] == '0') --keep;
  if (text[keep - 1] == '.') --keep;
  text.erase(keep, end - keep);
}

// The shorter of the two styles, by the exponent that is left after rounding.
std::string general(double value, const FloatFormat& how) {
  const int precision = std::max(how.precision, 1);
  const std::string rounded = digits_of(value, std::chars_format::scientific, std::min(precision, kMostDigits) - 1);
  const int exponent = std::stoi(rounded.substr(rounded.find('e') + 1));
  const bool scientific = exponent < -4 || exponent >= precision - (how.looks_float ? 1 : 0);
  const int behind = scientific ? precision - 1 : precision - 1 - exponent;
  // Without zeros at the end there is no need to make them.
  const int made = how.alternate ? behind : std::min(behind, kMostDigits);
  std::string text = digits_of(value, scientific ? std::chars_format::scientific : std::chars_format::fixed, made);
  if (!how.alternate) drop_zeros(text);
  if (how.looks_float && !scientific) add_point(text, ".0");
  return text;
}

}  // namespace

std::string format_float(double value, const FloatFormat& how) {
  const char style = static_cast<char>(how.type | 0x20);
  std::string text;
  if (std::isnan(value)) {
    text = "nan";
  } else if (std::isinf(value)) {
    text = value < 0 ? "-inf" : "inf";
  } else {
    text = style == 'g'   ? general(value, how)
           : style == 'e' ? digits_of(value, std::chars_format::scientific, how.precision)
                          : digits_of(value, std::chars_format::fixed, how.precision);
    if (how.alternate) add_point(text, ".");
    if (how.no_negative_zero && text[0] == '-' &&
        text.substr(0, text.find('e')).find_first_of("123456789") == std::string::npos) {
      text.erase(0, 1);
    }
  }
  if (style != how.type) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return text;
}

}  // namespace plumb::jinja
