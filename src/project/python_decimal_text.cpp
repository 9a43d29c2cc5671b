// Decimals from text, whole numbers and floats, and back.
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "project/python_decimal.h"

namespace plumb::project::python {
namespace {

// In ASCII, whatever the script; a byte that is no part of a number stays what it is.
std::string plain_digits(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const int digit = jinja::decimal_value(jinja::next_code_point(text, at));
    if (digit >= 0) {
      plain += static_cast<char>('0' + digit);
    } else if (text[begin] != '_') {
      plain += text.substr(begin, at - begin);
    }
  }
  return plain;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Any number of digits, in pieces that a whole number may have as text.
Value parse_digits(std::string_view digits) {
  Value whole = 0;
  constexpr std::size_t kPiece = 4000;
  for (std::size_t at = 0; at < digits.size(); at += kPiece) {
    const std::string_view piece = digits.substr(at, kPiece);
    const Value moved =
        at == 0 ? Value(0) : jinja::int_multiply(whole, power_of_ten(static_cast<std::int64_t>(piece.size())));
    whole = jinja::int_add(moved, *jinja::parse_int(piece));
  }
  return whole;
}

// The digits around a point that stands behind so many of them.
struct Placed {
  std::string whole, fraction;
};
Placed place_point(const std::string& digits, std::int64_t place) {
  const auto length = static_cast<std::int64_t>(digits.size());
  if (place <= 0) return {"0", std::string(static_cast<std::size_t>(-place), '0') + digits};
  if (place >= length) return {digits + std::string(static_cast<std::size_t>(place - length), '0'), ""};
  return {digits.substr(0, static_cast<std::size_t>(place)), digits.substr(static_cast<std::size_t>(place))};
}

std::string special_text(const Decimal& number) {
  return number.is_nan() ? "NaN" : "Infinity";
}

// ---- format()
struct Spec {
  std::string fill = " ";
  char align = '>', sign = '-', type = 0;
  bool zeros = false, groups = false, no_negative_zero = false;
  std::int64_t width = 0, precision = -1;
};

[[noreturn]] void raise_spec() {
  jinja::raise_value_error("invalid format string");
}

Spec parse_spec(std::string_view text) {
  Spec spec;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '=' || c == '^'; };
  const auto take = [&](char c) {
    const bool there = text.starts_with(c);
    if (there) text.remove_prefix(1);
    return there;
  };
  const auto take_number = [&] {
    std::int64_t number = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
      if (number > 99'999'999) raise_spec();
      number = number * 10 + (text[0] - '0');
    }
    return number;
  };
  std::size_t behind = 0;
  if (!text.empty()) jinja::next_code_point(text, behind);
  bool aligned = true;
  if (behind > 0 && behind < text.size() && is_align(text[behind])) {
    spec.fill = text.substr(0, behind);
    spec.align = text[behind];
    text.remove_prefix(behind + 1);
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[0];
    text.remove_prefix(1);
  } else {
    aligned = false;
  }
  if (!text.empty() && (text[0] == '+' || text[0] == '-' || text[0] == ' ')) {
    spec.sign = text[0];
    text.remove_prefix(1);
  }
  spec.no_negative_zero = take('z');
  if (take('0')) {
    if (aligned) raise_spec();
    spec.zeros = true;
    spec.fill = "0";
    spec.align = '=';
  }
  spec.width = take_number();
  spec.groups = take(',');
  if (take('.')) {
    if (text.empty() || text[0] < '0' || text[0] > '9') raise_spec();
    spec.precision = take_number();
  }
  if (!text.empty()) {
    spec.type = text[0];
    text.remove_prefix(1);
    if (std::string_view("eEfFgGn%").find(spec.type) == std::string_view::npos) raise_spec();
  }
  if (!text.empty()) raise_spec();
  return spec;
}

std::string group_digits(const std::string& digits, std::int64_t least) {
  std::string padded = digits;
  const auto grouped_size = [&] { return static_cast<std::int64_t>(padded.size() + (padded.size() - 1) / 3); };
  while (grouped_size() < least) padded.insert(0, "0");
  std::string out;
  for (std::size_t i = 0; i < padded.size(); ++i) {
    if (i > 0 && (padded.size() - i) % 3 == 0) out += ',';
    out += padded[i];
  }
  return out;
}

}  // namespace

std::optional<Decimal> decimal_from_text(std::string_view text) {
  const std::string plain = plain_digits(jinja::strip(text));
  std::string_view rest = plain;
  Decimal number;
  if (rest.starts_with('-') || rest.starts_with('+')) {
    number.negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  const std::string lower = jinja::to_lower(rest);
  if (lower == "inf" || lower == "infinity") {
    number.form = Decimal::Form::Infinite;
    return number;
  }
  if (lower.starts_with("nan") && all_digits(std::string_view(lower).substr(3))) {
    number.form = Decimal::Form::NotANumber;
    return number;
  }
  const std::size_t mark = rest.find_first_of("eE");
  if (mark != std::string_view::npos) {
    std::string_view exponent = rest.substr(mark + 1);
    const bool negative = exponent.starts_with('-');
    if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (exponent.empty() || !all_digits(exponent)) return std::nullopt;
    constexpr std::size_t kMost = 18;
    if (exponent.size() > kMost) exponent = "999999999999999999";
    number.exponent = jinja::clip_to_int64(*jinja::parse_int(exponent));
    if (negative) number.exponent = -number.exponent;
    rest = rest.substr(0, mark);
  }
  const std::size_t point = rest.find('.');
  std::string digits(rest.substr(0, point));
  if (point != std::string_view::npos) {
    digits += rest.substr(point + 1);
    number.exponent -= static_cast<std::int64_t>(rest.size() - point - 1);
  }
  if (digits.empty() || !all_digits(digits)) return std::nullopt;
  number.digits = parse_digits(digits);
  return number;
}

Decimal decimal_of_int(const Value& integral) {
  const bool negative = jinja::int_compare(integral, Value(0)) < 0;
  const Value plain = integral.kind() == Kind::Bool ? Value(integral.as_bool() ? 1 : 0) : integral;
  return {.negative = negative, .digits = negative ? jinja::int_negate(plain) : plain};
}

Decimal decimal_of_float(double number) {
  Decimal made{.negative = std::signbit(number)};
  if (std::isnan(number)) {
    made.form = Decimal::Form::NotANumber;
  } else if (std::isinf(number)) {
    made.form = Decimal::Form::Infinite;
  } else if (number != 0) {
    int exponent = 0;
    made.digits = jinja::truncate(std::ldexp(std::frexp(std::fabs(number), &exponent), 53));
    exponent -= 53;
    while (jinja::int_compare(jinja::int_modulo(made.digits, Value(2)), Value(0)) == 0) {
      made.digits = jinja::int_floor_divide(made.digits, Value(2));
      ++exponent;
    }
    // A half is five tenths.
    const Value scale = jinja::int_power(Value(exponent < 0 ? 5 : 2), Value(exponent < 0 ? -exponent : exponent));
    made.digits = jinja::int_multiply(made.digits, scale);
    made.exponent = std::min(exponent, 0);
  }
  return made;
}

Value decimal_to_int(const Decimal& number) {
  if (number.is_nan()) jinja::raise_value_error("cannot convert NaN to integer");
  if (!number.is_finite()) jinja::raise("OverflowError", "cannot convert Infinity to integer");
  const Value whole = rescale(number, 0, Rounding::Down).digits;
  return number.negative ? jinja::int_negate(whole) : whole;
}

std::string decimal_text(const Decimal& number, bool engineering) {
  const std::string sign = number.negative ? "-" : "";
  if (!number.is_finite()) return sign + special_text(number);
  const std::string digits = jinja::int_text(number.digits);
  const std::int64_t left = number.exponent + static_cast<std::int64_t>(digits.size());
  std::int64_t place = 1;
  if (number.exponent <= 0 && left > -6) {
    place = left;
  } else if (engineering && number.is_zero()) {
    place = ((left + 1) % 3 + 3) % 3 - 1;
  } else if (engineering) {
    place = ((left - 1) % 3 + 3) % 3 + 1;
  }
  const Placed placed = place_point(digits, place);
  std::string text = sign + placed.whole;
  if (!placed.fraction.empty()) text += "." + placed.fraction;
  if (left != place) text += plumb::format("E{:+}", left - place);
  return text;
}

std::string format_decimal(const Decimal& original, std::string_view spec_text) {
  if (spec_text.empty()) return decimal_text(original);
  const Spec spec = parse_spec(spec_text);
  const char type = spec.type == 0 ? 'G' : spec.type == 'n' ? 'g' : spec.type;
  const bool scientific = type == 'e' || type == 'E', general = type == 'g' || type == 'G';
  Decimal number = original;
  Placed placed;
  std::string tail;
  if (number.is_finite()) {
    if (type == '%') number.exponent += 2;
    if (spec.precision >= 0) {
      if (scientific) {
        number = round_to_length(number, spec.precision + 1);
        if (!number.is_zero()) number = rescale(number, number.adjusted() - spec.precision);
      }
      if (general) number = round_to_length(number, std::max<std::int64_t>(spec.precision, 1));
      if (!scientific && !general) number = rescale(number, -spec.precision);
    } else if (!scientific && !general && number.exponent > 0) {
      number = rescale(number, 0);
    }
    if (spec.no_negative_zero && number.is_zero()) number.negative = false;
    const std::string digits = jinja::int_text(number.digits);
    const std::int64_t left = number.exponent + static_cast<std::int64_t>(digits.size());
    std::int64_t place = left;
    if (scientific) place = number.is_zero() && spec.precision >= 0 ? 1 - spec.precision : 1;
    if (general && (number.exponent > 0 || left <= -6)) place = 1;
    placed = place_point(digits, place);
    if (!placed.fraction.empty()) tail = "." + placed.fraction;
    if (scientific || left != place)
      tail += plumb::format("{}{:+}", type == 'e' || type == 'g' ? 'e' : 'E', left - place);
    if (type == '%') tail += '%';
  } else {
    placed.whole = special_text(number);
    if (type == '%') tail = "%";
  }
  const std::string sign = number.negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  const bool zeros = spec.zeros && number.is_finite();
  const std::int64_t least = zeros ? spec.width - static_cast<std::int64_t>(sign.size() + tail.size()) : 0;
  if (spec.groups && number.is_finite()) placed.whole = group_digits(placed.whole, least);

  const std::string body = placed.whole + tail;
  const std::int64_t missing = spec.width - static_cast<std::int64_t>(sign.size() + body.size());
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(missing, 0));
  const std::string fill = spec.zeros && !zeros ? " " : spec.fill;
  const auto filled = [&](std::size_t times) {
    std::string out;
    for (; times > 0; --times) out += fill;
    return out;
  };
  switch (spec.align) {
    case '<':
      return sign + body + filled(count);
    case '^':
      return filled(count / 2) + sign + body + filled(count - count / 2);
    case '=':
      return sign + filled(count) + body;
    default:
      return filled(count) + sign + body;
  }
}

}  // namespace plumb::project::python
