#include "db/sqlite_reader.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "db/drivers.h"
#include "db/sqlite_types.h"
#include "db/text_check.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

// The text of a number as data/text.h writes it.
std::string number_text(const SqliteValue& value) {
  data::ColumnBuilder builder(value.storage == SQLITE_INTEGER ? Type::int64() : Type::float64());
  if (value.storage == SQLITE_INTEGER) {
    builder.append_int64(value.integer);
  } else {
    builder.append_double(value.real);
  }
  std::string text;
  data::append_text(builder.take(), 0, text);
  return text;
}

// The decimal that a double stands for, where there is one: 12.3 is 12.30. The double nearest to a decimal of at most
// 15 digits leads back to it.
std::optional<data::Int128> find_units(double real, const Type& type) {
  auto power = static_cast<double>(data::kPowersOfTen[static_cast<std::size_t>(type.scale())]);
  double scaled = std::round(real * power);
  if (!(std::fabs(scaled) < 1e15) || scaled / power != real) return std::nullopt;
  return static_cast<data::Int128>(scaled);
}

bool append_decimal(const SqliteValue& value, data::ColumnBuilder& builder) {
  if (value.storage == SQLITE_TEXT) return data::parse_text(value.bytes, builder);
  if (value.storage == SQLITE_FLOAT) {
    if (auto units = find_units(value.real, builder.type())) {
      if (!data::fits_digits(*units, builder.type().precision())) return false;
      builder.append_decimal({*units, builder.type().scale()});
      return true;
    }
    return data::parse_text(number_text(value), builder);
  }
  auto decimal = data::Decimal{value.integer, 0}.find_rescaled(builder.type().scale());
  if (!decimal || !data::fits_digits(decimal->units, builder.type().precision())) return false;
  builder.append_decimal(*decimal);
  return true;
}

bool append_number(const SqliteValue& value, data::ColumnBuilder& builder) {
  if (builder.type().kind() == TypeKind::Int64) {
    if (value.storage != SQLITE_INTEGER) return false;
    builder.append_int64(value.integer);
    return true;
  }
  if (value.storage == SQLITE_FLOAT) {
    builder.append_double(value.real);
    return true;
  }
  if (value.storage == SQLITE_TEXT) {
    // NaN, which SQLite can't keep as a number.
    if (value.bytes != "NaN") return false;
    return data::parse_text(value.bytes, builder);
  }
  auto real = static_cast<double>(value.integer);
  if (std::fabs(real) > 0x1p53) return false;
  builder.append_double(real);
  return true;
}

// Any type whose values SQLite keeps as text, or as a number that its text stands for.
bool append_by_text(const SqliteValue& value, data::ColumnBuilder& builder) {
  TypeKind kind = builder.type().kind();
  if (value.storage == SQLITE_TEXT) return data::parse_text(value.bytes, builder);
  if (value.storage == SQLITE_BLOB) return false;
  if (kind != TypeKind::Text && kind != TypeKind::Json) return false;
  return data::parse_text(number_text(value), builder);
}

Type type_of(const SqliteValue& value) {
  switch (value.storage) {
    case SQLITE_INTEGER:
      return Type::int64();
    case SQLITE_FLOAT:
      return Type::float64();
    case SQLITE_BLOB:
      return Type::binary();
    default:
      return Type::text();
  }
}

// While a column is read a bool is an integer: what is declared BOOLEAN may hold a 2.
Type working_type(const std::optional<Type>& declared) {
  if (!declared) return Type::text();
  return declared->kind() == TypeKind::Bool ? Type::int64() : *declared;
}

// Integers beyond 2^53 are no doubles.
bool all_doubles(const data::Column& column) {
  if (column.type().kind() != TypeKind::Int64) return true;
  auto values = column.values<std::int64_t>();
  return std::all_of(values.begin(), values.end(), [](std::int64_t n) { return n >= -(1LL << 53) && n <= 1LL << 53; });
}

bool is_bool_text(std::string_view text) {
  return text == "true" || text == "false";
}

}  // namespace

SqliteValue SqliteValue::of(sqlite3_stmt* statement, int column) {
  return of(sqlite3_column_value(statement, column));
}

SqliteValue SqliteValue::of(sqlite3_value* value) {
  SqliteValue result{.storage = sqlite3_value_type(value)};
  switch (result.storage) {
    case SQLITE_INTEGER:
      result.integer = sqlite3_value_int64(value);
      break;
    case SQLITE_FLOAT:
      result.real = sqlite3_value_double(value);
      break;
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      result.bytes = {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
      break;
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const char*>(sqlite3_value_blob(value));
      result.bytes = {blob == nullptr ? "" : blob, static_cast<std::size_t>(sqlite3_value_bytes(value))};
      break;
    }
    default:
      break;
  }
  return result;
}

SqliteColumnReader::SqliteColumnReader(std::optional<Type> declared)
    : declared_bool_(declared && declared->kind() == TypeKind::Bool),
      decided_(declared.has_value()),
      builder_(working_type(declared)) {}

bool SqliteColumnReader::append(const SqliteValue& value, bool fixed) {
  if (value.storage == SQLITE_NULL) {
    builder_.append_null();
    return true;
  }
  if (!decided_ && !fixed) {
    decided_ = true;
    rebuild(builder_.take(), type_of(value));
  }
  if (fits(value)) return true;
  if (fixed) return false;
  widen(value);
  return true;
}

bool SqliteColumnReader::fits(const SqliteValue& value) {
  switch (builder_.type().kind()) {
    case TypeKind::Bool:
      if (value.storage == SQLITE_TEXT) return is_bool_text(value.bytes) && data::parse_text(value.bytes, builder_);
      if (value.storage != SQLITE_INTEGER || value.integer < 0 || value.integer > 1) return false;
      builder_.append_bool(value.integer == 1);
      return true;
    case TypeKind::Decimal:
      return value.storage != SQLITE_BLOB && append_decimal(value, builder_);
    case TypeKind::Int64:
      if (declared_bool_ && value.storage == SQLITE_TEXT && is_bool_text(value.bytes)) {
        builder_.append_int64(value.bytes == "true" ? 1 : 0);
        return true;
      }
      return append_number(value, builder_);
    case TypeKind::Double:
      return append_number(value, builder_);
    case TypeKind::Binary:
      if (value.storage != SQLITE_BLOB) return false;
      builder_.append_text(value.bytes);
      return true;
    default:
      return append_by_text(value, builder_);
  }
}

void SqliteColumnReader::widen(const SqliteValue& value) {
  declared_bool_ = false;
  data::Column so_far = builder_.take();
  const Type& narrow = so_far.type();
  Type wider = data::widest(narrow, type_of(value));
  if (narrow.kind() == TypeKind::Decimal && value.storage == SQLITE_FLOAT) {
    wider = kept_as_number(narrow) ? Type::float64() : Type::text();
  }
  if (wider == narrow || (wider.kind() == TypeKind::Double && !all_doubles(so_far))) wider = Type::text();
  rebuild(so_far, wider);
  if (fits(value)) return;
  rebuild(builder_.take(), Type::text());
  if (value.storage == SQLITE_BLOB) {
    data::ColumnBuilder bytes(Type::binary());
    bytes.append_text(value.bytes);
    builder_.append_from(data::cast(bytes.take(), Type::text()), 0);
  } else {
    fits(value);
  }
}

void SqliteColumnReader::rebuild(const data::Column& so_far, const Type& type) {
  builder_ = data::ColumnBuilder(type);
  data::Column wider =
      so_far.null_count() == so_far.rows() ? data::Column::nulls(type, so_far.rows()) : data::cast(so_far, type);
  for (std::size_t row = 0; row < wider.rows(); ++row) builder_.append_from(wider, row);
}

void SqliteColumnReader::settle() {
  decided_ = true;
  if (!declared_bool_) return;
  data::Column numbers = builder_.take();
  auto values = numbers.values<std::int64_t>();
  bool boolean = std::all_of(values.begin(), values.end(), [](std::int64_t n) { return n == 0 || n == 1; });
  builder_ = data::ColumnBuilder(boolean ? Type::boolean() : Type::int64());
  for (std::size_t row = 0; row < numbers.rows(); ++row) {
    if (numbers.null_at(row)) {
      builder_.append_null();
    } else if (boolean) {
      builder_.append_bool(values[row] == 1);
    } else {
      builder_.append_int64(values[row]);
    }
  }
}

SqliteReader::SqliteReader(std::shared_ptr<SqliteHandle> handle, SqliteStatement statement)
    : handle_(std::move(handle)), statement_(std::move(statement)) {
  int count = sqlite3_column_count(statement_.get());
  for (int i = 0; i < count; ++i) {
    names_.emplace_back(sqlite3_column_name(statement_.get(), i));
    const char* declaration = sqlite3_column_decltype(statement_.get(), i);
    columns_.emplace_back(declaration == nullptr ? std::nullopt : find_sqlite_type(declaration));
  }
  names_ = unique_names(std::move(names_));
  first_ = read(true);
}

std::optional<data::Batch> SqliteReader::next() {
  if (first_) return std::exchange(first_, std::nullopt);
  return read(false);
}

std::optional<data::Batch> SqliteReader::read(bool first) {
  std::size_t rows = 0;
  handle_->take_cancel();
  while (!ended_ && rows < data::kBatchRows) {
    ended_ = !handle_->step(statement_);
    if (ended_) break;
    read_row(first);
    ++rows;
    if ((rows & 63) != 0) continue;
    std::size_t bytes = 0;
    for (const SqliteColumnReader& column : columns_) bytes += column.bytes();
    if (bytes >= data::kBatchBytes) break;
  }
  if (ended_) sqlite3_reset(statement_.get());
  if (first) {
    std::vector<data::Field> fields;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].settle();
      fields.push_back({names_[i], columns_[i].type(), true});
    }
    schema_ = data::Schema(std::move(fields));
  }
  if (rows == 0) return std::nullopt;
  std::vector<data::Column> columns;
  for (SqliteColumnReader& column : columns_) columns.push_back(column.take());
  return data::Batch(schema_, std::move(columns));
}

void SqliteReader::read_row(bool first) {
  ++rows_read_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    SqliteValue value = SqliteValue::of(statement_.get(), static_cast<int>(i));
    if (value.storage == SQLITE_TEXT) {
      // A NUL is an odd but valid character; what is no UTF-8 is no text.
      if (auto bad = find_bad_text(value.bytes); bad && !valid_utf8(value.bytes)) {
        throw Error(
            ErrorKind::Data,
            format("column '{}', row {}: the text is invalid UTF-8 at byte {}", names_[i], rows_read_, *bad + 1),
            {.hint = format("CAST(\"{}\" AS BLOB) reads it as it is", names_[i])});
      }
    }
    if (columns_[i].append(value, !first)) continue;
    throw Error(ErrorKind::Data,
                format("column '{}' began as {}, but row {} holds {} that does not fit", names_[i],
                       columns_[i].type().to_string(), rows_read_,
                       value.storage == SQLITE_TEXT   ? "a text"
                       : value.storage == SQLITE_BLOB ? "a blob"
                                                      : "a number"),
                {.hint = format("CAST(\"{}\" AS TEXT) in the query reads every value", names_[i])});
  }
}

}  // namespace plumb::db
