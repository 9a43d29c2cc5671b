#include "jinja/string_search.h"

#include <algorithm>
#include <bitset>
#include <cstring>
#include <string>
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

// The code points of a text, to be asked for many times.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) {
    for (std::size_t position = 0; position < text.size();) {
      const char32_t code_point = next_code_point(text, position);
      if (code_point < ascii_.size()) {
        ascii_[code_point] = true;
      } else {
        others_.push_back(code_point);
      }
    }
    std::sort(others_.begin(), others_.end());
  }
  bool have(char32_t code_point) const {
    if (code_point < ascii_.size()) return ascii_[code_point];
    return std::binary_search(others_.begin(), others_.end(), code_point);
  }

 private:
  std::bitset<128> ascii_;
  std::vector<char32_t> others_;
};

// Finds from the end on. rfind compares at every place, which a long part makes slow: that is looked for as the first
// one, with both texts turned round.
class BackwardSearch {
 public:
  BackwardSearch(std::string_view text, std::string_view part) : text_(text), part_(part) {
    constexpr std::size_t kShort = 32;
    if (part.size() <= kShort || part.size() > text.size()) return;
    turned_text_.assign(text.rbegin(), text.rend());
    turned_part_.assign(part.rbegin(), part.rend());
  }
  // The last that ends at `end` or before it.
  std::size_t find(std::size_t end) const {
    if (turned_text_.empty()) return text_.substr(0, end).rfind(part_);
    const std::size_t found = find_text(turned_text_, turned_part_, text_.size() - end);
    return found == std::string_view::npos ? found : text_.size() - found - part_.size();
  }

 private:
  std::string_view text_, part_;
  std::string turned_text_, turned_part_;
};

}  // namespace

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  // memmem stays linear for parts that string_view::find would be quadratic for.
  const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t find_last_text(std::string_view text, std::string_view part) {
  return BackwardSearch(text, part).find(text.size());
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
  const BackwardSearch search(text, separator);
  std::size_t end = text.size();
  while (most < 0 || std::cmp_less(pieces.size(), most)) {
    const std::size_t at = search.find(end);
    if (at == std::string_view::npos) break;
    const std::size_t begin = at + separator.size();
    pieces.push_back(text.substr(begin, end - begin));
    end = at;
  }
  pieces.push_back(text.substr(0, end));
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
  const CodePoints stripped(characters);
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t next = begin;
    if (!stripped.have(next_code_point(text, next))) break;
    begin = next;
  }
  return text.substr(begin);
}

std::string_view strip_right(std::string_view text, std::string_view characters) {
  const CodePoints stripped(characters);
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t previous = end;
    if (!stripped.have(previous_code_point(text, previous))) break;
    end = previous;
  }
  return text.substr(0, end);
}

}  // namespace plumb::jinja
