#include "jinja/unicode.h"

#include <cstring>

namespace plumb::jinja {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool continues(std::string_view text, std::size_t position) {
  return position < text.size() && (static_cast<unsigned char>(text[position]) & 0xC0) == 0x80;
}
char32_t tail(std::string_view text, std::size_t position) {
  return static_cast<unsigned char>(text[position]) & 0x3F;
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::size_t position = 0;
  for (; position + 8 <= text.size(); position += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + position, 8);
    if ((word & 0x8080808080808080U) != 0) return false;
  }
  for (; position < text.size(); ++position) {
    if (static_cast<unsigned char>(text[position]) >= 0x80) return false;
  }
  return true;
}

char32_t next_code_point(std::string_view text, std::size_t& position) {
  const char32_t lead = static_cast<unsigned char>(text[position]);
  const std::size_t start = position++;
  if (lead < 0x80) return lead;
  if (lead >= 0xC2 && lead < 0xE0 && continues(text, start + 1)) {
    position = start + 2;
    return (lead & 0x1F) << 6 | tail(text, start + 1);
  }
  if (lead >= 0xE0 && lead < 0xF0 && continues(text, start + 1) && continues(text, start + 2)) {
    const char32_t found = (lead & 0x0F) << 12 | tail(text, start + 1) << 6 | tail(text, start + 2);
    if (found < 0x800) return kReplacement;
    position = start + 3;
    return found;
  }
  if (lead >= 0xF0 && lead < 0xF5 && continues(text, start + 1) && continues(text, start + 2) &&
      continues(text, start + 3)) {
    const char32_t found =
        (lead & 0x07) << 18 | tail(text, start + 1) << 12 | tail(text, start + 2) << 6 | tail(text, start + 3);
    if (found < 0x10000 || found > 0x10FFFF) return kReplacement;
    position = start + 4;
    return found;
  }
  return kReplacement;
}

char32_t previous_code_point(std::string_view text, std::size_t& position) {
  const std::size_t end = position--;
  const auto byte = static_cast<unsigned char>(text[position]);
  if (byte < 0x80) return byte;
  // A sequence has at most four bytes; if none of them ends here, the last byte stands alone.
  for (std::size_t back = 2; back <= 4 && back <= end; ++back) {
    std::size_t start = end - back;
    const char32_t found = next_code_point(text, start);
    if (start == end) {
      position = end - back;
      return found;
    }
  }
  return kReplacement;
}

std::size_t count_code_points(std::string_view text) {
  if (is_ascii(text)) return text.size();
  std::size_t count = 0;
  for (std::size_t position = 0; position < text.size(); ++count) next_code_point(text, position);
  return count;
}

std::size_t find_code_point(std::string_view text, std::size_t index) {
  if (is_ascii(text)) return index < text.size() ? index : text.size();
  std::size_t position = 0;
  for (; index > 0 && position < text.size(); --index) next_code_point(text, position);
  return position;
}

void append_code_point(std::string& out, char32_t code_point) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::string_view strip_left(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t next = begin;
    if (!is_space(next_code_point(text, next))) break;
    begin = next;
  }
  return text.substr(begin);
}

std::string_view strip_right(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t previous = end;
    if (!is_space(previous_code_point(text, previous))) break;
    end = previous;
  }
  return text.substr(0, end);
}

std::string_view strip(std::string_view text) {
  return strip_right(strip_left(text));
}

}  // namespace plumb::jinja
