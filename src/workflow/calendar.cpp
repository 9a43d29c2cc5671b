#include "workflow/calendar.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/format.h"

namespace plumb::workflow {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

// "sat", "Saturday".
std::optional<unsigned> find_weekday(std::string_view text) {
  std::string word;
  for (char c : text) word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (unsigned i = 0; i < kWeekdays.size(); ++i) {
    if (word == kWeekdays[i] || word == kWeekdays[i].substr(0, 3)) return i;
  }
  return std::nullopt;
}

// "12-25": of every year, 29 February too.
std::optional<std::chrono::month_day> find_yearly(std::string_view text) {
  const auto date = text.size() == 5 ? find_date("2000-" + std::string(text)) : std::nullopt;
  if (!date) return std::nullopt;
  return date->month() / date->day();
}

Date parse_date(const Node& node) {
  const auto date = find_date(node.scalar());
  if (!date) {
    throw Error(ErrorKind::Config, format("'{}' is no date", node.scalar()),
                {.place = node.place(), .hint = "write it as 2026-12-24"});
  }
  return *date;
}

}  // namespace

DaySet DaySet::parse(const Node& list) {
  DaySet days;
  if (list.kind() != NodeKind::List) days.add_day(list);
  for (std::size_t i = 0; i < list.size() && list.kind() == NodeKind::List; ++i) days.add_day(list.at(i));
  return days;
}

void DaySet::add_day(const Node& day) {
  if (day.kind() == NodeKind::Map) {
    day.expect_keys({"from", "to"});
    const Date from = parse_date(day.get("from")), to = parse_date(day.get("to"));
    if (to < from) throw Error(ErrorKind::Config, "the range ends before it begins", {.place = day.place()});
    ranges_.emplace_back(from, to);
    return;
  }
  const std::string_view text = day.scalar();
  if (const auto weekday = find_weekday(text)) {
    weekdays_ |= 1U << *weekday;
  } else if (const auto yearly = find_yearly(text)) {
    yearly_.push_back(*yearly);
  } else if (const auto date = find_date(text)) {
    ranges_.emplace_back(*date, *date);
  } else {
    throw Error(ErrorKind::Config, format("'{}' is no day", text),
                {.place = day.place(),
                 .hint = "a day is a date (2026-12-24), a month and day (12-25), a weekday (sat) or {from: …, to: …}"});
  }
}

bool DaySet::contains(Date date) const {
  if (weekdays_ != 0 && (weekdays_ & (1U << std::chrono::weekday(std::chrono::sys_days(date)).c_encoding())) != 0) {
    return true;
  }
  if (std::find(yearly_.begin(), yearly_.end(), date.month() / date.day()) != yearly_.end()) return true;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const auto& range) { return range.first <= date && date <= range.second; });
}

bool DaySet::empty() const {
  return weekdays_ == 0 && yearly_.empty() && ranges_.empty();
}

Calendar Calendar::without(DaySet days) {
  Calendar calendar;
  calendar.exclude_ = std::move(days);
  return calendar;
}

Calendar Calendar::parse(const Node& node) {
  if (node.kind() != NodeKind::Map) return without(DaySet::parse(node));
  Calendar calendar;
  node.expect_keys({"exclude", "include"});
  if (const Node days = node.find("exclude"); !days.null()) calendar.exclude_ = DaySet::parse(days);
  if (const Node days = node.find("include"); !days.null()) calendar.include_ = DaySet::parse(days);
  return calendar;
}

bool Calendar::open(Date date) const {
  if (include_.contains(date)) return true;
  return exclude_.empty() ? include_.empty() : !exclude_.contains(date);
}

Calendars parse_calendars(const Node& node) {
  Calendars calendars;
  if (node.null()) return calendars;
  if (node.kind() != NodeKind::Map) {
    throw Error(ErrorKind::Config, "calendars is a map of names to days",
                {.place = node.place(), .hint = "calendars: {business: {exclude: [sat, sun]}}"});
  }
  for (std::size_t i = 0; i < node.size(); ++i) {
    calendars.emplace(node.key_at(i), Calendar::parse(node.at(i)));
  }
  return calendars;
}

}  // namespace plumb::workflow
