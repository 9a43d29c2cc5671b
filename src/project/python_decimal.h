// decimal.Decimal: exact decimal numbers of any size, computed with as Python's default context does (28 digits, half
// to even; division by zero and what has no answer are errors).
//
// Not there: powers that are no whole numbers, exp, ln, log10, the logical operations, signalling NaNs.
//
// Inside the room; its door is modules.h.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "project/python_object.h"

namespace plumb::project::python {

enum class Rounding : std::uint8_t { Ceiling, Floor, Down, Up, HalfDown, HalfUp, HalfEven, ZeroFiveUp };
inline constexpr std::int64_t kPrecision = 28;

// digits * 10^exponent with a sign of its own: -0 is not 0, 1.0 is not 1.00 (though they are equal).
struct Decimal {
  enum class Form : std::uint8_t { Finite, Infinite, NotANumber };
  Form form = Form::Finite;
  bool negative = false;
  Value digits = 0;  // a whole number, not negative
  std::int64_t exponent = 0;

  bool is_finite() const { return form == Form::Finite; }
  bool is_nan() const { return form == Form::NotANumber; }
  bool is_zero() const { return is_finite() && digits.is_int() && digits.as_int() == 0; }
  // How many digits; 1 for zero.
  std::int64_t length() const;
  // The exponent of the first digit.
  std::int64_t adjusted() const { return exponent + length() - 1; }
};

// ---- Text (python_decimal_text.cpp)
std::optional<Decimal> decimal_from_text(std::string_view text);  // nothing when it is none
std::string decimal_text(const Decimal& number, bool engineering = false);
std::string format_decimal(const Decimal& number, std::string_view spec);
Decimal decimal_of_int(const Value& integral);
Decimal decimal_of_float(double number);  // exact
Value decimal_to_int(const Decimal& number);

// ---- Arithmetic (python_decimal_arithmetic.cpp)
// Raise InvalidOperation, DivisionByZero, Overflow.
Value power_of_ten(std::int64_t exponent);
// Cuts or fills up digits until the exponent is this one.
Decimal rescale(const Decimal& number, std::int64_t exponent, Rounding rounding = Rounding::HalfEven);
Decimal round_to_length(const Decimal& number, std::int64_t length, Rounding rounding = Rounding::HalfEven);
Decimal finish(const Decimal& number);  // to the context's precision
Decimal add(const Decimal& a, const Decimal& b);
Decimal negate(Decimal number);
Decimal multiply(const Decimal& a, const Decimal& b);
Decimal multiply_exactly(const Decimal& a, const Decimal& b);
Decimal divide(const Decimal& a, const Decimal& b);
struct Quotient {
  Decimal whole, rest;
};
Quotient divide_whole(const Decimal& a, const Decimal& b);
Decimal power(const Decimal& base, const Decimal& exponent);
Decimal square_root(const Decimal& number);
Decimal quantize(const Decimal& number, const Decimal& like, Rounding rounding);
Decimal normalize(const Decimal& number);
std::partial_ordering compare(const Decimal& a, const Decimal& b);
[[noreturn]] void raise_decimal(std::string_view type, std::string_view condition = {});

// ---- The object (python_decimal.cpp, python_decimal_methods.cpp)
class DecimalObject final : public PythonObject {
 public:
  explicit DecimalObject(Decimal value) : number(std::move(value)) {}
  const Decimal number;

  std::string_view type_name() const override { return "decimal.Decimal"; }
  bool is_number() const override { return true; }
  std::optional<bool> equals(State& state, const Value& other) override;
  std::optional<std::partial_ordering> compare(State& state, const Value& other) override;
  std::optional<std::size_t> hash() const override;
  std::optional<Value> operate(State& state, BinaryOperator op, const Value& other, bool reflected) override;
  std::optional<Value> operate_unary(State& state, jinja::UnaryOperator op) override;
  bool truth(State&) override { return !number.is_zero(); }
  std::string repr(State&) override { return "Decimal('" + decimal_text(number) + "')"; }
  std::string str(State&) override { return decimal_text(number); }
  std::string format(State&, std::string_view spec) override { return format_decimal(number, spec); }

 protected:
  std::span<const Method> methods() const override;
  std::optional<Value> find_member(State&, std::string_view name) override;
};
Value make_decimal(Decimal number);
// Of a Decimal or a whole number.
std::optional<Decimal> find_decimal(const Value& value);
std::span<const Method> decimal_methods();
// The class, as `decimal.Decimal`. dbt gives templates none, but tests want to make some.
const ClassTable& decimal_class();

}  // namespace plumb::project::python
