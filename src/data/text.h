// Values as text, one canonical form for each type: for CSV, SQLite, logs and tests.
//
//   bool true false · int64 -12 · decimal as many decimals as its scale · double the shortest text that reads back the
//   same, with ".0" when whole · date 2026-11-21 · time 07:00:00[.ffffff] · timestamp 2026-11-21 07:00:00[.ffffff] ·
//   timestamptz 2026-11-21 07:00:00[.ffffff]+00:00 · uuid lower case with dashes · binary hex · list and struct as JSON
#pragma once

#include <string>
#include <string_view>

#include "data/batch.h"

namespace plumb::data {

// Appends the text of a value that is not null.
void append_text(const Column& column, std::size_t row, std::string& out);
// Appends the value as JSON: null, true, numbers (decimals exact, as numbers), text quoted, json as it is.
void append_json(const Column& column, std::size_t row, std::string& out);
// Reads a text of the canonical form, and what databases and files commonly write instead ("t",
// "2026-11-21T07:00:00Z"). False, with nothing appended, when the text is no value of the builder's type.
bool parse_text(std::string_view text, ColumnBuilder& builder);

// Finds the type of a column of texts (a CSV file) value by value.
//   Integers without leading zeros are int64 (then decimal when longer), plain fractions of at most 18 digits with at
//   most 6 decimals are decimal, other numbers double; true/false bool; ISO dates and times; anything else text. Empty
//   is null.
class TypeGuess {
 public:
  void add(std::string_view text);
  // Text for a column with no value at all.
  Type type() const;

 private:
  unsigned kinds_ = 0;       // bits of the kinds seen
  int integer_digits_ = 0;   // the most before the point
  int fraction_digits_ = 0;  // the most after it
  int digits_ = 0;           // the most in all
};

}  // namespace plumb::data
