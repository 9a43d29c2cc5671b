// Filters for HTML and addresses: escape, forceescape, safe, striptags, xmlattr, urlencode, tojson, urlize.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/text.h"
#include "jinja/undefined.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

Value filter_escape(State& state, Arguments arguments) {
  static const Signature kSignature{"escape", {"s"}, 1};
  auto [s] = bind<1>(kSignature, arguments);
  return escape(state, s);
}

// Its HTML if it knows it, else its text.
Value html_or_text(State& state, Value value) {
  if (value.kind() == Kind::Object) {
    if (auto html = value.as_object().html(state)) return Value(*std::move(html));
  }
  return soft_str(state, std::move(value));
}

Value filter_forceescape(State& state, Arguments arguments) {
  static const Signature kSignature{"do_forceescape", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  value = html_or_text(state, std::move(value));
  std::string out;
  append_escaped(state, out, value.as_string());
  return Value::markup(std::move(out));
}

Value filter_safe(State& state, Arguments arguments) {
  static const Signature kSignature{"do_mark_safe", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  if (value.is_markup()) return value;
  return Value::markup(std::string(html_or_text(state, std::move(value)).as_string()));
}

Value filter_striptags(State& state, Arguments arguments) {
  static const Signature kSignature{"do_striptags", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  return Value(strip_tags(html_or_text(state, std::move(value)).as_string()));
}

// ---- xmlattr

// What ends an attribute's name, and would let it become two.
bool ends_attribute_name(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '/' || c == '>' || c == '=';
}

Value filter_xmlattr(State& state, Arguments arguments) {
  static const Signature kSignature{"do_xmlattr", {"d", "autospace"}, 1};
  auto [attributes, autospace] = bind_behind_context<2>(kSignature, arguments);
  std::string out;
  const std::vector<Value::Entry> entries = entries_of(state, attributes);
  const bool space = flag(state, autospace, true);
  for (const Value::Entry& entry : entries) {
    if (entry.value.is_none() || entry.value.is_undefined()) continue;
    if (!entry.key.is_string()) {
      raise_type_error("expected string or bytes-like object, got '" + std::string(type_name(entry.key)) + "'");
    }
    const std::string_view name = entry.key.as_string();
    if (std::any_of(name.begin(), name.end(), ends_attribute_name)) {
      raise_value_error("Invalid character in attribute name: " + repr(state, entry.key));
    }
    if (space || !out.empty()) out += ' ';
    out += escape(state, entry.key).as_string();
    out += "=\"";
    out += escape(state, entry.value).as_string();
    out += '"';
  }
  return make_text(std::move(out), state.autoescape());
}

// ---- urlencode

bool is_safe_in_urls(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '~';
}

void append_quoted(std::string& out, std::string_view text, bool in_query) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_safe_in_urls(c) || (c == '/' && !in_query)) {
      out += c;
    } else if (c == ' ' && in_query) {
      out += '+';
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
}

std::pair<Value, Value> unpack_pair(State& state, const Value& pair) {
  const bool iterable = pair.kind() != Kind::None && !pair.is_number() &&
                        (pair.kind() != Kind::Object || pair.as_object().iterate(state) != nullptr);
  if (!iterable) raise_type_error("cannot unpack non-iterable " + std::string(type_name(pair)) + " object");
  auto iterator = iterate(state, pair);
  std::array<Value, 2> both;
  for (std::size_t i = 0; i < both.size(); ++i) {
    auto item = iterator->next(state);
    if (!item) raise_value_error("not enough values to unpack (expected 2, got " + std::to_string(i) + ")");
    both[i] = *std::move(item);
  }
  if (iterator->next(state)) raise_value_error("too many values to unpack (expected 2)");
  return {std::move(both[0]), std::move(both[1])};
}

Value filter_urlencode(State& state, Arguments arguments) {
  static const Signature kSignature{"do_urlencode", {"value"}, 1};
  auto [value] = bind<1>(kSignature, arguments);
  std::string out;
  const bool is_alone = value.is_string() || value.is_none() || value.is_number() ||
                        (value.kind() == Kind::Object && value.as_object().iterate(state) == nullptr);
  if (is_alone) {
    append_quoted(out, TextOf(state, value), false);
    return Value(std::move(out));
  }
  auto append_pair = [&](const Value& key, const Value& of_key) {
    state.tick();
    if (!out.empty()) out += '&';
    append_quoted(out, TextOf(state, key), true);
    out += '=';
    append_quoted(out, TextOf(state, of_key), true);
  };
  if (value.kind() == Kind::Dict) {
    for (const Value::Entry& entry : entries_of(state, value)) append_pair(entry.key, entry.value);
    return Value(std::move(out));
  }
  auto iterator = iterate(state, value);
  while (auto pair = iterator->next(state)) {
    const auto [key, of_key] = unpack_pair(state, *pair);
    append_pair(key, of_key);
  }
  return Value(std::move(out));
}

}  // namespace

std::span<const LibraryFunction> html_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"e", filter_escape},
      {"escape", filter_escape},
      {"forceescape", filter_forceescape},
      {"safe", filter_safe},
      {"striptags", filter_striptags},
      {"tojson", filter_tojson},
      {"urlencode", filter_urlencode},
      {"urlize", filter_urlize},
      {"xmlattr", filter_xmlattr},
  };
  return kFilters;
}

}  // namespace plumb::jinja
