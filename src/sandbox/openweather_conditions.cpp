#include "sandbox/openweather_conditions.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"

namespace plumb::sandbox::openweather {
namespace {

// clang-format off
constexpr Condition kConditions[] = {
    {200, "Thunderstorm", "11", "thunderstorm with light rain", "Gewitter mit leichtem Regen", "orage et pluie fine", "tormenta con lluvia ligera"},
    {201, "Thunderstorm", "11", "thunderstorm with rain", "Gewitter mit Regen", "orage et pluie", "tormenta con lluvia"},
    {202, "Thunderstorm", "11", "thunderstorm with heavy rain", "Gewitter mit starkem Regen", "orage et fortes pluies", "tormenta con lluvia intensa"},
    {210, "Thunderstorm", "11", "light thunderstorm", "leichte Gewitter", "orages légers", "ligera tormenta"},
    {211, "Thunderstorm", "11", "thunderstorm", "Gewitter", "orages", "tormenta"},
    {212, "Thunderstorm", "11", "heavy thunderstorm", "schwere Gewitter", "gros orages", "fuerte tormenta"},
    {221, "Thunderstorm", "11", "ragged thunderstorm", "einige Gewitter", "orages éparses", "tormenta irregular"},
    {230, "Thunderstorm", "11", "thunderstorm with light drizzle", "Gewitter mit leichtem Nieselregen", "orage avec légère bruine", "tormenta con llovizna ligera"},
    {231, "Thunderstorm", "11", "thunderstorm with drizzle", "Gewitter mit Nieselregen", "orage avec bruine", "tormenta con llovizna"},
    {232, "Thunderstorm", "11", "thunderstorm with heavy drizzle", "Gewitter mit starkem Nieselregen", "orage avec forte bruine", "tormenta con llovizna intensa"},
    {300, "Drizzle", "09", "light intensity drizzle", "leichtes Nieseln", "bruine légère", "llovizna ligera"},
    {301, "Drizzle", "09", "drizzle", "Nieseln", "bruine", "llovizna"},
    {302, "Drizzle", "09", "heavy intensity drizzle", "starkes Nieseln", "forte bruine", "llovizna de gran intensidad"},
    {310, "Drizzle", "09", "light intensity drizzle rain", "leichter Nieselregen", "pluie fine éparse", "lluvia y llovizna ligera"},
    {311, "Drizzle", "09", "drizzle rain", "Nieselregen", "pluie fine", "lluvia y llovizna"},
    {312, "Drizzle", "09", "heavy intensity drizzle rain", "starker Nieselregen", "crachin intense", "lluvia y llovizna de gran intensidad"},
    {313, "Drizzle", "09", "shower rain and drizzle", "Regenschauer und Nieseln", "averses et bruine", "chubasco y llovizna"},
    {314, "Drizzle", "09", "heavy shower rain and drizzle", "starke Regenschauer und Nieseln", "fortes averses et bruine", "chubasco intenso y llovizna"},
    {321, "Drizzle", "09", "shower drizzle", "Nieselschauer", "averses de bruine", "chubasco de llovizna"},
    {500, "Rain", "10", "light rain", "Leichter Regen", "légère pluie", "lluvia ligera"},
    {501, "Rain", "10", "moderate rain", "Mäßiger Regen", "pluie modérée", "lluvia moderada"},
    {502, "Rain", "10", "heavy intensity rain", "Sehr starker Regen", "forte pluie", "lluvia de gran intensidad"},
    {503, "Rain", "10", "very heavy rain", "Sehr heftiger Regen", "très forte pluie", "lluvia muy fuerte"},
    {504, "Rain", "10", "extreme rain", "Starkregen", "pluie extrême", "lluvia extrema"},
    {511, "Rain", "13", "freezing rain", "Eisregen", "pluie verglaçante", "lluvia helada"},
    {520, "Rain", "09", "light intensity shower rain", "Leichte Regenschauer", "petites averses", "chubasco ligero"},
    {521, "Rain", "09", "shower rain", "Regenschauer", "averses", "chubasco"},
    {522, "Rain", "09", "heavy intensity shower rain", "Starke Regenschauer", "fortes averses", "chubasco de gran intensidad"},
    {531, "Rain", "09", "ragged shower rain", "Vereinzelte Regenschauer", "averses éparses", "chubasco irregular"},
    {600, "Snow", "13", "light snow", "Leichter Schneefall", "légères chutes de neige", "nevada ligera"},
    {601, "Snow", "13", "snow", "Mäßiger Schneefall", "chutes de neige", "nieve"},
    {602, "Snow", "13", "heavy snow", "Starker Schneefall", "fortes chutes de neige", "nevada intensa"},
    {611, "Snow", "13", "sleet", "Graupel", "neige fondue", "aguanieve"},
    {612, "Snow", "13", "light shower sleet", "Leichte Graupelschauer", "légères averses de neige fondue", "chubasco de aguanieve ligero"},
    {613, "Snow", "13", "shower sleet", "Graupelschauer", "averses de neige fondue", "chubasco de aguanieve"},
    {615, "Snow", "13", "light rain and snow", "Leichter Schneeregen", "légère pluie et neige", "lluvia y nieve ligeras"},
    {616, "Snow", "13", "rain and snow", "Schneeregen", "pluie et neige", "lluvia y nieve"},
    {620, "Snow", "13", "light shower snow", "Leichte Schneeschauer", "légères averses de neige", "chubasco de nieve ligero"},
    {621, "Snow", "13", "shower snow", "Schneeschauer", "averses de neige", "chubasco de nieve"},
    {622, "Snow", "13", "heavy shower snow", "Starke Schneeschauer", "fortes averses de neige", "chubasco de nieve intenso"},
    {701, "Mist", "50", "mist", "Trüb", "brume", "niebla ligera"},
    {711, "Smoke", "50", "smoke", "Rauch", "fumée", "humo"},
    {721, "Haze", "50", "haze", "Dunst", "brume sèche", "bruma"},
    {731, "Dust", "50", "sand/dust whirls", "Sand- oder Staubwirbel", "tourbillons de sable", "remolinos de arena o polvo"},
    {741, "Fog", "50", "fog", "Nebel", "brouillard", "niebla"},
    {751, "Sand", "50", "sand", "Sand", "sable", "arena"},
    {761, "Dust", "50", "dust", "Staub", "poussière", "polvo"},
    {762, "Ash", "50", "volcanic ash", "Vulkanasche", "cendres volcaniques", "ceniza volcánica"},
    {771, "Squall", "50", "squalls", "Sturmböen", "rafales", "turbonada"},
    {781, "Tornado", "50", "tornado", "Tornado", "tornade", "tornado"},
    {800, "Clear", "01", "clear sky", "Klarer Himmel", "ciel dégagé", "cielo claro"},
    {801, "Clouds", "02", "few clouds", "Ein paar Wolken", "peu nuageux", "algo de nubes"},
    {802, "Clouds", "03", "scattered clouds", "Mäßig bewölkt", "partiellement nuageux", "nubes dispersas"},
    {803, "Clouds", "04", "broken clouds", "Überwiegend bewölkt", "nuageux", "muy nuboso"},
    {804, "Clouds", "04", "overcast clouds", "Bedeckt", "couvert", "nubes"},
};
// clang-format on

}  // namespace

std::span<const Condition> conditions() {
  return kConditions;
}

const Condition& get_condition(int id) {
  const auto* found =
      std::find_if(std::begin(kConditions), std::end(kConditions), [&](const Condition& c) { return c.id == id; });
  if (found == std::end(kConditions)) throw Error(ErrorKind::Internal, format("no weather condition {}", id));
  return *found;
}

std::string_view describe(const Condition& condition, std::string_view language) {
  if (language == "de") return condition.de;
  if (language == "fr") return condition.fr;
  if (language == "es" || language == "sp") return condition.es;
  return condition.en;
}

std::string icon_of(const Condition& condition, bool day) {
  return std::string(condition.icon) + (day ? "d" : "n");
}

}  // namespace plumb::sandbox::openweather
