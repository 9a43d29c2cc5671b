#include "base/zone.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/zone_rules.h"

namespace plumb {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_database() {
  std::vector<std::string> folders = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"};
  if (auto folder = find_environment("TZDIR")) folders.insert(folders.begin(), *folder);
  for (const std::string& folder : folders) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) return folder;
  }
  return std::nullopt;
}

// "Europe/Berlin", but no way out of the folder.
bool could_be_a_name(std::string_view name) {
  bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
  });
  return characters && !name.empty() && name.front() != '/';
}

std::string lower(std::string_view text) {
  std::string out;
  for (char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Every zone's name, less the copies of the whole tree for other clocks.
std::vector<std::string> zone_names(const fs::path& database) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(database, ignored), end; at != end; at.increment(ignored)) {
    std::string name = at->path().lexically_relative(database).string();
    if (at->is_directory(ignored) && (name == "posix" || name == "right")) at.disable_recursion_pending();
    bool zone = at->is_regular_file(ignored) && std::isupper(static_cast<unsigned char>(name[0])) != 0;
    if (zone && name.find('.') == std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "europe/berlin" and "Berlin" are meant as "Europe/Berlin" before anything that is only spelt alike.
std::string nearest_zone(std::string_view name, const fs::path& database) {
  std::vector<std::string> names = zone_names(database);
  std::string wanted = lower(name);
  for (const std::string& known : names) {
    std::string plain = lower(known);
    if (plain == wanted || plain.ends_with("/" + wanted)) return known;
  }
  return std::string(find_nearest(name, names));
}

ZonePeriod period_of(const ZoneRules& rules, Instant instant) {
  return rules.period_at(std::chrono::floor<std::chrono::seconds>(instant));
}

// Stays at the first or last instant there is, for those who mean "for ever" by it.
Duration add(Duration time, std::chrono::seconds offset) {
  if (offset.count() > 0 && time > Duration::max() - offset) return Duration::max();
  if (offset.count() < 0 && time < Duration::min() - offset) return Duration::min();
  return time + offset;
}

}  // namespace

Zone::Zone() : name_("UTC") {}

std::optional<std::string> find_zone_database() {
  const auto database = find_database();
  return database ? std::optional(database->string()) : std::nullopt;
}

std::vector<std::string> zone_names() {
  const auto database = find_database();
  return database ? zone_names(*database) : std::vector<std::string>();
}

std::optional<ZoneRules> find_zone_rules(std::string_view name) {
  const auto database = find_database();
  std::error_code ignored;
  if (!database || !could_be_a_name(name) || !fs::is_regular_file(*database / name, ignored)) return std::nullopt;
  return ZoneRules::find(read_file(*database / name));
}

Zone Zone::get(std::string_view name) {
  Zone zone;
  if (name == "UTC") return zone;
  auto database = find_database();
  if (!database) {
    throw Error(ErrorKind::Config,
                format("the time zone '{}' can't be read: the system has no time zone database", name),
                {.hint = "install the package tzdata"});
  }
  std::optional<ZoneRules> rules = find_zone_rules(name);
  if (!rules) {
    std::string nearest = nearest_zone(name, *database);
    std::string hint = nearest.empty() ? "zones are named like Europe/Berlin" : format("did you mean '{}'?", nearest);
    throw Error(ErrorKind::Config, format("unknown time zone '{}'", name), {.hint = std::move(hint)});
  }
  zone.name_ = name;
  zone.rules_ = std::make_shared<const ZoneRules>(std::move(*rules));
  return zone;
}

std::chrono::seconds Zone::offset_at(Instant instant) const {
  return rules_ ? period_of(*rules_, instant).offset : std::chrono::seconds(0);
}

LocalTime Zone::to_local(Instant instant) const {
  return LocalTime(add(instant.time_since_epoch(), offset_at(instant)));
}

Date Zone::date_of(Instant instant) const {
  return Date(std::chrono::floor<std::chrono::days>(to_local(instant)));
}

// Of the period that would hold the local time if it were UTC, and its two neighbours, the first that holds it wins.
// When none does, it lies in the gap between two.
Instant Zone::to_instant(LocalTime local) const {
  Instant as_utc(local.time_since_epoch());
  if (!rules_) return as_utc;
  ZonePeriod middle = period_of(*rules_, as_utc);
  std::vector<ZonePeriod> periods;
  if (middle.begin != ZoneSecond::min()) periods.push_back(rules_->period_at(middle.begin - std::chrono::seconds(1)));
  periods.push_back(middle);
  if (middle.end != ZoneSecond::max()) periods.push_back(rules_->period_at(middle.end));
  for (const ZonePeriod& period : periods) {
    Instant instant(add(as_utc.time_since_epoch(), -period.offset));
    auto second = std::chrono::floor<std::chrono::seconds>(instant);
    if (second < period.begin) return period.begin;  // the gap before this period: the one before it did not hold it
    if (second < period.end) return instant;
  }
  return Instant(add(as_utc.time_since_epoch(), -periods.back().offset));
}

std::string format_date(Date date) {
  return format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

std::optional<Date> find_date(std::string_view text) {
  bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (!shaped) return std::nullopt;
  auto number = [&](std::size_t from, std::size_t digits) {
    int value = 0;
    for (char c : text.substr(from, digits)) value = c >= '0' && c <= '9' && value >= 0 ? value * 10 + (c - '0') : -1;
    return value;
  };
  int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  Date date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace plumb
