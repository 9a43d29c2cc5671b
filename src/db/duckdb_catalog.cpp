// DuckDB's catalog: which tables there are, what they hold, and how a column is widened.

#include <algorithm>

#include "base/format.h"
#include "db/duckdb_connection.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

std::vector<std::string> read_texts(Connection& connection, const std::string& sql) {
  std::vector<std::string> texts;
  auto rows = connection.query(sql);
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) texts.emplace_back(batch->column(0).text_at(row));
  }
  return texts;
}

// The condition under which a row of duckdb_columns() and its like speaks of this table.
std::string where_table(const TableName& table) {
  return format("database_name = current_database() AND schema_name = {} AND table_name = {}",
                table.schema.empty() ? "current_schema()" : quote_text(table.schema), quote_text(table.table));
}

}  // namespace

std::vector<TableName> DuckDbConnection::list_tables(std::string_view schema) {
  std::string where = format("database_name = current_database() AND NOT internal AND schema_name = {}",
                             schema.empty() ? "current_schema()" : quote_text(schema));
  auto rows =
      query(format("SELECT schema_name, table_name FROM duckdb_tables() WHERE {} UNION ALL "
                   "SELECT schema_name, view_name FROM duckdb_views() WHERE {} ORDER BY 1, 2",
                   where, where));
  std::vector<TableName> tables;
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      tables.push_back({std::string(batch->column(0).text_at(row)), std::string(batch->column(1).text_at(row))});
    }
  }
  return tables;
}

std::optional<data::Schema> DuckDbConnection::find_table(const TableName& table) {
  // pragma_table_info looks into the catalog alone; SELECT would also take a file of that name.
  std::string name = quote(table);
  auto script = session_->take_apart(format("SELECT \"notnull\" FROM pragma_table_info({})", quote_text(name)), {});
  session_->throw_if_cancelled();
  std::string words;
  auto found = session_->try_run(script, 0, {}, words);
  if (!found) {
    session_->finish(session_->generation(), false);
    if (read_duckdb_trouble(words).type == "Catalog") return std::nullopt;
    session_->throw_words(words, {});
  }
  std::vector<bool> required;
  ResultPlan plan = plan_result(session_->duckdb(), *found);
  DuckDbReader rows(session_, std::move(*found), std::move(plan), {});
  while (auto batch = rows.next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) required.push_back(batch->column(0).bool_at(row));
  }
  data::Schema schema = query(format("SELECT * FROM {} LIMIT 0", name))->schema();
  std::vector<data::Field> fields = schema.fields();
  for (std::size_t i = 0; i < fields.size() && i < required.size(); ++i) fields[i].nullable = !required[i];
  return data::Schema(std::move(fields));
}

void DuckDbConnection::create_schema(std::string_view schema) {
  execute(format("CREATE SCHEMA IF NOT EXISTS {}", quote_name(schema)));
}

std::string DuckDbConnection::column_type(const data::Type& type) const {
  return duckdb_ddl(type);
}

// DuckDB changes a column's type only where neither a key, a check nor an index has a part in it. Indexes are taken
// away and made anew; a table with a constraint on the column is written anew.
void DuckDbConnection::widen_column(const TableName& table, const data::Field& column) {
  auto stored = find_table(table);
  auto at = stored ? stored->find(column.name) : std::nullopt;
  if (!at) throw Error(ErrorKind::NotFound, format("table {} has no column '{}'", quote(table), column.name));
  const data::Type& from = (*stored)[*at].type;
  data::Type to = stored_type(column.type);
  if (from == to) return;
  std::string value = quote(column.name);
  if (to.kind() == data::TypeKind::Text) value = duckdb_text_of(value, from);
  if (to.kind() == data::TypeKind::Json) value = format("to_json({})", value);

  std::optional<Transaction> own;
  if (!in_transaction()) own.emplace(*this);
  std::string where = where_table(table);
  auto indexes = read_texts(
      *this, format("SELECT index_name FROM duckdb_indexes() WHERE {} AND sql IS NOT NULL ORDER BY index_name", where));
  auto definitions = read_texts(
      *this, format("SELECT sql FROM duckdb_indexes() WHERE {} AND sql IS NOT NULL ORDER BY index_name", where));
  auto constraints = read_texts(*this, format("SELECT constraint_text FROM duckdb_constraints() WHERE {} AND "
                                              "constraint_type <> 'NOT NULL' AND list_contains("
                                              "constraint_column_names, {})",
                                              where, quote_text(column.name)));
  for (const std::string& index : indexes) execute("DROP INDEX " + quote(TableName{table.schema, index}));
  if (constraints.empty()) {
    execute(format("ALTER TABLE {} ALTER COLUMN {} SET DATA TYPE {} USING {}", quote(table), quote(column.name),
                   column_type(to), value));
  } else {
    rewrite_table(table, {column.name, to}, value);
  }
  for (const std::string& definition : definitions) execute(definition);
  if (own) own->commit();
}

void DuckDbConnection::rewrite_table(const TableName& table, const data::Field& column, const std::string& value) {
  TableName fresh{table.schema, "_plumb_widened"};
  std::string columns;
  std::string values;
  auto rows =
      query(format("SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() WHERE {} "
                   "ORDER BY column_index",
                   where_table(table)));
  while (auto batch = rows->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::string name(batch->column(0).text_at(row));
      bool widened = name == column.name;
      std::string type = widened ? column_type(column.type) : std::string(batch->column(1).text_at(row));
      columns += format("{}{} {}", columns.empty() ? "" : ", ", quote(name), type);
      if (!batch->column(2).bool_at(row)) columns += " NOT NULL";
      if (!batch->column(3).null_at(row)) columns += format(" DEFAULT {}", batch->column(3).text_at(row));
      values += format("{}{}", values.empty() ? "" : ", ", widened ? value : quote(name));
    }
  }
  for (const std::string& constraint :
       read_texts(*this, format("SELECT constraint_text FROM duckdb_constraints() WHERE {} AND constraint_type <> "
                                "'NOT NULL'",
                                where_table(table)))) {
    columns += ", " + constraint;
  }
  execute(format("CREATE TABLE {} ({})", quote(fresh), columns));
  execute(format("INSERT INTO {} SELECT {} FROM {}", quote(fresh), values, quote(table)));
  execute(format("DROP TABLE {}", quote(table)));
  execute(format("ALTER TABLE {} RENAME TO {}", quote(fresh), quote(table.table)));
}

}  // namespace plumb::db
