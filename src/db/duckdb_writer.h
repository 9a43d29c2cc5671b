// Rows into DuckDB: batches become its data chunks, which its appender takes.
//
// A chunk's columns have the types that the batch has, or, where the table is wider (text, json, a longer decimal), the
// table's; what else differs DuckDB casts. Columns that the batch lacks get their default.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/duckdb_connection.h"

namespace plumb::db {

// DuckDB's appender. Destroyed before close(), it drops what it still holds.
class DuckDbAppender {
 public:
  explicit DuckDbAppender(const DuckDbLibrary& duckdb) : duckdb_(duckdb) {}
  ~DuckDbAppender();
  DuckDbAppender(const DuckDbAppender&) = delete;
  DuckDbAppender& operator=(const DuckDbAppender&) = delete;
  duckdb_appender get() const { return handle_; }
  duckdb_appender* out() { return &handle_; }
  std::string words() const;  // of its last failure

 private:
  const DuckDbLibrary& duckdb_;
  duckdb_appender handle_ = nullptr;
};

class DuckDbWriter final : public BulkWriter {
 public:
  DuckDbWriter(DuckDbConnection& connection, const TableName& table, const data::Schema& schema);
  void append(const data::Batch& batch) override;
  std::int64_t finish() override;

 private:
  void open_appender(const TableName& table, const data::Schema& stored);
  data::Column converted(const data::Column& column, std::size_t index) const;
  void check(duckdb_state state) const;
  void bound_memory(std::size_t bytes);

  DuckDbConnection& connection_;
  TableName name_;
  std::vector<data::Field> columns_;  // as DuckDB gets them
  std::optional<Transaction> own_;    // unless one was open
  DuckDbAppender appender_;           // goes before the transaction is rolled back
  DuckDbChunk chunk_;
  std::size_t chunk_rows_;
  std::int64_t rows_ = 0;
  std::size_t waiting_ = 0;
  std::size_t written_ = 0;
};

}  // namespace plumb::db
