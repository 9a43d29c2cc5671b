#include <gtest/gtest.h>

#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// Calls methods on one value, written as a literal.
class Subject {
 public:
  explicit Subject(std::string_view literal) : value_(*parse_literal(literal)) {}
  std::string call(std::string_view name, std::vector<Value> arguments = {}, std::vector<Keyword> keywords = {}) {
    std::string shown;
    const std::string error = error_of([&] {
      const auto result = call_builtin_method(state_, value_, name, {arguments, keywords});
      shown = result ? repr(state_, *result) : "no such method";
    });
    return error.empty() ? shown : error;
  }
  std::string shown() { return repr(state_, value_); }
  const Value& value() const { return value_; }
  TestState& state() { return state_; }

 private:
  TestState state_;
  const Value value_;
};

TEST(JinjaListMethods, ChangeTheList) {
  Subject list("[3, 1, 2]");
  EXPECT_EQ(list.call("append", {5}), "None");
  list.call("insert", {0, "x"});
  EXPECT_EQ(list.call("pop", {0}), "'x'");
  list.call("extend", {list.value()});
  EXPECT_EQ(list.shown(), "[3, 1, 2, 5, 3, 1, 2, 5]");
  list.call("sort", {}, {{"reverse", true}});
  EXPECT_EQ(list.shown(), "[5, 5, 3, 3, 2, 2, 1, 1]");
  EXPECT_EQ(list.call("index", {3, 3}), "3");
  list.call("clear");
  EXPECT_EQ(list.call("pop"), "IndexError: pop from empty list");
  EXPECT_EQ(list.call("remove", {1}), "ValueError: list.remove(x): x not in list");
}

TEST(JinjaListMethods, StayAsTheyWereWhenSortingFails) {
  Subject list("[2, 1, 'a']");
  EXPECT_EQ(list.call("sort"), "TypeError: '<' not supported between instances of 'str' and 'int'");
  EXPECT_EQ(list.shown(), "[2, 1, 'a']");
}

TEST(JinjaDictMethods, ReadAndChange) {
  Subject dict("{'a': 1}");
  EXPECT_EQ(dict.call("get", {"z"}) + dict.call("get", {"z", 5}) + dict.call("setdefault", {"b", 2}), "None52");
  EXPECT_EQ(dict.call("update", {Value::list({Value::tuple({"c", 3})})}, {{"d", 4}}), "None");
  EXPECT_EQ(dict.call("items"), "dict_items([('a', 1), ('b', 2), ('c', 3), ('d', 4)])");
  EXPECT_EQ(dict.call("popitem"), "('d', 4)");
  EXPECT_EQ(dict.call("pop", {"z"}), "KeyError: 'z'");
  EXPECT_EQ(dict.call("update", {Value::list({1})}),
            "TypeError: cannot convert dictionary update sequence element #0 to a sequence");
}

TEST(JinjaDictMethods, GiveViewsThatLive) {
  Subject dict("{'a': 1, 'b': 2}");
  TestState& state = dict.state();
  const Value keys = *call_builtin_method(state, dict.value(), "keys", {});
  dict.value().as_dict().set("c", 3);
  EXPECT_EQ(repr(state, keys), "dict_keys(['a', 'b', 'c'])");
  EXPECT_TRUE(contains(state, keys, "c"));
  EXPECT_EQ(repr(state, operate(state, BinaryOperator::Subtract, keys, Value::list({"a", "b"}))), "{'c'}");
  EXPECT_TRUE(equal(state, keys, Value::set({"c", "b", "a"})));
  const auto iterator = iterate(state, keys);
  iterator->next(state);
  dict.value().as_dict().set("d", 4);
  EXPECT_EQ(error_of([&] { iterator->next(state); }), "RuntimeError: dictionary changed size during iteration");
}

TEST(JinjaSetMethods, ComputeWithSets) {
  Subject set("{1, 2, 3}");
  const Value other = Value::list({3, 4});
  EXPECT_EQ(set.call("union", {other}) + set.call("difference", {other}), "{1, 2, 3, 4}{1, 2}");
  EXPECT_EQ(set.call("symmetric_difference", {other}), "{1, 2, 4}");
  set.call("intersection_update", {other});
  EXPECT_EQ(set.shown(), "{3}");
  EXPECT_EQ(set.call("issubset", {other}) + set.call("isdisjoint", {other}), "TrueFalse");
  EXPECT_EQ(set.call("remove", {9}), "KeyError: 9");
}

TEST(JinjaNumberMethods, KnowTheirBits) {
  EXPECT_EQ(Subject("-255").call("bit_length") + Subject("255").call("bit_count"), "88");
  EXPECT_EQ(Subject("1024").call("to_bytes", {2, "big"}), "b'\\x04\\x00'");
  EXPECT_EQ(Subject("-1").call("to_bytes", {2}, {{"signed", true}}), "b'\\xff\\xff'");
  EXPECT_EQ(Subject("256").call("to_bytes"), "OverflowError: int too big to convert");
  EXPECT_EQ(Subject("0.1").call("as_integer_ratio"), "(3602879701896397, 36028797018963968)");
  EXPECT_EQ(Subject("1.5").call("hex") + Subject("2.0").call("is_integer"), "'0x1.8000000000000p+0'True");
  TestState state;
  EXPECT_EQ(repr(state, *find_builtin_attribute(state, true, "real")), "1");
}

}  // namespace
}  // namespace plumb::jinja
