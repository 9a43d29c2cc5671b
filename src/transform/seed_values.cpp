#include "transform/seed_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "project/project.h"

namespace plumb::transform {
namespace {

using jinja::Value;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool same_word(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

// Takes a text apart from its start; every step that fails leaves it as it is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ended() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_blanks() {
    std::string_view after = jinja::strip_left(rest_);
    bool any = after.size() != rest_.size();
    rest_ = after;
    return any;
  }
  // As many digits as there are, from `least` to `most`.
  std::optional<int> number(std::size_t least, std::size_t most) {
    std::size_t length = std::min(digits(), most);
    if (length < least) return std::nullopt;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + length, value);
    rest_.remove_prefix(length);
    return value;
  }
  std::size_t digits() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<Date> make_date(int year, int month, int day) {
  Date date = std::chrono::year(year) / month / day;
  if (year < 1 || !date.ok()) return std::nullopt;
  return date;
}

// 2026-1-31
std::optional<Date> read_date(Scanner& text) {
  auto year = text.number(4, 4);
  if (!year || !text.take('-')) return std::nullopt;
  auto month = text.number(1, 2);
  if (!month || !text.take('-')) return std::nullopt;
  auto day = text.number(1, 2);
  return day ? make_date(*year, *month, *day) : std::nullopt;
}

std::optional<Value> datetime_value(std::chrono::local_days day, std::chrono::microseconds clock,
                                    std::optional<std::chrono::seconds> offset = {}) {
  Date date(day);
  if (date.year() < std::chrono::year(1) || date.year() > std::chrono::year(9999)) return std::nullopt;
  return project::python_datetime(day + clock, offset);
}

// ---- ISO 8601
// The day that `days` after the first of a year is: norms count so, and readers do not look where the year ends.
std::chrono::local_days day_of_year(int year, int days) {
  return std::chrono::local_days(std::chrono::year(year) / 1 / 1) + std::chrono::days(days);
}

// Monday of the week that has the year's fourth of January.
std::chrono::local_days first_monday(int year) {
  std::chrono::local_days fourth(std::chrono::year(year) / 1 / 4);
  return fourth - (std::chrono::weekday(fourth) - std::chrono::Monday);
}

std::optional<std::chrono::local_days> checked_day(std::optional<Date> date) {
  if (!date) return std::nullopt;
  return std::chrono::local_days(*date);
}

// Behind a year and, where there is one, its hyphen: a week and perhaps its day.
std::optional<std::chrono::local_days> read_week(Scanner& text, int year, bool hyphens) {
  auto week = text.number(2, 2);
  if (!week) return std::nullopt;
  int day = 1;
  if (!text.ended()) {
    if (hyphens && !text.take('-')) return std::nullopt;
    auto said = text.number(1, 1);
    if (!said) return std::nullopt;
    day = *said;
  }
  return first_monday(year) + std::chrono::days((*week - 1) * 7 + day - 1);
}

std::optional<std::chrono::local_days> read_iso_day(std::string_view said) {
  Scanner text(said);
  if (text.digits() == said.size()) {  // of digits only: their number tells
    int number = text.number(2, 8).value_or(0);
    switch (said.size()) {
      case 2:
        return checked_day(make_date(number * 100 + 1, 1, 1));
      case 4:
        return checked_day(make_date(number, 1, 1));
      case 6:
        return checked_day(make_date(number / 100, number % 100, 1));
      case 7:
        return number < 1000 ? std::nullopt : std::optional(day_of_year(number / 1000, number % 1000 - 1));
      case 8:
        return checked_day(make_date(number / 10000, number / 100 % 100, number % 100));
      default:
        return std::nullopt;
    }
  }
  auto year = text.number(4, 4);
  if (!year || *year == 0) return std::nullopt;
  bool hyphens = text.take('-');
  std::optional<std::chrono::local_days> day;
  if (text.take('W')) {
    day = read_week(text, *year, hyphens);
  } else if (hyphens && text.digits() == 3) {
    day = day_of_year(*year, *text.number(3, 3) - 1);
  } else if (auto month = hyphens ? text.number(2, 2) : std::nullopt) {
    auto of_month = text.take('-') ? text.number(2, 2) : std::optional(1);
    if (of_month) day = checked_day(make_date(*year, *month, *of_month));
  }
  return text.ended() ? day : std::nullopt;
}

// ".5" of a unit.
std::chrono::microseconds read_fraction(Scanner& text, std::chrono::microseconds unit) {
  constexpr std::size_t kMost = 9;
  std::size_t length = std::min(text.digits(), kMost);
  std::int64_t digits = text.number(length, length).value_or(0);
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < length; ++i) scale *= 10;
  while (text.digits() > 0) text.number(1, kMost);
  return std::chrono::microseconds(unit.count() * digits / scale);
}

// Hours, perhaps minutes and seconds; the last of them may have a fraction.
std::optional<std::chrono::microseconds> read_clock(Scanner& text) {
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::microseconds;
  const std::array<microseconds, 3> units{hours(1), minutes(1), seconds(1)};
  const std::array<int, 3> limits{24, 60, 60};
  microseconds clock{0};
  bool colons = false;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i == 1) colons = text.take(':');
    if (i == 2 && colons && !text.take(':')) break;
    if (i > 0 && !colons && text.digits() == 0) break;
    auto number = text.number(2, 2);
    if (!number || *number >= limits[i]) return std::nullopt;
    clock += *number * units[i];
    if (text.take('.') || text.take(',')) {
      if (text.digits() == 0) return std::nullopt;
      return clock + read_fraction(text, units[i]);
    }
  }
  return clock;
}

struct Offset {
  std::optional<std::chrono::seconds> seconds = {};  // none: the text has none
};
std::optional<Offset> read_offset(Scanner& text) {
  if (text.ended()) return Offset{};
  if (text.take('Z')) return Offset{std::chrono::seconds(0)};
  bool negative = text.take('-');
  if (!negative && !text.take('+')) return std::nullopt;
  auto hours = text.number(2, 2);
  if (!hours || *hours >= 24) return std::nullopt;
  std::optional<int> minutes = 0;
  if (text.take(':') || !text.ended()) minutes = text.number(2, 2);
  if (!minutes || *minutes >= 60) return std::nullopt;
  std::chrono::seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return Offset{negative ? -offset : offset};
}

// ---- Numbers
constexpr std::array<std::string_view, 19> kMoney{"$", "¢", "£", "¥", "ƒ", "؋", "฿", "៛", "₡", "₤",
                                                  "₦", "₩", "₪", "₫", "€", "₭", "₮", "₱", "﷼"};

std::string_view strip_money(std::string_view text) {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::string_view sign : kMoney) {
      if (text.starts_with(sign)) {
        text.remove_prefix(sign.size());
        changed = true;
      }
      if (text.ends_with(sign)) {
        text.remove_suffix(sign.size());
        changed = true;
      }
    }
  }
  return text;
}

std::string_view strip_percent(std::string_view text) {
  while (text.starts_with('%')) text.remove_prefix(1);
  while (text.ends_with('%')) text.remove_suffix(1);
  return text;
}

// The plain case first: up to 18 digits. A negative zero is a decimal's.
std::optional<Value> read_int(std::string_view text) {
  constexpr std::size_t kSafe = 18;
  std::int64_t number = 0;
  bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > kSafe || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (negative && number == 0) return std::nullopt;
  return Value(number);
}

}  // namespace

bool is_seed_null(std::string_view text) {
  text = jinja::strip(text);
  return text.empty() || same_word(text, "null");
}

std::optional<Value> read_seed_number(std::string_view text) {
  text = jinja::strip(text);
  if (auto number = read_int(text)) return number;
  text = strip_percent(text);
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  text = strip_money(text);
  // Nearly every text that is no number shows it here.
  if (text.empty() || (text[0] >= 'A' && std::string_view("iInN_").find(text[0]) == std::string_view::npos &&
                       static_cast<unsigned char>(text[0]) < 0x80)) {
    return std::nullopt;
  }
  std::string plain(text);
  std::erase(plain, ',');
  return project::find_python_decimal(plain, negative);
}

std::optional<Value> read_seed_date(std::string_view text) {
  Scanner scanner(jinja::strip(text));
  auto date = read_date(scanner);
  if (!date || !scanner.ended()) return std::nullopt;
  return project::python_date(*date);
}

std::optional<Value> read_seed_datetime(std::string_view text) {
  Scanner scanner(jinja::strip(text));
  auto date = read_date(scanner);
  if (!date || !scanner.take_blanks()) return std::nullopt;
  auto hour = scanner.number(1, 2);
  if (!hour || *hour > 23 || !scanner.take(':')) return std::nullopt;
  auto minute = scanner.number(1, 2);
  if (!minute || *minute > 59 || !scanner.take(':')) return std::nullopt;
  auto second = scanner.number(1, 2);
  if (!second || *second > 59 || !scanner.ended()) return std::nullopt;
  std::chrono::seconds clock =
      std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return datetime_value(std::chrono::local_days(*date), clock);
}

std::optional<Value> read_seed_iso_datetime(std::string_view text) {
  text = jinja::strip(text);
  std::size_t mark = text.find('T');
  if (mark == std::string_view::npos) return std::nullopt;
  auto day = read_iso_day(text.substr(0, mark));
  if (!day) return std::nullopt;
  Scanner scanner(text.substr(mark + 1));
  auto clock = read_clock(scanner);
  if (!clock) return std::nullopt;
  auto offset = read_offset(scanner);
  if (!offset || !scanner.ended()) return std::nullopt;
  return datetime_value(*day, *clock, offset->seconds);
}

std::optional<Value> read_seed_boolean(std::string_view text) {
  text = jinja::strip(text);
  if (same_word(text, "true")) return Value(true);
  if (same_word(text, "false")) return Value(false);
  return std::nullopt;
}

}  // namespace plumb::transform
