#include "data/decimal.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "base/error.h"

namespace plumb::data {
namespace {

std::size_t index(int digits) {
  return static_cast<std::size_t>(digits);
}

UInt128 magnitude(Int128 units) {
  return units < 0 ? -static_cast<UInt128>(units) : static_cast<UInt128>(units);
}

// Digits of the magnitude, 0 for zero.
int count_digits(Int128 units) {
  UInt128 value = magnitude(units);
  int digits = 0;
  while (digits <= kMostDigits && value >= static_cast<UInt128>(kPowersOfTen[index(digits)])) ++digits;
  return digits;
}

// Reads the text after its sign. A number of up to 19 characters can't overflow 64 bits, so most amounts take the fast
// one.
template <class Units>
std::optional<Decimal> read_unsigned(std::string_view text, bool negative) {
  Units units = 0;
  int digits = 0;  // zeros in front aside
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto digit = static_cast<unsigned>(text[i]) - '0';
    if (digit <= 9) {
      if ((digits > 0 || digit != 0 || point != text.size()) && ++digits > kMostDigits) return std::nullopt;
      units = units * 10 + digit;
    } else if (text[i] == '.' && point == text.size() && i != 0 && i + 1 < text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  int scale = point == text.size() ? 0 : static_cast<int>(text.size() - point - 1);
  auto value = static_cast<Int128>(units);
  return Decimal{negative ? -value : value, scale};
}

[[noreturn]] void throw_overflow() {
  throw Error(ErrorKind::Data, "a decimal number has more than 38 digits");
}

// Both numbers' units at the larger of their scales.
struct Aligned {
  Int128 a;
  Int128 b;
  int scale;
};

Aligned align(const Decimal& a, const Decimal& b) {
  int scale = std::max(a.scale, b.scale);
  auto wide_a = a.find_rescaled(scale);
  auto wide_b = b.find_rescaled(scale);
  if (!wide_a || !wide_b) throw_overflow();
  return {wide_a->units, wide_b->units, scale};
}

}  // namespace

std::optional<Decimal> Decimal::find(std::string_view text) {
  bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  return text.size() <= 19 ? read_unsigned<std::uint64_t>(text, negative) : read_unsigned<UInt128>(text, negative);
}

Decimal Decimal::parse(std::string_view text) {
  if (auto value = find(text)) return *value;
  throw Error(ErrorKind::Data,
              "'" + std::string(text.substr(0, 80)) + "' is not a decimal number of at most 38 digits");
}

void Decimal::append_to(std::string& out) const {
  char buffer[40];  // the digits of any 128-bit number
  char* digits = buffer;
  char* end = buffer;
  constexpr std::uint64_t kChunk = 1'000'000'000'000'000'000;  // 128-bit division is slow: 18 digits at a time
  UInt128 rest = magnitude(units);
  if (rest <= UINT64_MAX) {
    end = std::to_chars(buffer, buffer + sizeof(buffer), static_cast<std::uint64_t>(rest)).ptr;
  } else {
    digits = end = buffer + sizeof(buffer);
    for (; rest != 0; rest /= kChunk) {
      auto chunk = static_cast<std::uint64_t>(rest % kChunk);
      for (int i = 0; i < 18 && (chunk != 0 || rest >= kChunk); ++i, chunk /= 10) {
        *--digits = static_cast<char>('0' + chunk % 10);
      }
    }
  }
  auto count = static_cast<std::size_t>(end - digits);
  auto decimals = static_cast<std::size_t>(scale);
  std::size_t whole = count > decimals ? count - decimals : 0;
  char text[kMostDigits + 8];
  char* at = text;
  if (units < 0) *at++ = '-';
  if (whole == 0) *at++ = '0';
  at = std::copy_n(digits, whole, at);
  if (decimals != 0) {
    *at++ = '.';
    at = std::fill_n(at, decimals - (count - whole), '0');
    at = std::copy_n(digits + whole, count - whole, at);
  }
  out.append(text, static_cast<std::size_t>(at - text));
}

std::string Decimal::to_string() const {
  std::string text;
  append_to(text);
  return text;
}

double Decimal::to_double() const {
  // Both exact below these limits, so that one division rounds once.
  constexpr Int128 kExact = Int128{1} << 53;
  if (units <= kExact && units >= -kExact && scale <= 22) {
    return static_cast<double>(static_cast<std::int64_t>(units)) / static_cast<double>(kPowersOfTen[index(scale)]);
  }
  std::string text = to_string();
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int Decimal::digits() const {
  return std::max({count_digits(units), scale, 1});
}

std::optional<Decimal> Decimal::find_rescaled(int new_scale) const {
  assert(new_scale >= 0 && new_scale <= kMostDigits && "a scale is 0 to 38");
  if (new_scale == scale) return *this;
  if (units == 0) return Decimal{0, new_scale};
  if (new_scale < scale) {
    Int128 divisor = kPowersOfTen[index(scale - new_scale)];
    if (units % divisor != 0) return std::nullopt;
    return Decimal{units / divisor, new_scale};
  }
  if (!fits_digits(units, kMostDigits - (new_scale - scale))) return std::nullopt;
  return Decimal{units * kPowersOfTen[index(new_scale - scale)], new_scale};
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return a.units <=> b.units;
  // Whole parts first, then fractions at the larger scale: neither can overflow.
  Int128 power_a = kPowersOfTen[index(a.scale)];
  Int128 power_b = kPowersOfTen[index(b.scale)];
  if (auto order = a.units / power_a <=> b.units / power_b; order != 0) return order;
  int scale = std::max(a.scale, b.scale);
  return a.units % power_a * kPowersOfTen[index(scale - a.scale)] <=>
         b.units % power_b * kPowersOfTen[index(scale - b.scale)];
}

bool operator==(const Decimal& a, const Decimal& b) {
  return (a <=> b) == 0;
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  Aligned both = align(a, b);
  Int128 sum = 0;
  if (__builtin_add_overflow(both.a, both.b, &sum) || !fits_digits(sum, kMostDigits)) throw_overflow();
  return {sum, both.scale};
}

Decimal operator-(const Decimal& a) {
  return {-a.units, a.scale};
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  return a + -b;
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  int scale = a.scale + b.scale;
  auto most = static_cast<UInt128>(kPowersOfTen[kMostDigits]) - 1;
  if (scale > kMostDigits || (a.units != 0 && magnitude(b.units) > most / magnitude(a.units))) throw_overflow();
  return {a.units * b.units, scale};
}

}  // namespace plumb::data
