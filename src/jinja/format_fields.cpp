#include "jinja/format_fields.h"

#include "base/format.h"
#include "jinja/environment.h"
#include "jinja/errors.h"
#include "jinja/methods_string.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/subscript.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// A field as it stands between its braces.
struct Field {
  std::string_view name;
  char32_t conversion = 0;
  std::string_view spec;
  bool spec_has_fields = false;
};

// Cuts a format string into literal text and fields.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  // Adds the literal text up to the next field, or to the end; false when there is no field any more.
  bool next(std::string& literal, Field& field) {
    while (position_ < text_.size()) {
      const std::size_t brace = std::min(text_.find_first_of("{}", position_), text_.size());
      literal += text_.substr(position_, brace - position_);
      position_ = brace;
      if (brace == text_.size()) return false;
      const char opened = text_[position_++];
      if (position_ < text_.size() && text_[position_] == opened) {
        literal += opened;
        ++position_;
        continue;
      }
      if (opened == '}') raise_value_error("Single '}' encountered in format string");
      if (position_ == text_.size()) raise_value_error("Single '{' encountered in format string");
      field = parse_field();
      return true;
    }
    return false;
  }

 private:
  // The name ends at a brace, a conversion or a spec; brackets may hold any of these.
  char skip_name() {
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '{') raise_value_error("unexpected '{' in field name");
      if (c == '}' || c == ':' || c == '!') return c;
      if (c == '[') position_ = std::min(text_.find(']', position_), text_.size());
    }
    raise_value_error("expected '}' before end of string");
  }

  Field parse_field() {
    const std::size_t begin = position_;
    const char end = skip_name();
    Field field;
    field.name = text_.substr(begin, position_ - 1 - begin);
    if (end == '}') return field;
    if (end == '!') {
      if (position_ >= text_.size()) raise_value_error("end of string while looking for conversion specifier");
      field.conversion = next_code_point(text_, position_);
      if (position_ < text_.size()) {
        const char behind = text_[position_++];
        if (behind == '}') return field;
        if (behind != ':') raise_value_error("expected ':' after conversion specifier");
      }
    }
    parse_spec(field);
    return field;
  }

  void parse_spec(Field& field) {
    const std::size_t begin = position_;
    for (int depth = 1; position_ < text_.size(); ++position_) {
      if (text_[position_] == '{') {
        field.spec_has_fields = true;
        ++depth;
      } else if (text_[position_] == '}' && --depth == 0) {
        field.spec = text_.substr(begin, position_ - begin);
        ++position_;
        return;
      }
    }
    raise_value_error("unmatched '{' in format spec");
  }

  const std::string_view text_;
  std::size_t position_ = 0;
};

// A number, as positions and indices are written; nothing when it is a name.
std::optional<std::int64_t> parse_index(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t index = 0;
  for (std::size_t position = 0; position < text.size();) {
    const int digit = decimal_value(next_code_point(text, position));
    if (digit < 0) return std::nullopt;
    if (index > (INT64_MAX - digit) / 10) raise_value_error("Too many decimal digits in format string");
    index = index * 10 + digit;
  }
  return index;
}

class FieldFormatter {
 public:
  FieldFormatter(State& state, const FieldValues& values, const FieldOptions& options)
      : state_(state), values_(values), options_(options) {}

  // `depth` counts the specs that may still have fields of their own.
  std::string format(std::string_view text, int depth) {
    if (depth < 0) raise_too_deep();
    FieldReader reader(text);
    std::string out;
    for (Field field; reader.next(out, field); field = {}) {
      append_field(out, field, depth);
      state_.reserve(out.size());
      state_.tick();
    }
    return out;
  }

 private:
  [[noreturn]] static void raise_too_deep() { raise_value_error("Max string recursion exceeded"); }

  void append_field(std::string& out, const Field& field, int depth) {
    Value value = find_value(field.name);
    if (field.conversion != 0) value = converted(value, field.conversion);
    // string.Formatter looks into every spec, whether it has fields or not.
    if (depth == 0 && options_.rules != FieldRules::Builtin) raise_too_deep();
    const std::string spec = field.spec_has_fields ? format(field.spec, depth - 1) : std::string(field.spec);
    if (!options_.escapes) {
      out += format_value(state_, value, spec);
    } else if (value.is_markup()) {
      if (!spec.empty()) raise_value_error("Unsupported format specification for Markup.");
      out += value.as_string();
    } else if (!append_html(out, value, spec)) {
      append_escaped(state_, out, format_value(state_, value, spec));
    }
  }

  // What a host's thing shows of itself as HTML.
  bool append_html(std::string& out, const Value& value, const std::string& spec) {
    if (value.kind() != Kind::Object) return false;
    const std::optional<std::string> html = value.as_object().html(state_);
    if (!html) return false;
    if (!spec.empty()) {
      raise_value_error(plumb::format(
          "Format specifier {} given, but <class '{}'> does not define __html_format__. A class that defines __html__ "
          "must define __html_format__ to work with format specifiers.",
          spec, type_name(value)));
    }
    out += *html;
    return true;
  }

  Value converted(const Value& value, char32_t conversion) {
    switch (conversion) {
      case 's':
        return to_str(state_, value);
      case 'r':
        return repr(state_, value);
      case 'a':
        return ascii(state_, value);
      default:
        break;
    }
    const bool shown = (conversion > 32 && conversion < 127) || options_.rules != FieldRules::Builtin;
    std::string name;
    append_code_point(name, conversion);
    raise_value_error("Unknown conversion specifier " +
                      (shown ? name : plumb::format("\\x{:x}", static_cast<std::uint32_t>(conversion))));
  }

  // ---- "0.name[key]"
  Value find_value(std::string_view name) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = first_value(name.substr(0, end), name.empty());
    for (std::size_t position = end; position < name.size();) value = step(value, name, position);
    return value;
  }

  // What the part in front of the first dot or bracket says: nothing, a position or a name.
  Value first_value(std::string_view first, bool whole_is_empty) {
    const std::optional<std::int64_t> position = parse_index(first);
    // string.Formatter numbers only fields that are empty altogether, "{}" and not "{.real}".
    const bool automatic = options_.rules == FieldRules::Builtin ? first.empty() : whole_is_empty;
    if (automatic || position) check_numbering(automatic);
    if (automatic) return by_position(next_position_++);
    if (position) return by_position(*position);
    return by_name(first);
  }

  void check_numbering(bool automatic) {
    const Numbering wanted = automatic ? Numbering::Automatic : Numbering::Manual;
    if (numbering_ == Numbering::Unknown) numbering_ = wanted;
    if (numbering_ == wanted) return;
    if (automatic || options_.rules != FieldRules::Builtin) {
      raise_value_error("cannot switch from manual field specification to automatic field numbering");
    }
    raise_value_error("cannot switch from automatic field numbering to manual field specification");
  }

  Value by_position(std::int64_t index) {
    if (std::cmp_less(index, values_.positional.size())) return values_.positional[static_cast<std::size_t>(index)];
    if (options_.rules != FieldRules::Builtin) raise("IndexError", "tuple index out of range");
    if (values_.mapping != nullptr) raise_value_error("Format string contains positional fields");
    raise("IndexError", plumb::format("Replacement index {} out of range for positional args tuple", index));
  }

  Value by_name(std::string_view name) {
    if (values_.mapping != nullptr) return subscript(state_, *values_.mapping, Value(name));
    for (const Keyword& keyword : values_.keywords) {
      if (keyword.name.as_string() == name) return keyword.value;
    }
    raise("KeyError", repr_text(name));
  }

  Value step(const Value& value, std::string_view path, std::size_t& position) {
    const char opened = path[position++];
    if (opened != '.' && opened != '[') {
      raise_value_error("Only '.' or '[' may follow ']' in format field specifier");
    }
    std::size_t end = opened == '.' ? path.find_first_of(".[", position) : path.find(']', position);
    if (opened == '[' && end == std::string_view::npos) raise_value_error("Missing ']' in format string");
    end = std::min(end, path.size());
    const std::string_view name = path.substr(position, end - position);
    if (name.empty()) raise_value_error("Empty attribute in format string");
    position = opened == '[' ? end + 1 : end;

    const bool sandboxed = options_.rules == FieldRules::Sandboxed;
    if (opened == '.') {
      return sandboxed ? get_attribute(state_, value, name) : attribute(state_, value, name);
    }
    const std::optional<std::int64_t> index = parse_index(name);
    const Value key = index ? Value(*index) : Value(name);
    return sandboxed ? get_item(state_, value, key) : subscript(state_, value, key);
  }

  enum class Numbering { Unknown, Automatic, Manual };

  State& state_;
  const FieldValues& values_;
  const FieldOptions& options_;
  Numbering numbering_ = Numbering::Unknown;
  std::int64_t next_position_ = 0;
};

FieldOptions options_of(State& state, const Value& self) {
  if (state.environment().options().sandboxed) return {FieldRules::Sandboxed, self.is_markup()};
  return {self.is_markup() ? FieldRules::Formatter : FieldRules::Builtin, self.is_markup()};
}

}  // namespace

std::string format_fields(State& state, std::string_view text, const FieldValues& values, const FieldOptions& options) {
  return FieldFormatter(state, values, options).format(text, options.rules == FieldRules::Builtin ? 1 : 2);
}

Value str_format(State& state, const Value& self, Arguments arguments) {
  std::string formatted = format_fields(state, self.as_string(), {arguments.positional, arguments.keywords, nullptr},
                                        options_of(state, self));
  return self.is_markup() ? Value::markup(std::move(formatted)) : Value(std::move(formatted));
}

Value str_format_map(State& state, const Value& self, Arguments arguments) {
  if (!arguments.keywords.empty() || arguments.positional.size() != 1) {
    const bool sandboxed = state.environment().options().sandboxed;
    const std::string_view owner = sandboxed ? "" : "str.";
    if (!arguments.keywords.empty()) raise_type_error(format("{}format_map() takes no keyword arguments", owner));
    raise_type_error(
        format("{}format_map() takes exactly one argument ({} given)", owner, arguments.positional.size()));
  }
  const Value& mapping = arguments.positional[0];
  std::string formatted = format_fields(state, self.as_string(), {{}, {}, &mapping}, options_of(state, self));
  return self.is_markup() ? Value::markup(std::move(formatted)) : Value(std::move(formatted));
}

}  // namespace plumb::jinja
