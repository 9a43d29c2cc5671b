// Values into SQLite: parameters of a statement, and whole batches through one prepared INSERT.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "db/sqlite_handle.h"

namespace plumb::db {

// Binds a parameter. A decimal of at most 15 digits is a number, a longer one its text; dates and instants are text.
void bind_value(SqliteHandle& handle, const SqliteStatement& statement, int index, const Value& value);

// Binds one value of a column. `stored` is the type of the table's column, which decides how a decimal is kept. `text`
// holds the value's text until the statement has run.
void bind_cell(sqlite3_stmt* statement, int index, const data::Column& column, std::size_t row,
               const data::Type& stored, std::string& text);

class SqliteWriter : public BulkWriter {
 public:
  // `stored` are the types of the table's columns in the order of `schema`. Without an open transaction the writer has
  // one of its own.
  SqliteWriter(std::shared_ptr<SqliteHandle> handle, TableName table, const data::Schema& schema,
               std::vector<data::Type> stored);
  ~SqliteWriter() override;
  void append(const data::Batch& batch) override;
  std::int64_t finish() override;

 private:
  void insert(const data::Batch& batch, std::size_t row);

  std::shared_ptr<SqliteHandle> handle_;
  TableName table_;
  data::Schema schema_;
  std::vector<data::Type> stored_;
  std::vector<std::string> texts_;
  SqliteStatement statement_;
  bool own_transaction_ = false;
  std::int64_t rows_ = 0;
};

}  // namespace plumb::db
