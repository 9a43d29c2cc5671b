// Floats as text with so many digits: what printf and format() have in common.
#pragma once

#include <string>

namespace plumb::jinja {

struct FloatFormat {
  char type = 'g';           // e, f, g; E, F, G for capitals
  int precision = 6;         // digits after the point, or for g of all
  bool alternate = false;    // always a point; g keeps zeros at the end
  bool looks_float = false;  // g: ".0" where it would look like a whole number
  bool no_negative_zero = false;
};
// "-1.50", "1e+16", "inf", "nan". Exact for any precision.
std::string format_float(double value, const FloatFormat& how);

}  // namespace plumb::jinja
