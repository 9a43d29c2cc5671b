#include "sandbox/openweather_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sandbox/dice.h"

namespace plumb::sandbox::openweather {
namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kFreezing = 273.15;

double smooth(double t) {
  return t * t * (3 - 2 * t);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Local mean solar time, in hours.
double solar_hour(const Location& where, sys_seconds when) {
  double hours = static_cast<double>((when - std::chrono::floor<std::chrono::days>(when)).count()) / 3600;
  return std::fmod(hours + where.lon / 15 + 48, 24);
}

// Mean of the day in kelvin at sea level: some 28 degrees at the equator, 10 in Berlin, -24 at the poles; the seasons
// grow with the latitude and lag a month behind the sun.
double climate(double lat, sys_seconds when) {
  std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(when));
  double day = static_cast<double>((when - sys_days(date.year() / 1 / 1)).count()) / 86400;
  double season = std::cos(2 * std::numbers::pi * (day - 203) / 365.25) * (lat < 0 ? -1 : 1);
  double swing = 11 * (1 - std::exp(-std::abs(lat) / 22));
  return kFreezing + 28 - 0.0064 * lat * lat + swing * season;
}

// Vapour pressure of saturated air in hPa (Magnus), and the dew point from a vapour pressure.
double saturation(double celsius) {
  return 6.112 * std::exp(17.62 * celsius / (243.12 + celsius));
}
double dew_point_of(double vapour) {
  double x = std::log(vapour / 6.112);
  return 243.12 * x / (17.62 - x);
}

// Steadman's apparent temperature, as the Australian Bureau of Meteorology uses it.
double apparent(double kelvin, double vapour, double wind) {
  return kelvin + 0.33 * vapour - 0.70 * wind - 4.0;
}

// Clear-sky UV index by the sun's height, less what clouds take away.
double uv_index(double elevation, int clouds) {
  if (elevation <= 0) return 0;
  double clear = 12.5 * std::pow(std::sin(elevation * kRadians), 2.4);
  return clear * (1 - 0.65 * std::pow(clouds / 100.0, 2));
}

int rain_condition(const Weather& w, bool thunder) {
  if (thunder) return w.rain < 1.5 ? 200 : w.rain < 5 ? 201 : 202;
  if (w.temp < kFreezing - 0.3) return 511;
  if (w.rain < 0.15) return w.clouds > 90 ? 300 : 500;
  if (w.clouds < 80) return w.rain < 1 ? 520 : w.rain < 5 ? 521 : 522;
  return w.rain < 1.5 ? 500 : w.rain < 5 ? 501 : w.rain < 15 ? 502 : 503;
}

int snow_condition(const Weather& w) {
  if (w.rain > 0) return w.rain + w.snow < 0.8 ? 615 : 616;
  if (w.clouds < 80) return w.snow < 0.8 ? 620 : 621;
  return w.snow < 0.8 ? 600 : w.snow < 3 ? 601 : 602;
}

int dry_condition(const Weather& w) {
  if (w.visibility < 1000) return 741;
  if (w.visibility < 5000) return 701;
  return w.clouds <= 10 ? 800 : w.clouds <= 25 ? 801 : w.clouds <= 50 ? 802 : w.clouds <= 84 ? 803 : 804;
}

}  // namespace

// The noise of one place and hour, before it becomes weather.
struct Model::Air {
  double pressure;     // hPa at sea level
  double clouds;       // 0 to 1
  double wetness;      // above 0 it rains, or snows
  double anomaly;      // kelvin away from the climate
  double dampness;     // percent of humidity more or less
  double east, north;  // where the air moves to, m/s
};

double Model::noise(std::string_view name, const Location& where, sys_seconds when, int cell_degrees,
                    int period_hours) const {
  double y = (where.lat + 90) / cell_degrees;
  double x = (where.lon + 180) / cell_degrees;
  auto row = static_cast<std::int64_t>(std::floor(y));
  auto column = static_cast<std::int64_t>(std::floor(x));
  std::int64_t seconds = when.time_since_epoch().count();
  std::int64_t period = std::int64_t{3600} * period_hours;
  std::int64_t beat = floor_div(seconds, period);
  double fy = smooth(y - static_cast<double>(row));
  double fx = smooth(x - static_cast<double>(column));
  double ft = smooth(static_cast<double>(seconds - beat * period) / static_cast<double>(period));
  std::int64_t columns = 360 / cell_degrees;
  double sum = 0;
  double squares = 0;
  for (int corner = 0; corner < 8; ++corner) {
    int dy = corner & 1, dx = corner >> 1 & 1, dt = corner >> 2;
    // The earth is round: the column after the last is the first.
    std::int64_t index = ((beat + dt) * 512 + row + dy) * 512 + (column + dx) % columns;
    double value = static_cast<double>(Dice(seed_, name, index).between(-1000, 1000)) / 1000;
    double weight = (dy ? fy : 1 - fy) * (dx ? fx : 1 - fx) * (dt ? ft : 1 - ft);
    sum += value * weight;
    squares += weight * weight;
  }
  // Averaging narrows the spread, more so in the middle between corners; this gives it back, the same everywhere.
  return sum / std::sqrt(squares);
}

Model::Air Model::air_at(const Location& where, sys_seconds when) const {
  Air air{};
  double high = noise("pressure", where, when, 10, 110) + 0.35 * noise("pressure2", where, when, 5, 36);
  air.pressure = 1014 + 13 * high;
  // Highs clear the sky, lows fill it.
  double cover =
      0.52 + 0.55 * noise("clouds", where, when, 5, 30) + 0.35 * noise("clouds2", where, when, 2, 7) - 0.28 * high;
  air.clouds = std::clamp(cover, 0.0, 1.0);
  air.wetness = 0.8 * noise("rain", where, when, 4, 16) + 0.6 * noise("rain2", where, when, 2, 4) +
                0.5 * (cover - 0.75) - 0.30 * high - 0.56;
  double inland = std::min(1.0, std::abs(where.lat) / 35);
  air.anomaly = inland * (6.0 * noise("temp", where, when, 8, 96) + 2.2 * noise("temp2", where, when, 4, 30)) +
                0.4 * noise("temp3", where, when, 2, 5);
  air.dampness = 7 * noise("damp", where, when, 4, 20);
  double westerly = std::abs(where.lat) > 30 && std::abs(where.lat) < 65 ? 1.6 : -1.2;
  double storm = 1 + 0.5 * std::max(0.0, -high);
  air.east = storm * (westerly + 4.6 * noise("east", where, when, 6, 40) + 1.8 * noise("east2", where, when, 2, 6));
  air.north = storm * (4.6 * noise("north", where, when, 6, 40) + 1.8 * noise("north2", where, when, 2, 6));
  return air;
}

Weather Model::at(const Location& where, sys_seconds when) const {
  Air air = air_at(where, when);
  double elevation = sun_elevation(where.lat, where.lon, when);
  Weather w;
  w.day = elevation > -0.833;
  w.clouds = static_cast<int>(std::lround(air.clouds * 100));

  // A high sun and a clear sky make warm afternoons and cold mornings.
  sys_days day = std::chrono::floor<std::chrono::days>(when);
  auto solar_noon = day + std::chrono::seconds(std::lround((12 - where.lon / 15) * 3600));
  double noon = std::max(0.0, std::sin(sun_elevation(where.lat, where.lon, solar_noon) * kRadians));
  double swing = (1.2 + 5.5 * noon) * (1 - 0.6 * air.clouds);
  double of_day = swing * std::cos(2 * std::numbers::pi * (solar_hour(where, when) - 15) / 24);
  w.temp = climate(where.lat, when) + air.anomaly + of_day - 0.0065 * where.altitude();

  w.wind_speed = std::hypot(air.east, air.north);
  w.wind_deg = static_cast<int>(std::lround(std::atan2(-air.east, -air.north) / kRadians) + 360) % 360;
  if (w.wind_speed > 2.5) w.wind_gust = w.wind_speed * (1.45 + 0.4 * noise("gust", where, when, 2, 3));

  double humidity = 74 + 24 * (air.clouds - 0.5) - 2.4 * of_day + air.dampness;
  double falling = air.wetness > 0 && w.clouds >= 40
                       ? std::min(0.1 + 0.7 * air.wetness + 2.4 * std::pow(air.wetness, 3), 30.0)
                       : 0.0;
  if (falling > 0) humidity = std::max(humidity, 86.0 + 10 * std::min(1.0, falling / 3));
  w.humidity = static_cast<int>(std::lround(std::clamp(humidity, 18.0, 100.0)));

  double snow_share = std::clamp((kFreezing + 1.8 - w.temp) / 2.0, 0.0, 1.0);
  // Around the melting point it may be freezing rain instead.
  bool glaze = w.temp < kFreezing - 0.3 && w.temp > kFreezing - 2 && noise("glaze", where, when, 4, 12) > 0.75;
  if (glaze) snow_share = 0;
  // Below a tenth of a millimetre nothing is reported.
  auto reported = [](double mm) { return mm < 0.1 ? 0.0 : mm; };
  w.rain = reported(falling * (1 - snow_share));
  w.snow = reported(falling * snow_share);
  bool wet = w.rain > 0 || w.snow > 0;
  double pop = 0.55 + air.wetness * 1.1;
  w.pop = std::clamp(wet ? std::max(pop, 0.35) : pop, 0.0, 1.0);

  if (wet) w.visibility = static_cast<int>(std::lround(10000 / (1 + std::max(0.0, (w.rain - 1) / 6) + w.snow * 1.5)));
  bool still = w.wind_speed < 2.2;
  if (!wet && still && w.humidity >= 93)
    w.visibility = w.humidity >= 97 ? 100 + 200 * (100 - w.humidity) : 2500 + 100 * w.wind_deg / 36;

  bool thunder = w.rain > 0.8 && w.temp > kFreezing + 16 && noise("thunder", where, when, 3, 6) > 0.15;
  w.condition = w.snow > 0 ? snow_condition(w) : w.rain > 0 ? rain_condition(w, thunder) : dry_condition(w);

  double celsius = w.temp - kFreezing;
  double vapour = saturation(celsius) * w.humidity / 100;
  w.dew_point = kFreezing + dew_point_of(vapour);
  w.feels_like = apparent(w.temp, vapour, w.wind_speed);
  w.pressure = static_cast<int>(std::lround(air.pressure));
  w.ground_pressure = static_cast<int>(std::lround(air.pressure * std::exp(-where.altitude() / 8434)));
  w.uvi = uv_index(elevation, w.clouds);
  return w;
}

bool Model::chance(std::string_view name, const Location& where, sys_seconds when, int per_mille) const {
  auto spot = std::llround(where.lat * 100) * 40000 + std::llround(where.lon * 100);
  return Dice(seed_ ^ static_cast<std::uint64_t>(spot), name, when.time_since_epoch().count()).chance(per_mille);
}

}  // namespace plumb::sandbox::openweather
