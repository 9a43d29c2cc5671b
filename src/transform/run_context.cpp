#include "transform/run_context.h"

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "transform/foreign_keys.h"
#include "transform/microbatch.h"
#include "transform/node_files.h"
#include "transform/node_relation.h"
#include "transform/python_model.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::Kind;
using jinja::Ref;
using jinja::State;
using jinja::Value;
using project::Node;
using project::Origin;
using project::ResourceType;

namespace {

// As dbt hands a node to templates: what is None is not there.
void drop_nones(jinja::Dict& dict) {
  for (const Value& key : dict.keys()) {
    if (dict.find(key)->is_none()) dict.erase(key);
  }
}

Value texts(const std::vector<std::string>& list) {
  std::vector<Value> items(list.begin(), list.end());
  return Value::list(std::move(items));
}

Value hooks_of(const Node& node, std::string_view key) {
  const Value* hooks = node.find_config(key);
  return hooks != nullptr && hooks->kind() == Kind::List ? *hooks : Value::list();
}

// A unit test's variables before those of the project.
Value overridden(const Value& function, const Value& overrides) {
  if (overrides.kind() != Kind::Dict) return function;
  return jinja::make_function("var", [function, overrides](State& state, Arguments arguments) {
    if (!arguments.positional.empty()) {
      if (const Value* found = overrides.as_dict().find(arguments.positional[0])) return *found;
    }
    return jinja::call(state, function, arguments);
  });
}

}  // namespace

// {{ config(…) }} says nothing more when a node runs; config.get() tells what was said.
class RunContext::NodeConfig final : public jinja::Object {
 public:
  explicit NodeConfig(RunContext& context) : context_(context) {}
  std::string_view type_name() const override { return "RuntimeConfigObject"; }
  std::string_view module_name() const override { return "dbt.context.providers"; }
  bool callable() const override { return true; }
  Value call(State&, Arguments) override { return Value(""); }

  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "model") return context_.model();
    return std::nullopt;
  }
  std::optional<Value> call_method(State& state, std::string_view name, Arguments arguments) override {
    if (name == "persist_relation_docs") return Value(persists("relation"));
    if (name == "persist_column_docs") return Value(persists("columns"));
    bool of_meta = name.starts_with("meta_");
    std::string_view verb = of_meta ? name.substr(5) : name;
    if (verb != "get" && verb != "require" && name != "set") return std::nullopt;
    if (name == "set") return Value("");
    static const jinja::Signature kGet{"get", {"name", "default", "validator"}, 1};
    auto [given, fallback, validator] = jinja::bind<3>(kGet, arguments);
    std::string key = jinja::to_str(state, given);
    if (const Value* found = of_meta ? find_meta(key) : find(key)) return *found;
    if (verb == "get") {
      if (!of_meta && find_meta(key)) warn_of_meta(key);
      return jinja::given(fallback) ? fallback : Value::none();
    }
    std::string id = context_.node_ ? context_.node_->unique_id : "None";
    jinja::raise("CompilationError",
                 plumb::format("Model '{}' does not define a required config parameter '{}'.", id, key));
  }

 private:
  const Value* find(std::string_view key) const {
    if (context_.node_ == nullptr) return nullptr;
    if (const Value* found = context_.node_->find_config(key)) return found;
    if (key == "pre_hook") return context_.node_->find_config("pre-hook");
    if (key == "post_hook") return context_.node_->find_config("post-hook");
    return nullptr;
  }
  const Value* find_meta(std::string_view key) const {
    const Value* meta = find("meta");
    return meta != nullptr && meta->kind() == Kind::Dict ? meta->as_dict().find(key) : nullptr;
  }
  void warn_of_meta(const std::string& key) const {
    context_.invocation_.say(
        plumb::format("[WARNING]: The key '{}' was not found using config.get('{}'), but was detected as a custom "
                      "config under 'meta'. Please use config.meta_get('{}') or config.meta_require('{}') instead of "
                      "config.get('{}') to access the custom config value if intended.",
                      key, key, key, key, key));
  }
  bool persists(std::string_view what) const {
    const Value* docs = find("persist_docs");
    if (docs == nullptr || docs->kind() != Kind::Dict) return false;
    const Value* said = docs->as_dict().find(what);
    return said != nullptr && said->kind() == Kind::Bool && said->as_bool();
  }

  RunContext& context_;
};

// What is the node's own, made when it is asked for.
class RunContext::NodeNames final : public jinja::Object {
 public:
  explicit NodeNames(RunContext& context) : context_(context), config_(jinja::make<NodeConfig>(context)) {}
  std::string_view type_name() const override { return "dict"; }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    const Node* node = context_.node_;
    if (const Value* more = context_.more_.as_dict().find(name)) return *more;
    if (name == "config") return config_;
    if (name == "graph") return context_.invocation_.graph();
    if (name == "load_result") return ResultStore::load_function(context_.results_);
    if (name == "store_result") return ResultStore::store_function(context_.results_);
    if (name == "store_raw_result") return ResultStore::store_raw_function(context_.results_);
    if (name == "database")
      return node ? Value(node->database) : Value(context_.invocation_.settings().target.database);
    if (name == "schema") return node ? Value(node->schema) : Value(context_.invocation_.settings().target.schema);
    if (name == "var") return context_.var_of(context_.own_package());
    if (name == "env_var" && context_.stand_ins_ != nullptr) {
      return overridden(*context_.invocation_.functions().as_dict().find("env_var"), context_.stand_ins_->env_vars);
    }
    if (name == "sql" || name == "compiled_code") return context_.compiled_;
    if (node == nullptr) return std::nullopt;
    if (name == "model") return context_.model();
    if (name == "this") {
      auto input = context_.find_stand_in("this");
      return input ? *input : context_.this_;
    }
    if (name == "defer_relation") return context_.defer_relation();
    if (name == "pre_hooks") return hooks_of(*node, "pre-hook");
    if (name == "post_hooks") return hooks_of(*node, "post-hook");
    return std::nullopt;
  }

 private:
  RunContext& context_;
  const Value config_;
};

RunContext::RunContext(const Invocation& invocation, Session& session, std::string_view thread)
    : invocation_(invocation),
      session_(session),
      sample_(sample_window(invocation)),
      environment_(project::run_options()),
      yaml_environment_(project::run_options()),
      worker_(environment_.parse("{{ plumb_run_() }}", std::string(kRunName))) {
  project::add_text_filters(environment_);
  project::add_native_filters(yaml_environment_);
  Surroundings surroundings;
  surroundings.quoting = invocation.quoting();
  surroundings.project_name = invocation.settings().root.name;
  surroundings.print = [this](std::string_view text) { invocation_.say(text); };
  surroundings.call_macro = [this](State& state, std::string_view name, Arguments arguments) -> std::optional<Value> {
    project::MacroScope& root = scope(invocation_.settings().root.name);
    const project::CatalogMacro* macro = root.find(name);
    if (macro == nullptr) return std::nullopt;
    return jinja::call(state, root.value_of(*macro), arguments);
  };
  surroundings.dispatch = [this](State& state, std::string_view name, const Value& package) {
    return project::dispatch_macro(scope(own_package()), std::string(name),
                                   package.is_none() ? std::string() : jinja::to_str(state, package));
  };
  adapter_ = make_adapter(session, std::move(surroundings));
  api_ = make_api(invocation.engine(), invocation.quoting());
  node_names_ = Value(jinja::make<NodeNames>(*this));
  more_ = Value::dict();
  results_ = jinja::make<ResultStore>();
  add_functions();
  functions_.as_dict().set("thread_id", thread);
}

RunContext::~RunContext() = default;

const std::string& RunContext::own_package() const {
  return node_ ? node_->package : invocation_.settings().root.name;
}

void RunContext::add_functions() {
  functions_ = Value::dict();
  jinja::Dict& names = functions_.as_dict();
  auto add = [&](std::string_view name, jinja::NativeFunction function) {
    names.set(name, jinja::make_function(std::string(name), std::move(function)));
  };
  add("ref", [this](State& state, Arguments arguments) { return ref(state, arguments); });
  add("source", [this](State& state, Arguments arguments) { return source(state, arguments); });
  add("function", [this](State& state, Arguments arguments) { return function(state, arguments); });
  add("metric", [](State& state, Arguments arguments) {
    return Value(arguments.positional.empty() ? "" : jinja::to_str(state, arguments.positional.back()));
  });
  add("render", [this](State& state, Arguments arguments) {
    static const jinja::Signature kRender{"render", {"string"}, 1};
    auto [text] = jinja::bind<1>(kRender, arguments);
    return Value(render(jinja::to_str(state, text), node_ ? node_->origin : Origin{}));
  });
  add("write", [this](State& state, Arguments arguments) {
    static const jinja::Signature kWrite{"write", {"payload"}, 1};
    auto [payload] = jinja::bind<1>(kWrite, arguments);
    std::string code = jinja::to_str(state, payload);
    if (node_) write_run_file(invocation_.settings(), *node_, code, batch_ ? batch_->id : "");
    return Value("");
  });
  add("submit_python_job", [this](State& state, Arguments arguments) {
    static const jinja::Signature kSubmit{"submit_python_job", {"parsed_model", "compiled_code"}, 2};
    auto [model, code] = jinja::bind<2>(kSubmit, arguments);
    run_python(*this, *node_, jinja::to_str(state, code));
    return Value("OK");
  });
  add("try_or_compiler_error", [](State& state, Arguments arguments) {
    if (arguments.positional.size() < 2)
      jinja::raise_type_error("try_or_compiler_error() takes a message and a function");
    return jinja::call(state, arguments.positional[1], {arguments.positional.subspan(2), arguments.keywords});
  });
  names.set("adapter", Value(adapter_));
  names.set("api", api_);
  names.set("context", project::context_view());
  names.set("selected_resources", texts(invocation_.selected));
  names.set("column", Value::none());
  names.set("sql_now", Value::none());
  names.set("env", invocation_.functions().as_dict().find("target") ? *invocation_.functions().as_dict().find("target")
                                                                    : Value::none());
  auto builtins = jinja::make<jinja::Dict>();
  for (std::string_view name : {"ref", "source", "adapter", "api"}) builtins->set(name, *names.find(name));
  std::size_t position = 0;
  while (const Value::Entry* entry = invocation_.functions().as_dict().next(position)) {
    builtins->set(entry->key, entry->value);
  }
  names.set("builtins", Value(builtins));
}

void RunContext::begin(const Node& node) {
  node_ = &node;
  model_ = Value();
  bool placed = node.type != ResourceType::Operation && node.type != ResourceType::Analysis;
  this_ = placed ? Value(relation_of(node, invocation_.engine(), invocation_.quoting())) : Value::none();
  compiled_ = Value::none();
  more_ = Value::dict();
  results_ = jinja::make<ResultStore>();
  ephemerals_.clear();
  batch_ = nullptr;
  stand_ins_ = nullptr;
  macros_ = Value();
}

void RunContext::set(std::string_view name, Value value) {
  more_.as_dict().set(name, std::move(value));
}

void RunContext::set_compiled(const std::string& code) {
  compiled_ = Value(code);
  model_ = Value();
}

// The table of another environment that stands for this node's.
Value RunContext::defer_relation() const {
  auto found = invocation_.deferred.find(node_->unique_id);
  if (found == invocation_.deferred.end()) return Value::none();
  return Value(relation_of(*found->second, invocation_.engine(), invocation_.quoting()));
}

Value RunContext::model() {
  if (!model_.is_undefined()) return model_;
  if (node_ == nullptr) return Value::none();
  model_ = manifest_entry(*node_);
  jinja::Dict& entry = model_.as_dict();
  resolve_foreign_keys(*this, *node_, entry);
  drop_nones(entry);
  if (!compiled_.is_none()) {
    entry.set("compiled", true);
    entry.set("compiled_code", compiled_);
    entry.set("extra_ctes_injected", true);
  }
  if (batch_ != nullptr) {
    std::string id = batch_->id;  // of files 2026-01-05, here 20260105
    std::erase(id, '-');
    entry.set("batch", Value::dict({{"id", id},
                                    {"event_time_start", project::python_utc_datetime(batch_->begin)},
                                    {"event_time_end", project::python_utc_datetime(batch_->end)}}));
  }
  return model_;
}

project::MacroScope& RunContext::scope(const std::string& package) {
  auto& found = scopes_[package];
  if (!found) found = jinja::make<project::MacroScope>(catalog(), package, macro_calls_);
  return *found;
}

Value RunContext::var_of(const std::string& package) {
  Value& var = vars_[package];
  if (var.is_undefined()) var = project::var_lookup(invocation_.settings(), invocation_.package(package), false);
  return stand_ins_ ? overridden(var, stand_ins_->vars) : var;
}

jinja::Context RunContext::names_of(const std::string& package, const Value& more) {
  jinja::Context context(invocation_.functions());
  context.add_layer(functions_);
  context.add_layer(node_names_);
  context.add_layer(Value(Ref<project::MacroScope>(&scope(package))));
  if (!macros_.is_undefined()) context.add_layer(scope(package).overridden(macros_));
  if (!more.is_undefined()) context.add_layer(more);
  return context;
}

namespace {

jinja::Source as_source(const std::string& text, const Origin& origin) {
  return {text, origin.path, {origin.line, origin.column}};
}

bool has_template(std::string_view text) {
  return text.find('{') != std::string_view::npos;
}

}  // namespace

std::string RunContext::render(const std::string& text, const Origin& origin, const Value& more) {
  if (!has_template(text)) return text;
  const std::string& package = origin.package.empty() ? invocation_.settings().root.name : origin.package;
  return environment_.parse(as_source(text, origin), origin.path)->render(names_of(package, more), invocation_.stop);
}

Value RunContext::render_value(const std::string& text, const Origin& origin) {
  if (!has_template(text)) return Value(text);
  const std::string& package = origin.package.empty() ? invocation_.settings().root.name : origin.package;
  return project::render_yaml(yaml_environment_, as_source(text, origin), names_of(package, {}), invocation_.stop);
}

Value RunContext::call(const project::CatalogMacro& macro, std::vector<jinja::Keyword> keywords) {
  Value result;
  work(
      [&](State& state) { result = jinja::call(state, scope(own_package()).value_of(macro), {.keywords = keywords}); });
  return result;
}

void RunContext::work(const std::function<void(State&)>& piece) {
  Value run = jinja::make_function("run", [&](State& state, Arguments) {
    piece(state);
    return Value("");
  });
  worker_->render(names_of(own_package(), Value::dict({{"plumb_run_", run}})), invocation_.stop);
}

// ---- ref() and source()

Ref<Relation> RunContext::relation(const Node& node) const {
  const Node* there = &node;
  if (auto other = invocation_.deferred.find(node.unique_id); other != invocation_.deferred.end())
    there = other->second;
  auto relation = relation_of(*there, invocation_.engine(), invocation_.quoting());
  if (!node.ephemeral()) return relation;
  return relation->with([&](RelationFields& fields) {
    fields.path = {.database = std::nullopt, .schema = std::nullopt, .identifier = ephemeral_name(node)};
    fields.quote.identifier = false;
    fields.type = "cte";
  });
}

void RunContext::expect_dependency(const std::string& unique_id, const std::string& hint) const {
  if (node_ == nullptr || stand_ins_ != nullptr || node_->unique_id.starts_with("sql_operation.")) return;
  const auto& known = node_->depends_on.nodes;
  if (std::find(known.begin(), known.end(), unique_id) != known.end()) return;
  jinja::raise("CompilationError",
               plumb::format("dbt was unable to infer all dependencies for the model \"{}\".\nThis typically happens "
                             "when ref() is placed within a conditional block.\n\nTo fix this, add the following hint "
                             "to the top of the model \"{}\":\n\n-- depends_on: {}",
                             node_->name, node_->name, hint));
}

std::optional<Value> RunContext::find_stand_in(std::string_view unique_id) {
  if (stand_ins_ == nullptr) return std::nullopt;
  auto input = stand_ins_->inputs.find(unique_id);
  if (input == stand_ins_->inputs.end()) return std::nullopt;
  note_ephemeral(*input->second);
  return Value(relation(*input->second));
}

void RunContext::note_ephemeral(const Node& node) {
  if (std::find(ephemerals_.begin(), ephemerals_.end(), &node) == ephemerals_.end()) ephemerals_.push_back(&node);
}

// --empty reads no rows; a batch and --sample those of their time.
Ref<Relation> RunContext::narrowed(Ref<Relation> relation, const Value* event_time) const {
  bool empty = invocation_.flag("EMPTY");
  const BatchWindow* window = batch_ != nullptr ? batch_ : sample_ ? &*sample_ : nullptr;
  bool filtered = window != nullptr && event_time != nullptr && event_time->is_string();
  if (!empty && !filtered) return relation;
  return relation->with([&](RelationFields& fields) {
    if (empty) fields.limit = 0;
    if (filtered) fields.event_time_filter = event_time_filter(event_time->as_string(), window->begin, window->end);
  });
}

Value RunContext::ref(State& state, Arguments arguments) {
  project::RefCall call = project::read_ref(state, arguments);
  const Node* found = invocation_.references().find(call, own_package());
  if (found == nullptr) {
    std::string version =
        call.version.is_none() ? "" : plumb::format(" with version '{}'", project::version_text(call.version));
    jinja::raise("CompilationError",
                 plumb::format("{} depends on a node named '{}'{}{} which was not found",
                               node_ ? "'" + node_->unique_id + "'" : "The operation", call.name, version,
                               call.package.empty() ? "" : " in package or project '" + call.package + "'"));
  }
  if (auto input = find_stand_in(found->unique_id)) return *input;
  std::string shown = call.package.empty() ? "'" + call.name + "'" : "'" + call.package + "', '" + call.name + "'";
  if (!call.version.is_none()) shown += ", v=" + project::version_text(call.version);
  expect_dependency(found->unique_id, "{{ ref(" + shown + ") }}");
  if (found->ephemeral()) {
    if (node_ && node_->type == ResourceType::Operation) {
      jinja::raise("CompilationError",
                   plumb::format("Operations can not ref() ephemeral nodes, but {} is ephemeral", found->name));
    }
    note_ephemeral(*found);
    return Value(narrowed(relation(*found), nullptr));
  }
  return Value(narrowed(relation(*found), found->find_config("event_time")));
}

// {{ function('name') }}(x): the function's own name in the database.
Value RunContext::function(State& state, Arguments arguments) {
  std::vector<std::string> call;
  for (const Value& part : arguments.positional) call.push_back(jinja::to_str(state, part));
  const Node* found = invocation_.references().find_function(call, own_package());
  if (found == nullptr) {
    jinja::raise("CompilationError", plumb::format("{} depends on a function named '{}' which was not found",
                                                   node_ ? "'" + node_->unique_id + "'" : "The operation",
                                                   call.empty() ? "" : call.back()));
  }
  return Value(relation(*found));
}

Value RunContext::source(State& state, Arguments arguments) {
  project::SourceCall call = project::read_source(state, arguments);
  const project::Source* found = invocation_.references().find(call, own_package());
  if (found == nullptr) {
    jinja::raise("CompilationError",
                 plumb::format("{} depends on a source named '{}.{}' which was not found",
                               node_ ? "'" + node_->unique_id + "'" : "The operation", call.source, call.table));
  }
  if (auto input = find_stand_in(found->unique_id)) return *input;
  const Value* event_time = found->config ? found->config->find("event_time") : nullptr;
  return Value(narrowed(relation_of(*found, invocation_.engine(), invocation_.quoting()), event_time));
}

}  // namespace plumb::transform
