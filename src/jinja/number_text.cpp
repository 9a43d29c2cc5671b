// Numbers as text and back.
#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "base/format.h"
#include "jinja/big_number.h"
#include "jinja/errors.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

constexpr std::size_t kMostDigits = 4300;  // Python's bound for text of bases that are no power of two
constexpr std::string_view kLimitHint = "; use sys.set_int_max_str_digits() to increase the limit";

bool power_of_two(int base) {
  return (base & (base - 1)) == 0;
}

int digit_value(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'z') return character - 'a' + 10;
  if (character >= 'A' && character <= 'Z') return character - 'A' + 10;
  return 99;
}

// Digits of other scripts become ASCII ones, as Python reads them; anything else that is not ASCII becomes '?'.
std::string to_ascii(std::string_view text) {
  std::string ascii;
  ascii.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    const int digit = decimal_value(code_point);
    if (digit >= 0) {
      ascii += static_cast<char>('0' + digit);
    } else {
      ascii += code_point < 0x80 ? static_cast<char>(code_point) : '?';
    }
  }
  return ascii;
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

// "0x", "0o", "0b" where the base allows one; base 0 learns its base from it. False when that fails.
bool take_prefix(std::string_view& text, int& base) {
  const char letter = text.size() > 1 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : '\0';
  const int named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  if (named != 0 && (base == 0 || base == named)) {
    base = named;
    text.remove_prefix(2);
    if (text.starts_with('_')) text.remove_prefix(1);
  } else if (base == 0) {
    base = 10;
    // As in Python's source 010 is no number, but 000 is.
    return !text.starts_with('0') || text.find_first_not_of("0_") == text.npos;
  }
  return true;
}

// Without the underscores, each of which has to stand between two digits.
std::optional<std::string> plain_digits(std::string_view text, int base) {
  std::string digits;
  digits.reserve(text.size());
  bool after_digit = false;
  for (const char character : text) {
    if (character == '_') {
      if (!after_digit) return std::nullopt;
      after_digit = false;
    } else {
      if (digit_value(character) >= base) return std::nullopt;
      digits += character;
      after_digit = true;
    }
  }
  if (!after_digit) return std::nullopt;
  return digits;
}

Big read_digits(std::string_view digits, unsigned base) {
  Big number = 0;
  // Each digit stands for bits of its own, so that the time is in proportion.
  if (std::has_single_bit(base)) {
    std::vector<std::uint8_t> values(digits.size());
    std::transform(digits.begin(), digits.end(), values.begin(),
                   [](char digit) { return static_cast<std::uint8_t>(digit_value(digit)); });
    boost::multiprecision::import_bits(number, values.begin(), values.end(),
                                       static_cast<unsigned>(std::countr_zero(base)));
    return number;
  }
  // As many digits at a time as a 32-bit number holds.
  while (!digits.empty()) {
    std::uint32_t chunk = 0, scale = 1;
    while (!digits.empty() && scale < UINT32_MAX / 36) {
      chunk = chunk * base + static_cast<std::uint32_t>(digit_value(digits.front()));
      scale *= base;
      digits.remove_prefix(1);
    }
    number = number * scale + chunk;
  }
  return number;
}

// Of a base that is a power of two, in time in proportion as well.
std::string write_bits(Big number, int bits_per_digit) {
  std::vector<std::uint8_t> digits;  // the least first
  const bool negative = number < 0;
  if (negative) number = -number;
  boost::multiprecision::export_bits(number, std::back_inserter(digits), static_cast<unsigned>(bits_per_digit), false);
  std::string text = negative ? "-" : "";
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text += "0123456789abcdef"[*digit];
  return text;
}

// [digits][.digits][e[sign]digits]
bool is_decimal_number(std::string_view text) {
  const auto take_digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  std::size_t digits = take_digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += take_digits();
  }
  if (digits == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    take_sign(text);
    if (take_digits() == 0) return false;
  }
  return text.empty();
}

bool is_digit_at(std::string_view text, std::size_t index) {
  return index < text.size() && text[index] >= '0' && text[index] <= '9';
}

// Underscores go from between digits; false when one stands elsewhere.
bool drop_underscores(std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && (i == 0 || !is_digit_at(text, i - 1) || !is_digit_at(text, i + 1))) return false;
  }
  std::erase(text, '_');
  return true;
}

// Digits and the power of ten before the first one: 12.5 is {"125", 1}.
struct Decimal {
  std::string digits;
  int exponent = 0;
};
Decimal shortest_decimal(double positive) {
  char text[40];
  const char* const end = std::to_chars(text, text + sizeof text, positive, std::chars_format::scientific).ptr;
  const char* const e = std::find<const char*>(text, end, 'e');
  Decimal decimal;
  decimal.digits = text[0];
  if (e - text > 2) decimal.digits.append<const char*>(text + 2, e);
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, decimal.exponent);
  return decimal;
}

}  // namespace

std::optional<Value> parse_int(std::string_view text, int base) {
  const std::string ascii = to_ascii(strip(text));
  std::string_view rest = ascii;
  const bool negative = take_sign(rest);
  if (!take_prefix(rest, base)) return std::nullopt;
  const std::optional<std::string> digits = plain_digits(rest, base);
  if (!digits) return std::nullopt;
  std::int64_t small = 0;
  const std::string signed_digits = (negative ? "-" : "") + *digits;
  const char* end = signed_digits.data() + signed_digits.size();
  if (std::from_chars(signed_digits.data(), end, small, base).ec == std::errc()) return Value(small);
  if (digits->size() > kMostDigits && !power_of_two(base)) {
    raise_value_error(format("Exceeds the limit ({} digits) for integer string conversion: value has {} digits{}",
                             kMostDigits, digits->size(), kLimitHint));
  }
  // A digit has at least so many bits (all but the leading zeros).
  if (digits->size() * static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(base)) - 1) > kMostBits)
    raise_too_big();
  const Big number = read_digits(*digits, static_cast<unsigned>(base));
  return from_big(negative ? Big(-number) : number);
}

std::optional<double> parse_float(std::string_view text) {
  std::string ascii = to_ascii(strip(text));
  if (!drop_underscores(ascii)) return std::nullopt;
  std::string_view rest = ascii;
  const bool negative = take_sign(rest);
  std::string word(rest.substr(0, 9));
  for (char& character : word) character = static_cast<char>(character | 0x20);  // lower case, if it is a letter
  double value = 0;
  if (word == "inf" || word == "infinity") {
    value = HUGE_VAL;
  } else if (word == "nan") {
    value = NAN;
  } else if (!is_decimal_number(rest)) {
    return std::nullopt;
  } else if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec == std::errc::result_out_of_range) {
    value = std::strtod(std::string(rest).c_str(), nullptr);  // says whether it is too large or too small
  }
  return negative ? -value : value;
}

std::string int_text(const Value& integral, int base) {
  if (integral.kind() != Kind::BigInt) {
    char text[72];
    const auto end = std::to_chars(text, text + sizeof text, clip_to_int64(integral), base).ptr;
    return std::string(text, end);
  }
  const Big& number = integral.as_big_int().number().value;
  assert(base == 10 || base == 2 || base == 8 || base == 16);
  if (base != 10) return write_bits(number, base == 2 ? 1 : base == 8 ? 3 : 4);
  // One digit is worth more than 3.3 bits: what is far too long need not be written first.
  const bool too_long = bit_count(number) > kMostDigits * 4;
  std::string text = too_long ? std::string() : number.str();
  if (too_long || text.size() - (number < 0 ? 1 : 0) > kMostDigits) {
    raise_value_error(format("Exceeds the limit ({} digits) for integer string conversion{}", kMostDigits, kLimitHint));
  }
  return text;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  auto [text, exponent] = shortest_decimal(std::fabs(value));
  const int digits = static_cast<int>(text.size());
  if (exponent < -4 || exponent >= 16) {
    if (digits > 1) text.insert(1, ".");
    text += format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  } else if (exponent < 0) {
    text.insert(0, "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0'));
  } else if (digits <= exponent + 1) {
    text += std::string(static_cast<std::size_t>(exponent + 1 - digits), '0') + ".0";
  } else {
    text.insert(static_cast<std::size_t>(exponent) + 1, ".");
  }
  return std::signbit(value) ? "-" + text : text;
}

}  // namespace plumb::jinja
