// GET /data/2.5/weather
#include <algorithm>

#include "base/format.h"
#include "sandbox/dice.h"
#include "sandbox/openweather_answers.h"
#include "sandbox/openweather_markup.h"
#include "sandbox/service.h"

namespace plumb::sandbox::openweather {
namespace {

// The service looks out of the window every ten minutes.
sys_seconds observed_at(sys_seconds now) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<600>>>(now);
}

Report observe(const World& world, const Location& where) {
  Report report{.at = observed_at(world.now)};
  report.weather = world.model.at(where, report.at);
  // Least and greatest of what the stations of a big city show now: in a small one there is but one.
  bool big = where.city != nullptr && where.city->population > 250'000;
  double spread = big ? 0.4 + 0.3 * static_cast<double>(where.city->population % 5) : 0;
  report.temp_min = report.weather.temp - spread;
  report.temp_max = report.weather.temp + spread / 2;
  report.has_visibility = !world.model.chance("no visibility", where, report.at, 60);
  report.has_levels = !world.model.chance("no levels", where, report.at, 150);
  report.has_station = !world.model.chance("no station", where, report.at, 200);
  report.station = 2'000'000 + (where.city != nullptr ? where.city->id % 90'000 : 0);
  if (world.model.chance("no gust", where, report.at, 300)) report.weather.wind_gust = 0;
  return report;
}

void put_main(JsonWriter& json, const Report& report, const Query& query) {
  const Weather& w = report.weather;
  json.key("main").begin_object();
  put(json, "temp", query.temperature(w.temp));
  put(json, "feels_like", query.temperature(w.feels_like));
  put(json, "temp_min", query.temperature(report.temp_min));
  put(json, "temp_max", query.temperature(report.temp_max));
  json.field("pressure", w.pressure).field("humidity", w.humidity);
  if (report.has_levels) json.field("sea_level", w.pressure).field("grnd_level", w.ground_pressure);
  json.end_object();
}

void put_sys(JsonWriter& json, const Location& where, const Report& report) {
  SunTimes sun = sun_of(where, report.at);
  json.key("sys").begin_object();
  if (report.has_station) json.field("type", 2).field("id", report.station);
  if (where.city != nullptr) json.field("country", where.city->country);
  if (sun.rise) put(json, "sunrise", *sun.rise);
  if (sun.set) put(json, "sunset", *sun.set);
  json.end_object();
}

std::string current_json(const Location& where, const Report& report, const Query& query) {
  const Weather& w = report.weather;
  JsonWriter json;
  json.begin_object();
  json.key("coord").begin_object();
  put(json, "lon", where.lon, 4);
  put(json, "lat", where.lat, 4);
  json.end_object();
  put_conditions(json, w, query);
  json.field("base", "stations");
  put_main(json, report, query);
  if (report.has_visibility) json.field("visibility", w.visibility);
  json.key("wind").begin_object();
  put(json, "speed", query.speed(w.wind_speed));
  json.field("deg", w.wind_deg);
  if (w.wind_gust > 0) put(json, "gust", query.speed(w.wind_gust));
  json.end_object();
  for (auto [name, amount] : {std::pair("rain", w.rain), std::pair("snow", w.snow)}) {
    if (amount == 0) continue;
    json.key(name).begin_object();
    put(json, "1h", amount);
    json.end_object();
  }
  json.key("clouds").begin_object().field("all", w.clouds).end_object();
  put(json, "dt", report.at);
  put_sys(json, where, report);
  json.field("timezone", offset_at(where, report.at));
  json.field("id", where.city != nullptr ? where.city->id : where.bare_id);
  json.field("name", name_of(where, query.language)).field("cod", 200);
  return json.end_object().take();
}

}  // namespace

ServerResponse current_weather(const World& world, const Query& query) {
  auto place = locate(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  Report report = observe(world, where);
  switch (query.mode) {
    case Mode::Json:
      return answer_json(current_json(where, report, query), query);
    case Mode::Xml:
      return json_answer(200, current_xml(where, report, query), "application/xml; charset=utf-8");
    case Mode::Html:
      return json_answer(200, current_html(where, report, query), "text/html; charset=utf-8");
  }
  return answer_json(current_json(where, report, query), query);
}

}  // namespace plumb::sandbox::openweather
