// Gives a column of a SQLite table a wider declared type, and its values the form that belongs to it.
//
// SQLite has no ALTER COLUMN. The table's CREATE statement is stored as text, and SQLite documents how to edit it
// (PRAGMA writable_schema); all that is edited is the one declared type, and the result is read back before it counts.
// Keys, indexes, constraints and the order of columns stay as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/sqlite_handle.h"

namespace plumb::db {

// In the open transaction, or in one of its own.
void widen_sqlite_column(Connection& connection, SqliteHandle& handle, const TableName& table,
                         const data::Field& column);

// The CREATE TABLE statement with another declared type for the column. Empty when the column can't be found in it.
std::optional<std::string> replace_declared_type(std::string_view create_table, std::string_view column,
                                                 std::string_view declaration);

}  // namespace plumb::db
