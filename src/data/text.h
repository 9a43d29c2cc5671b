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
// Reads a text of the canonical form, and what databases and files commonly write instead: "t" and "1" for true, "1e3"
// for a decimal, "2026-11-21T07:00:00Z", a date with midnight, "\x00ff", a uuid without dashes or in braces. A time
// finer than microseconds is cut. Lists and structs are read as JSON; a struct's missing fields are null, and
// the word null is a null. Any text is a text: a caller makes sure of UTF-8. False, with nothing appended, when the
// text is no value of the builder's type.
bool parse_text(std::string_view text, ColumnBuilder& builder);

// Finds the type of a column of texts (a CSV file) value by value; parse_text then reads every one of them as that
// type.
//   Integers without leading zeros are int64 (then decimal when longer), plain fractions of at most 18 digits with at
//   most 6 decimals are decimal, other numbers double; true/false bool; ISO dates and times; anything else text. Empty
//   is null.
// A decimal gets room to grow: 15 digits if that is enough, else 18, else 38. Numbers that only fit double, beside
// integers of more than 15 digits, are text: nothing is rounded that was a whole number.
class TypeGuess {
 public:
  void add(std::string_view text) {
    if (!text.empty() && !decided()) look_at(text);
  }
  // True when no further value can change the type: it is text.
  bool decided() const { return (kinds_ & kText) != 0; }
  // Text for a column with no value at all.
  Type type() const;

 private:
  enum Kind : unsigned {
    kBool = 1,
    kInteger = 2,
    kLongInteger = 4,  // over 64 bits
    kFraction = 8,
    kDouble = 16,
    kDate = 32,
    kTime = 64,
    kTimestamp = 128,
    kTimestampTz = 256,
    kText = 512,
  };
  void look_at(std::string_view text);
  Kind number_kind(std::string_view text);
  static Kind time_kind(std::string_view text);
  Type number_type() const;

  unsigned kinds_ = 0;       // bits of the kinds seen
  int whole_digits_ = 0;     // the most before the point, of integers and plain fractions
  int integer_digits_ = 0;   // the most of an integer
  int fraction_digits_ = 0;  // the most after the point, of plain fractions
};

}  // namespace plumb::data
