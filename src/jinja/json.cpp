// |tojson: Python's json.dumps, keys sorted, and safe within HTML.
#include <cmath>
#include <cstdio>

#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/number.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

void append_unit(std::string& out, unsigned unit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(unit >> shift) & 15];
}

// As UTF-16 has it: two units beyond the first plane.
void append_code_units(std::string& out, char32_t point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xd800 + ((point - 0x10000) >> 10));
  append_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != '\'';
}

void append_special(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\b':
      out += "\\b";
      return;
    default:
      append_unit(out, static_cast<unsigned char>(c));
  }
}

// ASCII only; <, >, & and ' are escaped, so that the text can't end a script or an attribute.
void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t plain = at;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(at, plain - at);
    at = plain;
    if (at == text.size()) break;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      append_special(out, text[at++]);
    } else {
      append_code_units(out, next_code_point(text, at));
    }
  }
  out += '"';
}

std::string json_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return float_text(value);
}

class JsonWriter {
 public:
  JsonWriter(State& state, std::optional<std::string> indent) : state_(state), indent_(std::move(indent)) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::None:
        out_ += "null";
        return;
      case Kind::Bool:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Kind::Int:
      case Kind::BigInt:
        out_ += int_text(value);
        return;
      case Kind::Float:
        out_ += json_float(value.as_float());
        return;
      case Kind::String:
        state_.reserve(out_.size() + value.as_string().size());
        append_json_text(out_, value.as_string());
        return;
      case Kind::List:
      case Kind::Tuple:
        return write_nested(value, [&] { write_list(value.items()); });
      case Kind::Dict:
        return write_nested(value, [&] { write_dict(value.as_dict()); });
      default:
        return write_host(value);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  // Hosts are no JSON; but what is a tuple in Python (a group of |groupby) is a list.
  void write_host(const Value& value) {
    if (type_name(value) != "_GroupTuple") {
      // "Decimal" of a host's "decimal.Decimal"
      const std::string_view type = type_name(value);
      raise_type_error("Object of type " + std::string(type.substr(type.rfind('.') + 1)) + " is not JSON serializable");
    }
    const std::vector<Value> items = to_vector(state_, value);
    write_nested(value, [&] { write_list(items); });
  }

  template <class Write>
  void write_nested(const Value& value, Write write_items) {
    constexpr std::size_t kDeepest = 900;
    state_.tick();
    state_.reserve(3 * out_.size());
    for (const Shared* outer : outer_) {
      if (outer == value.identity()) raise_value_error("Circular reference detected");
    }
    if (outer_.size() >= kDeepest) {
      raise("RecursionError", "maximum recursion depth exceeded while encoding a JSON object");
    }
    outer_.push_back(value.identity());
    write_items();
    outer_.pop_back();
  }

  void write_list(const std::vector<Value>& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      separate(i == 0);
      write(items[i]);
    }
    close(']');
  }

  void write_dict(const Dict& dict) {
    if (dict.size() == 0) {
      out_ += "{}";
      return;
    }
    std::vector<Value> keys = dict.keys();
    const std::vector<std::size_t> sorted = sort_by_keys(state_, keys);
    out_ += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      separate(i == 0);
      const Value& key = keys[sorted[i]];
      write_key(key);
      out_ += ": ";
      write(*dict.find(key));
    }
    close('}');
  }

  void write_key(const Value& key) {
    if (key.is_string()) return append_json_text(out_, key.as_string());
    if (!key.is_none() && !key.is_number()) {
      raise_type_error("keys must be str, int, float, bool or None, not " + std::string(type_name(key)));
    }
    out_ += '"';
    write(key);
    out_ += '"';
  }

  void separate(bool first) {
    if (!indent_) {
      if (!first) out_ += ", ";
      return;
    }
    if (!first) out_ += ',';
    begin_line(outer_.size());
  }

  void close(char bracket) {
    if (indent_) begin_line(outer_.size() - 1);
    out_ += bracket;
  }

  void begin_line(std::size_t depth) {
    state_.reserve(out_.size() + depth * indent_->size());
    out_ += '\n';
    for (std::size_t i = 0; i < depth; ++i) out_ += *indent_;
  }

  State& state_;
  const std::optional<std::string> indent_;
  std::string out_;
  std::vector<const Shared*> outer_;  // the containers around
};

std::string html_safe(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<' || c == '>' || c == '&' || c == '\'') {
      append_unit(out, static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Value filter_tojson(State& state, Arguments arguments) {
  static const Signature kSignature{"do_tojson", {"value", "indent"}, 1};
  auto [value, indent] = bind_behind_context<2>(kSignature, arguments);
  std::optional<std::string> step;
  if (is_set(indent) && !value.is_string()) {
    const Value made = indent.is_string() ? indent : operate(state, BinaryOperator::Multiply, Value(" "), indent);
    step = html_safe(made.as_string());
  }
  JsonWriter writer(state, std::move(step));
  writer.write(value);
  return Value::markup(writer.take());
}

}  // namespace plumb::jinja
