// datetime.timedelta: a duration in microseconds, exact.
#include <cmath>

#include "base/format.h"
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

constexpr Int128 kMostDays = 999'999'999;

Int128 floor_divide(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

struct Parts {
  std::int64_t days, seconds, micros;
};
Parts parts_of(Int128 micros) {
  const Int128 days = floor_divide(micros, kDay);
  const auto rest = static_cast<std::int64_t>(micros - days * kDay);
  return {static_cast<std::int64_t>(days), rest / kSecond, rest % kSecond};
}

// A value of any size as the 128 bits that hold every timedelta; anything larger is out of range anyway.
Int128 to_int128(const Value& number) {
  if (number.is_int()) return number.as_int();
  if (number.kind() == Kind::Bool) return number.as_bool() ? 1 : 0;
  const std::string text = jinja::int_text(number);
  if (text.size() > 30) jinja::raise("OverflowError", "Python int too large to convert to C int");
  Int128 value = 0;
  for (const char c : text) {
    if (c != '-') value = value * 10 + (c - '0');
  }
  return text.starts_with('-') ? -value : value;
}

// Adds up the arguments of the constructor: what is whole exactly, what floats leave below a microsecond as a float.
class Sum {
 public:
  void add(std::string_view name, const Value& amount, Int128 unit) {
    if (!jinja::given(amount)) return;
    if (amount.is_integral()) {
      whole_ += to_int128(amount) * unit;
      return;
    }
    if (amount.kind() != Kind::Float) {
      jinja::raise_type_error(
          plumb::format("unsupported type for timedelta {} component: {}", name, jinja::type_name(amount)));
    }
    double whole = 0;
    const double fraction = std::modf(amount.as_float(), &whole);
    whole_ += to_int128(jinja::truncate(whole)) * unit;
    double micros = 0;
    rest_ += std::modf(static_cast<double>(unit) * fraction, &micros);
    whole_ += static_cast<Int128>(micros);
  }
  Int128 total() const {
    double rounded = std::round(rest_);
    if (std::fabs(rounded - rest_) == 0.5) {
      const bool odd = (whole_ & 1) != 0;
      rounded = 2.0 * std::round((rest_ + odd) * 0.5) - odd;
    }
    return whole_ + static_cast<Int128>(rounded);
  }

 private:
  Int128 whole_ = 0;
  double rest_ = 0;
};

Value make_from_call(State&, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"days",    "seconds", "microseconds", "milliseconds",
                                                "minutes", "hours",   "weeks"};
  const auto bound = bind_call<7>({.function = "__new__", .names = kNames}, arguments);
  Sum sum;
  sum.add("microseconds", bound[2], 1);
  sum.add("milliseconds", bound[3], 1000);
  sum.add("seconds", bound[1], kSecond);
  sum.add("minutes", bound[4], kMinute);
  sum.add("hours", bound[5], kHour);
  sum.add("days", bound[0], kDay);
  sum.add("weeks", bound[6], Int128{7} * kDay);
  return make_timedelta(sum.total());
}

Value total_seconds(State&, const Value& self, Arguments) {
  return jinja::int_true_divide(int_value(self_of<TimeDeltaObject>(self).micros), Value(kSecond));
}

Value absolute(State&, const Value& self, Arguments) {
  const Int128 micros = self_of<TimeDeltaObject>(self).micros;
  return make_timedelta(micros < 0 ? -micros : micros);
}

constexpr Method kMethods[] = {{"__abs__", absolute}, {"total_seconds", total_seconds}};

std::optional<Value> find_constant(std::string_view name) {
  if (name == "min") return make_timedelta(-kMostDays * kDay);
  if (name == "max") return make_timedelta((kMostDays + 1) * kDay - 1);
  if (name == "resolution") return make_timedelta(1);
  return std::nullopt;
}

// A float as a fraction of whole numbers: its digits and a power of two.
std::pair<Value, Value> ratio_of(double number) {
  if (std::isnan(number)) jinja::raise_value_error("cannot convert NaN to integer ratio");
  if (std::isinf(number)) jinja::raise("OverflowError", "cannot convert Infinity to integer ratio");
  int exponent = 0;
  const double digits = std::ldexp(std::frexp(number, &exponent), 53);
  exponent -= 53;
  const Value power = jinja::int_power(Value(2), Value(exponent < 0 ? -exponent : exponent));
  const Value whole = jinja::truncate(digits);
  if (exponent < 0) return {whole, power};
  return {jinja::int_multiply(whole, power), Value(1)};
}

[[noreturn]] void raise_zero(const char* message) {
  jinja::raise("ZeroDivisionError", message);
}

Value make_from_int(const Value& micros) {
  return make_timedelta(to_int128(micros));
}

Value scale(Int128 micros, const Value& factor, bool divides) {
  const Value number = int_value(micros);
  if (factor.is_integral()) {
    if (!divides) return make_from_int(jinja::int_multiply(number, factor));
    if (jinja::int_compare(factor, Value(0)) == 0) raise_zero("integer division or modulo by zero");
    return make_from_int(divide_to_nearest(number, factor));
  }
  auto [above, below] = ratio_of(factor.as_float());
  if (divides) std::swap(above, below);
  if (jinja::int_compare(below, Value(0)) == 0) raise_zero("integer division or modulo by zero");
  return make_from_int(divide_to_nearest(jinja::int_multiply(number, above), below));
}

std::optional<Value> operate_durations(BinaryOperator op, Int128 a, Int128 b) {
  const bool divides =
      op == BinaryOperator::Divide || op == BinaryOperator::FloorDivide || op == BinaryOperator::Modulo;
  if (divides && b == 0) {
    raise_zero(op == BinaryOperator::Divide        ? "division by zero"
               : op == BinaryOperator::FloorDivide ? "integer division or modulo by zero"
                                                   : "integer modulo by zero");
  }
  switch (op) {
    case BinaryOperator::Add:
      return make_timedelta(a + b);
    case BinaryOperator::Subtract:
      return make_timedelta(a - b);
    case BinaryOperator::Divide:
      return jinja::int_true_divide(int_value(a), int_value(b));
    case BinaryOperator::FloorDivide:
      return int_value(floor_divide(a, b));
    case BinaryOperator::Modulo:
      return make_timedelta(a - floor_divide(a, b) * b);
    default:
      return std::nullopt;
  }
}

}  // namespace

Value make_timedelta(Int128 micros) {
  const Int128 days = floor_divide(micros, kDay);
  if (days > kMostDays || days < -kMostDays) {
    const bool fits_int = days >= INT32_MIN && days <= INT32_MAX;
    if (!fits_int) jinja::raise("OverflowError", "Python int too large to convert to C int");
    jinja::raise("OverflowError", plumb::format("days={}; must have magnitude <= 999999999", int128_text(days)));
  }
  return jinja::make<TimeDeltaObject>(micros);
}

const ClassTable& timedelta_class() {
  static constexpr ClassTable kTable{
      .name = "datetime.timedelta",
      .make = make_from_call,
      .methods = kMethods,
      .find_constant = find_constant,
      .is_instance = [](const Value& value) { return value.find_object<TimeDeltaObject>() != nullptr; },
  };
  return kTable;
}

std::span<const Method> TimeDeltaObject::methods() const {
  return kMethods;
}

std::optional<Value> TimeDeltaObject::find_member(State&, std::string_view name) {
  const Parts parts = parts_of(micros);
  if (name == "days") return Value(parts.days);
  if (name == "seconds") return Value(parts.seconds);
  if (name == "microseconds") return Value(parts.micros);
  return find_constant(name);
}

std::optional<bool> TimeDeltaObject::equals(State&, const Value& other) {
  const auto* theirs = other.find_object<TimeDeltaObject>();
  if (theirs == nullptr) return std::nullopt;
  return micros == theirs->micros;
}

std::optional<std::partial_ordering> TimeDeltaObject::compare(State&, const Value& other) {
  const auto* theirs = other.find_object<TimeDeltaObject>();
  if (theirs == nullptr) return std::nullopt;
  return micros <=> theirs->micros;
}

std::optional<std::size_t> TimeDeltaObject::hash() const {
  return static_cast<std::size_t>(micros) ^ static_cast<std::size_t>(micros >> 64) * 0x9E3779B97F4A7C15;
}

std::optional<Value> TimeDeltaObject::operate(State&, BinaryOperator op, const Value& other, bool reflected) {
  if (const auto* theirs = other.find_object<TimeDeltaObject>()) {
    return reflected ? operate_durations(op, theirs->micros, micros) : operate_durations(op, micros, theirs->micros);
  }
  if (!other.is_number()) return std::nullopt;
  if (op == BinaryOperator::Multiply) return scale(micros, other, false);
  if (reflected) return std::nullopt;
  if (op == BinaryOperator::Divide) return scale(micros, other, true);
  if (op == BinaryOperator::FloorDivide && other.is_integral()) {
    if (jinja::int_compare(other, Value(0)) == 0) raise_zero("integer division or modulo by zero");
    return make_from_int(jinja::int_floor_divide(int_value(micros), other));
  }
  return std::nullopt;
}

std::optional<Value> TimeDeltaObject::operate_unary(State&, jinja::UnaryOperator op) {
  return make_timedelta(op == jinja::UnaryOperator::Negative ? -micros : micros);
}

std::string TimeDeltaObject::repr(State&) {
  return timedelta_repr(micros);
}

std::string timedelta_repr(Int128 micros) {
  const Parts parts = parts_of(micros);
  std::string text;
  const auto add = [&](std::string_view name, std::int64_t amount) {
    if (amount != 0) text += plumb::format("{}{}={}", text.empty() ? "" : ", ", name, amount);
  };
  add("days", parts.days);
  add("seconds", parts.seconds);
  add("microseconds", parts.micros);
  return "datetime.timedelta(" + (text.empty() ? "0" : text) + ")";
}

std::string TimeDeltaObject::str(State&) {
  const auto [days, seconds, fraction] = parts_of(micros);
  std::string text;
  if (days != 0) text = plumb::format("{} day{}, ", days, days == 1 || days == -1 ? "" : "s");
  text += plumb::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fraction == 0 ? text : text + plumb::format(".{:06}", fraction);
}

}  // namespace plumb::project::python
