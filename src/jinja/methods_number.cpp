#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "jinja/bytes.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// An int where a bool was.
Value as_int(const Value& number) {
  return number.kind() == Kind::Bool ? Value(number.as_bool() ? 1 : 0) : number;
}

bool is_negative(const Value& number) {
  return int_compare(number, Value(0)) == std::strong_ordering::less;
}

// The digits of the magnitude, in a base that is a power of two.
std::string digits_of(const Value& number, int base) {
  std::string digits = int_text(as_int(number), base);
  if (digits.starts_with('-')) digits.erase(0, 1);
  return digits;
}

Value conjugate(State&, const Value& self, Arguments) {
  return as_int(self);
}

Value bit_count(State&, const Value& self, Arguments) {
  const std::string digits = digits_of(self, 2);
  return static_cast<std::int64_t>(std::count(digits.begin(), digits.end(), '1'));
}

Value bit_length(State&, const Value& self, Arguments) {
  const std::string digits = digits_of(self, 2);
  return digits == "0" ? Value(0) : Value(static_cast<std::int64_t>(digits.size()));
}

Value int_as_integer_ratio(State&, const Value& self, Arguments) {
  return Value::tuple({as_int(self), Value(1)});
}

// ---- Bytes of whole numbers
bool is_big_endian(const Value& order) {
  if (!given(order)) return true;
  if (order.is_string() && order.as_string() == "big") return true;
  if (order.is_string() && order.as_string() == "little") return false;
  raise_value_error("byteorder must be either 'little' or 'big'");
}

int hex_value(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// The bytes of a magnitude, the lowest first.
std::string little_endian(const Value& number) {
  const std::string digits = digits_of(number, 16);
  std::string bytes;
  for (std::size_t end = digits.size(); end > 0; end -= std::min<std::size_t>(end, 2)) {
    const int high = end > 1 ? hex_value(digits[end - 2]) : 0;
    bytes += static_cast<char>(high << 4 | hex_value(digits[end - 1]));
  }
  while (!bytes.empty() && bytes.back() == 0) bytes.pop_back();
  return bytes;
}

Value to_bytes(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"length", "byteorder", "signed"};
  Value bound[3];
  bind_parameters({"to_bytes", kNames, 2}, arguments, bound);
  const std::int64_t length = given(bound[0]) ? index_argument(bound[0]) : 1;
  const bool big_endian = is_big_endian(bound[1]);
  const bool is_signed = given(bound[2]) && truth(state, bound[2]);
  if (length < 0) raise_value_error("length argument must be non-negative");
  const bool negative = is_negative(self);
  if (negative && !is_signed) raise("OverflowError", "can't convert negative int to unsigned");

  // Two's complement: of a negative number, the complement of what is one less than its magnitude.
  std::string bytes = little_endian(negative ? int_add(self, Value(1)) : self);
  const auto size = static_cast<std::size_t>(length);
  const bool top_bit = bytes.size() == size && !bytes.empty() && (bytes.back() & 0x80) != 0;
  if (bytes.size() > size || (is_signed && top_bit)) {
    raise("OverflowError", "int too big to convert");
  }
  state.reserve(size);
  bytes.resize(size, '\0');
  if (negative) {
    for (char& byte : bytes) byte = static_cast<char>(~byte);
  }
  if (big_endian) std::reverse(bytes.begin(), bytes.end());
  return make<Bytes>(std::move(bytes));
}

std::string bytes_argument(State& state, const Value& value) {
  if (const auto* bytes = value.find_object<Bytes>()) return bytes->bytes();
  if (value.is_number() || value.is_string() || value.is_none()) {
    raise_type_error(format("cannot convert '{}' object to bytes", type_name(value)));
  }
  std::string made;
  for (const Value& item : to_vector(state, value)) {
    const std::int64_t byte = index_argument(item);
    if (byte < 0 || byte > 255) raise_value_error("bytes must be in range(0, 256)");
    made += static_cast<char>(byte);
  }
  return made;
}

Value from_bytes(State& state, const Value&, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"bytes", "byteorder", "signed"};
  Value bound[3];
  bind_parameters({"from_bytes", kNames, 2}, arguments, bound);
  if (!given(bound[0])) raise_type_error("from_bytes() missing required argument 'bytes' (pos 1)");
  const bool big_endian = is_big_endian(bound[1]);
  const bool is_signed = given(bound[2]) && truth(state, bound[2]);
  std::string bytes = bytes_argument(state, bound[0]);
  if (!big_endian) std::reverse(bytes.begin(), bytes.end());
  const bool negative = is_signed && !bytes.empty() && (bytes.front() & 0x80) != 0;
  std::string digits = "0";
  for (const char byte : bytes) {
    const int value = static_cast<unsigned char>(negative ? ~byte : byte);
    digits += "0123456789abcdef"[value >> 4];
    digits += "0123456789abcdef"[value & 15];
  }
  const Value magnitude = parse_int(digits, 16).value_or(Value(0));
  return negative ? int_subtract(Value(-1), magnitude) : magnitude;
}

// ---- float
Value is_integer(State&, const Value& self, Arguments) {
  return std::isfinite(self.as_float()) && std::trunc(self.as_float()) == self.as_float();
}

Value float_as_integer_ratio(State&, const Value& self, Arguments) {
  const double value = self.as_float();
  if (std::isinf(value)) raise("OverflowError", "cannot convert Infinity to integer ratio");
  if (std::isnan(value)) raise_value_error("cannot convert NaN to integer ratio");
  int exponent = 0;
  double fraction = std::frexp(value, &exponent);
  for (; fraction != std::floor(fraction); fraction *= 2) --exponent;
  const Value power = int_power(Value(2), Value(std::abs(exponent)));
  const Value numerator = truncate(fraction);
  if (exponent > 0) return Value::tuple({int_multiply(numerator, power), Value(1)});
  return Value::tuple({numerator, power});
}

// "0x1.8000000000000p+0": C's %a, but always with all 13 digits.
Value hex(State&, const Value& self, Arguments) {
  const double value = self.as_float();
  if (!std::isfinite(value)) return float_text(value);
  const std::string_view sign = std::signbit(value) ? "-" : "";
  if (value == 0) return format("{}0x0.0p+0", sign);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t fraction = bits & 0xFFFFFFFFFFFFFU;
  const int biased = static_cast<int>(bits >> 52 & 0x7FF);
  return format("{}0x{}.{:013x}p{:+}", sign, biased == 0 ? 0 : 1, fraction, biased == 0 ? -1022 : biased - 1023);
}

// "0x1.8p+0"; the "0x" may be missing.
Value fromhex(State&, const Value&, Arguments arguments) {
  if (!arguments.positional[0].is_string()) raise_type_error("bad argument type for built-in operation");
  const std::string text(strip(arguments.positional[0].as_string()));
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const std::string lower = to_lower(rest);
  double value = 0;
  if (lower == "inf" || lower == "infinity" || lower == "nan") {
    value = *parse_float(lower);
  } else {
    const std::string_view digits = std::string_view(lower).substr(lower.starts_with("0x") ? 2 : 0);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::hex);
    if (read.ec == std::errc::result_out_of_range && digits.find("p-") == std::string_view::npos) {
      raise("OverflowError", "hexadecimal value too large to represent as a float");
    }
    if (read.ec == std::errc::invalid_argument || read.ptr != digits.data() + digits.size() || digits[0] == '-') {
      raise_value_error("invalid hexadecimal floating-point string");
    }
  }
  return negative ? -value : value;
}

constexpr Method kIntMethods[] = {
    {"as_integer_ratio", int_as_integer_ratio},
    {"bit_count", bit_count},
    {"bit_length", bit_length},
    {"conjugate", conjugate},
    {"from_bytes", from_bytes, Takes::Everything},
    {"to_bytes", to_bytes, Takes::Everything},
};

constexpr Method kFloatMethods[] = {
    {"as_integer_ratio", float_as_integer_ratio},
    {"conjugate", conjugate},
    {"fromhex", fromhex, Takes::One},
    {"hex", hex},
    {"is_integer", is_integer},
};

}  // namespace

std::span<const Method> int_methods() {
  return kIntMethods;
}
std::span<const Method> float_methods() {
  return kFloatMethods;
}

std::optional<Value> find_number_attribute(const Value& number, std::string_view name) {
  const bool is_float = number.kind() == Kind::Float;
  if (name == "real") return as_int(number);
  if (name == "imag") return is_float ? Value(0.0) : Value(0);
  if (is_float) return std::nullopt;
  if (name == "numerator") return as_int(number);
  if (name == "denominator") return Value(1);
  return std::nullopt;
}

}  // namespace plumb::jinja
