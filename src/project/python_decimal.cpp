#include "project/python_decimal.h"

#include <functional>

#include "base/format.h"

namespace plumb::project::python {
namespace {

// sign, digits, exponent
std::optional<Decimal> find_tuple(const Value& tuple) {
  const std::vector<Value>& items = tuple.items();
  if (items.size() != 3 || !items[0].is_integral() || items[1].kind() != Kind::Tuple || !items[2].is_integral()) {
    return std::nullopt;
  }
  std::string digits = "0";
  for (const Value& digit : items[1].items()) {
    const std::int64_t value = digit.is_integral() ? jinja::clip_to_int64(digit) : -1;
    if (value < 0 || value > 9) return std::nullopt;
    digits += static_cast<char>('0' + value);
  }
  auto number = decimal_from_text(digits);
  number->negative = jinja::clip_to_int64(items[0]) != 0;
  number->exponent = jinja::clip_to_int64(items[2]);
  return number;
}

Value make_from_call(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"value", "context"};
  const auto [value, context] = bind_call<2>({.names = kNames}, arguments);
  if (!jinja::given(value)) return make_decimal({});
  if (value.find_object<DecimalObject>() != nullptr) return value;
  if (value.is_integral()) return make_decimal(decimal_of_int(value));
  if (value.kind() == Kind::Float) return make_decimal(decimal_of_float(value.as_float()));
  if (value.is_string()) {
    const auto number = decimal_from_text(value.as_string());
    if (!number) raise_decimal("InvalidOperation", "ConversionSyntax");
    return make_decimal(*number);
  }
  if (value.kind() == Kind::Tuple || value.kind() == Kind::List) {
    if (const auto number = find_tuple(value)) return make_decimal(*number);
    jinja::raise_value_error("argument must be a sequence of length 3");
  }
  jinja::raise_type_error(plumb::format("conversion from {} to Decimal is not supported", jinja::type_name(value)));
}

// Comparisons take floats as well, arithmetic does not.
std::optional<Decimal> find_comparable(const Value& value) {
  if (value.kind() == Kind::Float) return decimal_of_float(value.as_float());
  return find_decimal(value);
}

}  // namespace

std::optional<Decimal> find_decimal(const Value& value) {
  if (const auto* object = value.find_object<DecimalObject>()) return object->number;
  if (value.is_integral()) return decimal_of_int(value);
  return std::nullopt;
}

Value make_decimal(Decimal number) {
  return jinja::make<DecimalObject>(std::move(number));
}

const ClassTable& decimal_class() {
  static const ClassTable kTable{
      .name = "decimal.Decimal",
      .make = make_from_call,
      .methods = decimal_methods(),
      .is_instance = [](const Value& value) { return value.find_object<DecimalObject>() != nullptr; },
  };
  return kTable;
}

std::span<const Method> DecimalObject::methods() const {
  return decimal_methods();
}

std::optional<Value> DecimalObject::find_member(State&, std::string_view name) {
  if (name == "real") return self();
  if (name == "imag") return make_decimal({});
  return std::nullopt;
}

std::optional<bool> DecimalObject::equals(State&, const Value& other) {
  const auto theirs = find_comparable(other);
  if (!theirs) return std::nullopt;
  return python::compare(number, *theirs) == std::partial_ordering::equivalent;
}

std::optional<std::partial_ordering> DecimalObject::compare(State&, const Value& other) {
  const auto theirs = find_comparable(other);
  if (!theirs) return std::nullopt;
  if (number.is_nan() || theirs->is_nan()) raise_decimal("InvalidOperation");
  return python::compare(number, *theirs);
}

// Equal numbers hash alike: 1.0 and 1.00.
std::optional<std::size_t> DecimalObject::hash() const {
  Decimal plain = number;
  if (plain.is_finite()) {
    while (!plain.is_zero() && jinja::int_compare(jinja::int_modulo(plain.digits, Value(10)), Value(0)) == 0) {
      plain.digits = jinja::int_floor_divide(plain.digits, Value(10));
      ++plain.exponent;
    }
    if (plain.is_zero()) plain = {};
  }
  return std::hash<std::string>()(decimal_text(plain));
}

std::optional<Value> DecimalObject::operate(State&, BinaryOperator op, const Value& other, bool reflected) {
  const auto theirs = find_decimal(other);
  if (!theirs) return std::nullopt;
  const Decimal &a = reflected ? *theirs : number, &b = reflected ? number : *theirs;
  switch (op) {
    case BinaryOperator::Add:
      return make_decimal(add(a, b));
    case BinaryOperator::Subtract:
      return make_decimal(add(a, negate(b)));
    case BinaryOperator::Multiply:
      return make_decimal(multiply(a, b));
    case BinaryOperator::Divide:
      return make_decimal(divide(a, b));
    case BinaryOperator::FloorDivide:
      // A whole quotient of infinity is one, though nothing can remain.
      if (!a.is_finite() && !a.is_nan() && b.is_finite()) return make_decimal(divide(a, b));
      return make_decimal(divide_whole(a, b).whole);
    case BinaryOperator::Modulo:
      if (!a.is_zero() && a.is_finite() && b.is_zero()) raise_decimal("InvalidOperation");
      return make_decimal(divide_whole(a, b).rest);
    case BinaryOperator::Power:
      return make_decimal(power(a, b));
  }
  return std::nullopt;
}

std::optional<Value> DecimalObject::operate_unary(State&, jinja::UnaryOperator op) {
  Decimal made = op == jinja::UnaryOperator::Negative ? negate(number) : number;
  if (made.is_zero()) made.negative = false;  // -0 is what rounding makes of no number
  return make_decimal(finish(made));
}

}  // namespace plumb::project::python
