#include "data/time_text.h"

#include "data/calendar.h"

namespace plumb::data {
namespace {

// Reads from the front of a text, piece by piece.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return at_ == end_; }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  bool digit_next() const { return at_ != end_ && digit(*at_) <= 9; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  // Exactly two digits.
  bool take_two(unsigned& number) {
    if (end_ - at_ < 2) return false;
    unsigned tens = digit(at_[0]);
    unsigned ones = digit(at_[1]);
    if (tens > 9 || ones > 9) return false;
    number = tens * 10 + ones;
    at_ += 2;
    return true;
  }
  // Four to seven digits.
  bool take_year(std::int64_t& year) {
    int count = 0;
    year = 0;
    while (digit_next() && count < 8) {
      year = year * 10 + digit(*at_++);
      ++count;
    }
    return count >= 4 && count <= 7;
  }
  // Digits after the point, as microseconds.
  bool take_fraction(std::int64_t& micros, bool& too_fine) {
    if (!digit_next()) return false;
    std::int64_t unit = kSecond / 10;
    for (; digit_next(); ++at_, unit /= 10) {
      micros += unit * digit(*at_);
      if (unit == 0 && *at_ != '0') too_fine = true;
    }
    return true;
  }

 private:
  static unsigned digit(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }
  const char* at_;
  const char* end_;
};

bool read_date(Scanner& scanner, TimeText& result) {
  bool before_zero = scanner.take('-');
  Civil date{};
  if (!scanner.take_year(date.year) || !scanner.take('-') || !scanner.take_two(date.month) || !scanner.take('-') ||
      !scanner.take_two(date.day)) {
    return false;
  }
  if (before_zero) date.year = -date.year;
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month))
    return false;
  result.has_date = true;
  result.days = days_from_civil(date);
  return true;
}

bool read_time(Scanner& scanner, TimeText& result) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t fraction = 0;
  if (!scanner.take_two(hour) || !scanner.take(':') || !scanner.take_two(minute)) return false;
  if (scanner.take(':')) {
    result.has_seconds = true;
    if (!scanner.take_two(second)) return false;
    if ((scanner.take('.') || scanner.take(',')) && !scanner.take_fraction(fraction, result.too_fine)) return false;
  }
  result.has_time = true;
  result.micros = hour * kHour + minute * kMinute + second * kSecond + fraction;
  bool midnight = !result.has_date && result.micros == kDay && hour == 24;
  return midnight || (hour < 24 && minute < 60 && second < 60);
}

bool read_zone(Scanner& scanner, TimeText& result) {
  result.has_zone = true;
  if (scanner.take('Z') || scanner.take('z')) return true;
  bool west = scanner.peek() == '-';
  if (!scanner.take(west ? '-' : '+')) return false;
  unsigned hours = 0;
  unsigned minutes = 0;
  unsigned seconds = 0;
  if (!scanner.take_two(hours)) return false;
  if (scanner.take(':')) {
    if (!scanner.take_two(minutes)) return false;
    if (scanner.take(':') && !scanner.take_two(seconds)) return false;
  } else if (scanner.digit_next() && !scanner.take_two(minutes)) {
    return false;
  }
  result.offset = hours * kHour + minutes * kMinute + seconds * kSecond;
  if (west) result.offset = -result.offset;
  return hours < 24 && minutes < 60 && seconds < 60;
}

void append_two(unsigned number, std::string& out) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

std::optional<std::int64_t> TimeText::find_micros() const {
  std::int64_t sum = 0;
  if (__builtin_mul_overflow(days, kDay, &sum) || __builtin_add_overflow(sum, micros - offset, &sum))
    return std::nullopt;
  return sum;
}

std::optional<TimeText> find_time_text(std::string_view text) {
  Scanner scanner(text);
  TimeText result;
  if (text.size() > 2 && text[2] == ':') {
    if (!read_time(scanner, result) || !scanner.done()) return std::nullopt;
    return result;
  }
  if (!read_date(scanner, result)) return std::nullopt;
  if (scanner.done()) return result;
  if (!scanner.take('T') && !scanner.take(' ') && !scanner.take('t')) return std::nullopt;
  if (!read_time(scanner, result)) return std::nullopt;
  if (!scanner.done() && (!read_zone(scanner, result) || !scanner.done())) return std::nullopt;
  return result;
}

void append_date_text(std::int64_t days, std::string& out) {
  Civil date = civil_from_days(days);
  auto year = static_cast<unsigned>(date.year < 0 ? -date.year : date.year);
  if (date.year < 0) out += '-';
  if (year > 9999) {
    out += std::to_string(year);
  } else {
    append_two(year / 100, out);
    append_two(year % 100, out);
  }
  out += '-';
  append_two(date.month, out);
  out += '-';
  append_two(date.day, out);
}

void append_time_text(std::int64_t micros, std::string& out) {
  append_two(static_cast<unsigned>(micros / kHour), out);
  out += ':';
  append_two(static_cast<unsigned>(micros % kHour / kMinute), out);
  out += ':';
  append_two(static_cast<unsigned>(micros % kMinute / kSecond), out);
  auto fraction = static_cast<unsigned>(micros % kSecond);
  if (fraction == 0) return;
  out += '.';
  append_two(fraction / 10'000, out);
  append_two(fraction / 100 % 100, out);
  append_two(fraction % 100, out);
}

void append_timestamp_text(std::int64_t micros, std::string& out) {
  std::int64_t days = micros / kDay;
  std::int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  append_date_text(days, out);
  out += ' ';
  append_time_text(rest, out);
}

}  // namespace plumb::data
