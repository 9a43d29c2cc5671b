// Filters on numbers: abs, int, float, round, filesizeformat.
//
// Numbers of hosts (Decimal) answer by the methods that Python asks them for: __abs__, __int__, __float__, __round__,
// __ceil__ and __floor__.
#include <charconv>
#include <cmath>

#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

std::optional<Value> ask_host(State& state, const Value& value, std::string_view method, std::vector<Value> arguments) {
  if (value.kind() != Kind::Object) return std::nullopt;
  return value.as_object().call_method(state, method, {arguments, {}});
}

// What the text of a bool or a whole number is: the number.
Value plain_int(const Value& integral) {
  return integral.kind() == Kind::Bool ? Value(static_cast<std::int64_t>(integral.as_bool())) : integral;
}

Value filter_abs(State& state, Arguments arguments) {
  const Value& x = bind_only("abs", arguments);
  if (x.kind() == Kind::Float) return Value(std::fabs(x.as_float()));
  if (x.is_integral()) {
    const bool negative = int_compare(x, Value(0)) == std::strong_ordering::less;
    return negative ? int_negate(x) : plain_int(x);
  }
  if (auto made = ask_host(state, x, "__abs__", {})) return *made;
  raise_type_error("bad operand type for abs(): '" + std::string(type_name(x)) + "'");
}

// ---- int and float

// int(text, base); nothing where Python has a ValueError.
std::optional<Value> read_int(std::string_view text, std::int64_t base) {
  constexpr std::size_t kMostDigits = 4300;  // sys.get_int_max_str_digits()
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  const bool power_of_two = base != 0 && (base & (base - 1)) == 0;
  if (!power_of_two && strip(text).size() > kMostDigits) return std::nullopt;
  return parse_int(text, static_cast<int>(base));
}

// float(x); nothing where Python has a TypeError or ValueError.
std::optional<double> read_float(State& state, const Value& value) {
  if (value.kind() == Kind::Float) return value.as_float();
  if (value.is_integral()) return to_double(value);
  if (value.is_string()) return parse_float(value.as_string());
  if (value.is_undefined()) raise_undefined(value);
  if (auto made = ask_host(state, value, "__float__", {}); made && made->kind() == Kind::Float) return made->as_float();
  if (value.kind() == Kind::Object && value.as_object().is_number()) return parse_float(to_str(state, value));
  return std::nullopt;
}

Value filter_int(State& state, Arguments arguments) {
  static const Signature kSignature{"do_int", {"value", "default", "base"}, 1};
  auto [value, otherwise, base] = bind<3>(kSignature, arguments);
  if (value.is_int()) return value;
  if (value.is_integral()) return plain_int(value);
  if (value.is_string()) {
    if (!given(base) || base.is_integral()) {
      if (auto number = read_int(value.as_string(), given(base) ? clip_to_int64(base) : 10)) return *number;
    }
    // "42.23" is 42.
    std::optional<double> number = read_float(state, value);
    if (number && std::isfinite(*number)) return truncate(*number);
  } else if (value.kind() == Kind::Float) {
    if (!std::isnan(value.as_float())) return truncate(value.as_float());
  } else if (auto made = ask_host(state, value, "__int__", {})) {
    return *made;
  } else {
    std::optional<double> number = read_float(state, value);
    if (number && std::isfinite(*number)) return truncate(*number);
  }
  return given(otherwise) ? otherwise : Value(0);
}

Value filter_float(State& state, Arguments arguments) {
  static const Signature kSignature{"do_float", {"value", "default"}, 1};
  auto [value, otherwise] = bind<2>(kSignature, arguments);
  if (auto number = read_float(state, value)) return Value(*number);
  return given(otherwise) ? otherwise : Value(0.0);
}

// ---- round

// Half to even, at 10^digits: round(1250, -2) is 1200.
Value round_int(const Value& value, std::int64_t digits) {
  if (digits >= 0) return plain_int(value);
  const auto known = static_cast<std::int64_t>(int_text(value).size());
  if (-digits > known) return Value(0);
  const Value unit = int_power(Value(10), Value(-digits));
  const Value rest = int_modulo(value, unit);
  Value low = int_subtract(value, rest);
  const auto half = int_compare(int_multiply(rest, Value(2)), unit);
  const bool odd = int_compare(int_modulo(int_floor_divide(low, unit), Value(2)), Value(0)) != 0;
  if (half > 0 || (half == 0 && odd)) return int_add(low, unit);
  return low;
}

// To the left of the decimal point, by the digits of its whole part.
double round_left(double value, std::int64_t digits) {
  const double whole = std::trunc(value);
  const Value rounded = round_int(truncate(whole), digits);
  const bool has_rest = whole != value;
  if (!has_rest) return to_double(rounded);
  // A fraction decides only what looks like a tie.
  const Value unit = int_power(Value(10), Value(-digits));
  const Value doubled = int_multiply(int_modulo(truncate(std::fabs(whole)), unit), Value(2));
  if (int_compare(doubled, unit) != 0) return to_double(rounded);
  const Value away = int_add(int_subtract(truncate(std::fabs(whole)), int_floor_divide(doubled, Value(2))), unit);
  return std::copysign(to_double(away), value);
}

Value round_float(double value, std::int64_t digits) {
  // As many digits as a double can have on either side of its point.
  constexpr std::int64_t kMost = 323, kLeast = -308;
  if (!std::isfinite(value) || digits > kMost) return Value(value);
  if (digits < kLeast) return Value(0.0 * value);
  if (digits < 0) return Value(std::copysign(round_left(value, digits), value));
  char text[1024];
  const auto written =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, static_cast<int>(digits));
  double rounded = 0;
  std::from_chars(text, written.ptr, rounded);
  return Value(rounded);
}

Value round_common(State& state, const Value& value, const Value& precision) {
  if (value.kind() == Kind::Float) {
    if (precision.is_none()) return truncate(std::nearbyint(value.as_float()));
    return round_float(value.as_float(), index_of(precision));
  }
  if (value.is_integral()) return precision.is_none() ? plain_int(value) : round_int(value, index_of(precision));
  if (auto made = ask_host(state, value, "__round__", {precision})) return *made;
  raise_type_error("type " + std::string(type_name(value)) + " doesn't define __round__ method");
}

Value round_towards(State& state, const Value& value, bool up) {
  if (value.is_integral()) return plain_int(value);
  if (value.kind() == Kind::Float) return truncate(up ? std::ceil(value.as_float()) : std::floor(value.as_float()));
  if (auto made = ask_host(state, value, up ? "__ceil__" : "__floor__", {})) return *made;
  raise_type_error("must be real number, not " + std::string(type_name(value)));
}

Value filter_round(State& state, Arguments arguments) {
  static const Signature kSignature{"do_round", {"value", "precision", "method"}, 1};
  auto [value, precision, method] = bind<3>(kSignature, arguments);
  if (!given(precision)) precision = Value(0);
  const std::string_view name = given(method) ? (method.is_string() ? method.as_string() : "?") : "common";
  if (name != "common" && name != "ceil" && name != "floor") {
    if (given(method)) hash_value(method);
    raise_filter_argument_error("method must be common, ceil or floor");
  }
  if (name == "common") return round_common(state, value, precision);
  const Value unit = operate(state, BinaryOperator::Power, Value(10), precision);
  const Value scaled = operate(state, BinaryOperator::Multiply, value, unit);
  return operate(state, BinaryOperator::Divide, round_towards(state, scaled, name == "ceil"), unit);
}

// ---- filesizeformat

Value filter_filesizeformat(State& state, Arguments arguments) {
  static const Signature kSignature{"do_filesizeformat", {"value", "binary"}, 1};
  static constexpr std::string_view kBinary[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"};
  static constexpr std::string_view kDecimal[] = {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  auto [value, binary] = bind<2>(kSignature, arguments);
  const std::optional<double> read = read_float(state, value);
  if (!read) {
    if (value.is_string()) raise_value_error("could not convert string to float: " + repr(state, value));
    raise_type_error("float() argument must be a string or a real number, not '" + std::string(type_name(value)) + "'");
  }
  const double bytes = *read;
  const bool in_binary = flag(state, binary);
  const int base = in_binary ? 1024 : 1000;
  if (bytes == 1) return Value("1 Byte");
  if (bytes < base) return Value(to_str(state, truncate(bytes)) + " Bytes");
  const auto& prefixes = in_binary ? kBinary : kDecimal;
  // Exactly: the float 1e24 is less than 10^24.
  Value unit = int_power(Value(base), Value(2));
  std::size_t prefix = 0;
  for (; prefix + 1 < std::size(prefixes) && !(int_float_compare(unit, bytes) > 0); ++prefix) {
    unit = int_multiply(unit, Value(base));
  }
  const Value shown(base * bytes / to_double(unit));
  return Value(format_value(state, shown, ".1f") + " " + std::string(prefixes[prefix]));
}

}  // namespace

std::span<const LibraryFunction> number_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"abs", filter_abs},     {"filesizeformat", filter_filesizeformat}, {"float", filter_float}, {"int", filter_int},
      {"round", filter_round},
  };
  return kFilters;
}

}  // namespace plumb::jinja
