// + - * / // % ** and ~.
#include <cmath>

#include "jinja/errors.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"

namespace plumb::jinja {
namespace {

std::string_view symbol(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::Add:
      return "+";
    case BinaryOperator::Subtract:
      return "-";
    case BinaryOperator::Multiply:
      return "*";
    case BinaryOperator::Divide:
      return "/";
    case BinaryOperator::FloorDivide:
      return "//";
    case BinaryOperator::Modulo:
      return "%";
    case BinaryOperator::Power:
      return "** or pow()";
  }
  return "?";
}

[[noreturn]] void raise_unsupported(BinaryOperator op, const Value& a, const Value& b) {
  raise_type_error("unsupported operand type(s) for " + std::string(symbol(op)) + ": '" + std::string(type_name(a)) +
                   "' and '" + std::string(type_name(b)) + "'");
}
[[noreturn]] void raise_zero(const char* message) {
  raise("ZeroDivisionError", message);
}

// ---- Floats

double float_modulo(double a, double b) {
  if (b == 0) raise_zero("float modulo");
  const double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (b < 0) != (remainder < 0) ? remainder + b : remainder;
}

double float_floor_divide(double a, double b) {
  if (b == 0) raise_zero("float floor division by zero");
  // Through the remainder, as a / b might round up to a whole number.
  const double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (remainder != 0 && (b < 0) != (remainder < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

double float_power(double a, double b) {
  if (a == 0 && b < 0 && std::isfinite(b)) raise_zero("0.0 cannot be raised to a negative power");
  if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
    raise_value_error("negative number cannot be raised to a fractional power");  // Python's answer is complex
  }
  const double power = std::pow(a, b);
  if (std::isinf(power) && std::isfinite(a) && std::isfinite(b)) {
    raise("OverflowError", "(34, 'Numerical result out of range')");
  }
  return power;
}

Value operate_floats(BinaryOperator op, double a, double b) {
  switch (op) {
    case BinaryOperator::Add:
      return a + b;
    case BinaryOperator::Subtract:
      return a - b;
    case BinaryOperator::Multiply:
      return a * b;
    case BinaryOperator::Divide:
      if (b == 0) raise_zero("float division by zero");
      return a / b;
    case BinaryOperator::FloorDivide:
      return float_floor_divide(a, b);
    case BinaryOperator::Modulo:
      return float_modulo(a, b);
    case BinaryOperator::Power:
      return float_power(a, b);
  }
  return {};
}

Value operate_numbers(BinaryOperator op, const Value& a, const Value& b) {
  if (a.kind() == Kind::Float || b.kind() == Kind::Float) return operate_floats(op, to_double(a), to_double(b));
  switch (op) {
    case BinaryOperator::Add:
      return int_add(a, b);
    case BinaryOperator::Subtract:
      return int_subtract(a, b);
    case BinaryOperator::Multiply:
      return int_multiply(a, b);
    case BinaryOperator::Divide:
      return int_true_divide(a, b);
    case BinaryOperator::FloorDivide:
      return int_floor_divide(a, b);
    case BinaryOperator::Modulo:
      return int_modulo(a, b);
    case BinaryOperator::Power:
      return int_power(a, b);
  }
  return {};
}

// Numbers of a million bits take their time: that of so many rounds of a loop, so that a deadline is noticed.
void count_rounds(State& state, BinaryOperator op, const Value& number) {
  if (number.kind() != Kind::BigInt || op == BinaryOperator::Add || op == BinaryOperator::Subtract) return;
  constexpr std::size_t kStepsPerRound = 1024;
  const std::size_t words = word_count(number);
  for (std::size_t rounds = words * words / kStepsPerRound; rounds > 0; --rounds) state.tick();
}

// ---- Text, lists, tuples, sets

bool is_sequence(const Value& value) {
  return value.is_string() || value.kind() == Kind::List || value.kind() == Kind::Tuple;
}

Value add_text(State& state, const Value& a, const Value& b) {
  const bool markup = a.is_markup() || b.is_markup();
  std::string sum;
  state.reserve(a.as_string().size() + b.as_string().size());
  sum.reserve(a.as_string().size() + b.as_string().size());
  for (const Value* part : {&a, &b}) {
    if (markup && !part->is_markup()) {
      append_escaped(state, sum, part->as_string());
    } else {
      sum += part->as_string();
    }
  }
  return markup ? Value::markup(std::move(sum)) : Value(std::move(sum));
}

Value add_lists(State& state, const Value& a, const Value& b) {
  const std::vector<Value>&first = a.items(), &second = b.items();
  state.reserve((first.size() + second.size()) * sizeof(Value));
  std::vector<Value> sum;
  sum.reserve(first.size() + second.size());
  sum.insert(sum.end(), first.begin(), first.end());
  sum.insert(sum.end(), second.begin(), second.end());
  return a.kind() == Kind::Tuple ? Value::tuple(std::move(sum)) : Value::list(std::move(sum));
}

Value add(State& state, const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return add_text(state, a, b);
  // Markup takes in what knows its own HTML.
  const Value& other = a.is_markup() ? b : a;
  if ((a.is_markup() || b.is_markup()) && other.kind() == Kind::Object) {
    if (std::optional<std::string> html = other.as_object().html(state)) {
      const Value escaped = Value::markup(std::move(*html));
      return a.is_markup() ? add_text(state, a, escaped) : add_text(state, escaped, b);
    }
  }
  if (!is_sequence(a) || a.is_markup()) raise_unsupported(BinaryOperator::Add, a, b);
  if (a.kind() == b.kind()) return add_lists(state, a, b);
  const std::string kind(type_name(a));
  raise_type_error("can only concatenate " + kind + " (not \"" + std::string(type_name(b)) + "\") to " + kind);
}

// What `count` times `size` is, if that can be at all.
std::size_t repeated_size(State& state, std::size_t size, const Value& count, std::size_t unit) {
  if (count.kind() == Kind::BigInt) raise("OverflowError", "cannot fit 'int' into an index-sized integer");
  const std::int64_t times = clip_to_int64(count);
  if (times <= 0 || size == 0) return 0;
  std::size_t total = 0;
  if (__builtin_mul_overflow(size, static_cast<std::size_t>(times), &total) || total > PTRDIFF_MAX / unit) {
    if (unit == 1) raise("OverflowError", "repeated string is too long");
    raise("MemoryError", "");
  }
  state.reserve(total * unit);
  return total;
}

Value repeat_text(State& state, const Value& text, const Value& count) {
  const std::string_view once = text.as_string();
  const std::size_t total = repeated_size(state, once.size(), count, 1);
  std::string repeated;
  repeated.reserve(total);
  while (repeated.size() < total) repeated += once;
  return text.is_markup() ? Value::markup(std::move(repeated)) : Value(std::move(repeated));
}

Value repeat_list(State& state, const Value& list, const Value& count) {
  const std::vector<Value>& once = list.items();
  const std::size_t total = repeated_size(state, once.size(), count, sizeof(Value));
  std::vector<Value> repeated;
  repeated.reserve(total);
  while (repeated.size() < total) repeated.insert(repeated.end(), once.begin(), once.end());
  return list.kind() == Kind::Tuple ? Value::tuple(std::move(repeated)) : Value::list(std::move(repeated));
}

Value multiply(State& state, const Value& a, const Value& b) {
  if (a.is_markup() || b.is_markup()) {
    const Value &text = a.is_markup() ? a : b, &count = a.is_markup() ? b : a;
    if (count.is_integral()) return repeat_text(state, text, count);
    raise_type_error("'" + std::string(type_name(count)) + "' object cannot be interpreted as an integer");
  }
  if (!is_sequence(a) && !is_sequence(b)) raise_unsupported(BinaryOperator::Multiply, a, b);
  const Value &sequence = is_sequence(a) ? a : b, &count = is_sequence(a) ? b : a;
  if (!count.is_integral()) {
    raise_type_error("can't multiply sequence by non-int of type '" + std::string(type_name(count)) + "'");
  }
  return sequence.is_string() ? repeat_text(state, sequence, count) : repeat_list(state, sequence, count);
}

Value subtract_sets(const Set& a, const Set& b) {
  Ref<Set> difference = make<Set>();
  for (std::size_t position = 0; const Value* item = a.next(position);) {
    if (!b.contains(*item)) difference->add(*item);
  }
  return difference;
}

}  // namespace

Value operate(State& state, BinaryOperator op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    Value result = operate_numbers(op, a, b);
    for (const Value* number : {&a, &b, &std::as_const(result)}) count_rounds(state, op, *number);
    return result;
  }
  // Text formats whatever it is given: what is undefined prints as it does.
  if (op == BinaryOperator::Modulo && a.is_string()) return format_printf(state, a, b);
  if (a.is_undefined()) raise_undefined(a);
  if (a.kind() == Kind::Object) {
    if (std::optional<Value> result = a.as_object().operate(state, op, b, false)) return std::move(*result);
  }
  if (b.is_undefined()) {
    // Markup at the left is asked first; it counts in its own way, and takes in what knows its HTML.
    if (a.is_markup() && op == BinaryOperator::Multiply) return multiply(state, a, b);
    const bool html = a.is_markup() && chains(undefined_kind(b));
    if (html && op == BinaryOperator::Add) return a;
    raise_undefined(b);
  }
  if (b.kind() == Kind::Object) {
    if (std::optional<Value> result = b.as_object().operate(state, op, a, true)) return std::move(*result);
  }
  if (op == BinaryOperator::Add) return add(state, a, b);
  if (op == BinaryOperator::Multiply) return multiply(state, a, b);
  if (op == BinaryOperator::Subtract && a.kind() == Kind::Set && b.kind() == Kind::Set) {
    return subtract_sets(a.as_set(), b.as_set());
  }
  raise_unsupported(op, a, b);
}

Value operate(State& state, UnaryOperator op, const Value& value) {
  const bool negative = op == UnaryOperator::Negative;
  if (value.kind() == Kind::Float) return negative ? -value.as_float() : value.as_float();
  if (value.is_integral()) return negative ? int_negate(value) : int_add(value, 0);
  if (value.is_undefined()) raise_undefined(value);
  if (value.kind() == Kind::Object) {
    if (std::optional<Value> result = value.as_object().operate_unary(state, op)) return std::move(*result);
  }
  raise_type_error(std::string("bad operand type for unary ") + (negative ? "-" : "+") + ": '" +
                   std::string(type_name(value)) + "'");
}

Value concat(State& state, std::span<const Value> parts) {
  std::string text;
  bool markup = false;
  if (state.autoescape()) {
    for (const Value& part : parts) markup = markup || part.is_markup();
  }
  for (const Value& part : parts) {
    if (!markup || part.is_markup()) {
      append_str(state, text, part);
    } else if (part.is_string()) {
      append_escaped(state, text, part.as_string());
    } else {
      append_escaped(state, text, to_str(state, part));
    }
    state.reserve(3 * text.size());
  }
  return markup ? Value::markup(std::move(text)) : Value(std::move(text));
}

}  // namespace plumb::jinja
