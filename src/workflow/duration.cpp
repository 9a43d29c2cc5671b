#include "workflow/duration.h"

#include <array>
#include <charconv>

#include "base/format.h"

namespace plumb::workflow {
namespace {

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr std::array<Unit, 6> kUnits = {{{"w", std::chrono::weeks(1)},
                                         {"d", std::chrono::days(1)},
                                         {"h", std::chrono::hours(1)},
                                         {"m", std::chrono::minutes(1)},
                                         {"s", std::chrono::seconds(1)},
                                         {"ms", std::chrono::milliseconds(1)}}};
constexpr Duration kLongest = std::chrono::days(36525);

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

std::optional<Duration> find_duration(std::string_view text) {
  Duration sum{0};
  if (text.empty()) return std::nullopt;
  for (bool first = true; !text.empty(); first = false) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
    const Unit* unit = letters == 0 && first ? find_unit("s") : find_unit(text.substr(0, letters));
    if (unit == nullptr || number > kLongest / unit->length) return std::nullopt;
    sum += number * unit->length;
    if (sum > kLongest) return std::nullopt;
    text.remove_prefix(letters);
  }
  return sum;
}

Duration parse_duration(const Node& node) {
  const auto duration = find_duration(node.scalar());
  if (!duration) {
    throw Error(ErrorKind::Config, format("'{}' is no duration", node.scalar()),
                {.place = node.place(), .hint = "write it like 90s, 15m, 1h30m or 2d"});
  }
  return *duration;
}

std::string format_duration(Duration duration) {
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w" && duration % unit.length != Duration(0)) continue;  // "10d" rather than "1w3d"
    if (duration >= unit.length) text += format("{}{}", duration / unit.length, unit.name);
    duration %= unit.length;
  }
  return text.empty() ? "0s" : text;
}

Instant parse_moment(const Node& node, const Zone& zone) {
  const std::string_view text = node.scalar();
  if (const auto date = find_date(text)) return zone.to_instant(LocalTime(std::chrono::local_days(*date)));
  const auto instant = find_instant(text);
  if (!instant) {
    throw Error(ErrorKind::Config, format("'{}' is no moment", text),
                {.place = node.place(), .hint = "write it like 2026-01-01, 2026-01-01 07:00 or 2026-01-01T06:00:00Z"});
  }
  const bool offset =
      text.find_first_of("Zz+", 10) != std::string_view::npos || text.find('-', 10) != std::string_view::npos;
  return offset ? *instant : zone.to_instant(LocalTime(instant->time_since_epoch()));
}

}  // namespace plumb::workflow
