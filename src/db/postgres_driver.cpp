// Postgres: libpq opened on first use, rows in and out in binary form.

#include <charconv>

#include "base/format.h"
#include "db/drivers.h"
#include "db/postgres_error.h"
#include "db/postgres_reader.h"
#include "db/postgres_session.h"
#include "db/postgres_types.h"
#include "db/postgres_writer.h"
#include "db/sql_text.h"
#include "db/text_check.h"
#include "db/value_text.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

// Parameters as libpq wants them: texts with types. The type of a text is the server's to find, so that '2026-11-21'
// fits a date as well.
struct Parameters {
  explicit Parameters(std::span<const Value> values) {
    check_texts(values);
    texts.reserve(values.size());
    for (const Value& value : values) {
      bool null = std::holds_alternative<std::monostate>(value);
      texts.push_back(null ? std::string() : text_of(value));
      pointers.push_back(null ? nullptr : texts.back().c_str());
      types.push_back(type_of(value));
    }
  }

  static Oid32 type_of(const Value& value) {
    if (std::holds_alternative<bool>(value)) return oid::kBool;
    if (std::holds_alternative<std::int64_t>(value)) return oid::kInt8;
    if (std::holds_alternative<double>(value)) return oid::kFloat8;
    if (std::holds_alternative<data::Decimal>(value)) return oid::kNumeric;
    if (std::holds_alternative<Instant>(value)) return oid::kTimestampTz;
    if (std::holds_alternative<Date>(value)) return oid::kDate;
    return 0;
  }

  int count() const { return static_cast<int>(pointers.size()); }

  std::vector<std::string> texts;
  std::vector<const char*> pointers;
  std::vector<Oid32> types;
};

struct TableColumn {
  std::string name;
  PostgresType type;
  bool nullable = true;
};

// What a column's old value becomes when the column is widened: the text that data/text.h gives it.
std::string widened_value(const std::string& column, const Type& from, const Type& to) {
  if (to.kind() == TypeKind::Json || to.nested()) return format("to_jsonb({})", column);
  if (to.kind() != TypeKind::Text) return format("{}::{}", column, postgres_declaration(to));
  auto with_fraction = [&](const std::string& value, std::string_view day, std::string_view zone) {
    return format(
        "to_char({0}, '{1}HH24:MI:SS') || CASE WHEN extract(microseconds FROM {0})::bigint % 1000000 = 0 THEN '' "
        "ELSE to_char({0}, '.US') END{2}",
        value, day, zone);
  };
  switch (from.kind()) {
    case TypeKind::Binary:
      return format("encode({}, 'hex')", column);
    case TypeKind::Double:
      // 1.0 and 100000.0, as elsewhere; Postgres writes 1 and 100000.
      return format("CASE WHEN {0}::text ~ '^-?[0-9]+$' THEN {0}::text || '.0' ELSE {0}::text END", column);
    case TypeKind::Timestamp:
      return with_fraction(column, "YYYY-MM-DD ", "");
    case TypeKind::TimestampTz:
      return with_fraction(format("({} AT TIME ZONE 'UTC')", column), "YYYY-MM-DD ", " || '+00:00'");
    default:
      return format("{}::text", column);
  }
}

class PostgresConnection : public Connection {
 public:
  explicit PostgresConnection(std::shared_ptr<PostgresSession> session) : session_(std::move(session)) {}
  ~PostgresConnection() override { session_->roll_back(); }

  Kind kind() const override { return Kind::Postgres; }

  using Connection::execute;
  std::int64_t execute(std::string_view sql, std::span<const Value> values) override {
    const LibPq& pq = session_->pq();
    std::string statement = prepare(sql, values);
    if (values.empty()) {
      session_->check_sent(pq.sendQuery(session_->get(), statement.c_str()));
    } else {
      Parameters parameters(values);
      session_->check_sent(pq.sendQueryParams(session_->get(), statement.c_str(), parameters.count(),
                                              parameters.types.data(), parameters.pointers.data(), nullptr, nullptr,
                                              0));
    }
    // Rows that nobody reads are dropped one by one.
    pq.setSingleRowMode(session_->get());
    session_->begin_stream();
    std::int64_t changed = 0;
    while (auto result = session_->next_result()) {
      refuse_copy(result.get());
      changed += rows_changed(result.get());
    }
    session_->finish();
    return changed;
  }

  using Connection::query;
  std::unique_ptr<Reader> query(std::string_view sql, std::span<const Value> values) override {
    std::string statement = prepare(sql, values);
    Parameters parameters(values);
    session_->check_sent(session_->pq().sendPrepare(session_->get(), "", statement.c_str(), parameters.count(),
                                                    parameters.types.data()));
    session_->finish();
    return std::make_unique<PostgresReader>(session_, parameters.pointers);
  }

  std::string last_answer() const override { return session_->last_answer(); }

  std::unique_ptr<BulkWriter> write(const TableName& table, const data::Schema& schema) override {
    auto columns = find_columns(table);
    if (columns.empty()) {
      throw Error(ErrorKind::NotFound,
                  format("there is no table {} in {}", quote(table), describe(session_->config())));
    }
    std::vector<PostgresTarget> targets;
    for (const data::Field& field : schema) {
      auto at =
          std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.name == field.name; });
      if (at == columns.end()) {
        throw Error(ErrorKind::Database, format("table {} has no column '{}'", table.table, field.name));
      }
      targets.push_back({at->type, form_of(field.type, at->type)});
    }
    return std::make_unique<PostgresWriter>(session_, table, quote(table), schema, std::move(targets));
  }

  void begin() override { session_->run("BEGIN"); }

  void commit() override {
    session_->prepare_to_send("COMMIT");
    session_->check_sent(session_->pq().sendQuery(session_->get(), "COMMIT"));
    auto result = session_->finish();
    // A transaction with a failed statement is rolled back, and the server calls that a success.
    if (result && std::string_view(session_->pq().cmdStatus(result.get())) == "ROLLBACK") {
      throw Error(ErrorKind::Database, "a statement of the transaction had failed, so it was rolled back");
    }
  }

  void rollback() noexcept override { session_->roll_back(); }
  bool in_transaction() const override { return session_->in_transaction(); }
  void cancel() override { session_->cancel(); }

  void attach(const DatabaseConfig& other, std::string_view /*name*/) override {
    throw Error(ErrorKind::Usage, format("Postgres can't attach {}", describe(other)),
                {.hint = "DuckDB attaches SQLite and Postgres"});
  }

  std::vector<TableName> list_tables(std::string_view schema) override {
    std::string sql =
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ";
    std::vector<Value> parameters;
    if (schema.empty()) {
      sql += "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";
    } else {
      sql += "n.nspname = ?";
      parameters.emplace_back(std::string(schema));
    }
    std::vector<TableName> tables;
    for (auto rows = query(sql + " ORDER BY 1, 2", parameters); auto batch = rows->next();) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        tables.push_back({std::string(batch->column(0).text_at(row)), std::string(batch->column(1).text_at(row))});
      }
    }
    return tables;
  }

  std::optional<data::Schema> find_table(const TableName& table) override {
    std::vector<data::Field> fields;
    for (const TableColumn& column : find_columns(table))
      fields.push_back({column.name, stored_type(column.type), column.nullable});
    if (fields.empty()) return std::nullopt;
    return data::Schema(std::move(fields));
  }

  void create_schema(std::string_view schema) override {
    // IF NOT EXISTS asks for the right to create schemas even when there is nothing to do.
    auto there = [&] {
      return find_value(*this, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?",
                        std::array{Value(std::string(schema))})
          .has_value();
    };
    if (there()) return;
    try {
      session_->run("CREATE SCHEMA IF NOT EXISTS " + quote(schema));
    } catch (const Error&) {
      // Two at the same moment: the second is told of a key that is there twice.
      if (session_->in_transaction() || !there()) throw;
    }
  }

  std::string column_type(const Type& type) const override { return postgres_declaration(type); }

  void widen_column(const TableName& table, const data::Field& column) override {
    auto before = find_table(table);
    auto at = before ? before->find(column.name) : std::nullopt;
    if (!at) throw Error(ErrorKind::NotFound, format("there is no column {}.{} to widen", table.table, column.name));
    if ((*before)[*at].type == column.type) return;
    std::string name = quote(column.name);
    session_->run(format("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}", quote(table), name,
                         postgres_declaration(column.type), widened_value(name, (*before)[*at].type, column.type)));
  }

 private:
  // Numbers the placeholders when there are parameters; without, the statement stays as it is.
  std::string prepare(std::string_view sql, std::span<const Value> values) {
    NumberedSql statement{.sql = std::string(sql)};
    if (!values.empty()) {
      statement = number_placeholders(sql);
      if (statement.parameters != values.size()) {
        throw Error(ErrorKind::Database,
                    format("the statement has {} placeholders for {} parameters", statement.parameters, values.size()));
      }
    }
    std::string text = statement.sql;
    session_->prepare_to_send(std::move(statement), sql);
    return text;
  }

  // A COPY wants to talk on, and nobody here would.
  void refuse_copy(const PGresult* result) {
    auto status = session_->pq().resultStatus(result);
    if (status != PGRES_COPY_IN && status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH) return;
    session_->end_stream();
    throw Error(ErrorKind::Database, "COPY from or to the client can't be carried out as a statement",
                {.hint = "`plumb copy` moves rows between files and tables"});
  }

  std::int64_t rows_changed(PGresult* result) const {
    std::string_view tag = session_->pq().cmdStatus(result);
    if (!tag.starts_with("INSERT") && !tag.starts_with("UPDATE") && !tag.starts_with("DELETE") &&
        !tag.starts_with("MERGE")) {
      return 0;
    }
    std::string_view count = session_->pq().cmdTuples(result);
    std::int64_t rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
  }

  static Type stored_type(const PostgresType& type) {
    if (auto known = find_type(type)) return *known;
    return type.numeric() ? Type::decimal(data::kMostDigits, 10) : Type::text();
  }

  // In the order of the table; a domain counts as the type below it. None when there is no such table.
  std::vector<TableColumn> find_columns(const TableName& table) {
    auto rows = query(
        "SELECT a.attname::text, a.attnotnull, (CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid "
        "END)::bigint, "
        "(CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END)::bigint FROM pg_catalog.pg_attribute a JOIN "
        "pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT "
        "a.attisdropped ORDER BY a.attnum",
        std::array{Value(quote(table))});
    std::vector<TableColumn> columns;
    while (auto batch = rows->next()) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        columns.push_back({std::string(batch->column(0).text_at(row)),
                           {static_cast<Oid32>(batch->column(2).int64_at(row)),
                            static_cast<std::int32_t>(batch->column(3).int64_at(row))},
                           !batch->column(1).bool_at(row)});
      }
    }
    return columns;
  }

  std::shared_ptr<PostgresSession> session_;
};

class PostgresDatabase : public Database {
 public:
  explicit PostgresDatabase(DatabaseConfig config) : config_(std::move(config)) {}
  const DatabaseConfig& config() const override { return config_; }
  std::unique_ptr<Connection> connect() override {
    return std::make_unique<PostgresConnection>(std::make_shared<PostgresSession>(config_));
  }

 private:
  DatabaseConfig config_;
};

}  // namespace

std::shared_ptr<Database> open_postgres(DatabaseConfig config) {
  return std::make_shared<PostgresDatabase>(std::move(config));
}

}  // namespace plumb::db
