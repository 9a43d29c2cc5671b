// Text as Python counts and sorts it: code points, and what Unicode says of them.
//
// Text is UTF-8, lone surrogates included (Python's '\ud800' has them). A byte that belongs to no sequence counts as
// one code point, U+FFFD, and stays what it is when text is cut at code points.
//
// Properties are those of Unicode 14, which CPython 3.11 has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plumb::jinja {

// ---- Code points
bool is_ascii(std::string_view text);
// len(text)
std::size_t count_code_points(std::string_view text);
// The code point at the byte `position`, which moves behind it.
char32_t next_code_point(std::string_view text, std::size_t& position);
// The one that ends at the byte `position`, which moves to its beginning.
char32_t previous_code_point(std::string_view text, std::size_t& position);
void append_code_point(std::string& out, char32_t code_point);
// The byte at which the code point of this index begins; the text's size when it has no more than `index`.
std::size_t find_code_point(std::string_view text, std::size_t index);

// ---- One code point: str.isspace() and its kin
bool is_space(char32_t code_point);
bool is_alpha(char32_t code_point);
bool is_decimal(char32_t code_point);
bool is_digit(char32_t code_point);
bool is_numeric(char32_t code_point);
bool is_printable(char32_t code_point);
bool is_lower(char32_t code_point);
bool is_upper(char32_t code_point);
bool is_title(char32_t code_point);
bool is_cased(char32_t code_point);
// May it stand within a word without being a letter of it?
bool is_case_ignorable(char32_t code_point);
bool is_identifier_start(char32_t code_point);
bool is_identifier_part(char32_t code_point);
// The value of a decimal digit of any script, or -1.
int decimal_value(char32_t code_point);

// ---- Case of a whole text, as the methods of str of these names: "ß" becomes "SS", a last "Σ" becomes "ς"
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::string to_title(std::string_view text);
std::string to_capitalized(std::string_view text);
std::string to_swapped_case(std::string_view text);
std::string to_casefold(std::string_view text);

// ---- Without white space (Python's) at its ends
std::string_view strip(std::string_view text);
std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);

}  // namespace plumb::jinja
