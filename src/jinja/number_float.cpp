// Where whole numbers and floats meet: conversions that round once, comparisons that don't, hashes that agree.
#include <cmath>
#include <cstring>

#include "jinja/big_number.h"
#include "jinja/errors.h"

namespace plumb::jinja {
namespace {

constexpr int kMantissaBits = 53;
constexpr int kSmallestExponent = -1074;  // of the last bit of the smallest float

// number * 2**exponent as the nearest float, halves to the even one; `more` says that there is a rest below the last
// bit. The number has at least 55 bits or is exact.
double round_to_double(std::uint64_t number, bool more, std::int64_t exponent) {
  if (number == 0) return 0.0;
  const int bits = 64 - __builtin_clzll(number);
  std::int64_t drop = bits - kMantissaBits;
  if (exponent + drop < kSmallestExponent) drop = kSmallestExponent - exponent;  // a subnormal has fewer bits
  if (drop <= 0) return std::ldexp(static_cast<double>(number), static_cast<int>(exponent));
  if (drop > 64) return 0.0;
  const std::uint64_t half = std::uint64_t{1} << (drop - 1);
  const std::uint64_t rest = drop == 64 ? number : number & (2 * half - 1);
  std::uint64_t kept = drop == 64 ? 0 : number >> drop;
  if (rest > half || (rest == half && (more || (kept & 1) != 0))) ++kept;
  return std::ldexp(static_cast<double>(kept), static_cast<int>(exponent + drop));
}

// The highest 64 bits of a positive number.
struct Leading {
  std::uint64_t bits = 0;
  bool more = false;
  std::int64_t exponent = 0;
};
Leading leading_bits(const Big& positive) {
  const std::size_t bits = bit_count(positive);
  if (bits <= 64) return {static_cast<std::uint64_t>(positive), false, 0};
  const std::size_t shift = bits - 64;
  return {static_cast<std::uint64_t>(Big(positive >> shift)), boost::multiprecision::lsb(positive) < shift,
          static_cast<std::int64_t>(shift)};
}

double big_to_double(const Big& number) {
  const Leading leading = leading_bits(boost::multiprecision::abs(number));
  const double positive =
      leading.exponent > 1024 ? HUGE_VAL : round_to_double(leading.bits, leading.more, leading.exponent);
  if (std::isinf(positive)) raise("OverflowError", "int too large to convert to float");
  return number < 0 ? -positive : positive;
}

// The quotient as 64 or 65 bits and a rest, then rounded once.
double divide_positive(Big a, Big b) {
  const std::int64_t difference = static_cast<std::int64_t>(bit_count(a)) - static_cast<std::int64_t>(bit_count(b));
  if (difference < -1100) return 0.0;
  if (difference > 1100) return HUGE_VAL;
  const std::int64_t shift = 63 - difference;
  if (shift > 0) {
    a <<= static_cast<std::size_t>(shift);
  } else {
    b <<= static_cast<std::size_t>(-shift);
  }
  Big quotient, remainder;
  boost::multiprecision::divide_qr(a, b, quotient, remainder);
  const Leading leading = leading_bits(quotient);
  return round_to_double(leading.bits, leading.more || remainder != 0, leading.exponent - shift);
}

bool exact_in_double(const Value& integral) {
  if (integral.kind() == Kind::BigInt) return false;
  const std::int64_t number = clip_to_int64(integral);
  constexpr std::int64_t kLimit = std::int64_t{1} << kMantissaBits;
  return number >= -kLimit && number <= kLimit;
}

// Python's hashes are remainders of this prime.
constexpr int kHashBits = 61;
constexpr std::uint64_t kHashPrime = (std::uint64_t{1} << kHashBits) - 1;

std::uint64_t hash_magnitude(double fraction) {
  int exponent = 0;
  fraction = std::frexp(fraction, &exponent);
  std::uint64_t hash = 0;
  while (fraction != 0) {  // 28 bits at a time
    hash = ((hash << 28) & kHashPrime) | hash >> (kHashBits - 28);
    fraction *= 268435456.0;
    exponent -= 28;
    const auto digit = static_cast<std::uint64_t>(fraction);
    fraction -= static_cast<double>(digit);
    hash += digit;
    if (hash >= kHashPrime) hash -= kHashPrime;
  }
  const int turn = exponent >= 0 ? exponent % kHashBits : kHashBits - 1 - ((-1 - exponent) % kHashBits);
  if (turn == 0) return hash;
  return ((hash << turn) & kHashPrime) | hash >> (kHashBits - turn);
}

std::uint64_t hash_float(double value) {
  if (std::isnan(value)) return 0;
  if (std::isinf(value)) return value > 0 ? 314159 : std::uint64_t(-314159);
  const std::uint64_t hash = hash_magnitude(std::fabs(value));
  return value < 0 ? -hash : hash;
}

std::uint64_t hash_whole(const Value& integral) {
  if (integral.kind() != Kind::BigInt) {
    const std::int64_t number = clip_to_int64(integral);
    const std::uint64_t magnitude =
        number < 0 ? -static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    return number < 0 ? -(magnitude % kHashPrime) : magnitude % kHashPrime;
  }
  const Big& number = integral.as_big_int().number().value;
  const auto hash = static_cast<std::uint64_t>(Big(boost::multiprecision::abs(number) % kHashPrime));
  return number < 0 ? -hash : hash;
}

}  // namespace

double to_double(const Value& number) {
  if (number.kind() == Kind::Float) return number.as_float();
  if (number.kind() == Kind::BigInt) return big_to_double(number.as_big_int().number().value);
  return static_cast<double>(clip_to_int64(number));
}

Value truncate(double value) {
  if (std::isnan(value)) raise_value_error("cannot convert float NaN to integer");
  if (std::isinf(value)) raise("OverflowError", "cannot convert float infinity to integer");
  constexpr double kEnd = 9223372036854775808.0;  // 2**63
  if (value > -kEnd && value < kEnd) return static_cast<std::int64_t>(value);
  return from_big(Big(std::trunc(value)));
}

Value int_true_divide(const Value& a, const Value& b) {
  if (is_eq(int_compare(b, 0))) raise("ZeroDivisionError", "division by zero");
  if (exact_in_double(a) && exact_in_double(b)) return to_double(a) / to_double(b);
  const Big left = to_big(a), right = to_big(b);
  const double positive =
      left == 0 ? 0.0 : divide_positive(boost::multiprecision::abs(left), boost::multiprecision::abs(right));
  if (std::isinf(positive)) raise("OverflowError", "integer division result too large for a float");
  return (left < 0) != (right < 0) ? -positive : positive;
}

std::partial_ordering int_float_compare(const Value& a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (exact_in_double(a)) return to_double(a) <=> b;
  if (std::isinf(b)) return 0.0 <=> b;
  const std::partial_ordering whole = int_compare(a, truncate(b));
  if (whole != 0) return whole;
  return std::trunc(b) <=> b;
}

std::size_t number_hash(const Value& number) {
  return number.kind() == Kind::Float ? hash_float(number.as_float()) : hash_whole(number);
}

}  // namespace plumb::jinja
