// The methods of decimal.Decimal, those that int(), float() and round() ask for among them.
#include <algorithm>

#include "base/format.h"
#include "project/python_decimal.h"

namespace plumb::project::python {
namespace {

const Decimal& number(const Value& self) {
  return self_of<DecimalObject>(self).number;
}

Decimal decimal_argument(const Value& value) {
  if (const auto found = find_decimal(value)) return *found;
  jinja::raise_type_error(plumb::format("conversion from {} to Decimal is not supported", jinja::type_name(value)));
}

Rounding rounding_argument(const Value& value) {
  if (!jinja::given(value) || value.is_none()) return Rounding::HalfEven;
  static constexpr std::pair<std::string_view, Rounding> kNames[] = {
      {"ROUND_CEILING", Rounding::Ceiling},    {"ROUND_FLOOR", Rounding::Floor},
      {"ROUND_DOWN", Rounding::Down},          {"ROUND_UP", Rounding::Up},
      {"ROUND_HALF_DOWN", Rounding::HalfDown}, {"ROUND_HALF_UP", Rounding::HalfUp},
      {"ROUND_HALF_EVEN", Rounding::HalfEven}, {"ROUND_05UP", Rounding::ZeroFiveUp},
  };
  for (const auto& [name, rounding] : kNames) {
    if (value.is_string() && value.as_string() == name) return rounding;
  }
  jinja::raise_type_error(
      "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, "
      "ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]");
}

Decimal to_whole(const Decimal& value, Rounding rounding) {
  return value.is_finite() && value.exponent < 0 ? rescale(value, 0, rounding) : value;
}

// ---- What Python's functions ask for
Value absolute(State&, const Value& self, Arguments) {
  Decimal made = number(self);
  made.negative = false;
  return make_decimal(finish(made));
}
Value ceiling(State&, const Value& self, Arguments) {
  return decimal_to_int(to_whole(number(self), Rounding::Ceiling));
}
Value flooring(State&, const Value& self, Arguments) {
  return decimal_to_int(to_whole(number(self), Rounding::Floor));
}
Value to_int(State&, const Value& self, Arguments) {
  return decimal_to_int(number(self));
}
Value to_float(State&, const Value& self, Arguments) {
  return Value(*jinja::parse_float(decimal_text(number(self))));
}
Value rounded(State&, const Value& self, Arguments arguments) {
  const Value digits = arguments.positional.empty() ? Value::none() : arguments.positional[0];
  if (digits.is_none()) return decimal_to_int(to_whole(number(self), Rounding::HalfEven));
  const Decimal like{.digits = 1, .exponent = -jinja::index_argument(digits)};
  return make_decimal(quantize(number(self), like, Rounding::HalfEven));
}

// ---- Questions
Value adjusted(State&, const Value& self, Arguments) {
  return Value(number(self).is_finite() ? number(self).adjusted() : 0);
}
Value as_integer_ratio(State&, const Value& self, Arguments) {
  const Decimal& value = number(self);
  if (value.is_nan()) jinja::raise_value_error("cannot convert NaN to integer ratio");
  if (!value.is_finite()) jinja::raise("OverflowError", "cannot convert Infinity to integer ratio");
  if (value.is_zero()) return Value::tuple({0, 1});
  Value above = value.negative ? jinja::int_negate(value.digits) : value.digits, below = 1;
  if (value.exponent >= 0) above = jinja::int_multiply(above, power_of_ten(value.exponent));
  // Of 10^n only twos and fives can be common.
  for (std::int64_t i = value.exponent; i < 0; ++i) {
    for (const int factor : {2, 5}) {
      const bool common = jinja::int_compare(jinja::int_modulo(above, Value(factor)), Value(0)) == 0;
      if (common) above = jinja::int_floor_divide(above, Value(factor));
      if (!common) below = jinja::int_multiply(below, Value(factor));
    }
  }
  return Value::tuple({above, below});
}
Value as_tuple(State&, const Value& self, Arguments) {
  static constexpr std::string_view kNames[] = {"sign", "digits", "exponent"};
  const Decimal& value = number(self);
  std::vector<Value> digits;
  if (value.is_finite()) {
    for (const char c : jinja::int_text(value.digits)) digits.emplace_back(c - '0');
  } else if (!value.is_nan()) {
    digits.emplace_back(0);
  }
  const Value exponent = value.is_finite() ? Value(value.exponent) : Value(value.is_nan() ? "n" : "F");
  return jinja::make<NamedTuple>(
      "DecimalTuple", kNames,
      std::vector<Value>{Value(value.negative ? 1 : 0), Value::tuple(std::move(digits)), exponent});
}
Value is_finite(State&, const Value& self, Arguments) {
  return number(self).is_finite();
}
Value is_infinite(State&, const Value& self, Arguments) {
  return number(self).form == Decimal::Form::Infinite;
}
Value is_nan(State&, const Value& self, Arguments) {
  return number(self).is_nan();
}
Value is_signed(State&, const Value& self, Arguments) {
  return number(self).negative;
}
Value is_zero(State&, const Value& self, Arguments) {
  return number(self).is_zero();
}

// ---- Numbers from numbers
Value bind_other(Arguments arguments) {
  static constexpr std::string_view kNames[] = {"other", "context"};
  return bind_call<2>({.names = kNames, .required = 1}, arguments)[0];
}
Value compare_method(State&, const Value& self, Arguments arguments) {
  const Decimal other = decimal_argument(bind_other(arguments));
  const auto order = compare(number(self), other);
  if (order == std::partial_ordering::unordered) return make_decimal({.form = Decimal::Form::NotANumber});
  return make_decimal({.negative = order < 0, .digits = order == 0 ? 0 : 1});
}
Value copy_abs(State&, const Value& self, Arguments) {
  Decimal made = number(self);
  made.negative = false;
  return make_decimal(made);
}
Value copy_negate(State&, const Value& self, Arguments) {
  return make_decimal(negate(number(self)));
}
Value copy_sign(State&, const Value& self, Arguments arguments) {
  Decimal made = number(self);
  made.negative = decimal_argument(bind_other(arguments)).negative;
  return make_decimal(made);
}
Value fma(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"other", "third", "context"};
  const auto [other, third, context] = bind_call<3>({.names = kNames, .required = 2}, arguments);
  return make_decimal(add(multiply_exactly(number(self), decimal_argument(other)), decimal_argument(third)));
}
Value larger(State&, const Value& self, Arguments arguments) {
  const Decimal other = decimal_argument(bind_other(arguments));
  if (other.is_nan()) return self;
  return make_decimal(finish(number(self).is_nan() || compare(number(self), other) < 0 ? other : number(self)));
}
Value smaller(State&, const Value& self, Arguments arguments) {
  const Decimal other = decimal_argument(bind_other(arguments));
  if (other.is_nan()) return self;
  return make_decimal(finish(number(self).is_nan() || compare(number(self), other) > 0 ? other : number(self)));
}
Value normalized(State&, const Value& self, Arguments) {
  return make_decimal(normalize(number(self)));
}
Value quantized(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"exp", "rounding", "context"};
  const auto [exp, rounding, context] = bind_call<3>({.names = kNames, .required = 1}, arguments);
  return make_decimal(quantize(number(self), decimal_argument(exp), rounding_argument(rounding)));
}
Value same_quantum(State&, const Value& self, Arguments arguments) {
  const Decimal other = decimal_argument(bind_other(arguments));
  if (!number(self).is_finite() || !other.is_finite()) return number(self).form == other.form;
  return number(self).exponent == other.exponent;
}
Value scaleb(State&, const Value& self, Arguments arguments) {
  const Decimal other = decimal_argument(bind_other(arguments));
  Decimal made = number(self);
  if (other.exponent != 0 || !other.digits.is_int()) raise_decimal("InvalidOperation");
  made.exponent += other.negative ? -other.digits.as_int() : other.digits.as_int();
  return make_decimal(finish(made));
}
Value sqrt(State&, const Value& self, Arguments) {
  return make_decimal(square_root(number(self)));
}
Value to_eng_string(State&, const Value& self, Arguments) {
  return Value(decimal_text(number(self), true));
}
Value to_integral(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"rounding", "context"};
  const auto [rounding, context] = bind_call<2>({.names = kNames}, arguments);
  return make_decimal(to_whole(number(self), rounding_argument(rounding)));
}
Value conjugate(State&, const Value& self, Arguments) {
  return self;
}

}  // namespace

std::span<const Method> decimal_methods() {
  static constexpr Method kMethods[] = {
      {"__abs__", absolute},
      {"__ceil__", ceiling},
      {"__float__", to_float},
      {"__floor__", flooring},
      {"__int__", to_int},
      {"__round__", rounded, Takes::Positional, 0, 1},
      {"__trunc__", to_int},
      {"adjusted", adjusted},
      {"as_integer_ratio", as_integer_ratio},
      {"as_tuple", as_tuple},
      {"compare", compare_method, Takes::Everything},
      {"conjugate", conjugate},
      {"copy_abs", copy_abs},
      {"copy_negate", copy_negate},
      {"copy_sign", copy_sign, Takes::Everything},
      {"fma", fma, Takes::Everything},
      {"is_finite", is_finite},
      {"is_infinite", is_infinite},
      {"is_nan", is_nan},
      {"is_qnan", is_nan},
      {"is_signed", is_signed},
      {"is_zero", is_zero},
      {"max", larger, Takes::Everything},
      {"min", smaller, Takes::Everything},
      {"normalize", normalized},
      {"quantize", quantized, Takes::Everything},
      {"same_quantum", same_quantum, Takes::Everything},
      {"scaleb", scaleb, Takes::Everything},
      {"sqrt", sqrt},
      {"to_eng_string", to_eng_string},
      {"to_integral", to_integral, Takes::Everything},
      {"to_integral_exact", to_integral, Takes::Everything},
      {"to_integral_value", to_integral, Takes::Everything},
  };
  return kMethods;
}

}  // namespace plumb::project::python
