// Exact decimal numbers: money.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plumb::data {

__extension__ typedef __int128 Int128;

// units / 10^scale, at most 38 digits. 12.30 is {1230, 2}: the scale is kept as written, and equality is by value.
struct Decimal {
  Int128 units = 0;
  int scale = 0;

  // "-12.30", "0", "2000.0", "1e3" is refused. Empty when the text is no plain decimal number or has over 38 digits.
  static std::optional<Decimal> find(std::string_view text);
  // Throws Error(Data).
  static Decimal parse(std::string_view text);

  std::string to_string() const;  // always `scale` digits after the point
  double to_double() const;
  int digits() const;  // significant digits before and after the point; at least 1
  // The same value at another scale, or empty when digits would be lost or there would be more than 38.
  std::optional<Decimal> find_rescaled(int new_scale) const;

  friend bool operator==(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend Decimal operator+(const Decimal& a, const Decimal& b);  // throws Error(Data) on overflow
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a);
};

}  // namespace plumb::data
