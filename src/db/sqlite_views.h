// SQLite tables as DuckDB should see them.
//
// DuckDB's scanner goes by SQLite's rules of affinity: a DECIMAL is a DOUBLE, a BOOLEAN a BIGINT, a UUID a text. So
// each table of an attached file gets a view that casts every column to the type that its declaration tells, exactly;
// what declares nothing of the sort stays as the scanner has it.
//
// Two declarations the scanner gets wrong: it reads TIME as a timestamp, and fails; and of a TIMESTAMPTZ it drops the
// offset. Plumb's own files have TIME_TEXT instead, and no offset but UTC's. In other files a table with such a column
// is read through sqlite_query, every value as text: right, at a tenth of the speed.
#pragma once

#include <string>
#include <vector>

namespace plumb::db {

struct SqliteColumn {
  std::string name;
  std::string declaration;
};

struct SqliteTable {
  std::string name;
  std::vector<SqliteColumn> columns;
};

struct SqliteView {
  std::string select;
  bool by_sqlite_query = false;
};

// `catalog` is the name that the file is attached under; `ours` is true for a file that Plumb wrote.
SqliteView sqlite_view(const std::string& catalog, const SqliteTable& table, bool ours);

}  // namespace plumb::db
