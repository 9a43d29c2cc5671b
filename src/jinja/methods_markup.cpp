// Markup's methods. They are Python functions, so a call that does not fit is complained of in other words than those
// of str; what they give is markup again.
#include <algorithm>

#include "base/format.h"
#include "jinja/errors.h"
#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/methods_string.h"
#include "jinja/operators.h"
#include "jinja/text.h"

namespace plumb::jinja {
namespace {

// What becomes of the arguments. Those that end up in the markup are escaped.
enum class Escapes { Nothing, Second };

struct MarkupMethod {
  Signature signature;
  bool by_name = false;  // may its arguments be given by name?
  Escapes escapes = Escapes::Nothing;
};

constexpr std::size_t kMostParameters = 3;

// Sorted by name. One argument more, the markup itself, is counted by messages.
std::span<const MarkupMethod> markup_methods() {
  static const MarkupMethod kMethods[] = {
      {{"Markup.__html__", {}, 0, SIZE_MAX, 1}},
      {{"Markup.capitalize", {}, 0, SIZE_MAX, 1}},
      {{"Markup.casefold", {}, 0, SIZE_MAX, 1}},
      {{"Markup.center", {"width", "fillchar"}, 1, SIZE_MAX, 1}, false, Escapes::Second},
      {{"Markup.escape", {"s"}, 1, SIZE_MAX, 1}},
      {{"Markup.expandtabs", {"tabsize"}, 0, SIZE_MAX, 1}, true},
      {{"Markup.format", {}, 0, SIZE_MAX, 1}},
      {{"Markup.format_map", {"mapping"}, 1, SIZE_MAX, 1}},
      {{"Markup.join", {"iterable"}, 1, SIZE_MAX, 1}},
      {{"Markup.ljust", {"width", "fillchar"}, 1, SIZE_MAX, 1}, false, Escapes::Second},
      {{"Markup.lower", {}, 0, SIZE_MAX, 1}},
      {{"Markup.lstrip", {"chars"}, 0, SIZE_MAX, 1}},
      {{"Markup.partition", {"sep"}, 1, SIZE_MAX, 1}},
      {{"Markup.removeprefix", {"prefix"}, 1, SIZE_MAX, 1}},
      {{"Markup.removesuffix", {"suffix"}, 1, SIZE_MAX, 1}, true},
      {{"Markup.replace", {"old", "new", "count"}, 2, SIZE_MAX, 1}, false, Escapes::Second},
      {{"Markup.rjust", {"width", "fillchar"}, 1, SIZE_MAX, 1}, false, Escapes::Second},
      {{"Markup.rpartition", {"sep"}, 1, SIZE_MAX, 1}},
      {{"Markup.rsplit", {"sep", "maxsplit"}, 0, SIZE_MAX, 1}, true},
      {{"Markup.rstrip", {"chars"}, 0, SIZE_MAX, 1}},
      {{"Markup.split", {"sep", "maxsplit"}, 0, SIZE_MAX, 1}, true},
      {{"Markup.splitlines", {"keepends"}, 0, SIZE_MAX, 1}, true},
      {{"Markup.strip", {"chars"}, 0, SIZE_MAX, 1}},
      {{"Markup.striptags", {}, 0, SIZE_MAX, 1}},
      {{"Markup.swapcase", {}, 0, SIZE_MAX, 1}},
      {{"Markup.title", {}, 0, SIZE_MAX, 1}},
      {{"Markup.translate", {"table"}, 1, SIZE_MAX, 1}},
      {{"Markup.unescape", {}, 0, SIZE_MAX, 1}},
      {{"Markup.upper", {}, 0, SIZE_MAX, 1}},
      {{"Markup.zfill", {"width"}, 1, SIZE_MAX, 1}},
  };
  return kMethods;
}

std::string_view short_name(const MarkupMethod& method) {
  return method.signature.name.substr(std::string_view("Markup.").size());
}

const MarkupMethod* find_markup_method(std::string_view name) {
  const std::span<const MarkupMethod> methods = markup_methods();
  const auto found =
      std::lower_bound(methods.begin(), methods.end(), name,
                       [](const MarkupMethod& each, std::string_view wanted) { return short_name(each) < wanted; });
  return found != methods.end() && short_name(*found) == name ? &*found : nullptr;
}

Value as_markup(const Value& value) {
  if (value.is_string()) return Value::markup(std::string(value.as_string()));
  if (value.kind() != Kind::List && value.kind() != Kind::Tuple) return value;
  std::vector<Value> items;
  items.reserve(value.items().size());
  for (const Value& item : value.items()) items.push_back(as_markup(item));
  return value.kind() == Kind::List ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

// "Markup.center() got some positional-only arguments passed as keyword arguments: 'width'"
void refuse_keywords(const MarkupMethod& method, Arguments arguments) {
  std::string names;
  for (const std::string_view parameter : method.signature.parameters) {
    const bool passed = std::any_of(arguments.keywords.begin(), arguments.keywords.end(),
                                    [&](const Keyword& keyword) { return keyword.name.as_string() == parameter; });
    if (passed) names += (names.empty() ? "" : ", ") + std::string(parameter);
  }
  if (names.empty()) return;
  raise_type_error(format("{}() got some positional-only arguments passed as keyword arguments: '{}'",
                          method.signature.name, names));
}

Value join(State& state, const Value& self, const Value& joined) {
  std::vector<Value> items = to_vector(state, joined);
  for (Value& item : items) item = escape(state, item);
  Value list = Value::list(std::move(items));
  return as_markup(str_join(state, self, {{&list, 1}, {}}));
}

}  // namespace

bool is_markup_method(std::string_view name) {
  return find_markup_method(name) != nullptr;
}

Value call_markup_method(State& state, const Value& self, std::string_view name, Arguments arguments) {
  if (name == "format") return str_format(state, self, arguments);
  const MarkupMethod& method = *find_markup_method(name);
  if (!method.by_name && !arguments.keywords.empty()) refuse_keywords(method, arguments);
  Value bound[kMostParameters];
  const std::size_t count = method.signature.parameters.size();
  bind_arguments(method.signature, arguments, {bound, count});

  if (name == "__html__") return self;
  if (name == "escape") return escape(state, bound[0]);
  if (name == "join") return join(state, self, bound[0]);
  if (name == "striptags") return strip_tags(self.as_string());
  if (name == "unescape") return unescape_entities(self.as_string());
  if (method.escapes == Escapes::Second && given(bound[1])) bound[1] = escape(state, bound[1]);
  // str's own methods know what stands for an argument that is not given, but only of those at the end.
  if (count > 1 && !given(bound[0]) && given(bound[1])) bound[0] = Value::none();
  std::size_t last = count;
  while (last > 0 && !given(bound[last - 1])) --last;
  const Method& of_str = *find_method(string_methods(), name);
  return as_markup(call_checked(state, of_str, "str", self, {{bound, last}, {}}));
}

}  // namespace plumb::jinja
