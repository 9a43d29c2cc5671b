// Whole numbers of any size, and the text of floats.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/value.h"

namespace plumb::jinja {

// A whole number beyond 64 bits. As a Value it is of Kind::BigInt only when it does not fit into Kind::Int. Never
// changes. (Inside is Boost.Multiprecision's cpp_int, a heavy header that stays in number.cpp.)
class BigInt final : public Shared {
 public:
  struct Number;
  explicit BigInt(std::unique_ptr<const Number> number);
  ~BigInt() override;
  const Number& number() const { return *number_; }

 private:
  std::unique_ptr<const Number> number_;
};

// Python's int(text, base), `base` 2 to 36 or 0: white space around it, a sign, the base's prefix, single underscores,
// digits of any script. Nothing when it is no number; ValueError for more digits than Python reads.
std::optional<Value> parse_int(std::string_view text, int base = 10);
// Python's float(text): "1e3", " 1_000.5 ", "inf", "-Infinity", "nan".
std::optional<double> parse_float(std::string_view text);
// Digits in a base from 2 to 36, lower case, with a minus sign and without a prefix.
std::string int_text(const Value& integral, int base = 10);
// repr of a float: the shortest text that reads back the same, "1e+16", "0.0001", "1e-05", "inf", "nan".
std::string float_text(double value);
// Of an integral value; OverflowError "int too large to convert to float".
double to_double(const Value& number);
// int(value) of a float; ValueError and OverflowError for nan and inf.
Value truncate(double value);
// The index, size or count that an integral value stands for, clipped to 64 bits.
std::int64_t clip_to_int64(const Value& integral);

// Arithmetic of integral values, whatever their size. Division rounds towards minus infinity, as Python's.
Value int_add(const Value& a, const Value& b);
Value int_subtract(const Value& a, const Value& b);
Value int_multiply(const Value& a, const Value& b);
Value int_floor_divide(const Value& a, const Value& b);  // ZeroDivisionError
Value int_modulo(const Value& a, const Value& b);
Value int_true_divide(const Value& a, const Value& b);  // a float, correctly rounded
Value int_power(const Value& a, const Value& b);  // a float for a negative exponent; MemoryError where it would not end
Value int_negate(const Value& a);
std::strong_ordering int_compare(const Value& a, const Value& b);
// How many words of 64 bits one beyond 64 bits has; 0 of all others.
std::size_t word_count(const Value& integral);
// Compares exactly, as Python does (2**53 + 1 is not float(2**53)).
std::partial_ordering int_float_compare(const Value& a, double b);
// Python's hash: equal numbers hash alike, whatever their type.
std::size_t number_hash(const Value& number);

}  // namespace plumb::jinja
