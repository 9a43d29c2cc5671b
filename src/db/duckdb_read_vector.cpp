#include <limits>

#include "base/error.h"
#include "base/format.h"
#include "db/duckdb_vectors.h"

namespace plumb::db {
namespace {

using data::ColumnBuilder;
using data::Decimal;
using data::Int128;
using data::UInt128;

// A vector's memory, its children's included, so that rows are read without asking DuckDB again.
struct VectorView {
  const VectorPlan* plan;
  const void* data;
  const std::uint64_t* validity;  // null: all there
  std::vector<VectorView> children;

  template <class Value>
  const Value& value(std::size_t row) const {
    return static_cast<const Value*>(data)[row];
  }
  bool null_at(std::size_t row) const { return validity != nullptr && (validity[row >> 6] >> (row & 63) & 1) == 0; }
};

VectorView view_vector(const DuckDbLibrary& duckdb, const VectorPlan& plan, duckdb_vector vector) {
  VectorView view{&plan, duckdb.vector_get_data(vector), duckdb.vector_get_validity(vector), {}};
  for (std::size_t i = 0; i < plan.children.size(); ++i) {
    duckdb_vector child = plan.id == DUCKDB_TYPE_STRUCT  ? duckdb.struct_vector_get_child(vector, i)
                          : plan.id == DUCKDB_TYPE_ARRAY ? duckdb.array_vector_get_child(vector)
                                                         : duckdb.list_vector_get_child(vector);
    view.children.push_back(view_vector(duckdb, plan.children[i], child));
  }
  return view;
}

template <class Append>
void for_each_row(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder, Append&& append) {
  for (std::size_t row = begin; row < end; ++row) {
    if (view.null_at(row)) {
      builder.append_null();
    } else {
      append(row);
    }
  }
}

[[noreturn]] void throw_infinite(std::string_view kind) {
  throw Error(ErrorKind::Data, format("a {} is infinite", kind),
              {.hint = "DuckDB knows infinite dates, others do not; cast the column to VARCHAR to read it as text"});
}

Int128 to_int128(const duckdb_hugeint& value) {
  return static_cast<Int128>(static_cast<UInt128>(static_cast<std::uint64_t>(value.upper)) << 64 | value.lower);
}

Decimal to_whole_decimal(Int128 units) {
  if (!data::fits_digits(units, data::kMostDigits)) {
    throw Error(ErrorKind::Data, "a HUGEINT has more than 38 digits",
                {.hint = "cast the column to VARCHAR to read it as text"});
  }
  return {units, 0};
}

data::Uuid to_uuid(const duckdb_hugeint& value) {
  // DuckDB turns the first bit round, so that signed comparison orders them as the texts are.
  std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
  data::Uuid uuid;
  for (unsigned i = 0; i < 8; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(upper >> (56 - 8 * i));
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(value.lower >> (56 - 8 * i));
  }
  return uuid;
}

std::string_view text_of(const duckdb_string_t& text) {
  std::uint32_t length = text.value.inlined.length;
  return {length <= sizeof text.value.inlined.inlined ? text.value.inlined.inlined : text.value.pointer.ptr, length};
}

template <class Value>
void read_integers(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) { builder.append_int64(view.value<Value>(row)); });
}

template <class Value>
void read_doubles(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) { builder.append_double(view.value<Value>(row)); });
}

// Ticks of a second's part to µs.
void read_timestamps(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder,
                     std::int64_t multiply, std::int64_t divide) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    auto ticks = view.value<std::int64_t>(row);
    if (ticks == std::numeric_limits<std::int64_t>::max() || ticks == -std::numeric_limits<std::int64_t>::max())
      throw_infinite("timestamp");
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(ticks, multiply, &micros)) throw Error(ErrorKind::Data, "a timestamp is out of range");
    std::int64_t rest = micros % divide;
    builder.append_int64(micros / divide - (rest < 0 ? 1 : 0));
  });
}

void read_dates(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    auto days = view.value<std::int32_t>(row);
    if (days == std::numeric_limits<std::int32_t>::max() || days == -std::numeric_limits<std::int32_t>::max())
      throw_infinite("date");
    builder.append_days(days);
  });
}

template <class Value>
void read_decimals(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  int scale = view.plan->type.scale();
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    if constexpr (std::is_same_v<Value, duckdb_hugeint>) {
      builder.append_decimal({to_int128(view.value<Value>(row)), scale});
    } else {
      builder.append_decimal({view.value<Value>(row), scale});
    }
  });
}

void read_decimals(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  switch (view.plan->storage) {
    case DUCKDB_TYPE_SMALLINT:
      return read_decimals<std::int16_t>(view, begin, end, builder);
    case DUCKDB_TYPE_INTEGER:
      return read_decimals<std::int32_t>(view, begin, end, builder);
    case DUCKDB_TYPE_BIGINT:
      return read_decimals<std::int64_t>(view, begin, end, builder);
    default:
      return read_decimals<duckdb_hugeint>(view, begin, end, builder);
  }
}

void read_words(const VectorView& view, std::size_t begin, std::size_t end, ColumnBuilder& builder) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    std::size_t word = view.plan->storage == DUCKDB_TYPE_UTINYINT    ? view.value<std::uint8_t>(row)
                       : view.plan->storage == DUCKDB_TYPE_USMALLINT ? view.value<std::uint16_t>(row)
                                                                     : view.value<std::uint32_t>(row);
    builder.append_text(view.plan->words.at(word));
  });
}

// Types that DuckDB itself writes as text, value by value.
template <class Value, class Create>
void read_written(const DuckDbLibrary& duckdb, const VectorView& view, std::size_t begin, std::size_t end,
                  ColumnBuilder& builder, Create create) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    DuckDbValue value(duckdb, create(view.value<Value>(row)));
    char* text = duckdb.get_varchar(value.get());
    builder.append_text(text);
    duckdb.free(text);
  });
}

void read_rows(const DuckDbLibrary& duckdb, const VectorView& view, std::size_t begin, std::size_t end,
               ColumnBuilder& builder);

void read_lists(const DuckDbLibrary& duckdb, const VectorView& view, std::size_t begin, std::size_t end,
                ColumnBuilder& builder) {
  const VectorView& child = view.children.front();
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    std::size_t start = row * view.plan->array_size;
    std::size_t length = view.plan->array_size;
    if (view.plan->id != DUCKDB_TYPE_ARRAY) {
      const auto& entry = view.value<duckdb_list_entry>(row);
      start = entry.offset;
      length = entry.length;
    }
    read_rows(duckdb, child, start, start + length, builder.element());
    builder.end_list();
  });
}

void read_structs(const DuckDbLibrary& duckdb, const VectorView& view, std::size_t begin, std::size_t end,
                  ColumnBuilder& builder) {
  for_each_row(view, begin, end, builder, [&](std::size_t row) {
    for (std::size_t i = 0; i < view.children.size(); ++i) {
      read_rows(duckdb, view.children[i], row, row + 1, builder.child(i));
    }
    builder.end_struct();
  });
}

void read_rows(const DuckDbLibrary& duckdb, const VectorView& view, std::size_t begin, std::size_t end,
               ColumnBuilder& builder) {
  auto each = [&](auto append) { for_each_row(view, begin, end, builder, append); };
  switch (view.plan->id) {
    case DUCKDB_TYPE_BOOLEAN:
      return each([&](std::size_t row) { builder.append_bool(view.value<bool>(row)); });
    case DUCKDB_TYPE_TINYINT:
      return read_integers<std::int8_t>(view, begin, end, builder);
    case DUCKDB_TYPE_SMALLINT:
      return read_integers<std::int16_t>(view, begin, end, builder);
    case DUCKDB_TYPE_INTEGER:
      return read_integers<std::int32_t>(view, begin, end, builder);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIME:
      return read_integers<std::int64_t>(view, begin, end, builder);
    case DUCKDB_TYPE_UTINYINT:
      return read_integers<std::uint8_t>(view, begin, end, builder);
    case DUCKDB_TYPE_USMALLINT:
      return read_integers<std::uint16_t>(view, begin, end, builder);
    case DUCKDB_TYPE_UINTEGER:
      return read_integers<std::uint32_t>(view, begin, end, builder);
    case DUCKDB_TYPE_UBIGINT:
      return each([&](std::size_t row) { builder.append_decimal({view.value<std::uint64_t>(row), 0}); });
    case DUCKDB_TYPE_HUGEINT:
      return each([&](std::size_t row) {
        builder.append_decimal(to_whole_decimal(to_int128(view.value<duckdb_hugeint>(row))));
      });
    case DUCKDB_TYPE_FLOAT:
      return read_doubles<float>(view, begin, end, builder);
    case DUCKDB_TYPE_DOUBLE:
      return read_doubles<double>(view, begin, end, builder);
    case DUCKDB_TYPE_DECIMAL:
      return read_decimals(view, begin, end, builder);
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
      return each([&](std::size_t row) { builder.append_text(text_of(view.value<duckdb_string_t>(row))); });
    case DUCKDB_TYPE_DATE:
      return read_dates(view, begin, end, builder);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return read_timestamps(view, begin, end, builder, 1, 1);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return read_timestamps(view, begin, end, builder, 1'000'000, 1);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return read_timestamps(view, begin, end, builder, 1'000, 1);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return read_timestamps(view, begin, end, builder, 1, 1'000);
    case DUCKDB_TYPE_UUID:
      return each([&](std::size_t row) { builder.append_uuid(to_uuid(view.value<duckdb_hugeint>(row))); });
    case DUCKDB_TYPE_ENUM:
      return read_words(view, begin, end, builder);
    case DUCKDB_TYPE_INTERVAL:
      return read_written<duckdb_interval>(duckdb, view, begin, end, builder, duckdb.create_interval);
    case DUCKDB_TYPE_UHUGEINT:
      return read_written<duckdb_uhugeint>(duckdb, view, begin, end, builder, duckdb.create_uhugeint);
    case DUCKDB_TYPE_TIME_TZ:
      return read_written<duckdb_time_tz>(duckdb, view, begin, end, builder, duckdb.create_time_tz_value);
    case DUCKDB_TYPE_TIME_NS:
      return read_written<duckdb_time_ns>(duckdb, view, begin, end, builder, duckdb.create_time_ns);
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_ARRAY:
      return read_lists(duckdb, view, begin, end, builder);
    case DUCKDB_TYPE_STRUCT:
      return read_structs(duckdb, view, begin, end, builder);
    default:
      return each([&](std::size_t) { builder.append_null(); });  // SQLNULL has nothing else
  }
}

}  // namespace

void read_vector(const DuckDbLibrary& duckdb, const VectorPlan& plan, duckdb_vector vector, std::size_t rows,
                 ColumnBuilder& builder) {
  read_rows(duckdb, view_vector(duckdb, plan, vector), 0, rows, builder);
}

}  // namespace plumb::db
