#include "db/sqlite_views.h"

#include <algorithm>
#include <cctype>

#include "base/format.h"
#include "db/duckdb_types.h"
#include "db/sql_text.h"
#include "db/sqlite_types.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What a column holds when it is read as text: the declared type, or what the scanner makes of others.
Type read_type(const SqliteColumn& column) {
  if (auto type = find_sqlite_type(column.declaration)) return *type;
  std::string capitals = column.declaration;
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return has(capitals, "NUM") || has(capitals, "DEC") ? Type::float64() : Type::binary();
}

bool scanned_wrongly(const SqliteColumn& column, bool ours) {
  TypeKind kind = read_type(column).kind();
  bool text = has(column.declaration, "TEXT") || has(column.declaration, "text");
  return (kind == TypeKind::Time && !text) || (kind == TypeKind::TimestampTz && !ours);
}

// Over what the scanner gives.
std::string scanned(const SqliteColumn& column) {
  std::string name = quote_name(column.name);
  auto type = find_sqlite_type(column.declaration);
  if (!type) return name;
  switch (type->kind()) {
    case TypeKind::TimestampTz:
      return format("timezone('UTC', {})", name);
    case TypeKind::Bool:
    case TypeKind::Decimal:
    case TypeKind::Time:
    case TypeKind::Uuid:
    case TypeKind::Json:
      return format("CAST({} AS {})", name, duckdb_ddl(*type));
    default:
      return name;
  }
}

// In SQLite's own SQL: a text from which the value can be had back.
std::string written(const SqliteColumn& column) {
  std::string name = quote_name(column.name);
  switch (read_type(column).kind()) {
    case TypeKind::Double:
      return format("CASE typeof({}) WHEN 'real' THEN printf('%!.17g', {}) ELSE {} END AS {}", name, name, name, name);
    case TypeKind::Binary:
      return format("CASE WHEN {} IS NOT NULL THEN hex({}) END AS {}", name, name, name);
    default:
      return name;
  }
}

// Over such a text.
std::string read_back(const SqliteColumn& column) {
  std::string name = quote_name(column.name);
  Type type = read_type(column);
  if (type.kind() == TypeKind::Binary) return format("unhex({})", name);
  if (type.kind() == TypeKind::Time && !has(column.declaration, "TEXT")) return name;  // whatever others mean by TIME
  return format("CAST({} AS {})", name, duckdb_ddl(type));
}

template <class Expression>
std::string join(const SqliteTable& table, Expression expression) {
  std::string list;
  for (const SqliteColumn& column : table.columns) list += (list.empty() ? "" : ", ") + expression(column);
  return list;
}

}  // namespace

SqliteView sqlite_view(const std::string& catalog, const SqliteTable& table, bool ours) {
  auto named = [](auto expression) {
    return [expression](const SqliteColumn& column) { return expression(column) + " AS " + quote_name(column.name); };
  };
  bool as_text = std::any_of(table.columns.begin(), table.columns.end(),
                             [&](const SqliteColumn& column) { return scanned_wrongly(column, ours); });
  if (!as_text) {
    return {
        format("SELECT {} FROM {}.main.{}", join(table, named(scanned)), quote_name(catalog), quote_name(table.name))};
  }
  std::string inner = format("SELECT {} FROM {}", join(table, written), quote_name(table.name));
  return {format("SELECT {} FROM sqlite_query({}, {})", join(table, named(read_back)), quote_text(catalog),
                 quote_text(inner)),
          true};
}

}  // namespace plumb::db
