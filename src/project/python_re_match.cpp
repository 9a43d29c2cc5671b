// re.Match: where the groups of a pattern were found.
#include "base/format.h"
#include "project/python_re.h"

namespace plumb::project::python {
namespace {

const MatchObject& match(const Value& self) {
  return self_of<MatchObject>(self);
}

// The one group that start(), end() and span() may be asked for.
Span span_of(const Value& self, Arguments arguments) {
  const std::size_t index = arguments.positional.empty() ? 0 : match(self).index_of(arguments.positional[0]);
  return match(self).spans[index];
}
std::int64_t position_of(const Value& self, std::size_t byte) {
  return byte == std::string_view::npos ? -1 : match(self).subject.index_of(byte);
}

Value group(State&, const Value& self, Arguments arguments) {
  if (arguments.positional.empty()) return match(self).group(0);
  std::vector<Value> groups;
  for (const Value& each : arguments.positional) groups.push_back(match(self).group(match(self).index_of(each)));
  return groups.size() == 1 ? groups[0] : Value::tuple(std::move(groups));
}
Value groups(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"default"};
  const auto [otherwise] = bind_call<1>({.function = "groups", .names = kNames}, arguments);
  std::vector<Value> all;
  for (std::size_t i = 1; i < match(self).spans.size(); ++i) {
    all.push_back(match(self).group(i, jinja::given(otherwise) ? otherwise : Value::none()));
  }
  return Value::tuple(std::move(all));
}
Value groupdict(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"default"};
  const auto [otherwise] = bind_call<1>({.function = "groupdict", .names = kNames}, arguments);
  Value named = Value::dict();
  for (const auto& [name, index] : match(self).pattern->syntax.names) {
    named.as_dict().set(name, match(self).group(index, jinja::given(otherwise) ? otherwise : Value::none()));
  }
  return named;
}
Value start(State&, const Value& self, Arguments arguments) {
  return Value(position_of(self, span_of(self, arguments).begin));
}
Value end(State&, const Value& self, Arguments arguments) {
  return Value(position_of(self, span_of(self, arguments).end));
}
Value make_span(const Value& self, Span span) {
  return Value::tuple({position_of(self, span.begin), position_of(self, span.end)});
}
Value span(State&, const Value& self, Arguments arguments) {
  return make_span(self, span_of(self, arguments));
}
Value expand(State&, const Value& self, Arguments arguments) {
  static constexpr std::string_view kNames[] = {"template"};
  const auto [text] = bind_call<1>({.function = "expand", .names = kNames, .required = 1}, arguments);
  std::string out;
  Replacement(*match(self).pattern, jinja::checked_text("expand() argument 1", text)).append(out, match(self));
  return Value(std::move(out));
}

constexpr Method kMethods[] = {
    {"end", end, Takes::Positional, 0, 1},
    {"expand", expand, Takes::Everything},
    {"group", group, Takes::Positional, 0, jinja::kAnyNumber},
    {"groupdict", groupdict, Takes::Everything},
    {"groups", groups, Takes::Everything},
    {"span", span, Takes::Positional, 0, 1},
    {"start", start, Takes::Positional, 0, 1},
};

}  // namespace

std::int64_t Subject::index_of(std::size_t byte) const {
  return static_cast<std::int64_t>(ascii_ ? byte : jinja::count_code_points(view().substr(0, byte)));
}

std::size_t Subject::byte_of(std::int64_t index) const {
  if (index <= 0) return 0;
  const auto wanted = static_cast<std::size_t>(index);
  return ascii_ ? std::min(wanted, view().size()) : jinja::find_code_point(view(), wanted);
}

const ClassTable& match_class() {
  static constexpr ClassTable kTable{
      .name = "re.Match",
      .methods = kMethods,
      .is_instance = [](const Value& value) { return value.find_object<MatchObject>() != nullptr; },
  };
  return kTable;
}

Value MatchObject::group(std::size_t index, const Value& otherwise) const {
  return spans[index].found() ? subject.cut(spans[index]) : otherwise;
}

std::size_t MatchObject::index_of(const Value& group) const {
  if (group.is_string()) {
    if (const std::size_t index = pattern->syntax.find_name(group.as_string())) return index;
  } else if (group.is_integral()) {
    const std::int64_t index = jinja::clip_to_int64(group);
    if (index >= 0 && std::cmp_less(index, spans.size())) return static_cast<std::size_t>(index);
  }
  jinja::raise("IndexError", "no such group");
}

// Of two groups within each other the outer one is closed last, of others the one that stands last.
std::size_t MatchObject::last_group() const {
  std::size_t last = spans.size() - 1;
  while (last > 0 && !spans[last].found()) --last;
  for (std::size_t around = last; around != 0; around = pattern->syntax.parents[around]) {
    if (spans[around].found()) last = around;
  }
  return last;
}

std::span<const Method> MatchObject::methods() const {
  return kMethods;
}

std::optional<Value> MatchObject::find_member(State&, std::string_view name) {
  if (name == "string") return subject.text();
  if (name == "re") return Value(pattern);
  if (name == "pos") return Value(pos);
  if (name == "endpos") return Value(endpos);
  if (name == "lastindex") {
    const std::size_t last = last_group();
    return last == 0 ? Value::none() : Value(static_cast<std::int64_t>(last));
  }
  if (name == "lastgroup") {
    for (const auto& [known, index] : pattern->syntax.names) {
      if (index == last_group()) return Value(known);
    }
    return Value::none();
  }
  if (name == "regs") {
    std::vector<Value> all;
    for (const Span each : spans) all.push_back(make_span(self(), each));
    return Value::tuple(std::move(all));
  }
  return std::nullopt;
}

std::string MatchObject::repr(State& state) {
  return plumb::format("<re.Match object; span={}, match={}>", jinja::repr(state, make_span(self(), spans[0])),
                       jinja::repr(state, group(0)));
}

}  // namespace plumb::project::python
