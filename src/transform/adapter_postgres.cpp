// What dbt-postgres's adapter has of its own: one database, indexes, views that hang on each other.
#include <array>

#include "base/format.h"
#include "transform/adapter.h"
#include "transform/index_config.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

// What psycopg2, through which dbt looks, calls the types.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kDriverTypes{{
    {"integer", "INTEGER"},
    {"smallint", "INTEGER"},
    {"bigint", "LONGINTEGER"},
    {"text", "TEXT"},
    {"character varying", "TEXT"},
    {"character", "TEXT"},
    {"name", "TEXT"},
    {"\"char\"", "TEXT"},
    {"numeric", "DECIMAL"},
    {"real", "FLOAT"},
    {"double precision", "FLOAT"},
    {"boolean", "BOOLEAN"},
    {"date", "DATE"},
    {"timestamp without time zone", "DATETIME"},
    {"timestamp with time zone", "DATETIMETZ"},
    {"time without time zone", "TIME"},
    {"time with time zone", "TIME"},
    {"interval", "INTERVAL"},
    {"json", "JSON"},
    {"jsonb", "JSONB"},
    {"bytea", "BINARY"},
    {"oid", "LONGINTEGER"},
}};

std::string driver_type(std::string_view type, std::string_view number) {
  std::string_view element = type;
  bool array = element.ends_with("[]");
  if (array) element.remove_suffix(2);
  if (array && (element == "text" || element.starts_with("character"))) return "STRINGARRAY";
  for (auto [known, word] : kDriverTypes) {
    if (known == element) return std::string(word) + (array ? "ARRAY" : "");
  }
  return plumb::format("unknown type_code {}", number);
}

std::string quoted_name(std::string_view name) {
  std::string text = "\"";
  for (char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

// Its columns' types, without a row of it: pg_typeof tells even of none.
Value get_column_schema_from_query(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kSchema{"SQLAdapter.get_column_schema_from_query", {"sql"}, 1, SIZE_MAX, 1};
  auto [sql] = bind<1>(kSchema, arguments);
  std::string query = jinja::to_str(state, sql);
  auto statements = split_statements(query);
  std::vector<Value> columns;
  if (statements.empty()) return Value::list();
  TableDataPtr names = adapter.session().fetch(query, false, 0).table;
  if (names->names.empty()) return Value::list();
  std::string types, aliases;
  for (std::size_t i = 0; i < names->names.size(); ++i) {
    std::string alias = quoted_name(plumb::format("c{}", i));
    if (i != 0) types += ", ", aliases += ", ";
    types += plumb::format("pg_typeof(q.{0})::text, pg_typeof(q.{0})::oid::bigint", alias);
    aliases += alias;
  }
  TableDataPtr row = adapter.ask(plumb::format("select {} from (select 1) as one left join (\n{}\n) as q({}) on false",
                                               types, statements.back(), aliases));
  for (std::size_t i = 0; i < names->names.size(); ++i) {
    const auto& cells = row->rows[0].items();
    columns.emplace_back(jinja::make<Column>(ColumnFields{
        .engine = db::Kind::Postgres,
        .name = names->names[i],
        .dtype = driver_type(jinja::to_str(state, cells[2 * i]), jinja::to_str(state, cells[2 * i + 1]))}));
  }
  return Value::list(std::move(columns));
}

Value verify_database(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kVerify{"PostgresAdapter.verify_database", {"database"}, 1, SIZE_MAX, 1};
  auto [database] = bind<1>(kVerify, arguments);
  if (!database.is_string()) {
    jinja::raise("AttributeError",
                 plumb::format("'{}' object has no attribute 'startswith'", jinja::type_name(database)));
  }
  std::string name(database.as_string());
  if (name.size() >= 2 && name.starts_with('"')) name = name.substr(1, name.size() - 2);
  const std::string& own = adapter.warehouse().target().database;
  auto lower = [](std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
  };
  if (lower(name) == lower(own)) return Value("");
  (void)state;
  jinja::raise("UnexpectedDbReferenceError",
               plumb::format("Cross-db references not allowed in postgres ({} vs {})", name, own));
}

Value parse_index(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kIndex{"parse_index", {"raw_index"}, 1, SIZE_MAX, 1};
  auto [raw] = bind<1>(kIndex, arguments);
  if (raw.is_none()) return Value::none();
  return Value(IndexConfig::parse(state, adapter.kind(), raw));
}

constexpr std::array<Adapter::NamedFunction, 3> kFunctions{{
    {"get_column_schema_from_query", get_column_schema_from_query},
    {"verify_database", verify_database},
    {"parse_index", parse_index},
}};

class PostgresAdapter final : public Adapter {
 public:
  using Adapter::Adapter;

 protected:
  std::span<const NamedFunction> own_functions() const override { return kFunctions; }

  std::string relations_sql(const RelationPath& schema) const override {
    return plumb::format(
        "select current_database()::text, c.relname::text, n.nspname::text, case c.relkind when 'v' then 'view' when "
        "'m' then 'materialized_view' else 'table' end from pg_catalog.pg_class c join pg_catalog.pg_namespace n on "
        "n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm') and lower(n.nspname) = lower({})",
        quote_literal(schema.schema.value_or("")));
  }

  // information_schema, as dbt asks it: "numeric" has its precision only where one was declared.
  std::string columns_sql(const RelationPath& relation) const override {
    std::string schema =
        relation.schema ? plumb::format(" and table_schema = {}", quote_literal(*relation.schema)) : "";
    return plumb::format(
        "select column_name::text, data_type::text, character_maximum_length::int, numeric_precision::int, "
        "numeric_scale::int from information_schema.columns where table_name = {}{} order by ordinal_position",
        quote_literal(relation.identifier.value_or("")), schema);
  }

  std::string schemas_sql(const std::optional<std::string>&) const override {
    return "select distinct nspname::text from pg_catalog.pg_namespace";
  }

  std::string rename_sql(const Relation& from, const Relation& to) const override {
    std::string type = from.type() == "materialized_view" ? "materialized view" : from.type();
    return plumb::format("alter {} {} rename to \"{}\"", type.empty() ? "table" : type, from.render(),
                         to.path().identifier.value_or(""));
  }

  // Which views read which relation of the schema: dropping one with `cascade` takes the other along.
  void add_links(const RelationPath& schema) override {
    TableDataPtr table = ask(plumb::format(
        "select distinct n.nspname::text, c.relname::text, vn.nspname::text, v.relname::text from pg_catalog.pg_depend "
        "d join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::regclass join "
        "pg_catalog.pg_class v on v.oid = r.ev_class join pg_catalog.pg_namespace vn on vn.oid = v.relnamespace join "
        "pg_catalog.pg_class c on c.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::regclass join "
        "pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid <> v.oid and lower(n.nspname) = lower({})",
        quote_literal(schema.schema.value_or(""))));
    for (const Value& row : table->rows) {
      auto text = [&](std::size_t column) { return std::string(row.items()[column].as_string()); };
      warehouse().cache().add_link({schema.database, text(0), text(1)}, {schema.database, text(2), text(3)});
    }
  }
};

}  // namespace

jinja::Ref<Adapter> make_postgres_adapter(Session& session, Surroundings surroundings) {
  return jinja::make<PostgresAdapter>(session, std::move(surroundings));
}

}  // namespace plumb::transform
