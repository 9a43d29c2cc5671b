#include "data/batch.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/format.h"

namespace plumb::data {
namespace {

// Bytes of one value in the values buffer; 0 where it holds bits or texts, or where there is none.
std::size_t width_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::Int64:
    case TypeKind::Double:
    case TypeKind::Time:
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:
      return 8;
    case TypeKind::Date:
      return 4;
    case TypeKind::Decimal:
    case TypeKind::Uuid:
      return 16;
    case TypeKind::Bool:
    case TypeKind::Text:
    case TypeKind::Binary:
    case TypeKind::Json:
    case TypeKind::List:
    case TypeKind::Struct:
      return 0;
  }
  return 0;
}

bool has_offsets(TypeKind kind) {
  return kind == TypeKind::Text || kind == TypeKind::Binary || kind == TypeKind::Json || kind == TypeKind::List;
}

std::size_t size_of(const Buffer& buffer) {
  return buffer ? buffer->size() : 0;
}

Buffer share(Bytes&& bytes) {
  return std::make_shared<const Bytes>(std::move(bytes));
}

// Do the buffers hold as many rows as the column says?
[[maybe_unused]] bool consistent(const Column& column) {
  std::size_t rows = column.rows();
  TypeKind kind = column.type().kind();
  if (column.validity_buffer() && column.validity_buffer()->size() < (rows + 7) / 8) return false;
  if (!column.validity_buffer() && column.null_count() != 0) return false;
  if (has_offsets(kind)) {
    if (size_of(column.offsets_buffer()) < (rows + 1) * 4) return false;
    auto end = static_cast<std::size_t>(column.offsets()[rows]);
    if (kind == TypeKind::List) return column.children().size() == 1 && column.children()[0].rows() >= end;
    return column.values_buffer() && column.values_buffer()->size() >= end;
  }
  if (kind == TypeKind::Struct) {
    return column.children().size() == column.type().fields().size() &&
           std::all_of(column.children().begin(), column.children().end(),
                       [&](const Column& child) { return child.rows() == rows; });
  }
  std::size_t least = kind == TypeKind::Bool ? (rows + 7) / 8 : rows * width_of(kind);
  return column.values_buffer() && column.values_buffer()->size() >= least;
}

}  // namespace

Column::Column(Type type, std::size_t rows, std::size_t nulls, Buffer validity, Buffer offsets, Buffer values,
               std::vector<Column> children)
    : type_(std::move(type)),
      rows_(rows),
      nulls_(nulls),
      validity_(std::move(validity)),
      offsets_(std::move(offsets)),
      values_(std::move(values)),
      children_(std::move(children)) {
  assert(consistent(*this) && "a column's buffers are as long as its rows need");
}

Column Column::nulls(Type type, std::size_t rows) {
  ColumnBuilder builder(std::move(type));
  for (std::size_t i = 0; i < rows; ++i) builder.append_null();
  return builder.take();
}

std::size_t Column::bytes() const {
  std::size_t sum = size_of(validity_) + size_of(offsets_) + size_of(values_);
  for (const Column& child : children_) sum += child.bytes();
  return sum;
}

Batch::Batch(const Schema& schema, std::vector<Column> columns) : schema_(schema), columns_(std::move(columns)) {
  assert(columns_.size() == schema_.size() && "a batch has a column for each field");
  if (!columns_.empty()) rows_ = columns_.front().rows();
  for ([[maybe_unused]] std::size_t i = 0; i < columns_.size(); ++i) {
    assert(columns_[i].rows() == rows_ && "the columns of a batch are equally long");
    assert(columns_[i].type() == schema_[i].type && "the columns of a batch have the types of its schema");
  }
}

const Column* Batch::find_column(std::string_view name) const {
  auto index = schema_.find(name);
  return index ? &columns_[*index] : nullptr;
}

std::size_t Batch::bytes() const {
  std::size_t sum = 0;
  for (const Column& column : columns_) sum += column.bytes();
  return sum;
}

ColumnBuilder::ColumnBuilder(Type type) : type_(std::move(type)), width_(width_of(type_.kind())) {
  if (has_offsets(type_.kind())) offsets_.push(std::int32_t{0});
  if (type_.kind() == TypeKind::List) children_.emplace_back(type_.element());
  if (type_.kind() == TypeKind::Struct) {
    for (const Field& field : type_.fields()) children_.emplace_back(field.type);
  }
}

void ColumnBuilder::append_null() {
  if (nulls_ == 0) {
    validity_.fill(rows_ >> 3, 0xff);
    if ((rows_ & 7) != 0) validity_.push(static_cast<std::uint8_t>((1u << (rows_ & 7)) - 1));
  }
  if (width_ != 0) {
    values_.fill(width_, 0);
  } else if (has_offsets(type_.kind())) {
    offsets_.push(last_offset());
  } else if (type_.kind() == TypeKind::Bool) {
    push_bit(values_, rows_, false);
  } else {
    for (ColumnBuilder& child : children_) child.append_null();
  }
  push_bit(validity_, rows_, false);
  ++nulls_;
  ++rows_;
}

void ColumnBuilder::end_list() {
  assert(type_.kind() == TypeKind::List && "only a list row ends as a list");
  if (element().rows() > std::size_t{std::numeric_limits<std::int32_t>::max()}) throw_too_long();
  offsets_.push(static_cast<std::int32_t>(element().rows()));
  mark_present();
}

void ColumnBuilder::end_struct() {
  assert(type_.kind() == TypeKind::Struct && "only a struct row ends as a struct");
  assert(std::all_of(children_.begin(), children_.end(), [&](auto& child) { return child.rows() == rows_ + 1; }) &&
         "every field of a struct has got a value");
  mark_present();
}

void ColumnBuilder::append_from(const Column& column, std::size_t row) {
  assert(column.type() == type_ && "values are copied between columns of one type");
  if (column.null_at(row)) {
    append_null();
  } else if (width_ != 0) {
    values_.append(column.values_buffer()->data() + row * width_, width_);
    mark_present();
  } else if (type_.kind() == TypeKind::Bool) {
    append_bool(column.bool_at(row));
  } else if (type_.kind() == TypeKind::Struct) {
    for (std::size_t i = 0; i < children_.size(); ++i) children_[i].append_from(column.children()[i], row);
    end_struct();
  } else if (type_.kind() == TypeKind::List) {
    auto offsets = column.offsets();
    for (auto i = offsets[row]; i < offsets[row + 1]; ++i) {
      element().append_from(column.children().front(), static_cast<std::size_t>(i));
    }
    end_list();
  } else {
    append_text(column.text_at(row));
  }
}

void ColumnBuilder::truncate(std::size_t rows) {
  assert(rows <= rows_ && "a builder is cut, not stretched");
  for (std::size_t row = rows; nulls_ != 0 && row < rows_; ++row) {
    if ((validity_[row >> 3] >> (row & 7) & 1) == 0) --nulls_;
  }
  // Bits after the last row stay clear, so that push_bit may set them.
  auto cut_bits = [&](Bytes& bits) {
    bits.resize((rows + 7) / 8);
    if ((rows & 7) != 0) bits[rows >> 3] = static_cast<std::uint8_t>(bits[rows >> 3] & ((1u << (rows & 7)) - 1));
  };
  if (nulls_ == 0) {
    validity_.resize(0);
  } else {
    cut_bits(validity_);
  }
  rows_ = rows;
  if (width_ != 0) {
    values_.resize(rows * width_);
  } else if (type_.kind() == TypeKind::Bool) {
    cut_bits(values_);
  } else if (type_.kind() == TypeKind::Struct) {
    for (ColumnBuilder& child : children_) child.truncate(rows);
  } else {
    offsets_.resize((rows + 1) * 4);
    auto end = static_cast<std::size_t>(last_offset());
    if (type_.kind() == TypeKind::List) {
      element().truncate(end);
    } else {
      values_.resize(end);
    }
  }
}

Column ColumnBuilder::take() {
  std::vector<Column> children;
  for (ColumnBuilder& child : children_) children.push_back(child.take());
  Buffer validity = nulls_ != 0 ? share(std::exchange(validity_, {})) : nullptr;
  Buffer offsets = has_offsets(type_.kind()) ? share(std::exchange(offsets_, {})) : nullptr;
  Buffer values = type_.nested() ? nullptr : share(std::exchange(values_, {}));
  if (offsets) offsets_.push(std::int32_t{0});
  Column column(type_, rows_, nulls_, std::move(validity), std::move(offsets), std::move(values), std::move(children));
  rows_ = 0;
  nulls_ = 0;
  return column;
}

std::int32_t ColumnBuilder::last_offset() const {
  std::int32_t offset = 0;
  std::memcpy(&offset, offsets_.data() + offsets_.size() - 4, 4);
  return offset;
}

Int128 ColumnBuilder::rescaled_units(const Decimal& value) const {
  auto rescaled = value.find_rescaled(type_.scale());
  if (!rescaled || !fits_digits(rescaled->units, type_.precision())) {
    throw Error(ErrorKind::Data, format("{} does not fit {}", value.to_string(), type_.to_string()));
  }
  return rescaled->units;
}

void ColumnBuilder::throw_too_long() const {
  throw Error(ErrorKind::Data, "a column of one batch can't hold more than 2 GiB of text or 2^31 list elements");
}

BatchBuilder::BatchBuilder(const Schema& schema) : schema_(schema) {
  columns_.reserve(schema_.size());
  for (const Field& field : schema_) columns_.emplace_back(field.type);
}

void BatchBuilder::drop_row() {
  for (ColumnBuilder& column : columns_) column.truncate(rows_);
}

Batch BatchBuilder::take() {
  std::vector<Column> columns;
  columns.reserve(columns_.size());
  for (ColumnBuilder& column : columns_) {
    assert(column.rows() == rows_ && "every column has got a value in every row");
    columns.push_back(column.take());
  }
  rows_ = 0;
  return Batch(schema_, std::move(columns));
}

}  // namespace plumb::data
