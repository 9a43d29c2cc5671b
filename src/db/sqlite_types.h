// How Plumb's types are declared in SQLite, and read back from a declaration.
//
// SQLite keeps whatever it is given; a declared type is a wish (an "affinity") and a note to whoever reads. Ours are
// chosen so that a stock sqlite3 and DuckDB's scanner read sensible values, and nothing is changed on the way in:
//
//   bool        BOOLEAN            0 or 1
//   int64       BIGINT             integer
//   decimal     DECIMAL(p,s)       a number, up to 15 digits: so many survive a double unharmed
//               DECIMAL_TEXT(p,s)  canonical text, for more digits
//   double      DOUBLE             real; NaN as the text NaN, which SQLite would take for NULL otherwise
//   text        TEXT               text
//   binary      BLOB               blob
//   date        DATE               text 2026-11-21
//   time        TIME_TEXT          text 07:00:00 (DuckDB's scanner takes TIME for a timestamp, and fails)
//   timestamp   TIMESTAMP          text 2026-11-21 07:00:00[.ffffff]
//   timestamptz TIMESTAMPTZ        text 2026-11-21 07:00:00[.ffffff]+00:00
//   uuid        UUID               text
//   json, list, struct  JSON_TEXT  text (JSON alone has the affinity of numbers, and would turn 1.0 into 1)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/data.h"

namespace plumb::db {

// The most digits of a decimal that SQLite keeps as a number.
inline constexpr int kSqliteNumberDigits = 15;
inline bool kept_as_number(const data::Type& decimal) {
  return decimal.precision() <= kSqliteNumberDigits;
}

std::string sqlite_declaration(const data::Type& type);

// Our declarations, and what others commonly write (VARCHAR(20), DATETIME, NUMERIC(10,2), …). Empty when the
// declaration does not tell (none, NUMERIC): then values do.
std::optional<data::Type> find_sqlite_type(std::string_view declaration);

}  // namespace plumb::db
