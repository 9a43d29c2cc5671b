#include "base/secret.h"

#include <string.h>

#include <utility>

namespace plumb {
namespace {

// The whole capacity, as a short text lives inside the string object and a shrunk one leaves its tail behind.
void wipe_string(std::string& text) {
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string text) : text_(std::move(text)) {
  wipe_string(text);
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

Secret::~Secret() {
  wipe();
}

bool Secret::same_as(const Secret& other) const {
  if (text_.size() != other.text_.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(text_[i]) ^ static_cast<unsigned char>(other.text_[i]));
  }
  return difference == 0;
}

void Secret::wipe() {
  wipe_string(text_);
}

}  // namespace plumb
