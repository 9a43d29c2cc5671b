// UTF-8, as far as the house needs it: is it valid, how many characters, how wide on a terminal, safe to print.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace plumb {

// True when the bytes are valid UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool valid_utf8(std::string_view text);
// Where the first byte stands that is not; empty when all is well.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);
// The text with every bad byte replaced by U+FFFD.
std::string clean_utf8(std::string_view text);
// A character as UTF-8; U+FFFD for what is no character.
std::string encode_utf8(char32_t character);

// One step through a text: the character at its start, and how many bytes it takes. A bad byte is one step of U+FFFD.
struct Utf8Step {
  char32_t character = 0;
  std::size_t bytes = 0;
  bool valid = false;
};
Utf8Step step_utf8(std::string_view text);

// How many characters (code points; a bad byte counts as one).
std::size_t count_characters(std::string_view text);
// How many cells a terminal uses: two for East Asian wide characters and emoji, none for combining marks.
std::size_t display_width(std::string_view text);
std::size_t display_width(char32_t character);
// Fit for a terminal or a log line: control characters (tab aside) and bad bytes become U+FFFD, so that a service's
// answer can't move the cursor or forge a line.
std::string printable(std::string_view text);

}  // namespace plumb
