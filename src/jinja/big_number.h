// What is inside a BigInt. Only number*.cpp includes it: Boost's header is heavy.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include "jinja/number.h"

namespace plumb::jinja {

// Without expression templates: they save a copy here and there and cost seconds of compiling.
using Big = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;

struct BigInt::Number {
  explicit Number(Big number);
  const Big value;
  const Charge charge;
};

// Of a Bool, Int or BigInt.
Big to_big(const Value& integral);
// An Int where it fits. MemoryError beyond kMostBits.
Value from_big(Big number);
// How many bits the absolute value has; 0 for zero.
std::size_t bit_count(const Big& number);

// A number has an end, so that `x ** x` has one.
constexpr std::size_t kMostBits = std::size_t{1} << 20;
[[noreturn]] void raise_too_big();

}  // namespace plumb::jinja
