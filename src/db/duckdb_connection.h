// A connection to a DuckDB database: statements, transactions, catalog, attached databases.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "db/db.h"
#include "db/duckdb_reader.h"
#include "db/duckdb_session.h"

namespace plumb::db {

class DuckDbConnection final : public Connection {
 public:
  explicit DuckDbConnection(std::shared_ptr<DuckDbInstance> instance);

  Kind kind() const override { return Kind::DuckDb; }
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters = {}) override;
  using Connection::execute;
  std::unique_ptr<Reader> query(std::string_view sql, std::span<const Value> parameters = {}) override;
  using Connection::query;
  std::unique_ptr<BulkWriter> write(const TableName& table, const data::Schema& schema) override;

  void begin() override;
  void commit() override;
  void rollback() noexcept override { session_->rollback(); }
  bool in_transaction() const override { return session_->in_transaction(); }
  void cancel() override { session_->cancel(); }

  void attach(const DatabaseConfig& other, std::string_view name) override;

  std::vector<TableName> list_tables(std::string_view schema) override;
  std::optional<data::Schema> find_table(const TableName& table) override;
  void create_schema(std::string_view schema) override;
  std::string column_type(const data::Type& type) const override;
  void widen_column(const TableName& table, const data::Field& column) override;

  // For the driver's other parts.
  DuckDbSession& session() const { return *session_; }
  const std::shared_ptr<DuckDbSession>& shared_session() const { return session_; }

 private:
  std::unique_ptr<Reader> query_with_casts(const ResultPlan& plan, const DuckDbSession::Script& script,
                                           std::span<const Value> parameters);
  // The table with one column of another type, filled from `value`.
  void rewrite_table(const TableName& table, const data::Field& column, const std::string& value);

  std::shared_ptr<DuckDbSession> session_;
};

}  // namespace plumb::db
