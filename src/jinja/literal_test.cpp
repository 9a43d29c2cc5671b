#include <gtest/gtest.h>

#include "jinja/library.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// The repr of what a text is read as, or "text" when it stays one.
std::string read(std::string_view text) {
  TestState state;
  const std::optional<Value> value = parse_literal(text);
  return value ? repr(state, *value) : "text";
}

TEST(JinjaLiteral, ReadsNumbers) {
  EXPECT_EQ(read("42") + read("-1.5") + read("1_000") + read("0xFF") + read("1e3"), "42-1.510002551000.0");
  for (const auto* text : {"017", "1__0", "--1", "-True", "1 2", "1+1", "1if"}) EXPECT_EQ(read(text), "text") << text;
}

TEST(JinjaLiteral, ReadsStrings) {
  EXPECT_EQ(read(R"("a\x41\u00e9" 'b')"), "'aAéb'");
  EXPECT_EQ(read(R"(r"\n")"), R"('\\n')");
  EXPECT_EQ(read(R"(b"\xff")"), R"(b'\xff')");
  EXPECT_EQ(read("'''a\nb'''"), R"('a\nb')");
  for (const auto* text : {"'a", "'a\nb'", "f'x'", "'a' b'b'", R"('\x4')"}) EXPECT_EQ(read(text), "text") << text;
}

TEST(JinjaLiteral, ReadsDisplays) {
  EXPECT_EQ(read("[1, (2,), {'a': None}, {3}, ()]"), "[1, (2,), {'a': None}, {3}, ()]");
  EXPECT_EQ(read("1, 2"), "(1, 2)");
  EXPECT_EQ(read("[1, # one\n 2]"), "[1, 2]");
  EXPECT_EQ(read("set()"), "set()");
  EXPECT_EQ(read(std::string(250, '[') + std::string(250, ']')), "text");
  EXPECT_EQ(error_of([] { parse_literal("{[]: 1}"); }), "TypeError: unhashable type: 'list'");
}

TEST(JinjaLiteral, BeginsAtTheBeginningOfItsLine) {
  EXPECT_EQ(read(" 1") + read("\t1") + read("\n1") + read("1 \n"), "texttext11");
}

}  // namespace
}  // namespace plumb::jinja
