// What DuckDB says of its troubles, as an Error of ours.
//
// The driver asks DuckDB for errors in JSON (errors_as_json), which tells the byte of the statement that is meant; the
// plain form, with "LINE 1:" and a caret of its own, still comes from some corners and is read as well.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace plumb::db {

struct DuckDbTrouble {
  std::string type;                      // "Binder", "IO", "Interrupt"; empty when unknown
  std::string message;                   // without type, line and caret; may have several lines
  std::optional<std::size_t> byte = {};  // of the statement
};

DuckDbTrouble read_duckdb_trouble(std::string_view words);

// `sql` is the user's text, for the place; empty when the statement is one of ours.
Error translate_duckdb_trouble(const DuckDbTrouble& trouble, std::string_view sql);
inline Error translate_duckdb_error(std::string_view words, std::string_view sql) {
  return translate_duckdb_trouble(read_duckdb_trouble(words), sql);
}

// Who holds a DuckDB file, as DuckDB found out: "python3 load.py (process 4711)". Empty when the trouble is no lock.
std::optional<std::string> find_lock_holder(const DuckDbTrouble& trouble);

}  // namespace plumb::db
