// Values, dicts and sets, and what they hold of memory.
#include "jinja/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "jinja/number.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

std::string shown(const Value& value) {
  TestState state;
  return repr(state, value);
}

const std::string kLong(100, 'x');

TEST(Value, ShortTextLiesInsideAndLongTextIsShared) {
  const Value brief("thirteen byte"), lengthy(kLong);
  EXPECT_EQ(brief.identity(), nullptr);
  EXPECT_EQ(brief.as_string(), "thirteen byte");
  const Value copy = lengthy;
  EXPECT_EQ(copy.identity(), lengthy.identity());
  EXPECT_EQ(copy.as_string(), kLong);
  EXPECT_EQ(Value("").as_string(), "");
}

TEST(Value, CopiesOfAListAreTheSameList) {
  const Value list = Value::list({1});
  const Value other = list;
  other.as_list().items.emplace_back("two");
  EXPECT_EQ(shown(list), "[1, 'two']");
  EXPECT_TRUE(list.same_as(other));
  EXPECT_FALSE(list.same_as(Value::list({1, "two"})));
}

TEST(Value, CanBeReplacedByWhatItHolds) {
  Value nested = Value::list({Value::list({kLong})});
  nested = nested.items()[0];
  nested = std::move(nested.as_list().items[0]);
  EXPECT_EQ(nested.as_string(), kLong);
}

TEST(Value, SmallValuesAreTheSameWhenTheyAreOfOneKind) {
  EXPECT_TRUE(Value(1).same_as(1));
  EXPECT_FALSE(Value(1).same_as(true));
  EXPECT_FALSE(Value(1).same_as(1.0));
  EXPECT_TRUE(Value(NAN).same_as(NAN));
  EXPECT_FALSE(Value("a").same_as(Value::markup("a")));
}

TEST(Value, ManyListsWithinEachOtherAreFreed) {
  Value chain = Value::list();
  for (int i = 0; i < 300'000; ++i) {
    std::vector<Value> around;
    around.push_back(std::move(chain));
    chain = Value::list(std::move(around));
  }
}

TEST(Dict, KeepsTheOrderOfInsertion) {
  Value value = Value::dict({{"b", 1}, {"a", 2}});
  Dict& dict = value.as_dict();
  dict.set("b", 3);
  dict.set("c", 4);
  EXPECT_TRUE(dict.erase("a"));
  EXPECT_FALSE(dict.erase("a"));
  dict.set("a", 5);
  EXPECT_EQ(shown(value), "{'b': 3, 'c': 4, 'a': 5}");
}

TEST(Dict, FindsByPythonsEquality) {
  Dict dict({{1, "one"}, {Value::tuple({1, "a"}), "tuple"}, {Value::none(), "none"}});
  EXPECT_EQ(shown(*dict.find(1.0)), "'one'");
  EXPECT_EQ(shown(*dict.find(true)), "'one'");
  EXPECT_EQ(shown(*dict.find(Value::tuple({true, "a"}))), "'tuple'");
  EXPECT_EQ(shown(*dict.find(Value::none())), "'none'");
  EXPECT_EQ(dict.find("1"), nullptr);
  EXPECT_EQ(error_of([&] { dict.find(Value::list()); }), "TypeError: unhashable type: 'list'");
  EXPECT_EQ(error_of([&] { dict.find(Value::tuple({Value::set()})); }), "TypeError: unhashable type: 'set'");
}

TEST(Dict, StaysTrueWhileItGrowsShrinksAndGrows) {
  Dict dict;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) dict.set(i, i * i);
    for (int i = 0; i < 1000; ++i) dict.set("k" + std::to_string(i), i);
    EXPECT_EQ(dict.size(), 2000U);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(dict.find(i)->as_int(), i * i);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(dict.find("k" + std::to_string(i))->as_int(), i);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(dict.erase(i));
    for (int i = 999; i >= 0; --i) ASSERT_TRUE(dict.erase("k" + std::to_string(i)));
    EXPECT_EQ(dict.size(), 0U);
    EXPECT_EQ(dict.find(5), nullptr);
  }
}

TEST(Dict, OneThatIsEmptiedAndFilledDoesNotGrow) {
  Dict dict;
  for (int i = 0; i < 100'000; ++i) {
    dict.set(i, i);
    dict.set(i + 1, i);
    dict.erase(i);
  }
  std::size_t position = 0;
  dict.next(position);
  EXPECT_LT(position, 20U);
}

TEST(Dict, WhatIsErasedWhileSomebodyWalksMovesNothing) {
  Dict dict({{"a", 1}, {"b", 2}, {"c", 3}});
  std::size_t position = 0;
  dict.next(position);
  const std::uint64_t before = dict.version();
  dict.erase("b");
  EXPECT_GT(dict.version(), before);
  EXPECT_EQ(shown(dict.next(position)->key), "'c'");
  EXPECT_EQ(dict.next(position), nullptr);
}

TEST(Set, HoldsEachItemOnce) {
  const Value set = Value::set({3, 1, 3.0, "x"});
  EXPECT_EQ(shown(set), "{3, 1, 'x'}");
  EXPECT_FALSE(set.as_set().add(true));
  EXPECT_TRUE(set.as_set().erase(1));
  EXPECT_EQ(shown(set), "{3, 'x'}");
}

TEST(Meter, CountsWhatValuesHoldAndForgetsWhatTheyLetGo) {
  Meter meter(0);
  const Meter::Scope scope(meter);
  {
    const Value text(std::string(1000, 'x')), list = Value::list({1, 2, 3}), number = int_power(10, 100);
    EXPECT_GT(meter.used(), 1000U + 3 * sizeof(Value));
    Dict dict;
    for (int i = 0; i < 1000; ++i) dict.set(i, i);
    EXPECT_GT(meter.used(), 1000U * sizeof(Value::Entry));
  }
  EXPECT_EQ(meter.used(), 0U);
}

TEST(Meter, EndsWhatHoldsTooMuch) {
  Meter meter(1 << 20);
  const Meter::Scope scope(meter);
  const std::string message = "LimitError: the template's values need more than 1 MiB of memory";
  std::vector<Value> kept;
  EXPECT_EQ(error_of([&] {
              for (;;) kept.emplace_back(kLong);
            }),
            message);
  kept.clear();
  EXPECT_EQ(error_of([] {
              Value list = Value::list();
              for (;;) {
                list.as_list().items.emplace_back(1);
                list.as_list().grown();
              }
            }),
            message);
  EXPECT_EQ(error_of([] {
              Dict dict;
              for (int i = 0;; ++i) dict.set(i, i);
            }),
            message);
  EXPECT_EQ(error_of([&] { meter.reserve(2 << 20); }), message);
  EXPECT_EQ(meter.used(), 0U);
}

TEST(Meter, ChargesNobodyForWhatWasMadeOutside) {
  Value before(std::string(1000, 'x'));
  Meter meter(100);
  const Meter::Scope scope(meter);
  const Value copy = before;
  before = Value();
  EXPECT_EQ(meter.used(), 0U);
}

}  // namespace
}  // namespace plumb::jinja
