#include "sandbox/openweather_sky.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plumb::sandbox::openweather {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kRimAtHorizon = 90.833;

struct Sun {
  double declination;       // radians
  double equation_of_time;  // minutes
};

Sun sun_at(sys_seconds at) {
  sys_days day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(day);
  double day_of_year = static_cast<double>((day - sys_days(date.year() / 1 / 1)).count());
  double hour = static_cast<double>((at - day).count()) / 3600;
  double days = date.year().is_leap() ? 366 : 365;
  double g = 2 * std::numbers::pi / days * (day_of_year + (hour - 12) / 24);
  return {.declination = 0.006918 - 0.399912 * std::cos(g) + 0.070257 * std::sin(g) - 0.006758 * std::cos(2 * g) +
                         0.000907 * std::sin(2 * g) - 0.002697 * std::cos(3 * g) + 0.00148 * std::sin(3 * g),
          .equation_of_time = 229.18 * (0.000075 + 0.001868 * std::cos(g) - 0.032077 * std::sin(g) -
                                        0.014615 * std::cos(2 * g) - 0.040849 * std::sin(2 * g))};
}

// Half the length of the day, as degrees that the earth turns; empty when the sun's rim does not cross the horizon.
std::optional<double> half_day(double lat, double declination) {
  double cosine = std::cos(kRimAtHorizon * kRadians) / (std::cos(lat * kRadians) * std::cos(declination)) -
                  std::tan(lat * kRadians) * std::tan(declination);
  if (!(cosine >= -1 && cosine <= 1)) return std::nullopt;
  return std::acos(cosine) / kRadians;
}

enum class Crossing { Rise, Set };

// The sun's place changes within the day, so the moment that it was computed for is corrected twice by its own result.
std::optional<sys_seconds> crossing(double lat, double lon, sys_days day, Crossing which) {
  sys_seconds at = day + std::chrono::seconds(std::lround((720 - 4 * lon) * 60));
  for (int round = 0; round < 3; ++round) {
    Sun sun = sun_at(at);
    std::optional<double> angle = half_day(lat, sun.declination);
    if (!angle) return std::nullopt;
    double minutes = 720 - 4 * (lon + (which == Crossing::Rise ? *angle : -*angle)) - sun.equation_of_time;
    at = day + std::chrono::seconds(std::lround(minutes * 60));
  }
  return at;
}

}  // namespace

SunTimes sun_times(double lat, double lon, sys_days local_day) {
  SunTimes times{.rise = crossing(lat, lon, local_day, Crossing::Rise),
                 .set = crossing(lat, lon, local_day, Crossing::Set)};
  // On the edge of the polar seasons one of the two may be left: then the day has neither.
  if (!times.rise || !times.set) return {};
  return times;
}

double sun_elevation(double lat, double lon, sys_seconds at) {
  Sun sun = sun_at(at);
  double minutes = static_cast<double>((at - std::chrono::floor<std::chrono::days>(at)).count()) / 60;
  double hour_angle = ((minutes + sun.equation_of_time + 4 * lon) / 4 - 180) * kRadians;
  double sine = std::sin(lat * kRadians) * std::sin(sun.declination) +
                std::cos(lat * kRadians) * std::cos(sun.declination) * std::cos(hour_angle);
  return std::asin(std::clamp(sine, -1.0, 1.0)) / kRadians;
}

double moon_phase(sys_seconds at) {
  constexpr double kSynodicDays = 29.530588853;
  constexpr sys_seconds kNewMoon = sys_days(std::chrono::year(2000) / 1 / 6) + std::chrono::seconds(65640);
  double months = static_cast<double>((at - kNewMoon).count()) / 86400 / kSynodicDays;
  return months - std::floor(months);
}

}  // namespace plumb::sandbox::openweather
