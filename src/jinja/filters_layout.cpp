// Filters that lay text out: center, indent, truncate; wordwrap and pprint have files of their own.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

Value filter_center(State& state, Arguments arguments) {
  static const Signature kSignature{"do_center", {"value", "width"}, 1};
  auto [value, wanted] = bind<2>(kSignature, arguments);
  value = soft_str(state, std::move(value));
  const std::int64_t width = given(wanted) ? index_of(wanted) : 80;
  const std::string_view text = value.as_string();
  const auto length = static_cast<std::int64_t>(count_code_points(text));
  if (width <= length) return value;
  const std::int64_t padding = width - length;
  // Where it can't be even, Python puts the odd space to the left of odd widths.
  const std::int64_t left = padding / 2 + (padding & width & 1);
  state.reserve(text.size() + static_cast<std::size_t>(padding));
  std::string out(static_cast<std::size_t>(left), ' ');
  out += text;
  out.append(static_cast<std::size_t>(padding - left), ' ');
  return make_text(std::move(out), value.is_markup());
}

// What `s += "\n"` says of what is no text.
[[noreturn]] void refuse_to_indent(State& state, const Value& s) {
  if (s.is_undefined()) raise_undefined(s);
  if (s.kind() == Kind::List) raise_no_attribute(s, "splitlines");
  if (s.kind() == Kind::Tuple) operate(state, BinaryOperator::Add, s, Value("\n"));
  raise_type_error("unsupported operand type(s) for +=: '" + std::string(type_name(s)) + "' and 'str'");
}

Value make_indention(State& state, const Value& width) {
  if (!given(width)) return Value("    ");
  if (width.is_string()) return width;
  return operate(state, BinaryOperator::Multiply, Value(" "), width);
}

Value filter_indent(State& state, Arguments arguments) {
  static const Signature kSignature{"do_indent", {"s", "width", "first", "blank"}, 1};
  auto [s, width, first, blank] = bind<4>(kSignature, arguments);
  Value indention = make_indention(state, width);
  if (!s.is_string()) refuse_to_indent(state, s);
  const bool indent_blank = flag(state, blank);
  const std::string_view prefix = indention.as_string();
  const std::string text = std::string(s.as_string()) + "\n";
  const auto lines = split_lines(text, false);
  state.reserve(text.size() + lines.size() * prefix.size());
  std::string out;
  out.reserve(text.size() + lines.size() * prefix.size());
  if (flag(state, first)) out += prefix;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      out += '\n';
      if (indent_blank || !lines[i].empty()) out += prefix;
    }
    out += lines[i];
  }
  return make_text(std::move(out), s.is_markup());
}

// The first `count` code points; from the end if negative, as a slice has it.
std::string_view take_front(std::string_view text, std::int64_t count) {
  if (count < 0) count = std::max<std::int64_t>(0, count + static_cast<std::int64_t>(count_code_points(text)));
  return text.substr(0, find_code_point(text, static_cast<std::size_t>(count)));
}

Value filter_truncate(State& state, Arguments arguments) {
  static const Signature kSignature{"do_truncate", {"s", "length", "killwords", "end", "leeway"}, 1};
  auto [s, wanted, kill_words, end, slack] = bind_behind_context<5>(kSignature, arguments);
  if (!given(end)) end = Value("...");
  const Value length = given(wanted) ? wanted : Value(255);
  const Value leeway = is_set(slack) ? slack : Value(5);
  const Value end_length(static_cast<std::int64_t>(jinja::length(state, end)));
  if (!compare(state, CompareOperator::GreaterEqual, length, end_length)) {
    raise("AssertionError", "expected length >= " + to_str(state, end_length) + ", got " + to_str(state, length));
  }
  if (!compare(state, CompareOperator::GreaterEqual, leeway, Value(0))) {
    raise("AssertionError", "expected leeway >= 0, got " + to_str(state, leeway));
  }
  const Value size(static_cast<std::int64_t>(jinja::length(state, s)));
  const Value room = operate(state, BinaryOperator::Add, length, leeway);
  if (compare(state, CompareOperator::LessEqual, size, room)) return s;
  const Value keep = operate(state, BinaryOperator::Subtract, length, end_length);
  if (!s.is_string()) {
    const Value front = slice(state, s, Value::none(), keep, Value::none());
    if (!flag(state, kill_words)) raise_no_attribute(front, "rsplit");
    return operate(state, BinaryOperator::Add, front, end);
  }
  if (!keep.is_integral()) {
    raise_type_error("slice indices must be integers or None or have an __index__ method");
  }
  std::string_view front = take_front(s.as_string(), clip_to_int64(keep));
  if (!flag(state, kill_words)) front = front.substr(0, front.rfind(' '));
  return operate(state, BinaryOperator::Add, make_text(std::string(front), s.is_markup()), end);
}

}  // namespace

std::span<const LibraryFunction> layout_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"center", filter_center},     {"indent", filter_indent},     {"pprint", filter_pprint},
      {"truncate", filter_truncate}, {"wordwrap", filter_wordwrap},
  };
  return kFilters;
}

}  // namespace plumb::jinja
