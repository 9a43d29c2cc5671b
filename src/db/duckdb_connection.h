// A connection to a DuckDB database: statements, transactions, catalog, attached databases.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "db/db.h"
#include "db/duckdb_instance.h"
#include "db/duckdb_reader.h"

namespace plumb::db {

class DuckDbConnection final : public Connection {
 public:
  explicit DuckDbConnection(std::shared_ptr<DuckDbInstance> instance);
  ~DuckDbConnection() override;

  Kind kind() const override { return Kind::DuckDb; }
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters = {}) override;
  using Connection::execute;
  std::unique_ptr<Reader> query(std::string_view sql, std::span<const Value> parameters = {}) override;
  using Connection::query;
  std::unique_ptr<BulkWriter> write(const TableName& table, const data::Schema& schema) override;

  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  bool in_transaction() const override { return in_transaction_; }
  void cancel() override;

  void attach(const DatabaseConfig& other, std::string_view name) override;

  std::vector<TableName> list_tables(std::string_view schema) override;
  std::optional<data::Schema> find_table(const TableName& table) override;
  void create_schema(std::string_view schema) override;
  std::string column_type(const data::Type& type) const override;
  void widen_column(const TableName& table, const data::Field& column) override;

  // For the reader and the writer.
  const std::shared_ptr<DuckDbInstance>& instance() const { return instance_; }
  const DuckDbLibrary& duckdb() const { return instance_->duckdb(); }
  duckdb_connection handle() const { return handle_; }
  // Every statement ends the stream of the one before: its number tells a reader that it came too late.
  std::size_t generation() const { return generation_; }
  // Throws Error(Cancelled) once for a cancel() that met no running statement.
  void throw_if_cancelled();
  [[noreturn]] void throw_words(std::string_view words, std::string_view sql);

 private:
  // A text, taken apart into its statements.
  struct Script {
    std::string sql;
    DuckDbStatements statements;
    std::size_t count;
  };
  Script take_apart(std::string_view sql, std::span<const Value> parameters);
  // Runs one of them; an extension that it lacks is loaded first.
  DuckDbResult run(const Script& script, std::size_t index, std::span<const Value> parameters);
  // Empty, with DuckDB's words, when it failed.
  std::optional<DuckDbResult> try_run(const Script& script, std::size_t index, std::span<const Value> parameters,
                                      std::string& words);
  void bind(duckdb_prepared_statement prepared, std::span<const Value> parameters, std::string_view sql);
  std::int64_t drain(DuckDbResult result, std::string_view sql);
  void notice_transaction();
  // Its number; empty in a transaction that has failed.
  std::optional<std::int64_t> find_transaction();
  // The table with one column of another type, filled from `value`.
  void rewrite_table(const TableName& table, const data::Field& column, const std::string& value);
  std::unique_ptr<Reader> query_with_casts(const ResultPlan& plan, const Script& script,
                                           std::span<const Value> parameters);

  std::shared_ptr<DuckDbInstance> instance_;
  duckdb_connection handle_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  bool in_transaction_ = false;
  std::size_t generation_ = 0;
};

}  // namespace plumb::db
