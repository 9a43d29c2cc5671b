#include "base/zone_rules.h"

#include <algorithm>
#include <array>

namespace plumb {
namespace {

using std::chrono::seconds;

// Beyond these years the calendar's types end; nothing changes there.
constexpr int kFirstYear = -30'000;
constexpr int kLastYear = 30'000;
constexpr ZoneSecond kBeginning = ZoneSecond::min();
constexpr ZoneSecond kEnd = ZoneSecond::max();

int year_of(ZoneSecond local) {
  constexpr std::int64_t kYear = 31'556'952;  // seconds in a mean year
  auto rough =
      static_cast<int>(std::clamp<std::int64_t>(local.time_since_epoch().count() / kYear, -40'000, 40'000)) + 1970;
  if (rough < kFirstYear || rough > kLastYear) return rough;
  return int(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local)).year());
}

// Takes numbers, most significant byte first, from the front of a text.
class BytesReader {
 public:
  explicit BytesReader(std::string_view bytes) : rest_(bytes) {}

  std::int64_t take_signed(std::size_t width) {
    std::uint64_t value = !rest_.empty() && (rest_[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (char c : take(width)) value = (value << 8) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
  }
  std::size_t take_count() { return static_cast<std::size_t>(take_signed(4)) & 0xFFFFFFFFu; }
  std::string_view take(std::size_t count) {
    complete_ = complete_ && count <= rest_.size();
    std::string_view taken = rest_.substr(0, complete_ ? count : 0);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }
  // False when something was asked for that is not there.
  bool complete() const { return complete_; }

 private:
  std::string_view rest_;
  bool complete_ = true;
};

struct Header {
  char version = 0;
  std::size_t ut_marks, standard_marks, leap_seconds, changes, types, name_characters;

  std::size_t block_size(std::size_t time_width) const {
    return changes * (time_width + 1) + types * 6 + name_characters + leap_seconds * (time_width + 4) + standard_marks +
           ut_marks;
  }
};

std::optional<Header> take_header(BytesReader& reader) {
  if (reader.take(4) != "TZif") return std::nullopt;
  Header header;
  std::string_view version = reader.take(1);
  header.version = version.empty() ? '\0' : version[0];
  reader.take(15);
  header.ut_marks = reader.take_count();
  header.standard_marks = reader.take_count();
  header.leap_seconds = reader.take_count();
  header.changes = reader.take_count();
  header.types = reader.take_count();
  header.name_characters = reader.take_count();
  if (!reader.complete() || header.types == 0) return std::nullopt;
  return header;
}

}  // namespace

std::optional<ZoneRules> ZoneRules::find(std::string_view bytes) {
  BytesReader reader(bytes);
  auto header = take_header(reader);
  if (!header) return std::nullopt;
  std::size_t width = 4;
  if (header->version >= '2') {  // the block for old readers comes first
    reader.take(header->block_size(width));
    header = take_header(reader);
    width = 8;
  }
  if (!header || header->block_size(width) > reader.rest().size()) return std::nullopt;

  ZoneRules rules;
  std::vector<Change> changes(header->changes);
  for (Change& change : changes) change.at = ZoneSecond(seconds(reader.take_signed(width)));
  std::string_view types = reader.take(header->changes);
  std::vector<std::size_t> name_positions;
  for (std::size_t i = 0; i < header->types; ++i) {
    const seconds offset(reader.take_signed(4));
    const bool summer = reader.take_signed(1) != 0;
    rules.types_.push_back({.offset = offset, .summer = summer});
    name_positions.push_back(static_cast<unsigned char>(reader.take_signed(1)));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    changes[i].type = static_cast<unsigned char>(types[i]);
    if (changes[i].type >= rules.types_.size() || (i > 0 && changes[i].at <= changes[i - 1].at)) return std::nullopt;
  }
  rules.changes_ = std::move(changes);
  const std::string_view names = reader.take(header->name_characters);
  for (std::size_t i = 0; i < name_positions.size(); ++i) {
    if (name_positions[i] >= names.size()) return std::nullopt;
    const std::string_view name = names.substr(name_positions[i]);
    rules.types_[i].abbreviation = name.substr(0, name.find('\0'));
  }
  reader.take(header->block_size(width) - header->changes * (width + 1) - header->types * 6 - header->name_characters);
  std::string_view footer = reader.rest();
  if (footer.starts_with('\n')) rules.after_ = YearlyRule::find(footer.substr(1, footer.find('\n', 1) - 1));
  return rules;
}

ZonePeriod ZoneRules::period_at(ZoneSecond instant) const {
  auto next = std::upper_bound(changes_.begin(), changes_.end(), instant,
                               [](ZoneSecond at, const Change& change) { return at < change.at; });
  bool after_last = next == changes_.end();
  if (after_last && after_) {
    ZonePeriod period = after_->period_at(instant);
    if (!changes_.empty()) period.begin = std::max(period.begin, changes_.back().at);
    return period;
  }
  ZoneSecond end = after_last ? kEnd : next->at;
  const bool before_first = next == changes_.begin();
  const auto& [offset, summer, abbreviation] = types_[before_first ? 0 : std::prev(next)->type];
  return {before_first ? kBeginning : std::prev(next)->at, end, offset, summer, abbreviation};
}

// Reads the rule from left to right; each take_… is empty when something else stands there.
class YearlyRule::Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // "CET" or "<+03>"
  std::optional<std::string> take_name() {
    const bool quoted = take('<');
    std::size_t end = rest_.find_first_of(quoted ? ">" : "+-,0123456789");
    if (quoted && end == std::string_view::npos) return std::nullopt;
    end = std::min(end, rest_.size());
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(quoted ? end + 1 : end);
    if (name.empty()) return std::nullopt;
    return name;
  }
  std::optional<int> take_number() {
    std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > 3) return std::nullopt;
    int value = 0;
    for (char c : rest_.substr(0, digits)) value = value * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }
  // "1", "-3:30", "+00:00:10"
  std::optional<seconds> take_time() {
    bool negative = take('-');
    if (!negative) take('+');
    seconds total{0};
    for (int unit = 3600; unit > 0; unit /= 60) {
      auto number = take_number();
      if (!number) return std::nullopt;
      total += seconds(*number * unit);
      if (!take(':')) break;
    }
    return negative ? -total : total;
  }
  // "M3.5.0", "J60" or "59", each perhaps with "/3"
  std::optional<Change> take_change() {
    Change change;
    if (take('M')) {
      auto month = take_number();
      auto week = take('.') ? take_number() : std::nullopt;
      auto day = take('.') ? take_number() : std::nullopt;
      if (!month || !week || !day || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *day > 6)
        return std::nullopt;
      change.month = *month;
      change.week = *week;
      change.day = *day;
    } else {
      change.kind = take('J') ? Change::Kind::DayWithoutLeap : Change::Kind::DayOfYear;
      auto day = take_number();
      if (!day || *day > 365) return std::nullopt;
      change.day = *day;
    }
    if (!take('/')) return change;
    auto time = take_time();
    if (!time) return std::nullopt;
    change.time = *time;
    return change;
  }

 private:
  std::string_view rest_;
};

std::optional<YearlyRule> YearlyRule::find(std::string_view text) {
  Reader reader(text);
  YearlyRule rule;
  const auto standard_name = reader.take_name();
  auto west = standard_name ? reader.take_time() : std::nullopt;  // POSIX counts what is to be added to reach UTC
  if (!west) return std::nullopt;
  rule.standard_name_ = *standard_name;
  rule.standard_ = -*west;
  if (reader.at_end()) return rule;
  const auto summer_name = reader.take_name();
  if (!summer_name) return std::nullopt;
  rule.summer_name_ = *summer_name;
  rule.summer_ = rule.standard_ + std::chrono::hours(1);
  if (!reader.take(',')) {
    west = reader.take_time();
    if (!west || !reader.take(',')) return std::nullopt;
    rule.summer_ = -*west;
  }
  auto to_summer = reader.take_change();
  auto to_standard = reader.take(',') ? reader.take_change() : std::nullopt;
  if (!to_summer || !to_standard || !reader.at_end()) return std::nullopt;
  rule.to_summer_ = *to_summer;
  rule.to_standard_ = *to_standard;
  return rule;
}

seconds YearlyRule::Change::in_year(std::chrono::year year) const {
  using namespace std::chrono;
  sys_days date;
  if (kind == Kind::MonthWeekDay) {
    std::chrono::month m(static_cast<unsigned>(month));
    weekday on(static_cast<unsigned>(day));
    date = week == 5 ? sys_days(year / m / on[last]) : sys_days(year / m / on[static_cast<unsigned>(week)]);
  } else {
    // J60 is the first of March in every year; 59 is the sixtieth day, counted from 0.
    bool after_leap_day = kind == Kind::DayWithoutLeap && day >= 60 && year.is_leap();
    int days_in = kind == Kind::DayWithoutLeap ? day - 1 + (after_leap_day ? 1 : 0) : day;
    date = sys_days(year / January / 1) + days(days_in);
  }
  return date.time_since_epoch() + time;
}

ZonePeriod YearlyRule::between(ZoneSecond begin, ZoneSecond end, bool summer) const {
  return {begin, end, summer ? *summer_ : standard_, summer, summer ? summer_name_ : standard_name_};
}

ZonePeriod YearlyRule::period_at(ZoneSecond instant) const {
  int year = year_of(instant);
  if (!summer_ || year <= kFirstYear || year >= kLastYear) return between(kBeginning, kEnd, false);
  // The changes of this year and its neighbours, in order; the period is the one between two of them.
  struct At {
    ZoneSecond at;
    bool summer;
  };
  std::array<At, 6> changes;
  std::chrono::year y(year - 1);
  for (std::size_t i = 0; i < changes.size(); i += 2, ++y) {
    changes[i] = {ZoneSecond(to_summer_.in_year(y) - standard_), true};
    changes[i + 1] = {ZoneSecond(to_standard_.in_year(y) - *summer_), false};
  }
  std::stable_sort(changes.begin(), changes.end(), [](const At& a, const At& b) { return a.at < b.at; });
  auto next =
      std::upper_bound(changes.begin(), changes.end(), instant, [](ZoneSecond t, const At& c) { return t < c.at; });
  if (next == changes.begin()) return between(kBeginning, next->at, false);
  return between(std::prev(next)->at, next == changes.end() ? kEnd : next->at, std::prev(next)->summer);
}

}  // namespace plumb
