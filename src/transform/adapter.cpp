#include "transform/adapter.h"

#include <array>

#include "base/format.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::Keyword;
using jinja::Ref;
using jinja::State;
using jinja::Value;

namespace {

Value share(const Relation& relation) {
  return Value(Ref<Relation>(const_cast<Relation*>(&relation)));
}

std::optional<std::string> cell_text(State& state, const TableData& table, std::size_t row, std::string_view column) {
  auto value = find_cell(table, row, column);
  if (!value || value->is_none()) return std::nullopt;
  return jinja::to_str(state, *value);
}

// "BASE TABLE" and the like, as information_schema has them.
std::string relation_type(std::string type) {
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (type == "base table" || type == "local temporary") return "table";
  if (type == "materialized view") return "materialized_view";
  return is_relation_type(type) ? type : "external";
}

}  // namespace

Adapter::Function Adapter::find_function(std::string_view name) const {
  const std::array tables = {own_functions(), relation_functions(), statement_functions(), project_functions(),
                             constraint_functions()};
  for (const auto& table : tables) {
    for (const auto& known : table) {
      if (known.name == name) return known.function;
    }
  }
  return nullptr;
}

std::optional<Value> Adapter::find_attribute(State&, std::string_view name) {
  if (name == "Relation") return relation_class(kind(), surroundings_.quoting);
  Function function = find_function(name);
  if (function == nullptr) return std::nullopt;
  Ref<Adapter> self(this);
  return jinja::make_function(std::string(name), [self, function](State& state, Arguments arguments) {
    return function(*self, state, arguments);
  });
}

std::optional<Value> Adapter::find_item(State& state, const Value& key) {
  if (!key.is_string()) return std::nullopt;
  return find_attribute(state, key.as_string());
}

std::optional<Value> Adapter::call_method(State& state, std::string_view name, Arguments arguments) {
  Function function = find_function(name);
  if (function == nullptr) return std::nullopt;
  return function(*this, state, arguments);
}

Value Adapter::make_result(const TableDataPtr& table) const {
  return Value(jinja::make<ResultTable>(table, surroundings_.print));
}

bool Adapter::run_macro(State& state, std::string_view name, std::vector<Keyword> keywords, Value* result) {
  if (!surroundings_.call_macro) return false;
  auto given = surroundings_.call_macro(state, name, {.keywords = keywords});
  if (!given) return false;
  if (result != nullptr) *result = std::move(*given);
  return true;
}

TableDataPtr Adapter::ask(const std::string& sql) {
  return session_.fetch(sql, false).table;
}

Ref<Relation> Adapter::make_relation(RelationPath path, std::string type) const {
  return jinja::make<Relation>(RelationFields{.engine = kind(),
                                              .path = std::move(path),
                                              .type = std::move(type),
                                              .quote = surroundings_.quoting,
                                              .require_alias = kind() != db::Kind::DuckDb});
}

std::vector<Ref<Relation>> Adapter::list_uncached(State& state, const RelationPath& schema) {
  TableDataPtr table;
  Value given;
  Value asked(make_relation({schema.database, schema.schema, std::nullopt}));
  if (run_macro(state, "list_relations_without_caching", {{Value("schema_relation"), asked}}, &given)) {
    // A macro that prints nothing and returns nothing has nothing to tell.
    if (given.find_object<ResultTable>() == nullptr) return {};
    const TableData& rows = table_argument(given).data();
    table = TableDataPtr(TableDataPtr(), &rows);
  } else {
    table = ask(relations_sql(schema));
  }
  std::vector<Ref<Relation>> relations;
  for (std::size_t row = 0; row < table->rows.size(); ++row) {
    auto text = [&](std::size_t column) -> std::optional<std::string> {
      const Value& value = table->rows[row].items().at(column);
      if (value.is_none()) return std::nullopt;
      return jinja::to_str(state, value);
    };
    // database, name, schema, type: in this order whatever the columns are called.
    relations.push_back(make_relation({text(0), text(2), text(1)}, relation_type(text(3).value_or("external"))));
  }
  return relations;
}

std::vector<Ref<Relation>> Adapter::list_relations(State& state, const RelationPath& schema) {
  RelationCache& cache = warehouse_.cache();
  if (!cache.knows_schema(schema)) {
    cache.add_schema(schema, list_uncached(state, schema));
    add_links(schema);
  }
  return cache.relations(schema);
}

Ref<Relation> Adapter::find_relation(State& state, const RelationPath& path) {
  bool whole = path.database && path.schema && path.identifier;
  if (whole && warehouse_.cache().knows_schema(path)) {
    auto found = warehouse_.cache().find(path);
    return found && found->matches(path) ? found : nullptr;
  }
  for (const auto& relation : list_relations(state, path)) {
    if (relation->matches(path)) return relation;
  }
  return {};
}

std::vector<std::string> Adapter::list_schemas(State& state, const std::optional<std::string>& database) {
  TableDataPtr table;
  Value given;
  Value argument = database ? Value(*database) : Value::none();
  if (run_macro(state, "list_schemas", {{Value("database"), argument}}, &given)) {
    table = TableDataPtr(TableDataPtr(), &table_argument(given).data());
  } else {
    table = ask(schemas_sql(database));
  }
  std::vector<std::string> schemas;
  for (const Value& row : table->rows) schemas.push_back(jinja::to_str(state, row.items().front()));
  return schemas;
}

void Adapter::create_schema(State& state, const Relation& relation) {
  if (!run_macro(state, "create_schema", {{Value("relation"), share(relation)}})) {
    auto schema = relation.with([](auto& fields) { fields.include.identifier = false; });
    session_.execute("create schema if not exists " + schema->render(), true);
  }
  session_.commit_if_open();
}

void Adapter::drop_schema(State& state, const Relation& relation) {
  if (!run_macro(state, "drop_schema", {{Value("relation"), share(relation)}})) {
    auto schema = relation.with([](auto& fields) { fields.include.identifier = false; });
    session_.execute("drop schema if exists " + schema->render() + " cascade", true);
  }
  session_.commit_if_open();
  warehouse_.cache().forget_schema(relation.path());
}

void Adapter::drop_relation(State& state, const Relation& relation) {
  if (relation.type().empty()) {
    jinja::raise("CompilationError",
                 plumb::format("Tried to drop relation {}, but its type is null.", relation.render()));
  }
  warehouse_.cache().drop(relation.path());
  if (run_macro(state, "drop_relation", {{Value("relation"), share(relation)}})) return;
  std::string type = relation.type() == "materialized_view" ? "materialized view" : relation.type();
  session_.execute(plumb::format("drop {} if exists {} cascade", type, relation.render()), true);
}

void Adapter::rename_relation(State& state, const Relation& from, const Relation& to) {
  // dbt keeps the type that it knew.
  auto renamed = to.with([&](auto& fields) {
    if (fields.type.empty()) fields.type = from.type();
  });
  warehouse_.cache().rename(from.path(), renamed);
  if (run_macro(state, "rename_relation", {{Value("from_relation"), share(from)}, {Value("to_relation"), share(to)}})) {
    return;
  }
  session_.execute(rename_sql(from, to), true);
}

void Adapter::truncate_relation(State& state, const Relation& relation) {
  if (run_macro(state, "truncate_relation", {{Value("relation"), share(relation)}})) return;
  session_.execute("truncate table " + relation.render(), true);
}

Value Adapter::get_columns(State& state, const Value& relation) {
  Value given;
  try {
    if (run_macro(state, "get_columns_in_relation", {{Value("relation"), relation}}, &given)) return given;
  } catch (const Error& error) {
    // DuckDB refuses to describe a table that is not there; to dbt it is one without columns.
    if (kind() != db::Kind::DuckDb || !error.message().starts_with("Table with name ")) throw;
    relation_argument(relation, "get_columns_in_relation", "relation");  // a name alone is no relation
    return Value::list();
  }
  const Relation& asked = relation_argument(relation, "get_columns_in_relation", "relation");
  TableDataPtr table = ask(columns_sql(asked.path()));
  std::vector<Value> columns;
  for (std::size_t row = 0; row < table->rows.size(); ++row) {
    auto cell = [&](std::string_view name) { return find_cell(*table, row, name).value_or(Value::none()); };
    columns.emplace_back(
        jinja::make<Column>(ColumnFields{.engine = kind(),
                                         .name = cell_text(state, *table, row, "column_name").value_or(""),
                                         .dtype = cell_text(state, *table, row, "data_type").value_or(""),
                                         .char_size = cell("character_maximum_length"),
                                         .numeric_precision = cell("numeric_precision"),
                                         .numeric_scale = cell("numeric_scale")}));
  }
  return Value::list(std::move(columns));
}

Ref<Adapter> make_adapter(Session& session, Surroundings surroundings) {
  if (session.warehouse().kind() == db::Kind::Postgres) return make_postgres_adapter(session, std::move(surroundings));
  return make_duckdb_adapter(session, std::move(surroundings));
}

Value make_api(db::Kind engine, RelationPolicy quoting) {
  return Value::dict({{"Relation", relation_class(engine, quoting)}, {"Column", column_class(engine)}});
}

std::string quote_literal(std::string_view text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + "'";
}

}  // namespace plumb::transform
