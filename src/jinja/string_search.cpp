#include "jinja/string_search.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

bool ends_line(char32_t code_point) {
  switch (code_point) {
    case '\n':
    case '\r':
    case '\v':
    case '\f':
    case 0x1C:
    case 0x1D:
    case 0x1E:
    case 0x85:
    case 0x2028:
    case 0x2029:
      return true;
    default:
      return false;
  }
}

bool has(std::string_view characters, char32_t code_point) {
  for (std::size_t position = 0; position < characters.size();) {
    if (next_code_point(characters, position) == code_point) return true;
  }
  return false;
}

}  // namespace

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  // memmem stays linear for parts that string_view::find would be quadratic for.
  const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t count_text(std::string_view text, std::string_view part) {
  if (part.empty()) return count_code_points(text) + 1;
  std::size_t count = 0;
  for (std::size_t at = find_text(text, part); at != std::string_view::npos; ++count) {
    at = find_text(text, part, at + part.size());
  }
  return count;
}

std::vector<std::string_view> split_white_space(std::string_view text, std::int64_t most) {
  std::vector<std::string_view> pieces;
  std::string_view rest = strip_left(text);
  while (!rest.empty()) {
    if (most >= 0 && std::cmp_equal(pieces.size(), most)) {
      pieces.push_back(rest);
      break;
    }
    std::size_t end = 0;
    while (end < rest.size()) {
      std::size_t next = end;
      if (is_space(next_code_point(rest, next))) break;
      end = next;
    }
    pieces.push_back(rest.substr(0, end));
    rest = strip_left(rest.substr(end));
  }
  return pieces;
}

std::vector<std::string_view> split_white_space_right(std::string_view text, std::int64_t most) {
  std::vector<std::string_view> pieces;
  std::string_view rest = strip_right(text);
  while (!rest.empty()) {
    if (most >= 0 && std::cmp_equal(pieces.size(), most)) {
      pieces.push_back(rest);
      break;
    }
    std::size_t begin = rest.size();
    while (begin > 0) {
      std::size_t previous = begin;
      if (is_space(previous_code_point(rest, previous))) break;
      begin = previous;
    }
    pieces.push_back(rest.substr(begin));
    rest = strip_right(rest.substr(0, begin));
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  while (most < 0 || std::cmp_less(pieces.size(), most)) {
    const std::size_t end = find_text(text, separator, begin);
    if (end == std::string_view::npos) break;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

std::vector<std::string_view> split_at_right(std::string_view text, std::string_view separator, std::int64_t most) {
  std::vector<std::string_view> pieces;
  while (most < 0 || std::cmp_less(pieces.size(), most)) {
    const std::size_t at = text.rfind(separator);
    if (at == std::string_view::npos) break;
    pieces.push_back(text.substr(at + separator.size()));
    text = text.substr(0, at);
  }
  pieces.push_back(text);
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t end = position;
    const char32_t code_point = next_code_point(text, position);
    if (!ends_line(code_point)) continue;
    if (code_point == '\r' && position < text.size() && text[position] == '\n') ++position;
    lines.push_back(text.substr(begin, (keep_ends ? position : end) - begin));
    begin = position;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

std::string_view strip_left(std::string_view text, std::string_view characters) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t next = begin;
    if (!has(characters, next_code_point(text, next))) break;
    begin = next;
  }
  return text.substr(begin);
}

std::string_view strip_right(std::string_view text, std::string_view characters) {
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t previous = end;
    if (!has(characters, previous_code_point(text, previous))) break;
    end = previous;
  }
  return text.substr(0, end);
}

}  // namespace plumb::jinja
