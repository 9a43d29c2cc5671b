// Bytes: a growing run of bytes that never zero-fills and never copies by accident.
//
// A builder fills one byte by byte; a column then shares it as a Buffer, which never changes again. It moves and does
// not copy; its memory is aligned for every value of a column (16 bytes), and grows in place where the allocator can.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace plumb::data {

class Bytes {
 public:
  Bytes() = default;
  // That many bytes with no particular value.
  explicit Bytes(std::size_t size) { resize(size); }
  Bytes(Bytes&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::uint8_t* data() const { return data_.get(); }
  std::uint8_t* data() { return data_.get(); }
  std::uint8_t operator[](std::size_t index) const { return data_[index]; }
  std::uint8_t& operator[](std::size_t index) { return data_[index]; }

  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }
  // New bytes have no particular value.
  void resize(std::size_t size) {
    reserve(size);
    size_ = size;
  }
  void append(const void* bytes, std::size_t count) {
    if (count > capacity_ - size_) [[unlikely]]
      grow(size_ + count);
    if (count != 0) std::memcpy(data_.get() + size_, bytes, count);
    size_ += count;
  }
  // The bytes of one value.
  template <class Value>
  void push(Value value) {
    if (sizeof(Value) > capacity_ - size_) [[unlikely]]
      grow(size_ + sizeof(Value));
    std::memcpy(data_.get() + size_, &value, sizeof(Value));
    size_ += sizeof(Value);
  }
  // `count` bytes of one value.
  void fill(std::size_t count, std::uint8_t value) {
    reserve(size_ + count);
    if (count != 0) std::memset(data_.get() + size_, value, count);
    size_ += count;
  }

 private:
  struct Free {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };
  // To at least `least`, doubling. Throws std::bad_alloc.
  void grow(std::size_t least);

  std::unique_ptr<std::uint8_t[], Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Bytes that are shared and never change.
using Buffer = std::shared_ptr<const Bytes>;

}  // namespace plumb::data
