// What dbt-duckdb's adapter has of its own: files outside of the database, and DuckDB's catalog.
#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/format.h"
#include "transform/adapter.h"
#include "transform/index_config.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Kind;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

std::string text_at(State& state, const Value& dict, std::string_view key, std::string_view fallback = {}) {
  Value found = jinja::get_item(state, dict, Value(key));
  if (found.is_undefined() || found.is_none()) return std::string(fallback);
  return jinja::to_str(state, found);
}

// "a,b" or ['a', 'b'].
std::size_t count_columns(State& state, const Value& columns) {
  if (columns.kind() == Kind::List || columns.kind() == Kind::Tuple) return columns.items().size();
  std::string text = jinja::to_str(state, columns);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1;
}

std::string option_text(State& state, std::string_view key, const Value& value) {
  std::string text = jinja::to_str(state, value);
  bool quoted = key == "delimiter" || key == "quote" || key == "escape";
  if (quoted && value.is_string() && !text.starts_with('\'')) return quote_literal(text);
  bool several = key == "partition_by" && value.is_string() && text.find(',') != std::string::npos;
  return several && !text.starts_with('(') ? "(" + text + ")" : text;
}

// The options of COPY … TO for an external model's file.
Value external_write_options(Adapter&, State& state, Arguments arguments) {
  static const Signature kWrite{
      "DuckDBAdapter.external_write_options", {"write_location", "rendered_options"}, 2, SIZE_MAX, 1};
  auto [location, options] = bind<2>(kWrite, arguments);
  std::string text;
  auto add = [&](const std::string& option) { text += (text.empty() ? "" : ", ") + option; };
  std::string file_format;
  bool header = false;
  for (const Value& key : jinja::to_vector(state, options)) {
    std::string name = jinja::to_str(state, key);
    Value value = jinja::get_item(state, options, key);
    if (name == "format") file_format = jinja::to_str(state, value);
    if (name == "header") header = true;
    add(name + " " + option_text(state, name, value));
  }
  if (file_format.empty()) {
    std::string path = jinja::to_str(state, location);
    std::size_t dot = path.rfind('.');
    std::string ending =
        dot == std::string::npos || path.find('/', dot) != std::string::npos ? "" : path.substr(dot + 1);
    file_format = ending == "csv" || ending == "json" ? ending : "parquet";
    add("format " + file_format);
  }
  if (file_format == "csv" && !header) add("header 1");
  return Value(text);
}

// What to read for a model that was written with these options: a file, or a pattern of files.
Value external_read_location(Adapter&, State& state, Arguments arguments) {
  static const Signature kRead{
      "DuckDBAdapter.external_read_location", {"write_location", "rendered_options"}, 2, SIZE_MAX, 1};
  auto [location, options] = bind<2>(kRead, arguments);
  std::string path = jinja::to_str(state, location);
  Value partitions = jinja::get_item(state, options, Value("partition_by"));
  bool partitioned = !partitions.is_undefined() && jinja::truth(state, partitions);
  Value threads = jinja::get_item(state, options, Value("per_thread_output"));
  if (!partitioned && (threads.is_undefined() || !jinja::truth(state, threads))) return Value(path);
  for (std::size_t i = partitioned ? count_columns(state, partitions) : 0; i > 0; --i) path += "/*";
  return Value(path + "/*." + text_at(state, options, "format", "parquet"));
}

Value location_exists(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kExists{"DuckDBAdapter.location_exists", {"location"}, 1, SIZE_MAX, 1};
  auto [location] = bind<1>(kExists, arguments);
  // On a connection of its own: a question that fails must not end the transaction.
  auto connection = adapter.warehouse().connect();
  try {
    connection->execute(plumb::format("select 1 from {} where 1=0", quote_literal(jinja::to_str(state, location))));
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled) throw;
    return false;
  }
}

Value external_root(Adapter& adapter, State&, Arguments) {
  return Value(adapter.warehouse().text_setting("external_root", "."));
}

Value is_motherduck(Adapter& adapter, State&, Arguments) {
  std::string path = adapter.warehouse().text_setting("path");
  return Value(path.starts_with("md:") || path.starts_with("motherduck:"));
}

// Is the relation in a database that is attached as a DuckLake?
Value is_ducklake(Adapter& adapter, State&, Arguments arguments) {
  static const Signature kLake{"DuckDBAdapter.is_ducklake", {"relation"}, 1, SIZE_MAX, 1};
  auto [asked] = bind<1>(kLake, arguments);
  const auto* relation = asked.find_object<Relation>();
  const Value* attached = adapter.warehouse().find_setting("attach");
  if (relation == nullptr || attached == nullptr || attached->kind() != Kind::List) return false;
  for (const Value& entry : attached->items()) {
    if (entry.kind() != Kind::Dict) continue;
    const Value* alias = entry.as_dict().find("alias");
    const Value* path = entry.as_dict().find("path");
    const Value* said = entry.as_dict().find("is_ducklake");
    bool lake = (said != nullptr && said->kind() == Kind::Bool && said->as_bool()) ||
                (path != nullptr && path->is_string() && path->as_string().starts_with("ducklake:"));
    if (lake && alias != nullptr && alias->is_string() &&
        alias->as_string() == relation->path().database.value_or("")) {
      return true;
    }
  }
  return false;
}

Value disable_transactions(Adapter& adapter, State&, Arguments) {
  return Value(adapter.warehouse().flag_setting("disable_transactions"));
}

Value get_seed_file_path(Adapter&, State& state, Arguments arguments) {
  static const Signature kSeed{"DuckDBAdapter.get_seed_file_path", {"model"}, 1, SIZE_MAX, 1};
  auto [model] = bind<1>(kSeed, arguments);
  return Value(text_at(state, model, "root_path") + "/" + text_at(state, model, "original_file_path"));
}

// Where an incremental model's new rows wait when temporary tables can't be had: the same for the same model.
Value get_temp_relation_path(Adapter&, State& state, Arguments arguments) {
  static const Signature kTemp{"DuckDBAdapter.get_temp_relation_path", {"model"}, 1, SIZE_MAX, 1};
  const auto bound = bind<1>(kTemp, arguments);
  auto part = [&](std::string_view name) {
    Value found = jinja::get_attribute(state, bound[0], name);
    return found.is_undefined() || found.is_none() ? std::string() : jinja::to_str(state, found);
  };
  std::string name = part("identifier");
  if (name.empty()) name = part("alias");
  std::string hash = sha256_hex(part("database") + "." + part("schema") + "." + name).substr(0, 12);
  return Value(jinja::make<Record>(
      "Path", std::vector<Record::Field>{
                  {"database", part("database")}, {"schema", "dbt_temp"}, {"identifier", name + "__" + hash}}));
}

Value store_relation(Adapter&, State&, Arguments) {
  jinja::raise("DbtRuntimeError", "plugins of dbt-duckdb are Python, and Plumb runs none",
               "take `plugin` out of the model's config");
}

// The names and types of a query's columns, those within structs as columns of their own.
Value get_column_schema_from_query(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kSchema{"DuckDBAdapter.get_column_schema_from_query", {"sql"}, 1, SIZE_MAX, 1};
  auto [sql] = bind<1>(kSchema, arguments);
  TableDataPtr table = adapter.ask("describe " + jinja::to_str(state, sql));
  std::vector<Value> columns;
  for (const Value& row : table->rows) {
    Column column({.engine = db::Kind::DuckDb,
                   .name = jinja::to_str(state, row.items()[0]),
                   .dtype = jinja::to_str(state, row.items()[1])});
    for (const auto& leaf : column.flatten()) columns.emplace_back(leaf);
  }
  return Value::list(std::move(columns));
}

Value parse_index(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kIndex{"parse_index", {"raw_index"}, 1, SIZE_MAX, 1};
  auto [raw] = bind<1>(kIndex, arguments);
  if (raw.is_none()) return Value::none();
  return Value(IndexConfig::parse(state, adapter.kind(), raw));
}

Value valid_incremental_strategies(Adapter&, State&, Arguments) {
  return Value::list({"append", "delete+insert", "merge", "microbatch", "default"});
}

constexpr std::array<Adapter::NamedFunction, 14> kFunctions{{
    {"external_root", external_root},
    {"external_write_options", external_write_options},
    {"external_read_location", external_read_location},
    {"location_exists", location_exists},
    {"is_motherduck", is_motherduck},
    {"is_ducklake", is_ducklake},
    {"disable_transactions", disable_transactions},
    {"get_seed_file_path", get_seed_file_path},
    {"get_temp_relation_path", get_temp_relation_path},
    {"store_relation", store_relation},
    {"get_column_schema_from_query", get_column_schema_from_query},
    {"parse_index", parse_index},
    {"valid_incremental_strategies", valid_incremental_strategies},
    {"get_binding_char", [](Adapter&, State&, Arguments) { return Value("?"); }},
}};

// "and lower(name) = 'x'", where the part is known.
std::string where_part(std::string_view column, const std::optional<std::string>& part) {
  if (!part) return {};
  return plumb::format(" and lower({}) = lower({})", column, quote_literal(*part));
}

class DuckDbAdapter final : public Adapter {
 public:
  using Adapter::Adapter;

 protected:
  std::span<const NamedFunction> own_functions() const override { return kFunctions; }

  std::string relations_sql(const RelationPath& schema) const override {
    std::string where = where_part("database_name", schema.database) + where_part("schema_name", schema.schema);
    return plumb::format(
        "select database_name, table_name, schema_name, 'table' from duckdb_tables() where not internal{0} union all "
        "select database_name, view_name, schema_name, 'view' from duckdb_views() where not internal{0}",
        where);
  }

  std::string columns_sql(const RelationPath& relation) const override {
    return plumb::format(
        "select column_name, data_type, null as character_maximum_length, null as numeric_precision, null as "
        "numeric_scale from duckdb_columns() where not internal{}{}{} order by column_index",
        where_part("database_name", relation.database), where_part("schema_name", relation.schema),
        where_part("table_name", relation.identifier));
  }

  std::string schemas_sql(const std::optional<std::string>& database) const override {
    return "select distinct schema_name from duckdb_schemas() where true" + where_part("database_name", database);
  }

  std::string rename_sql(const Relation& from, const Relation& to) const override {
    return plumb::format("alter {} {} rename to \"{}\"", from.type().empty() ? "table" : from.type(), from.render(),
                         to.path().identifier.value_or(""));
  }
};

}  // namespace

jinja::Ref<Adapter> make_duckdb_adapter(Session& session, Surroundings surroundings) {
  return jinja::make<DuckDbAdapter>(session, std::move(surroundings));
}

}  // namespace plumb::transform
