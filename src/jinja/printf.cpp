// `text % values`: Python's printf formatting.
//
// A directive is %, a (key), flags, a width, a precision, a length that means nothing, and a letter. Its value comes
// from a tuple one by one, from a mapping by its key, or is the only one there is.
#include <climits>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/float_format.h"
#include "jinja/library.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/subscript.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

struct Directive {
  bool left = false, plus = false, blank = false, alternate = false, zeros = false;
  std::int64_t width = -1;
  int precision = -1;
  char32_t letter = 0;
};

// What a directive made of its value, before it is filled to its width.
struct Piece {
  std::string text;
  bool is_number = false;
  bool has_prefix = false;  // 0x, 0o
};

bool is_mapping(const Value& values) {
  switch (values.kind()) {
    case Kind::Dict:
    case Kind::List:
    case Kind::Undefined:
      return true;
    case Kind::Object:
      return values.as_object().is_mapping() || values.as_object().is_sequence();
    default:
      return false;
  }
}

class Printf {
 public:
  Printf(State& state, const Value& text, const Value& values)
      : state_(state), text_(text.as_string()), escapes_(text.is_markup()), values_(values) {
    one_by_one_ = values.kind() == Kind::Tuple;
  }

  std::string format() {
    std::string out;
    while (position_ < text_.size()) {
      const std::size_t percent = std::min(text_.find('%', position_), text_.size());
      out += text_.substr(position_, percent - position_);
      position_ = percent;
      if (percent == text_.size()) break;
      ++position_;
      if (position_ < text_.size() && text_[position_] == '%') {
        out += '%';
        ++position_;
      } else {
        append_directive(out);
      }
      state_.tick();
    }
    if (!is_mapping(values_) && (one_by_one_ ? taken_ < values_.items().size() : taken_ == 0)) {
      raise_type_error("not all arguments converted during string formatting");
    }
    return out;
  }

 private:
  // ---- The values
  // After a key there is no way back to the values as a whole.
  const Value& next_value() {
    if (keyed_) {
      if (std::exchange(keyed_taken_, true)) raise_type_error("not enough arguments for format string");
      return *keyed_;
    }
    const std::size_t available = one_by_one_ ? values_.items().size() : 1;
    if (taken_ >= available) raise_type_error("not enough arguments for format string");
    ++taken_;
    return one_by_one_ ? values_.items()[taken_ - 1] : values_;
  }

  std::int64_t next_star(std::int64_t most, std::string_view c_type) {
    const Value& value = next_value();
    // Markup shows its values to printf through a helper that is no int.
    if (!value.is_integral() || escapes_) raise_type_error("* wants int");
    const std::int64_t number = clip_to_int64(value);
    if (value.kind() == Kind::BigInt || number > most || number < -most - 1) {
      raise("OverflowError", plumb::format("Python int too large to convert to C {}", c_type));
    }
    return number;
  }

  // ---- Reading
  char32_t next_character() {
    if (position_ >= text_.size()) raise_value_error("incomplete format");
    return next_code_point(text_, position_);
  }

  void parse_key() {
    if (!is_mapping(values_)) raise_type_error("format requires a mapping");
    const std::size_t begin = position_;
    for (int depth = 1; depth > 0; ++position_) {
      if (position_ >= text_.size()) raise_value_error("incomplete format key");
      if (text_[position_] == '(') ++depth;
      if (text_[position_] == ')') --depth;
    }
    keyed_ = subscript(state_, values_, Value(text_.substr(begin, position_ - 1 - begin)));
    keyed_taken_ = false;
  }

  static bool parse_flag(Directive& directive, char flag) {
    bool* flags[] = {&directive.left, &directive.plus, &directive.blank, &directive.alternate, &directive.zeros};
    const std::size_t index = std::string_view("-+ #0").find(flag);
    if (index == std::string_view::npos) return false;
    *flags[index] = true;
    return true;
  }

  std::int64_t parse_digits(std::int64_t most, std::string_view error) {
    std::int64_t number = 0;
    for (; position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; ++position_) {
      if (number > (most - (text_[position_] - '0')) / 10) raise_value_error(std::string(error));
      number = number * 10 + (text_[position_] - '0');
    }
    return number;
  }

  bool at(char wanted) const { return position_ < text_.size() && text_[position_] == wanted; }
  bool at_digit() const { return position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; }

  void parse_width(Directive& directive) {
    if (at('*')) {
      ++position_;
      directive.width = next_star(INT64_MAX, "ssize_t");
      if (directive.width < 0) {
        directive.left = true;
        directive.width = -directive.width;
      }
    } else if (at_digit()) {
      directive.width = parse_digits(INT64_MAX, "width too big");
    }
  }

  void parse_precision(Directive& directive) {
    if (!at('.')) return;
    ++position_;
    directive.precision = 0;
    if (at('*')) {
      ++position_;
      directive.precision = static_cast<int>(std::max<std::int64_t>(next_star(INT_MAX, "int"), 0));
    } else if (at_digit()) {
      directive.precision = static_cast<int>(parse_digits(INT_MAX, "precision too big"));
    }
  }

  Directive parse_directive() {
    if (at('(')) {
      ++position_;
      parse_key();
    }
    Directive directive;
    while (position_ < text_.size() && parse_flag(directive, text_[position_])) ++position_;
    parse_width(directive);
    parse_precision(directive);
    if (at('h') || at('l') || at('L')) ++position_;
    directive.letter = next_character();
    return directive;
  }

  // ---- Writing
  void append_directive(std::string& out) {
    const Directive directive = parse_directive();
    const Value& value = next_value();
    const std::size_t most = static_cast<std::size_t>(std::max<std::int64_t>(directive.width, 0)) +
                             static_cast<std::size_t>(std::max(directive.precision, 0));
    state_.reserve(out.size() + 3 * most);  // the piece, what it is added to, and what that grows out of
    append_filled(out, directive, convert(directive, value));
  }

  Piece convert(const Directive& directive, const Value& value) {
    switch (directive.letter) {
      case 's':
      case 'r':
      case 'a':
        return text_piece(directive, value);
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o':
        return whole_piece(directive, value);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        return {format_float(float_value(value), {.type = static_cast<char>(directive.letter),
                                                  .precision = directive.precision < 0 ? 6 : directive.precision,
                                                  .alternate = directive.alternate}),
                true, false};
      case 'c':
        return character_piece(value);
      default:
        break;
    }
    const bool shown = directive.letter > 30 && directive.letter < 0x7F;
    raise_value_error(plumb::format(
        "unsupported format character '{}' (0x{:x}) at index {}", shown ? static_cast<char>(directive.letter) : '?',
        static_cast<std::uint32_t>(directive.letter), count_code_points(text_.substr(0, position_)) - 1));
  }

  Piece text_piece(const Directive& directive, const Value& value) {
    Piece piece;
    if (directive.letter == 's') {
      piece.text = escapes_ ? std::string(escape(state_, value).as_string()) : to_str(state_, value);
    } else {
      piece.text = directive.letter == 'r' ? repr(state_, value) : ascii(state_, value);
      if (escapes_) {
        std::string escaped;
        append_escaped(state_, escaped, piece.text);
        piece.text = std::move(escaped);
      }
    }
    if (directive.precision >= 0) {
      piece.text.resize(find_code_point(piece.text, static_cast<std::size_t>(directive.precision)));
    }
    return piece;
  }

  [[noreturn]] void raise_not_a_number(char32_t letter, const Value& value) {
    const bool real = letter == 'd' || letter == 'i' || letter == 'u';
    raise_type_error(plumb::format("%{} format: {} is required, not {}", static_cast<char>(letter),
                                   real ? "a real number" : "an integer",
                                   escapes_ ? "_MarkupEscapeHelper" : type_name(value)));
  }

  Value whole_value(char32_t letter, const Value& value) {
    const bool real = letter == 'd' || letter == 'i' || letter == 'u';
    if (!real && escapes_) raise_not_a_number(letter, value);
    if (value.is_integral()) return value;
    if (!real) raise_not_a_number(letter, value);
    if (value.kind() == Kind::Float) return truncate(value.as_float());
    if (value.is_undefined()) raise_undefined(value);
    if (escapes_ && value.is_string()) {
      if (std::optional<Value> number = parse_int(value.as_string())) return *number;
      raise_value_error("invalid literal for int() with base 10: " + repr_text(value.as_string()));
    }
    if (value.kind() == Kind::Object && value.as_object().is_number()) {
      if (std::optional<Value> number = parse_float_text(value)) return *number;
    }
    raise_not_a_number(letter, value);
  }

  Piece whole_piece(const Directive& directive, const Value& value) {
    const Value whole = whole_value(directive.letter, value);
    const char32_t letter = directive.letter | 0x20;
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : 10;
    const Value number = whole.kind() == Kind::Bool ? Value(whole.as_bool() ? 1 : 0) : whole;
    std::string digits = int_text(number, base);
    const bool negative = digits.starts_with('-');
    if (negative) digits.erase(0, 1);
    const auto precision = static_cast<std::size_t>(std::max(directive.precision, 0));
    if (digits.size() < precision) digits.insert(0, precision - digits.size(), '0');
    Piece piece{{}, true, directive.alternate && base != 10};
    if (piece.has_prefix) digits.insert(0, base == 16 ? "0x" : "0o");
    if (directive.letter == 'X') digits = to_upper(digits);
    piece.text = (negative ? "-" : "") + digits;
    return piece;
  }

  double float_value(const Value& value) {
    if (value.kind() == Kind::Float) return value.as_float();
    if (value.is_integral()) return to_double(value);
    if (value.is_undefined()) raise_undefined(value);
    if (escapes_ && value.is_string()) {
      if (std::optional<double> number = parse_float(value.as_string())) return *number;
      raise_value_error("could not convert string to float: " + repr_text(value.as_string()));
    }
    if (value.kind() == Kind::Object && value.as_object().is_number()) {
      if (std::optional<double> number = parse_float(to_str(state_, value))) return *number;
    }
    if (escapes_) {
      raise_type_error(plumb::format("float() argument must be a string or a real number, not '{}'", type_name(value)));
    }
    raise_type_error(plumb::format("must be real number, not {}", type_name(value)));
  }

  Piece character_piece(const Value& value) {
    if (!escapes_ && value.is_string() && count_code_points(value.as_string()) == 1) {
      return {std::string(value.as_string())};
    }
    if (escapes_ || !value.is_integral()) raise_type_error("%c requires int or char");
    const std::int64_t code_point = clip_to_int64(value);
    if (code_point < 0 || code_point > 0x10FFFF) raise("OverflowError", "%c arg not in range(0x110000)");
    Piece piece;
    append_code_point(piece.text, static_cast<char32_t>(code_point));
    return piece;
  }

  // Sign and prefix stand in front of zeros that fill, but behind spaces.
  static void append_filled(std::string& out, const Directive& directive, const Piece& piece) {
    std::string_view body = piece.text;
    std::string front;
    if (piece.is_number) {
      if (body.starts_with('-') || body.starts_with('+')) {
        front = body[0];
        body.remove_prefix(1);
      } else if (directive.plus) {
        front = '+';
      } else if (directive.blank) {
        front = ' ';
      }
      if (piece.has_prefix) {
        front += body.substr(0, 2);
        body.remove_prefix(2);
      }
    }
    const std::size_t length = front.size() + count_code_points(body);
    const std::size_t missing =
        std::cmp_greater(directive.width, length) ? static_cast<std::size_t>(directive.width) - length : 0;
    const bool zeros = piece.is_number && directive.zeros && !directive.left;
    if (!directive.left && !zeros) out.append(missing, ' ');
    out += front;
    if (zeros) out.append(missing, '0');
    out += body;
    if (directive.left) out.append(missing, ' ');
  }

  // A host's number as a whole one.
  std::optional<Value> parse_float_text(const Value& value) {
    const std::string text = to_str(state_, value);
    const std::string_view whole = std::string_view(text).substr(0, text.find('.'));
    if (std::optional<Value> number = parse_int(whole == "-" || whole.empty() ? "0" : whole)) return number;
    if (std::optional<double> number = parse_float(text)) return truncate(*number);
    return std::nullopt;
  }

  State& state_;
  const std::string_view text_;
  const bool escapes_;
  const Value& values_;
  bool one_by_one_ = false;
  std::size_t position_ = 0, taken_ = 0;
  std::optional<Value> keyed_;
  bool keyed_taken_ = false;
};

}  // namespace

Value format_printf(State& state, const Value& text, const Value& values) {
  std::string formatted = Printf(state, text, values).format();
  return text.is_markup() ? Value::markup(std::move(formatted)) : Value(std::move(formatted));
}

}  // namespace plumb::jinja
