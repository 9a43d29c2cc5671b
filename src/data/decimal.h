// Exact decimal numbers: money.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plumb::data {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

inline constexpr int kMostDigits = 38;

// 10^0 to 10^38.
inline constexpr std::array<Int128, kMostDigits + 1> kPowersOfTen = [] {
  std::array<Int128, kMostDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// True when the units have at most that many digits.
constexpr bool fits_digits(Int128 units, int digits) {
  return units < kPowersOfTen[static_cast<std::size_t>(digits)] &&
         units > -kPowersOfTen[static_cast<std::size_t>(digits)];
}

// units / 10^scale, at most 38 digits, scale 0 to 38. 12.30 is {1230, 2}: the scale is kept as written, and equality is
// by value.
struct Decimal {
  Int128 units = 0;
  int scale = 0;

  // "-12.30", "0", "2000.0"; a sign "+", an exponent, ".5" and "5." are refused. Empty when the text is no plain
  // decimal number or has over 38 digits (zeros in front aside).
  static std::optional<Decimal> find(std::string_view text);
  // Throws Error(Data).
  static Decimal parse(std::string_view text);

  std::string to_string() const;           // always `scale` digits after the point
  void append_to(std::string& out) const;  // the same, at the end of `out`
  double to_double() const;                // the nearest one
  // The smallest precision p for which decimal(p, scale) holds it: 4 for 12.30, 2 for 0.05, 1 for 0.
  int digits() const;
  // The same value at another scale, or empty when digits would be lost or there would be more than 38.
  std::optional<Decimal> find_rescaled(int new_scale) const;

  friend bool operator==(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend Decimal operator+(const Decimal& a, const Decimal& b);  // throws Error(Data) on overflow
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a);
  friend Decimal operator*(const Decimal& a, const Decimal& b);  // the scales add up; throws Error(Data) on overflow
};

}  // namespace plumb::data
