// Weather that nobody measured and everybody can repeat: a function of seed, place and time.
//
// Smooth noise in latitude, longitude and time plays the fronts and showers; upon it lie the climate of the latitude,
// the seasons, the height of the place, and the sun's day. So hours that follow each other resemble each other, towns
// that lie close share their rain, January in Bremen is grey, July in Austin hot, and the same question has the same
// answer today and next year. A forecast is the weather of its hour: it always comes true.
#pragma once

#include <cstdint>
#include <string_view>

#include "sandbox/openweather_cities.h"
#include "sandbox/openweather_sky.h"

namespace plumb::sandbox::openweather {

// Everything in one set of units: kelvin, metres a second, hectopascal, metres, millimetres an hour.
struct Weather {
  int condition = 800;
  bool day = true;
  double temp = 0;
  double feels_like = 0;
  double dew_point = 0;
  int pressure = 0;  // at sea level
  int ground_pressure = 0;
  int humidity = 0;        // percent
  int clouds = 0;          // percent
  int visibility = 10000;  // at most 10000
  double wind_speed = 0;
  int wind_deg = 0;      // where it comes from
  double wind_gust = 0;  // 0: no gusts
  double rain = 0;       // mm/h; 0: none
  double snow = 0;
  double pop = 0;  // probability of precipitation, 0 to 1
  double uvi = 0;
};

class Model {
 public:
  explicit Model(std::uint64_t seed) : seed_(seed) {}

  Weather at(const Location& where, sys_seconds when) const;

  // True so many times out of a thousand, but always the same for one place, time and name: whether a key is left out.
  bool chance(std::string_view name, const Location& where, sys_seconds when, int per_mille) const;

 private:
  struct Air;
  Air air_at(const Location& where, sys_seconds when) const;
  double noise(std::string_view name, const Location& where, sys_seconds when, int cell_degrees,
               int period_hours) const;

  std::uint64_t seed_;
};

}  // namespace plumb::sandbox::openweather
