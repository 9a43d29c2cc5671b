#include "db/postgres_types.h"

#include "base/format.h"

namespace plumb::db {

using data::Type;
using data::TypeKind;

std::optional<Type> PostgresType::find_decimal() const {
  if (!numeric() || modifier < 4) return std::nullopt;
  std::int32_t packed = modifier - 4;
  int precision = packed >> 16 & 0xffff;
  int scale = packed & 0x7ff;  // eleven bits with a sign, since Postgres 15
  if (scale >= 0x400) scale -= 0x800;
  if (precision > data::kMostDigits || scale < 0 || scale > precision) return std::nullopt;
  return Type::decimal(precision, scale);
}

std::string postgres_declaration(const Type& type) {
  switch (type.kind()) {
    case TypeKind::Bool:
      return "BOOLEAN";
    case TypeKind::Int64:
      return "BIGINT";
    case TypeKind::Decimal:
      return format("NUMERIC({},{})", type.precision(), type.scale());
    case TypeKind::Double:
      return "DOUBLE PRECISION";
    case TypeKind::Text:
      return "TEXT";
    case TypeKind::Binary:
      return "BYTEA";
    case TypeKind::Date:
      return "DATE";
    case TypeKind::Time:
      return "TIME";
    case TypeKind::Timestamp:
      return "TIMESTAMP";
    case TypeKind::TimestampTz:
      return "TIMESTAMPTZ";
    case TypeKind::Uuid:
      return "UUID";
    case TypeKind::Json:
    case TypeKind::List:
    case TypeKind::Struct:
      return "JSONB";
  }
  return "TEXT";
}

std::optional<Type> find_type(const PostgresType& type) {
  switch (type.oid) {
    case oid::kBool:
      return Type::boolean();
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kOid:
      return Type::int64();
    case oid::kNumeric:
      return type.find_decimal();
    case oid::kFloat4:
    case oid::kFloat8:
      return Type::float64();
    case oid::kChar:
    case oid::kName:
    case oid::kText:
    case oid::kXml:
    case oid::kUnknown:
    case oid::kBpchar:
    case oid::kVarchar:
      return Type::text();
    case oid::kBytea:
      return Type::binary();
    case oid::kDate:
      return Type::date();
    case oid::kTime:
      return Type::time();
    case oid::kTimestamp:
      return Type::timestamp();
    case oid::kTimestampTz:
      return Type::timestamp_tz();
    case oid::kUuid:
      return Type::uuid();
    case oid::kJson:
    case oid::kJsonb:
      return Type::json();
    default:
      return std::nullopt;
  }
}

}  // namespace plumb::db
