// Filters on text: case, replacing, trimming, counting words, formatting.
#include "jinja/calling.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {

namespace {

using Transform = std::string (*)(std::string_view);

Value transform_text(State& state, const Signature& signature, Arguments arguments, Transform transform) {
  auto [s] = bind<1>(signature, arguments);
  if (s.is_string()) return make_text(transform(s.as_string()), s.is_markup());
  return Value(transform(to_str(state, s)));
}

Value filter_upper(State& state, Arguments arguments) {
  static const Signature kSignature{"do_upper", {"s"}, 1};
  return transform_text(state, kSignature, arguments, to_upper);
}

Value filter_lower(State& state, Arguments arguments) {
  static const Signature kSignature{"do_lower", {"s"}, 1};
  return transform_text(state, kSignature, arguments, to_lower);
}

Value filter_capitalize(State& state, Arguments arguments) {
  static const Signature kSignature{"do_capitalize", {"s"}, 1};
  return transform_text(state, kSignature, arguments, to_capitalized);
}

// A word begins at the text's beginning and behind white space and -({[<. Not what str.title() does.
bool begins_word(char32_t c) {
  return c == '-' || c == '(' || c == '{' || c == '[' || c == '<' || is_space(c);
}

Value filter_title(State& state, Arguments arguments) {
  static const Signature kSignature{"do_title", {"s"}, 1};
  auto [s] = bind<1>(kSignature, arguments);
  const TextOf holder(state, s);
  const std::string_view text = holder;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t begin = at;
    char32_t first = next_code_point(text, at);
    if (begins_word(first)) {
      out += text.substr(begin, at - begin);
      continue;
    }
    out += to_upper(text.substr(begin, at - begin));
    std::size_t rest = at;
    while (at < text.size()) {
      std::size_t next = at;
      if (begins_word(next_code_point(text, next))) break;
      at = next;
    }
    out += to_lower(text.substr(rest, at - rest));
  }
  return Value(std::move(out));
}

Value filter_string(State& state, Arguments arguments) {
  static const Signature kSignature{"soft_str", {"s"}, 1};
  auto [s] = bind<1>(kSignature, arguments);
  return soft_str(state, std::move(s));
}

// Of each code point, the empty one included: what str.replace does with an empty `old`.
std::string interleave(std::string_view text, std::string_view fresh, std::size_t count) {
  std::string out;
  for (std::size_t at = 0; count > 0; --count) {
    out += fresh;
    if (at == text.size()) return out;
    std::size_t begin = at;
    next_code_point(text, at);
    out += text.substr(begin, at - begin);
    if (count == 1) out += text.substr(at);
  }
  return out;
}

std::string replace_text(State& state, std::string_view text, std::string_view old, std::string_view fresh,
                         std::size_t count) {
  if (count == 0) return std::string(text);
  if (old.empty()) {
    state.reserve(text.size() + std::min(count, text.size() + 1) * fresh.size());
    return interleave(text, fresh, count);
  }
  std::string out;
  for (;;) {
    std::size_t found = find_text(text, old);
    if (found == std::string_view::npos || count == 0) break;
    --count;
    if (fresh.size() > old.size()) state.reserve(out.size() + found + fresh.size());
    out += text.substr(0, found);
    out += fresh;
    text.remove_prefix(found + old.size());
  }
  out += text;
  return out;
}

std::size_t read_count(const Value& limit) {
  const std::int64_t wanted = is_set(limit) ? index_of(limit) : -1;
  return wanted < 0 ? SIZE_MAX : static_cast<std::size_t>(wanted);
}

Value filter_replace(State& state, Arguments arguments) {
  static const Signature kSignature{"do_replace", {"s", "old", "new", "count"}, 3};
  auto [s, old, fresh, limit] = bind_behind_context<4>(kSignature, arguments);
  if (!state.autoescape()) {
    const TextOf text(state, s), from(state, old), to(state, fresh);
    return Value(replace_text(state, text, from, to, read_count(limit)));
  }
  // What is put into text as markup makes the whole markup; what is put into markup as text is escaped.
  if (knows_html(state, old) || (knows_html(state, fresh) && !knows_html(state, s))) {
    s = escape(state, s);
  } else {
    s = soft_str(state, std::move(s));
  }
  old = soft_str(state, std::move(old));
  fresh = s.is_markup() ? escape(state, fresh) : soft_str(state, std::move(fresh));
  std::string out = replace_text(state, s.as_string(), old.as_string(), fresh.as_string(), read_count(limit));
  return make_text(std::move(out), s.is_markup());
}

Value filter_trim(State& state, Arguments arguments) {
  static const Signature kSignature{"do_trim", {"value", "chars"}, 1};
  auto [value, characters] = bind<2>(kSignature, arguments);
  value = soft_str(state, std::move(value));
  const std::string_view text = value.as_string();
  if (!is_set(characters)) {
    std::string_view bare = strip(text);
    if (bare.size() == text.size()) return value;
    return make_text(std::string(bare), value.is_markup());
  }
  if (!characters.is_string()) raise_type_error("strip arg must be None or str");
  const std::string_view stripped = strip_right(strip_left(text, characters.as_string()), characters.as_string());
  return make_text(std::string(stripped), value.is_markup());
}

bool is_word_character(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return is_alpha(c) || is_numeric(c) || is_decimal(c) || is_digit(c);
}

Value filter_wordcount(State& state, Arguments arguments) {
  static const Signature kSignature{"do_wordcount", {"s"}, 1};
  auto [s] = bind<1>(kSignature, arguments);
  const TextOf holder(state, s);
  const std::string_view text = holder;
  std::int64_t count = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    bool word = is_word_character(next_code_point(text, at));
    count += word && !inside;
    inside = word;
  }
  return Value(count);
}

Value filter_format(State& state, Arguments arguments) {
  if (arguments.positional.empty()) {
    raise_type_error("do_format() missing 1 required positional argument: 'value'");
  }
  Value format = soft_str(state, std::move(arguments.positional[0]));
  const auto rest = arguments.positional.subspan(1);
  if (!rest.empty() && !arguments.keywords.empty()) {
    raise_filter_argument_error("can't handle positional and keyword arguments at the same time");
  }
  if (arguments.keywords.empty()) {
    return format_printf(state, format, Value::tuple(std::vector<Value>(rest.begin(), rest.end())));
  }
  Value values = Value::dict();
  for (Keyword& keyword : arguments.keywords) values.as_dict().set(std::move(keyword.name), std::move(keyword.value));
  return format_printf(state, format, values);
}

}  // namespace

std::span<const LibraryFunction> text_filters() {
  static constexpr LibraryFunction kFilters[] = {
      {"capitalize", filter_capitalize},
      {"format", filter_format},
      {"lower", filter_lower},
      {"replace", filter_replace},
      {"string", filter_string},
      {"title", filter_title},
      {"trim", filter_trim},
      {"upper", filter_upper},
      {"wordcount", filter_wordcount},
  };
  return kFilters;
}

}  // namespace plumb::jinja
