// The templates of record.h, which includes this at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace plumb::data::record {

// Below: how a member's C++ type is a column's type, is appended, and is read back from a column of that kind.
template <class Value>
struct ValueOf;

template <>
struct ValueOf<bool> {
  static Type type(int, int) { return Type::boolean(); }
  static void append(ColumnBuilder& builder, bool value) { builder.append_bool(value); }
  static bool read(const Column& column, std::size_t row) { return column.bool_at(row); }
};

template <>
struct ValueOf<std::int64_t> {
  static Type type(int, int) { return Type::int64(); }
  static void append(ColumnBuilder& builder, std::int64_t value) { builder.append_int64(value); }
  static std::int64_t read(const Column& column, std::size_t row) { return column.int64_at(row); }
};

template <>
struct ValueOf<int> {
  static Type type(int, int) { return Type::int64(); }
  static void append(ColumnBuilder& builder, int value) { builder.append_int64(value); }
  // Throws Error(Data) for a number over 32 bits.
  static int read(const Column& column, std::size_t row);
};

template <>
struct ValueOf<double> {
  static Type type(int, int) { return Type::float64(); }
  static void append(ColumnBuilder& builder, double value) { builder.append_double(value); }
  static double read(const Column& column, std::size_t row) { return column.double_at(row); }
};

template <>
struct ValueOf<std::string> {
  static Type type(int, int) { return Type::text(); }
  static void append(ColumnBuilder& builder, const std::string& value) { builder.append_text(value); }
  static std::string read(const Column& column, std::size_t row) { return std::string(column.text_at(row)); }
};

template <>
struct ValueOf<Decimal> {
  static Type type(int precision, int scale) { return Type::decimal(precision, scale); }
  static void append(ColumnBuilder& builder, const Decimal& value) { builder.append_decimal(value); }
  static Decimal read(const Column& column, std::size_t row) { return column.decimal_at(row); }
};

template <>
struct ValueOf<Date> {
  static Type type(int, int) { return Type::date(); }
  // Both throw Error(Data): for a date that no calendar has, and for a year that std::chrono can't say.
  static void append(ColumnBuilder& builder, Date value);
  static Date read(const Column& column, std::size_t row);
};

template <>
struct ValueOf<Instant> {
  static Type type(int, int) { return Type::timestamp_tz(); }
  static void append(ColumnBuilder& builder, Instant value) { builder.append_int64(value.time_since_epoch().count()); }
  static Instant read(const Column& column, std::size_t row) { return Instant(Duration(column.int64_at(row))); }
};

template <>
struct ValueOf<Uuid> {
  static Type type(int, int) { return Type::uuid(); }
  static void append(ColumnBuilder& builder, const Uuid& value) { builder.append_uuid(value); }
  static Uuid read(const Column& column, std::size_t row) {
    Uuid value;
    std::memcpy(value.bytes, column.uuid_at(row), sizeof(value.bytes));
    return value;
  }
};

template <>
struct ValueOf<JsonText> {
  static Type type(int, int) { return Type::json(); }
  static void append(ColumnBuilder& builder, const JsonText& value) { builder.append_text(value.json); }
  static JsonText read(const Column& column, std::size_t row) { return {std::string(column.text_at(row))}; }
};

// A member that may be null.
template <class Value>
struct ValueOf<std::optional<Value>> {
  static Type type(int precision, int scale) { return ValueOf<Value>::type(precision, scale); }
  static void append(ColumnBuilder& builder, const std::optional<Value>& value) {
    if (value) {
      ValueOf<Value>::append(builder, *value);
    } else {
      builder.append_null();
    }
  }
  static std::optional<Value> read(const Column& column, std::size_t row) {
    if (column.null_at(row)) return std::nullopt;
    return ValueOf<Value>::read(column, row);
  }
};

template <class Member>
inline constexpr bool kNullable = false;
template <class Value>
inline constexpr bool kNullable<std::optional<Value>> = true;

// The batch's column of that name, cast to the field's type if it is of another kind. Throws Error(Data) as from_batch
// does.
Column get_column(const Batch& batch, const Field& field);

template <class Record, class Member>
Field field_of(const ColumnOf<Record, Member>& column) {
  return {column.name, ValueOf<Member>::type(column.precision, column.scale), kNullable<Member>};
}

}  // namespace plumb::data::record

namespace plumb::data {

template <class Record>
Schema schema_of() {
  return std::apply([](const auto&... columns) { return Schema({record::field_of(columns)...}); },
                    Columns<Record>::list);
}

template <class Record>
Batch to_batch(std::span<const Record> records) {
  BatchBuilder rows(schema_of<Record>());
  auto append = [&]<class Member>(std::size_t index, const ColumnOf<Record, Member>& column) {
    ColumnBuilder& builder = rows.column(index);
    for (const Record& each : records) record::ValueOf<Member>::append(builder, each.*column.member);
  };
  std::apply(
      [&](const auto&... columns) {
        std::size_t index = 0;
        (append(index++, columns), ...);
      },
      Columns<Record>::list);
  for (std::size_t row = 0; row < records.size(); ++row) rows.finish_row();
  return rows.take();
}

template <class Record>
std::vector<Record> from_batch(const Batch& batch) {
  std::vector<Record> records(batch.rows());
  auto read = [&]<class Member>(const ColumnOf<Record, Member>& column) {
    Column values = record::get_column(batch, record::field_of(column));
    for (std::size_t row = 0; row < records.size(); ++row) {
      records[row].*column.member = record::ValueOf<Member>::read(values, row);
    }
  };
  std::apply([&](const auto&... columns) { (read(columns), ...); }, Columns<Record>::list);
  return records;
}

}  // namespace plumb::data
