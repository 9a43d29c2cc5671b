#include "sandbox/openweather_points.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::hours;

// Rough: the new moon rises and sets with the sun, and a full turn of the phases moves both once round the clock.
sys_seconds moonrise(const Day& day, double hour_at_new_moon) {
  double hour = hour_at_new_moon + 24 * moon_phase(day.noon);
  std::chrono::minutes minutes(static_cast<std::int64_t>(hour * 60));
  return day.begin + minutes % hours(24);
}

void put_temperatures(JsonWriter& json, const Day& day, const Query& query) {
  json.key("temp").begin_object();
  put(json, "day", query.temperature(day.midday.temp));
  put(json, "min", query.temperature(day.temp_min));
  put(json, "max", query.temperature(day.temp_max));
  put(json, "night", query.temperature(day.night.temp));
  put(json, "eve", query.temperature(day.evening.temp));
  put(json, "morn", query.temperature(day.morning.temp));
  json.end_object();
  json.key("feels_like").begin_object();
  put(json, "day", query.temperature(day.midday.feels_like));
  put(json, "night", query.temperature(day.night.feels_like));
  put(json, "eve", query.temperature(day.evening.feels_like));
  put(json, "morn", query.temperature(day.morning.feels_like));
  json.end_object();
}

}  // namespace

void put_place(JsonWriter& json, const Location& where, sys_seconds now) {
  put(json, "lat", where.lat, 4);
  put(json, "lon", where.lon, 4);
  json.field("timezone", where.zone.name()).field("timezone_offset", offset_at(where, now));
}

void put_point(JsonWriter& json, const Weather& w, sys_seconds at, const Location& where, SunShown sun, UvShown uv,
               const Query& query) {
  put(json, "dt", at);
  if (sun == SunShown::Yes) {
    SunTimes times = sun_of(where, at);
    if (times.rise) put(json, "sunrise", *times.rise);
    if (times.set) put(json, "sunset", *times.set);
  }
  put(json, "temp", query.temperature(w.temp));
  put(json, "feels_like", query.temperature(w.feels_like));
  json.field("pressure", w.pressure).field("humidity", w.humidity);
  put(json, "dew_point", query.temperature(w.dew_point));
  if (uv == UvShown::Yes) put(json, "uvi", w.uvi);
  json.field("clouds", w.clouds).field("visibility", w.visibility);
  put(json, "wind_speed", query.speed(w.wind_speed));
  json.field("wind_deg", w.wind_deg);
  if (w.wind_gust > 0) put(json, "wind_gust", query.speed(w.wind_gust));
  put_conditions(json, w, query);
}

void put_hourly_fall(JsonWriter& json, const Weather& w) {
  for (auto [name, amount] : {std::pair("rain", w.rain), std::pair("snow", w.snow)}) {
    if (amount == 0) continue;
    json.key(name).begin_object();
    put(json, "1h", amount);
    json.end_object();
  }
}

Day sum_up(const Model& model, const Location& where, sys_days date, sys_seconds begin) {
  Day day{.date = date, .begin = begin, .noon = begin + hours(12)};
  double wettest = 0;
  int clouds = 0;
  for (int hour = 0; hour < 24; ++hour) {
    Weather w = model.at(where, begin + hours(hour));
    if (hour == 0) {
      day.night = day.windiest = w;
      day.temp_min = day.temp_max = w.temp;
    }
    if (hour == 6) day.morning = w;
    if (hour == 12) day.midday = w;
    if (hour == 18) day.evening = w;
    day.temp_min = std::min(day.temp_min, w.temp);
    day.temp_max = std::max(day.temp_max, w.temp);
    day.rain += w.rain;
    day.snow += w.snow;
    day.pop = std::max(day.pop, w.pop);
    day.uvi = std::max(day.uvi, w.uvi);
    clouds += w.clouds;
    if (w.wind_speed > day.windiest.wind_speed) day.windiest = w;
    if (w.rain + w.snow > wettest) {
      wettest = w.rain + w.snow;
      day.condition = w.condition;
    }
  }
  day.clouds = clouds / 24;
  if (wettest == 0) day.condition = day.midday.condition;
  return day;
}

Day sum_up(const Model& model, const Location& where, sys_days date) {
  return sum_up(model, where, date, midnight(where, date));
}

void put_day(JsonWriter& json, const Day& day, const Location& where, SummaryShown summary, const Query& query) {
  json.begin_object();
  put(json, "dt", day.noon);
  SunTimes sun = sun_times(where.lat, where.lon, day.date);
  if (sun.rise) put(json, "sunrise", *sun.rise);
  if (sun.set) put(json, "sunset", *sun.set);
  put(json, "moonrise", moonrise(day, 6));
  put(json, "moonset", moonrise(day, 18));
  put(json, "moon_phase", moon_phase(day.noon));
  if (summary == SummaryShown::Yes) json.field("summary", format("Expect a day of {}", day_in_words(day)));
  put_temperatures(json, day, query);
  json.field("pressure", day.midday.pressure).field("humidity", day.midday.humidity);
  put(json, "dew_point", query.temperature(day.midday.dew_point));
  put(json, "wind_speed", query.speed(day.windiest.wind_speed));
  json.field("wind_deg", day.windiest.wind_deg);
  if (day.windiest.wind_gust > 0) put(json, "wind_gust", query.speed(day.windiest.wind_gust));
  Weather sky = day.midday;
  sky.condition = day.condition;
  sky.day = true;  // the day's icon shows a sun, in polar night too
  put_conditions(json, sky, query);
  json.field("clouds", day.clouds);
  put(json, "pop", day.pop);
  if (day.rain > 0) put(json, "rain", day.rain);
  if (day.snow > 0) put(json, "snow", day.snow);
  put(json, "uvi", day.uvi);
  json.end_object();
}

std::string day_in_words(const Day& day) {
  std::string sky = day.clouds <= 15 ? "clear sky" : day.clouds <= 70 ? "partly cloudy" : "overcast sky";
  if (day.snow > day.rain) return sky + " with snow";
  if (day.condition < 300) return sky + " with thunderstorms";
  if (day.rain > 0) return sky + " with rain";
  return sky;
}

}  // namespace plumb::sandbox::openweather
