#include "sandbox/tan_picture.h"

#include <array>
#include <cstdint>

#include "sandbox/dice.h"

namespace plumb::sandbox {
namespace {

// A digit is 5 columns by 7 rows; a row's lowest five bits are its dots, the highest of them on the left.
constexpr std::array<std::array<std::uint8_t, 7>, 10> kDigits{{
    {0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E},
    {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E},
    {0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F},
    {0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E},
    {0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02},
    {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E},
    {0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E},
    {0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E},
    {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C},
}};

// White, black, and the mosaic's colours: what a pixel's byte means.
constexpr std::array<std::uint8_t, 18> kPalette{0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xC9, 0xDD, 0xF5,
                                                0xCF, 0xF0, 0xCF, 0xF6, 0xD0, 0xD0, 0xFF, 0xF6, 0xC8};
constexpr char kBlack = 1;
constexpr std::size_t kScale = 2;
constexpr std::size_t kMargin = 8;
constexpr std::size_t kDigitWidth = 6 * kScale;
constexpr std::size_t kHeight = 7 * kScale + 2 * kMargin;

void add_number(std::string& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (char byte : bytes) {
    a = (a + static_cast<std::uint8_t>(byte)) % 65521U;
    b = (b + a) % 65521U;
  }
  return b << 16U | a;
}

void add_chunk(std::string& png, std::string_view type, std::string_view data) {
  add_number(png, static_cast<std::uint32_t>(data.size()));
  std::string checked = std::string(type) + std::string(data);
  png += checked;
  add_number(png, crc32(checked));
}

// A zlib stream of one stored block: enough for the 65,535 bytes that it may hold.
std::string stored(std::string_view data) {
  auto size = static_cast<std::uint16_t>(data.size());
  auto inverse = static_cast<std::uint16_t>(~size);
  std::string stream{'\x78', '\x01', '\x01'};
  for (std::uint16_t number : {size, inverse}) {
    stream += static_cast<char>(number & 0xFFU);
    stream += static_cast<char>(number >> 8U);
  }
  stream += data;
  add_number(stream, adler32(data));
  return stream;
}

bool is_ink(std::string_view tan, std::size_t x, std::size_t y) {
  if (x < kMargin || y < kMargin || y >= kHeight - kMargin) return false;
  std::size_t place = (x - kMargin) / kDigitWidth;
  std::size_t column = (x - kMargin) % kDigitWidth / kScale;
  if (place >= tan.size() || column >= 5 || tan[place] < '0' || tan[place] > '9') return false;
  std::uint8_t row = kDigits[static_cast<std::size_t>(tan[place] - '0')][(y - kMargin) / kScale];
  return (row >> (4 - column) & 1U) != 0;
}

}  // namespace

std::string tan_picture(std::string_view tan) {
  tan = tan.substr(0, 12);
  std::size_t width = tan.size() * kDigitWidth + 2 * kMargin;
  std::string pixels;
  for (std::size_t y = 0; y < kHeight; ++y) {
    pixels += '\0';  // this row is not filtered
    for (std::size_t x = 0; x < width; ++x) {
      Dice tile(0, tan, static_cast<std::int64_t>(y / 4 * width + x / 4));
      pixels += is_ink(tan, x, y) ? kBlack : static_cast<char>(tile.between(2, 5));
    }
  }
  std::string header;
  add_number(header, static_cast<std::uint32_t>(width));
  add_number(header, static_cast<std::uint32_t>(kHeight));
  header += std::string("\x08\x03\0\0\0", 5);  // 8 bits a pixel, by palette
  std::string png = "\x89PNG\r\n\x1A\n";
  add_chunk(png, "IHDR", header);
  add_chunk(png, "PLTE", std::string(kPalette.begin(), kPalette.end()));
  add_chunk(png, "IDAT", stored(pixels));
  add_chunk(png, "IEND", "");
  return png;
}

}  // namespace plumb::sandbox
