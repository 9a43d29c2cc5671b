// Sources: tables that somebody else fills. What the source says its tables take over.
#include "base/format.h"
#include "project/parse.h"

namespace plumb::project {

using jinja::Dict;
using jinja::Ref;
using jinja::Value;

namespace {

bool is_said(const Value& value) {
  return !value.is_undefined() && !value.is_none();
}

// {count, period}, or both empty.
Value age(const Value& written) {
  Value age = Value::dict({{"count", Value::none()}, {"period", Value::none()}});
  if (written.kind() != jinja::Kind::Dict) return age;
  for (std::string_view key : {"count", "period"}) {
    if (const Value* said = written.as_dict().find(key)) age.as_dict().set(key, *said);
  }
  return age;
}

// A table's freshness over its source's: each of warn_after and error_after may stay what it was; `null` is none.
Value merged_freshness(const Value& source, const Value& table) {
  if (table.is_none()) return Value::none();
  if (!is_said(source) && !is_said(table)) return Value();
  Value merged = Value::dict();
  for (std::string_view key : {"warn_after", "error_after"}) {
    const Value* value = nullptr;
    for (const Value* from : {&source, &table}) {
      if (from->kind() != jinja::Kind::Dict) continue;
      const Value* said = from->as_dict().find(key);
      if (said && !said->is_none()) value = said;
    }
    merged.as_dict().set(key, age(value ? *value : Value::none()));
  }
  Value filter = Value::none();
  for (const Value* from : {&source, &table}) {
    if (from->kind() != jinja::Kind::Dict) continue;
    if (const Value* said = from->as_dict().find("filter"); said && !said->is_none()) filter = *said;
  }
  merged.as_dict().set("filter", filter);
  return merged;
}

Value from_config(const Value& config, std::string_view key, const Value& beside) {
  if (config.kind() == jinja::Kind::Dict) {
    if (const Value* said = config.as_dict().find(key)) return *said;
  }
  return beside;
}

Value first_said(const Value& first, const Value& second) {
  return first.is_undefined() ? second : first;
}

Value quoting_of(const Value& source, const Value& table) {
  Value quoting = Value::dict();
  for (std::string_view key : {"database", "schema", "identifier", "column"}) {
    Value value = Value::none();
    for (const Value* from : {&source, &table}) {
      if (from->kind() != jinja::Kind::Dict) continue;
      if (const Value* said = from->as_dict().find(key); said && !said->is_none()) value = *said;
    }
    quoting.as_dict().set(key, value);
  }
  return quoting;
}

Value merged_dicts(const Value& first, const Value& second) {
  auto merged = jinja::make<Dict>();
  for (const Value* dict : {&first, &second}) {
    if (dict->kind() != jinja::Kind::Dict) continue;
    std::size_t position = 0;
    while (const Value::Entry* entry = dict->as_dict().next(position)) merged->set(entry->key, entry->value);
  }
  return Value(merged);
}

Value joined_lists(const Value& first, const Value& second) {
  std::vector<Value> items = listified(first).items();
  for (const Value& item : listed(second)) {
    bool known =
        std::any_of(items.begin(), items.end(), [&](const Value& other) { return jinja::equal_keys(other, item); });
    if (!known) items.push_back(item);
  }
  return Value::list(std::move(items));
}

// What dbt knows of an external table, whatever else is said of it.
Value external_of(const Value& written) {
  if (written.kind() != jinja::Kind::Dict) return Value::none();
  Value external = Value::dict();
  for (std::string_view key : {"location", "file_format", "row_format", "tbl_properties", "partitions"}) {
    const Value* said = written.as_dict().find(key);
    external.as_dict().set(key, said ? *said : Value::none());
  }
  std::size_t position = 0;
  while (const Value::Entry* entry = written.as_dict().next(position)) {
    if (!external.as_dict().find(entry->key)) external.as_dict().set(entry->key, entry->value);
  }
  return external;
}

std::string text_of(const Value& value, std::string_view fallback) {
  return is_said(value) ? python_text(value) : std::string(fallback);
}

class SourceMaker {
 public:
  SourceMaker(Parse& parse, const LoadedProperties& properties, const SourcePatch& patch)
      : parse_(parse), properties_(properties), patch_(patch) {}

  void make(const TablePatch& table) {
    Source source;
    source.package = properties_.file->package;
    source.source_name = patch_.name;
    source.name = table.name;
    source.unique_id = format("source.{}.{}.{}", source.package, source.source_name, source.name);
    Place place = table.node.place();
    source.origin = origin_of(properties_, table.node);
    source.origin.path_in_root = source.origin.path;  // what dbt makes of it
    source.fqn = fqn_of(*properties_.file, {source.source_name, source.name});
    source.database = text_of(patch_.database, parse_.settings.target.database);
    source.schema = text_of(patch_.schema, patch_.name);
    source.identifier = text_of(table.identifier, table.name);
    source.loader = text_of(first_said(table.loader, patch_.loader), "");
    source.unrendered_database = patch_.unrendered_database;
    source.unrendered_schema = patch_.unrendered_schema;
    source.created_at = parse_.now;
    source.source_description =
        parse_.docs.render(patch_.description, source.package, patch_.node.place(), ignored_blocks_);
    source.description = parse_.docs.render(table.description, source.package, place, source.doc_blocks);
    source.columns = read_columns(parse_, source.package, table.columns);
    source.quoting = quoting_of(patch_.quoting, table.quoting);
    source.external = external_of(table.external);
    configure(source, table);
    name(source);
    if (source.enabled) claim(parse_, source);
    (source.enabled ? parse_.manifest.sources : parse_.manifest.disabled_sources).push_back(std::move(source));
  }

 private:
  void configure(Source& source, const TablePatch& table) {
    auto both = [&](std::string_view key, const Value& of_source, const Value& of_table) {
      return std::pair(from_config(patch_.config, key, of_source), from_config(table.config, key, of_table));
    };
    auto layer = jinja::make<Dict>();
    auto add_rest = [&](const Value& config) {
      if (config.kind() == jinja::Kind::Dict) merge_config(*layer, config.as_dict());
    };
    add_rest(patch_.config);
    add_rest(table.config);
    auto freshness = both("freshness", patch_.freshness, table.freshness);
    auto field = both("loaded_at_field", patch_.loaded_at_field, table.loaded_at_field);
    auto query = both("loaded_at_query", patch_.loaded_at_query, table.loaded_at_query);
    auto meta = both("meta", patch_.meta, table.meta);
    auto tags = both("tags", patch_.tags, table.tags);
    Value merged = merged_freshness(freshness.first, freshness.second);
    if (!merged.is_undefined()) layer->set("freshness", merged);
    auto set = [&](std::string_view key, const Value& value) {
      layer->set(key, value.is_undefined() ? Value::none() : value);
    };
    set("loaded_at_field", first_said(field.second, field.first));
    set("loaded_at_query", first_said(query.second, query.first));
    layer->set("meta", merged_dicts(meta.first, meta.second));
    layer->set("tags", joined_lists(tags.first, tags.second));
    auto complete =
        parse_.bench->configs.complete(ResourceType::Source, source.package, source.fqn, {.properties = layer.get()});
    source.config = complete.config;
    source.unrendered_config = complete.unrendered;
    source.source_meta = meta.first.kind() == jinja::Kind::Dict ? meta.first : Value::dict();
    auto config = [&](std::string_view key) { return *source.config->find(key); };
    source.meta = config("meta");
    source.tags = config("tags");
    source.freshness = config("freshness");
    source.loaded_at_field = config("loaded_at_field");
    source.loaded_at_query = config("loaded_at_query");
    Value enabled = config("enabled");
    source.enabled = enabled.kind() == jinja::Kind::Bool && enabled.as_bool();
  }

  void name(Source& source) {
    RelationParts parts{.database = source.database, .schema = source.schema, .identifier = source.identifier};
    auto apply = [&](const Value& quoting) {
      if (quoting.kind() != jinja::Kind::Dict) return;
      auto set = [&](std::string_view key, bool& flag) {
        const Value* said = quoting.as_dict().find(key);
        if (said && said->kind() == jinja::Kind::Bool) flag = said->as_bool();
      };
      set("database", parts.quote_database);
      set("schema", parts.quote_schema);
      set("identifier", parts.quote_identifier);
    };
    apply(parse_.settings.root.quoting);
    apply(source.quoting);
    source.relation_name = render_relation(parts);
  }

  Parse& parse_;
  const LoadedProperties& properties_;
  const SourcePatch& patch_;
  std::vector<std::string> ignored_blocks_;
};

}  // namespace

void parse_sources(Parse& parse, const LoadedPackage& package) {
  for (const LoadedProperties& properties : package.properties) {
    for (const SourcePatch& patch : properties.content.sources) {
      SourceMaker maker(parse, properties, patch);
      for (const TablePatch& table : patch.tables) maker.make(table);
    }
  }
}

}  // namespace plumb::project
