#include "base/http/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/format.h"

namespace plumb {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (words.size() < 8) {
    std::size_t start = text.find_first_not_of(" ,-");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    std::size_t end = std::min(text.find_first_of(" ,-"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

// A number of at most four digits and nothing else, or -1.
int number_of(std::string_view digits) {
  int number = 0;
  if (digits.empty() || digits.size() > 4) return -1;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() && number >= 0 ? number : -1;
}

std::optional<seconds> find_time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return {};
  int hour = number_of(text.substr(0, 2));
  int minute = number_of(text.substr(3, 2));
  int second = number_of(text.substr(6, 2));
  bool valid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!valid) return {};
  return hours(hour) + minutes(minute) + seconds(second);
}

std::optional<sys_seconds> find_moment(std::string_view day, std::string_view month, std::string_view year,
                                       std::string_view time) {
  auto named = std::find(kMonths.begin(), kMonths.end(), month);
  int day_number = number_of(day);
  int year_number = number_of(year);
  std::optional<seconds> time_of_day = find_time_of_day(time);
  if (named == kMonths.end() || day_number < 0 || year_number < 0 || !time_of_day) return {};
  // Two digits are of the old form; nobody sends dates of the last century any more, but for its last years.
  if (year.size() == 2) year_number += year_number < 70 ? 2000 : 1900;
  year_month_day date(std::chrono::year(year_number),
                      std::chrono::month(static_cast<unsigned>(named - kMonths.begin()) + 1),
                      std::chrono::day(static_cast<unsigned>(day_number)));
  if (!date.ok()) return {};
  return sys_days(date) + *time_of_day;
}

}  // namespace

std::string format_http_date(sys_seconds time) {
  sys_days midnight = floor<days>(time);
  year_month_day date(midnight);
  hh_mm_ss clock(time - midnight);
  return format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[weekday(midnight).c_encoding()],
                static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<sys_seconds> find_http_date(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  bool zoned = words.size() == 6 && (words[5] == "GMT" || words[5] == "UTC");
  if (zoned) return find_moment(words[1], words[2], words[3], words[4]);
  if (words.size() == 5) return find_moment(words[2], words[1], words[4], words[3]);
  return {};
}

}  // namespace plumb
