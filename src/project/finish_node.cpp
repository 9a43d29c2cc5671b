// What all nodes have in common: from the file to an entry of the manifest.
#include <algorithm>

#include "base/crypto.h"
#include "base/format.h"
#include "project/parse.h"
#include "project/semantic_body.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

const Value& said(const Value& first, const Value& second) {
  return first.is_undefined() ? second : first;
}

bool is_true(const Value* value) {
  return value != nullptr && value->kind() == jinja::Kind::Bool && value->as_bool();
}

// A layer of `config:` and of the keys that may stand beside it.
Ref<Dict> with_keys_beside(const FoundPatch& found, const Value& config, bool rendered) {
  const Patch& patch = *found.patch;
  auto layer = config.kind() == jinja::Kind::Dict ? copy_dict(config.as_dict()) : jinja::make<Dict>();
  auto add = [&](std::string_view key, const Value& value) {
    if (!value.is_undefined() && !value.is_none() && layer->find(key) == nullptr) layer->set(key, value);
  };
  add("access", patch.access);
  add("group", patch.group);
  add("docs", patch.docs);
  add("meta", patch.meta);
  add("freshness", patch.freshness);
  if (!patch.tags.is_undefined()) add("tags", patch.tags);
  const VersionPatch* version = found.version;
  if (version == nullptr) return layer;
  const Value own = rendered ? version->config : to_value(version->node.find("config"));
  if (own.kind() == jinja::Kind::Dict) merge_config(*layer, own.as_dict());
  for (const auto& [key, value] :
       {std::pair<std::string_view, Value>{"access", version->access}, {"docs", version->docs}}) {
    if (!value.is_undefined() && !value.is_none()) layer->set(key, value);
  }
  return layer;
}

void expect_bool(const Node& node, std::string_view key) {
  const Value* value = node.config->find(key);
  if (value == nullptr || value->kind() == jinja::Kind::Bool || value->is_none()) return;
  throw Error(
      ErrorKind::Config,
      format("Invalid config for {}: '{}' is not of type 'boolean' in `{}`", node.unique_id, python_text(*value), key),
      {.place = Place{.file = node.origin.path, .line = node.origin.line, .column = node.origin.column}});
}

bool has_relation(const Node& node) {
  switch (node.type) {
    case ResourceType::Model:
      return !node.ephemeral();
    case ResourceType::Seed:
    case ResourceType::Snapshot:
      return true;
    case ResourceType::Test:
      return is_true(node.config->find("store_failures"));
    default:
      return false;
  }
}

void add_tags(std::vector<std::string>& into, const Value& tags) {
  for (const Value& tag : listed(tags)) {
    std::string text = python_text(tag);
    if (std::find(into.begin(), into.end(), text) == into.end()) into.push_back(std::move(text));
  }
}

// A date without a time is its midnight.
Value at_midnight(const Value& date, std::string_view midnight) {
  bool bare = date.is_string() && date.as_string().size() == std::string_view("2026-01-01").size();
  return bare ? Value(std::string(date.as_string()) + std::string(midnight)) : date;
}

void apply_patch(Parse& parse, Node& node, const FoundPatch& found) {
  const Patch& patch = *found.patch;
  const VersionPatch* version = found.version;
  node.patch = Origin{.package = found.from->file->package, .path = found.from->file->path};
  const std::string& description = version && version->description ? *version->description : patch.description;
  node.description = parse.docs.render(description, node.package, patch.node.place(), node.doc_blocks);
  node.columns = read_columns(parse, node.package, columns_of(found));
  if (node.type != ResourceType::Model) return;
  const Value nothing;
  node.constraints = read_constraints(said(version ? version->constraints : nothing, patch.constraints), true);
  node.deprecation_date = at_midnight(version ? version->deprecation_date : patch.deprecation_date, "T00:00:00+00:00");
  node.time_spine = time_spine_entry(patch.time_spine);
}

std::string constraints_repr(const Value& constraints, std::string_view type) {
  std::string text = "[";
  for (const Value& constraint : constraints.items()) {
    if (text.size() > 1) text += ", ";
    auto get = [&](std::string_view key) {
      const Value* value = constraint.as_dict().find(key);
      return value ? python_repr(*value) : std::string("None");
    };
    std::string kind = python_text(*constraint.as_dict().find("type"));
    text += format(
        "{}(type=<ConstraintType.{}: '{}'>, name={}, expression={}, warn_unenforced={}, warn_unsupported={}, "
        "to={}, to_columns={}",
        type, kind, kind, get("name"), get("expression"), get("warn_unenforced"), get("warn_unsupported"), get("to"),
        get("to_columns"));
    if (type == "ModelLevelConstraint") text += ", columns=" + get("columns");
    text += ")";
  }
  return text + "]";
}

// What an enforced contract promises, as one number: it changes when the promise does.
void sum_contract(Node& node) {
  const Value* contract = node.find_config("contract");
  if (!contract || contract->kind() != jinja::Kind::Dict || !is_true(contract->as_dict().find("enforced"))) return;
  std::vector<const Column*> sorted;
  for (const Column& column : node.columns) sorted.push_back(&column);
  std::sort(sorted.begin(), sorted.end(), [](const Column* a, const Column* b) { return a->name < b->name; });
  std::string state;
  for (const Column* column : sorted) {
    state += "|" + column->name + python_text(column->data_type) +
             constraints_repr(column->constraints, "ColumnLevelConstraint");
  }
  std::string materialized = node.materialized();
  if (materialized == "table" || materialized == "incremental") {
    state += materialized;
    state += node.constraints.is_undefined() ? "[]" : constraints_repr(node.constraints, "ModelLevelConstraint");
  }
  node.contract_checksum = Value(sha256_hex(state));
}

// A model depends on the tables that its foreign keys point to.
void render_foreign_keys(ParseContext& context, Node& node) {
  auto render = [&](const Value& constraints) {
    for (const Value& constraint : listed(constraints)) {
      const Value* to = constraint.kind() == jinja::Kind::Dict ? constraint.as_dict().find("to") : nullptr;
      if (to == nullptr || !to->is_string() || to->as_string().empty()) continue;
      std::string_view call = to->as_string();
      if (!call.starts_with("ref(") && !call.starts_with("source(")) {
        throw Error(
            ErrorKind::Config,
            format("Invalid 'ref' or 'source' syntax on foreign key constraint 'to' on model {}: {}.", node.name, call),
            {.place = Place{.file = node.patch ? node.patch->path : node.origin.path},
             .hint = "write to: ref('model') or to: source('source', 'table')",
             .type = "ParsingError"});
      }
      context.render("{{ " + std::string(call) + " }}", node.origin);
    }
  };
  if (node.type != ResourceType::Model) return;
  if (!node.constraints.is_undefined()) render(node.constraints);
  for (const Column& column : node.columns) render(column.constraints);
}

// What hooks refer to, the node depends on; a seed depends on nothing.
void render_hooks(ParseContext& context, Node& node) {
  std::string shown;
  for (std::string_view key : {"pre-hook", "post-hook"}) {
    const Value* hooks = node.find_config(key);
    if (hooks == nullptr || hooks->kind() != jinja::Kind::List) continue;
    for (const Value& hook : hooks->items()) {
      const Value* sql = hook.kind() == jinja::Kind::Dict ? hook.as_dict().find("sql") : nullptr;
      if (sql == nullptr || !sql->is_string()) continue;
      context.render(std::string(sql->as_string()), node.origin);
      shown += format("\n- {}: \"{}\"", key == "pre-hook" ? "pre_hook" : "post_hook", sql->as_string());
    }
  }
  if (node.type != ResourceType::Seed || (node.refs.empty() && node.sources.empty() && node.metrics.empty())) return;
  throw Error(ErrorKind::Config,
              format("Seeds cannot depend on other nodes. dbt detected a seed with a pre- or post-hook that calls "
                     "'ref', 'source', or 'metric', either directly or indirectly via other macros.\n\nError raised "
                     "for '{}', which has these hooks defined:{}",
                     node.unique_id, shown),
              {.place = Place{.file = node.origin.path}, .type = "ParsingError"});
}

}  // namespace

Origin origin_of(const LoadedProperties& properties, const YamlNode& entry) {
  Place place = entry.place();
  return {.package = properties.file->package,
          .path = properties.file->path,
          .path_in_root = properties.file->path_in_root,
          .line = std::max(1, place.line),
          .column = std::max(1, place.column)};
}

std::vector<std::string> fqn_of(const SourceFile& file, std::initializer_list<std::string_view> names) {
  std::vector<std::string> fqn{file.package};
  std::string_view path = file.path_in_root;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    fqn.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  fqn.insert(fqn.end(), names.begin(), names.end());
  return fqn;
}

Node begin_node(const Parse& parse, ResourceType type, const SourceFile& file, std::string_view name) {
  Node node;
  node.type = type;
  node.name = name;
  node.package = file.package;
  node.unique_id = format("{}.{}.{}", to_string(type), node.package, name);
  node.origin = {.package = file.package,
                 .path = file.path,
                 .path_in_root = file.path_in_root,
                 .line = file.first_line,
                 .column = file.first_column};
  node.fqn = fqn_of(file, {name});
  node.language = file.python() ? "python" : "sql";
  node.raw_code = file.text;
  node.checksum_name = file.checksum_name;
  node.checksum = file.checksum;
  node.created_at = parse.now;
  return node;
}

Ref<Dict> patch_config(const FoundPatch& found) {
  return with_keys_beside(found, found.patch->config, true);
}

Ref<Dict> unrendered_patch_config(const FoundPatch& found) {
  return with_keys_beside(found, to_value(found.patch->node.find("config")), false);
}

// Of microbatch models.
void settle_begin(Node& node) {
  const Value* begin = node.find_config("begin");
  if (begin == nullptr || !begin->is_string()) return;
  Value time = at_midnight(*begin, "T00:00:00");
  node.config = copy_dict(*node.config);
  node.config->set("begin", time);
}

// A contract cannot hold where columns come and go unseen.
void expect_contract_keeps_schema(const Node& node) {
  const Value* contract = node.find_config("contract");
  const Value* enforced =
      contract && contract->kind() == jinja::Kind::Dict ? contract->as_dict().find("enforced") : nullptr;
  if (node.type != ResourceType::Model || node.materialized() != "incremental" || !is_true(enforced)) return;
  std::string change = node.config_text("on_schema_change", "ignore");
  if (change == "append_new_columns" || change == "fail") return;
  throw Error(
      ErrorKind::Config,
      format("Invalid value for on_schema_change: {}. Models materialized as incremental with contracts enabled "
             "must set on_schema_change to 'append_new_columns' or 'fail'",
             change),
      {.place = Place{.file = node.origin.path, .line = node.origin.line, .column = node.origin.column}});
}

Node settle_node(Parse& parse, Bench& bench, Node node, const FoundPatch* patch, const Ref<Dict>& extra_calls) {
  NodeConfigs::Layers layers;
  Ref<Dict> properties, unrendered;
  if (patch) {
    properties = patch_config(*patch);
    unrendered = unrendered_patch_config(*patch);
    layers.properties = properties.get();
    layers.unrendered_properties = unrendered.get();
    apply_patch(parse, node, *patch);
  }
  ParseContext& context = bench.context;
  context.begin(node);
  context.prepare = [&] {
    auto first = bench.configs.complete(node.type, node.package, node.fqn, layers);
    node.config = first.config;
  };
  if (node.language == "python") {
    context.render(python_calls(node.raw_code), node.origin);
    // What dbt puts into the code's own words, so that no file has a say in it.
    auto calls = context.config_calls();
    if (node.type == ResourceType::Model && !calls->find("materialized")) calls->set("materialized", "table");
  } else if (node.type != ResourceType::Seed) {
    context.render(node.raw_code, node.origin);
  }
  if (extra_calls) merge_config(*context.config_calls(), *extra_calls);
  layers.calls = context.config_calls().get();
  auto complete = bench.configs.complete(node.type, node.package, node.fqn, layers);
  node.config = complete.config;
  node.unrendered_config = complete.unrendered;
  expect_bool(node, "enabled");
  if (node.type == ResourceType::Test) settle_test(node);

  if (layers.calls->size() != 0 && properties) {  // dbt hears of the file's own tags before it reads the properties
    NodeConfigs::Layers file_only{.calls = layers.calls};
    add_tags(node.tag_list, *bench.configs.complete(node.type, node.package, node.fqn, file_only).config->find("tags"));
  }
  if (const Value* tags = node.find_config("tags")) add_tags(node.tag_list, *tags);
  context.name_relation(node);
  render_hooks(context, node);
  render_foreign_keys(context, node);
  if (has_relation(node)) node.relation_name = render_relation(context.relation_of(node));
  sum_contract(node);
  expect_contract_keeps_schema(node);
  settle_begin(node);
  node.enabled = is_true(node.config->find("enabled"));
  return node;
}

void place_node(Parse& parse, Node&& node) {
  if (!node.enabled) {
    parse.manifest.disabled_nodes.push_back(std::move(node));
    return;
  }
  claim(parse, node);
  parse.manifest.nodes.push_back(std::move(node));
}

void finish_node(Parse& parse, Node&& node, const FoundPatch* patch, const Ref<Dict>& extra_calls) {
  Node settled = settle_node(parse, *parse.bench, std::move(node), patch, extra_calls);
  say(parse, std::exchange(parse.bench->said, {}));
  place_node(parse, std::move(settled));
}

void settle_test(Node& node) {
  // A template gives it as text.
  if (const Value* limit = node.config->find("limit"); limit && limit->is_string()) {
    auto number = jinja::parse_literal(limit->as_string());
    if (number && number->is_int()) {
      node.config = copy_dict(*node.config);
      node.config->set("limit", *number);
    }
  }
  const Value* as = node.config->find("store_failures_as");
  const Value* store = node.config->find("store_failures");
  if (as && !as->is_none()) {
    node.config = copy_dict(*node.config);
    node.config->set("store_failures", !(as->is_string() && as->as_string() == "ephemeral"));
  } else if (store && !store->is_none()) {
    bool keeps = is_true(store);
    node.config = copy_dict(*node.config);
    node.config->set("store_failures_as", keeps ? "table" : "ephemeral");
  }
}

// ---- Columns and constraints

std::vector<ColumnPatch> columns_of(const FoundPatch& found) {
  const Patch& patch = *found.patch;
  if (found.version == nullptr || !found.version->has_columns) return patch.columns;
  const VersionPatch& version = *found.version;
  auto names = [](const Value& list, std::string_view name) {
    if (list.is_string()) return list.as_string() == "all" || list.as_string() == "*";
    if (list.kind() != jinja::Kind::List) return false;
    return std::any_of(list.items().begin(), list.items().end(),
                       [&](const Value& item) { return item.is_string() && item.as_string() == name; });
  };
  std::vector<ColumnPatch> columns;
  for (const ColumnPatch& column : patch.columns) {
    bool own = std::any_of(version.columns.begin(), version.columns.end(),
                           [&](const ColumnPatch& other) { return other.name == column.name; });
    if (!own && names(version.include, column.name) && !names(version.exclude, column.name)) columns.push_back(column);
  }
  columns.insert(columns.end(), version.columns.begin(), version.columns.end());
  return columns;
}

Value read_constraints(const Value& constraints, bool of_model) {
  std::vector<Value> list;
  if (constraints.kind() != jinja::Kind::List) return Value::list();
  for (const Value& written : constraints.items()) {
    if (written.kind() != jinja::Kind::Dict) continue;
    auto get = [&](std::string_view key, Value fallback) {
      const Value* value = written.as_dict().find(key);
      return value ? *value : fallback;
    };
    Value entry = Value::dict({{"type", get("type", Value::none())},
                               {"name", get("name", Value::none())},
                               {"expression", get("expression", Value::none())},
                               {"warn_unenforced", get("warn_unenforced", true)},
                               {"warn_unsupported", get("warn_unsupported", true)},
                               {"to", get("to", Value::none())},
                               {"to_columns", get("to_columns", Value::list())}});
    if (of_model) entry.as_dict().set("columns", get("columns", Value::list()));
    list.push_back(std::move(entry));
  }
  return Value::list(std::move(list));
}

std::vector<Column> read_columns(Parse& parse, std::string_view package, const std::vector<ColumnPatch>& patches) {
  std::vector<Column> columns;
  columns.reserve(patches.size());
  for (const ColumnPatch& patch : patches) {
    Column column;
    column.name = patch.name;
    column.description = parse.docs.render(patch.description, package, patch.node.place(), column.doc_blocks);
    column.data_type = patch.data_type.is_undefined() ? Value::none() : patch.data_type;
    column.quote = patch.quote.is_undefined() ? Value::none() : patch.quote;
    column.granularity = patch.granularity.is_undefined() ? Value::none() : patch.granularity;
    column.constraints = read_constraints(patch.constraints, false);
    Value config = Value::dict();
    config.as_dict().set("meta", patch.meta.kind() == jinja::Kind::Dict ? patch.meta : Value::dict());
    config.as_dict().set("tags", listified(patch.tags));
    if (patch.config.kind() == jinja::Kind::Dict) merge_config(config.as_dict(), patch.config.as_dict());
    column.meta = *config.as_dict().find("meta");
    column.tags = *config.as_dict().find("tags");
    column.config = std::move(config);
    column.extra = patch.extra;
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace plumb::project
