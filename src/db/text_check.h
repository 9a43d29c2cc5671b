// Texts that no database takes: those with a NUL or with invalid UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/data.h"
#include "db/db.h"

namespace plumb::db {

// Where the first byte stands that is NUL or no valid UTF-8.
std::optional<std::size_t> find_bad_text(std::string_view text);

// Throws Error(Data) that names table, column and row for the first such text of the batch. `rows_before` is the number
// of rows that the writer took before this batch; rows are counted from 1.
void check_texts(const data::Batch& batch, const TableName& table, std::int64_t rows_before);

// The same for parameters of a statement.
void check_texts(std::span<const Value> parameters);

}  // namespace plumb::db
