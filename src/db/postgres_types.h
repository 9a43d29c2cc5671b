// Postgres's types and ours.
//
//   bool BOOLEAN · int64 BIGINT · decimal NUMERIC(p,s) · double DOUBLE PRECISION · text TEXT · binary BYTEA · date DATE
//   · time TIME · timestamp TIMESTAMP · timestamptz TIMESTAMPTZ · uuid UUID · json, list, struct JSONB
//
// Read back, smaller kinds of a type are the same (integer, real, varchar, json), and every other type is text. A
// NUMERIC without precision, as sums have it, takes its scale from the first batch of values. `infinity` is the
// greatest date or timestamp that ours can hold, `-infinity` the least, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/data.h"

namespace plumb::db {

using Oid32 = std::uint32_t;

// Postgres's numbers for its types (pg_type.dat).
namespace oid {
inline constexpr Oid32 kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
                       kOid = 26, kJson = 114, kXml = 142, kFloat4 = 700, kFloat8 = 701, kUnknown = 705, kBpchar = 1042,
                       kVarchar = 1043, kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestampTz = 1184,
                       kNumeric = 1700, kUuid = 2950, kJsonb = 3802;
}  // namespace oid

// A type of a result's or a table's column, with its modifier (-1 for none).
struct PostgresType {
  Oid32 oid = 0;
  std::int32_t modifier = -1;

  bool numeric() const { return oid == oid::kNumeric; }
  // The declared precision and scale of a NUMERIC(p,s) that is one of our decimals.
  std::optional<data::Type> find_decimal() const;
};

std::string postgres_declaration(const data::Type& type);

// Ours for it; empty for a type that travels as text, and for a NUMERIC whose values must tell.
std::optional<data::Type> find_type(const PostgresType& type);

}  // namespace plumb::db
