// GET /data/4.0/onecall/current, /timeline/{1min,15min,1h,1day} and /alert/{id}
#include <algorithm>

#include "base/format.h"
#include "sandbox/openweather_points.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr days kYearAndAHalf{548};

struct Step {
  std::string_view name;
  seconds length;
  int most;  // records a page
};
constexpr Step kSteps[] = {
    {"1min", minutes(1), 60}, {"15min", minutes(15), 50}, {"1h", hours(1), 20}, {"1day", days(1), 10}};

// The first and last record that a timeline has, and the one that a call without `start` begins with.
struct Reach {
  sys_seconds first, last, now;
};

Reach reach_of(const Step& step, const World& world, const Location& where) {
  if (step.name == "1day") {
    sys_seconds noon = midnight(where, local_day(where, world.now)) + hours(12);
    sys_seconds first = midnight(where, std::chrono::year(1979) / 1 / 2) + hours(12);
    return {.first = first, .last = noon + kYearAndAHalf, .now = noon};
  }
  std::int64_t length = step.length.count();
  sys_seconds now{seconds(world.now.time_since_epoch().count() / length * length)};
  if (step.name == "1min") return {.first = now, .last = now + minutes(59), .now = now};
  if (step.name == "15min") return {.first = now, .last = now + hours(48), .now = now};
  return {.first = sys_days(std::chrono::year(1979) / 1 / 1), .last = now + hours(48), .now = now};
}

// A day's record stands at its noon, whatever the clocks did in between.
sys_seconds nth(const Step& step, const Location& where, sys_seconds start, int n) {
  if (step.name != "1day") return start + n * step.length;
  return midnight(where, local_day(where, start) + days(n)) + hours(12);
}

void put_alert_ids(JsonWriter& json, const std::vector<Alert>& alerts, sys_seconds from, sys_seconds to) {
  std::vector<std::string> ids;
  for (const Alert& alert : alerts) {
    if (alert.start < to && from < alert.end) ids.push_back(alert.id);
  }
  if (ids.empty()) return;
  json.key("alerts").begin_array();
  for (const std::string& id : ids) json.text(id);
  json.end_array();
}

void put_record(JsonWriter& json, const Step& step, sys_seconds at, const World& world, const Location& where,
                const std::vector<Alert>& alerts, const Query& query) {
  if (step.name == "1day") {
    put_day(json, sum_up(world.model, where, local_day(where, at)), where, SummaryShown::No, query);
    return;
  }
  Weather w = world.model.at(where, at);
  json.begin_object();
  if (step.name == "1min") {
    put(json, "dt", at);
    put(json, "precipitation", w.rain + w.snow);
  } else {
    put_point(json, w, at, where, SunShown::No, UvShown::Yes, query);
    put(json, "pop", w.pop);
    put_hourly_fall(json, w);
  }
  put_alert_ids(json, alerts, at, at + step.length);
  json.end_object();
}

// The pages before and after carry the parameters of this one, but no key.
std::string page_url(const Step& step, const World& world, const Location& where, int count, sys_seconds start,
                     const Query& query) {
  std::string url = format("{}/data/4.0/onecall/timeline/{}?cnt={}&lat={:.4f}&lon={:.4f}&start={}", world.url,
                           step.name, count, where.lat, where.lon, start.time_since_epoch().count());
  for (std::string_view name : {"units", "lang"}) {
    if (const std::string* value = query.find(name)) url += "&" + form_encode({{std::string(name), *value}});
  }
  return url;
}

Problem bad_parameter(std::string message, std::string name) {
  return {.status = 400, .cod_is_text = false, .message = std::move(message), .parameters = {std::move(name)}};
}

}  // namespace

ServerResponse current_4(const World& world, const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  Weather w = world.model.at(where, world.now);
  JsonWriter json;
  json.begin_object();
  put_place(json, where, world.now);
  json.key("data").begin_array().begin_object();
  put_point(json, w, world.now, where, SunShown::Yes, UvShown::Yes, query);
  put_hourly_fall(json, w);
  put_alert_ids(json, alerts_of(world.model, where, world.now), world.now, world.now + seconds(1));
  json.end_object().end_array();
  return answer_json(json.end_object().take(), query);
}

ServerResponse timeline_4(const World& world, const Query& query, std::string_view name) {
  const Step* step = std::find_if(std::begin(kSteps), std::end(kSteps), [&](const Step& s) { return s.name == name; });
  if (step == std::end(kSteps)) return refuse({.status = 404, .message = "Internal error"}, query);
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);

  Reach reach = reach_of(*step, world, where);
  sys_seconds start = reach.now;
  if (const std::string* text = query.find("start"); text != nullptr && !text->empty()) {
    std::optional<long long> unix_time = find_integer(*text);
    if (!unix_time) return refuse(bad_parameter("Invalid time format", "start"), query);
    if (*unix_time < reach.first.time_since_epoch().count() || *unix_time > reach.last.time_since_epoch().count()) {
      return refuse(bad_parameter("Requested time is out of allowed range", "start"), query);
    }
    start = sys_seconds(seconds(*unix_time));
    start = step->name == "1day" ? nth(*step, where, start, 0)
                                 : sys_seconds(start.time_since_epoch() / step->length * step->length);
  }
  int count = step->most;
  if (const std::string* text = query.find("cnt")) {
    if (auto given = find_integer(*text); given && *given >= 1 && *given < count) count = static_cast<int>(*given);
  }

  std::vector<Alert> alerts = alerts_of(world.model, where, world.now);
  JsonWriter json;
  json.begin_object();
  put_place(json, where, world.now);
  json.key("data").begin_array();
  for (int i = 0; i < count; ++i) {
    sys_seconds at = nth(*step, where, start, i);
    if (at > reach.last) break;
    put_record(json, *step, at, world, where, alerts, query);
  }
  json.end_array();
  if (sys_seconds before = nth(*step, where, start, -count); start > reach.first) {
    json.field("prev", page_url(*step, world, where, count, std::max(before, reach.first), query));
  }
  if (sys_seconds after = nth(*step, where, start, count); after <= reach.last) {
    json.field("next", page_url(*step, world, where, count, after, query));
  }
  return answer_json(json.end_object().take(), query);
}

ServerResponse alert_4(const World& world, const Query& query, std::string_view id) {
  std::optional<Alert> alert = find_alert(world.model, id);
  if (!alert) return refuse({.status = 404, .cod_is_text = false, .message = "Alert not found"}, query);
  JsonWriter json;
  json.begin_object().field("id", alert->id).field("sender_name", alert->sender).field("event", alert->event);
  put(json, "start", alert->start);
  put(json, "end", alert->end);
  json.field("description", alert->description);
  return answer_json(json.end_object().take(), query);
}

}  // namespace plumb::sandbox::openweather
