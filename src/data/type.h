// What a column holds: Type, Field, Schema.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plumb::data {

enum class TypeKind : std::uint8_t {
  Bool,
  Int64,
  Decimal,  // precision ≤ 38, scale
  Double,
  Text,  // UTF-8
  Binary,
  Date,         // of the proleptic Gregorian calendar
  Time,         // of the day, µs
  Timestamp,    // without a zone, µs
  TimestampTz,  // an instant: UTC, µs
  Uuid,
  Json,    // a JSON document as UTF-8
  List,    // of one element type
  Struct,  // of named fields
};
std::string_view to_string(TypeKind kind);  // "timestamptz"

struct Field;

class Type {
 public:
  static Type boolean() { return Type(TypeKind::Bool); }
  static Type int64() { return Type(TypeKind::Int64); }
  static Type decimal(int precision, int scale);  // throws Error(Data) unless 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision
  static Type float64() { return Type(TypeKind::Double); }
  static Type text() { return Type(TypeKind::Text); }
  static Type binary() { return Type(TypeKind::Binary); }
  static Type date() { return Type(TypeKind::Date); }
  static Type time() { return Type(TypeKind::Time); }
  static Type timestamp() { return Type(TypeKind::Timestamp); }
  static Type timestamp_tz() { return Type(TypeKind::TimestampTz); }
  static Type uuid() { return Type(TypeKind::Uuid); }
  static Type json() { return Type(TypeKind::Json); }
  static Type list(Type element);
  static Type structure(std::vector<Field> fields);

  TypeKind kind() const { return kind_; }
  int precision() const { return precision_; }
  int scale() const { return scale_; }
  const Type& element() const;               // of a list
  const std::vector<Field>& fields() const;  // of a struct
  bool nested() const { return kind_ == TypeKind::List || kind_ == TypeKind::Struct; }

  // "decimal(18,2)", "list(text)", "struct(id text, n int64 not null)": as the recorded schema and messages write it. A
  // field's name that is no plain word is quoted: "struct(\"a b\" text)".
  std::string to_string() const;
  // Reads to_string()'s form. Throws Error(Data).
  static Type parse(std::string_view text);

  friend bool operator==(const Type& a, const Type& b);

 private:
  explicit Type(TypeKind kind) : kind_(kind) {}
  TypeKind kind_;
  std::uint8_t precision_ = 0;
  std::uint8_t scale_ = 0;
  std::shared_ptr<const std::vector<Field>> children_;
};

struct Field {
  std::string name;
  Type type;
  bool nullable = true;

  friend bool operator==(const Field&, const Field&) = default;
};

// The narrowest type that holds the values of both, whatever their order: int64 + decimal(4,2) is decimal(21,2), int64
// + double is double (cast() refuses an integer that a double can't hold), date + timestamp is timestamp. A pair with
// nothing in common is text, and so is decimal + double: money stays exact. Structs merge field by field, lists by
// their elements; another pair of nested types or json is json.
Type widest(const Type& a, const Type& b);

class Schema {
 public:
  Schema();
  explicit Schema(std::vector<Field> fields);  // throws Error(Data) on a name that stands twice
  Schema(const Schema&) = default;             // copies share; there is no move, so that no schema is ever hollow
  Schema& operator=(const Schema&) = default;

  std::size_t size() const { return fields_->size(); }
  const Field& operator[](std::size_t index) const { return (*fields_)[index]; }
  auto begin() const { return fields_->begin(); }
  auto end() const { return fields_->end(); }
  const std::vector<Field>& fields() const { return *fields_; }
  std::optional<std::size_t> find(std::string_view name) const;
  friend bool operator==(const Schema& a, const Schema& b) {
    return a.fields_ == b.fields_ || *a.fields_ == *b.fields_;
  }

 private:
  std::shared_ptr<const std::vector<Field>> fields_;
};

}  // namespace plumb::data
