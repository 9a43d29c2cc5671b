// Whole numbers: 64 bits as long as they do, and as many as needed after that.
#include "jinja/number.h"

#include <cmath>

#include "jinja/big_number.h"
#include "jinja/errors.h"

namespace plumb::jinja {
namespace {

bool fits(const Value& integral) {
  return integral.kind() != Kind::BigInt;
}
std::int64_t small(const Value& integral) {
  return integral.kind() == Kind::Bool ? std::int64_t{integral.as_bool()} : integral.as_int();
}
bool is_zero(const Value& integral) {
  return fits(integral) && small(integral) == 0;
}

struct Division {
  Big quotient, remainder;
};
// Rounded towards minus infinity: the remainder has the divisor's sign.
Division divide_floor(const Big& a, const Big& b) {
  Division division;
  boost::multiprecision::divide_qr(a, b, division.quotient, division.remainder);
  if (division.remainder != 0 && (division.remainder < 0) != (b < 0)) {
    division.quotient -= 1;
    division.remainder += b;
  }
  return division;
}

// a ** exponent, unless it leaves 64 bits on the way.
std::optional<std::int64_t> small_power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) return std::nullopt;
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) return std::nullopt;
  }
  return result;
}

Value big_power(const Value& a, const Value& b) {
  const Big base = to_big(a);
  if (base == 0 || base == 1) return from_big(base);
  const bool odd = (clip_to_int64(int_modulo(b, 2)) & 1) != 0;
  if (base == -1) return odd ? -1 : 1;
  const std::int64_t exponent = clip_to_int64(b);
  if (exponent > std::int64_t{kMostBits} || (bit_count(base) - 1) * static_cast<std::size_t>(exponent) > kMostBits) {
    raise_too_big();
  }
  return from_big(boost::multiprecision::pow(base, static_cast<unsigned>(exponent)));
}

// A power with a negative exponent is one of floats.
Value fraction_power(const Value& a, const Value& b) {
  const double base = to_double(a), exponent = to_double(b);
  if (base == 0) raise("ZeroDivisionError", "0.0 cannot be raised to a negative power");
  return std::pow(base, exponent);
}

}  // namespace

BigInt::Number::Number(Big number) : value(std::move(number)), charge(sizeof *this + bit_count(value) / 8) {}
BigInt::BigInt(std::unique_ptr<const Number> number) : number_(std::move(number)) {}
BigInt::~BigInt() = default;

Value::Value(const BigInt& number) : Value(from_big(number.number().value)) {}

void raise_too_big() {
  raise("MemoryError", "whole numbers end at " + std::to_string(kMostBits) + " bits");
}

std::size_t bit_count(const Big& number) {
  return number == 0 ? 0 : boost::multiprecision::msb(boost::multiprecision::abs(number)) + 1;
}

Big to_big(const Value& integral) {
  return fits(integral) ? Big(small(integral)) : integral.as_big_int().number().value;
}

Value from_big(Big number) {
  const std::size_t bits = bit_count(number);
  if (bits < 64) return static_cast<std::int64_t>(number);
  if (bits == 64 && number == INT64_MIN) return std::int64_t{INT64_MIN};
  if (bits > kMostBits) raise_too_big();
  return Value(make<BigInt>(std::make_unique<const BigInt::Number>(std::move(number))));
}

std::size_t word_count(const Value& integral) {
  return fits(integral) ? 0 : bit_count(integral.as_big_int().number().value) / 64 + 1;
}

Value int_add(const Value& a, const Value& b) {
  std::int64_t sum = 0;
  if (fits(a) && fits(b) && !__builtin_add_overflow(small(a), small(b), &sum)) return sum;
  return from_big(to_big(a) + to_big(b));
}

Value int_subtract(const Value& a, const Value& b) {
  std::int64_t difference = 0;
  if (fits(a) && fits(b) && !__builtin_sub_overflow(small(a), small(b), &difference)) return difference;
  return from_big(to_big(a) - to_big(b));
}

Value int_multiply(const Value& a, const Value& b) {
  std::int64_t product = 0;
  if (fits(a) && fits(b) && !__builtin_mul_overflow(small(a), small(b), &product)) return product;
  const Big left = to_big(a), right = to_big(b);
  if (bit_count(left) + bit_count(right) > kMostBits + 1) raise_too_big();
  return from_big(left * right);
}

Value int_floor_divide(const Value& a, const Value& b) {
  if (is_zero(b)) raise("ZeroDivisionError", "integer division or modulo by zero");
  if (fits(a) && fits(b) && small(b) != -1) {  // the smallest number has no positive twin
    const std::int64_t dividend = small(a), divisor = small(b);
    const bool rounds = dividend % divisor != 0 && (dividend < 0) != (divisor < 0);
    return dividend / divisor - (rounds ? 1 : 0);
  }
  return from_big(divide_floor(to_big(a), to_big(b)).quotient);
}

Value int_modulo(const Value& a, const Value& b) {
  if (is_zero(b)) raise("ZeroDivisionError", "integer modulo by zero");
  if (fits(a) && fits(b) && small(b) != -1) {
    const std::int64_t divisor = small(b), remainder = small(a) % divisor;
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder;
  }
  return from_big(divide_floor(to_big(a), to_big(b)).remainder);
}

Value int_power(const Value& a, const Value& b) {
  if (is_zero(b)) return 1;
  if (is_lt(int_compare(b, 0))) return fraction_power(a, b);
  if (fits(a) && fits(b)) {
    if (const std::optional<std::int64_t> power = small_power(small(a), small(b))) return *power;
  }
  return big_power(a, b);
}

Value int_negate(const Value& a) {
  return int_subtract(0, a);
}

std::strong_ordering int_compare(const Value& a, const Value& b) {
  if (fits(a) && fits(b)) return small(a) <=> small(b);
  return to_big(a).compare(to_big(b)) <=> 0;
}

std::int64_t clip_to_int64(const Value& integral) {
  if (fits(integral)) return small(integral);
  return integral.as_big_int().number().value < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace plumb::jinja
