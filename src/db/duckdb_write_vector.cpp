#include <cstring>

#include "base/error.h"
#include "db/duckdb_vectors.h"

namespace plumb::db {
namespace {

using data::Column;
using data::Int128;
using data::TypeKind;
using data::UInt128;

void set_null(std::uint64_t* validity, std::size_t row) {
  validity[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
}

// DuckDB takes for granted that what is inside a null struct is null as well.
void write_nulls_inside(const DuckDbLibrary& duckdb, const data::Type& type, const std::vector<std::size_t>& rows,
                        duckdb_vector vector) {
  duckdb.vector_ensure_validity_writable(vector);
  std::uint64_t* validity = duckdb.vector_get_validity(vector);
  for (std::size_t row : rows) set_null(validity, row);
  if (type.kind() != TypeKind::Struct) return;
  for (std::size_t i = 0; i < type.fields().size(); ++i) {
    write_nulls_inside(duckdb, type.fields()[i].type, rows, duckdb.struct_vector_get_child(vector, i));
  }
}

void write_nulls(const DuckDbLibrary& duckdb, const Column& column, std::size_t first, std::size_t rows,
                 duckdb_vector vector) {
  if (column.null_count() == 0) return;
  std::vector<std::size_t> nulls;
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.null_at(first + row)) nulls.push_back(row);
  }
  if (!nulls.empty()) write_nulls_inside(duckdb, column.type(), nulls, vector);
}

template <class Value>
void write_values(const Column& column, std::size_t first, std::size_t rows, void* out) {
  std::memcpy(out, column.values<Value>().data() + first, rows * sizeof(Value));
}

void write_bools(const Column& column, std::size_t first, std::size_t rows, bool* out) {
  for (std::size_t row = 0; row < rows; ++row) out[row] = column.bool_at(first + row);
}

duckdb_hugeint to_hugeint(Int128 value) {
  return {.lower = static_cast<std::uint64_t>(value), .upper = static_cast<std::int64_t>(value >> 64)};
}

// DuckDB keeps a decimal in the smallest integer that its width needs.
template <class Value>
void write_decimals(const Column& column, std::size_t first, std::size_t rows, Value* out) {
  const Int128* units = column.values<Int128>().data() + first;
  for (std::size_t row = 0; row < rows; ++row) {
    if constexpr (std::is_same_v<Value, duckdb_hugeint>) {
      out[row] = to_hugeint(units[row]);
    } else {
      out[row] = static_cast<Value>(units[row]);
    }
  }
}

void write_decimals(const Column& column, std::size_t first, std::size_t rows, void* out) {
  int precision = column.type().precision();
  if (precision <= 4) return write_decimals(column, first, rows, static_cast<std::int16_t*>(out));
  if (precision <= 9) return write_decimals(column, first, rows, static_cast<std::int32_t*>(out));
  if (precision <= 18) return write_decimals(column, first, rows, static_cast<std::int64_t*>(out));
  write_decimals(column, first, rows, static_cast<duckdb_hugeint*>(out));
}

void write_uuids(const Column& column, std::size_t first, std::size_t rows, duckdb_hugeint* out) {
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint8_t* bytes = column.uuid_at(first + row);
    std::uint64_t upper = 0;
    std::uint64_t lower = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      upper = upper << 8 | bytes[i];
      lower = lower << 8 | bytes[8 + i];
    }
    out[row] = {.lower = lower, .upper = static_cast<std::int64_t>(upper ^ (std::uint64_t{1} << 63))};
  }
}

// Up to 12 bytes stand in the entry itself, padded with zeros, as DuckDB compares entries whole; longer texts are
// pointed at where they are, with their first four bytes beside the pointer.
void write_texts(const Column& column, std::size_t first, std::size_t rows, duckdb_string_t* out) {
  const std::int32_t* offsets = column.offsets().data() + first;
  const auto* bytes = reinterpret_cast<const char*>(column.values_buffer()->data());
  for (std::size_t row = 0; row < rows; ++row) {
    const char* text = bytes + offsets[row];
    auto length = static_cast<std::uint32_t>(offsets[row + 1] - offsets[row]);
    duckdb_string_t entry{};
    entry.value.inlined.length = length;
    if (length <= sizeof entry.value.inlined.inlined) {
      if (length != 0) std::memcpy(entry.value.inlined.inlined, text, length);
    } else {
      std::memcpy(entry.value.pointer.prefix, text, sizeof entry.value.pointer.prefix);
      entry.value.pointer.ptr = const_cast<char*>(text);  // DuckDB copies it and writes nothing
    }
    out[row] = entry;
  }
}

void write_lists(const DuckDbLibrary& duckdb, const Column& column, std::size_t first, std::size_t rows,
                 duckdb_vector vector) {
  const std::int32_t* offsets = column.offsets().data() + first;
  auto start = static_cast<std::size_t>(offsets[0]);
  std::size_t count = static_cast<std::size_t>(offsets[rows]) - start;
  auto* entries = static_cast<duckdb_list_entry*>(duckdb.vector_get_data(vector));
  for (std::size_t row = 0; row < rows; ++row) {
    entries[row] = {.offset = static_cast<std::uint64_t>(offsets[row]) - start,
                    .length = static_cast<std::uint64_t>(offsets[row + 1] - offsets[row])};
  }
  // The child's memory may move when it grows, so it is asked for afterwards.
  if (duckdb.list_vector_reserve(vector, count) != DuckDBSuccess ||
      duckdb.list_vector_set_size(vector, count) != DuckDBSuccess)
    throw Error(ErrorKind::Database, "DuckDB has no memory for the elements of a list");
  write_vector(duckdb, column.children().front(), start, count, duckdb.list_vector_get_child(vector));
}

}  // namespace

void write_vector(const DuckDbLibrary& duckdb, const Column& column, std::size_t first, std::size_t rows,
                  duckdb_vector vector) {
  if (rows == 0) return;
  void* out = duckdb.vector_get_data(vector);
  switch (column.type().kind()) {
    case TypeKind::Bool:
      write_bools(column, first, rows, static_cast<bool*>(out));
      break;
    case TypeKind::Int64:
    case TypeKind::Time:
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:
      write_values<std::int64_t>(column, first, rows, out);
      break;
    case TypeKind::Double:
      write_values<double>(column, first, rows, out);
      break;
    case TypeKind::Date:
      write_values<std::int32_t>(column, first, rows, out);
      break;
    case TypeKind::Decimal:
      write_decimals(column, first, rows, out);
      break;
    case TypeKind::Uuid:
      write_uuids(column, first, rows, static_cast<duckdb_hugeint*>(out));
      break;
    case TypeKind::Text:
    case TypeKind::Binary:
    case TypeKind::Json:
      write_texts(column, first, rows, static_cast<duckdb_string_t*>(out));
      break;
    case TypeKind::List:
      write_lists(duckdb, column, first, rows, vector);
      break;
    case TypeKind::Struct:
      for (std::size_t i = 0; i < column.children().size(); ++i) {
        write_vector(duckdb, column.children()[i], first, rows, duckdb.struct_vector_get_child(vector, i));
      }
      break;
  }
  write_nulls(duckdb, column, first, rows, vector);
}

}  // namespace plumb::db
