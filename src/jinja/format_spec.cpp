// format(value, spec) of the builtin types.
//
// A spec is [[fill]align][sign][z][#][0][width][grouping][.precision][type]. Numbers become a sign, a prefix, digits
// and the rest ("." and what follows); the digits are grouped, and what is missing is filled where the alignment says.
#include <climits>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/float_format.h"
#include "jinja/number.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

struct Spec {
  std::string fill = " ";
  char align = 0;
  char sign = 0;
  bool no_negative_zero = false, alternate = false;
  std::int64_t width = -1, precision = -1;
  char grouping = 0;  // ',' or '_'
  char32_t type = 0;
};

std::string shown_character(char32_t character) {
  if (character > 32 && character < 128) return std::string(1, static_cast<char>(character));
  return format("\\x{:x}", static_cast<std::uint32_t>(character));
}

class SpecParser {
 public:
  SpecParser(std::string_view spec, std::string_view type) : spec_(spec), type_(type) {}

  Spec parse(char32_t default_type, char default_align) {
    Spec spec;
    spec.align = default_align;
    spec.type = default_type;
    parse_alignment(spec, default_align);
    spec.width = parse_number();
    parse_grouping(spec);
    if (take('.')) {
      spec.precision = parse_number();
      if (spec.precision < 0) raise_value_error("Format specifier missing precision");
    }
    if (position_ < spec_.size()) {
      spec.type = next_code_point(spec_, position_);
      if (position_ < spec_.size()) {
        raise_value_error(format("Invalid format specifier '{}' for object of type '{}'", spec_, type_));
      }
    }
    check_grouping(spec);
    return spec;
  }

 private:
  static bool is_align(char c) { return c == '<' || c == '>' || c == '=' || c == '^'; }
  bool at(char wanted) const { return position_ < spec_.size() && spec_[position_] == wanted; }
  bool take(char wanted) {
    if (!at(wanted)) return false;
    ++position_;
    return true;
  }

  void parse_alignment(Spec& spec, char default_align) {
    bool has_fill = false, has_align = false;
    std::size_t behind = 0;
    if (!spec_.empty()) next_code_point(spec_, behind);
    if (behind > 0 && behind < spec_.size() && is_align(spec_[behind])) {
      spec.fill = spec_.substr(0, behind);
      spec.align = spec_[behind];
      position_ = behind + 1;
      has_fill = has_align = true;
    } else if (!spec_.empty() && is_align(spec_[0])) {
      spec.align = spec_[0];
      position_ = 1;
      has_align = true;
    }
    if (at('+') || at('-') || at(' ')) spec.sign = spec_[position_++];
    spec.no_negative_zero = take('z');
    spec.alternate = take('#');
    if (!has_fill && take('0')) {
      spec.fill = "0";
      if (!has_align && default_align == '>') spec.align = '=';
    }
  }

  // -1 when there are no digits.
  std::int64_t parse_number() {
    std::int64_t number = -1;
    for (; position_ < spec_.size() && spec_[position_] >= '0' && spec_[position_] <= '9'; ++position_) {
      const int digit = spec_[position_] - '0';
      number = std::max<std::int64_t>(number, 0);
      if (number > (INT64_MAX - digit) / 10) raise_value_error("Too many decimal digits in format string");
      number = number * 10 + digit;
    }
    return number;
  }

  void parse_grouping(Spec& spec) {
    if (take(',')) spec.grouping = ',';
    if (take('_')) {
      if (spec.grouping != 0) raise_value_error("Cannot specify both ',' and '_'.");
      spec.grouping = '_';
    }
    if (at(',') && spec.grouping == '_') raise_value_error("Cannot specify both ',' and '_'.");
  }

  static void check_grouping(const Spec& spec) {
    if (spec.grouping == 0 || spec.type == 0) return;
    if (spec.type < 0x80 && std::string_view("defgEG%F").find(static_cast<char>(spec.type)) != std::string_view::npos) {
      return;
    }
    const bool in_fours = spec.type == 'b' || spec.type == 'o' || spec.type == 'x' || spec.type == 'X';
    if (in_fours && spec.grouping == '_') return;
    raise_value_error(format("Cannot specify '{}' with '{}'.", spec.grouping, shown_character(spec.type)));
  }

  const std::string_view spec_, type_;
  std::size_t position_ = 0;
};

[[noreturn]] void raise_unknown_type(const Spec& spec, std::string_view type) {
  raise_value_error(format("Unknown format code '{}' for object of type '{}'", shown_character(spec.type), type));
}

void append_fill(std::string& out, const Spec& spec, std::size_t count) {
  if (spec.fill.size() == 1) {
    out.append(count, spec.fill[0]);
  } else {
    while (count-- > 0) out += spec.fill;
  }
}

// The number, the text it is put in, and a copy of that.
void reserve(State& state, const Spec& spec) {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(spec.width, 0)) +
                      static_cast<std::size_t>(std::max<std::int64_t>(spec.precision, 0));
  state.reserve(wanted > SIZE_MAX / 8 ? SIZE_MAX / 2 : 3 * wanted * spec.fill.size());
}

// ---- Text
std::string format_text(State& state, const Value& value, std::string_view text, std::string_view spec_text) {
  const Spec spec = SpecParser(spec_text, type_name(value)).parse('s', '<');
  if (spec.type != 's') raise_unknown_type(spec, type_name(value));
  if (spec.sign == ' ') raise_value_error("Space not allowed in string format specifier");
  if (spec.sign != 0) raise_value_error("Sign not allowed in string format specifier");
  if (spec.no_negative_zero) {
    raise_value_error("Negative zero coercion (z) not allowed in string format specifier");
  }
  if (spec.alternate) raise_value_error("Alternate form (#) not allowed in string format specifier");
  if (spec.align == '=') raise_value_error("'=' alignment not allowed in string format specifier");
  if (spec.precision >= 0) text = text.substr(0, find_code_point(text, static_cast<std::size_t>(spec.precision)));

  const std::size_t length = count_code_points(text);
  std::size_t missing = 0;
  if (std::cmp_greater(spec.width, length)) {
    missing = static_cast<std::size_t>(spec.width) - length;
    reserve(state, spec);
  }
  const std::size_t left = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  std::string out;
  append_fill(out, spec, left);
  out += text;
  append_fill(out, spec, missing - left);
  return out;
}

// ---- Numbers
struct Number {
  std::string sign;
  std::string prefix;
  std::string digits;  // that are grouped
  std::string rest;
};

Number split_number(std::string_view text) {
  Number number;
  if (text.starts_with('-')) {
    number.sign = "-";
    text.remove_prefix(1);
  }
  std::size_t end = 0;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  number.digits = text.substr(0, end);
  number.rest = text.substr(end);
  return number;
}

// Digits in groups, from the right. Zeros in front, to at least `width` characters; they are grouped as well.
std::string grouped(const std::string& digits, char separator, std::size_t group, std::int64_t width) {
  std::string backwards;
  auto remaining = static_cast<std::int64_t>(digits.size());
  for (;;) {
    const std::int64_t length =
        std::min(static_cast<std::int64_t>(group), std::max<std::int64_t>({remaining, width, 1}));
    for (std::int64_t i = 0; i < length; ++i) {
      backwards += remaining > 0 ? digits[static_cast<std::size_t>(--remaining)] : '0';
    }
    width -= length;
    if (remaining <= 0 && width <= 0) break;
    backwards += separator;
    --width;
  }
  return {backwards.rbegin(), backwards.rend()};
}

std::string lay_out(State& state, const Spec& spec, Number number) {
  if (number.sign.empty() && (spec.sign == '+' || spec.sign == ' ')) number.sign = spec.sign;
  const std::size_t around = number.sign.size() + number.prefix.size() + count_code_points(number.rest);
  if (spec.width > 0) reserve(state, spec);
  if (!number.digits.empty()) {
    const std::int64_t least =
        spec.fill == "0" && spec.align == '=' ? spec.width - static_cast<std::int64_t>(around) : 0;
    if (spec.grouping != 0) {
      const bool in_fours = spec.type == 'b' || spec.type == 'o' || spec.type == 'x' || spec.type == 'X';
      number.digits = grouped(number.digits, spec.grouping, in_fours ? 4 : 3, least);
    } else if (std::cmp_greater(least, number.digits.size())) {
      number.digits.insert(0, static_cast<std::size_t>(least) - number.digits.size(), '0');
    }
  }
  const std::size_t length = around + number.digits.size();
  const std::size_t missing = std::cmp_greater(spec.width, length) ? static_cast<std::size_t>(spec.width) - length : 0;
  const std::size_t left = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  const std::size_t inside = spec.align == '=' ? missing : 0;

  std::string out;
  append_fill(out, spec, left);
  out += number.sign;
  out += number.prefix;
  append_fill(out, spec, inside);
  out += number.digits;
  out += number.rest;
  append_fill(out, spec, missing - left - inside);
  return out;
}

std::string format_double(State& state, const Spec& spec, double value) {
  FloatFormat how{.alternate = spec.alternate, .no_negative_zero = spec.no_negative_zero};
  if (spec.precision > INT_MAX) raise_value_error("precision too big");
  how.precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
  reserve(state, spec);
  const bool percent = spec.type == '%';
  std::string text;
  if (spec.type == 0 && spec.precision < 0) {
    text = float_text(value == 0 && spec.no_negative_zero ? 0.0 : value);
    if (spec.alternate && text.find('.') == std::string::npos && text.find('e') != std::string::npos) {
      text.insert(text.find('e'), ".");
    }
  } else {
    how.type = spec.type == 0 || spec.type == 'n' ? 'g' : percent ? 'f' : static_cast<char>(spec.type);
    how.looks_float = spec.type == 0;
    text = format_float(percent ? value * 100 : value, how);
  }
  if (percent) text += '%';
  return lay_out(state, spec, split_number(text));
}

bool is_float_type(char32_t type) {
  switch (type) {
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case '%':
      return true;
    default:
      return false;
  }
}

void check_whole(const Spec& spec) {
  if (spec.precision >= 0) raise_value_error("Precision not allowed in integer format specifier");
  if (spec.no_negative_zero) {
    raise_value_error("Negative zero coercion (z) not allowed in integer format specifier");
  }
  if (spec.type != 'c') return;
  if (spec.sign != 0) raise_value_error("Sign not allowed with integer format specifier 'c'");
  if (spec.alternate) raise_value_error("Alternate form (#) not allowed with integer format specifier 'c'");
}

int base_of(const Spec& spec) {
  switch (spec.type) {
    case 'b':
      return 2;
    case 'o':
      return 8;
    case 'x':
    case 'X':
      return 16;
    default:
      return 10;
  }
}

Number character(const Value& value) {
  if (value.kind() == Kind::BigInt) raise("OverflowError", "Python int too large to convert to C long");
  const std::int64_t code_point = clip_to_int64(value);
  if (code_point < 0 || code_point > 0x10FFFF) raise("OverflowError", "%c arg not in range(0x110000)");
  Number number;
  append_code_point(number.rest, static_cast<char32_t>(code_point));
  return number;
}

std::string format_whole(State& state, const Value& value, std::string_view spec_text) {
  const Spec spec = SpecParser(spec_text, type_name(value)).parse('d', '>');
  if (is_float_type(spec.type)) return format_double(state, spec, to_double(value));
  const int base = base_of(spec);
  if (base == 10 && spec.type != 'd' && spec.type != 'n' && spec.type != 'c') {
    raise_unknown_type(spec, type_name(value));
  }
  check_whole(spec);
  if (spec.type == 'c') return lay_out(state, spec, character(value));
  const Value number = value.kind() == Kind::Bool ? Value(value.as_bool() ? 1 : 0) : value;
  std::string digits = int_text(number, base);
  if (spec.type == 'X') digits = to_upper(digits);
  Number parts;
  if (digits.starts_with('-')) {
    parts.sign = "-";
    digits.erase(0, 1);
  }
  parts.digits = std::move(digits);
  if (spec.alternate && base != 10) parts.prefix = {'0', static_cast<char>(spec.type)};
  return lay_out(state, spec, std::move(parts));
}

}  // namespace

std::string format_value(State& state, const Value& value, std::string_view spec) {
  switch (value.kind()) {
    case Kind::String:
      if (spec.empty()) return std::string(value.as_string());
      return format_text(state, value, value.as_string(), spec);
    case Kind::Bool:
    case Kind::Int:
    case Kind::BigInt:
      if (spec.empty()) return to_str(state, value);
      return format_whole(state, value, spec);
    case Kind::Float: {
      if (spec.empty()) return float_text(value.as_float());
      const Spec parsed = SpecParser(spec, type_name(value)).parse(0, '>');
      if (parsed.type != 0 && parsed.type != 'n' && !is_float_type(parsed.type)) {
        raise_unknown_type(parsed, type_name(value));
      }
      return format_double(state, parsed, value.as_float());
    }
    case Kind::Object:
      return value.as_object().format(state, spec);
    default:
      break;
  }
  if (spec.empty()) return to_str(state, value);
  raise_type_error(format("unsupported format string passed to {}.__format__", type_name(value)));
}

}  // namespace plumb::jinja
