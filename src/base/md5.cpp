// MD5 by RFC 1321. It guards nothing; dbt names tests by it, and templates ask for it.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/crypto.h"

namespace plumb {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::array<int, 16> kShifts{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

std::array<std::uint32_t, kBlock> make_sines() {
  std::array<std::uint32_t, kBlock> sines{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    sines[i] = static_cast<std::uint32_t>(std::floor(std::ldexp(std::abs(std::sin(static_cast<double>(i + 1))), 32)));
  }
  return sines;
}

using Digest = std::array<std::uint32_t, 4>;

void add_block(Digest& digest, const unsigned char* block) {
  static const auto kSines = make_sines();
  std::array<std::uint32_t, 16> words{};
  std::memcpy(words.data(), block, kBlock);
  auto [a, b, c, d] = digest;
  for (std::uint32_t i = 0; i < kBlock; ++i) {
    std::uint32_t mixed = 0, word = 0;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = (3 * i + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * i % 16;
    }
    std::uint32_t turned = std::rotl(a + mixed + kSines[i] + words[word], kShifts[i / 16 * 4 + i % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  }
  digest = {digest[0] + a, digest[1] + b, digest[2] + c, digest[3] + d};
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  Digest digest{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t whole = bytes.size() / kBlock * kBlock;
  for (std::size_t at = 0; at < whole; at += kBlock) add_block(digest, data + at);

  // The rest, a one bit, zeros, and how many bits there were.
  std::array<unsigned char, 2 * kBlock> tail{};
  std::size_t rest = bytes.size() - whole;
  if (rest != 0) std::memcpy(tail.data(), data + whole, rest);
  tail[rest] = 0x80;
  std::size_t length = rest < kBlock - 8 ? kBlock : 2 * kBlock;
  std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  std::memcpy(tail.data() + length - 8, &bits, 8);
  for (std::size_t at = 0; at < length; at += kBlock) add_block(digest, tail.data() + at);
  return to_hex({reinterpret_cast<const char*>(digest.data()), sizeof digest});
}

}  // namespace plumb
