#include "sandbox/remittance.h"

#include <string_view>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

constexpr std::size_t kWidth = 35;

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Where the text's first `count` characters end, in bytes; `count` is lowered to what the text has.
std::size_t bytes_of(std::string_view text, std::size_t& count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_character(text[i])) continue;
    if (seen == count) return i;
    ++seen;
  }
  count = seen;
  return text.size();
}

std::vector<std::string> windows(const std::vector<std::string>& lines) {
  std::vector<std::string> result;
  for (std::string_view line : lines) {
    while (!line.empty()) {
      std::size_t characters = kWidth;
      std::size_t bytes = bytes_of(line, characters);
      result.push_back(std::string(line.substr(0, bytes)) + std::string(kWidth - characters, ' '));
      line.remove_prefix(bytes);
    }
  }
  return result;
}

}  // namespace

std::string booked_remittance(const std::vector<std::string>& lines) {
  std::string text;
  int number = 0;
  for (const std::string& window : windows(lines)) text += format("{:02}{}", ++number, window);
  return text;
}

std::string pending_remittance(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& window : windows(lines)) text += window;
  return text;
}

}  // namespace plumb::sandbox
