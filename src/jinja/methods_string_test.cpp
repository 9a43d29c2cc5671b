#include <gtest/gtest.h>

#include "jinja/library.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// What a method gives, or how it refuses.
std::string called(const Value& self, std::string_view name, std::vector<Value> arguments = {},
                   std::vector<Keyword> keywords = {}) {
  TestState state;
  std::string shown;
  const std::string error = error_of([&] {
    const auto result = call_builtin_method(state, self, name, {arguments, keywords});
    shown = result ? repr(state, *result) : "no such method";
  });
  return error.empty() ? shown : error;
}

TEST(JinjaStringMethods, CountCodePoints) {
  EXPECT_EQ(called("naïve", "find", {"v"}), "3");
  EXPECT_EQ(called("naïve", "rfind", {"e", -2}), "4");
  EXPECT_EQ(called("ïï", "center", {5, "é"}), "'ééïïé'");
  EXPECT_EQ(called("aaa", "count", {""}), "4");
  EXPECT_EQ(called("abc", "index", {"x"}), "ValueError: substring not found");
}

TEST(JinjaStringMethods, CutAndJoin) {
  EXPECT_EQ(called(" a  b ", "split"), "['a', 'b']");
  EXPECT_EQ(called("a,b,c", "rsplit", {","}, {{"maxsplit", 1}}), "['a,b', 'c']");
  EXPECT_EQ(called("a\r\nb\x0b", "splitlines", {true}), "['a\\r\\n', 'b\\x0b']");
  EXPECT_EQ(called("k=v=w", "partition", {"="}), "('k', '=', 'v=w')");
  EXPECT_EQ(called(", ", "join", {Value::list({"a", "b"})}), "'a, b'");
  EXPECT_EQ(called("", "join", {Value::list({"a", 1})}),
            "TypeError: sequence item 1: expected str instance, int found");
  EXPECT_EQ(called("abab", "replace", {"", "-", 3}), "'-a-b-ab'");
}

TEST(JinjaStringMethods, ComplainAsCPythonDoes) {
  EXPECT_EQ(called("a", "upper", {1}), "TypeError: str.upper() takes no arguments (1 given)");
  EXPECT_EQ(called("a", "join"), "TypeError: str.join() takes exactly one argument (0 given)");
  EXPECT_EQ(called("a", "replace", {"b"}), "TypeError: replace expected at least 2 arguments, got 1");
  EXPECT_EQ(called("a", "find"), "TypeError: find() takes at least 1 argument (0 given)");
  EXPECT_EQ(called("a", "split", {}, {{"x", 1}}), "TypeError: 'x' is an invalid keyword argument for split()");
  EXPECT_EQ(called("a", "strip", {1}), "TypeError: strip arg must be None or str");
  EXPECT_EQ(called("a", "nope"), "no such method");
}

TEST(JinjaStringMethods, AskBeforeTheyMakeMuch) {
  EXPECT_EQ(called("x", "center", {1000000000}), "LimitError: too much");
  EXPECT_EQ(called(std::string(5000, 'x'), "replace", {"", std::string(5000, 'y')}), "LimitError: too much");
}

TEST(JinjaStringMethods, TranslateAndEncode) {
  EXPECT_EQ(called("abc", "translate", {Value::dict({{97, "X"}, {98, Value::none()}})}), "'Xc'");
  EXPECT_EQ(called("é", "encode"), "b'\\xc3\\xa9'");
  EXPECT_EQ(
      called("é", "encode", {"ascii"}),
      "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)");
}

TEST(JinjaStringMethods, GiveMarkupFromMarkup) {
  const Value markup = Value::markup("<b>a</b>");
  EXPECT_EQ(called(markup, "upper"), "Markup('<B>A</B>')");
  EXPECT_EQ(called(Value::markup(", "), "join", {Value::list({"<", Value::markup("<i>")})}), "Markup('&lt;, <i>')");
  EXPECT_EQ(called(markup, "replace", {"a", "<"}), "Markup('<b>&lt;</b>')");
  EXPECT_EQ(called(markup, "striptags"), "'a'");
  EXPECT_EQ(called(markup, "split", {"a"}), "[Markup('<b>'), Markup('</b>')]");
  EXPECT_EQ(called(markup, "center", {}, {{"width", 3}}),
            "TypeError: Markup.center() got some positional-only arguments passed as keyword arguments: 'width'");
}

TEST(JinjaStringMethods, AreValues) {
  TestState state;
  const Value upper = *find_builtin_attribute(state, "abc", "upper");
  EXPECT_TRUE(repr(state, upper).starts_with("<built-in method upper of str object at 0x"));
  EXPECT_EQ(type_name(upper), "builtin_function_or_method");
  EXPECT_EQ(upper.as_object().call(state, {}).as_string(), "ABC");
}

}  // namespace
}  // namespace plumb::jinja
