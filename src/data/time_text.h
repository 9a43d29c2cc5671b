// Dates and times as text: reading and writing. Private to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plumb::data {

// What stands in a text such as "2026-11-21T07:00:00.5+01:00", in pieces; a piece that is missing is zero.
struct TimeText {
  bool has_date = false;
  bool has_time = false;
  bool has_seconds = false;
  bool has_zone = false;
  bool too_fine = false;    // digits other than 0 stood after the microseconds; they are cut off
  std::int64_t days = 0;    // since 1970-01-01
  std::int64_t micros = 0;  // of the day
  std::int64_t offset = 0;  // east of UTC, in microseconds

  // Microseconds since 1970, less the offset; empty when that is too far away.
  std::optional<std::int64_t> find_micros() const;
};

// Reads ISO 8601's extended form: a date, a time of the day, or both with "T" or a blank between; a fraction after "."
// or
// ","; "Z", "+02", "+0200", "+02:00", "+02:00:00". Empty when the text is anything else, a date that no calendar has
// included. Years have four digits, or more (with "-" in front before year 0). 24:00:00 is a time only without a date.
std::optional<TimeText> find_time_text(std::string_view text);

void append_date_text(std::int64_t days, std::string& out);
void append_time_text(std::int64_t micros, std::string& out);
void append_timestamp_text(std::int64_t micros, std::string& out);

}  // namespace plumb::data
