// Arithmetic after the General Decimal Arithmetic Specification, which Python's decimal follows.
#include <algorithm>

#include "base/format.h"
#include "project/python_decimal.h"

namespace plumb::project::python {
namespace {

constexpr std::int64_t kMostExponent = 999'999, kLeastExponent = -999'999;

int sign_of(const Value& integral) {
  const auto order = jinja::int_compare(integral, Value(0));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
bool is_odd(const Value& integral) {
  return sign_of(jinja::int_modulo(integral, Value(2))) != 0;
}
Value signed_digits(const Decimal& number) {
  return number.negative ? jinja::int_negate(number.digits) : number.digits;
}

// Should a number whose last digits go away grow by one? `half` says how these compare to one half.
bool grows(Rounding rounding, const Decimal& kept, std::strong_ordering half, bool exact) {
  if (exact) return false;
  switch (rounding) {
    case Rounding::Ceiling:
      return !kept.negative;
    case Rounding::Floor:
      return kept.negative;
    case Rounding::Down:
      return false;
    case Rounding::Up:
      return true;
    case Rounding::HalfDown:
      return half > 0;
    case Rounding::HalfUp:
      return half >= 0;
    case Rounding::HalfEven:
      return half > 0 || (half == 0 && is_odd(kept.digits));
    case Rounding::ZeroFiveUp:
      return sign_of(jinja::int_modulo(kept.digits, Value(5))) == 0;
  }
  return false;
}

Decimal zero(bool negative, std::int64_t exponent) {
  return {.negative = negative, .exponent = exponent};
}
Decimal infinity(bool negative) {
  return {.form = Decimal::Form::Infinite, .negative = negative};
}
Decimal not_a_number(const Decimal& a, const Decimal& b) {
  return a.is_nan() ? a : b;
}

}  // namespace

void raise_decimal(std::string_view type, std::string_view condition) {
  jinja::raise(type, plumb::format("[<class 'decimal.{}'>]", condition.empty() ? type : condition));
}

std::int64_t Decimal::length() const {
  if (digits.is_int()) {
    std::int64_t count = 1;
    for (std::int64_t rest = digits.as_int(); rest >= 10; rest /= 10) ++count;
    return count;
  }
  return static_cast<std::int64_t>(jinja::int_text(digits).size());
}

Value power_of_ten(std::int64_t exponent) {
  return jinja::int_power(Value(10), Value(exponent));
}

Decimal rescale(const Decimal& number, std::int64_t exponent, Rounding rounding) {
  Decimal made = number;
  made.exponent = exponent;
  if (!number.is_finite() || number.exponent == exponent || number.is_zero()) return made;
  if (number.exponent > exponent) {
    made.digits = jinja::int_multiply(number.digits, power_of_ten(number.exponent - exponent));
    return made;
  }
  const std::int64_t cut = exponent - number.exponent;
  if (cut > number.length()) {
    made.digits = 0;
    if (grows(rounding, made, std::strong_ordering::less, false)) made.digits = 1;
    return made;
  }
  const Value unit = power_of_ten(cut), rest = jinja::int_modulo(number.digits, unit);
  made.digits = jinja::int_floor_divide(number.digits, unit);
  const auto half = jinja::int_compare(jinja::int_multiply(rest, Value(2)), unit);
  if (grows(rounding, made, half, sign_of(rest) == 0)) made.digits = jinja::int_add(made.digits, Value(1));
  return made;
}

Decimal round_to_length(const Decimal& number, std::int64_t length, Rounding rounding) {
  if (!number.is_finite() || number.length() <= length) return number;
  Decimal made = rescale(number, number.exponent + number.length() - length, rounding);
  // 9.99 became 10.0
  if (made.length() > length) made = rescale(made, made.exponent + 1, rounding);
  return made;
}

Decimal finish(const Decimal& number) {
  Decimal made = round_to_length(number, kPrecision);
  if (!made.is_finite()) return made;
  const std::int64_t tiny = kLeastExponent - kPrecision + 1;
  if (made.is_zero()) {
    made.exponent = std::clamp(made.exponent, tiny, kMostExponent);
    return made;
  }
  if (made.adjusted() > kMostExponent) raise_decimal("Overflow");
  if (made.exponent < tiny) made = rescale(number, tiny);
  return made;
}

Decimal negate(Decimal number) {
  if (!number.is_nan()) number.negative = !number.negative;
  return number;
}

Decimal add(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return not_a_number(a, b);
  if (!a.is_finite() || !b.is_finite()) {
    if (!a.is_finite() && !b.is_finite() && a.negative != b.negative) raise_decimal("InvalidOperation");
    return a.is_finite() ? b : a;
  }
  const std::int64_t low = std::min(a.exponent, b.exponent);
  if (a.is_zero() && b.is_zero()) return finish(zero(a.negative && b.negative, low));
  if (a.is_zero() || b.is_zero()) {
    const Decimal& other = a.is_zero() ? b : a;
    return finish(rescale(other, std::max(low, other.exponent - kPrecision - 1)));
  }
  // One that is too small to be seen counts as the smallest that decides a rounding: 10^60 and a little.
  Decimal first = a.exponent >= b.exponent ? a : b, second = a.exponent >= b.exponent ? b : a;
  const std::int64_t seen = first.exponent + std::min<std::int64_t>(-1, first.length() - kPrecision - 2);
  if (second.adjusted() < seen) {
    second.digits = 1;
    second.exponent = seen;
  }
  first = rescale(first, std::min(first.exponent, second.exponent));
  second = rescale(second, first.exponent);
  const Value sum = jinja::int_add(signed_digits(first), signed_digits(second));
  Decimal made{.negative = sign_of(sum) < 0, .digits = sum, .exponent = first.exponent};
  if (made.negative) made.digits = jinja::int_negate(sum);
  return finish(made);
}

Decimal multiply_exactly(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return not_a_number(a, b);
  const bool negative = a.negative != b.negative;
  if (!a.is_finite() || !b.is_finite()) {
    if (a.is_zero() || b.is_zero()) raise_decimal("InvalidOperation");
    return infinity(negative);
  }
  return {.negative = negative, .digits = jinja::int_multiply(a.digits, b.digits), .exponent = a.exponent + b.exponent};
}

Decimal multiply(const Decimal& a, const Decimal& b) {
  return finish(multiply_exactly(a, b));
}

Decimal divide(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return not_a_number(a, b);
  const bool negative = a.negative != b.negative;
  if (!a.is_finite()) {
    if (!b.is_finite()) raise_decimal("InvalidOperation");
    return infinity(negative);
  }
  if (!b.is_finite()) return zero(negative, kLeastExponent - kPrecision + 1);
  if (b.is_zero()) {
    if (a.is_zero()) raise_decimal("InvalidOperation", "DivisionUndefined");
    raise_decimal("DivisionByZero");
  }
  const std::int64_t ideal = a.exponent - b.exponent;
  if (a.is_zero()) return finish(zero(negative, ideal));
  // One digit more than needed; a last digit that is neither 0 nor 5 tells the rounding that there was a rest.
  const std::int64_t shift = b.length() - a.length() + kPrecision + 1;
  const Value above = shift > 0 ? jinja::int_multiply(a.digits, power_of_ten(shift)) : a.digits;
  const Value below = shift < 0 ? jinja::int_multiply(b.digits, power_of_ten(-shift)) : b.digits;
  Decimal made{.negative = negative, .digits = jinja::int_floor_divide(above, below), .exponent = ideal - shift};
  if (sign_of(jinja::int_modulo(above, below)) != 0) {
    if (sign_of(jinja::int_modulo(made.digits, Value(5))) == 0) made.digits = jinja::int_add(made.digits, Value(1));
  } else {
    while (made.exponent < ideal && sign_of(jinja::int_modulo(made.digits, Value(10))) == 0) {
      made.digits = jinja::int_floor_divide(made.digits, Value(10));
      ++made.exponent;
    }
  }
  return finish(made);
}

Quotient divide_whole(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return {not_a_number(a, b), not_a_number(a, b)};
  const bool negative = a.negative != b.negative;
  if (!a.is_finite()) raise_decimal("InvalidOperation");
  if (!b.is_finite()) return {zero(negative, 0), finish(a)};
  if (b.is_zero()) {
    if (a.is_zero()) raise_decimal("InvalidOperation", "DivisionUndefined");
    raise_decimal("DivisionByZero");
  }
  const std::int64_t exponent = std::min(a.exponent, b.exponent);
  if (a.is_zero() || a.adjusted() - b.adjusted() < -1) return {zero(negative, 0), finish(rescale(a, exponent))};
  if (a.adjusted() - b.adjusted() > kPrecision) raise_decimal("InvalidOperation", "DivisionImpossible");
  const Value above = rescale(a, exponent).digits, below = rescale(b, exponent).digits;
  Decimal whole{.negative = negative, .digits = jinja::int_floor_divide(above, below)};
  if (whole.length() > kPrecision) raise_decimal("InvalidOperation", "DivisionImpossible");
  const Decimal rest{.negative = a.negative, .digits = jinja::int_modulo(above, below), .exponent = exponent};
  return {whole, finish(rest)};
}

Decimal power(const Decimal& base, const Decimal& exponent) {
  if (base.is_nan() || exponent.is_nan()) return not_a_number(base, exponent);
  const bool whole = exponent.is_finite() && compare(rescale(exponent, 0, Rounding::Down), exponent) == 0;
  if (!whole) jinja::raise("NotImplementedError", "a Decimal's power has to be a whole number");
  const Value count = rescale(exponent, 0).digits;
  if (sign_of(count) == 0) {
    if (base.is_zero()) raise_decimal("InvalidOperation");
    return {.digits = 1};
  }
  const bool negative = base.negative && is_odd(count);
  if (base.is_zero()) return exponent.negative ? infinity(negative) : zero(negative, 0);
  if (!base.is_finite()) return exponent.negative ? zero(negative, 0) : infinity(negative);
  // By squares, with digits to spare; what fits into the precision comes out exact.
  const std::int64_t spare = kPrecision + 4 + static_cast<std::int64_t>(jinja::int_text(count).size());
  Decimal made{.digits = 1}, square = base;
  square.negative = false;
  const std::string bits = jinja::int_text(count, 2);
  for (std::size_t i = bits.size(); i-- > 0;) {
    if (bits[i] == '1') made = round_to_length(multiply_exactly(made, square), spare);
    if (made.adjusted() > 2 * kMostExponent) raise_decimal("Overflow");
    if (i > 0) square = round_to_length(multiply_exactly(square, square), spare);
    if (square.adjusted() > 4 * kMostExponent) raise_decimal("Overflow");
  }
  if (exponent.negative) made = divide({.digits = 1}, made);
  made.negative = negative;
  return finish(made);
}

Decimal square_root(const Decimal& number) {
  if (number.is_nan()) return number;
  if (number.is_zero()) {
    const std::int64_t half = number.exponent >= 0 ? number.exponent / 2 : (number.exponent - 1) / 2;
    return zero(number.negative, half);
  }
  if (number.negative) raise_decimal("InvalidOperation");
  if (!number.is_finite()) return number;
  // The root of a whole number with twice the digits, by Newton from above.
  const std::int64_t ideal = number.exponent >= 0 ? number.exponent / 2 : -((1 - number.exponent) / 2);
  std::int64_t shift = std::max<std::int64_t>(2 * (kPrecision + 1) - number.length(), 0);
  if ((number.exponent - shift) % 2 != 0) ++shift;
  const Value square = jinja::int_multiply(number.digits, power_of_ten(shift));
  Value root = power_of_ten((static_cast<std::int64_t>(jinja::int_text(square).size()) + 1) / 2);
  for (;;) {
    const Value next = jinja::int_floor_divide(jinja::int_add(root, jinja::int_floor_divide(square, root)), Value(2));
    if (jinja::int_compare(next, root) >= 0) break;
    root = next;
  }
  Decimal made{.digits = root, .exponent = (number.exponent - shift) / 2};
  if (jinja::int_compare(jinja::int_multiply(root, root), square) == 0) {
    while (made.exponent < ideal && sign_of(jinja::int_modulo(made.digits, Value(10))) == 0) {
      made.digits = jinja::int_floor_divide(made.digits, Value(10));
      ++made.exponent;
    }
  } else if (sign_of(jinja::int_modulo(made.digits, Value(5))) == 0) {
    made.digits = jinja::int_add(made.digits, Value(1));
  }
  return finish(made);
}

Decimal quantize(const Decimal& number, const Decimal& like, Rounding rounding) {
  if (number.is_nan() || like.is_nan()) return not_a_number(number, like);
  if (!number.is_finite() || !like.is_finite()) {
    if (number.is_finite() != like.is_finite()) raise_decimal("InvalidOperation");
    return number;
  }
  if (!number.is_zero() && number.adjusted() - like.exponent + 1 > kPrecision) raise_decimal("InvalidOperation");
  Decimal made = rescale(number, like.exponent, rounding);
  if (made.length() > kPrecision || made.adjusted() > kMostExponent) raise_decimal("InvalidOperation");
  return made;
}

Decimal normalize(const Decimal& number) {
  Decimal made = finish(number);
  if (!made.is_finite()) return made;
  if (made.is_zero()) return zero(made.negative, 0);
  while (sign_of(jinja::int_modulo(made.digits, Value(10))) == 0) {
    made.digits = jinja::int_floor_divide(made.digits, Value(10));
    ++made.exponent;
  }
  return made;
}

std::partial_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return std::partial_ordering::unordered;
  const auto sign = [](const Decimal& number) { return number.is_zero() ? 0 : number.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  if (sign(a) == 0) return std::partial_ordering::equivalent;
  std::partial_ordering sizes = std::partial_ordering::equivalent;
  if (!a.is_finite() || !b.is_finite()) {
    sizes = !a.is_finite() <=> !b.is_finite();
  } else if (a.adjusted() != b.adjusted()) {
    sizes = a.adjusted() <=> b.adjusted();
  } else {
    const std::int64_t low = std::min(a.exponent, b.exponent);
    sizes = jinja::int_compare(rescale(a, low).digits, rescale(b, low).digits);
  }
  return a.negative ? 0 <=> sizes : sizes;
}

}  // namespace plumb::project::python
