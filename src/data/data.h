// Rows on the move: types, schemas and columnar batches.
//
// Rows move through the house as Batches: a Schema and one Column per field, in the memory layout of Arrow's C data
// interface, so that a batch goes to DuckDB, an Arrow reader or a file without being copied row by row. A batch holds a
// few thousand rows (BatchBuilder starts a new one at a byte limit), never a table.
//
//     BatchBuilder rows(Schema({{"id", Type::int64()}, {"amount", Type::decimal(18, 2)}}));
//     rows.column(0).append_int64(1);
//     rows.column(1).append_decimal(Decimal::parse("12.30"));
//     rows.finish_row();
//     Batch batch = rows.take();
//     batch.column(1).decimal_at(0);   // 12.30
//
// The types are few: what a database can't say with them travels as text. Money is decimal, exact, end to end.
// docs/types.md tells how each is declared and written in every database and format.
//
// Batches, columns and schemas are values that never change once made; they copy cheaply (buffers are shared) and may
// be read from any thread. A builder belongs to one thread.
#pragma once

#include "data/arrow.h"
#include "data/batch.h"
#include "data/decimal.h"
#include "data/record.h"
#include "data/text.h"
#include "data/type.h"
