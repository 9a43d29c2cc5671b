// GET /data/2.5/forecast
#include <algorithm>

#include "base/format.h"
#include "sandbox/openweather_answers.h"
#include "sandbox/openweather_markup.h"
#include "sandbox/service.h"

namespace plumb::sandbox::openweather {
namespace {

constexpr auto kStep = std::chrono::hours(3);
constexpr int kMostSteps = 40;

// How many steps `cnt` means; empty when it is no number. Out of range it silently means all of them.
std::optional<int> find_steps(const Query& query) {
  const std::string* text = query.find("cnt");
  if (text == nullptr || text->empty()) return kMostSteps;
  std::optional<long long> count = find_integer(*text);
  if (!count) return std::nullopt;
  return *count >= 1 && *count <= kMostSteps ? static_cast<int>(*count) : kMostSteps;
}

// The weather at a step, with what fell in the three hours before it and the sky of the wettest of them.
Report step_report(const World& world, const Location& where, sys_seconds at, int index) {
  Report report{.at = at, .weather = world.model.at(where, at)};
  Weather& w = report.weather;
  double wettest = w.rain + w.snow;
  for (int hours = 1; hours <= 2; ++hours) {
    Weather before = world.model.at(where, at - std::chrono::hours(hours));
    w.rain += before.rain;
    w.snow += before.snow;
    w.pop = std::max(w.pop, before.pop);
    if (before.rain + before.snow > wettest) {
      wettest = before.rain + before.snow;
      w.condition = before.condition;
    }
  }
  // The first steps carry the correction by the stations, later ones none.
  if (index < 5) report.temp_kf = (index % 2 == 0 ? -0.5 : 0.4) * (5 - index) / 5;
  report.temp_min = std::min(w.temp, w.temp + report.temp_kf);
  report.temp_max = std::max(w.temp, w.temp + report.temp_kf);
  report.has_visibility = !world.model.chance("no visibility", where, at, 40);
  return report;
}

void put_step(JsonWriter& json, const Report& report, const Query& query) {
  const Weather& w = report.weather;
  json.begin_object();
  put(json, "dt", report.at);
  json.key("main").begin_object();
  put(json, "temp", query.temperature(w.temp));
  put(json, "feels_like", query.temperature(w.feels_like));
  put(json, "temp_min", query.temperature(report.temp_min));
  put(json, "temp_max", query.temperature(report.temp_max));
  json.field("pressure", w.pressure).field("sea_level", w.pressure).field("grnd_level", w.ground_pressure);
  json.field("humidity", w.humidity);
  put(json, "temp_kf", report.temp_kf);
  json.end_object();
  put_conditions(json, w, query);
  json.key("clouds").begin_object().field("all", w.clouds).end_object();
  json.key("wind").begin_object();
  put(json, "speed", query.speed(w.wind_speed));
  json.field("deg", w.wind_deg);
  if (w.wind_gust > 0) put(json, "gust", query.speed(w.wind_gust));
  json.end_object();
  if (report.has_visibility) json.field("visibility", w.visibility);
  put(json, "pop", w.pop);
  for (auto [name, amount] : {std::pair("rain", w.rain), std::pair("snow", w.snow)}) {
    if (amount == 0) continue;
    json.key(name).begin_object();
    put(json, "3h", amount);
    json.end_object();
  }
  json.key("sys").begin_object().field("pod", w.day ? "d" : "n").end_object();
  std::string text = format_instant(report.at);  // 2023-11-15T00:00:00Z
  text[10] = ' ';
  text.pop_back();
  json.field("dt_txt", text).end_object();
}

void put_city(JsonWriter& json, const Location& where, const SunTimes& sun, sys_seconds now, const Query& query) {
  json.key("city").begin_object();
  json.field("id", where.city != nullptr ? where.city->id : where.bare_id);
  json.field("name", name_of(where, query.language));
  json.key("coord").begin_object();
  put(json, "lat", where.lat, 4);
  put(json, "lon", where.lon, 4);
  json.end_object();
  json.field("country", where.city != nullptr ? where.city->country : "");
  json.field("population", where.city != nullptr ? where.city->population : 0);
  json.field("timezone", offset_at(where, now));
  if (sun.rise) put(json, "sunrise", *sun.rise);
  if (sun.set) put(json, "sunset", *sun.set);
  json.end_object();
}

}  // namespace

ServerResponse forecast(const World& world, const Query& query) {
  std::optional<int> count = find_steps(query);
  if (!count) return refuse({.status = 400, .message = format("{} is not a number", *query.find("cnt"))}, query);
  auto place = locate(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);

  std::vector<Report> steps;
  steps.reserve(static_cast<std::size_t>(*count));
  sys_seconds first = std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<10800>>>(world.now) + kStep;
  for (int i = 0; i < *count; ++i) steps.push_back(step_report(world, where, first + i * kStep, i));
  SunTimes sun = sun_of(where, world.now);
  if (query.mode == Mode::Xml) {
    return json_answer(200, forecast_xml(where, steps, sun, query), "application/xml; charset=utf-8");
  }
  JsonWriter json;
  json.begin_object().field("cod", "200").field("message", 0).field("cnt", *count);
  json.key("list").begin_array();
  for (const Report& step : steps) put_step(json, step, query);
  json.end_array();
  put_city(json, where, sun, world.now, query);
  return answer_json(json.end_object().take(), query);
}

}  // namespace plumb::sandbox::openweather
