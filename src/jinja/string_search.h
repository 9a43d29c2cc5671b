// Searching and cutting text: what find, split, partition, replace and strip of str have in common.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace plumb::jinja {

// A byte position, or npos; in a time that grows with the text alone, whatever the part is.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0);
std::size_t find_last_text(std::string_view text, std::string_view part);
// How often `part` stands in `text` without overlap; an empty one stands around each code point.
std::size_t count_text(std::string_view text, std::string_view part);

// The pieces are views into `text`. `most` cuts at most, as many as there are if negative.
std::vector<std::string_view> split_white_space(std::string_view text, std::int64_t most);
std::vector<std::string_view> split_white_space_right(std::string_view text, std::int64_t most);
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most);
std::vector<std::string_view> split_at_right(std::string_view text, std::string_view separator, std::int64_t most);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);

// Without code points that `characters` has, at the left, the right.
std::string_view strip_left(std::string_view text, std::string_view characters);
std::string_view strip_right(std::string_view text, std::string_view characters);

}  // namespace plumb::jinja
