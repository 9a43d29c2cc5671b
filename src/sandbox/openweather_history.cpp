// GET /data/3.0/onecall/timemachine, /day_summary and /overview
#include <algorithm>

#include "base/format.h"
#include "sandbox/openweather_points.h"

namespace plumb::sandbox::openweather {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr sys_days kArchiveBegins = sys_days(std::chrono::year(1979) / 1 / 1);
constexpr days kYearAndAHalf{548};

Problem bad_parameter(std::string message, std::string name) {
  return {.status = 400, .cod_is_text = false, .message = std::move(message), .parameters = {std::move(name)}};
}

// Nobody measured at the poles: there the archive has nothing (a choice of the sandbox's, so that clients meet the
// 404).
bool in_archive(const Location& where) {
  return std::abs(where.lat) < 90;
}
Problem no_data() {
  return {.status = 404, .cod_is_text = false, .message = "No data for the requested parameters"};
}

// "+01:00"; empty when the text is none.
std::optional<std::chrono::minutes> find_offset(std::string_view text) {
  // A plus that was not escaped arrives as a blank.
  if (text.size() != 6 || text[3] != ':') return std::nullopt;
  bool east = text[0] == '+' || text[0] == ' ';
  if (!east && text[0] != '-') return std::nullopt;
  auto hour = find_integer(text.substr(1, 2));
  auto minute = find_integer(text.substr(4, 2));
  if (!hour || !minute || *hour < 0 || *hour > 14 || *minute < 0 || *minute > 59) return std::nullopt;
  std::chrono::minutes offset(*hour * 60 + *minute);
  return east ? offset : -offset;
}

std::string offset_text(std::int64_t seconds) {
  std::int64_t minutes = std::abs(seconds) / 60;
  return format("{}{:02}:{:02}", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string_view units_name(Units units) {
  return units == Units::Metric ? "metric" : units == Units::Imperial ? "imperial" : "standard";
}

void put_one(JsonWriter& json, std::string_view name, std::string_view inner, double value) {
  json.key(name).begin_object();
  put(json, inner, value);
  json.end_object();
}

void put_summary(JsonWriter& json, const Day& day, const Query& query) {
  put_one(json, "cloud_cover", "afternoon", day.midday.clouds);
  put_one(json, "humidity", "afternoon", day.midday.humidity);
  put_one(json, "precipitation", "total", day.rain + day.snow);
  put_one(json, "pressure", "afternoon", day.midday.pressure);
  json.key("temperature").begin_object();
  put(json, "min", query.temperature(day.temp_min));
  put(json, "max", query.temperature(day.temp_max));
  put(json, "afternoon", query.temperature(day.midday.temp));
  put(json, "night", query.temperature(day.night.temp));
  put(json, "evening", query.temperature(day.evening.temp));
  put(json, "morning", query.temperature(day.morning.temp));
  json.end_object();
  json.key("wind").begin_object().key("max").begin_object();
  put(json, "speed", query.speed(day.windiest.wind_speed));
  json.field("direction", day.windiest.wind_deg).end_object().end_object();
}

}  // namespace

ServerResponse time_machine(const World& world, const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  const std::string* text = query.find("dt");
  if (text == nullptr || text->empty()) return refuse(bad_parameter("Missing required parameter", "dt"), query);
  std::optional<long long> unix_time = find_integer(*text);
  if (!unix_time) return refuse(bad_parameter("Invalid time format", "dt"), query);
  // Compared as numbers: a time of any size may come.
  if (*unix_time < sys_seconds(kArchiveBegins).time_since_epoch().count() ||
      *unix_time > (world.now + days(4)).time_since_epoch().count()) {
    return refuse(bad_parameter("Requested time is out of allowed range", "dt"), query);
  }
  if (!in_archive(where)) return refuse(no_data(), query);
  sys_seconds at{std::chrono::seconds(*unix_time)};
  Weather w = world.model.at(where, at);
  JsonWriter json;
  json.begin_object();
  put_place(json, where, at);
  json.key("data").begin_array().begin_object();
  UvShown uv = at >= world.now - days(5) ? UvShown::Yes : UvShown::No;
  put_point(json, w, at, where, SunShown::Yes, uv, query);
  put_hourly_fall(json, w);
  json.end_object().end_array();
  return answer_json(json.end_object().take(), query);
}

ServerResponse day_summary(const World& world, const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  const std::string* text = query.find("date");
  if (text == nullptr || text->empty()) return refuse(bad_parameter("Missing required parameter", "date"), query);
  std::optional<Date> date = find_date(*text);
  if (!date) return refuse(bad_parameter("Invalid date format", "date"), query);
  sys_days day(*date);
  if (day <= kArchiveBegins || day > std::chrono::floor<days>(world.now) + kYearAndAHalf) {
    return refuse(bad_parameter("Requested date is out of allowed range", "date"), query);
  }
  if (!in_archive(where)) return refuse(no_data(), query);

  std::int64_t offset = offset_at(where, sys_seconds(day + hours(12)));
  if (const std::string* tz = query.find("tz"); tz != nullptr && !tz->empty()) {
    std::optional<std::chrono::minutes> given = find_offset(*tz);
    if (!given) return refuse(bad_parameter("Invalid tz format", "tz"), query);
    offset = std::chrono::seconds(*given).count();
  }
  Day sums = sum_up(world.model, where, day, sys_seconds(day) - std::chrono::seconds(offset));
  JsonWriter json;
  json.begin_object();
  put(json, "lat", where.lat, 4);
  put(json, "lon", where.lon, 4);
  json.field("tz", offset_text(offset)).field("date", format_date(*date)).field("units", units_name(query.units));
  put_summary(json, sums, query);
  return answer_json(json.end_object().take(), query);
}

ServerResponse overview(const World& world, const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  sys_days today = local_day(where, world.now);
  sys_days day = today;
  if (const std::string* text = query.find("date"); text != nullptr && !text->empty()) {
    std::optional<Date> date = find_date(*text);
    if (!date) return refuse(bad_parameter("Invalid date format", "date"), query);
    day = sys_days(*date);
    if (day != today && day != today + days(1)) {
      return refuse(bad_parameter("Requested date is out of allowed range", "date"), query);
    }
  }
  Day sums = sum_up(world.model, where, day);
  std::string_view degree = query.units == Units::Metric ? "°C" : query.units == Units::Imperial ? "°F" : "K";
  std::string_view speed = query.units == Units::Imperial ? "miles per hour" : "metres per second";
  std::string words = format(
      "The day brings {}, with temperatures between {:.0f}{} and {:.0f}{}. Around noon it feels like {:.0f}{}, with a "
      "humidity of {}% and a pressure of {} hPa. The wind reaches {:.1f} {}. {}",
      day_in_words(sums), query.temperature(sums.temp_min), degree, query.temperature(sums.temp_max), degree,
      query.temperature(sums.midday.feels_like), degree, sums.midday.humidity, sums.midday.pressure,
      query.speed(sums.windiest.wind_speed), speed,
      sums.rain + sums.snow > 0 ? format("Expect {:.1f} mm of precipitation.", sums.rain + sums.snow)
                                : "No precipitation is expected.");
  JsonWriter json;
  json.begin_object();
  put(json, "lat", where.lat, 4);
  put(json, "lon", where.lon, 4);
  json.field("tz", offset_text(offset_at(where, sums.noon)));
  json.field("date", format_date(Date(day))).field("units", units_name(query.units));
  json.field("weather_overview", words);
  return answer_json(json.end_object().take(), query);
}

}  // namespace plumb::sandbox::openweather
