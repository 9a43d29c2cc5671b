// Columns and batches in Arrow's layout, and the builders that fill them.
#pragma once

#include <cassert>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"
#include "data/bytes.h"
#include "data/decimal.h"
#include "data/type.h"

namespace plumb::data {

// 16 bytes as RFC 9562 orders them.
struct Uuid {
  std::uint8_t bytes[16] = {};
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

// One column. Buffers by kind, as Arrow lays them out (all little-endian, validity bit 1 = present, absent buffer = no
// nulls):
//   Bool: bits · Int64, Time, Timestamp, TimestampTz: int64 · Double: double · Date: int32 days · Decimal: int128 units
//   Uuid: 16 bytes · Text, Binary, Json: int32 offsets (rows + 1) and bytes · List: int32 offsets and one child
//   Struct: a child per field
// A null has a place in the values as well, of no particular value. Buffers that a kind lacks are null.
class Column {
 public:
  // Asserts that the buffers are as long as the rows need.
  Column(Type type, std::size_t rows, std::size_t nulls, Buffer validity, Buffer offsets, Buffer values,
         std::vector<Column> children = {});
  // Nothing but nulls.
  static Column nulls(Type type, std::size_t rows);

  const Type& type() const { return type_; }
  std::size_t rows() const { return rows_; }
  std::size_t null_count() const { return nulls_; }
  bool null_at(std::size_t row) const { return validity_ && ((*validity_)[row >> 3] >> (row & 7) & 1) == 0; }

  // The value in a row that is not null; the kind must fit (asserted).
  bool bool_at(std::size_t row) const { return (*values_)[row >> 3] >> (row & 7) & 1; }
  std::int64_t int64_at(std::size_t row) const { return values<std::int64_t>()[row]; }  // also Time, Timestamp(Tz)
  double double_at(std::size_t row) const { return values<double>()[row]; }
  std::int32_t days_at(std::size_t row) const { return values<std::int32_t>()[row]; }  // Date, since 1970-01-01
  Decimal decimal_at(std::size_t row) const { return {values<Int128>()[row], type_.scale()}; }
  const std::uint8_t* uuid_at(std::size_t row) const { return values_->data() + row * 16; }
  std::string_view text_at(std::size_t row) const {  // Text, Binary, Json
    auto offsets = this->offsets();
    return {reinterpret_cast<const char*>(values_->data()) + offsets[row],
            static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }

  // Raw access for drivers.
  template <class T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(values_->data()), values_->size() / sizeof(T)};
  }
  std::span<const std::int32_t> offsets() const {
    return {reinterpret_cast<const std::int32_t*>(offsets_->data()), offsets_->size() / 4};
  }
  const Buffer& validity_buffer() const { return validity_; }
  const Buffer& offsets_buffer() const { return offsets_; }
  const Buffer& values_buffer() const { return values_; }
  const std::vector<Column>& children() const { return children_; }

  std::size_t bytes() const;  // of all buffers

 private:
  Type type_;
  std::size_t rows_;
  std::size_t nulls_;
  Buffer validity_;
  Buffer offsets_;
  Buffer values_;
  std::vector<Column> children_;
};

class Batch {
 public:
  Batch() = default;
  Batch(const Schema& schema, std::vector<Column> columns);  // asserts equal lengths and types

  const Schema& schema() const { return schema_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  const Column& column(std::size_t index) const { return columns_[index]; }
  const Column* find_column(std::string_view name) const;
  std::size_t bytes() const;

 private:
  Schema schema_;
  std::vector<Column> columns_;
  std::size_t rows_ = 0;
};

// Fills one column. The append must fit the type's kind (asserted), but for decimals: the value is rescaled, and
// Error(Data) is thrown when it does not fit precision and scale. Error(Data) too for more than 2 GiB of text in one
// batch.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type);

  void append_null();
  void append_bool(bool value);
  void append_int64(std::int64_t value);  // Int64, Time, Timestamp, TimestampTz
  void append_double(double value);
  void append_decimal(const Decimal& value);
  void append_days(std::int32_t days);       // Date
  void append_text(std::string_view bytes);  // Text, Binary, Json; a caller makes sure of UTF-8
  void append_uuid(const Uuid& value);
  // A list row: begin, append to element(), end. A struct row: append one value to each child, then end.
  ColumnBuilder& element() { return children_.front(); }
  ColumnBuilder& child(std::size_t index) { return children_[index]; }
  void end_list();
  void end_struct();
  // A copy of one value of a column of the same type.
  void append_from(const Column& column, std::size_t row);

  const Type& type() const { return type_; }
  std::size_t rows() const { return rows_; }
  std::size_t bytes() const;
  // Takes back all rows after the first `rows`, one begun halfway included: how a row that went wrong leaves no trace.
  void truncate(std::size_t rows);
  // The column so far; the builder is empty again.
  Column take();

 private:
  bool holds_int64() const {
    return type_.kind() == TypeKind::Int64 || type_.kind() == TypeKind::Time || type_.kind() == TypeKind::Timestamp ||
           type_.kind() == TypeKind::TimestampTz;
  }
  bool holds_bytes() const {
    return type_.kind() == TypeKind::Text || type_.kind() == TypeKind::Binary || type_.kind() == TypeKind::Json;
  }
  static void push_bit(Bytes& bits, std::size_t row, bool value) {
    if ((row & 7) == 0) bits.push(std::uint8_t{0});
    bits[row >> 3] = static_cast<std::uint8_t>(bits[row >> 3] | unsigned{value} << (row & 7));
  }
  // The row is complete.
  void mark_present() {
    if (nulls_ != 0) push_bit(validity_, rows_, true);
    ++rows_;
  }
  std::int32_t last_offset() const;
  Int128 rescaled_units(const Decimal& value) const;
  [[noreturn]] void throw_too_long() const;

  Type type_;
  std::size_t width_;  // bytes of a value; 0 for bits, texts and nested types
  std::size_t rows_ = 0;
  std::size_t nulls_ = 0;
  Bytes validity_;  // empty until the first null
  Bytes offsets_;
  Bytes values_;
  std::vector<ColumnBuilder> children_;
};

inline constexpr std::size_t kBatchRows = 65'536;
inline constexpr std::size_t kBatchBytes = 4u << 20;

class BatchBuilder {
 public:
  explicit BatchBuilder(const Schema& schema);
  const Schema& schema() const { return schema_; }
  ColumnBuilder& column(std::size_t index) { return columns_[index]; }
  // Every column must have got one value since the last call (asserted).
  void finish_row() { ++rows_; }
  // Takes back what the row that is not finished yet has got.
  void drop_row();
  std::size_t rows() const { return rows_; }
  // True when it is time to take(): 64 K rows or 4 MiB.
  bool full() const { return rows_ >= kBatchRows || bytes() >= kBatchBytes; }
  std::size_t bytes() const;
  Batch take();

 private:
  Schema schema_;
  std::vector<ColumnBuilder> columns_;
  std::size_t rows_ = 0;
};

// The column in a wider type (see widest()): int64 to decimal, decimal to a larger one, anything to text or json. Other
// pairs go by the text of each value, as parse_text reads it. Throws Error(Data) where a value does not fit; nothing is
// rounded. `name` is the column's, for that message.
Column cast(const Column& column, const Type& type, std::string_view name = {});
// The batch with the columns of `schema`, in its order: cast where types differ, null where a column is missing.
Batch conform(const Batch& batch, const Schema& schema);

// Below: the appends of single values, inline because millions of rows go through them.

inline void ColumnBuilder::append_bool(bool value) {
  assert(type_.kind() == TypeKind::Bool && "a bool goes into a bool column");
  push_bit(values_, rows_, value);
  mark_present();
}

inline void ColumnBuilder::append_int64(std::int64_t value) {
  assert(holds_int64() && "an int64 goes into an int64, time or timestamp column");
  values_.push(value);
  mark_present();
}

inline void ColumnBuilder::append_double(double value) {
  assert(type_.kind() == TypeKind::Double && "a double goes into a double column");
  values_.push(value);
  mark_present();
}

inline void ColumnBuilder::append_decimal(const Decimal& value) {
  assert(type_.kind() == TypeKind::Decimal && "a decimal goes into a decimal column");
  bool fits = value.scale == type_.scale() && fits_digits(value.units, type_.precision());
  values_.push(fits ? value.units : rescaled_units(value));
  mark_present();
}

inline void ColumnBuilder::append_days(std::int32_t days) {
  assert(type_.kind() == TypeKind::Date && "days go into a date column");
  values_.push(days);
  mark_present();
}

inline void ColumnBuilder::append_text(std::string_view bytes) {
  assert(holds_bytes() && "text goes into a text, binary or json column");
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  if (bytes.size() > kMost - values_.size()) [[unlikely]]
    throw_too_long();
  values_.append(bytes.data(), bytes.size());
  offsets_.push(static_cast<std::int32_t>(values_.size()));
  mark_present();
}

inline void ColumnBuilder::append_uuid(const Uuid& value) {
  assert(type_.kind() == TypeKind::Uuid && "a uuid goes into a uuid column");
  values_.push(value);
  mark_present();
}

inline std::size_t ColumnBuilder::bytes() const {
  std::size_t sum = validity_.size() + offsets_.size() + values_.size();
  for (const auto& child : children_) sum += child.bytes();
  return sum;
}

inline std::size_t BatchBuilder::bytes() const {
  std::size_t sum = 0;
  for (const auto& column : columns_) sum += column.bytes();
  return sum;
}

}  // namespace plumb::data
