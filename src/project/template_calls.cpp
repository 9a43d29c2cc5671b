#include "project/template_calls.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::project {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

namespace {

Value keyword(Arguments arguments, std::initializer_list<std::string_view> names) {
  for (const jinja::Keyword& given : arguments.keywords) {
    if (std::find(names.begin(), names.end(), given.name.as_string()) != names.end()) return given.value;
  }
  return Value::none();
}

// `context`: all names as one mapping.
class ContextView final : public jinja::Object {
 public:
  std::string_view type_name() const override { return "dict"; }
  bool is_mapping() const override { return true; }
  std::optional<Value> find_item(State& state, const Value& key) override {
    if (!key.is_string()) return std::nullopt;
    Value found = state.resolve(key.as_string());
    if (found.is_undefined()) return std::nullopt;
    return found;
  }
  std::optional<bool> contains(State& state, const Value& item) override { return find_item(state, item).has_value(); }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name != "get" || arguments.positional.empty()) return std::nullopt;
    if (auto found = find_item(state, arguments.positional[0])) return found;
    return arguments.positional.size() > 1 ? arguments.positional[1] : Value::none();
  }
};

// A text that is a call by itself, ref('x') or var('y'), is a template without braces.
bool is_bare_call(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  for (std::string_view name : {"ref", "source", "var", "env_var", "doc"}) {
    if (!text.starts_with(name)) continue;
    std::string_view rest = text.substr(name.size());
    while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
    if (rest.size() > 2 && rest.front() == '(' && rest.back() == ')') return true;
  }
  return false;
}

Value render_argument(const Value& value, const std::function<Value(const std::string&)>& render_value) {
  if (value.is_string()) {
    std::string text(value.as_string());
    return render_value(is_bare_call(text) ? "{{ " + text + " }}" : text);
  }
  if (value.kind() == jinja::Kind::List) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(render_argument(item, render_value));
    return Value::list(std::move(items));
  }
  if (value.kind() == jinja::Kind::Dict) {
    auto dict = jinja::make<jinja::Dict>();
    std::size_t position = 0;
    while (const Value::Entry* entry = value.as_dict().next(position)) {
      dict->set(entry->key, render_argument(entry->value, render_value));
    }
    return Value(dict);
  }
  return value;
}

}  // namespace

RefCall read_ref(State& state, Arguments arguments) {
  auto given = arguments.positional;
  if (given.empty() || given.size() > 2) {
    jinja::raise(
        "CompilationError",
        plumb::format("ref() takes one or two names, not {}: ref('model') or ref('package', 'model')", given.size()));
  }
  RefCall call;
  call.name = jinja::to_str(state, given.back());
  if (given.size() == 2) call.package = jinja::to_str(state, given[0]);
  call.version = keyword(arguments, {"v", "version"});
  return call;
}

SourceCall read_source(State& state, Arguments arguments) {
  if (arguments.positional.size() != 2) {
    jinja::raise("CompilationError",
                 plumb::format("source() takes exactly two arguments ({} given)", arguments.positional.size()));
  }
  return {jinja::to_str(state, arguments.positional[0]), jinja::to_str(state, arguments.positional[1])};
}

Value render_test_arguments(const Value& written, const std::function<Value(const std::string&)>& render_value) {
  auto rendered = jinja::make<jinja::Dict>();
  std::size_t position = 0;
  while (const Value::Entry* entry = written.as_dict().next(position)) {
    bool column = entry->key.as_string() == "column_name";
    rendered->set(entry->key, column ? entry->value : render_argument(entry->value, render_value));
  }
  return Value(rendered);
}

Value context_view() {
  return Value(jinja::make<ContextView>());
}

}  // namespace plumb::project
