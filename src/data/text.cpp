#include "data/text.h"

#include <limits>

#include "data/calendar.h"
#include "data/json_text.h"
#include "data/number_text.h"
#include "data/time_text.h"

namespace plumb::data {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_hex(const std::uint8_t* bytes, std::size_t count, std::string& out) {
  for (std::size_t i = 0; i < count; ++i) {
    out += kHexDigits[bytes[i] >> 4];
    out += kHexDigits[bytes[i] & 15];
  }
}

void append_uuid_text(const std::uint8_t* bytes, std::string& out) {
  append_hex(bytes, 4, out);
  for (std::size_t i : {4u, 6u, 8u}) {
    out += '-';
    append_hex(bytes + i, 2, out);
  }
  out += '-';
  append_hex(bytes + 10, 6, out);
}

// The value of a hexadecimal digit, or 16 and more.
unsigned hex_value(char c) {
  auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
  if (digit <= 9) return digit;
  auto letter = (static_cast<unsigned>(static_cast<unsigned char>(c)) | 0x20) - 'a';
  return letter <= 5 ? letter + 10 : 16;
}

bool parse_bool(std::string_view text, ColumnBuilder& builder) {
  bool yes = text == "1" || same_word(text, "true") || same_word(text, "t");
  if (!yes && text != "0" && !same_word(text, "false") && !same_word(text, "f")) return false;
  builder.append_bool(yes);
  return true;
}

bool parse_int64(std::string_view text, ColumnBuilder& builder) {
  auto value = find_int64(text);
  if (value) builder.append_int64(*value);
  return value.has_value();
}

bool parse_double(std::string_view text, ColumnBuilder& builder) {
  auto value = find_double(text);
  if (value) builder.append_double(*value);
  return value.has_value();
}

bool parse_decimal(std::string_view text, ColumnBuilder& builder) {
  int scale = builder.type().scale();
  if (auto units = find_short_units(text, scale); units && fits_digits(*units, builder.type().precision())) {
    builder.append_decimal({*units, scale});
    return true;
  }
  auto value = find_decimal(text);
  if (!value) return false;
  auto rescaled = value->find_rescaled(scale);
  if (!rescaled || !fits_digits(rescaled->units, builder.type().precision())) return false;
  builder.append_decimal(*rescaled);
  return true;
}

bool parse_date(std::string_view text, ColumnBuilder& builder) {
  auto time = find_time_text(text);
  // A timestamp at midnight, too: SQLite and spreadsheets write dates so.
  if (!time || !time->has_date || time->micros != 0 || time->has_zone || time->too_fine) return false;
  if (time->days != static_cast<std::int32_t>(time->days)) return false;
  builder.append_days(static_cast<std::int32_t>(time->days));
  return true;
}

bool parse_time(std::string_view text, ColumnBuilder& builder) {
  auto time = find_time_text(text);
  if (!time || time->has_date) return false;
  builder.append_int64(time->micros);
  return true;
}

bool parse_timestamp(std::string_view text, bool with_zone, ColumnBuilder& builder) {
  auto time = find_time_text(text);
  if (!time || !time->has_date || (time->has_zone && !with_zone)) return false;
  auto micros = time->find_micros();
  if (micros) builder.append_int64(*micros);
  return micros.has_value();
}

bool parse_binary(std::string_view text, ColumnBuilder& builder) {
  if (text.starts_with("\\x")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return false;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned high = hex_value(text[i]);
    unsigned low = hex_value(text[i + 1]);
    if ((high | low) > 15) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  builder.append_text(bytes);
  return true;
}

bool parse_uuid(std::string_view text, ColumnBuilder& builder) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return false;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    bool dash = dashed && (i == 4 || i == 6 || i == 8 || i == 10);
    if (dash && text[at++] != '-') return false;
    unsigned high = hex_value(text[at]);
    unsigned low = hex_value(text[at + 1]);
    if ((high | low) > 15) return false;
    uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  builder.append_uuid(uuid);
  return true;
}

bool parse_json_document(std::string_view text, ColumnBuilder& builder) {
  if (!valid_json(text)) return false;
  builder.append_text(text);
  return true;
}

void append_list_json(const Column& column, std::size_t row, std::string& out) {
  auto offsets = column.offsets();
  out += '[';
  for (auto i = offsets[row]; i < offsets[row + 1]; ++i) {
    if (i != offsets[row]) out += ',';
    append_json(column.children().front(), static_cast<std::size_t>(i), out);
  }
  out += ']';
}

void append_struct_json(const Column& column, std::size_t row, std::string& out) {
  const auto& fields = column.type().fields();
  out += '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(fields[i].name, out);
    out += ':';
    append_json(column.children()[i], row, out);
  }
  out += '}';
}

}  // namespace

void append_text(const Column& column, std::size_t row, std::string& out) {
  switch (column.type().kind()) {
    case TypeKind::Bool:
      out += column.bool_at(row) ? "true" : "false";
      break;
    case TypeKind::Int64:
      append_int64_text(column.int64_at(row), out);
      break;
    case TypeKind::Decimal:
      column.decimal_at(row).append_to(out);
      break;
    case TypeKind::Double:
      append_double_text(column.double_at(row), out);
      break;
    case TypeKind::Text:
    case TypeKind::Json:
      out += column.text_at(row);
      break;
    case TypeKind::Binary: {
      auto bytes = column.text_at(row);
      append_hex(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), out);
      break;
    }
    case TypeKind::Date:
      append_date_text(column.days_at(row), out);
      break;
    case TypeKind::Time:
      append_time_text(column.int64_at(row), out);
      break;
    case TypeKind::Timestamp:
      append_timestamp_text(column.int64_at(row), out);
      break;
    case TypeKind::TimestampTz:
      append_timestamp_text(column.int64_at(row), out);
      out += "+00:00";
      break;
    case TypeKind::Uuid:
      append_uuid_text(column.uuid_at(row), out);
      break;
    case TypeKind::List:
      append_list_json(column, row, out);
      break;
    case TypeKind::Struct:
      append_struct_json(column, row, out);
      break;
  }
}

void append_json(const Column& column, std::size_t row, std::string& out) {
  if (column.null_at(row)) {
    out += "null";
    return;
  }
  switch (column.type().kind()) {
    case TypeKind::Double: {
      // JSON has no word for what is no finite number: those travel as text.
      double value = column.double_at(row);
      bool finite = value - value == 0;
      if (!finite) out += '"';
      append_double_text(value, out);
      if (!finite) out += '"';
      break;
    }
    case TypeKind::Bool:
    case TypeKind::Int64:
    case TypeKind::Decimal:
    case TypeKind::Json:
    case TypeKind::List:
    case TypeKind::Struct:
      append_text(column, row, out);
      break;
    case TypeKind::Text:
      append_json_string(column.text_at(row), out);
      break;
    case TypeKind::Binary:
    case TypeKind::Date:
    case TypeKind::Time:
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz:
    case TypeKind::Uuid:
      out += '"';
      append_text(column, row, out);
      out += '"';
      break;
  }
}

bool parse_text(std::string_view text, ColumnBuilder& builder) {
  switch (builder.type().kind()) {
    case TypeKind::Bool:
      return parse_bool(text, builder);
    case TypeKind::Int64:
      return parse_int64(text, builder);
    case TypeKind::Decimal:
      return parse_decimal(text, builder);
    case TypeKind::Double:
      return parse_double(text, builder);
    case TypeKind::Text:
      builder.append_text(text);
      return true;
    case TypeKind::Binary:
      return parse_binary(text, builder);
    case TypeKind::Date:
      return parse_date(text, builder);
    case TypeKind::Time:
      return parse_time(text, builder);
    case TypeKind::Timestamp:
      return parse_timestamp(text, false, builder);
    case TypeKind::TimestampTz:
      return parse_timestamp(text, true, builder);
    case TypeKind::Uuid:
      return parse_uuid(text, builder);
    case TypeKind::Json:
      return parse_json_document(text, builder);
    case TypeKind::List:
    case TypeKind::Struct:
      return parse_json_text(text, builder);
  }
  return false;
}

}  // namespace plumb::data
