// Rows out of SQLite, as batches with one type for each column.
//
// SQLite types values, not columns: a column declared BIGINT may hold 'abc' in one row. A batch wants one type. So:
//   - A column of a table begins with the type it is declared with; any other column with that of its first value.
//   - While the first batch (64 K rows or 4 MiB) is read, a value that does not fit widens its column, in the end to
//   text,
//     and nothing is lost. Then the reader's schema stands.
//   - A value in a later batch that does not fit ends the reading with Error(Data) that names column and row; a CAST in
//     the query says what is wanted. It is never dropped or bent.
// Expressions have no declared type: sum() of a DECIMAL column is a double, as SQLite computes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/sqlite_handle.h"

namespace plumb::db {

// One value of a row, as the C library hands it over.
struct SqliteValue {
  int storage = SQLITE_NULL;  // SQLITE_INTEGER, _FLOAT, _TEXT, _BLOB or _NULL
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes;

  static SqliteValue of(sqlite3_stmt* statement, int column);
  static SqliteValue of(sqlite3_value* value);
};

// A column that is being read: its type may still widen.
class SqliteColumnReader {
 public:
  // Empty: the first value decides.
  explicit SqliteColumnReader(std::optional<data::Type> declared);

  // Appends the value, or widens the column so that it can. False when `fixed` forbids that.
  bool append(const SqliteValue& value, bool fixed);
  const data::Type& type() const { return builder_.type(); }
  std::size_t bytes() const { return builder_.bytes(); }
  // A column without any value is text; a declared bool has proved to be one.
  void settle();
  data::Column take() { return builder_.take(); }

 private:
  bool fits(const SqliteValue& value);
  void widen(const SqliteValue& value);
  void rebuild(const data::Column& so_far, const data::Type& type);

  bool declared_bool_;
  bool decided_;
  data::ColumnBuilder builder_;
};

class SqliteReader : public Reader {
 public:
  SqliteReader(std::shared_ptr<SqliteHandle> handle, SqliteStatement statement);
  ~SqliteReader() override { handle_->keep(std::move(statement_)); }
  const data::Schema& schema() const override { return schema_; }
  std::optional<data::Batch> next() override;

 private:
  std::optional<data::Batch> read(bool first);
  void read_row(bool first);

  std::shared_ptr<SqliteHandle> handle_;
  SqliteStatement statement_;
  std::vector<std::string> names_;
  std::vector<SqliteColumnReader> columns_;
  std::int64_t rows_read_ = 0;
  data::Schema schema_;
  std::optional<data::Batch> first_;
  bool ended_ = false;
};

}  // namespace plumb::db
