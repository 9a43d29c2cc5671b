// Text to CronFields, a field at a time, an item of its list at a time.
#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <span>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "workflow/cron.h"
#include "workflow/stable_hash.h"

namespace plumb::workflow {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldKind {
  std::string_view name;
  unsigned low, high;  // the values there are; 7 is a second name of Sunday
  Names names = {};
};
enum Field { kMinute, kHour, kDay, kMonth, kWeekday, kSecond };
constexpr std::array<FieldKind, 6> kKinds = {{{"minute", 0, 59},
                                              {"hour", 0, 23},
                                              {"day", 1, 31},
                                              {"month", 1, 12, kMonths},
                                              {"weekday", 0, 6, kWeekdays},
                                              {"second", 0, 59}}};

struct Preset {
  std::string_view name, text;
};
constexpr std::array<Preset, 8> kPresets = {{{"@hourly", "0 * * * *"},
                                             {"@daily", "0 0 * * *"},
                                             {"@midnight", "0 0 * * *"},
                                             {"@weekly", "0 0 * * 0"},
                                             {"@monthly", "0 0 1 * *"},
                                             {"@quarterly", "0 0 1 */3 *"},
                                             {"@yearly", "0 0 1 1 *"},
                                             {"@annually", "0 0 1 1 *"}}};

std::uint64_t bit(unsigned n) {
  return std::uint64_t{1} << n;
}

// Reads the items of one field into the fields that it stands for.
class FieldParser {
 public:
  FieldParser(Field field, std::string_view text, std::string_view seed, Place place)
      : field_(field), kind_(kKinds[field]), text_(text), rest_(text), seed_(seed), place_(std::move(place)) {}

  void parse_into(CronFields& fields) {
    do parse_item(fields);
    while (take(','));
    if (!rest_.empty()) fail(format("'{}' can't be read", text_));
    switch (field_) {
      case kMinute:
        fields.minutes = values_;
        break;
      case kHour:
        fields.hours = values_;
        break;
      case kMonth:
        fields.months = values_;
        break;
      case kSecond:
        fields.seconds = values_;
        break;
      case kDay:
        fields.days = values_;
        break;
      case kWeekday:
        fields.weekdays = values_;
        break;
    }
  }

 private:
  [[noreturn]] void fail(std::string message, std::string hint = {}) const {
    throw Error(ErrorKind::Config, format("{} of a cron expression: {}", kind_.name, message),
                {.place = place_, .hint = std::move(hint)});
  }

  bool take(char c) {
    if (rest_.empty() || std::tolower(static_cast<unsigned char>(rest_.front())) != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  std::optional<unsigned> take_digits() {
    if (!at_digit()) return std::nullopt;
    unsigned number = 0;
    for (; at_digit(); rest_.remove_prefix(1)) number = std::min(number * 10 + unsigned(rest_.front() - '0'), 100000U);
    return number;
  }

  std::optional<unsigned> take_name() {
    if (rest_.size() < 3) return std::nullopt;
    std::string name(rest_.substr(0, 3));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto found = std::find(kind_.names.begin(), kind_.names.end(), name);
    if (found == kind_.names.end()) return std::nullopt;
    rest_.remove_prefix(3);
    return unsigned(found - kind_.names.begin()) + kind_.low;
  }

  std::optional<unsigned> take_value() {
    if (auto name = take_name()) return name;
    const std::string_view before = rest_;
    auto number = take_digits();
    if (!number) return std::nullopt;
    if (*number < kind_.low || *number > high()) {
      fail(format("{} is not between {} and {}", before.substr(0, before.size() - rest_.size()), kind_.low, high()));
    }
    return number;
  }

  unsigned get_value() {
    auto value = take_value();
    if (!value) {
      const std::string names =
          kind_.names.empty() ? "" : format(", or {} to {}", kind_.names.front(), kind_.names.back());
      fail(format("'{}' can't be read", text_), format("values are {} to {}{}", kind_.low, kind_.high, names));
    }
    return *value;
  }

  unsigned take_step() {
    if (!take('/')) return 1;
    auto step = take_digits();
    if (!step || *step == 0) fail(format("the step in '{}' is no number above 0", text_));
    return *step;
  }

  // 7 among weekdays is Sunday too.
  unsigned high() const { return field_ == kWeekday ? 7 : kind_.high; }
  unsigned plain(unsigned value) const { return field_ == kWeekday ? value % 7 : value; }

  // Around the end where `to` lies before `from`. There a step goes on behind the end as croniter has it: on the first
  // value if it lands just behind the last one, else a place later than one would count.
  void add_range(unsigned from, unsigned to, unsigned step) {
    const bool around = to < plain(from);
    unsigned next = plain(from);
    for (; next <= (around ? kind_.high : to); next += step) values_ |= bit(plain(next));
    if (!around) return;
    const unsigned beyond = next - kind_.high - 1;
    for (next = kind_.low + (beyond == 0 ? 0 : beyond + 1); next <= to; next += step) values_ |= bit(next);
  }

  void parse_item(CronFields& fields) {
    const bool day_or_weekday = field_ == kDay || field_ == kWeekday;
    if (take('*') || (day_or_weekday && take('?'))) return add_range(kind_.low, kind_.high, take_step());
    if (take('h')) return parse_hashed();
    if (day_or_weekday && take('l')) return parse_last(fields);
    const unsigned from = get_value();
    if (field_ == kDay && take('w')) {
      fields.nearest_workdays |= bit(from);
    } else if (field_ == kWeekday && take('#')) {
      const auto nth = take_digits();
      if (!nth || *nth < 1 || *nth > 5) fail(format("after # stands 1 to 5, not as in '{}'", text_));
      fields.nth[plain(from)] |= static_cast<std::uint8_t>(bit(*nth));
    } else if (field_ == kWeekday && take('l')) {
      fields.last_weekdays |= bit(plain(from));
    } else if (take('-')) {
      const unsigned to = get_value();
      add_range(from, to, take_step());
    } else if (!rest_.empty() && rest_.front() == '/') {
      add_range(from, kind_.high, take_step());
    } else {
      values_ |= bit(plain(from));
    }
  }

  // L, LW; L5.
  void parse_last(CronFields& fields) {
    if (field_ == kDay) {
      (take('w') ? fields.last_workday : fields.last_day) = true;
      return;
    }
    if (rest_.empty() || rest_.front() == ',') fail("'L' alone is no weekday", "write L5 for the last Friday");
    fields.last_weekdays |= bit(plain(get_value()));
  }

  // H, H(a-b), H/n, H(a-b)/n. Days go to 28, so that every month has them.
  void parse_hashed() {
    unsigned low = kind_.low, high = field_ == kDay ? 28 : kind_.high;
    if (take('(')) {
      low = get_value();
      if (!take('-')) fail(format("'{}' wants a range: H(0-29)", text_));
      high = get_value();
      if (!take(')') || high < low) fail(format("'{}' wants a range: H(0-29)", text_));
    }
    const std::uint64_t hash = stable_hash(seed_, field_);
    const unsigned size = high - low + 1;
    if (rest_.empty() || rest_.front() != '/')
      return add_range(low + unsigned(hash % size), low + unsigned(hash % size), 1);
    const unsigned step = take_step();
    const unsigned first = low + unsigned(hash % std::min(step, size));
    add_range(first, high, step);
  }

  Field field_;
  const FieldKind& kind_;
  std::string_view text_;
  std::string_view rest_;
  std::string_view seed_;
  Place place_;
  std::uint64_t values_ = 0;
};

struct Word {
  std::string_view text;
  std::size_t offset;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  auto blank = [&] { return text[at] == ' ' || text[at] == '\t'; };
  while (at < text.size()) {
    while (at < text.size() && blank()) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !blank()) ++at;
    if (at > begin) words.push_back({text.substr(begin, at - begin), begin});
  }
  return words;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view expand_preset(std::string_view text, const Place& place) {
  if (!text.starts_with('@')) return text;
  const std::string name = lower(text);
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return preset.text;
  }
  std::vector<std::string_view> known = {"@once", "@continuous"};
  for (const Preset& preset : kPresets) known.push_back(preset.name);
  const std::string_view nearest = find_nearest(name, known);
  throw Error(ErrorKind::Config, format("unknown schedule '{}'", text),
              {.place = place,
               .hint = nearest.empty() ? "there are @hourly, @daily, @weekly, @monthly, @quarterly, @yearly, @once, "
                                         "@continuous and @every 15m"
                                       : format("did you mean '{}'?", nearest)});
}

// The place of a field, where the line shows the expression as it is.
Place place_of(const Place& place, std::string_view text, std::size_t offset) {
  const std::size_t found = place.source_line.find(text);
  if (!place.known() || found == std::string::npos) return place;
  if (place.source_line.find(text, found + 1) != std::string::npos) return place;
  Place moved = place;
  moved.column = place.source_column + static_cast<int>(count_characters(place.source_line.substr(0, found)) + offset);
  return moved;
}

// True when a day or weekday field restricts nothing. One that lists all there is (1-31) does so only beside a field
// with a star in it: croniter's way to tell "every day" from "any of these days or of those".
bool restricts_nothing(std::string_view text, bool lists_all, std::string_view other) {
  return text == "*" || text == "?" || (lists_all && other.find('*') != std::string_view::npos);
}

}  // namespace

Cron Cron::parse(std::string_view text, std::string_view seed, const Place& place) {
  const std::string_view expression = expand_preset(text, place);
  const std::vector<Word> words = words_of(expression);
  if (words.size() != 5 && words.size() != 6) {
    throw Error(
        ErrorKind::Config,
        format("a cron expression has five fields, or six with seconds; '{}' has {}", text, words.size()),
        {.place = place, .hint = "minute hour day month weekday [second]: \"0 7 * * *\" is seven each morning"});
  }
  Cron cron;
  for (std::size_t i = 0; i < words.size(); ++i) {
    FieldParser(static_cast<Field>(i), words[i].text, seed, place_of(place, text, words[i].offset))
        .parse_into(cron.fields_);
  }
  const std::string_view day = words[kDay].text, weekday = words[kWeekday].text;
  cron.fields_.any_day = restricts_nothing(day, cron.fields_.days == bit(32) - 2, weekday);
  cron.fields_.any_weekday = restricts_nothing(weekday, cron.fields_.weekdays == bit(7) - 1, day);
  // A leap year's day on a certain weekday comes within 40 years, so one look suffices.
  if (!cron.next(LocalTime(std::chrono::local_days(std::chrono::year(2001) / 1 / 1)))) {
    throw Error(ErrorKind::Config, format("'{}' never comes true", text),
                {.place = place, .hint = "no month it names has such a day"});
  }
  return cron;
}

}  // namespace plumb::workflow
