// What a render has written and nobody has taken yet.
//
// One text for all of a render: what a macro or a set block writes stands behind what the template around it has
// written, until it is taken away as a value. So neither a call nor a block needs a text of its own, and what a macro
// has printed where its call stands just stays.
//
// The room is always as long as the memory it has; how much of it is written is counted apart from it. Most of what a
// template prints is a few bytes long: those are copied without a call.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "jinja/meter.h"

namespace plumb::jinja {

class Printout {
 public:
  // LimitError when there is to be more.
  explicit Printout(std::size_t most_bytes) : most_(most_bytes) {}

  std::size_t size() const { return size_; }
  void append(std::string_view text) {
    if (text.size() > room_.size() - size_) grow(text.size());
    copy(room_.data() + size_, text);
    size_ += text.size();
  }
  // &, <, >, ' and " as HTML writes them.
  void append_escaped(std::string_view text);
  void append(std::int64_t number);

  // What was written since the output had this size; valid until more is written.
  std::string_view since(std::size_t size) const { return std::string_view(room_).substr(size, size_ - size); }
  void shrink(std::size_t size) { size_ = size; }
  // All of it.
  std::string take();

 private:
  void grow(std::size_t more);
  static void copy(char* to, std::string_view text) {
    const std::size_t size = text.size();
    if (size > 16) {
      std::memcpy(to, text.data(), size);
    } else if (size >= 8) {
      copy_both_ends<std::uint64_t>(to, text);
    } else if (size >= 4) {
      copy_both_ends<std::uint32_t>(to, text);
    } else if (size > 0) {
      to[0] = text[0];
      to[size / 2] = text[size / 2];
      to[size - 1] = text[size - 1];
    }
  }
  // In two pieces, which may overlap.
  template <class Piece>
  static void copy_both_ends(char* to, std::string_view text) {
    Piece first, last;
    const std::size_t at = text.size() - sizeof(Piece);
    std::memcpy(&first, text.data(), sizeof first);
    std::memcpy(&last, text.data() + at, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + at, &last, sizeof last);
  }

  const std::size_t most_;
  std::string room_;
  std::size_t size_ = 0;
  Charge charge_;
};

}  // namespace plumb::jinja
