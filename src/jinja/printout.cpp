#include "jinja/printout.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "jinja/errors.h"
#include "jinja/text.h"

namespace plumb::jinja {

void Printout::append_escaped(std::string_view text) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view escape = html_escape(text[i]);
    if (escape.empty()) continue;
    append(text.substr(written, i - written));
    append(escape);
    written = i + 1;
  }
  append(text.substr(written));
}

// Digits come one by one, and what was written so can't be copied at once as fast: they are written where they belong.
void Printout::append(std::int64_t number) {
  constexpr std::size_t kMostDigits = 20;
  if (room_.size() - size_ < kMostDigits) return append(std::to_string(number));
  char* const begin = room_.data() + size_;
  size_ += static_cast<std::size_t>(std::to_chars(begin, begin + kMostDigits, number).ptr - begin);
}

// The room doubles, up to the limit.
void Printout::grow(std::size_t more) {
  constexpr std::size_t kFirstRoom = 1024;
  if (more > most_ - size_) raise("LimitError", "the template printed more than " + std::to_string(most_) + " bytes");
  const std::size_t needed = size_ + more;
  const std::size_t room = needed > most_ / 2 ? most_ : std::min(most_, std::max(kFirstRoom, 2 * needed));
  charge_.resize(room);
  room_.resize(room);
}

std::string Printout::take() {
  room_.resize(std::exchange(size_, 0));
  charge_.resize(0);
  return std::exchange(room_, {});
}

}  // namespace plumb::jinja
