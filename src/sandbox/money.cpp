#include "sandbox/money.h"

#include "base/format.h"

namespace plumb::sandbox {

std::string decimal_text(std::int64_t value, int decimals) {
  if (value == 0) return "0";
  std::uint64_t magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::uint64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  std::string fraction = format("{:0{}}", magnitude % unit, decimals);
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return format("{}{}.{}", value < 0 ? "-" : "", magnitude / unit, fraction);
}

std::string amount_text(Cents cents) {
  return decimal_text(cents, 2);
}

std::int64_t scale(std::int64_t value, std::int64_t factor, std::int64_t divisor) {
  bool negative = value < 0;
  std::int64_t magnitude = negative ? -value : value;
  // Split, so that only the part smaller than the divisor is multiplied out with its remainder.
  std::int64_t result = magnitude / divisor * factor + (magnitude % divisor * factor + divisor / 2) / divisor;
  return negative ? -result : result;
}

std::string percent_text(std::int64_t change, std::int64_t base) {
  return base == 0 ? "0" : decimal_text(scale(change, 100'000, base), 3);
}

}  // namespace plumb::sandbox
