#include "ingest/connectors/openweather_settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/format.h"

namespace plumb::ingest::openweather {
namespace {

constexpr std::string_view kUnits[] = {"standard", "metric", "imperial"};
constexpr std::string_view kLanguages[] = {
    "sq",    "af", "ar", "az", "eu", "be", "bg", "ca", "zh_cn", "zh_tw", "hr", "cz", "da", "nl", "en", "fi", "fr", "gl",
    "de",    "el", "he", "hi", "hu", "is", "id", "it", "ja",    "kr",    "ku", "la", "lt", "mk", "no", "fa", "pl", "pt",
    "pt_br", "ro", "ru", "sr", "sk", "sl", "sp", "es", "sv",    "se",    "th", "tr", "ua", "uk", "vi", "zu"};

Error wrong(const Node& node, std::string message, std::string hint = {}) {
  return Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

template <class Names>
std::string one_of(const config::Values& values, const Node& node, const Names& known, std::string_view what) {
  std::string text = values.text(node);
  if (text.empty() || std::find(std::begin(known), std::end(known), text) != std::end(known)) return text;
  std::string_view nearest = find_nearest(text, known);
  throw wrong(node, format("unknown {} '{}'", what, text),
              nearest.empty() ? format("there are {}", fmt::join(known, ", ")) : format("did you mean '{}'?", nearest));
}

double read_coordinate(const config::Values& values, const Node& map, std::string_view key, double limit) {
  Node node = map.get(key);
  std::string text = values.text(node);
  double degrees = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), degrees);
  bool number = failed == std::errc() && end == text.data() + text.size();
  if (number && std::abs(degrees) <= limit) return degrees;
  throw wrong(node, format("'{}' is no {}", text, key == "lat" ? "latitude" : "longitude"),
              format("write degrees from -{0:.0f} to {0:.0f}", limit));
}

City read_city_map(const config::Values& values, const Node& node) {
  node.expect_keys({"name", "q", "lat", "lon", "zip", "id"});
  City city{.name = values.text(node.find("name")), .place = node.place()};
  int locators = 0;
  for (auto [key, by] :
       {std::pair("q", City::By::Name), std::pair("zip", City::By::Zip), std::pair("id", City::By::Id)}) {
    Node value = node.find(key);
    if (value.null()) continue;
    city.by = by;
    city.value = values.text(value);
    ++locators;
  }
  if (node.find("lat") || node.find("lon")) {
    city.by = City::By::Point;
    city.lat = read_coordinate(values, node, "lat", 90);
    city.lon = read_coordinate(values, node, "lon", 180);
    ++locators;
  }
  if (locators != 1) {
    throw wrong(node, locators == 0 ? "a city needs a place" : "a city has one place only",
                "give lat and lon, or q (\"Austin,US\"), zip (\"78701,US\") or id");
  }
  if (city.name.empty()) {
    city.name =
        city.by == City::By::Point ? format("{},{}", coordinate_text(city.lat), coordinate_text(city.lon)) : city.value;
  }
  return city;
}

City read_city(const config::Values& values, const Node& node) {
  if (node.kind() == NodeKind::Map) return read_city_map(values, node);
  std::string text = values.text(node);
  if (text.find_first_not_of(" ,") == std::string::npos) {
    throw wrong(node, "a city without a name", "write it as \"Berlin,DE\"");
  }
  return {.name = text, .value = text, .place = node.place()};
}

std::vector<City> read_cities(const config::Values& values, const Node& node) {
  if (node.kind() != NodeKind::List) return {read_city(values, node)};
  std::vector<City> cities;
  for (std::size_t i = 0; i < node.size(); ++i) {
    City city = read_city(values, node.at(i));
    auto same = [&](const City& other) { return other.name == city.name; };
    if (std::any_of(cities.begin(), cities.end(), same)) {
      throw wrong(node.at(i), format("city '{}' stands here twice", city.name),
                  "rows are told apart by the city's name: give one of them another `name`");
    }
    cities.push_back(std::move(city));
  }
  return cities;
}

}  // namespace

std::string coordinate_text(double degrees) {
  return format("{}", degrees);
}

std::vector<std::pair<std::string, std::string>> City::locator() const {
  switch (by) {
    case By::Name:
      return {{"q", value}};
    case By::Zip:
      return {{"zip", value}};
    case By::Id:
      return {{"id", value}};
    case By::Point:
      break;
  }
  return {{"lat", coordinate_text(lat)}, {"lon", coordinate_text(lon)}};
}

Settings read_settings(const config::Values& values, const Node& options) {
  Settings settings;
  if (options.kind() != NodeKind::Map) return settings;
  if (Node cities = options.find("cities"); !cities.null()) settings.cities = read_cities(values, cities);
  if (Node units = options.find("units"); !units.null()) settings.units = one_of(values, units, kUnits, "units");
  if (Node lang = options.find("lang"); !lang.null()) settings.language = one_of(values, lang, kLanguages, "language");
  if (settings.units.empty()) settings.units = "standard";
  return settings;
}

}  // namespace plumb::ingest::openweather
