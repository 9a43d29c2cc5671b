#include "db/postgres_binary.h"

#include <array>

#include "base/format.h"

namespace plumb::db {
namespace {

using data::Int128;
using data::UInt128;

constexpr int kGroup = 10'000;
constexpr std::uint16_t kNegative = 0x4000;

// The groups of a number, from the first that is not zero to the last.
struct Groups {
  std::array<std::int16_t, 24> values{};
  int count = 0;
  int weight = 0;

  void add(int value) {
    if (count == 0 && value == 0) {
      --weight;
      return;
    }
    values[static_cast<std::size_t>(count++)] = static_cast<std::int16_t>(value);
  }
};

// Integer is 64 bits wide for nearly all amounts; divisions of 128 bits take ten times as long.
template <class Integer>
Groups split(Integer units, int scale) {
  auto power = [](int exponent) {
    return static_cast<Integer>(data::kPowersOfTen[static_cast<std::size_t>(exponent)]);
  };
  Integer whole = units / power(scale);
  Integer fraction = units % power(scale);
  std::array<int, 12> backwards{};
  std::size_t count = 0;
  for (; whole != 0; whole /= kGroup) backwards[count++] = static_cast<int>(whole % kGroup);
  Groups groups;
  groups.weight = static_cast<int>(count) - 1;
  while (count > 0) groups.add(backwards[--count]);
  while (fraction != 0) {
    int digits = scale < 4 ? scale : 4;
    scale -= digits;
    int value = static_cast<int>(fraction / power(scale));
    fraction %= power(scale);
    for (; digits < 4; ++digits) value *= 10;
    groups.add(value);
  }
  while (groups.count > 0 && groups.values[static_cast<std::size_t>(groups.count) - 1] == 0) --groups.count;
  if (groups.count == 0) groups.weight = 0;
  return groups;
}

}  // namespace

void put_numeric(const data::Decimal& decimal, BinaryBuffer& out) {
  bool negative = decimal.units < 0;
  auto units = static_cast<UInt128>(negative ? -decimal.units : decimal.units);
  bool small = units <= ~std::uint64_t{0} && decimal.scale <= 18;
  Groups groups = small ? split(static_cast<std::uint64_t>(units), decimal.scale) : split(units, decimal.scale);
  out.put(static_cast<std::int32_t>(8 + 2 * groups.count));
  out.put(static_cast<std::int16_t>(groups.count));
  out.put(static_cast<std::int16_t>(groups.weight));
  out.put(negative ? kNegative : std::uint16_t{0});
  out.put(static_cast<std::int16_t>(decimal.scale));
  for (int i = 0; i < groups.count; ++i) out.put(groups.values[static_cast<std::size_t>(i)]);
}

Numeric::Numeric(std::string_view bytes)
    : weight(read_big<std::int16_t>(bytes.data() + 2)),
      sign(read_big<std::uint16_t>(bytes.data() + 4)),
      scale(read_big<std::int16_t>(bytes.data() + 6)),
      groups(bytes.substr(8)) {}

std::optional<Int128> Numeric::find_units(int decimals) const {
  if (!finite()) return std::nullopt;
  Int128 units = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    // The group stands for group(i) * 10^exponent units.
    int exponent = 4 * (weight - static_cast<int>(i)) + decimals;
    int digits = exponent >= 0 ? 4 : 4 + exponent;  // of the group that count
    int value = group(i);
    if (digits < 4) {
      auto power = static_cast<int>(data::kPowersOfTen[static_cast<std::size_t>(digits < 0 ? 4 : 4 - digits)]);
      if (value % power != 0) return std::nullopt;
      value /= power;
    }
    if (digits < 0) digits = 0;
    auto shift = data::kPowersOfTen[static_cast<std::size_t>(digits)];
    if (__builtin_mul_overflow(units, shift, &units) || __builtin_add_overflow(units, Int128{value}, &units)) {
      return std::nullopt;
    }
  }
  // Groups of zeros at the end are not sent.
  int missing = 4 * (weight - static_cast<int>(count()) + 1) + decimals;
  if (count() != 0 && missing > 0) {
    if (missing > data::kMostDigits) return std::nullopt;
    if (__builtin_mul_overflow(units, data::kPowersOfTen[static_cast<std::size_t>(missing)], &units))
      return std::nullopt;
  }
  if (!data::fits_digits(units, data::kMostDigits)) return std::nullopt;
  return sign == kNegative ? -units : units;
}

std::string Numeric::to_string() const {
  if (!finite()) return sign == 0xD000 ? "Infinity" : sign == 0xF000 ? "-Infinity" : "NaN";
  std::string text = sign == kNegative ? "-" : "";
  auto at = [&](int index) {
    return index < 0 || index >= static_cast<int>(count()) ? 0 : group(static_cast<std::size_t>(index));
  };
  if (weight < 0) text += "0";
  for (int i = 0; i <= weight; ++i) text += i == 0 ? format("{}", at(0)) : format("{:04}", at(i));
  if (scale <= 0) return text;
  std::string fraction;
  for (int i = weight + 1; static_cast<int>(fraction.size()) < scale; ++i) fraction += format("{:04}", at(i));
  return text + "." + fraction.substr(0, static_cast<std::size_t>(scale));
}

}  // namespace plumb::db
