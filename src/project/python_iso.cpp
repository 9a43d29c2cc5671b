// ISO 8601 as CPython 3.11's fromisoformat reads it: dates of the calendar and of weeks, with and without separators,
// fractions of any length, "Z" and offsets.
#include "project/python_datetime.h"

namespace plumb::project::python {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes digits and characters from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  std::string_view rest() const { return rest_; }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::int64_t> take_number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    std::int64_t number = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!is_digit(c)) return std::nullopt;
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return number;
  }
  // Digits behind a point as millionths; what is beyond is dropped.
  std::optional<std::int64_t> take_fraction() {
    std::int64_t micros = 0, unit = 100'000;
    std::size_t count = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), ++count, unit /= 10) {
      micros += (rest_[0] - '0') * unit;
    }
    if (count == 0) return std::nullopt;
    return micros;
  }

 private:
  std::string_view rest_;
};

// "12", "12:30", "1230", "12:30:05.25"; the whole of the text.
std::optional<Fields> parse_clock(std::string_view text) {
  Reader reader(text);
  Fields fields;
  const bool separated = text.size() > 2 && text[2] == ':';
  std::int64_t* const parts[] = {&fields.hour, &fields.minute, &fields.second};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto number = reader.take_number(2);
    if (!number) return std::nullopt;
    *parts[i] = *number;
    if (reader.at_end()) return fields;
    if (reader.peek() == '.' || reader.peek() == ',') break;
    if (i == 2) return std::nullopt;
    if (separated && !reader.take(':')) return std::nullopt;
  }
  if (!reader.take('.') && !reader.take(',')) return std::nullopt;
  const auto micros = reader.take_fraction();
  if (!micros || !reader.at_end()) return std::nullopt;
  fields.microsecond = *micros;
  return fields;
}

// Where the date of a datetime ends: the shapes of a date have different lengths, and any character may follow.
std::size_t date_length(std::string_view text) {
  if (text.size() == 7) return 7;
  const auto is = [&](std::size_t at, char c) { return at < text.size() && text[at] == c; };
  if (is(4, '-')) {
    if (!is(5, 'W')) return 10;
    if (!is(8, '-')) return 8;
    return text.size() > 10 && is_digit(text[10]) ? 8 : 10;
  }
  if (!is(4, 'W')) return 8;
  std::size_t end = 7;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end < 9) return end;
  return end % 2 == 0 ? 7 : 8;
}

}  // namespace

std::optional<std::int64_t> parse_iso_date(std::string_view text) {
  Reader reader(text);
  const auto year = reader.take_number(4);
  if (!year) return std::nullopt;
  const bool separated = reader.take('-');
  if (reader.take('W')) {
    const auto week = reader.take_number(2);
    if (!week) return std::nullopt;
    std::optional<std::int64_t> day = 1;
    if (!reader.at_end()) {
      if (separated && !reader.take('-')) return std::nullopt;
      day = reader.take_number(1);
    }
    if (!day || !reader.at_end() || *year < 1 || *week < 1 || *day < 1 || *day > 7) return std::nullopt;
    const std::int64_t ordinal = ordinal_of(IsoWeek{*year, 1, 1}) + (*week - 1) * 7 + *day - 1;
    if (ordinal > kLastOrdinal || iso_week_of(ordinal).week != *week) return std::nullopt;
    return ordinal;
  }
  const auto month = reader.take_number(2);
  if (!month || (separated && !reader.take('-'))) return std::nullopt;
  const auto day = reader.take_number(2);
  if (!day || !reader.at_end()) return std::nullopt;
  const Fields fields{.year = *year, .month = *month, .day = *day};
  check_date(fields);
  return ordinal_of(fields);
}

std::optional<IsoTime> parse_iso_time(std::string_view text) {
  const std::size_t zone = text.find_first_of("+-Z");
  const auto clock = parse_clock(text.substr(0, zone));
  if (!clock) return std::nullopt;
  IsoTime time{.fields = *clock};
  if (zone != std::string_view::npos) {
    const std::string_view rest = text.substr(zone + 1);
    if (text[zone] == 'Z') {
      if (!rest.empty()) return std::nullopt;
      time.offset = 0;
    } else {
      const auto size = parse_clock(rest);
      if (!size) return std::nullopt;
      time.offset = text[zone] == '-' ? -time_of(*size) : time_of(*size);
      check_offset(*time.offset);
    }
  }
  return time;
}

std::optional<IsoTime> parse_iso_datetime(std::string_view text) {
  if (text.size() < 7) return std::nullopt;
  const std::size_t length = date_length(text);
  const auto ordinal = parse_iso_date(text.substr(0, length));
  if (!ordinal) return std::nullopt;
  IsoTime time;
  if (length < text.size()) {
    std::size_t behind = length;
    jinja::next_code_point(text, behind);  // whatever stands between date and time
    const auto found = parse_iso_time(text.substr(behind));
    if (!found) return std::nullopt;
    time = *found;
  }
  const Fields date = fields_of((*ordinal - 1) * kDay);
  time.fields.year = date.year;
  time.fields.month = date.month;
  time.fields.day = date.day;
  return time;
}

}  // namespace plumb::project::python
