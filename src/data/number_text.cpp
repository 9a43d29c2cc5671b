#include "data/number_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace plumb::data {
namespace {

std::optional<double> find_special(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (same_word(text, "infinity") || same_word(text, "inf")) {
    return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }
  if (!negative && same_word(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

bool same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

std::optional<std::int64_t> find_int64(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> find_double(std::string_view text) {
  // Letters other than the exponent's are left to find_special: from_chars takes "nan(...)" as well.
  std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty()) return std::nullopt;
  if (digits.front() > '9') return find_special(text);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> find_short_units(std::string_view text, int scale) {
  constexpr std::size_t kSafeDigits = 18;
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kSafeDigits) return std::nullopt;
  std::int64_t units = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto digit = static_cast<unsigned>(static_cast<unsigned char>(text[i])) - '0';
    if (digit <= 9) {
      units = units * 10 + digit;
    } else if (text[i] == '.' && point == text.size() && i != 0 && i + 1 != text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  std::size_t decimals = point == text.size() ? 0 : text.size() - point - 1;
  std::size_t missing = static_cast<std::size_t>(scale) - decimals;
  if (decimals > static_cast<std::size_t>(scale) || text.size() + missing > kSafeDigits) return std::nullopt;
  units *= static_cast<std::int64_t>(kPowersOfTen[missing]);
  return negative ? -units : units;
}

std::optional<Decimal> find_decimal(std::string_view text) {
  if (auto plain = Decimal::find(text)) return plain;
  auto mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return std::nullopt;
  auto mantissa = Decimal::find(text.substr(0, mark));
  std::string_view digits = text.substr(mark + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.starts_with("+") || digits.starts_with("--")) return std::nullopt;
  auto exponent = find_int64(digits);
  if (!mantissa || !exponent || *exponent < -1000 || *exponent > 1000) return std::nullopt;
  if (mantissa->units == 0) return Decimal{0, 0};
  // The digits stay, the point moves: past the last digit zeros are added, before the first the scale grows.
  std::int64_t scale = mantissa->scale - *exponent;
  for (; scale > kMostDigits; --scale) {
    if (mantissa->units % 10 != 0) return std::nullopt;
    mantissa->units /= 10;
  }
  if (scale >= 0) return Decimal{mantissa->units, static_cast<int>(scale)};
  if (scale < -kMostDigits || !fits_digits(mantissa->units, static_cast<int>(kMostDigits + scale))) return std::nullopt;
  return Decimal{mantissa->units * kPowersOfTen[static_cast<std::size_t>(-scale)], 0};
}

void append_int64_text(std::int64_t value, std::string& out) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, end);
}

void append_double_text(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  char buffer[40];
  double size = std::fabs(value);
  bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  auto layout = plain ? std::chars_format::fixed : std::chars_format::scientific;
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value, layout);
  out.append(buffer, end);
  auto length = static_cast<std::size_t>(end - buffer);
  if (plain && std::memchr(buffer, '.', length) == nullptr) out += ".0";
}

}  // namespace plumb::data
