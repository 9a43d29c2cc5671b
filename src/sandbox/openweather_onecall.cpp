// GET /data/3.0/onecall
#include <algorithm>

#include "sandbox/openweather_points.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// `exclude` is a comma list without blanks; a name with a blank is none that the service knows.
bool wanted(const Query& query, std::string_view block) {
  const std::string* text = query.find("exclude");
  if (text == nullptr) return true;
  std::string_view rest = *text;
  while (true) {
    std::size_t comma = rest.find(',');
    if (rest.substr(0, comma) == block) return false;
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

void put_minutely(JsonWriter& json, const World& world, const Location& where) {
  json.key("minutely").begin_array();
  sys_seconds first = std::chrono::floor<minutes>(world.now) + minutes(1);
  for (int i = 0; i < 60; ++i) {
    sys_seconds at = first + minutes(i);
    Weather w = world.model.at(where, at);
    json.begin_object();
    put(json, "dt", at);
    put(json, "precipitation", w.rain + w.snow);
    json.end_object();
  }
  json.end_array();
}

void put_hourly(JsonWriter& json, const World& world, const Location& where, const Query& query) {
  json.key("hourly").begin_array();
  sys_seconds first = std::chrono::floor<hours>(world.now);
  for (int i = 0; i < 48; ++i) {
    sys_seconds at = first + hours(i);
    Weather w = world.model.at(where, at);
    json.begin_object();
    put_point(json, w, at, where, SunShown::No, UvShown::Yes, query);
    put(json, "pop", w.pop);
    put_hourly_fall(json, w);
    json.end_object();
  }
  json.end_array();
}

void put_alerts(JsonWriter& json, const std::vector<Alert>& alerts) {
  if (alerts.empty()) return;
  json.key("alerts").begin_array();
  for (const Alert& alert : alerts) {
    json.begin_object().field("sender_name", alert.sender).field("event", alert.event);
    put(json, "start", alert.start);
    put(json, "end", alert.end);
    json.field("description", alert.description);
    json.key("tags").begin_array().text(alert.tag).end_array();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

ServerResponse one_call(const World& world, const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  JsonWriter json;
  json.begin_object();
  put_place(json, where, world.now);
  if (wanted(query, "current")) {
    Weather w = world.model.at(where, world.now);
    json.key("current").begin_object();
    put_point(json, w, world.now, where, SunShown::Yes, UvShown::Yes, query);
    put_hourly_fall(json, w);
    json.end_object();
  }
  // Radar does not reach where nobody lives.
  if (wanted(query, "minutely") && where.city != nullptr) put_minutely(json, world, where);
  if (wanted(query, "hourly")) put_hourly(json, world, where, query);
  if (wanted(query, "daily")) {
    json.key("daily").begin_array();
    sys_days today = local_day(where, world.now);
    for (int i = 0; i < 8; ++i) {
      put_day(json, sum_up(world.model, where, today + std::chrono::days(i)), where, SummaryShown::Yes, query);
    }
    json.end_array();
  }
  if (wanted(query, "alerts")) put_alerts(json, alerts_of(world.model, where, world.now));
  return answer_json(json.end_object().take(), query);
}

}  // namespace plumb::sandbox::openweather
