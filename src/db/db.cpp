#include "db/db.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "db/drivers.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

std::string quote_all(const Connection& connection, std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + connection.quote(name);
  return list;
}

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Sqlite:
      return "sqlite";
    case Kind::DuckDb:
      return "duckdb";
    case Kind::Postgres:
      return "postgres";
  }
  return {};
}

std::shared_ptr<Database> open(DatabaseConfig config) {
  switch (config.kind) {
    case Kind::Sqlite:
      return open_sqlite(std::move(config));
    case Kind::DuckDb:
      return open_duckdb(std::move(config));
    case Kind::Postgres:
      return open_postgres(std::move(config));
  }
  throw Error(ErrorKind::Internal, "there is no such kind of database");
}

std::shared_ptr<Database> open(std::string_view uri) {
  return open(parse_uri(uri).config);
}

std::string describe(const DatabaseConfig& config) {
  if (config.kind != Kind::Postgres) {
    return config.path.empty() ? format("the {} database in memory", to_string(config.kind)) : config.path.string();
  }
  std::string text = "Postgres at " + (config.host.empty() ? std::string("its default host") : config.host);
  if (!config.port.empty()) text += ":" + config.port;
  if (!config.dbname.empty()) text += "/" + config.dbname;
  if (!config.user.empty()) text += " as " + config.user;
  return text;
}

std::vector<std::string> unique_names(std::vector<std::string> names) {
  std::set<std::string> taken;
  for (std::string& name : names) {
    std::string candidate = name;
    for (int i = 1; !taken.insert(candidate).second; ++i) candidate = format("{}_{}", name, i);
    name = std::move(candidate);
  }
  return names;
}

std::string Connection::quote(std::string_view identifier) const {
  return quote_name(identifier);
}

std::string Connection::quote(const TableName& table) const {
  if (table.schema.empty() || kind() == Kind::Sqlite) return quote_name(table.table);
  return quote_name(table.schema) + "." + quote_name(table.table);
}

std::string Connection::create_table_sql(const TableName& table, const data::Schema& schema,
                                         std::span<const std::string> primary_key) const {
  std::string sql = "CREATE TABLE " + quote(table) + " (";
  for (const data::Field& field : schema) {
    bool required = !field.nullable || contains(primary_key, field.name);
    if (!sql.ends_with('(')) sql += ", ";
    sql += quote(field.name) + " " + column_type(field.type) + (required ? " NOT NULL" : "");
  }
  if (!primary_key.empty()) sql += ", PRIMARY KEY (" + quote_all(*this, primary_key) + ")";
  return sql + ")";
}

void Connection::add_column(const TableName& table, const data::Field& column) {
  // Rows that are there already have no value for it, so it can't be NOT NULL.
  execute(format("ALTER TABLE {} ADD COLUMN {} {}", quote(table), quote(column.name), column_type(column.type)));
}

std::optional<std::string> find_value(Connection& connection, std::string_view sql, std::span<const Value> parameters) {
  auto rows = connection.query(sql, parameters);
  auto batch = rows->next();
  if (!batch || batch->columns() == 0 || batch->column(0).null_at(0)) return std::nullopt;
  std::string text;
  data::append_text(batch->column(0), 0, text);
  return text;
}

namespace {

// The batch as the table keeps it, with the order of its rows in a column of its own: of two rows with one key the
// later counts.
data::Batch staged(const data::Batch& batch, const data::Schema& stored, const TableName& table) {
  std::vector<data::Field> fields;
  for (const data::Field& field : batch.schema()) {
    auto at = stored.find(field.name);
    if (!at) {
      throw Error(ErrorKind::Database, format("table {} has no column '{}'", table.table, field.name));
    }
    fields.push_back({field.name, stored[*at].type, field.nullable});
  }
  data::Batch rows = data::conform(batch, data::Schema(fields));
  std::vector<data::Column> columns;
  for (std::size_t i = 0; i < rows.columns(); ++i) columns.push_back(rows.column(i));
  data::ColumnBuilder order(data::Type::int64());
  for (std::size_t row = 0; row < rows.rows(); ++row) order.append_int64(static_cast<std::int64_t>(row));
  columns.push_back(order.take());
  fields.push_back({"_plumb_row", data::Type::int64(), false});
  return data::Batch(data::Schema(std::move(fields)), std::move(columns));
}

void check_keys(const data::Batch& batch, std::span<const std::string> primary_key, const TableName& table) {
  for (const std::string& key : primary_key) {
    const data::Column* column = batch.find_column(key);
    if (column == nullptr) {
      throw Error(ErrorKind::Data,
                  format("rows for table {} have no column '{}', which is part of its key", table.table, key));
    }
    if (column->null_count() > 0) {
      throw Error(ErrorKind::Data,
                  format("a row for table {} has no '{}', which is part of its key", table.table, key));
    }
  }
}

std::string merge_sql(const Connection& connection, const TableName& table, const TableName& stage,
                      const data::Schema& schema, std::span<const std::string> primary_key) {
  std::string columns;
  std::string updates;
  for (const data::Field& field : schema) {
    std::string name = connection.quote(field.name);
    columns += (columns.empty() ? "" : ", ") + name;
    if (!contains(primary_key, field.name)) {
      updates += format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
    }
  }
  std::string keys = quote_all(connection, primary_key);
  return format(
      "INSERT INTO {} ({}) SELECT {} FROM (SELECT *, row_number() OVER (PARTITION BY {} ORDER BY _plumb_row DESC) AS "
      "_plumb_rank FROM {}) AS staged WHERE _plumb_rank = 1 ON CONFLICT ({}) DO {}",
      connection.quote(table), columns, columns, keys, connection.quote(stage), keys,
      updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

}  // namespace

void upsert(Connection& connection, const TableName& table, const data::Batch& batch,
            std::span<const std::string> primary_key) {
  if (batch.rows() == 0) return;
  check_keys(batch, primary_key, table);
  std::optional<Transaction> own;
  if (!connection.in_transaction()) own.emplace(connection);
  auto stored = connection.find_table(table);
  if (!stored) {
    throw Error(ErrorKind::NotFound, format("there is no table {}", connection.quote(table)));
  }
  if (primary_key.empty()) {
    auto writer = connection.write(table, batch.schema());
    writer->append(batch);
    writer->finish();
  } else {
    TableName stage{"", "_plumb_upsert"};
    data::Batch rows = staged(batch, *stored, table);
    std::string create = connection.create_table_sql(stage, rows.schema());
    connection.execute("CREATE TEMPORARY" + create.substr(std::string_view("CREATE").size()));
    auto writer = connection.write(stage, rows.schema());
    writer->append(rows);
    writer->finish();
    connection.execute(merge_sql(connection, table, stage, batch.schema(), primary_key));
    connection.execute("DROP TABLE " + connection.quote(stage));
  }
  if (own) own->commit();
}

}  // namespace plumb::db
