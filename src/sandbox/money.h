// Money in whole cents, and the bank's way of writing it.
#pragma once

#include <cstdint>
#include <string>

namespace plumb::sandbox {

using Cents = std::int64_t;

// As the bank writes amounts, without a fixed number of decimals: "6860.09", "7625.7", "2000.0", "0".
std::string amount_text(Cents cents);
// The same for any number of decimals: decimal_text(1234500, 4) is "123.45".
std::string decimal_text(std::int64_t value, int decimals);

// a * b / divisor, rounded half away from zero, for products that do not fit 64 bits as long as the result does.
std::int64_t scale(std::int64_t value, std::int64_t factor, std::int64_t divisor);

// "-28.368": a change in percent, with three decimals. "0" without a base.
std::string percent_text(std::int64_t change, std::int64_t base);

}  // namespace plumb::sandbox
