#include "project/parse_context.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "project/blocks.h"
#include "project/config_renderer.h"
#include "project/modules.h"
#include "project/node_config.h"
#include "project/tags.h"
#include "project/template_calls.h"
#include "project/text_edges.h"

namespace plumb::project {

using jinja::Arguments;
using jinja::State;
using jinja::Value;

namespace {

// {{ config(materialized='table') }} notes; what is asked of it is not known yet.
class ConfigNotes final : public jinja::Object {
 public:
  explicit ConfigNotes(const jinja::Ref<jinja::Dict>& calls) : calls_(calls) {}
  std::string_view type_name() const override { return "ParseConfigObject"; }
  bool callable() const override { return true; }
  Value call(State&, Arguments arguments) override {
    std::vector<std::pair<std::string_view, Value>> said;
    if (arguments.positional.size() == 1 && arguments.keywords.empty() &&
        arguments.positional[0].kind() == jinja::Kind::Dict) {
      std::size_t position = 0;
      while (const Value::Entry* entry = arguments.positional[0].as_dict().next(position)) {
        said.emplace_back(entry->key.as_string(), entry->value);
      }
    } else if (arguments.positional.empty() && !arguments.keywords.empty()) {
      for (const jinja::Keyword& entry : arguments.keywords) said.emplace_back(entry.name.as_string(), entry.value);
    } else {
      jinja::raise("CompilationError", "Invalid inline model config",
                   "config() takes keywords: config(materialized='table')");
    }
    expect_one_spelling(said);
    for (const auto& [key, value] : said) merge_config_call(*calls_, key, value);
    return Value("");
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "set") {
      static const jinja::Signature kSet{"set", {"name", "value"}, 2};
      auto [key, value] = jinja::bind<2>(kSet, arguments);
      merge_config_call(*calls_, jinja::to_str(state, key), value);
      return Value("");
    }
    constexpr std::array<std::string_view, 4> kEmpty{"get", "require", "meta_get", "meta_require"};
    if (std::find(kEmpty.begin(), kEmpty.end(), name) != kEmpty.end()) return Value("");
    if (name == "persist_relation_docs" || name == "persist_column_docs") return Value(false);
    return std::nullopt;
  }

 private:
  // Hooks have two names each; both in one call cannot be meant.
  static void expect_one_spelling(const std::vector<std::pair<std::string_view, Value>>& said) {
    auto has = [&](std::string_view key) {
      return std::any_of(said.begin(), said.end(), [&](const auto& entry) { return entry.first == key; });
    };
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSpellings{
        {{"pre_hook", "pre-hook"}, {"post_hook", "post-hook"}}};
    for (auto [word, other] : kSpellings) {
      if (!has(word) || !has(other)) continue;
      jinja::raise("CompilationError",
                   plumb::format("Invalid config, has conflicting keys \"{}\" and \"{}\"", word, other),
                   "keep one of them, as a list of hooks");
    }
  }

  const jinja::Ref<jinja::Dict>& calls_;
};

}  // namespace

// What is the node's own: this, model, var, schema, database.
class ParseContext::NodeNames final : public jinja::Object {
 public:
  explicit NodeNames(ParseContext& context) : context_(context) {}
  std::string_view type_name() const override { return "dict"; }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (context_.node_ == nullptr) return std::nullopt;
    const Node& node = *context_.node_;
    if (name == "this") {
      if (context_.this_.is_undefined()) {
        context_.this_ = Value(jinja::make<Relation>(context_.relation_of(node)));
      }
      return context_.this_;
    }
    if (name == "model") {
      if (context_.model_.is_undefined()) {
        if (!node.config && context_.prepare) context_.prepare();
        context_.model_ = manifest_entry(node);
      }
      return context_.model_;
    }
    if (name == "var") return context_.var_of(node.package);
    if (name == "schema") return Value(context_.settings_.target.schema);
    if (name == "database") return Value(context_.settings_.target.database);
    return std::nullopt;
  }

 private:
  ParseContext& context_;
};

ParseContext::ParseContext(const ProjectSettings& settings, const MacroCatalog& catalog, const Say& say,
                           const Say& warn)
    : settings_(settings),
      catalog_(catalog),
      environment_(parse_options()),
      yaml_environment_(parse_options()),
      functions_(template_functions(settings, say, warn)),
      calls_(jinja::make<jinja::Dict>()) {
  add_tags(environment_);
  add_text_filters(environment_);
  add_native_filters(yaml_environment_);
  node_names_ = Value(jinja::make<NodeNames>(*this));
  add_functions();
}

ParseContext::~ParseContext() = default;

void ParseContext::add_functions() {
  jinja::Dict& names = functions_.as_dict();
  auto add = [&](std::string_view name, jinja::NativeFunction function) {
    names.set(name, jinja::make_function(std::string(name), std::move(function)));
  };
  auto own_relation = [this](State& state) { return *node_names_.as_object().find_attribute(state, "this"); };
  add("ref", [this, own_relation](State& state, Arguments arguments) {
    node_->refs.push_back(read_ref(state, arguments));
    return own_relation(state);
  });
  add("source", [this, own_relation](State& state, Arguments arguments) {
    node_->sources.push_back(read_source(state, arguments));
    return own_relation(state);
  });
  add("metric", [this](State& state, Arguments arguments) {
    std::vector<std::string> call;
    for (const Value& part : arguments.positional) call.push_back(jinja::to_str(state, part));
    node_->metrics.push_back(call);
    return Value(call.empty() ? "" : call.back());
  });
  add("function", [this](State& state, Arguments arguments) {
    std::vector<std::string> call;
    for (const Value& part : arguments.positional) call.push_back(jinja::to_str(state, part));
    node_->functions.push_back(call);
    return Value(call.empty() ? "" : call.back());
  });
  names.set("config", Value(jinja::make<ConfigNotes>(calls_)));
  names.set("execute", false);
  names.set("adapter", adapter());
  Value column = settings_.column_class.is_undefined()
                     ? jinja::undefined_name(jinja::UndefinedKind::Forgiving, "Column")
                     : settings_.column_class;
  names.set("api", Value::dict({{"Relation", relation_class()}, {"Column", column}}));
  names.set("modules", modules(settings_.clock ? *settings_.clock : system_clock_));
  names.set("run_started_at", python_utc_datetime(settings_.started_at));
  names.set("graph", Value::dict());
  names.set("context", context_view());
  names.set("selected_resources", Value::list());
  names.set("pre_hooks", Value::list());
  names.set("post_hooks", Value::list());
  names.set("sql", Value::none());
  names.set("sql_now", Value::none());
  names.set("column", Value::none());
  names.set("compiled_code", Value::none());
  names.set("defer_relation", Value::none());
  for (std::string_view name : {"load_result", "store_result", "store_raw_result", "submit_python_job", "write"}) {
    add(name, [](State&, Arguments) { return Value::none(); });
  }
  add("render",
      [](State&, Arguments arguments) { return arguments.positional.empty() ? Value("") : arguments.positional[0]; });
  add("load_agate_table", [](State&, Arguments) { return Value::none(); });
  names.set("builtins", Value(copy_dict(names)));
}

Value ParseContext::adapter() {
  return make_parse_adapter(settings_,
                            [this]() -> MacroScope& { return scope(node_ ? node_->package : settings_.root.name); });
}

void ParseContext::begin(Node& node) {
  node_ = &node;
  model_ = Value();
  this_ = Value();
  calls_ = jinja::make<jinja::Dict>();
  macro_calls_.noted = &node.depends_on.macros;
}

MacroScope& ParseContext::scope(const std::string& package) {
  auto& found = scopes_[package];
  if (!found) found = jinja::make<MacroScope>(catalog_, package, macro_calls_);
  return *found;
}

Value ParseContext::var_of(const std::string& name) {
  Value& var = vars_[name];
  if (var.is_undefined()) var = var_lookup(settings_, package(name), true);
  return var;
}

const PackageSettings& ParseContext::package(std::string_view name) const {
  for (const PackageSettings& package : settings_.packages) {
    if (package.name == name) return package;
  }
  return settings_.root;
}

// Macros go before everything: a project may define its own ref().
jinja::Context ParseContext::names_of(const std::string& package, const Value& more) {
  jinja::Context context(functions_);
  context.add_layer(node_names_);
  context.add_layer(Value(jinja::Ref<MacroScope>(&scope(package))));
  if (!more.is_undefined()) context.add_layer(more);
  return context;
}

namespace {

jinja::Source as_source(const std::string& text, const Origin& origin) {
  return {text, origin.path, {origin.line, origin.column}};
}

}  // namespace

std::string ParseContext::render(const std::string& text, const Origin& origin, const Value& more, bool notes_macros) {
  if (!has_template(text)) return text;
  if (!notes_macros) macro_calls_.noted = nullptr;
  return environment_.parse(as_source(text, origin), origin.path)->render(names_of(origin.package, more));
}

Value ParseContext::render_value(const std::string& text, const Origin& origin) {
  if (!has_template(text)) return Value(text);
  macro_calls_.noted = nullptr;
  return render_yaml(yaml_environment_, as_source(text, origin), names_of(origin.package, {}));
}

// ---- Names of relations

// Whether nobody has put a macro of their own in the place of this built-in one. `macro` is a literal.
bool ParseContext::is_builtin(std::string_view macro, const std::string& package) {
  auto [answer, fresh] = builtin_.try_emplace({package, macro}, true);
  if (!fresh) return answer->second;
  const CatalogMacro* found = catalog_.find(package, macro);
  if (found == nullptr) return true;  // without the built-in macros their answer still stands
  const CatalogMacro* dispatched = catalog_.dispatch(package, macro, "dbt").macro;
  return answer->second = found->builtin && dispatched && dispatched->builtin;
}

// What the project's own macro says, without the blanks around it.
std::string ParseContext::generate(std::string_view macro, const Node& node, const Value& custom) {
  auto found = generators_.find(macro);
  if (found == generators_.end()) {
    auto call = environment_.parse("{{ " + std::string(macro) + "(custom_name_, node_) }}", std::string(macro));
    found = generators_.emplace(macro, std::move(call)).first;
  }
  if (model_.is_undefined()) model_ = manifest_entry(node);
  Value more = Value::dict({{"custom_name_", custom}, {"node_", model_}});
  auto* noted = std::exchange(macro_calls_.noted, nullptr);
  std::string name = found->second->render(names_of(node.package, more));
  macro_calls_.noted = noted;
  model_ = Value();
  return std::string(strip(name));
}

void ParseContext::name_relation(Node& node) {
  model_ = Value();  // it knows its configuration by now
  auto custom = [&](std::string_view key) {
    const Value* value = node.find_config(key);
    return value ? *value : Value::none();
  };
  auto text = [&](std::string_view key) { return std::string(strip(node.config_text(key))); };
  Value schema = custom("schema"), database = custom("database"), alias = custom("alias");
  bool snapshot = node.type == ResourceType::Snapshot;

  if (snapshot && !custom("target_schema").is_none()) {
    node.schema = text("target_schema");
  } else if (!is_builtin("generate_schema_name", node.package)) {
    node.schema = generate("generate_schema_name", node, schema);
  } else {
    node.schema = settings_.target.schema;
    if (!schema.is_none()) node.schema += "_" + text("schema");
  }
  if (snapshot && !custom("target_database").is_none()) {
    node.database = text("target_database");
  } else if (!is_builtin("generate_database_name", node.package)) {
    node.database = generate("generate_database_name", node, database);
  } else {
    node.database = database.is_none() ? settings_.target.database : text("database");
  }
  if (!is_builtin("generate_alias_name", node.package)) {
    node.alias = generate("generate_alias_name", node, alias);
  } else if (!text("alias").empty()) {
    node.alias = text("alias");
  } else {
    node.alias = node.name;
    if (!node.version.is_none()) {
      node.alias += "_v" + version_text(node.version);
      std::replace(node.alias.end() - static_cast<std::ptrdiff_t>(version_text(node.version).size()), node.alias.end(),
                   '.', '_');
    }
  }
}

RelationParts ParseContext::relation_of(const Node& node) const {
  RelationParts parts{.database = node.database, .schema = node.schema, .identifier = node.alias};
  if (node.alias.empty()) {  // not named yet
    parts = {.database = settings_.target.database, .schema = settings_.target.schema, .identifier = node.name};
  }
  auto apply = [&](const Value* quoting) {
    if (quoting == nullptr || quoting->kind() != jinja::Kind::Dict) return;
    auto set = [&](std::string_view key, bool& flag) {
      const Value* said = quoting->as_dict().find(key);
      if (said && said->kind() == jinja::Kind::Bool) flag = said->as_bool();
    };
    set("database", parts.quote_database);
    set("schema", parts.quote_schema);
    set("identifier", parts.quote_identifier);
  };
  apply(&settings_.root.quoting);
  apply(node.find_config("quoting"));
  return parts;
}

}  // namespace plumb::project
