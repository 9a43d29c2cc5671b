// Warnings of the weather offices. A warning is the run of hours in which the weather is dangerous in one way; its id
// tells the town, the way and the first hour, so that it can be looked up without being remembered.
#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "sandbox/dice.h"
#include "sandbox/openweather_points.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::hours;

constexpr hours kAhead{48};
constexpr hours kLongest{24 * 14};

struct Hazard {
  std::string_view event;
  std::string_view tag;
  std::string_view text;
  bool (*present)(const Weather&);
};
constexpr Hazard kHazards[] = {
    {"Severe gusts", "Wind", "Gusts of more than 70 km/h are expected.",
     [](const Weather& w) { return w.wind_gust > 19.5; }},
    {"Heavy rain", "Rain", "More than 5 mm of rain an hour are expected.", [](const Weather& w) { return w.rain > 5; }},
    {"Thunderstorms", "Thunderstorm", "Thunderstorms are expected.",
     [](const Weather& w) { return w.condition < 300; }},
    {"Snowfall", "Snow/Ice", "Heavy snow is expected.", [](const Weather& w) { return w.snow > 2; }},
    {"Severe frost", "Extreme low temperature", "Temperatures below -10 degrees are expected.",
     [](const Weather& w) { return w.temp < 263.15; }},
    {"Heat", "Extreme high temperature", "Temperatures above 35 degrees are expected.",
     [](const Weather& w) { return w.temp > 308.15; }},
};

std::string_view office_of(std::string_view country) {
  if (country == "DE") return "Deutscher Wetterdienst";
  if (country == "AT") return "GeoSphere Austria";
  if (country == "CH") return "MeteoSwiss";
  if (country == "FR") return "METEO-FRANCE";
  if (country == "GB") return "UK Met Office";
  if (country == "US") return "National Weather Service";
  return "National Meteorological Office";
}

// 8B46C632-DCA7-44D7-8BDF-02445621BAFF
std::string alert_id(const City& city, std::size_t hazard, sys_seconds start) {
  auto hour = static_cast<std::uint32_t>(start.time_since_epoch() / hours(1));
  Dice dice(static_cast<std::uint64_t>(city.id), "alert", std::int64_t{hour} * 100 + static_cast<std::int64_t>(hazard));
  return format("{:08X}-{:04X}-{:04X}-{:04X}-{}", city.id, hazard, hour >> 16, hour & 0xFFFF,
                dice.text(12, "0123456789ABCDEF"));
}

std::optional<std::uint32_t> find_hex(std::string_view text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Watch {
 public:
  // Warnings are issued for the town, wherever in its reach one asks.
  Watch(const Model& model, const City& city) : model_(model), city_(city), where_(location_of(city)) {}

  bool present(std::size_t hazard, sys_seconds at) const { return kHazards[hazard].present(model_.at(where_, at)); }

  Alert alert(std::size_t hazard, sys_seconds start) const {
    sys_seconds end = start;
    while (end - start < kLongest && present(hazard, end)) end += hours(1);
    const Hazard& kind = kHazards[hazard];
    std::string text = format("{} in {} from {} to {}. {}", kind.event, city_.name, format_instant(start),
                              format_instant(end), kind.text);
    return {.id = alert_id(city_, hazard, start),
            .sender = office_of(city_.country),
            .event = kind.event,
            .tag = kind.tag,
            .start = start,
            .end = end,
            .description = std::move(text)};
  }

 private:
  const Model& model_;
  const City& city_;
  Location where_;
};

}  // namespace

std::vector<Alert> alerts_of(const Model& model, const Location& where, sys_seconds now) {
  std::vector<Alert> alerts;
  if (where.city == nullptr) return alerts;
  Watch watch(model, *where.city);
  sys_seconds first = std::chrono::floor<hours>(now);
  for (std::size_t hazard = 0; hazard < std::size(kHazards); ++hazard) {
    for (sys_seconds at = first; at <= first + kAhead;) {
      if (!watch.present(hazard, at)) {
        at += hours(1);
        continue;
      }
      // The one of this hour may have begun long ago.
      sys_seconds start = at;
      while (first - start < kLongest && watch.present(hazard, start - hours(1))) start -= hours(1);
      alerts.push_back(watch.alert(hazard, start));
      at = std::max(alerts.back().end, at + hours(1));
    }
  }
  std::stable_sort(alerts.begin(), alerts.end(), [](const Alert& a, const Alert& b) { return a.start < b.start; });
  return alerts;
}

std::optional<Alert> find_alert(const Model& model, std::string_view id) {
  if (id.size() != 36) return std::nullopt;
  auto city_id = find_hex(id.substr(0, 8));
  auto hazard = find_hex(id.substr(9, 4));
  auto high = find_hex(id.substr(14, 4));
  auto low = find_hex(id.substr(19, 4));
  if (!city_id || !hazard || !high || !low || *hazard >= std::size(kHazards)) return std::nullopt;
  const City* city = find_city_by_id(*city_id);
  if (city == nullptr) return std::nullopt;
  sys_seconds start = sys_seconds(hours(*high << 16 | *low));
  Watch watch(model, *city);
  if (!watch.present(*hazard, start)) return std::nullopt;
  Alert alert = watch.alert(*hazard, start);
  if (alert.id != id) return std::nullopt;
  return alert;
}

}  // namespace plumb::sandbox::openweather
