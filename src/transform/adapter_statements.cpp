// adapter.execute, add_query, commit, quoting and types: statements and their text.
#include <array>

#include "base/format.h"
#include "transform/adapter.h"

namespace plumb::transform {

using jinja::Arguments;
using jinja::bind;
using jinja::given;
using jinja::Signature;
using jinja::State;
using jinja::Value;

namespace {

bool flag(State& state, const Value& bound, bool otherwise) {
  return given(bound) ? jinja::truth(state, bound) : otherwise;
}

Value execute(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kExecute{"BaseAdapter.execute", {"sql", "auto_begin", "fetch", "limit"}, 1, SIZE_MAX, 1};
  auto [sql, auto_begin, fetch, limit] = bind<4>(kExecute, arguments);
  std::string text = jinja::to_str(state, sql);
  bool begins = flag(state, auto_begin, false);
  state.tick();
  if (!flag(state, fetch, false)) {
    Response response = adapter.session().execute(text, begins);
    return Value::tuple({make_response(response), adapter.make_result(std::make_shared<TableData>())});
  }
  std::optional<std::size_t> most;
  if (given(limit) && limit.is_int() && limit.as_int() >= 0) most = static_cast<std::size_t>(limit.as_int());
  auto fetched = adapter.session().fetch(text, begins, most);
  return Value::tuple({make_response(fetched.response), adapter.make_result(fetched.table)});
}

db::Value bound_value(State& state, const Value& value) {
  switch (value.kind()) {
    case jinja::Kind::None:
    case jinja::Kind::Undefined:
      return std::monostate();
    case jinja::Kind::Bool:
      return value.as_bool();
    case jinja::Kind::Int:
      return value.as_int();
    case jinja::Kind::Float:
      return value.as_float();
    default:
      return jinja::to_str(state, value);
  }
}

// What add_query() gives beside the connection: rows for those who fetch them.
class Cursor final : public jinja::Object {
 public:
  explicit Cursor(TableDataPtr table) : table_(std::move(table)) {}
  std::string_view type_name() const override { return "cursor"; }
  std::optional<Value> find_attribute(State&, std::string_view name) override {
    if (name == "rowcount") return Value(static_cast<std::int64_t>(table_->rows.size()));
    return std::nullopt;
  }
  std::optional<Value> call_method(State&, std::string_view name, Arguments) override {
    if (name == "fetchall") return Value::list(std::vector<Value>(table_->rows.begin() + next_, table_->rows.end()));
    if (name != "fetchone") return std::nullopt;
    if (next_ >= static_cast<std::ptrdiff_t>(table_->rows.size())) return Value::none();
    return table_->rows[static_cast<std::size_t>(next_++)];
  }

 private:
  const TableDataPtr table_;
  std::ptrdiff_t next_ = 0;
};

Value add_query(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kAdd{
      "SQLAdapter.add_query", {"sql", "auto_begin", "bindings", "abridge_sql_log"}, 1, SIZE_MAX, 1};
  auto [sql, auto_begin, bindings, abridge] = bind<4>(kAdd, arguments);
  std::string text = jinja::to_str(state, sql);
  bool begins = flag(state, auto_begin, true);
  if (!given(bindings) || bindings.is_none()) {
    auto fetched = adapter.session().fetch(text, begins);
    return Value::tuple({Value::none(), Value(jinja::make<Cursor>(fetched.table))});
  }
  std::vector<db::Value> values;
  for (const Value& value : jinja::to_vector(state, bindings)) values.push_back(bound_value(state, value));
  adapter.session().execute_bound(text, values, begins);
  return Value::tuple({Value::none(), Value(jinja::make<Cursor>(std::make_shared<TableData>()))});
}

Value commit(Adapter& adapter, State&, Arguments) {
  adapter.session().commit();
  return Value::none();
}

Value type(Adapter& adapter, State&, Arguments) {
  return Value(adapter.kind() == db::Kind::Postgres ? "postgres" : "duckdb");
}

Value quote(Adapter&, State& state, Arguments arguments) {
  static const Signature kQuote{"quote", {"identifier"}, 1};
  auto [identifier] = bind<1>(kQuote, arguments);
  return Value("\"" + jinja::to_str(state, identifier) + "\"");
}

Value quote_as_configured(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kQuote{"BaseAdapter.quote_as_configured", {"identifier", "quote_key"}, 2, SIZE_MAX, 1};
  auto [identifier, key] = bind<2>(kQuote, arguments);
  std::string name = jinja::to_str(state, identifier);
  std::string part = jinja::to_str(state, key);
  const RelationPolicy& quoting = adapter.surroundings().quoting;
  bool quoted = (part == "database" && quoting.database) || (part == "schema" && quoting.schema) ||
                (part == "identifier" && quoting.identifier);
  return quoted ? Value("\"" + name + "\"") : Value(name);
}

Value quote_seed_column(Adapter&, State& state, Arguments arguments) {
  static const Signature kQuote{"BaseAdapter.quote_seed_column", {"column", "quote_config"}, 2, SIZE_MAX, 1};
  auto [column, config] = bind<2>(kQuote, arguments);
  std::string name = jinja::to_str(state, column);
  if (config.is_none()) return Value("\"" + name + "\"");
  if (config.kind() != jinja::Kind::Bool) {
    jinja::raise("QuoteConfigTypeError",
                 format("The seed configuration value of \"quote_columns\" has an invalid type <class '{}'>",
                        jinja::type_name(config)));
  }
  return config.as_bool() ? Value("\"" + name + "\"") : Value(name);
}

// The engine's type for a column of a table: what a seed's column becomes.
Value convert_type(Adapter&, State&, Arguments arguments) {
  static const Signature kConvert{"BaseAdapter.convert_type", {"agate_table", "col_idx"}, 2, SIZE_MAX, 1};
  auto [table, index] = bind<2>(kConvert, arguments);
  const TableData& data = table_argument(table).data();
  auto at = static_cast<std::size_t>(index.is_int() ? index.as_int() : 0);
  if (at >= data.kinds.size()) jinja::raise("IndexError", "tuple index out of range");
  switch (data.kinds[at]) {
    case ColumnKind::Integer:
      return "integer";
    case ColumnKind::Number:
      return has_fractions(data, at) ? "float8" : "integer";
    case ColumnKind::Boolean:
      return "boolean";
    case ColumnKind::Date:
      return "date";
    case ColumnKind::DateTime:
      return "timestamp without time zone";
    case ColumnKind::Text:
      break;
  }
  return "text";
}

// Times as text, for drivers that have none.
Value convert_datetimes_to_strs(Adapter& adapter, State& state, Arguments arguments) {
  static const Signature kConvert{"DuckDBAdapter.convert_datetimes_to_strs", {"table"}, 1, SIZE_MAX, 1};
  auto [table] = bind<1>(kConvert, arguments);
  auto data = std::make_shared<TableData>(table_argument(table).data());
  for (std::size_t column = 0; column < data->kinds.size(); ++column) {
    if (data->kinds[column] != ColumnKind::DateTime) continue;
    data->kinds[column] = ColumnKind::Text;
    for (Value& row : data->rows) {
      std::vector<Value> items = row.items();
      if (!items[column].is_none()) items[column] = jinja::to_str(state, items[column]);
      row = Value::tuple(std::move(items));
    }
  }
  return adapter.make_result(data);
}

constexpr std::array<Adapter::NamedFunction, 9> kFunctions{{
    {"execute", execute},
    {"add_query", add_query},
    {"commit", commit},
    {"type", type},
    {"quote", quote},
    {"quote_as_configured", quote_as_configured},
    {"quote_seed_column", quote_seed_column},
    {"convert_type", convert_type},
    {"convert_datetimes_to_strs", convert_datetimes_to_strs},
}};

}  // namespace

std::span<const Adapter::NamedFunction> statement_functions() {
  return kFunctions;
}

}  // namespace plumb::transform
