// Rows as structs: a type lists its columns once and is then read and written as batches.
//
//     struct Balance { std::string account_id; Date day; Decimal amount; std::optional<std::string> iban; };
//     template <> struct data::Columns<Balance> {
//       static constexpr auto list = std::tuple(
//           column("account_id", &Balance::account_id), column("day", &Balance::day),
//           column("amount", &Balance::amount, 18, 2), column("iban", &Balance::iban));
//     };
//     Batch batch = to_batch<Balance>(balances);
//     std::vector<Balance> back = from_batch<Balance>(batch);
//
// Members may be bool, std::int64_t, int, double, std::string, Decimal (with precision and scale), Date, Instant (a
// timestamptz), Uuid, JsonText, or an optional of these; what is no optional is NOT NULL.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "data/batch.h"

namespace plumb::data {

// A JSON document in a record.
struct JsonText {
  std::string json;
  friend bool operator==(const JsonText&, const JsonText&) = default;
};

template <class Record>
struct Columns;  // to be specialised: static constexpr auto list = std::tuple(column(...), ...)

template <class Record, class Member>
struct ColumnOf {
  const char* name;
  Member Record::*member;
  int precision = 38;
  int scale = 2;
};

template <class Record, class Member>
constexpr ColumnOf<Record, Member> column(const char* name, Member Record::*member, int precision = 38, int scale = 2) {
  return {name, member, precision, scale};
}

template <class Record>
Schema schema_of();
// Throws Error(Data) for a decimal that does not fit its column, and for a Date that no calendar has.
template <class Record>
Batch to_batch(std::span<const Record> records);
// Columns are found by name; one of another type is read as cast() does. Throws Error(Data) for a missing column, a
// value that does not fit, or a null where none may be.
template <class Record>
std::vector<Record> from_batch(const Batch& batch);

}  // namespace plumb::data

#include "data/record_impl.h"  // IWYU pragma: export
