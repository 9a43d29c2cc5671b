// Rows out of DuckDB: its vectors, chunk by chunk, into batches.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/duckdb_session.h"
#include "db/duckdb_types.h"

namespace plumb::db {

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
  DuckDbReader(std::shared_ptr<DuckDbSession> session, DuckDbResult result, ResultPlan plan, std::string sql);
  ~DuckDbReader() override;
  const data::Schema& schema() const override { return plan_.schema; }
  std::optional<data::Batch> next() override;

 private:
  bool fetch();
  void append(duckdb_data_chunk chunk);
  [[noreturn]] void throw_value(const std::string& column, const Error& error) const;

  std::shared_ptr<DuckDbSession> session_;  // outlives the result
  DuckDbResult result_;
  ResultPlan plan_;
  std::string sql_;
  std::vector<data::ColumnBuilder> builders_;
  std::size_t generation_;  // of the session: another statement ends this stream
  bool at_end_ = false;
};

}  // namespace plumb::db
