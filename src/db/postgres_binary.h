// Values in Postgres's binary form, as COPY and binary results carry them: big-endian, days and microseconds since
// 2000-01-01, numbers of NUMERIC in groups of four decimal digits. (Postgres: src/backend/utils/adt/*.c, the functions
// named _send and _recv.)
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "data/data.h"

namespace plumb::db {

static_assert(std::endian::native == std::endian::little, "Linux on x86-64 and arm64");

inline constexpr std::int32_t kPostgresEpochDays = 10'957;  // 2000-01-01
inline constexpr std::int64_t kPostgresEpochMicros = std::int64_t{kPostgresEpochDays} * 86'400'000'000;

inline std::uint16_t swapped(std::uint16_t value) {
  return __builtin_bswap16(value);
}
inline std::uint32_t swapped(std::uint32_t value) {
  return __builtin_bswap32(value);
}
inline std::uint64_t swapped(std::uint64_t value) {
  return __builtin_bswap64(value);
}

// Bytes to be sent. Room is made for a whole row at once, then values are put without further checks.
class BinaryBuffer {
 public:
  // Makes sure that `bytes` more fit.
  void reserve(std::size_t bytes) {
    if (size_ + bytes > bytes_.size()) bytes_.resize((size_ + bytes) * 2);
  }
  template <std::integral Integer>
  void put(Integer value) {
    auto big = swapped(static_cast<std::make_unsigned_t<Integer>>(value));
    std::memcpy(bytes_.data() + size_, &big, sizeof big);
    size_ += sizeof big;
  }
  void put(std::string_view text) {
    if (!text.empty()) std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void put_byte(std::uint8_t byte) { bytes_[size_++] = static_cast<char>(byte); }

  const char* data() const { return bytes_.data(); }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

// The longest that put_numeric() puts: length, header and ten groups at most on each side of the point.
inline constexpr std::size_t kLongestNumeric = 4 + 8 + 2 * 20;
// A NUMERIC with its length in front.
void put_numeric(const data::Decimal& decimal, BinaryBuffer& out);

template <class Integer>
Integer read_big(const char* bytes) {
  std::make_unsigned_t<Integer> value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<Integer>(swapped(value));
}

// A NUMERIC, as it is sent.
struct Numeric {
  explicit Numeric(std::string_view bytes);

  bool finite() const { return sign == 0 || sign == 0x4000; }
  // Digits after the point, as declared or computed.
  int shown_scale() const { return scale; }
  // With that many decimals; empty when digits would be lost, there are more than 38, or it is no finite number.
  std::optional<data::Int128> find_units(int decimals) const;
  // "12.30", "NaN", "-Infinity"; any number of digits.
  std::string to_string() const;

  std::int16_t weight = 0;  // of the first group, as a power of 10,000
  std::uint16_t sign = 0;
  std::int16_t scale = 0;
  std::string_view groups;  // two bytes each

 private:
  std::size_t count() const { return groups.size() / 2; }
  int group(std::size_t index) const { return read_big<std::int16_t>(groups.data() + 2 * index); }
};

}  // namespace plumb::db
