#include "data/arrow.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

// What the bytes mean is asked of pyarrow: tests/data/arrow_stream_check.py. Here: how they are cut.

namespace plumb::data {
namespace {

// The stream in words: "message of N" for each envelope, "end"; the body after a message is skipped by `bodies`.
std::string outline(std::string_view stream, std::initializer_list<std::size_t> bodies) {
  std::string text;
  auto body = bodies.begin();
  while (stream.size() >= 8) {
    std::uint32_t words[2];
    std::memcpy(words, stream.data(), sizeof(words));
    EXPECT_EQ(words[0], 0xFFFFFFFF);
    EXPECT_EQ(words[1] % 8, 0u) << "a reader may expect aligned bodies";
    stream.remove_prefix(8);
    if (words[1] == 0) {
      text += "end";
      break;
    }
    text += "message, ";
    stream.remove_prefix(words[1] + (body == bodies.end() ? 0 : *body++));
  }
  EXPECT_TRUE(stream.empty());
  return text;
}

TEST(ArrowStream, IsMessagesWithPaddedBodies) {
  std::string bytes;
  Schema schema({{"n", Type::int64()}, {"s", Type::text()}});
  ArrowStreamWriter stream(schema, [&](std::string_view piece) { bytes += piece; });
  BatchBuilder rows(schema);
  for (auto text : {"a", "bcd"}) {
    rows.column(0).append_int64(1);
    rows.column(1).append_text(text);
    rows.finish_row();
  }
  rows.column(0).append_null();
  rows.column(1).append_text("");
  rows.finish_row();
  stream.write(rows.take());
  stream.finish();
  // Validity 1 → 8, values 24, offsets 16, text 4 → 8.
  EXPECT_EQ(outline(bytes, {0, 8 + 24 + 16 + 8}), "message, message, end");
}

TEST(ArrowStream, WithoutRowsHasItsColumns) {
  std::string bytes;
  ArrowStreamWriter stream(Schema({{"only_column", Type::date()}}), [&](std::string_view piece) { bytes += piece; });
  EXPECT_NE(bytes.find("only_column"), std::string::npos);
  stream.finish();
  EXPECT_EQ(outline(bytes, {}), "message, end");
}

}  // namespace
}  // namespace plumb::data
