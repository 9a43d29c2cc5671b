#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "data/batch.h"
#include "data/calendar.h"
#include "data/text.h"

namespace plumb::data {
namespace {

// One column on its way to another type; knows the name for messages.
class Caster {
 public:
  Caster(const Column& column, const Type& type, std::string_view name) : column_(column), type_(type), name_(name) {}

  Column result() {
    TypeKind from = column_.type().kind();
    TypeKind to = type_.kind();
    if (from == TypeKind::Int64 && to == TypeKind::Decimal) {
      return each([&](std::size_t row, auto& out) { append_decimal(row, {column_.int64_at(row), 0}, out); });
    }
    if (from == TypeKind::Decimal && to == TypeKind::Decimal) {
      return each([&](std::size_t row, auto& out) { append_decimal(row, column_.decimal_at(row), out); });
    }
    if (from == TypeKind::Int64 && to == TypeKind::Double) return int64_to_double();
    if (from == TypeKind::Date && to == TypeKind::Timestamp) return date_to_timestamp();
    if (from == TypeKind::List && to == TypeKind::List) return list_to_list();
    if (from == TypeKind::Struct && to == TypeKind::Struct) return struct_to_struct();
    if (to == TypeKind::Json && from != TypeKind::Text) return any_to_json();
    return by_text();
  }

 private:
  template <class Append>
  Column each(Append append) {
    ColumnBuilder builder(type_);
    for (std::size_t row = 0; row < column_.rows(); ++row) {
      if (column_.null_at(row)) {
        builder.append_null();
      } else {
        append(row, builder);
      }
    }
    return builder.take();
  }

  void append_decimal(std::size_t row, const Decimal& value, ColumnBuilder& builder) {
    auto rescaled = value.find_rescaled(type_.scale());
    if (!rescaled || !fits_digits(rescaled->units, type_.precision())) fail(row);
    builder.append_decimal(*rescaled);
  }

  Column int64_to_double() {
    return each([&](std::size_t row, ColumnBuilder& builder) {
      // Up to 2^53 every integer is a double; beyond it some are.
      std::int64_t value = column_.int64_at(row);
      auto number = static_cast<double>(value);
      bool exact = number < 0x1p63 && static_cast<std::int64_t>(number) == value;
      if (!exact) fail(row);
      builder.append_double(number);
    });
  }

  Column date_to_timestamp() {
    return each([&](std::size_t row, ColumnBuilder& builder) {
      std::int64_t micros = 0;
      if (__builtin_mul_overflow(std::int64_t{column_.days_at(row)}, kDay, &micros)) fail(row);
      builder.append_int64(micros);
    });
  }

  Column any_to_json() {
    std::string text;
    return each([&](std::size_t row, ColumnBuilder& builder) {
      text.clear();
      append_json(column_, row, text);
      builder.append_text(text);
    });
  }

  Column by_text() {
    std::string text;
    return each([&](std::size_t row, ColumnBuilder& builder) {
      text.clear();
      append_text(column_, row, text);
      if (!parse_text(text, builder)) fail(row);
    });
  }

  Column list_to_list() {
    Column element = cast(column_.children().front(), type_.element(), name_);
    return Column(type_, column_.rows(), column_.null_count(), column_.validity_buffer(), column_.offsets_buffer(),
                  nullptr, {std::move(element)});
  }

  Column struct_to_struct() {
    const auto& from = column_.type().fields();
    std::vector<Column> children;
    std::size_t found = 0;
    for (const Field& field : type_.fields()) {
      std::size_t at = 0;
      while (at < from.size() && from[at].name != field.name) ++at;
      if (at == from.size()) {
        children.push_back(Column::nulls(field.type, column_.rows()));
      } else {
        ++found;
        children.push_back(cast(column_.children()[at], field.type, name_));
      }
    }
    if (found != from.size()) {
      throw Error(ErrorKind::Data,
                  format("{}: {} lacks a field of {}", described(), type_.to_string(), column_.type().to_string()));
    }
    return Column(type_, column_.rows(), column_.null_count(), column_.validity_buffer(), nullptr, nullptr,
                  std::move(children));
  }

  std::string described() const { return name_.empty() ? "a column" : format("column '{}'", name_); }

  [[noreturn]] void fail(std::size_t row) const {
    constexpr std::size_t kMost = 80;
    std::string text;
    append_text(column_, row, text);
    text = printable(text.size() > kMost ? text.substr(0, kMost) + "…" : text);
    throw Error(
        ErrorKind::Data,
        format("{}: '{}' ({}) does not fit {}", described(), text, column_.type().to_string(), type_.to_string()),
        {.hint = "widen the column, or name its type under 'columns:'"});
  }

  const Column& column_;
  const Type& type_;
  std::string_view name_;
};

}  // namespace

Column cast(const Column& column, const Type& type, std::string_view name) {
  return column.type() == type ? column : Caster(column, type, name).result();
}

Batch conform(const Batch& batch, const Schema& schema) {
  if (batch.schema() == schema) return batch;
  std::vector<Column> columns;
  columns.reserve(schema.size());
  for (const Field& field : schema) {
    const Column* column = batch.find_column(field.name);
    columns.push_back(column != nullptr ? cast(*column, field.type, field.name)
                                        : Column::nulls(field.type, batch.rows()));
  }
  return Batch(schema, std::move(columns));
}

}  // namespace plumb::data
