#include "sandbox/tan_picture.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace plumb::sandbox {
namespace {

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// Bit by bit, from the definition, and not by the code under test.
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (char byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      bool set = (static_cast<unsigned char>(byte) >> bit & 1U) != (crc & 1U);
      crc = crc >> 1U ^ (set ? 0xEDB88320U : 0U);
    }
  }
  return crc ^ 0xFFFFFFFFU;
}

TEST(TanPicture, It_is_a_png_whose_chunks_have_the_right_sums) {
  std::string png = tan_picture("123456");
  ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
  std::string types;
  for (std::size_t at = 8; at < png.size();) {
    std::size_t length = number_at(png, at);
    std::string_view checked = std::string_view(png).substr(at + 4, length + 4);
    types += std::string(checked.substr(0, 4)) + " ";
    EXPECT_EQ(number_at(png, at + 8 + length), crc_of(checked));
    at += length + 12;
  }
  EXPECT_EQ(types, "IHDR PLTE IDAT IEND ");
}

TEST(TanPicture, Its_pixels_fill_the_size_that_it_names) {
  std::string png = tan_picture("123456");
  std::size_t width = number_at(png, 16);
  std::size_t height = number_at(png, 20);
  // Two bytes of zlib, five of the stored block, four of its sum, around a byte for the filter in each row.
  std::size_t data = png.find("IDAT");
  EXPECT_EQ(number_at(png, data - 4), 2 + 5 + height * (width + 1) + 4);
}

TEST(TanPicture, Another_tan_is_another_picture_and_the_same_is_the_same) {
  EXPECT_EQ(tan_picture("123456"), tan_picture("123456"));
  EXPECT_NE(tan_picture("123456"), tan_picture("123457"));
  EXPECT_NE(tan_picture("x"), "");
}

}  // namespace
}  // namespace plumb::sandbox
