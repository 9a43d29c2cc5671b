// datetime.strptime: a text read by a format.
//
// As CPython does it, the format becomes a regular expression, so that "%Y%m%d" and "%H%M" take as many digits as let
// the rest fit. Names of days and months are English, as in the C locale.
#include <algorithm>

#include "base/format.h"
#include "project/python_datetime.h"
#include "project/python_regex.h"

namespace plumb::project::python {
namespace {

constexpr std::string_view kDays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};

template <std::size_t N>
std::string any_of(const std::string_view (&names)[N], std::size_t length) {
  std::string pattern;
  for (const std::string_view name : names)
    pattern += (pattern.empty() ? "" : "|") + std::string(name.substr(0, length));
  return pattern;
}

// What a directive takes; empty for one that is none.
std::string pattern_of(char directive) {
  switch (directive) {
    case 'd':
      return "3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]";
    case 'f':
      return "[0-9]{1,6}";
    case 'H':
      return "2[0-3]|[01]?\\d";
    case 'I':
      return "1[0-2]|0?[1-9]";
    case 'G':
    case 'Y':
      return "\\d{4}";
    case 'j':
      return "36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0?[1-9]";
    case 'm':
      return "1[0-2]|0?[1-9]";
    case 'M':
      return "[0-5]?\\d";
    case 'S':
      return "6[01]|[0-5]?\\d";
    case 'U':
    case 'W':
      return "5[0-3]|[0-4]?\\d";
    case 'V':
      return "5[0-3]|0[1-9]|[1-4]\\d|\\d";
    case 'w':
      return "[0-6]";
    case 'u':
      return "[1-7]";
    case 'y':
      return "\\d\\d";
    case 'z':
      return "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|(?-i:Z)";
    case 'A':
      return any_of(kDays, std::string_view::npos);
    case 'a':
      return any_of(kDays, 3);
    case 'B':
      return any_of(kMonths, std::string_view::npos);
    case 'b':
      return any_of(kMonths, 3);
    case 'p':
      return "am|pm";
    case 'Z':
      return "utc|gmt";
    default:
      return {};
  }
}

// The directives that stand for several.
std::string expand(std::string_view spec) {
  std::string out;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    const std::string_view two = spec.substr(i, 2);
    if (two == "%c") {
      out += "%a %b %d %H:%M:%S %Y";
    } else if (two == "%x") {
      out += "%m/%d/%y";
    } else if (two == "%X") {
      out += "%H:%M:%S";
    } else {
      out += two[0] == '%' ? two : two.substr(0, 1);
    }
    if (two.size() == 2 && two[0] == '%') ++i;
  }
  return out;
}

struct FormatRegex {
  std::string pattern;
  std::string directives;  // that of each group
};

FormatRegex to_regex(State& state, std::string_view original) {
  FormatRegex regex;
  const std::string spec = expand(original);
  for (std::size_t i = 0; i < spec.size();) {
    const std::size_t begin = i;
    const char32_t c = jinja::next_code_point(spec, i);
    if (jinja::is_space(c)) {
      while (i < spec.size()) {
        std::size_t behind = i;
        if (!jinja::is_space(jinja::next_code_point(spec, behind))) break;
        i = behind;
      }
      regex.pattern += "\\s+";
    } else if (c != '%') {
      const bool special =
          c < 128 && std::string_view("\\.^$*+?(){}[]|").find(static_cast<char>(c)) != std::string_view::npos;
      regex.pattern += (special ? "\\" : "") + spec.substr(begin, i - begin);
    } else {
      if (i == spec.size()) {
        jinja::raise_value_error("stray % in format " + jinja::repr(state, Value(original)));
      }
      const char directive = spec[i++];
      if (directive == '%') {
        regex.pattern += '%';
        continue;
      }
      const std::string taken = pattern_of(directive);
      if (taken.empty()) {
        jinja::raise_value_error(plumb::format("{} is a bad directive in format {}",
                                               jinja::repr_text(std::string_view(&directive, 1)),
                                               jinja::repr_text(original)));
      }
      if (const std::size_t known = regex.directives.find(directive); known != std::string::npos) {
        jinja::raise("error", plumb::format("redefinition of group name '{}' as group {}; was group {}", directive,
                                            regex.directives.size() + 1, known + 1));
      }
      regex.pattern += "(" + taken + ")";
      regex.directives += directive;
    }
  }
  return regex;
}

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t at = 0; at < digits.size();) {
    const int digit = jinja::decimal_value(jinja::next_code_point(digits, at));
    if (digit >= 0) value = value * 10 + digit;
  }
  return value;
}

template <std::size_t N>
std::int64_t index_in(const std::string_view (&names)[N], std::string_view name) {
  const std::string wanted = jinja::to_lower(name);
  return std::find_if(names, names + N,
                      [&](std::string_view each) { return each.substr(0, wanted.size()) == wanted; }) -
         names;
}

// What the directives said, before it becomes a date.
class Reading {
 public:
  void take(char directive, std::string_view text) {
    switch (directive) {
      case 'Y':
        year_ = number(text);
        break;
      case 'y':
        year_ = number(text) + (number(text) <= 68 ? 2000 : 1900);
        break;
      case 'G':
        iso_year_ = number(text);
        break;
      case 'm':
        month_ = number(text);
        break;
      case 'B':
      case 'b':
        month_ = index_in(kMonths, text) + 1;
        break;
      case 'd':
        day_ = number(text);
        break;
      case 'j':
        day_of_year_ = number(text);
        break;
      case 'A':
      case 'a':
        weekday_ = index_in(kDays, text);
        break;
      case 'w':
        weekday_ = (number(text) + 6) % 7;
        break;
      case 'u':
        weekday_ = number(text) - 1;
        break;
      case 'U':
      case 'W':
        week_ = number(text);
        week_starts_ = directive == 'U' ? 6 : 0;
        break;
      case 'V':
        iso_week_ = number(text);
        break;
      default:
        take_clock(directive, text);
    }
  }

  Value make() {
    check_weeks();
    std::int64_t year = year_.value_or(1900);
    // The 29th of February is one day without a year as well, if only to say that 1900 has none.
    Fields date{.year = year, .month = month_.value_or(1), .day = day_.value_or(1)};
    if (day_of_year_ || ((week_ || iso_week_) && weekday_)) {
      const std::int64_t ordinal = ordinal_of_day(year);
      if (ordinal < 1 || ordinal > kLastOrdinal) jinja::raise("OverflowError", "date value out of range");
      date = fields_of((ordinal - 1) * kDay);
    }
    clock_.year = date.year;
    clock_.month = date.month;
    clock_.day = date.day;
    if (twelve_hours_) {
      clock_.hour = *twelve_hours_ % 12 + (afternoon_ ? 12 : 0);
    }
    check_date(clock_);
    check_time(clock_);
    Ref<ZoneObject> zone;
    if (offset_) zone = make_fixed_zone(*offset_, zone_name_);
    return make_datetime(micros_of(clock_), zone);
  }

 private:
  void take_clock(char directive, std::string_view text) {
    switch (directive) {
      case 'H':
        clock_.hour = number(text);
        twelve_hours_.reset();
        break;
      case 'I':
        twelve_hours_ = number(text);
        break;
      case 'p':
        afternoon_ = jinja::to_lower(text) == "pm";
        break;
      case 'M':
        clock_.minute = number(text);
        break;
      case 'S':
        clock_.second = number(text);
        break;
      case 'f':
        clock_.microsecond = number(std::string(text) + std::string(6 - text.size(), '0'));
        break;
      case 'Z':
        zone_name_ = std::string(text);
        break;
      case 'z':
        take_offset(text);
        break;
      default:
        break;
    }
  }

  void take_offset(std::string_view text) {
    if (text == "Z") {
      offset_ = 0;
      return;
    }
    std::string digits, fraction;
    for (const char c : text.substr(1, text.find('.') - 1)) {
      if (c != ':') digits += c;
    }
    if (text.find('.') != std::string_view::npos) fraction = text.substr(text.find('.') + 1);
    fraction.resize(6, '0');
    if (text.find(':') != std::string_view::npos && text.size() > 6 && (text[3] == ':') != (text[6] == ':')) {
      jinja::raise_value_error(plumb::format("Inconsistent use of : in {}", text));
    }
    digits.resize(6, '0');
    const std::int64_t size = number(std::string_view(digits).substr(0, 2)) * kHour +
                              number(std::string_view(digits).substr(2, 2)) * kMinute +
                              number(std::string_view(digits).substr(4, 2)) * kSecond + number(fraction);
    offset_ = text[0] == '-' ? -size : size;
  }

  void check_weeks() const {
    if (iso_year_ && day_of_year_) {
      jinja::raise_value_error(
          "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.");
    }
    if (iso_year_ && (!iso_week_ || !weekday_)) {
      jinja::raise_value_error(
          "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', "
          "'%w', or '%u').");
    }
    if (iso_week_ && !iso_year_) {
      jinja::raise_value_error(
          year_ && weekday_
              ? "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead."
              : "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday "
                "directive ('%A', '%a', '%w', or '%u').");
    }
  }

  std::int64_t ordinal_of_day(std::int64_t year) const {
    const std::int64_t first = ordinal_of(Fields{.year = year});
    if (day_of_year_) return first + *day_of_year_ - 1;
    if (iso_week_) return ordinal_of(IsoWeek{*iso_year_, *iso_week_, *weekday_ + 1});
    // Week 0 is what comes before the first Sunday (%U) or Monday (%W) of the year.
    const std::int64_t days_in = (7 + *weekday_ - week_starts_) % 7;
    const std::int64_t first_start = first + (7 + week_starts_ - weekday_of(first)) % 7;
    return first_start + (*week_ - 1) * 7 + days_in;
  }

  Fields clock_;
  std::optional<std::int64_t> year_, iso_year_, month_, day_, day_of_year_, weekday_, week_, iso_week_, twelve_hours_,
      offset_;
  std::optional<std::string> zone_name_;
  std::int64_t week_starts_ = 0;
  bool afternoon_ = false;
};

}  // namespace

Value parse_time(State& state, std::string_view text, std::string_view spec) {
  const FormatRegex format = to_regex(state, spec);
  RegexSyntax syntax{.pcre = format.pattern, .flags = kIgnoreCase | kUnicode};
  const std::vector<Span> spans = Regex(syntax).find(text, 0, Regex::Where::AtStart);
  if (spans.empty()) {
    jinja::raise_value_error(
        plumb::format("time data {} does not match format {}", jinja::repr_text(text), jinja::repr_text(spec)));
  }
  if (spans[0].end != text.size()) {
    jinja::raise_value_error(plumb::format("unconverted data remains: {}", text.substr(spans[0].end)));
  }
  Reading reading;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    reading.take(format.directives[i - 1], text.substr(spans[i].begin, spans[i].end - spans[i].begin));
  }
  return reading.make();
}

}  // namespace plumb::project::python
