#include "db/duckdb_types.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/format.h"
#include "db/sql_text.h"

namespace plumb::db {
namespace {

using data::Type;
using data::TypeKind;

std::string take_words(const DuckDbLibrary& duckdb, char* words) {
  if (words == nullptr) return {};
  std::string copy(words);
  duckdb.free(words);
  return copy;
}

// The types that need no look inside; empty for all others.
std::optional<Type> find_plain_type(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      return Type::boolean();
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
      return Type::int64();
    case DUCKDB_TYPE_UBIGINT:
      return Type::decimal(20, 0);
    case DUCKDB_TYPE_HUGEINT:
      return Type::decimal(38, 0);
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      return Type::float64();
    case DUCKDB_TYPE_BLOB:
      return Type::binary();
    case DUCKDB_TYPE_DATE:
      return Type::date();
    case DUCKDB_TYPE_TIME:
      return Type::time();
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return Type::timestamp();
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Type::timestamp_tz();
    case DUCKDB_TYPE_UUID:
      return Type::uuid();
    case DUCKDB_TYPE_SQLNULL:
    case DUCKDB_TYPE_INTERVAL:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_TIME_NS:
      return Type::text();
    default:
      return {};
  }
}

void adopt_child(VectorPlan& plan, VectorPlan child) {
  plan.must_be_cast = plan.must_be_cast || child.must_be_cast;
  plan.children.push_back(std::move(child));
}

VectorPlan plan_list(const DuckDbLibrary& duckdb, duckdb_type id, duckdb_logical_type type) {
  bool array = id == DUCKDB_TYPE_ARRAY;
  DuckDbType child(duckdb, array ? duckdb.array_type_child_type(type) : duckdb.list_type_child_type(type));
  VectorPlan element = plan_vector(duckdb, child.get());
  VectorPlan plan{.id = id, .type = Type::list(element.type)};
  if (array) plan.array_size = duckdb.array_type_array_size(type);
  adopt_child(plan, std::move(element));
  return plan;
}

VectorPlan plan_struct(const DuckDbLibrary& duckdb, duckdb_logical_type type) {
  VectorPlan plan{.id = DUCKDB_TYPE_STRUCT, .type = Type::text()};
  std::vector<data::Field> fields;
  for (idx_t i = 0; i < duckdb.struct_type_child_count(type); ++i) {
    DuckDbType child(duckdb, duckdb.struct_type_child_type(type, i));
    std::string name = take_words(duckdb, duckdb.struct_type_child_name(type, i));
    if (name.empty()) name = format("v{}", i + 1);  // of a ROW without names
    VectorPlan field = plan_vector(duckdb, child.get());
    fields.push_back({.name = std::move(name), .type = field.type});
    adopt_child(plan, std::move(field));
  }
  plan.type = Type::structure(std::move(fields));
  return plan;
}

VectorPlan plan_enum(const DuckDbLibrary& duckdb, duckdb_logical_type type) {
  VectorPlan plan{.id = DUCKDB_TYPE_ENUM, .type = Type::text(), .storage = duckdb.enum_internal_type(type)};
  for (idx_t i = 0; i < duckdb.enum_dictionary_size(type); ++i) {
    plan.words.push_back(take_words(duckdb, duckdb.enum_dictionary_value(type, i)));
  }
  return plan;
}

// DuckDB compares names without case.
bool storable(const std::vector<data::Field>& fields) {
  std::set<std::string> names;
  for (const auto& field : fields) {
    std::string name = field.name;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name.empty() || !names.insert(name).second) return false;
  }
  return !fields.empty();
}

}  // namespace

VectorPlan plan_vector(const DuckDbLibrary& duckdb, duckdb_logical_type type) {
  duckdb_type id = duckdb.get_type_id(type);
  if (auto plain = find_plain_type(id)) return {.id = id, .type = *plain};
  switch (id) {
    case DUCKDB_TYPE_VARCHAR: {
      bool json = take_words(duckdb, duckdb.logical_type_get_alias(type)) == "JSON";
      return {.id = id, .type = json ? Type::json() : Type::text()};
    }
    case DUCKDB_TYPE_DECIMAL:
      return {.id = id,
              .type = Type::decimal(duckdb.decimal_width(type), duckdb.decimal_scale(type)),
              .storage = duckdb.decimal_internal_type(type)};
    case DUCKDB_TYPE_ENUM:
      return plan_enum(duckdb, type);
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_ARRAY:
      return plan_list(duckdb, id, type);
    case DUCKDB_TYPE_STRUCT:
      return plan_struct(duckdb, type);
    default:
      return {.id = id, .type = Type::text(), .must_be_cast = true};
  }
}

std::string duckdb_ddl(const Type& type) {
  switch (type.kind()) {
    case TypeKind::Bool:
      return "BOOLEAN";
    case TypeKind::Int64:
      return "BIGINT";
    case TypeKind::Decimal:
      return format("DECIMAL({},{})", type.precision(), type.scale());
    case TypeKind::Double:
      return "DOUBLE";
    case TypeKind::Text:
      return "VARCHAR";
    case TypeKind::Binary:
      return "BLOB";
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
      return "JSON";
    case TypeKind::List:
      return duckdb_ddl(type.element()) + "[]";
    case TypeKind::Struct:
      break;
  }
  if (!storable(type.fields())) return "JSON";
  std::string fields;
  for (const auto& field : type.fields()) {
    if (!fields.empty()) fields += ", ";
    fields += quote_name(field.name) + " " + duckdb_ddl(field.type);
  }
  return format("STRUCT({})", fields);
}

Type stored_type(const Type& type) {
  if (type.kind() == TypeKind::List) return Type::list(stored_type(type.element()));
  if (type.kind() != TypeKind::Struct) return type;
  if (!storable(type.fields())) return Type::json();
  std::vector<data::Field> fields;
  for (const auto& field : type.fields()) fields.push_back({.name = field.name, .type = stored_type(field.type)});
  return Type::structure(std::move(fields));
}

DuckDbType make_duckdb_type(const DuckDbLibrary& duckdb, const Type& type) {
  auto plain = [&](duckdb_type id) { return DuckDbType(duckdb, duckdb.create_logical_type(id)); };
  switch (type.kind()) {
    case TypeKind::Bool:
      return plain(DUCKDB_TYPE_BOOLEAN);
    case TypeKind::Int64:
      return plain(DUCKDB_TYPE_BIGINT);
    case TypeKind::Decimal:
      return DuckDbType(duckdb, duckdb.create_decimal_type(static_cast<std::uint8_t>(type.precision()),
                                                           static_cast<std::uint8_t>(type.scale())));
    case TypeKind::Double:
      return plain(DUCKDB_TYPE_DOUBLE);
    case TypeKind::Text:
      return plain(DUCKDB_TYPE_VARCHAR);
    case TypeKind::Binary:
      return plain(DUCKDB_TYPE_BLOB);
    case TypeKind::Date:
      return plain(DUCKDB_TYPE_DATE);
    case TypeKind::Time:
      return plain(DUCKDB_TYPE_TIME);
    case TypeKind::Timestamp:
      return plain(DUCKDB_TYPE_TIMESTAMP);
    case TypeKind::TimestampTz:
      return plain(DUCKDB_TYPE_TIMESTAMP_TZ);
    case TypeKind::Uuid:
      return plain(DUCKDB_TYPE_UUID);
    case TypeKind::Json: {
      DuckDbType json = plain(DUCKDB_TYPE_VARCHAR);
      duckdb.logical_type_set_alias(json.get(), "JSON");
      return json;
    }
    case TypeKind::List: {
      DuckDbType element = make_duckdb_type(duckdb, type.element());
      return DuckDbType(duckdb, duckdb.create_list_type(element.get()));
    }
    case TypeKind::Struct:
      break;
  }
  std::vector<DuckDbType> owned;
  std::vector<duckdb_logical_type> types;
  std::vector<const char*> names;
  for (const auto& field : type.fields()) {
    owned.push_back(make_duckdb_type(duckdb, field.type));
    types.push_back(owned.back().get());
    names.push_back(field.name.c_str());
  }
  return DuckDbType(duckdb, duckdb.create_struct_type(types.data(), names.data(), types.size()));
}

std::string duckdb_text_of(const std::string& expression, const Type& type) {
  // DuckDB leaves the zeros out that end a fraction of a second.
  auto with_micros = [](const std::string& text) {
    return format(
        "CASE WHEN contains({0}, '.') THEN rpad({0}, CAST(len(split_part({0}, '.', 1)) + 7 AS INTEGER), '0') ELSE {0} "
        "END",
        text);
  };
  switch (type.kind()) {
    case TypeKind::Text:
    case TypeKind::Json:
      return expression;
    case TypeKind::Double:
      return format(
          "CASE WHEN isnan({0}) THEN 'NaN' WHEN isinf({0}) THEN if({0} > 0, 'Infinity', '-Infinity') ELSE "
          "CAST({0} AS VARCHAR) END",
          expression);
    case TypeKind::Binary:
      return format("lower(hex({}))", expression);
    case TypeKind::Time:
    case TypeKind::Timestamp:
      return with_micros(format("CAST({} AS VARCHAR)", expression));
    case TypeKind::TimestampTz:
      return format("({}) || '+00:00'", with_micros(format("CAST(timezone('UTC', {}) AS VARCHAR)", expression)));
    case TypeKind::List:
    case TypeKind::Struct:
      return format("CAST(to_json({}) AS VARCHAR)", expression);
    default:
      return format("CAST({} AS VARCHAR)", expression);
  }
}

}  // namespace plumb::db
