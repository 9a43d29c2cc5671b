// The language's tests: `x is defined`, `n is divisibleby 3`.
#include "jinja/calling.h"
#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

// ---- What kind of value it is

using KindTest = bool (*)(const Value& value);

Value test_kind(const Signature& signature, Arguments arguments, KindTest test) {
  auto [value] = bind<1>(signature, arguments);
  return Value(test(value));
}

Value test_defined(State&, Arguments arguments) {
  static const Signature kSignature{"test_defined", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return !value.is_undefined(); });
}

Value test_undefined(State&, Arguments arguments) {
  static const Signature kSignature{"test_undefined", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return value.is_undefined(); });
}

Value test_none(State&, Arguments arguments) {
  static const Signature kSignature{"test_none", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return value.is_none(); });
}

Value test_boolean(State&, Arguments arguments) {
  static const Signature kSignature{"test_boolean", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return value.kind() == Kind::Bool; });
}

Value test_true(State&, Arguments arguments) {
  static const Signature kSignature{"test_true", {"value"}, 1};
  return test_kind(kSignature, arguments,
                   [](const Value& value) { return value.kind() == Kind::Bool && value.as_bool(); });
}

Value test_false(State&, Arguments arguments) {
  static const Signature kSignature{"test_false", {"value"}, 1};
  return test_kind(kSignature, arguments,
                   [](const Value& value) { return value.kind() == Kind::Bool && !value.as_bool(); });
}

Value test_integer(State&, Arguments arguments) {
  static const Signature kSignature{"test_integer", {"value"}, 1};
  return test_kind(kSignature, arguments,
                   [](const Value& value) { return value.is_integral() && value.kind() != Kind::Bool; });
}

Value test_float(State&, Arguments arguments) {
  static const Signature kSignature{"test_float", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return value.kind() == Kind::Float; });
}

Value test_number(State&, Arguments arguments) {
  static const Signature kSignature{"test_number", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) {
    return value.is_number() || (value.kind() == Kind::Object && value.as_object().is_number());
  });
}

Value test_string(State&, Arguments arguments) {
  static const Signature kSignature{"test_string", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) { return value.is_string(); });
}

Value test_mapping(State&, Arguments arguments) {
  static const Signature kSignature{"test_mapping", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) {
    return value.kind() == Kind::Dict || (value.kind() == Kind::Object && value.as_object().is_mapping());
  });
}

// Undefined is everything that Python's Undefined has methods for: callable, a sequence, iterable.
Value test_callable(State&, Arguments arguments) {
  const Value& object = bind_only("callable", arguments);
  return Value(object.is_undefined() || (object.kind() == Kind::Object && object.as_object().callable()));
}

Value test_sequence(State&, Arguments arguments) {
  static const Signature kSignature{"test_sequence", {"value"}, 1};
  return test_kind(kSignature, arguments, [](const Value& value) {
    switch (value.kind()) {
      case Kind::String:
      case Kind::List:
      case Kind::Tuple:
      case Kind::Dict:
        return true;
      case Kind::Undefined: {
        const UndefinedInfo* info = value.find_undefined();
        return !info || info->kind != UndefinedKind::Strict;
      }
      case Kind::Object:
        return value.as_object().is_sequence() || value.as_object().is_mapping();
      default:
        return false;
    }
  });
}

Value test_iterable(State& state, Arguments arguments) {
  static const Signature kSignature{"test_iterable", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  if (value.is_undefined()) forbid_strict(value);
  if (value.kind() == Kind::Object) {
    return Value(find_generator(value) != nullptr || value.as_object().iterate(state) != nullptr);
  }
  return Value(!value.is_none() && !value.is_number());
}

Value test_escaped(State& state, Arguments arguments) {
  static const Signature kSignature{"test_escaped", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(knows_html(state, value));
}

// ---- Case: of the letters that have one, and there must be one

bool has_case(std::string_view text, bool wanted_upper) {
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (wanted_upper ? is_lower(c) : is_upper(c)) return false;
    if (is_title(c)) return false;
    found = found || (wanted_upper ? is_upper(c) : is_lower(c));
  }
  return found;
}

Value test_lower(State& state, Arguments arguments) {
  static const Signature kSignature{"test_lower", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(has_case(TextOf(state, value), false));
}

Value test_upper(State& state, Arguments arguments) {
  static const Signature kSignature{"test_upper", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(has_case(TextOf(state, value), true));
}

// ---- Numbers

bool has_remainder(State& state, const Value& value, const Value& divisor, int remainder) {
  if (value.is_int() && divisor.is_int() && divisor.as_int() > 0) {
    const std::int64_t rest = value.as_int() % divisor.as_int();
    return (rest < 0 ? rest + divisor.as_int() : rest) == remainder;
  }
  return equal(state, operate(state, BinaryOperator::Modulo, value, divisor), Value(remainder));
}

Value test_odd(State& state, Arguments arguments) {
  static const Signature kSignature{"test_odd", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(has_remainder(state, value, Value(2), 1));
}

Value test_even(State& state, Arguments arguments) {
  static const Signature kSignature{"test_even", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(has_remainder(state, value, Value(2), 0));
}

Value test_divisibleby(State& state, Arguments arguments) {
  static const Signature kSignature{"test_divisibleby", {"value", "num"}, 2};
  auto [value, number] = bind<2>(kSignature, arguments);
  return Value(has_remainder(state, value, number, 0));
}

// ---- Comparisons

template <CompareOperator op>
Value test_comparison(State& state, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  const auto [a, b] = bind_operands(kNames[static_cast<std::size_t>(op)], arguments);
  return Value(compare(state, op, *a, *b));
}

Value test_in(State& state, Arguments arguments) {
  static const Signature kSignature{"test_in", {"value", "seq"}, 2};
  auto [value, seq] = bind<2>(kSignature, arguments);
  return Value(contains(state, seq, value));
}

Value test_sameas(State&, Arguments arguments) {
  static const Signature kSignature{"test_sameas", {"value", "other"}, 2};
  auto [value, other] = bind<2>(kSignature, arguments);
  return Value(value.same_as(other));
}

// ---- The library itself

Value test_filter(State& state, Arguments arguments) {
  static const Signature kSignature{"test_filter", {"value"}, 1};
  auto [value] = bind_behind_context<1>(kSignature, arguments);
  if (value.is_undefined()) forbid_strict(value);
  hash_value(value);
  return Value(value.is_string() && state.environment().find_filter(value.as_string()) != nullptr);
}

Value test_test(State& state, Arguments arguments) {
  static const Signature kSignature{"test_test", {"value"}, 1};
  auto [value] = bind_behind_context<1>(kSignature, arguments);
  if (value.is_undefined()) forbid_strict(value);
  hash_value(value);
  return Value(value.is_string() && state.environment().find_test(value.as_string()) != nullptr);
}

}  // namespace

const Library& builtin_tests() {
  static constexpr auto kEqual = test_comparison<CompareOperator::Equal>;
  static constexpr auto kNotEqual = test_comparison<CompareOperator::NotEqual>;
  static constexpr auto kLess = test_comparison<CompareOperator::Less>;
  static constexpr auto kLessEqual = test_comparison<CompareOperator::LessEqual>;
  static constexpr auto kGreater = test_comparison<CompareOperator::Greater>;
  static constexpr auto kGreaterEqual = test_comparison<CompareOperator::GreaterEqual>;
  static const Library kTests = {
      {"!=", kNotEqual},
      {"<", kLess},
      {"<=", kLessEqual},
      {"==", kEqual},
      {">", kGreater},
      {">=", kGreaterEqual},
      {"boolean", test_boolean},
      {"callable", test_callable},
      {"defined", test_defined},
      {"divisibleby", test_divisibleby},
      {"eq", kEqual},
      {"equalto", kEqual},
      {"escaped", test_escaped},
      {"even", test_even},
      {"false", test_false},
      {"filter", test_filter},
      {"float", test_float},
      {"ge", kGreaterEqual},
      {"greaterthan", kGreater},
      {"gt", kGreater},
      {"in", test_in},
      {"integer", test_integer},
      {"iterable", test_iterable},
      {"le", kLessEqual},
      {"lessthan", kLess},
      {"lower", test_lower},
      {"lt", kLess},
      {"mapping", test_mapping},
      {"ne", kNotEqual},
      {"none", test_none},
      {"number", test_number},
      {"odd", test_odd},
      {"sameas", test_sameas},
      {"sequence", test_sequence},
      {"string", test_string},
      {"test", test_test},
      {"true", test_true},
      {"undefined", test_undefined},
      {"upper", test_upper},
  };
  return kTests;
}

}  // namespace plumb::jinja
