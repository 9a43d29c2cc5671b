#include "db/sqlite_types.h"

#include <array>
#include <charconv>

#include "base/format.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

// In capitals, without blanks at the ends and in parentheses: "DECIMAL(10,2)".
std::string normalise(std::string_view declaration) {
  std::string text;
  bool inside = false;
  for (char c : declaration) {
    if (c == '(') inside = true;
    bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && (inside || text.empty() || text.back() == ' ')) continue;
    if (c == '(' && text.ends_with(' ')) text.pop_back();
    text += blank ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The numbers of "(10,2)"; empty when there are none, or they make no decimal.
std::optional<Type> find_decimal(std::string_view parameters) {
  if (!parameters.starts_with('(') || !parameters.ends_with(')')) return std::nullopt;
  const char* end = parameters.data() + parameters.size() - 1;
  int precision = 0;
  int scale = 0;
  auto read = std::from_chars(parameters.data() + 1, end, precision);
  if (read.ec != std::errc()) return std::nullopt;
  if (read.ptr != end) {
    if (*read.ptr != ',') return std::nullopt;
    read = std::from_chars(read.ptr + 1, end, scale);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  }
  if (precision < 1 || precision > data::kMostDigits || scale < 0 || scale > precision) return std::nullopt;
  return Type::decimal(precision, scale);
}

struct Named {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array kNamed = {
    Named{"BOOLEAN", TypeKind::Bool},
    Named{"BOOL", TypeKind::Bool},
    Named{"DATE", TypeKind::Date},
    Named{"TIME_TEXT", TypeKind::Time},
    Named{"TIME", TypeKind::Time},
    Named{"TIMESTAMP", TypeKind::Timestamp},
    Named{"DATETIME", TypeKind::Timestamp},
    Named{"TIMESTAMP WITHOUT TIME ZONE", TypeKind::Timestamp},
    Named{"TIMESTAMPTZ", TypeKind::TimestampTz},
    Named{"TIMESTAMP WITH TIME ZONE", TypeKind::TimestampTz},
    Named{"UUID", TypeKind::Uuid},
    Named{"JSON_TEXT", TypeKind::Json},
    Named{"JSON", TypeKind::Json},
};

std::optional<Type> simple_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
      return Type::boolean();
    case TypeKind::Date:
      return Type::date();
    case TypeKind::Time:
      return Type::time();
    case TypeKind::Timestamp:
      return Type::timestamp();
    case TypeKind::TimestampTz:
      return Type::timestamp_tz();
    case TypeKind::Uuid:
      return Type::uuid();
    case TypeKind::Json:
      return Type::json();
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string sqlite_declaration(const Type& type) {
  switch (type.kind()) {
    case TypeKind::Bool:
      return "BOOLEAN";
    case TypeKind::Int64:
      return "BIGINT";
    case TypeKind::Decimal:
      return format("{}({},{})", kept_as_number(type) ? "DECIMAL" : "DECIMAL_TEXT", type.precision(), type.scale());
    case TypeKind::Double:
      return "DOUBLE";
    case TypeKind::Text:
      return "TEXT";
    case TypeKind::Binary:
      return "BLOB";
    case TypeKind::Date:
      return "DATE";
    case TypeKind::Time:
      return "TIME_TEXT";
    case TypeKind::Timestamp:
      return "TIMESTAMP";
    case TypeKind::TimestampTz:
      return "TIMESTAMPTZ";
    case TypeKind::Uuid:
      return "UUID";
    case TypeKind::Json:
    case TypeKind::List:
    case TypeKind::Struct:
      return "JSON_TEXT";
  }
  return "TEXT";
}

std::optional<Type> find_sqlite_type(std::string_view declaration) {
  std::string text = normalise(declaration);
  std::string_view name = std::string_view(text).substr(0, text.find('('));
  std::string_view parameters = std::string_view(text).substr(name.size());
  for (const Named& named : kNamed) {
    if (named.name == name) return simple_type(named.kind);
  }
  if (name == "DECIMAL" || name == "DECIMAL_TEXT" || name == "NUMERIC" || name == "DEC") {
    return find_decimal(parameters);
  }
  // SQLite's own rules of affinity, in its order.
  if (contains(text, "INT")) return Type::int64();
  if (contains(text, "CHAR") || contains(text, "CLOB") || contains(text, "TEXT")) return Type::text();
  if (contains(text, "BLOB")) return Type::binary();
  if (contains(text, "REAL") || contains(text, "FLOA") || contains(text, "DOUB")) return Type::float64();
  return std::nullopt;
}

}  // namespace plumb::db
