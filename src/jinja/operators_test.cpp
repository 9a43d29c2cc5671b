// Python's operators: an operation in, what Python 3.11 answers out. All pairs of many more values were held against
// the real one; these are the stories worth telling.
#include "jinja/operators.h"

#include <gtest/gtest.h>

#include "jinja/number.h"
#include "jinja/testing.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

using enum BinaryOperator;
using enum CompareOperator;

class Operators : public ::testing::Test {
 protected:
  // The repr of what an action gives, or its error.
  template <class Action>
  std::string told(Action action) {
    std::string text;
    const std::string error = error_of([&] { text = repr(state_, action()); });
    return error.empty() ? text : error;
  }
  std::string op(const Value& a, BinaryOperator operation, const Value& b) {
    return told([&] { return operate(state_, operation, a, b); });
  }
  std::string is(const Value& a, CompareOperator operation, const Value& b) {
    return told([&] { return Value(compare(state_, operation, a, b)); });
  }
  std::string cut(const Value& value, const Value& start, const Value& stop, const Value& step = Value::none()) {
    return told([&] { return slice(state_, value, start, stop, step); });
  }
  // What a lookup finds, or what its Undefined says.
  std::string item(const Value& value, const Value& key) {
    return told([&] { return described(get_item(state_, value, key)); });
  }
  std::string attribute(const Value& value, std::string_view name) {
    return told([&] { return described(get_attribute(state_, value, name)); });
  }
  static Value described(const Value& found) {
    const UndefinedInfo* undefined = found.find_undefined();
    return undefined ? Value::markup(undefined->message()) : found;
  }

  TestState state_;
  const Value none_ = Value::none();
  const Value missing_ = undefined_name(UndefinedKind::Lenient, "x");
  const Value strict_ = undefined_name(UndefinedKind::Strict, "x");
};

TEST_F(Operators, NumbersMeetAcrossTheirTypes) {
  EXPECT_EQ(op(true, Add, true), "2");
  EXPECT_EQ(op(7, Divide, 2), "3.5");
  EXPECT_EQ(op(7, FloorDivide, 2.0), "3.0");
  EXPECT_EQ(op(-7.5, Modulo, 2), "0.5");
  EXPECT_EQ(op(std::int64_t{INT64_MAX}, Add, 1), "9223372036854775808");
  EXPECT_EQ(op(2, Power, 0.5), "1.4142135623730951");
  EXPECT_EQ(op(1.0, Divide, 0), "ZeroDivisionError: float division by zero");
  EXPECT_EQ(op(1, Divide, 0), "ZeroDivisionError: division by zero");
  EXPECT_EQ(op(1.0, Modulo, 0), "ZeroDivisionError: float modulo");
  EXPECT_EQ(op(1e200, Power, 2), "OverflowError: (34, 'Numerical result out of range')");
  EXPECT_EQ(told([&] { return operate(state_, UnaryOperator::Negative, true); }), "-1");
  EXPECT_EQ(told([&] { return operate(state_, UnaryOperator::Positive, "a"); }),
            "TypeError: bad operand type for unary +: 'str'");
}

TEST_F(Operators, SequencesJoinAndRepeat) {
  EXPECT_EQ(op("ab", Add, "c"), "'abc'");
  EXPECT_EQ(op("ab", Multiply, 3), "'ababab'");
  EXPECT_EQ(op(-1, Multiply, "ab"), "''");
  EXPECT_EQ(op(Value::list({1}), Add, Value::list({2})), "[1, 2]");
  EXPECT_EQ(op(Value::tuple({1}), Multiply, 2), "(1, 1)");
  EXPECT_EQ(op(Value::set({1, 2, 3}), Subtract, Value::set({2})), "{1, 3}");
}

TEST_F(Operators, WhatDoesNotFitIsSaidInPythonsWords) {
  EXPECT_EQ(op(1, Add, "a"), "TypeError: unsupported operand type(s) for +: 'int' and 'str'");
  EXPECT_EQ(op("a", Add, 1), "TypeError: can only concatenate str (not \"int\") to str");
  EXPECT_EQ(op(Value::list(), Add, Value::tuple()), "TypeError: can only concatenate list (not \"tuple\") to list");
  EXPECT_EQ(op("a", Multiply, 1.5), "TypeError: can't multiply sequence by non-int of type 'float'");
  EXPECT_EQ(op("a", Power, 2), "TypeError: unsupported operand type(s) for ** or pow(): 'str' and 'int'");
  EXPECT_EQ(op(Value::dict(), Subtract, none_), "TypeError: unsupported operand type(s) for -: 'dict' and 'NoneType'");
  EXPECT_EQ(op("a", Multiply, int_power(10, 20)), "OverflowError: cannot fit 'int' into an index-sized integer");
  EXPECT_EQ(op("a", Multiply, 1 << 30), "LimitError: too much");
}

TEST_F(Operators, MarkupEscapesWhatJoinsIt) {
  const Value bold = Value::markup("<b>");
  EXPECT_EQ(op(bold, Add, "<"), "Markup('<b>&lt;')");
  EXPECT_EQ(op("<", Add, bold), "Markup('&lt;<b>')");
  EXPECT_EQ(op(2, Multiply, bold), "Markup('<b><b>')");
  EXPECT_EQ(op(bold, Add, 1), "TypeError: unsupported operand type(s) for +: 'Markup' and 'int'");
  EXPECT_EQ(op(bold, Multiply, "a"), "TypeError: 'str' object cannot be interpreted as an integer");
}

TEST_F(Operators, TildeJoinsTextAndEscapesOnlyWhereEscapingIsOn) {
  const Value parts[] = {1, "<", Value::markup("<b>")};
  EXPECT_EQ(told([&] { return concat(state_, parts); }), "'1<<b>'");
  state_.escapes = true;
  EXPECT_EQ(told([&] { return concat(state_, parts); }), "Markup('1&lt;<b>')");
}

TEST_F(Operators, AnUndefinedOperandIsWhatTheMessageIsAbout) {
  EXPECT_EQ(op(missing_, Add, 1), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(op("a", Add, missing_), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(is(1, Less, missing_), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(is(missing_, Equal, undefined_name(UndefinedKind::Lenient, "y")), "True");
  EXPECT_EQ(is(missing_, Equal, none_), "False");
  EXPECT_EQ(is(strict_, Equal, 1), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(is(1, In, missing_), "False");
  EXPECT_EQ(is(1, In, strict_), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(told([&] { return Value(truth(state_, missing_)); }), "False");
  EXPECT_EQ(told([&] { return Value(truth(state_, strict_)); }), "UndefinedError: 'x' is undefined");
}

TEST_F(Operators, EqualityGoesIntoContainers) {
  EXPECT_EQ(is(1, Equal, 1.0), "True");
  EXPECT_EQ(is(1, Equal, "1"), "False");
  EXPECT_EQ(is(Value::list({1, Value::tuple({2})}), Equal, Value::list({1.0, Value::tuple({2})})), "True");
  EXPECT_EQ(is(Value::list(), Equal, Value::tuple()), "False");
  EXPECT_EQ(is(Value::dict({{"a", 1}, {"b", 2}}), Equal, Value::dict({{"b", 2}, {"a", 1}})), "True");
  EXPECT_EQ(is(Value::set({1, 2}), Equal, Value::set({2, true})), "True");
  EXPECT_EQ(is("a", Equal, Value::markup("a")), "True");
}

TEST_F(Operators, OrderIsThatOfTheFirstItemsThatDiffer) {
  EXPECT_EQ(is("Z", Less, "a"), "True");
  EXPECT_EQ(is(Value::list({1, 2}), Less, Value::list({1, 2, 0})), "True");
  EXPECT_EQ(is(Value::tuple({2}), Greater, Value::tuple({1, 9})), "True");
  EXPECT_EQ(is(Value::set({1}), Less, Value::set({1, 2})), "True");
  EXPECT_EQ(is(Value::set({1}), GreaterEqual, Value::set({2})), "False");
  EXPECT_EQ(is(1, Less, "a"), "TypeError: '<' not supported between instances of 'int' and 'str'");
  EXPECT_EQ(is(Value::list({1, "a"}), GreaterEqual, Value::list({1, 2})),
            "TypeError: '>=' not supported between instances of 'str' and 'int'");
  EXPECT_EQ(is(Value::dict(), Less, Value::dict()),
            "TypeError: '<' not supported between instances of 'dict' and 'dict'");
}

TEST_F(Operators, ComparingListsWithoutEndEnds) {
  const Value a = Value::list({}), b = Value::list({});
  a.as_list().items.push_back(a);
  b.as_list().items.push_back(b);
  EXPECT_EQ(is(a, Equal, b), "RecursionError: maximum recursion depth exceeded in comparison");
  a.as_list().items.clear();
  b.as_list().items.clear();
}

TEST_F(Operators, InLooksWithin) {
  EXPECT_EQ(is("bc", In, "abcd"), "True");
  EXPECT_EQ(is(2.0, In, Value::list({1, 2})), "True");
  EXPECT_EQ(is("a", NotIn, Value::dict({{"a", 1}})), "False");
  EXPECT_EQ(is(Value::set(), In, Value::set({1})), "False");
  EXPECT_EQ(is(1, In, "1"), "TypeError: 'in <string>' requires string as left operand, not int");
  EXPECT_EQ(is(1, In, 2), "TypeError: argument of type 'int' is not iterable");
  EXPECT_EQ(is(Value::list(), In, Value::dict()), "TypeError: unhashable type: 'list'");
}

TEST_F(Operators, SlicesCountInCharactersAndFromTheEnd) {
  EXPECT_EQ(cut("äöü😀", 1, 3), "'öü'");
  EXPECT_EQ(cut("äöü😀", none_, none_, -1), "'😀üöä'");
  EXPECT_EQ(cut("abcdef", -4, -1, 2), "'ce'");
  EXPECT_EQ(cut(Value::list({0, 1, 2, 3}), 10, none_, -2), "[3, 1]");
  EXPECT_EQ(cut(Value::tuple({0, 1}), int_negate(int_power(10, 30)), int_power(10, 30)), "(0, 1)");
  EXPECT_EQ(cut(Value::markup("abc"), 1, none_), "Markup('bc')");
  EXPECT_EQ(cut("abc", none_, none_, 0), "ValueError: slice step cannot be zero");
  EXPECT_EQ(cut("abc", "a", none_), "TypeError: slice indices must be integers or None or have an __index__ method");
  EXPECT_EQ(cut(Value::dict(), none_, 1), "TypeError: unhashable type: 'slice'");
  EXPECT_EQ(cut(none_, none_, 1), "TypeError: 'NoneType' object is not subscriptable");
}

TEST_F(Operators, LengthsAndWalks) {
  EXPECT_EQ(length(state_, "äöü"), 3U);
  EXPECT_EQ(told([&] { return Value::list(to_vector(state_, "aé😀")); }), "['a', 'é', '😀']");
  EXPECT_EQ(told([&] { return Value::list(to_vector(state_, Value::dict({{"k", 1}}))); }), "['k']");
  EXPECT_EQ(told([&] { return Value::list(to_vector(state_, missing_)); }), "[]");
  EXPECT_EQ(told([&] { return Value::list(to_vector(state_, 1)); }), "TypeError: 'int' object is not iterable");
  EXPECT_EQ(error_of([&] { length(state_, 1.5); }), "TypeError: object of type 'float' has no len()");
}

TEST_F(Operators, ADictThatChangesEndsTheWalkOverIt) {
  const Value dict = Value::dict({{"a", 1}, {"b", 2}});
  const std::unique_ptr<Iterator> walk = iterate(state_, dict);
  EXPECT_EQ(repr(state_, *walk->next(state_)), "'a'");
  dict.as_dict().set("c", 3);
  EXPECT_EQ(error_of([&] { walk->next(state_); }), "RuntimeError: dictionary changed size during iteration");
}

TEST_F(Operators, ItemsAndAttributesStandInForEachOther) {
  const Value dict = Value::dict({{"name", "Ada"}, {1, "one"}, {"items", "own"}});
  EXPECT_EQ(attribute(dict, "name"), "'Ada'");
  EXPECT_EQ(item(dict, "items"), "'own'");
  EXPECT_EQ(item(dict, true), "'one'");
  EXPECT_EQ(item(Value::list({1, 2}), -1), "2");
  EXPECT_EQ(item(Value::list({1, 2}), true), "2");
  EXPECT_EQ(item("äöü", 1), "'ö'");
  EXPECT_EQ(item(Value::markup("ab"), -2), "Markup('a')");
}

TEST_F(Operators, WhatIsNotThereIsUndefinedAndSaysWhat) {
  const auto says = [](const std::string& message) { return "Markup(" + repr_text(message) + ")"; };
  EXPECT_EQ(attribute(Value::dict(), "name"), says("'dict object' has no attribute 'name'"));
  EXPECT_EQ(item(Value::list(), 3), says("list object has no element 3"));
  EXPECT_EQ(item("abc", 1.0), says("str object has no element 1.0"));
  EXPECT_EQ(item(1, 0), says("int object has no element 0"));
  EXPECT_EQ(item(Value::dict(), Value::list({1})), says("dict object has no element [1]"));
  EXPECT_EQ(attribute(none_, "name"), says("'None' has no attribute 'name'"));
  EXPECT_EQ(attribute(missing_, "name"), "UndefinedError: 'x' is undefined");
  EXPECT_EQ(attribute(undefined_name(UndefinedKind::Chainable, "y"), "name"), says("'y' is undefined"));
}

TEST_F(Operators, OnlyFunctionsCanBeCalled) {
  std::vector<Value> arguments = {20, 22};
  const Value add = make_function("add", [](State& state, Arguments given) {
    return operate(state, Add, given.positional[0], given.positional[1]);
  });
  EXPECT_EQ(told([&] { return call(state_, add, {arguments}); }), "42");
  EXPECT_EQ(told([&] { return call_method(state_, Value::dict({{"add", add}}), "add", {arguments}); }), "42");
  EXPECT_EQ(told([&] { return call(state_, "text", {}); }), "TypeError: 'str' object is not callable");
  EXPECT_EQ(told([&] { return call(state_, missing_, {}); }), "UndefinedError: 'x' is undefined");
}

TEST_F(Operators, HostObjectsAnswerForThemselvesFromEitherSide) {
  class Money final : public Object {
   public:
    explicit Money(int cents) : cents_(cents) {}
    std::string_view type_name() const override { return "Money"; }
    std::optional<bool> equals(State&, const Value& other) override {
      const Money* money = other.find_object<Money>();
      return money ? std::optional(money->cents_ == cents_) : std::nullopt;
    }
    std::optional<std::partial_ordering> compare(State&, const Value& other) override {
      if (!other.is_int()) return std::nullopt;
      return cents_ <=> static_cast<int>(other.as_int());
    }
    std::optional<Value> operate(State&, BinaryOperator operation, const Value& other, bool reflected) override {
      if (operation != Subtract || !other.is_int()) return std::nullopt;
      const auto number = static_cast<int>(other.as_int());
      return make<Money>(reflected ? number - cents_ : cents_ - number);
    }
    std::string repr(State&) override { return "Money(" + std::to_string(cents_) + ")"; }

   private:
    const int cents_;
  };
  const Value five = make<Money>(5);
  EXPECT_EQ(op(five, Subtract, 2), "Money(3)");
  EXPECT_EQ(op(2, Subtract, five), "Money(-3)");
  EXPECT_EQ(op(five, Add, 2), "TypeError: unsupported operand type(s) for +: 'Money' and 'int'");
  EXPECT_EQ(is(five, Equal, make<Money>(5)), "True");
  EXPECT_EQ(is(4, Less, five), "True");
  EXPECT_EQ(is(five, Less, "a"), "TypeError: '<' not supported between instances of 'Money' and 'str'");
  EXPECT_EQ(attribute(five, "cents"), "Markup(\"'Money object' has no attribute 'cents'\")");
}

}  // namespace
}  // namespace plumb::jinja
