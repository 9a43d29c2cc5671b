#include "ingest/cursor.h"

#include "base/format.h"

namespace plumb::ingest {

namespace {

using data::Column;
using data::TypeKind;

Column parsed(const Cursor& cursor) {
  data::ColumnBuilder builder(cursor.type);
  if (!data::parse_text(cursor.text, builder)) {
    throw Error(ErrorKind::Data, format("the recorded cursor '{}' is no {}", cursor.text, cursor.type.to_string()));
  }
  return builder.take();
}

// Rows of two columns of one type.
bool less(const Column& a, std::size_t row_a, const Column& b, std::size_t row_b) {
  switch (a.type().kind()) {
    case TypeKind::Int64:
    case TypeKind::Time:
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:
      return a.int64_at(row_a) < b.int64_at(row_b);
    case TypeKind::Date:
      return a.days_at(row_a) < b.days_at(row_b);
    case TypeKind::Double:
      return a.double_at(row_a) < b.double_at(row_b);
    case TypeKind::Decimal:
      return a.decimal_at(row_a) < b.decimal_at(row_b);
    case TypeKind::Text:
    case TypeKind::Json:
    case TypeKind::Binary:
      return a.text_at(row_a) < b.text_at(row_b);
    default: {
      std::string text_a;
      std::string text_b;
      data::append_text(a, row_a, text_a);
      data::append_text(b, row_b, text_b);
      return text_a < text_b;
    }
  }
}

}  // namespace

bool earlier(const Cursor& a, const Cursor& b) {
  if (a.type == b.type) return less(parsed(a), 0, parsed(b), 0);
  auto common = data::widest(a.type, b.type);
  return less(data::cast(parsed(a), common), 0, data::cast(parsed(b), common), 0);
}

std::optional<Cursor> greatest(const Column& column) {
  std::optional<std::size_t> best;
  for (std::size_t row = 0; row < column.rows(); ++row) {
    if (!column.null_at(row) && (!best || less(column, *best, column, row))) best = row;
  }
  if (!best) return std::nullopt;
  Cursor cursor{"", column.type()};
  data::append_text(column, *best, cursor.text);
  return cursor;
}

void raise_parts(std::map<std::string, Cursor>& cursors, const Column& parts, const Column& values) {
  std::map<std::string, std::size_t> best;
  for (std::size_t row = 0; row < values.rows(); ++row) {
    if (values.null_at(row) || parts.null_at(row)) continue;
    std::string part;
    data::append_text(parts, row, part);
    auto [known, added] = best.try_emplace(std::move(part), row);
    if (!added && less(values, known->second, values, row)) known->second = row;
  }
  for (const auto& [part, row] : best) {
    Cursor cursor{"", values.type()};
    data::append_text(values, row, cursor.text);
    auto [known, added] = cursors.try_emplace(part, cursor);
    if (!added && earlier(known->second, cursor)) known->second = cursor;
  }
}

Cursor moved_back(const Cursor& cursor, std::chrono::seconds lag) {
  if (lag.count() == 0) return cursor;
  auto value = parsed(cursor);
  data::ColumnBuilder moved(cursor.type);
  switch (cursor.type.kind()) {
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:
      moved.append_int64(value.int64_at(0) - std::chrono::microseconds(lag).count());
      break;
    case TypeKind::Int64:
      moved.append_int64(value.int64_at(0) - lag.count());
      break;
    case TypeKind::Date:
      moved.append_days(value.days_at(0) -
                        static_cast<std::int32_t>(std::chrono::ceil<std::chrono::days>(lag).count()));
      break;
    default:
      throw Error(ErrorKind::Config, format("a cursor of type {} can't have a lag", cursor.type.to_string()),
                  {.hint = "leave `lag` out, or choose a time, date or integer as the cursor"});
  }
  Cursor result{"", cursor.type};
  data::append_text(moved.take(), 0, result.text);
  return result;
}

}  // namespace plumb::ingest
