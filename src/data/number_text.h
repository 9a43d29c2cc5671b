// Numbers as text: reading and writing. Private to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/decimal.h"

namespace plumb::data {

// True when the text is the word of lower-case letters, in any case.
bool same_word(std::string_view text, std::string_view lower);
// Empty when the text is no integer, or none that fits.
std::optional<std::int64_t> find_int64(std::string_view text);
// Any usual way to write a number, "NaN", "Infinity", "inf" in any case. Empty too for what no double comes near
// (1e400).
std::optional<double> find_double(std::string_view text);
// The units, at that scale, of a decimal number so short that 64 bits hold them: almost every amount. Empty for any
// other text, which may still be a decimal number.
std::optional<std::int64_t> find_short_units(std::string_view text, int scale);
// Decimal::find, and numbers with an exponent ("1.5e3").
std::optional<Decimal> find_decimal(std::string_view text);

void append_int64_text(std::int64_t value, std::string& out);
// The shortest text that reads back the same, laid out as Python's repr does: 1.0, 100000.0, 1e+22, NaN, -Infinity.
void append_double_text(double value, std::string& out);

}  // namespace plumb::data
