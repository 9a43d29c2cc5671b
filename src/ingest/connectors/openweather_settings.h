// What a pipeline's `source:` says to OpenWeather: which cities, units and language.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/document.h"
#include "config/config.h"

namespace plumb::ingest::openweather {

// A place as the user wrote it: "Berlin,DE", or a map with a name and one locator.
//
//     cities:
//       - "Berlin,DE"
//       - {name: Home, lat: 53.08, lon: 8.81}
//       - {name: Downtown, zip: "78701,US"}
//       - {name: Wien, id: 2761369}
//       - {name: Austin, q: "Austin,TX,US"}
struct City {
  enum class By { Name, Point, Zip, Id };
  std::string name;  // the column `city` of every row
  By by = By::Name;
  std::string value = {};  // of Name, Zip and Id
  double lat = 0;          // of Point
  double lon = 0;
  Place place;  // where it stands, for "city not found"

  // The locator as query parameters of the 2.5 calls.
  std::vector<std::pair<std::string, std::string>> locator() const;
};

struct Settings {
  std::vector<City> cities;
  std::string units = "standard";
  std::string language = {};  // empty: English
};

// Throws Error(Config) with the place of what can't be. Without a map there are no cities.
Settings read_settings(const config::Values& values, const Node& options);

// A coordinate as a query writes it: the shortest text that reads back the same.
std::string coordinate_text(double degrees);

}  // namespace plumb::ingest::openweather
