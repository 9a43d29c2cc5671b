// str(), repr() and HTML, as Python and MarkupSafe write them.
#include "jinja/text.h"

#include <gtest/gtest.h>

#include "jinja/number.h"
#include "jinja/testing.h"

namespace plumb::jinja {
namespace {

class Text : public ::testing::Test {
 protected:
  std::string str(const Value& value) { return to_str(state_, value); }
  std::string shown(const Value& value) { return repr(state_, value); }
  TestState state_;
};

TEST_F(Text, EveryKindHasItsWords) {
  EXPECT_EQ(str(Value::none()), "None");
  EXPECT_EQ(str(true), "True");
  EXPECT_EQ(str(-12), "-12");
  EXPECT_EQ(str(1e16), "1e+16");
  EXPECT_EQ(str(int_power(2, 70)), "1180591620717411303424");
  EXPECT_EQ(str("it's"), "it's");
  EXPECT_EQ(str(Value::list({1, 2.0, "a", Value::none()})), "[1, 2.0, 'a', None]");
  EXPECT_EQ(str(Value::tuple()), "()");
  EXPECT_EQ(str(Value::tuple({1})), "(1,)");
  EXPECT_EQ(str(Value::tuple({1, 2})), "(1, 2)");
  EXPECT_EQ(str(Value::dict({{"a", Value::dict()}, {1, Value::list()}})), "{'a': {}, 1: []}");
  EXPECT_EQ(str(Value::set({1, "a"})), "{1, 'a'}");
  EXPECT_EQ(str(Value::set()), "set()");
}

TEST_F(Text, ReprPicksQuotesAndEscapesWhatCantBeSeen) {
  EXPECT_EQ(shown("plain"), "'plain'");
  EXPECT_EQ(shown("it's"), "\"it's\"");
  EXPECT_EQ(shown("say \"it's\""), R"('say "it\'s"')");
  EXPECT_EQ(shown("\n\r\t\\\x7f\x01"), R"('\n\r\t\\\x7f\x01')");
  EXPECT_EQ(shown("é😀"), "'é😀'");
  EXPECT_EQ(shown("\u00a0\u200b\U000e0001"), R"('\xa0\u200b\U000e0001')");
  EXPECT_EQ(shown(Value::markup("<b>")), "Markup('<b>')");
}

TEST_F(Text, WhatHoldsItselfEndsInDots) {
  const Value list = Value::list({1}), dict = Value::dict();
  list.as_list().items.push_back(list);
  dict.as_dict().set("self", dict);
  dict.as_dict().set("list", list);
  EXPECT_EQ(shown(list), "[1, [...]]");
  EXPECT_EQ(shown(dict), "{'self': {...}, 'list': [1, [...]]}");
  const Value twice = Value::list();
  EXPECT_EQ(shown(Value::list({twice, twice})), "[[], []]");
  list.as_list().items.clear();
  dict.as_dict().clear();
}

TEST_F(Text, NestingHasAnEnd) {
  Value deep = Value::list();
  for (int i = 0; i < 100'000; ++i) deep = Value::list({deep});
  EXPECT_EQ(error_of([&] { shown(deep); }),
            "RecursionError: maximum recursion depth exceeded while getting the repr of an object");
  EXPECT_EQ(shown(Value::list()), "[]");
}

TEST_F(Text, UndefinedsPrintAsTheirKindWants) {
  EXPECT_EQ(str(undefined_name(UndefinedKind::Lenient, "x")), "");
  EXPECT_EQ(str(undefined_name(UndefinedKind::Debug, "x")), "{{ x }}");
  EXPECT_EQ(str(undefined_hint(UndefinedKind::Debug, "why")), "{{ undefined value printed: why }}");
  state_.undefineds = UndefinedKind::Debug;
  EXPECT_EQ(str(undefined_member(state_, Value::dict(), "k")), "{{ no such element: dict object['k'] }}");
  EXPECT_EQ(error_of([&] { str(undefined_name(UndefinedKind::Strict, "x")); }), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(shown(undefined_name(UndefinedKind::Strict, "x")), "Undefined");
}

TEST_F(Text, UndefinedsSayWhatIsMissing) {
  const auto message = [&](const Value& object, const Value& member) {
    return undefined_member(state_, object, member).find_undefined()->message();
  };
  EXPECT_EQ(message(Value::dict(), "name"), "'dict object' has no attribute 'name'");
  EXPECT_EQ(message(Value::list(), 3), "list object has no element 3");
  EXPECT_EQ(message(Value::none(), "name"), "'None' has no attribute 'name'");
  EXPECT_EQ(message(Value::markup("a"), "name"), "'markupsafe.Markup object' has no attribute 'name'");
  EXPECT_EQ(message(Value::dict(), Value::tuple({1, "a"})), "dict object has no element (1, 'a')");
}

TEST_F(Text, HtmlIsEscapedOnce) {
  EXPECT_EQ(shown(escape(state_, "<a href=\"x\">'&'</a>")),
            "Markup('&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;')");
  EXPECT_EQ(shown(escape(state_, Value::markup("<b>"))), "Markup('<b>')");
  EXPECT_EQ(shown(escape(state_, Value::list({"<"}))), "Markup('[&#39;&lt;&#39;]')");
  EXPECT_EQ(shown(escape(state_, Value::none())), "Markup('None')");
}

TEST_F(Text, FunctionsAndHostObjectsShowTheirNames) {
  EXPECT_EQ(shown(make_function("ref", [](State&, Arguments) { return Value(); })), "<function ref>");
  class Relation final : public Object {
    std::string_view type_name() const override { return "Relation"; }
  };
  EXPECT_EQ(str(make<Relation>()), "<Relation object>");
}

}  // namespace
}  // namespace plumb::jinja
