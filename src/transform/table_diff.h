// Two relations compared row by row: which columns and which rows one has and the other has not, and which rows
// changed.
//
// Both are read by SQL on one connection, DuckDB's or Postgres'; relations of different databases are first copied into
// a scratch database (copy_relation). Rows belong together by a key; without one, whole rows are compared and none
// "changed". The left is what was, the right is what is.
//
//     TableDiff diff = diff_tables(connection, R"("prod"."orders")", R"("dev"."orders")", {.key = {"id"}});
//     if (!diff.equal()) …
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "db/db.h"

namespace plumb::transform {

struct TableDiffOptions {
  std::vector<std::string> key = {};       // columns; none: whole rows
  std::vector<std::string> only = {};      // compare these columns and no others, the key aside
  std::vector<std::string> excluded = {};  // all but these
  std::size_t samples = 5;                 // rows of each kind to show
};

struct TableDiff {
  struct Column {
    std::string name, left_type, right_type;  // empty where it is not there
  };
  struct Cell {
    std::string column;
    std::optional<std::string> left, right;  // as text; null is empty
  };
  // A row by its key (or all of it), and of a row that changed the cells that did.
  struct Row {
    std::vector<Cell> key, changed;
  };
  struct Count {
    std::string column;
    std::int64_t rows = 0;
  };

  std::vector<std::string> key;
  std::vector<Column> added, removed, retyped;  // on the right, from the left, in between
  std::vector<std::string> compared;
  std::int64_t left_rows = 0, right_rows = 0, only_left = 0, only_right = 0, changed = 0;
  std::vector<Count> changed_by_column;  // those with any
  std::vector<Row> changed_samples, left_samples, right_samples;

  bool equal() const {
    return added.empty() && removed.empty() && retyped.empty() && only_left == 0 && only_right == 0 && changed == 0;
  }
  std::int64_t equal_rows() const { return left_rows - only_left - changed; }
};

// `left` and `right` are relations as SQL names them. Throws Error(Usage) for a key that is none: a column that is not
// there, values that are null or stand there twice.
TableDiff diff_tables(db::Connection& connection, const std::string& left, const std::string& right,
                      const TableDiffOptions& options);

// The columns that are its primary key in the database; empty when it has none, or is a view.
std::vector<std::string> find_table_key(db::Connection& connection, const std::string& relation);

// Streams a relation's rows into a new table of `to`, which is DuckDB.
void copy_relation(db::Connection& from, const std::string& relation, db::Connection& to, const std::string& table);

}  // namespace plumb::transform
