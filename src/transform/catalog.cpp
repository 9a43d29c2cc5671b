#include "transform/catalog.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/format.h"
#include "transform/node_relation.h"

namespace plumb::transform {

using jinja::State;
using jinja::Value;
using project::Node;
using project::ResourceType;

namespace {

// Names are found whatever their case.
std::string key_of(std::string_view database, std::string_view schema, std::string_view name) {
  return plumb::format("{}.{}.{}", jinja::to_lower(database), jinja::to_lower(schema), jinja::to_lower(name));
}

// What the catalog's rows say, by column's name.
class Rows {
 public:
  Rows(State& state, const TableData& table) : state_(state), table_(table) {}
  std::size_t size() const { return table_.rows.size(); }
  Value value(std::size_t row, std::string_view column) const {
    auto found = find_cell(table_, row, column);
    return found ? *found : Value::none();
  }
  std::string text(std::size_t row, std::string_view column) const {
    Value found = value(row, column);
    return found.is_none() ? std::string() : jinja::to_str(state_, found);
  }
  // "stats:row_count:value" and the like.
  Value stats(std::size_t row) const {
    std::map<std::string, Value> stats;
    for (const std::string& name : table_.names) {
      if (!name.starts_with("stats:")) continue;
      std::size_t colon = name.find(':', 6);
      if (colon == std::string::npos) continue;
      std::string id = name.substr(6, colon - 6);
      Value& stat = stats.try_emplace(id, Value::dict({{"id", id}})).first->second;
      stat.as_dict().set(name.substr(colon + 1), value(row, name));
    }
    Value kept = Value::dict();
    bool any = false;
    for (auto& [id, stat] : stats) {
      const Value* include = stat.as_dict().find("include");
      if (include == nullptr || !jinja::truth(state_, *include)) continue;
      any = true;
      kept.as_dict().set(id, stat);
    }
    kept.as_dict().set("has_stats",
                       Value::dict({{"id", "has_stats"},
                                    {"label", "Has Stats?"},
                                    {"value", any},
                                    {"include", false},
                                    {"description", "Indicates whether there are statistics for this table"}}));
    return kept;
  }

 private:
  State& state_;
  const TableData& table_;
};

// Tables by key_of, each as the catalog prints it but for its unique id.
using Tables = std::map<std::string, Value>;

void add_tables(Tables& tables, const Rows& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::string key =
        key_of(rows.text(row, "table_database"), rows.text(row, "table_schema"), rows.text(row, "table_name"));
    auto [table, fresh] = tables.try_emplace(key);
    if (fresh) {
      Value about = Value::dict({{"type", rows.text(row, "table_type")},
                                 {"schema", rows.text(row, "table_schema")},
                                 {"name", rows.text(row, "table_name")},
                                 {"database", rows.text(row, "table_database")},
                                 {"comment", rows.value(row, "table_comment")},
                                 {"owner", rows.value(row, "table_owner")}});
      table->second = Value::dict({{"metadata", about}, {"columns", Value::dict()}, {"stats", rows.stats(row)}});
    }
    std::string name = rows.text(row, "column_name");
    if (name.empty()) continue;
    table->second.as_dict().find("columns")->as_dict().set(
        name, Value::dict({{"type", rows.text(row, "column_type")},
                           {"index", rows.value(row, "column_index")},
                           {"name", name},
                           {"comment", rows.value(row, "column_comment")}}));
  }
}

// The schemas of what has a place, by database.
std::map<std::string, std::set<std::string>> schemas_of(const project::Manifest& manifest) {
  std::map<std::string, std::set<std::string>> schemas;
  for (const Node& node : manifest.nodes) {
    if (!node.relation_name.empty()) schemas[node.database].insert(node.schema);
  }
  for (const project::Source& source : manifest.sources) schemas[source.database].insert(source.schema);
  return schemas;
}

Value with_id(const Value& table, const std::string& id) {
  Value entry = Value::dict();
  std::size_t position = 0;
  while (const Value::Entry* part = table.as_dict().next(position)) entry.as_dict().set(part->key, part->value);
  entry.as_dict().set("unique_id", id);
  return entry;
}

Tables ask_for_tables(RunContext& context) {
  const auto* macro = context.catalog().find(context.invocation().settings().root.name, "get_catalog");
  if (macro == nullptr) jinja::raise("CompilationError", "No macro named 'get_catalog' found");
  Tables tables;
  for (const auto& [database, schemas] : schemas_of(context.invocation().manifest())) {
    RelationFields about{.engine = context.invocation().engine(), .path = {.database = database}};
    about.include.identifier = false;
    Value information(jinja::make<InformationSchema>(about, std::string()));
    std::vector<Value> list(schemas.begin(), schemas.end());
    Value answer = context.call(
        *macro, {{Value("information_schema"), information}, {Value("schemas"), Value::list(std::move(list))}});
    context.work([&](State& state) { add_tables(tables, Rows(state, table_argument(answer).data())); });
  }
  return tables;
}

}  // namespace

std::string catalog_json(RunContext& context, const RunResultsMetadata& metadata, bool empty) {
  const project::Manifest& manifest = context.invocation().manifest();
  Tables tables = empty ? Tables() : ask_for_tables(context);
  Value nodes = Value::dict(), sources = Value::dict();
  for (const Node& node : manifest.nodes) {
    auto table = tables.find(key_of(node.database, node.schema, node.alias));
    if (!node.relation_name.empty() && table != tables.end()) {
      nodes.as_dict().set(node.unique_id, with_id(table->second, node.unique_id));
    }
  }
  for (const project::Source& source : manifest.sources) {
    auto table = tables.find(key_of(source.database, source.schema, source.identifier));
    if (table != tables.end()) sources.as_dict().set(source.unique_id, with_id(table->second, source.unique_id));
  }
  Value document =
      Value::dict({{"metadata", Value::dict({{"dbt_schema_version", "https://schemas.getdbt.com/dbt/catalog/v1.json"},
                                             {"dbt_version", project::kDbtVersion},
                                             {"generated_at", metadata.generated_at},
                                             {"invocation_id", metadata.invocation_id},
                                             {"invocation_started_at", metadata.invocation_started_at},
                                             {"env", metadata.env.is_undefined() ? Value::dict() : metadata.env}})},
                   {"nodes", nodes},
                   {"sources", sources},
                   {"errors", Value::none()}});
  std::string text;
  project::append_json(text, document);
  return text;
}

}  // namespace plumb::transform
