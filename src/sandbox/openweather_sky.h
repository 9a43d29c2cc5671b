// Where the sun and the moon stand: sunrise, sunset, elevation, and the moon's phase.
//
// The sun follows NOAA's "General Solar Position Calculations" (Global Monitoring Laboratory, solareqns.pdf): equation
// of time and declination as Fourier series of the day of the year, the rim of the sun at 90.833 degrees from the
// zenith so that refraction is counted in. Good for two minutes between the polar circles. The moon's phase counts mean
// synodic months from the new moon of 6 January 2000; its rise and set are rough, by the hour it culminates.
#pragma once

#include <chrono>
#include <optional>

namespace plumb::sandbox::openweather {

using std::chrono::sys_days;
using std::chrono::sys_seconds;

struct SunTimes {
  // Both are absent on a day of midnight sun or polar night.
  std::optional<sys_seconds> rise;
  std::optional<sys_seconds> set;
};

// Of a calendar day as the people at that place count it.
SunTimes sun_times(double lat, double lon, sys_days local_day);
// Degrees above the horizon.
double sun_elevation(double lat, double lon, sys_seconds at);

// 0 and 1 new, 0.25 first quarter, 0.5 full, 0.75 last quarter.
double moon_phase(sys_seconds at);

}  // namespace plumb::sandbox::openweather
