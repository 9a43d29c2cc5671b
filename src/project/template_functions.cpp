#include "project/template_functions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/crypto.h"
#include "base/document.h"
#include "base/format.h"
#include "project/config_renderer.h"
#include "project/template_exceptions.h"

namespace plumb::project {

using jinja::Arguments;
using jinja::Dict;
using jinja::State;
using jinja::Value;

namespace {

// Lists and dicts of one's own: a template that changes what it got changes nobody else's.
Value own_copy(const Value& value) {
  if (value.kind() == jinja::Kind::List) {
    std::vector<Value> items;
    items.reserve(value.items().size());
    for (const Value& item : value.items()) items.push_back(own_copy(item));
    return Value::list(std::move(items));
  }
  if (value.kind() != jinja::Kind::Dict) return value;
  auto copy = jinja::make<Dict>();
  std::size_t position = 0;
  while (const Value::Entry* entry = value.as_dict().next(position)) copy->set(entry->key, own_copy(entry->value));
  return Value(copy);
}

Value given_or(const Value& value, Value fallback) {
  return jinja::given(value) ? value : fallback;
}

Value from_text(const Value& text, const Value& fallback, bool json) {
  std::string source(text.is_string() ? text.as_string() : std::string_view());
  try {
    Document document = json ? parse_json(std::move(source), "fromjson") : parse_yaml(std::move(source), "fromyaml");
    return jinja::to_value(document.root());
  } catch (const Error&) {
    return given_or(fallback, Value::none());  // dbt's promise: what can't be read is the default
  }
}

// As Python's json.dumps: unlike the filter of that name for a text of its own, in the order of the keys.
void append_python_json(State& state, std::string& out, const Value& value, bool sorted) {
  auto quote = [&](const Value& text) {
    std::array<Value, 1> positional{text};
    std::string quoted(jinja::to_str(state, state.apply_filter("tojson", {positional, {}})));
    for (std::size_t at = 0; at < quoted.size(); ++at) {
      if (quoted[at] == '\\' && quoted[at + 1] != 'u') ++at;
      if (quoted[at] != '\\') continue;
      constexpr std::array<std::pair<std::string_view, char>, 4> kHtml{
          {{"\\u003c", '<'}, {"\\u003e", '>'}, {"\\u0026", '&'}, {"\\u0027", '\''}}};
      for (const auto& [code, character] : kHtml) {
        if (quoted.compare(at, code.size(), code) == 0) quoted.replace(at, code.size(), 1, character);
      }
    }
    out += quoted;
  };
  if (value.kind() == jinja::Kind::List || value.kind() == jinja::Kind::Tuple) {
    out += '[';
    bool first = true;
    for (const Value& item : value.items()) {
      if (!std::exchange(first, false)) out += ", ";
      append_python_json(state, out, item, sorted);
    }
    out += ']';
  } else if (value.kind() == jinja::Kind::Dict) {
    std::vector<std::pair<std::string, Value>> entries;
    std::size_t position = 0;
    while (const Value::Entry* entry = value.as_dict().next(position)) {
      std::string key = jinja::to_str(state, entry->key);
      if (entry->key.kind() == jinja::Kind::Bool) key = entry->key.as_bool() ? "true" : "false";
      if (entry->key.is_none()) key = "null";
      entries.emplace_back(std::move(key), entry->value);
    }
    if (sorted) {
      std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    out += '{';
    bool first = true;
    for (const auto& [key, item] : entries) {
      if (!std::exchange(first, false)) out += ", ";
      quote(Value(key));
      out += ": ";
      append_python_json(state, out, item, sorted);
    }
    out += '}';
  } else {
    quote(value);  // throws for what JSON does not know
  }
}

Value to_json(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"tojson", {"value", "default", "sort_keys"}, 1};
  auto [value, fallback, sort] = jinja::bind<3>(kSignature, arguments);
  try {
    std::string out;
    append_python_json(state, out, value, jinja::given(sort) && jinja::truth(state, sort));
    return Value(std::move(out));
  } catch (const Error& error) {
    if (error.type() != "TypeError") throw;
    return given_or(fallback, Value::none());
  }
}

// Of small things, as YAML's safe_dump writes them.
void append_yaml(State& state, std::string& out, const Value& value, int indent, bool in_list) {
  std::string pad(static_cast<std::size_t>(indent), ' ');
  auto append_below = [&](const Value& below, bool list_item) {
    bool nested = (below.kind() == jinja::Kind::Dict && below.as_dict().size() != 0) ||
                  (below.kind() == jinja::Kind::List && !below.items().empty());
    if (!nested) {
      out += ' ';
      append_yaml(state, out, below, 0, false);
      return;
    }
    if (list_item) {
      out += ' ';
      append_yaml(state, out, below, indent + 2, true);
      return;
    }
    out += '\n';
    append_yaml(state, out, below, below.kind() == jinja::Kind::List ? indent : indent + 2, false);
  };
  if (value.kind() == jinja::Kind::Dict && value.as_dict().size() != 0) {
    std::size_t position = 0;
    bool first = true;
    while (const Value::Entry* entry = value.as_dict().next(position)) {
      if (!first || !in_list) out += pad;
      first = false;
      out += jinja::to_str(state, entry->key) + ":";
      append_below(entry->value, false);
    }
  } else if (value.kind() == jinja::Kind::List && !value.items().empty()) {
    for (const Value& item : value.items()) {
      out += pad + "-";
      append_below(item, true);
    }
  } else {
    std::array<Value, 1> positional{value};
    bool plain = value.is_string() && !value.as_string().empty() &&
                 value.as_string().find_first_of(":#{}[],&*!|>'\"%@`\n") == std::string_view::npos;
    if (plain) {
      out += value.as_string();
    } else if (value.is_none()) {
      out += "null";
    } else {
      out += jinja::to_str(state, state.apply_filter("tojson", {positional, {}}));
    }
    out += '\n';
  }
}

Value zip(State& state, Arguments arguments, bool strict) {
  std::vector<std::vector<Value>> columns;
  std::size_t rows = SIZE_MAX;
  for (const Value& argument : arguments.positional) {
    bool iterable = argument.kind() != jinja::Kind::None && !argument.is_undefined() && !argument.is_number();
    if (!iterable && !strict) {
      for (const jinja::Keyword& keyword : arguments.keywords) {
        if (keyword.name.as_string() == "default") return keyword.value;
      }
      return Value::none();
    }
    columns.push_back(jinja::to_vector(state, argument));
    rows = std::min(rows, columns.back().size());
  }
  std::vector<Value> zipped;
  for (std::size_t row = 0; !columns.empty() && row < rows; ++row) {
    std::vector<Value> tuple;
    tuple.reserve(columns.size());
    for (const auto& column : columns) tuple.push_back(column[row]);
    zipped.push_back(Value::tuple(std::move(tuple)));
  }
  return Value::list(std::move(zipped));
}

Value make_set(State& state, Arguments arguments, bool strict) {
  static const jinja::Signature kSignature{"set", {"value", "default"}, 1};
  auto [value, fallback] = jinja::bind<2>(kSignature, arguments);
  if (!strict && (value.is_none() || value.is_number() || value.is_undefined())) {
    return given_or(fallback, Value::none());
  }
  return Value::set(jinja::to_vector(state, value));
}

std::string message_of(State& state, Arguments arguments) {
  if (!arguments.positional.empty()) return jinja::to_str(state, arguments.positional[0]);
  for (const jinja::Keyword& keyword : arguments.keywords) {
    if (keyword.name.as_string() == "msg" || keyword.name.as_string() == "message") {
      return jinja::to_str(state, keyword.value);
    }
  }
  return {};
}

Value log_function(const Say& say) {
  return jinja::make_function("log", [say](State& state, Arguments arguments) {
    bool info = false;
    std::string text = message_of(state, arguments);
    if (arguments.positional.size() > 1) info = jinja::truth(state, arguments.positional[1]);
    for (const jinja::Keyword& keyword : arguments.keywords) {
      if (keyword.name.as_string() == "info") info = jinja::truth(state, keyword.value);
    }
    say(text, info ? Voice::Info : Voice::Debug);
    return Value("");
  });
}

Value print_function(const Say& say) {
  return jinja::make_function("print", [say](State& state, Arguments arguments) {
    say(message_of(state, arguments), Voice::Print);
    return Value("");
  });
}

// Values that differ in case only are one.
bool holds(State& state, const Value& list, const Value& wanted) {
  auto folded = [&](const Value& value) {
    std::string text = jinja::to_str(state, value);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  std::vector<Value> items = jinja::to_vector(state, list);
  return std::any_of(items.begin(), items.end(), [&](const Value& item) { return folded(item) == folded(wanted); });
}

// {key: what its list has in a and not in b}, for grants: keys and values are compared whatever their case.
Value diff_of_two_dicts(State& state, Arguments arguments) {
  static const jinja::Signature kSignature{"diff_of_two_dicts", {"dict_a", "dict_b"}, 2};
  auto [a, b] = jinja::bind<2>(kSignature, arguments);
  Value left = Value::dict();
  std::size_t position = 0;
  while (const Value::Entry* entry = a.as_dict().next(position)) {
    std::vector<Value> kept = jinja::to_vector(state, entry->value);
    std::size_t there = 0;
    while (const Value::Entry* other = b.as_dict().next(there)) {
      if (!holds(state, Value::list({other->key}), entry->key)) continue;
      std::erase_if(kept, [&](const Value& item) { return holds(state, other->value, item); });
    }
    if (!kept.empty()) left.as_dict().set(entry->key, Value::list(std::move(kept)));
  }
  return left;
}

void add_conversions(Dict& names) {
  auto add = [&](std::string_view name, jinja::NativeFunction function) {
    names.set(name, jinja::make_function(std::string(name), std::move(function)));
  };
  static const jinja::Signature kRead{"fromjson", {"string", "default"}, 1};
  add("fromjson", [](State&, Arguments arguments) {
    auto [text, fallback] = jinja::bind<2>(kRead, arguments);
    return from_text(text, fallback, true);
  });
  static const jinja::Signature kReadYaml{"fromyaml", {"value", "default"}, 1};
  add("fromyaml", [](State&, Arguments arguments) {
    auto [text, fallback] = jinja::bind<2>(kReadYaml, arguments);
    return from_text(text, fallback, false);
  });
  add("tojson", to_json);
  add("toyaml", [](State& state, Arguments arguments) {
    static const jinja::Signature kSignature{"toyaml", {"value", "default", "sort_keys"}, 1};
    auto [value, fallback, sort] = jinja::bind<3>(kSignature, arguments);
    std::string out;
    append_yaml(state, out, value, 0, false);
    return Value(std::move(out));
  });
  add("set", [](State& state, Arguments arguments) { return make_set(state, arguments, false); });
  add("set_strict", [](State& state, Arguments arguments) { return make_set(state, arguments, true); });
  add("zip", [](State& state, Arguments arguments) { return zip(state, arguments, false); });
  add("zip_strict", [](State& state, Arguments arguments) { return zip(state, arguments, true); });
  add("local_md5", [](State& state, Arguments arguments) {
    static const jinja::Signature kSignature{"local_md5", {"value"}, 1};
    auto [value] = jinja::bind<1>(kSignature, arguments);
    return Value(md5_hex(jinja::to_str(state, value)));
  });
  add("diff_of_two_dicts", diff_of_two_dicts);
}

}  // namespace

Value template_functions(const ProjectSettings& settings, const Say& say, const Say& warn) {
  auto names = jinja::make<Dict>();
  auto add = [&](std::string_view name, jinja::NativeFunction function) {
    names->set(name, jinja::make_function(std::string(name), std::move(function)));
  };
  names->set("env_var", make_env_var(settings.environment, ConfigRenderer::Secrets::Refused));
  add("return", [](State& state, Arguments arguments) {
    Value value = arguments.positional.empty() ? Value::none() : arguments.positional[0];
    for (const jinja::Keyword& keyword : arguments.keywords) value = keyword.value;
    state.return_from_macro(value);
    return value;
  });
  add_conversions(*names);
  names->set("log", log_function(say));
  names->set("print", print_function(say));
  names->set("exceptions", template_exceptions(warn));
  names->set("target", target_value(settings.target));
  names->set("flags", own_copy(settings.flags));
  names->set("dbt_version", kDbtVersion);
  names->set("project_name", settings.root.name);
  names->set("invocation_id", settings.invocation_id);
  names->set("thread_id", "MainThread");
  names->set("dbt_metadata_envs", metadata_envs(settings));
  auto none_function = [&](std::string_view name) { add(name, [](State&, Arguments) { return Value::none(); }); };
  none_function("validation");
  auto arguments = jinja::make<Dict>();
  arguments->set("project_dir", settings.folder.string());
  arguments->set("vars", settings.command_line_vars);
  arguments->set("target", settings.target.name);
  names->set("invocation_args_dict", Value(arguments));
  return Value(names);
}

// ---- var

namespace {

class VarLookup final : public jinja::Object {
 public:
  VarLookup(const ProjectSettings& settings, const PackageSettings& package, bool forgiving)
      : settings_(settings), package_(package), forgiving_(forgiving) {}
  std::string_view type_name() const override { return "Var"; }
  bool callable() const override { return true; }
  Value call(State& state, Arguments arguments) override {
    static const jinja::Signature kSignature{"var", {"var_name", "default"}, 1};
    auto [var, fallback] = jinja::bind<2>(kSignature, arguments);
    std::string name = jinja::to_str(state, var);
    if (const Value* found = find(name)) return own_copy(*found);
    if (jinja::given(fallback)) return fallback;
    if (forgiving_) return Value::none();
    jinja::raise("RequiredVarNotFoundError", plumb::format("Required var '{}' not found in config", name),
                 "give it with --vars, in dbt_project.yml, or a default as var's second argument");
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name != "has_var") return std::nullopt;
    static const jinja::Signature kSignature{"has_var", {"var_name"}, 1};
    auto [var] = jinja::bind<1>(kSignature, arguments);
    return Value(find(jinja::to_str(state, var)) != nullptr);
  }

 private:
  static const Value* find_in(const Value& vars, std::string_view name) {
    return vars.kind() == jinja::Kind::Dict ? vars.as_dict().find(name) : nullptr;
  }
  const Value* find(std::string_view name) const {
    if (const Value* found = find_in(settings_.command_line_vars, name)) return found;
    for (const PackageSettings* from : {&settings_.root, &package_}) {
      if (const Value* own = find_in(from->vars, package_.name)) {
        if (const Value* found = find_in(*own, name)) return found;
      }
      if (const Value* found = find_in(from->vars, name)) return found;
    }
    return nullptr;
  }

  const ProjectSettings& settings_;
  const PackageSettings& package_;
  const bool forgiving_;
};

}  // namespace

Value var_lookup(const ProjectSettings& settings, const PackageSettings& package, bool forgiving) {
  return Value(jinja::make<VarLookup>(settings, package, forgiving));
}

}  // namespace plumb::project
