// The places that the weather sandbox knows: a gazetteer of some eighty towns, and how a request finds one of them.
//
// Ids, coordinates, populations and altitudes are GeoNames' (geonames.org, CC BY 4.0), whose ids the service uses as
// its own. Any point of the globe can be asked for; one far from every town has no name, as at the service.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone.h"

namespace plumb::sandbox::openweather {

struct City {
  int id;
  std::string_view name;        // English, accents kept
  std::string_view state_code;  // "TX": towns of the USA only
  std::string_view state;       // "Texas", "Bavaria"; may be empty
  std::string_view country;     // ISO 3166, two letters
  double lat;
  double lon;
  std::string_view zone;
  int population;
  int altitude;          // metres
  std::string_view zip;  // one postal code of its centre
  std::string_view de;   // names in other languages, where they differ
  std::string_view fr;
  std::string_view es;
  std::string_view others;  // further spellings, separated by '|'
};

std::span<const City> cities();

// The name in a language of the service ("de"); the English one where no other is known.
std::string_view name_in(const City& city, std::string_view language);

// Towns of that name, the largest first. Letters compare without case and accents, and "ue" is as good as "ü".
// A state is a code or a name and is looked at for towns of the USA only; empty parts match everything.
std::vector<const City*> find_cities(std::string_view name, std::string_view state, std::string_view country);
const City* find_city_by_id(long long id);
const City* find_city_by_zip(std::string_view zip, std::string_view country);
// Towns within so many kilometres, the nearest first.
std::vector<const City*> cities_near(double lat, double lon, double kilometres);

// A point that weather can be asked for: a town, or bare coordinates.
struct Location {
  double lat = 0;
  double lon = 0;
  const City* city = nullptr;  // the town that gives it its name; none at sea and at the poles
  std::string bare_name = {};  // the name without a town: "Globe", or nothing
  int bare_id = 0;
  Zone zone = {};  // without a town the nautical one, by longitude

  double altitude() const { return city != nullptr ? city->altitude : 0; }
};

Location location_of(const City& city);
Location location_at(double lat, double lon);

}  // namespace plumb::sandbox::openweather
