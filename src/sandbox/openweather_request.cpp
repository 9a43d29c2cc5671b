#include "sandbox/openweather_request.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "sandbox/openweather_markup.h"
#include "sandbox/service.h"

namespace plumb::sandbox::openweather {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kXml = "application/xml; charset=utf-8";

Problem bad_request(std::string message) {
  return {.status = 400, .message = std::move(message)};
}
Problem city_not_found() {
  return {.status = 404, .message = "city not found"};
}

// Whatever else could run in a browser is no name of a function.
bool names_a_function(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '$';
  });
}

std::optional<double> find_double(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// A coordinate in [-limit, limit]; empty when it is refused.
std::optional<double> find_coordinate(const std::string& text, double limit, bool lenient) {
  std::optional<double> value = find_double(text);
  if (!value) return std::nullopt;
  double beyond = std::abs(*value) - limit;
  if (beyond > 0 && !(lenient && beyond < 0.005)) return std::nullopt;
  return std::clamp(*value, -limit, limit);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::variant<Location, Problem> found(const City* city) {
  if (city == nullptr) return city_not_found();
  return location_of(*city);
}

// "city", "city,country", "city,state,country".
std::variant<Location, Problem> locate_by_name(std::string_view q) {
  std::vector<std::string> parts = split_list(q);
  if (parts.size() > 3) return city_not_found();
  std::string country = parts.size() > 1 ? parts.back() : "";
  std::string state = parts.size() == 3 ? parts[1] : "";
  std::vector<const City*> cities = find_cities(parts[0], state, country);
  return found(cities.empty() ? nullptr : cities.front());
}

// True when the query holds a percent sign that does not begin an escape.
bool malformed_escape(std::string_view target) {
  auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  for (std::size_t at = target.find('%'); at != std::string_view::npos; at = target.find('%', at + 1)) {
    if (at + 2 >= target.size() || !hex(target[at + 1]) || !hex(target[at + 2])) return true;
  }
  return false;
}

}  // namespace

double Query::temperature(double kelvin) const {
  switch (units) {
    case Units::Standard:
      return kelvin;
    case Units::Metric:
      return kelvin - 273.15;
    case Units::Imperial:
      return (kelvin - 273.15) * 9 / 5 + 32;
  }
  return kelvin;
}

double Query::speed(double metres_per_second) const {
  constexpr double kMilesPerHour = 3600 / 1609.344;
  return units == Units::Imperial ? metres_per_second * kMilesPerHour : metres_per_second;
}

Query read_query(const ServerRequest& request) {
  Query query{.request = request};
  auto value = [&](std::string_view name) {
    const std::string* text = request.find_query(name);
    return text != nullptr ? *text : std::string();
  };
  if (value("units") == "metric") query.units = Units::Metric;
  if (value("units") == "imperial") query.units = Units::Imperial;
  if (value("mode") == "xml") query.mode = Mode::Xml;
  if (value("mode") == "html") query.mode = Mode::Html;
  query.language = value("lang");
  if (names_a_function(value("callback"))) query.callback = value("callback");
  return query;
}

ServerResponse refuse(const Problem& problem, const Query& query) {
  if (query.mode == Mode::Xml) {
    std::string body =
        format("<Error><cod>{}</cod><message>{}</message></Error>", problem.status, escape_markup(problem.message));
    return json_answer(problem.status, std::move(body), std::string(kXml));
  }
  JsonWriter json;
  json.begin_object().key("cod");
  if (problem.cod_is_text) {
    json.text(format("{}", problem.status));
  } else {
    json.number(std::int64_t{problem.status});
  }
  json.field("message", problem.message);
  if (!problem.parameters.empty()) {
    json.key("parameters").begin_array();
    for (const std::string& name : problem.parameters) json.text(name);
    json.end_array();
  }
  json.end_object();
  ServerResponse response = answer_json(json.take(), query);
  response.status = problem.status;
  return response;
}

ServerResponse answer_json(std::string body, const Query& query) {
  if (!query.callback.empty()) body = format("{}({})", query.callback, body);
  return json_answer(200, std::move(body), std::string(kJson));
}

std::variant<Location, Problem> locate_by_point(const Query& query) {
  const std::string* lat_text = query.find("lat");
  const std::string* lon_text = query.find("lon");
  if (!lat_text || !lon_text || lat_text->empty() || lon_text->empty()) return bad_request("Nothing to geocode");
  bool lenient = query.find("units") == nullptr;
  std::optional<double> lat = find_coordinate(*lat_text, 90, lenient);
  if (!lat) return bad_request("wrong latitude");
  std::optional<double> lon = find_coordinate(*lon_text, 180, lenient);
  if (!lon) return bad_request("wrong longitude");
  return location_at(*lat, *lon);
}

std::variant<Location, Problem> locate(const Query& query) {
  if (malformed_escape(query.request.target)) return city_not_found();
  if (query.find("lat") && query.find("lon")) return locate_by_point(query);
  if (const std::string* q = query.find("q"); q && !q->empty()) return locate_by_name(*q);
  if (const std::string* id = query.find("id"); id && !id->empty()) {
    std::optional<long long> number = find_integer(*id);
    if (!number) return bad_request(format("{} is not a city ID", *id));
    return found(find_city_by_id(*number));
  }
  if (const std::string* zip = query.find("zip"); zip && !zip->empty()) {
    std::vector<std::string> parts = split_list(*zip);
    return found(find_city_by_zip(parts[0], parts.size() > 1 ? std::string_view(parts[1]) : "US"));
  }
  return bad_request("Nothing to geocode");
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    std::size_t comma = text.find(',');
    parts.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::optional<long long> find_integer(std::string_view text) {
  long long value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string number_text(double value, int decimals) {
  std::string text = format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

void put(JsonWriter& json, std::string_view name, double value, int decimals) {
  json.key(name).raw(number_text(value, decimals));
}

void put(JsonWriter& json, std::string_view name, sys_seconds at) {
  json.field(name, std::int64_t{at.time_since_epoch().count()});
}

void put_conditions(JsonWriter& json, const Weather& weather, const Query& query) {
  const Condition& condition = get_condition(weather.condition);
  json.key("weather").begin_array().begin_object();
  json.field("id", condition.id).field("main", condition.group);
  bool reworded = query.one_call_4 && condition.id == 800 && describe(condition, query.language) == condition.en;
  json.field("description", reworded ? "sky is clear" : describe(condition, query.language));
  json.field("icon", icon_of(condition, weather.day));
  json.end_object().end_array();
}

sys_seconds seconds_of(Instant instant) {
  return std::chrono::floor<std::chrono::seconds>(instant);
}

std::int64_t offset_at(const Location& where, sys_seconds when) {
  return where.zone.offset_at(when).count();
}

sys_days local_day(const Location& where, sys_seconds when) {
  return std::chrono::floor<std::chrono::days>(when + where.zone.offset_at(when));
}

sys_seconds midnight(const Location& where, sys_days day) {
  return seconds_of(where.zone.to_instant(LocalTime(day.time_since_epoch())));
}

SunTimes sun_of(const Location& where, sys_seconds when) {
  return sun_times(where.lat, where.lon, local_day(where, when));
}

std::string name_of(const Location& where, std::string_view language) {
  return where.city != nullptr ? std::string(name_in(*where.city, language)) : where.bare_name;
}

}  // namespace plumb::sandbox::openweather
