// The service's weather conditions: their ids, groups and icons, and their descriptions in four languages.
//
// Of the languages that the service takes, the sandbox speaks English, German, French and Spanish. Every other one,
// known to the service or not, is answered in English.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plumb::sandbox::openweather {

struct Condition {
  int id;
  std::string_view group;  // "Rain"
  std::string_view icon;   // "10", without the letter for day or night
  std::string_view en;
  std::string_view de;
  std::string_view fr;
  std::string_view es;
};

std::span<const Condition> conditions();
// Throws Error(Internal) for an id that the service does not have.
const Condition& get_condition(int id);

std::string_view describe(const Condition& condition, std::string_view language);
// "10d", "01n"
std::string icon_of(const Condition& condition, bool day);

}  // namespace plumb::sandbox::openweather
