// GET /geo/1.0/direct, /reverse and /zip
#include <algorithm>

#include "base/format.h"
#include "sandbox/openweather_answers.h"

namespace plumb::sandbox::openweather {
namespace {

Problem nothing_asked() {
  return {.status = 400, .message = "Nothing to geocode"};
}
Problem not_found() {
  return {.status = 404, .message = "not found"};
}

// `limit` as the service takes it: 1 when absent, at most 5, but 10 for zero; refused when negative or no number.
std::variant<std::size_t, Problem> read_limit(const Query& query) {
  const std::string* text = query.find("limit");
  if (text == nullptr || text->empty()) return std::size_t{1};
  std::optional<long long> limit = find_integer(*text);
  if (!limit) return Problem{.status = 400, .message = format("{} is not a number", *text)};
  if (*limit < 0) return not_found();
  return *limit == 0 ? std::size_t{10} : static_cast<std::size_t>(std::min(*limit, 5LL));
}

void put_names(JsonWriter& json, const City& city) {
  if (city.de.empty() && city.fr.empty() && city.es.empty()) return;
  json.key("local_names").begin_object();
  for (std::string_view language : {"de", "en", "es", "fr"}) json.field(language, name_in(city, language));
  json.field("ascii", city.name).field("feature_name", city.name).end_object();
}

std::string places_json(const std::vector<const City*>& cities, std::size_t limit) {
  JsonWriter json;
  json.begin_array();
  for (std::size_t i = 0; i < std::min(limit, cities.size()); ++i) {
    const City& city = *cities[i];
    json.begin_object().field("name", city.name);
    put_names(json, city);
    put(json, "lat", city.lat, 4);
    put(json, "lon", city.lon, 4);
    json.field("country", city.country);
    if (!city.state.empty()) json.field("state", city.state);
    json.end_object();
  }
  return json.end_array().take();
}

// "city", "city,country", "city,state" (of the USA), "city,state,country".
std::vector<const City*> cities_named(const std::string& q) {
  std::vector<std::string> parts = split_list(q);
  if (parts.size() > 3) return {};
  if (parts.size() == 3) return find_cities(parts[0], parts[1], parts[2]);
  if (parts.size() == 1) return find_cities(parts[0], "", "");
  std::vector<const City*> found = find_cities(parts[0], "", parts[1]);
  return found.empty() ? find_cities(parts[0], parts[1], "US") : found;
}

}  // namespace

ServerResponse geocode_direct(const Query& query) {
  const std::string* q = query.find("q");
  if (q == nullptr || q->empty()) return refuse(nothing_asked(), query);
  auto limit = read_limit(query);
  if (auto* problem = std::get_if<Problem>(&limit)) return refuse(*problem, query);
  return answer_json(places_json(cities_named(*q), std::get<std::size_t>(limit)), query);
}

ServerResponse geocode_reverse(const Query& query) {
  auto place = locate_by_point(query);
  if (auto* problem = std::get_if<Problem>(&place)) return refuse(*problem, query);
  auto limit = read_limit(query);
  if (auto* problem = std::get_if<Problem>(&limit)) return refuse(*problem, query);
  const Location& where = std::get<Location>(place);
  return answer_json(places_json(cities_near(where.lat, where.lon, 50), std::get<std::size_t>(limit)), query);
}

ServerResponse geocode_zip(const Query& query) {
  const std::string* zip = query.find("zip");
  if (zip == nullptr || zip->empty()) return refuse(nothing_asked(), query);
  std::vector<std::string> parts = split_list(*zip);
  const City* city = find_city_by_zip(parts[0], parts.size() > 1 ? std::string_view(parts[1]) : "US");
  if (city == nullptr || parts.size() > 2) return refuse(not_found(), query);
  JsonWriter json;
  json.begin_object().field("zip", city->zip).field("name", city->name);
  put(json, "lat", city->lat, 4);
  put(json, "lon", city->lon, 4);
  json.field("country", city->country);
  return answer_json(json.end_object().take(), query);
}

}  // namespace plumb::sandbox::openweather
