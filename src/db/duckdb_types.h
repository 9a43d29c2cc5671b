// DuckDB's types and ours.
//
// Ours each have one of DuckDB's (docs/types.md). Of DuckDB's that we lack, those with a near relative become it: small
// and unsigned integers int64, UBIGINT decimal(20,0), HUGEINT decimal(38,0), FLOAT double, seconds, milliseconds and
// nanoseconds timestamp (cut to µs), MAP a list of structs of key and value, ARRAY a list. The rest travels as the text
// that DuckDB casts it to: INTERVAL, ENUM, UHUGEINT, TIMETZ, TIME_NS read as they are, BIT, BIGNUM, UNION, VARIANT,
// GEOMETRY and whatever comes next by a CAST in the statement.
#pragma once

#include <string>
#include <vector>

#include "data/data.h"
#include "db/duckdb_library.h"

namespace plumb::db {

// How a vector is read: what it holds, and what becomes of it.
struct VectorPlan {
  duckdb_type id;
  data::Type type;
  duckdb_type storage = DUCKDB_TYPE_INVALID;  // of a decimal or an enum: the integer behind it
  std::size_t array_size = 0;
  std::vector<std::string> words = {};  // of an enum
  std::vector<VectorPlan> children = {};
  bool must_be_cast = false;  // this, or something in it, can be read only after a CAST to `type`
};
VectorPlan plan_vector(const DuckDbLibrary& duckdb, duckdb_logical_type type);

// A type as DuckDB's DDL: "DECIMAL(18,2)", "STRUCT(\"a\" BIGINT)[]". A struct that DuckDB can't have (without fields,
// or with names that differ in case alone) is JSON.
std::string duckdb_ddl(const data::Type& type);
// What duckdb_ddl() says when it is read back: the type itself, or json for such a struct.
data::Type stored_type(const data::Type& type);
DuckDbType make_duckdb_type(const DuckDbLibrary& duckdb, const data::Type& type);

// An SQL expression for the canonical text (data/text.h) of a column or expression of a type.
std::string duckdb_text_of(const std::string& expression, const data::Type& type);

}  // namespace plumb::db
