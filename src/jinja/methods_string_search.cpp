#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/methods.h"
#include "jinja/methods_string.h"
#include "jinja/operators.h"
#include "jinja/state.h"
#include "jinja/string_search.h"
#include "jinja/text.h"
#include "jinja/unicode.h"

namespace plumb::jinja {
namespace {

// The part of a text that find(part, start, stop) and its kin look at.
struct Range {
  std::string_view text;
  std::size_t begin = 0;  // in code points
  bool outside = false;   // begins behind the end
};

Range bounded(std::string_view text, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  if (given.size() < 2) return {text};
  std::int64_t start = bound_argument(given[1], 0);
  std::int64_t stop = given.size() > 2 ? bound_argument(given[2], INT64_MAX) : INT64_MAX;
  const std::size_t length = count_code_points(text);
  clip_bounds(start, stop, length);
  if (start > stop || std::cmp_greater(start, length)) return {{}, 0, true};
  const auto first = static_cast<std::size_t>(start);
  const std::size_t begin = find_code_point(text, first);
  const std::size_t end = find_code_point(text, static_cast<std::size_t>(stop));
  return {text.substr(begin, end - begin), first, false};
}

std::int64_t position_in(const Range& range, std::size_t at) {
  if (at == std::string_view::npos) return -1;
  return static_cast<std::int64_t>(range.begin + count_code_points(range.text.substr(0, at)));
}

std::int64_t find_from_left(const Value& self, Arguments arguments) {
  const Range range = bounded(self.as_string(), arguments);
  const std::string_view part = text_argument(arguments.positional[0]);
  return range.outside ? -1 : position_in(range, find_text(range.text, part));
}

std::int64_t find_from_right(const Value& self, Arguments arguments) {
  const Range range = bounded(self.as_string(), arguments);
  const std::string_view part = text_argument(arguments.positional[0]);
  return range.outside ? -1 : position_in(range, find_last_text(range.text, part));
}

std::int64_t found(std::int64_t position) {
  if (position < 0) raise_value_error("substring not found");
  return position;
}

bool fits(const Range& range, std::string_view part, bool at_start) {
  if (range.outside) return false;
  return at_start ? range.text.starts_with(part) : range.text.ends_with(part);
}

// startswith and endswith take one text or a tuple of them.
Value stands_at(std::string_view name, bool at_start, const Value& self, Arguments arguments) {
  const Value& part = arguments.positional[0];
  const Range range = bounded(self.as_string(), arguments);
  if (part.is_string()) return fits(range, part.as_string(), at_start);
  if (part.kind() != Kind::Tuple) {
    raise_type_error(format("{} first arg must be str or a tuple of str, not {}", name, type_name(part)));
  }
  for (const Value& each : part.items()) {
    if (!each.is_string()) {
      raise_type_error(format("tuple for {} must only contain str, not {}", name, type_name(each)));
    }
    if (fits(range, each.as_string(), at_start)) return true;
  }
  return false;
}

Value as_list(State& state, const std::vector<std::string_view>& pieces) {
  state.reserve(pieces.size() * sizeof(Value));
  return Value::list({pieces.begin(), pieces.end()});
}

std::string_view separator_argument(const Value& separator) {
  const std::string_view text = text_argument(separator);
  if (text.empty()) raise_value_error("empty separator");
  return text;
}

using Split = std::vector<std::string_view> (*)(std::string_view text, std::int64_t most);
using SplitAt = std::vector<std::string_view> (*)(std::string_view text, std::string_view separator, std::int64_t most);

Value split_with(State& state, std::string_view name, Split split_spaces, SplitAt split, const Value& self,
                 Arguments arguments) {
  static constexpr std::string_view kNames[] = {"sep", "maxsplit"};
  Value bound[2];
  bind_parameters({name, kNames}, arguments, bound);
  const std::int64_t most = given(bound[1]) ? index_argument(bound[1]) : -1;
  const std::string_view text = self.as_string();
  if (!given(bound[0]) || bound[0].is_none()) return as_list(state, split_spaces(text, most));
  const std::string_view separator = text_argument(bound[0], "must be str or None");
  if (separator.empty()) raise_value_error("empty separator");
  return as_list(state, split(text, separator, most));
}

}  // namespace

Value str_count(State&, const Value& self, Arguments arguments) {
  const Range range = bounded(self.as_string(), arguments);
  const std::string_view part = text_argument(arguments.positional[0]);
  return range.outside ? Value(0) : Value(static_cast<std::int64_t>(count_text(range.text, part)));
}

Value str_startswith(State&, const Value& self, Arguments arguments) {
  return stands_at("startswith", true, self, arguments);
}
Value str_endswith(State&, const Value& self, Arguments arguments) {
  return stands_at("endswith", false, self, arguments);
}

Value str_find(State&, const Value& self, Arguments arguments) {
  return find_from_left(self, arguments);
}
Value str_index(State&, const Value& self, Arguments arguments) {
  return found(find_from_left(self, arguments));
}
Value str_rfind(State&, const Value& self, Arguments arguments) {
  return find_from_right(self, arguments);
}
Value str_rindex(State&, const Value& self, Arguments arguments) {
  return found(find_from_right(self, arguments));
}

Value str_partition(State&, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string(), separator = separator_argument(arguments.positional[0]);
  const std::size_t at = find_text(text, separator);
  if (at == std::string_view::npos) return Value::tuple({text, "", ""});
  return Value::tuple({text.substr(0, at), separator, text.substr(at + separator.size())});
}

Value str_rpartition(State&, const Value& self, Arguments arguments) {
  const std::string_view text = self.as_string(), separator = separator_argument(arguments.positional[0]);
  const std::size_t at = find_last_text(text, separator);
  if (at == std::string_view::npos) return Value::tuple({"", "", text});
  return Value::tuple({text.substr(0, at), separator, text.substr(at + separator.size())});
}

Value str_split(State& state, const Value& self, Arguments arguments) {
  return split_with(state, "split", split_white_space, split_at, self, arguments);
}
Value str_rsplit(State& state, const Value& self, Arguments arguments) {
  return split_with(state, "rsplit", split_white_space_right, split_at_right, self, arguments);
}

Value str_splitlines(State& state, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"keepends"};
  Value keep_ends;
  bind_parameters({"splitlines", kNames}, arguments, {&keep_ends, 1});
  const bool keep = given(keep_ends) && int_argument(keep_ends) != 0;
  return as_list(state, split_lines(self.as_string(), keep));
}

Value str_replace(State& state, const Value& self, Arguments arguments) {
  const std::span<Value> given = arguments.positional;
  const std::string_view text = self.as_string();
  const std::string_view old = checked_text("replace() argument 1", given[0]);
  const std::string_view fresh = checked_text("replace() argument 2", given[1]);
  const std::int64_t most = given.size() > 2 ? index_argument(given[2]) : -1;
  std::size_t count = most == 0 ? 0 : count_text(text, old);
  if (most >= 0 && std::cmp_less(most, count)) count = static_cast<std::size_t>(most);
  if (count == 0) return self;

  const std::size_t size = text.size() - count * old.size() + count * fresh.size();
  state.reserve(size);
  std::string out;
  out.reserve(size);
  std::size_t position = 0;
  for (; count > 0; --count) {
    const std::size_t at = find_text(text, old, position);
    out += text.substr(position, at - position);
    out += fresh;
    position = at + old.size();
    // An empty `old` stands before each code point and at the end.
    if (old.empty() && position < text.size() && count > 1) {
      next_code_point(text, position);
      out += text.substr(at, position - at);
    }
  }
  out += text.substr(position);
  return out;
}

}  // namespace plumb::jinja
