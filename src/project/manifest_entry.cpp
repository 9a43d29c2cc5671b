// Nodes and the rest as the dicts that manifest.json holds and templates see.
#include "project/manifest.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

Value text_or_none(const std::string& text) {
  return text.empty() ? Value::none() : Value(text);
}

Value texts(const std::vector<std::string>& list) {
  std::vector<Value> items;
  items.reserve(list.size());
  for (const std::string& text : list) items.emplace_back(text);
  return Value::list(std::move(items));
}

Value said_or(const Value& value, Value fallback) {
  return value.is_undefined() ? fallback : value;
}

Value ref_list(const std::vector<RefCall>& refs) {
  std::vector<Value> items;
  items.reserve(refs.size());
  for (const RefCall& ref : refs) {
    items.push_back(
        Value::dict({{"name", ref.name}, {"package", text_or_none(ref.package)}, {"version", ref.version}}));
  }
  return Value::list(std::move(items));
}

Value source_list(const std::vector<SourceCall>& sources) {
  std::vector<Value> items;
  items.reserve(sources.size());
  for (const SourceCall& source : sources) items.push_back(Value::list({source.source, source.table}));
  return Value::list(std::move(items));
}

Value nested(const std::vector<std::vector<std::string>>& lists) {
  std::vector<Value> items;
  items.reserve(lists.size());
  for (const auto& list : lists) items.push_back(texts(list));
  return Value::list(std::move(items));
}

Value column_list(const std::vector<Column>& columns) {
  auto all = jinja::make<Dict>();
  for (const Column& column : columns) {
    Value entry = Value::dict({{"name", column.name},
                               {"description", column.description},
                               {"meta", said_or(column.meta, Value::dict())},
                               {"data_type", said_or(column.data_type, Value::none())},
                               {"constraints", said_or(column.constraints, Value::list())},
                               {"quote", said_or(column.quote, Value::none())},
                               {"config", said_or(column.config, Value::dict())},
                               {"tags", said_or(column.tags, Value::list())},
                               {"granularity", said_or(column.granularity, Value::none())},
                               {"doc_blocks", texts(column.doc_blocks)}});
    if (column.extra.kind() == jinja::Kind::Dict) {
      std::size_t position = 0;
      while (const Value::Entry* more = column.extra.as_dict().next(position)) {
        entry.as_dict().set(more->key, more->value);
      }
    }
    all->set(column.name, std::move(entry));
  }
  return Value(all);
}

Value config_or(const Node& node, std::string_view key, Value fallback) {
  const Value* found = node.config ? node.config->find(key) : nullptr;
  return found ? *found : fallback;
}

Value dict_or_empty(const Ref<Dict>& dict) {
  return dict ? Value(dict) : Value::dict();
}

Value docs_default() {
  return Value::dict({{"show", true}, {"node_color", Value::none()}});
}

Value contract_of(const Node& node) {
  Value config = config_or(node, "contract", Value());
  Value contract = Value::dict({{"enforced", false}, {"alias_types", true}});
  if (config.kind() == jinja::Kind::Dict) {
    for (std::string_view key : {"enforced", "alias_types"}) {
      if (const Value* said = config.as_dict().find(key)) contract.as_dict().set(key, *said);
    }
  }
  contract.as_dict().set("checksum", node.contract_checksum);
  return contract;
}

// What all of them begin with.
void add_head(Dict& entry, std::string_view name, ResourceType type, const std::string& package, const Origin& origin,
              const std::string& unique_id) {
  entry.set("name", name);
  entry.set("resource_type", to_string(type));
  entry.set("package_name", package);
  entry.set("path", origin.path_in_root);
  entry.set("original_file_path", origin.path);
  entry.set("unique_id", unique_id);
}

void add_own(Dict& entry, const Node& node) {
  entry.set("fqn", texts(node.fqn));
  entry.set("alias", node.alias);
  entry.set("checksum", Value::dict({{"name", node.checksum_name}, {"checksum", node.checksum}}));
  entry.set("config", dict_or_empty(node.config));
  entry.set("tags", texts(node.tag_list));
  entry.set("description", node.description);
  entry.set("columns", column_list(node.columns));
  entry.set("meta", config_or(node, "meta", Value::dict()));
  entry.set("group", text_or_none(node.group()));
  entry.set("docs", config_or(node, "docs", docs_default()));
  entry.set("patch_path", node.patch ? Value(node.patch->package + "://" + node.patch->path) : Value::none());
  entry.set("build_path", Value::none());
  entry.set("unrendered_config", dict_or_empty(node.unrendered_config));
  entry.set("created_at", node.created_at);
  entry.set("relation_name", text_or_none(node.relation_name));
  entry.set("raw_code", node.raw_code);
  entry.set("doc_blocks", texts(node.doc_blocks));
}

void add_links(Dict& entry, const Node& node) {
  entry.set("language", node.language);
  entry.set("refs", ref_list(node.refs));
  entry.set("sources", source_list(node.sources));
  entry.set("metrics", nested(node.metrics));
  entry.set("functions", nested(node.functions));
  entry.set("depends_on",
            Value::dict({{"macros", texts(node.depends_on.macros)}, {"nodes", texts(node.depends_on.nodes)}}));
  entry.set("compiled_path", Value::none());
  entry.set("contract", contract_of(node));
}

void add_model(Dict& entry, const Node& node) {
  entry.set("access", config_or(node, "access", "protected"));
  entry.set("constraints", said_or(node.constraints, Value::list()));
  entry.set("version", node.version);
  entry.set("latest_version", node.latest_version);
  entry.set("deprecation_date", said_or(node.deprecation_date, Value::none()));
  entry.set("primary_key", texts(node.primary_key));
  entry.set("time_spine", said_or(node.time_spine, Value::none()));
}

void add_test(Dict& entry, const Node& node) {
  entry.set("column_name", text_or_none(node.column_name));
  entry.set("file_key_name", text_or_none(node.file_key_name));
  entry.set("attached_node", text_or_none(node.attached_node));
  entry.set("test_metadata", Value::dict({{"name", node.test->name},
                                          {"kwargs", node.test->arguments},
                                          {"namespace", text_or_none(node.test->package)}}));
}

Value unit_test_entry(const Node& node) {
  auto entry = jinja::make<Dict>();
  entry->set("model", node.unit_model);
  entry->set("given", said_or(node.given, Value::list()));
  entry->set("expect", said_or(node.expect, Value::none()));
  add_head(*entry, node.name, node.type, node.package, node.origin, node.unique_id);
  entry->set("fqn", texts(node.fqn));
  entry->set("description", node.description);
  entry->set("overrides", said_or(node.overrides, Value::none()));
  entry->set("depends_on",
             Value::dict({{"macros", texts(node.depends_on.macros)}, {"nodes", texts(node.depends_on.nodes)}}));
  entry->set("config", dict_or_empty(node.config));
  entry->set("checksum", node.checksum);
  entry->set("schema", text_or_none(node.schema));
  entry->set("created_at", node.created_at);
  entry->set("versions", said_or(node.versions, Value::none()));
  entry->set("version", node.version);
  return Value(entry);
}

}  // namespace

Value manifest_entry(const Node& node) {
  if (node.type == ResourceType::UnitTest) return unit_test_entry(node);
  auto entry = jinja::make<Dict>();
  if (node.type == ResourceType::Function) entry->set("returns", node.returns);
  entry->set("database", text_or_none(node.database));
  entry->set("schema", node.schema);
  add_head(*entry, node.name, node.type, node.package, node.origin, node.unique_id);
  add_own(*entry, node);
  if (node.type == ResourceType::Seed) {
    entry->set("root_path", node.root_path);
    entry->set("depends_on", Value::dict({{"macros", texts(node.depends_on.macros)}}));
    return Value(entry);
  }
  add_links(*entry, node);
  if (node.type == ResourceType::Model) add_model(*entry, node);
  if (node.type == ResourceType::Function) entry->set("arguments", node.arguments);
  if (node.type == ResourceType::Operation) entry->set("index", node.index);
  if (node.test) add_test(*entry, node);
  return Value(entry);
}

Value manifest_entry(const Source& source) {
  auto entry = jinja::make<Dict>();
  entry->set("database", text_or_none(source.database));
  entry->set("schema", source.schema);
  add_head(*entry, source.name, ResourceType::Source, source.package, source.origin, source.unique_id);
  entry->set("fqn", texts(source.fqn));
  entry->set("source_name", source.source_name);
  entry->set("source_description", source.source_description);
  entry->set("loader", source.loader);
  entry->set("identifier", source.identifier);
  entry->set("quoting", said_or(source.quoting, Value::dict()));
  entry->set("loaded_at_field", source.loaded_at_field);
  entry->set("loaded_at_query", source.loaded_at_query);
  entry->set("freshness", source.freshness);
  entry->set("external", said_or(source.external, Value::none()));
  entry->set("description", source.description);
  entry->set("columns", column_list(source.columns));
  entry->set("meta", said_or(source.meta, Value::dict()));
  entry->set("source_meta", said_or(source.source_meta, Value::dict()));
  entry->set("tags", said_or(source.tags, Value::list()));
  entry->set("config", dict_or_empty(source.config));
  entry->set("patch_path", Value::none());
  entry->set("unrendered_config", dict_or_empty(source.unrendered_config));
  entry->set("relation_name", text_or_none(source.relation_name));
  entry->set("created_at", source.created_at);
  entry->set("unrendered_database", said_or(source.unrendered_database, Value::none()));
  entry->set("unrendered_schema", said_or(source.unrendered_schema, Value::none()));
  entry->set("doc_blocks", texts(source.doc_blocks));
  return Value(entry);
}

Value manifest_entry(const Other& other) {
  auto entry = jinja::make<Dict>();
  add_head(*entry, other.name, other.type, other.package, other.origin, other.unique_id);
  bool group = other.type == ResourceType::Group;
  if (!group) entry->set("fqn", texts(other.fqn));
  if (other.body) {
    std::size_t position = 0;
    while (const Value::Entry* field = other.body->next(position)) entry->set(field->key, field->value);
  }
  if (group) return Value(entry);
  entry->set("depends_on",
             Value::dict({{"macros", texts(other.depends_on.macros)}, {"nodes", texts(other.depends_on.nodes)}}));
  entry->set("refs", ref_list(other.refs));
  if (other.type == ResourceType::Exposure || other.type == ResourceType::Metric) {
    entry->set("sources", source_list(other.sources));
    entry->set("metrics", nested(other.metrics));
  }
  entry->set("created_at", other.created_at);
  return Value(entry);
}

Value manifest_entry(const Macro& macro) {
  std::vector<Value> arguments;
  for (const MacroArgument& argument : macro.arguments) {
    arguments.push_back(Value::dict(
        {{"name", argument.name}, {"type", text_or_none(argument.type)}, {"description", argument.description}}));
  }
  auto entry = jinja::make<Dict>();
  entry->set("name", macro.name);
  entry->set("resource_type", "macro");
  entry->set("package_name", macro.package);
  entry->set("path", macro.origin.path);
  entry->set("original_file_path", macro.origin.path);
  entry->set("unique_id", macro.unique_id);
  entry->set("macro_sql", macro.code);
  entry->set("depends_on", Value::dict({{"macros", texts(macro.depends_on.macros)}}));
  entry->set("description", macro.description);
  Value meta = said_or(macro.meta, Value::dict()), docs = said_or(macro.docs, docs_default());
  entry->set("meta", meta);
  entry->set("docs", docs);
  entry->set("config", said_or(macro.config, Value::dict({{"meta", meta}, {"docs", docs}})));
  entry->set("patch_path", macro.patch ? Value(macro.patch->package + "://" + macro.patch->path) : Value::none());
  entry->set("arguments", Value::list(std::move(arguments)));
  entry->set("created_at", macro.created_at);
  entry->set("supported_languages", macro.supported_languages);
  return Value(entry);
}

Value manifest_entry(const Doc& doc) {
  auto entry = jinja::make<Dict>();
  add_head(*entry, doc.name, ResourceType::Doc, doc.package, doc.origin, doc.unique_id);
  entry->set("block_contents", doc.text);
  return Value(entry);
}

}  // namespace plumb::project
