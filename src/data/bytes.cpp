#include "data/bytes.h"

#include <algorithm>
#include <new>

namespace plumb::data {

void Bytes::grow(std::size_t least) {
  std::size_t capacity = std::max({least, capacity_ * 2, std::size_t{64}});
  auto* memory = static_cast<std::uint8_t*>(std::realloc(data_.get(), capacity));
  if (memory == nullptr) throw std::bad_alloc();
  static_cast<void>(data_.release());  // realloc has freed or kept it
  data_.reset(memory);
  capacity_ = capacity;
}

}  // namespace plumb::data
