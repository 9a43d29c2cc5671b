#include "base/text.h"

#include <gtest/gtest.h>

namespace plumb {
namespace {

TEST(Utf8, is_told_from_what_only_looks_like_it) {
  for (std::string_view good : {"", "abc", "äöü€", "\U0010FFFF", "\u0800", "日本"})
    EXPECT_TRUE(valid_utf8(good)) << good;
  for (std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                               "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xc3", "\xe2\x82", "\xff"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
  EXPECT_EQ(find_invalid_utf8("ab\u00e4\xff z"), 4u);
  EXPECT_EQ(clean_utf8("a\xff\xfe z\xc3"), "a\uFFFD\uFFFD z\uFFFD");
}

TEST(Utf8, encodes_every_length) {
  EXPECT_EQ(encode_utf8('a') + encode_utf8(0xE4) + encode_utf8(0x20AC) + encode_utf8(0x1F600), "aä€\U0001F600");
  EXPECT_EQ(encode_utf8(0xD800) + encode_utf8(0x110000), "\uFFFD\uFFFD");
  for (char32_t c : {U'\x7f', U'\x80', U'\u07ff', U'\u0800', U'\uffff', U'\U00010000'}) {
    EXPECT_EQ(step_utf8(encode_utf8(c)).character, c);
  }
}

TEST(Utf8, counts_characters_and_terminal_cells) {
  EXPECT_EQ(count_characters("äb\xff日"), 4u);
  EXPECT_EQ(display_width("äb"), 2u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("\U0001F600"), 2u);
  EXPECT_EQ(display_width("€"), 1u);
}

TEST(Utf8, is_made_fit_for_a_terminal) {
  EXPECT_EQ(printable("a\tb\x1b[31m\r\n\x7f\u0085\u202E\xff"), "a\tb\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace plumb
