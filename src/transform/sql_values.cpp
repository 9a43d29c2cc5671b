#include "transform/sql_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/format.h"
#include "project/project.h"

namespace plumb::transform {
namespace {

using jinja::Value;

// What is outside of Python's years, 1 to 9999, stays text.
constexpr std::chrono::sys_days kFirstDay{std::chrono::year(1) / 1 / 1};
constexpr std::chrono::sys_days kLastDay{std::chrono::year(9999) / 12 / 31};

std::optional<Value> find_date(std::int32_t days) {
  std::chrono::sys_days day{std::chrono::days(days)};
  if (day < kFirstDay || day > kLastDay) return std::nullopt;
  return project::python_date(Date(day));
}

// One with a zone is in UTC, whatever zone the session is in.
std::optional<Value> find_datetime(std::int64_t micros, bool zoned) {
  Instant instant{std::chrono::microseconds(micros)};
  if (instant < kFirstDay || instant >= kLastDay + std::chrono::days(1)) return std::nullopt;
  if (zoned) return project::python_utc_datetime(instant);
  return project::python_datetime(LocalTime(instant.time_since_epoch()));
}

// As Python's Decimal writes what repr() says of the float: "2.5", "1E+20".
std::string decimal_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::string text = format("{}", number);
  std::size_t exponent = text.find('e');
  if (exponent == std::string::npos) return text.find('.') == std::string::npos ? text + ".0" : text;
  std::string tail = text.substr(exponent + 1);
  bool negative = tail.starts_with('-');
  tail.erase(0, tail.find_first_not_of("+-0"));
  return text.substr(0, exponent) + (negative ? "E-" : "E+") + tail;
}

// "b'abc'", as Python shows bytes.
std::string bytes_text(std::string_view bytes) {
  std::string text = "b'";
  for (unsigned char c : bytes) {
    if (c == '\'' || c == '\\') {
      text += '\\';
      text += static_cast<char>(c);
    } else if (c >= 0x20 && c < 0x7f) {
      text += static_cast<char>(c);
    } else {
      text += format("\\x{:02x}", c);
    }
  }
  return text + "'";
}

// What stands in a list or struct, as what dbt's JSON has for it: numbers are floats there, and times are in ISO 8601.
Value nested_value(const data::Column& column, std::size_t row) {
  using data::TypeKind;
  if (column.null_at(row)) return Value::none();
  const data::Type& type = column.type();
  std::string text;
  switch (type.kind()) {
    case TypeKind::Bool:
      return column.bool_at(row);
    case TypeKind::Int64:
      return column.int64_at(row);
    case TypeKind::Double:
      return column.double_at(row);
    case TypeKind::Decimal: {
      column.decimal_at(row).append_to(text);
      double number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
    case TypeKind::List: {
      auto offsets = column.offsets();
      std::vector<Value> items;
      for (std::int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
        items.push_back(nested_value(column.children().front(), static_cast<std::size_t>(at)));
      }
      return Value::list(std::move(items));
    }
    case TypeKind::Struct: {
      Value dict = Value::dict();
      for (std::size_t i = 0; i < type.fields().size(); ++i) {
        dict.as_dict().set(Value(type.fields()[i].name), nested_value(column.children()[i], row));
      }
      return dict;
    }
    case TypeKind::Binary:
      return Value(bytes_text(column.text_at(row)));
    default:
      break;
  }
  data::append_text(column, row, text);
  if (type.kind() == TypeKind::Timestamp || type.kind() == TypeKind::TimestampTz) {
    std::replace(text.begin(), text.end(), ' ', 'T');
  }
  return Value(std::move(text));
}

}  // namespace

Value template_value(const data::Column& column, std::size_t row) {
  using data::TypeKind;
  if (column.null_at(row)) return Value::none();
  std::string text;
  switch (column.type().kind()) {
    case TypeKind::Bool:
      return column.bool_at(row);
    case TypeKind::Int64:
      return column.int64_at(row);
    case TypeKind::Double:
      return project::python_decimal(decimal_text(column.double_at(row)));
    case TypeKind::Decimal: {
      column.decimal_at(row).append_to(text);
      // DuckDB's hugeint among them, what sum() gives: a whole number.
      if (column.type().scale() == 0) {
        if (auto whole = jinja::parse_int(text)) return *whole;
      }
      return project::python_decimal(text);
    }
    case TypeKind::Binary:
      return Value(bytes_text(column.text_at(row)));
    case TypeKind::Text:
    case TypeKind::Json:
      return Value(column.text_at(row));
    case TypeKind::List:
    case TypeKind::Struct:
      project::append_json(text, nested_value(column, row));
      return Value(std::move(text));
    case TypeKind::Date:
      if (auto date = find_date(column.days_at(row))) return *date;
      break;
    case TypeKind::Timestamp:
    case TypeKind::TimestampTz: {
      bool zoned = column.type().kind() == TypeKind::TimestampTz;
      if (auto time = find_datetime(column.int64_at(row), zoned)) return *time;
      break;
    }
    case TypeKind::Time:
    case TypeKind::Uuid:
      break;
  }
  data::append_text(column, row, text);
  return Value(std::move(text));
}

}  // namespace plumb::transform
