// The invented weather is plausible, and its sky is right.
#include "sandbox/openweather_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "sandbox/openweather_conditions.h"
#include "sandbox/openweather_request.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::hours;

sys_seconds at(const char* text) {
  return seconds_of(*find_instant(text));
}

Location place(const char* name) {
  return location_of(*find_cities(name, "", "").front());
}

double mean_celsius(const Model& model, const Location& where, const char* from) {
  double sum = 0;
  for (int hour = 0; hour < 24 * 30; ++hour) sum += model.at(where, at(from) + hours(hour)).temp - 273.15;
  return sum / (24 * 30);
}

// Rise and set that the service itself once told, within two minutes.
void expect_sun(double lat, double lon, sys_days day, const char* rise, const char* set) {
  SunTimes sun = sun_times(lat, lon, day);
  ASSERT_TRUE(sun.rise && sun.set);
  EXPECT_LE(std::abs((*sun.rise - at(rise)).count()), 120) << format_instant(*sun.rise);
  EXPECT_LE(std::abs((*sun.set - at(set)).count()), 120) << format_instant(*sun.set);
}

TEST(Sky, RisesAndSetsAsTheServiceSaid) {
  using std::chrono::year;
  expect_sun(52.52, 13.41, year(2020) / 1 / 15, "2020-01-15T07:10:19Z", "2020-01-15T15:20:19Z");
  expect_sun(51.51, -0.13, year(2020) / 5 / 20, "2020-05-20T04:01:19Z", "2020-05-20T19:53:06Z");
  expect_sun(37.39, -122.09, year(2020) / 1 / 7, "2020-01-07T15:22:59Z", "2020-01-08T01:05:37Z");
  expect_sun(33.44, -94.04, year(2023) / 5 / 24, "2023-05-24T11:10:45Z", "2023-05-25T01:15:32Z");
}

TEST(Sky, HasNoRiseInPolarSeasons) {
  EXPECT_FALSE(sun_times(69.65, 18.96, std::chrono::year(2026) / 6 / 21).rise);
  EXPECT_FALSE(sun_times(78.22, 15.64, std::chrono::year(2026) / 12 / 21).set);
  EXPECT_GT(sun_elevation(78.22, 15.64, at("2026-06-21T00:00:00Z")), 0);
  EXPECT_LT(sun_elevation(78.22, 15.64, at("2026-12-21T12:00:00Z")), 0);
}

TEST(Sky, KnowsThePhaseOfTheMoon) {
  EXPECT_NEAR(moon_phase(at("2023-05-24T18:00:00Z")), 0.16, 0.03);  // as the service told
  EXPECT_NEAR(moon_phase(at("2024-04-23T23:49:00Z")), 0.50, 0.03);  // a full moon
}

TEST(Weather, FollowsTheSeasonsOfBothHalvesOfTheEarth) {
  Model model(1);
  EXPECT_GT(mean_celsius(model, place("Berlin"), "2026-07-01T00:00:00Z"),
            mean_celsius(model, place("Berlin"), "2026-01-01T00:00:00Z") + 10);
  EXPECT_LT(mean_celsius(model, place("Sydney"), "2026-07-01T00:00:00Z"),
            mean_celsius(model, place("Sydney"), "2026-01-01T00:00:00Z") - 5);
  EXPECT_NEAR(mean_celsius(model, place("Singapore"), "2026-07-01T00:00:00Z"), 28, 3);
}

TEST(Weather, IsWarmerInTheAfternoonThanBeforeDawn) {
  Model model(1);
  Location berlin = place("Berlin");
  double noon = 0, dawn = 0;
  for (int day = 0; day < 30; ++day) {
    noon += model.at(berlin, at("2026-06-01T13:00:00Z") + hours(24 * day)).temp;
    dawn += model.at(berlin, at("2026-06-01T02:00:00Z") + hours(24 * day)).temp;
  }
  EXPECT_GT(noon / 30, dawn / 30 + 4);
}

TEST(Weather, ChangesLittleFromOneHourToTheNext) {
  Model model(1);
  for (const char* name : {"Berlin", "Austin", "Kathmandu"}) {
    Location where = place(name);
    Weather before = model.at(where, at("2026-01-01T00:00:00Z"));
    for (int hour = 1; hour < 24 * 60; ++hour) {
      Weather w = model.at(where, at("2026-01-01T00:00:00Z") + hours(hour));
      EXPECT_LT(std::abs(w.temp - before.temp), 4) << name << " hour " << hour;
      EXPECT_LT(std::abs(w.pressure - before.pressure), 5) << name << " hour " << hour;
      EXPECT_LE(std::abs(w.clouds - before.clouds), 55) << name << " hour " << hour;
      before = w;
    }
  }
}

TEST(Weather, StaysWithinWhatTheServiceReports) {
  Model model(3);
  for (const City& city : cities()) {
    Location where = location_of(city);
    for (int step = 0; step < 60; ++step) {
      Weather w = model.at(where, at("2026-01-01T00:00:00Z") + hours(149 * step));
      EXPECT_GT(w.temp, 200);
      EXPECT_LT(w.temp, 325);
      EXPECT_TRUE(w.humidity > 0 && w.humidity <= 100 && w.clouds >= 0 && w.clouds <= 100);
      EXPECT_TRUE(w.visibility > 0 && w.visibility <= 10000);
      EXPECT_TRUE(w.pressure > 930 && w.pressure < 1085) << w.pressure;
      EXPECT_TRUE(w.wind_deg >= 0 && w.wind_deg < 360);
      EXPECT_TRUE(w.pop >= 0 && w.pop <= 1);
      EXPECT_LE(w.dew_point, w.temp + 0.01);
      EXPECT_NO_THROW(get_condition(w.condition));
      bool wet = w.rain > 0 || w.snow > 0;
      EXPECT_EQ(wet, w.condition < 700) << w.condition;
      if (w.snow > 0) {
        EXPECT_LT(w.temp, 276);
      }
    }
  }
}

TEST(Weather, RainsAsOftenAsItShould) {
  Model model(1);
  Location berlin = place("Berlin");
  double fallen = 0;
  int wet = 0;
  for (int hour = 0; hour < 24 * 365; ++hour) {
    Weather w = model.at(berlin, at("2026-01-01T00:00:00Z") + hours(hour));
    fallen += w.rain + w.snow;
    wet += w.rain + w.snow > 0 ? 1 : 0;
  }
  EXPECT_GT(fallen, 300);
  EXPECT_LT(fallen, 1200);
  EXPECT_GT(wet, 24 * 365 / 20);
  EXPECT_LT(wet, 24 * 365 / 4);
}

TEST(Weather, IsSharedByNeighbours) {
  Model model(1);
  Weather a = model.at(location_at(48.85, 2.35), at("2026-03-01T12:00:00Z"));
  Weather b = model.at(location_at(48.87, 2.37), at("2026-03-01T12:00:00Z"));
  EXPECT_NEAR(a.temp, b.temp, 0.5);
  EXPECT_NEAR(a.clouds, b.clouds, 5);
}

TEST(Conditions, HaveWordsInEveryLanguage) {
  for (const Condition& condition : conditions()) {
    for (const char* language : {"en", "de", "fr", "es"}) {
      EXPECT_FALSE(describe(condition, language).empty()) << condition.id;
    }
  }
  EXPECT_EQ(describe(get_condition(800), "de"), "Klarer Himmel");
  EXPECT_EQ(describe(get_condition(800), "xx"), "clear sky");
  EXPECT_EQ(icon_of(get_condition(511), false), "13n");
}

TEST(Cities, AreSixtyOrMoreEachOfThemFound) {
  EXPECT_GE(cities().size(), 60U);
  for (const City& city : cities()) {
    EXPECT_EQ(find_city_by_id(city.id), &city) << city.name;
    EXPECT_FALSE(find_cities(city.name, city.state_code, city.country).empty()) << city.name;
    EXPECT_NO_THROW(location_of(city)) << city.zone;
  }
}

TEST(Numbers, AreWrittenWithoutIdleDigits) {
  EXPECT_EQ(number_text(301.0), "301");
  EXPECT_EQ(number_text(300.154), "300.15");
  EXPECT_EQ(number_text(-0.001), "0");
  EXPECT_EQ(number_text(7.10), "7.1");
  EXPECT_EQ(number_text(-97.7431, 4), "-97.7431");
  EXPECT_EQ(number_text(120, 0), "120");
}

}  // namespace
}  // namespace plumb::sandbox::openweather
