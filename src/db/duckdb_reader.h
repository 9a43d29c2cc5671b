// Rows out of DuckDB: its vectors, chunk by chunk, into batches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/duckdb_instance.h"
#include "db/duckdb_types.h"

namespace plumb::db {

class DuckDbConnection;

// A result of DuckDB's, given back at the end.
class DuckDbResult {
 public:
  explicit DuckDbResult(const DuckDbLibrary& duckdb) : duckdb_(&duckdb) {}
  DuckDbResult(DuckDbResult&& other) noexcept
      : duckdb_(other.duckdb_), result_(std::exchange(other.result_, duckdb_result{})) {}
  DuckDbResult& operator=(DuckDbResult&&) = delete;
  ~DuckDbResult() { duckdb_->destroy_result(&result_); }
  duckdb_result* get() { return &result_; }

 private:
  const DuckDbLibrary* duckdb_;
  duckdb_result result_{};
};

// The columns of a result. Names that stand twice get a number: a, a_1.
struct ResultPlan {
  data::Schema schema;
  std::vector<VectorPlan> columns;
  bool must_be_cast = false;
};
ResultPlan plan_result(const DuckDbLibrary& duckdb, DuckDbResult& result);

class DuckDbReader final : public Reader {
 public:
  // `sql` is for the place in errors that come while rows are fetched.
  DuckDbReader(DuckDbConnection& connection, DuckDbResult result, ResultPlan plan, std::string sql);
  ~DuckDbReader() override;
  const data::Schema& schema() const override { return plan_.schema; }
  std::optional<data::Batch> next() override;

 private:
  bool fetch();
  void append(duckdb_data_chunk chunk);
  [[noreturn]] void throw_value(const std::string& column, const Error& error) const;

  DuckDbConnection& connection_;
  std::shared_ptr<DuckDbInstance> instance_;  // outlives the result
  DuckDbResult result_;
  ResultPlan plan_;
  std::string sql_;
  std::vector<data::ColumnBuilder> builders_;
  std::size_t generation_;  // of the connection's statements: another one ends this stream
  bool at_end_ = false;
};

}  // namespace plumb::db
