// One column's rows between DuckDB's vectors and ours, both ways.
#pragma once

#include "data/data.h"
#include "db/duckdb_types.h"

namespace plumb::db {

// Appends the first `rows` of a vector. Throws Error(Data) for a value that our types can't say: infinity as a date or
// timestamp, a HUGEINT of 39 digits.
void read_vector(const DuckDbLibrary& duckdb, const VectorPlan& plan, duckdb_vector vector, std::size_t rows,
                 data::ColumnBuilder& builder);

// Fills a vector, made for the column's type by make_duckdb_type, with `rows` rows from `first`. Texts are not copied:
// the column must live until DuckDB has taken the chunk. They must be valid UTF-8.
void write_vector(const DuckDbLibrary& duckdb, const data::Column& column, std::size_t first, std::size_t rows,
                  duckdb_vector vector);

}  // namespace plumb::db
