#include "sandbox/openweather_cities.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/format.h"

namespace plumb::sandbox::openweather {
namespace {

constexpr std::string_view kBerlin = "Europe/Berlin";
constexpr std::string_view kVienna = "Europe/Vienna";
constexpr std::string_view kZurich = "Europe/Zurich";
constexpr std::string_view kParis = "Europe/Paris";
constexpr std::string_view kLondon = "Europe/London";
constexpr std::string_view kChicago = "America/Chicago";
constexpr std::string_view kNewYork = "America/New_York";
constexpr std::string_view kLosAngeles = "America/Los_Angeles";

// clang-format off
constexpr City kCities[] = {
    // id, name, state code, state, country, lat, lon, zone, population, altitude, zip, de, fr, es, others
    {2950159, "Berlin", "", "", "DE", 52.5244, 13.4105, kBerlin, 3426354, 43, "10115", "", "", "Berlín", ""},
    {2911298, "Hamburg", "", "Hamburg", "DE", 53.5507, 9.9930, kBerlin, 1739117, 6, "20095", "", "Hambourg", "Hamburgo", ""},
    {2867714, "Munich", "", "Bavaria", "DE", 48.1374, 11.5755, kBerlin, 1260391, 524, "80331", "München", "", "Múnich", ""},
    {2886242, "Cologne", "", "North Rhine-Westphalia", "DE", 50.9333, 6.9500, kBerlin, 963395, 53, "50667", "Köln", "", "Colonia", ""},
    {2925533, "Frankfurt am Main", "", "Hesse", "DE", 50.1155, 8.6842, kBerlin, 650000, 113, "60311", "", "Francfort-sur-le-Main", "Fráncfort del Meno", "Frankfurt"},
    {2825297, "Stuttgart", "", "Baden-Württemberg", "DE", 48.7823, 9.1770, kBerlin, 589793, 252, "70173", "", "", "", ""},
    {2934246, "Düsseldorf", "", "North Rhine-Westphalia", "DE", 51.2217, 6.7762, kBerlin, 573057, 45, "40213", "", "", "", ""},
    {2944388, "Bremen", "", "Bremen", "DE", 53.0752, 8.8078, kBerlin, 546501, 11, "28195", "", "Brême", "", ""},
    {2910831, "Hanover", "", "Lower Saxony", "DE", 52.3705, 9.7332, kBerlin, 515140, 57, "30159", "Hannover", "Hanovre", "Hannover", ""},
    {2879139, "Leipzig", "", "Saxony", "DE", 51.3396, 12.3713, kBerlin, 504971, 118, "04109", "", "", "", ""},
    {2861650, "Nuremberg", "", "Bavaria", "DE", 49.4542, 11.0775, kBerlin, 499237, 309, "90402", "Nürnberg", "", "Núremberg", ""},
    {2935022, "Dresden", "", "Saxony", "DE", 51.0509, 13.7383, kBerlin, 486854, 117, "01067", "", "Dresde", "Dresde", ""},
    {2891122, "Kiel", "", "Schleswig-Holstein", "DE", 54.3213, 10.1349, kBerlin, 232758, 12, "24103", "", "", "", ""},
    {2925177, "Freiburg", "", "Baden-Württemberg", "DE", 47.9959, 7.8522, kBerlin, 215966, 278, "79098", "Freiburg im Breisgau", "Fribourg-en-Brisgau", "Friburgo de Brisgovia", ""},
    {2761369, "Vienna", "", "Vienna", "AT", 48.2085, 16.3721, kVienna, 1691468, 171, "1010", "Wien", "Vienne", "Viena", ""},
    {2778067, "Graz", "", "Styria", "AT", 47.0667, 15.4500, kVienna, 222326, 353, "8010", "", "", "", ""},
    {2766824, "Salzburg", "", "Salzburg", "AT", 47.7994, 13.0440, kVienna, 150269, 424, "5020", "", "Salzbourg", "Salzburgo", ""},
    {2775220, "Innsbruck", "", "Tyrol", "AT", 47.2627, 11.3945, kVienna, 112467, 574, "6020", "", "", "", ""},
    {2657896, "Zurich", "", "Zurich", "CH", 47.3667, 8.5500, kZurich, 341730, 408, "8001", "Zürich", "", "Zúrich", ""},
    {2660646, "Geneva", "", "Geneva", "CH", 46.2022, 6.1457, kZurich, 183981, 375, "1201", "Genf", "Genève", "Ginebra", ""},
    {2661552, "Bern", "", "Bern", "CH", 46.9481, 7.4474, kZurich, 121631, 540, "3011", "", "Berne", "Berna", ""},
    {2988507, "Paris", "", "Ile-de-France", "FR", 48.8534, 2.3488, kParis, 2138551, 42, "75001", "", "", "París", ""},
    {2995469, "Marseille", "", "Provence-Alpes-Côte d'Azur", "FR", 43.2970, 5.3811, kParis, 870731, 28, "13001", "", "", "Marsella", ""},
    {2996944, "Lyon", "", "Auvergne-Rhône-Alpes", "FR", 45.7485, 4.8467, kParis, 522969, 167, "69001", "", "", "", ""},
    {2643743, "London", "", "England", "GB", 51.5085, -0.1257, kLondon, 8961989, 25, "SW1A", "", "Londres", "Londres", ""},
    {2650225, "Edinburgh", "", "Scotland", "GB", 55.9521, -3.1965, kLondon, 506520, 76, "EH1", "", "Édimbourg", "Edimburgo", ""},
    {2643123, "Manchester", "", "England", "GB", 53.4809, -2.2374, kLondon, 395515, 38, "M1", "", "", "Mánchester", ""},
    {2964574, "Dublin", "", "Leinster", "IE", 53.3440, -6.2672, "Europe/Dublin", 1024027, 17, "D01", "", "", "Dublín", ""},
    {2759794, "Amsterdam", "", "North Holland", "NL", 52.3740, 4.8897, "Europe/Amsterdam", 741636, 13, "1012", "", "", "Ámsterdam", ""},
    {2800866, "Brussels", "", "Brussels Capital", "BE", 50.8505, 4.3488, "Europe/Brussels", 1019022, 28, "1000", "Brüssel", "Bruxelles", "Bruselas", ""},
    {2960316, "Luxembourg", "", "Luxembourg", "LU", 49.6117, 6.1300, "Europe/Luxembourg", 76684, 289, "1111", "Luxemburg", "", "Luxemburgo", ""},
    {3117735, "Madrid", "", "Community of Madrid", "ES", 40.4165, -3.7026, "Europe/Madrid", 3255944, 657, "28001", "", "", "", ""},
    {3128760, "Barcelona", "", "Catalonia", "ES", 41.3888, 2.1590, "Europe/Madrid", 1621537, 47, "08001", "", "Barcelone", "", ""},
    {2267057, "Lisbon", "", "Lisbon", "PT", 38.7167, -9.1333, "Europe/Lisbon", 517802, 15, "1100", "Lissabon", "Lisbonne", "Lisboa", ""},
    {3169070, "Rome", "", "Lazio", "IT", 41.8947, 12.4839, "Europe/Rome", 2318895, 52, "00184", "Rom", "", "Roma", ""},
    {3173435, "Milan", "", "Lombardy", "IT", 45.4643, 9.1895, "Europe/Rome", 1236837, 122, "20121", "Mailand", "", "Milán", "Milano"},
    {3163858, "Zocca", "", "Emilia-Romagna", "IT", 44.3456, 10.9927, "Europe/Rome", 4140, 758, "41059", "", "", "", ""},
    {2618425, "Copenhagen", "", "Capital Region of Denmark", "DK", 55.6759, 12.5655, "Europe/Copenhagen", 1153615, 14, "1050", "Kopenhagen", "Copenhague", "Copenhague", "København"},
    {2673730, "Stockholm", "", "", "SE", 59.3326, 18.0649, "Europe/Stockholm", 1515017, 28, "11120", "", "", "Estocolmo", ""},
    {3143244, "Oslo", "", "", "NO", 59.9127, 10.7461, "Europe/Oslo", 580000, 26, "0150", "", "", "", ""},
    {3133895, "Tromsø", "", "Troms", "NO", 69.6489, 18.9551, "Europe/Oslo", 52436, 12, "9008", "", "", "", ""},
    {2729907, "Longyearbyen", "", "Svalbard", "SJ", 78.2186, 15.6401, "Arctic/Longyearbyen", 2060, 10, "9170", "", "", "", ""},
    {658225, "Helsinki", "", "Uusimaa", "FI", 60.1695, 24.9354, "Europe/Helsinki", 558457, 26, "00100", "", "", "", ""},
    {3413829, "Reykjavik", "", "Capital Region", "IS", 64.1355, -21.8954, "Atlantic/Reykjavik", 118918, 37, "101", "Reykjavík", "", "Reikiavik", ""},
    {756135, "Warsaw", "", "Masovian Voivodeship", "PL", 52.2298, 21.0118, "Europe/Warsaw", 1702139, 113, "00-001", "Warschau", "Varsovie", "Varsovia", "Warszawa"},
    {3067696, "Prague", "", "Prague", "CZ", 50.0880, 14.4208, "Europe/Prague", 1165581, 202, "110 00", "Prag", "", "Praga", "Praha"},
    {3054643, "Budapest", "", "Budapest", "HU", 47.4980, 19.0399, "Europe/Budapest", 1741041, 104, "1011", "", "", "", ""},
    {264371, "Athens", "", "Attica", "GR", 37.9795, 23.7162, "Europe/Athens", 664046, 70, "104 31", "Athen", "Athènes", "Atenas", ""},
    {745044, "Istanbul", "", "Istanbul", "TR", 41.0351, 28.9833, "Europe/Istanbul", 14804116, 39, "34000", "", "", "Estambul", "İstanbul"},
    {703448, "Kyiv", "", "", "UA", 50.4333, 30.5167, "Europe/Kiev", 2797553, 187, "01001", "Kiew", "Kiev", "Kiev", "Київ"},
    {524901, "Moscow", "", "Moscow", "RU", 55.7522, 37.6156, "Europe/Moscow", 10381222, 144, "101000", "Moskau", "Moscou", "Moscú", "Москва"},
    {4671654, "Austin", "TX", "Texas", "US", 30.2672, -97.7431, kChicago, 931830, 165, "78701", "", "", "", ""},
    {5016884, "Austin", "MN", "Minnesota", "US", 43.6666, -92.9746, kChicago, 24563, 365, "55912", "", "", "", ""},
    {5128581, "New York", "NY", "New York", "US", 40.7143, -74.0060, kNewYork, 8175133, 10, "10001", "", "", "Nueva York", "New York City"},
    {4887398, "Chicago", "IL", "Illinois", "US", 41.8500, -87.6500, kChicago, 2695598, 180, "60601", "", "", "", ""},
    {5368361, "Los Angeles", "CA", "California", "US", 34.0522, -118.2437, kLosAngeles, 3971883, 96, "90012", "", "", "Los Ángeles", ""},
    {5391959, "San Francisco", "CA", "California", "US", 37.7749, -122.4194, kLosAngeles, 864816, 28, "94103", "", "", "", ""},
    {5375480, "Mountain View", "CA", "California", "US", 37.3861, -122.0838, kLosAngeles, 80447, 32, "94040", "", "", "", ""},
    {5809844, "Seattle", "WA", "Washington", "US", 47.6062, -122.3321, kLosAngeles, 684451, 59, "98101", "", "", "", ""},
    {5856195, "Honolulu", "HI", "Hawaii", "US", 21.3069, -157.8583, "Pacific/Honolulu", 371657, 18, "96813", "", "", "", ""},
    {4717560, "Paris", "TX", "Texas", "US", 33.6609, -95.5555, kChicago, 24782, 183, "75460", "", "", "", ""},
    {4647963, "Paris", "TN", "Tennessee", "US", 36.3020, -88.3267, kChicago, 10156, 158, "38242", "", "", "", ""},
    {4298960, "London", "KY", "Kentucky", "US", 37.1290, -84.0833, kNewYork, 8126, 375, "40741", "", "", "", ""},
    {4517009, "London", "OH", "Ohio", "US", 39.8865, -83.4483, kNewYork, 10060, 321, "43140", "", "", "", ""},
    {5245497, "Berlin", "WI", "Wisconsin", "US", 43.9680, -88.9435, kChicago, 5454, 233, "54923", "", "", "", ""},
    {5083330, "Berlin", "NH", "New Hampshire", "US", 44.4687, -71.1851, kNewYork, 9367, 310, "03570", "", "", "", ""},
    {4409896, "Springfield", "MO", "Missouri", "US", 37.2153, -93.2982, kChicago, 166810, 396, "65806", "", "", "", ""},
    {4951788, "Springfield", "MA", "Massachusetts", "US", 42.1015, -72.5898, kNewYork, 154341, 21, "01103", "", "", "", ""},
    {4250542, "Springfield", "IL", "Illinois", "US", 39.8017, -89.6437, kChicago, 116565, 182, "62701", "", "", "", ""},
    {5754005, "Springfield", "OR", "Oregon", "US", 44.0462, -123.0220, kLosAngeles, 60870, 139, "97477", "", "", "", ""},
    {4525353, "Springfield", "OH", "Ohio", "US", 39.9242, -83.8088, kNewYork, 59680, 298, "45502", "", "", "", ""},
    {4787117, "Springfield", "VA", "Virginia", "US", 38.7893, -77.1872, kNewYork, 30484, 88, "22150", "", "", "", ""},
    {4561407, "Springfield", "PA", "Pennsylvania", "US", 39.9307, -75.3202, kNewYork, 23363, 76, "19064", "", "", "", ""},
    {5104952, "Springfield", "NJ", "New Jersey", "US", 40.7049, -74.3172, kNewYork, 15817, 58, "07081", "", "", "", ""},
    {4659557, "Springfield", "TN", "Tennessee", "US", 36.5092, -86.8850, kChicago, 16478, 206, "37172", "", "", "", ""},
    {5241423, "Springfield", "VT", "Vermont", "US", 43.2984, -72.4823, kNewYork, 3979, 125, "05156", "", "", "", ""},
    {4173892, "Springfield", "FL", "Florida", "US", 30.1533, -85.6113, kChicago, 8903, 7, "32401", "", "", "", ""},
    {6058560, "London", "", "Ontario", "CA", 42.9834, -81.2330, "America/Toronto", 346765, 252, "N6A", "", "", "", ""},
    {6167865, "Toronto", "", "Ontario", "CA", 43.7001, -79.4163, "America/Toronto", 2731571, 175, "M5H", "", "", "", ""},
    {3530597, "Mexico City", "", "Mexico City", "MX", 19.4285, -99.1277, "America/Mexico_City", 12294193, 2240, "06000", "Mexiko-Stadt", "Mexico", "Ciudad de México", ""},
    {3448439, "São Paulo", "", "São Paulo", "BR", -23.5475, -46.6361, "America/Sao_Paulo", 10021295, 769, "01000-000", "", "", "", ""},
    {3435910, "Buenos Aires", "", "Buenos Aires F.D.", "AR", -34.6132, -58.3772, "America/Argentina/Buenos_Aires", 13076300, 31, "C1000", "", "", "", ""},
    {184745, "Nairobi", "", "Nairobi", "KE", -1.2833, 36.8167, "Africa/Nairobi", 2750547, 1684, "00100", "", "", "", ""},
    {360630, "Cairo", "", "Cairo", "EG", 30.0626, 31.2497, "Africa/Cairo", 7734614, 23, "11511", "Kairo", "Le Caire", "El Cairo", ""},
    {3369157, "Cape Town", "", "Western Cape", "ZA", -33.9258, 18.4232, "Africa/Johannesburg", 3433441, 25, "8001", "Kapstadt", "Le Cap", "Ciudad del Cabo", ""},
    {292223, "Dubai", "", "Dubai", "AE", 25.2582, 55.3047, "Asia/Dubai", 2956587, 24, "", "", "Dubaï", "Dubái", ""},
    {1273294, "Delhi", "", "Delhi", "IN", 28.6667, 77.2167, "Asia/Kolkata", 10927986, 227, "110001", "", "", "", "दिल्ली"},
    {1275339, "Mumbai", "", "Maharashtra", "IN", 19.0144, 72.8479, "Asia/Kolkata", 12691836, 8, "400001", "", "", "Bombay", ""},
    {1283240, "Kathmandu", "", "Bagmati Province", "NP", 27.7167, 85.3167, "Asia/Kathmandu", 1442271, 1317, "44600", "", "Katmandou", "Katmandú", ""},
    {1880252, "Singapore", "", "", "SG", 1.2897, 103.8501, "Asia/Singapore", 3547809, 14, "018989", "Singapur", "Singapour", "Singapur", ""},
    {1816670, "Beijing", "", "Beijing", "CN", 39.9075, 116.3972, "Asia/Shanghai", 18960744, 49, "100000", "Peking", "Pékin", "Pekín", "北京"},
    {1850147, "Tokyo", "", "Tokyo", "JP", 35.6895, 139.6917, "Asia/Tokyo", 8336599, 44, "100-0001", "Tokio", "", "Tokio", "東京"},
    {2147714, "Sydney", "", "New South Wales", "AU", -33.8679, 151.2073, "Australia/Sydney", 4627345, 58, "2000", "", "", "Sídney", ""},
    {2193733, "Auckland", "", "Auckland", "NZ", -36.8667, 174.7667, "Pacific/Auckland", 417910, 26, "1010", "", "", "", ""},
};

// Letters that fold to ASCII, and what German spelling writes for them where it differs.
struct Folded { std::string_view letter, plain, german; };
constexpr Folded kFolded[] = {
    {"ä", "a", "ae"}, {"ö", "o", "oe"}, {"ü", "u", "ue"}, {"Ä", "a", "ae"}, {"Ö", "o", "oe"}, {"Ü", "u", "ue"},
    {"ß", "ss", "ss"}, {"á", "a", "a"}, {"à", "a", "a"}, {"â", "a", "a"}, {"ã", "a", "a"}, {"å", "a", "a"},
    {"Á", "a", "a"}, {"é", "e", "e"}, {"è", "e", "e"}, {"ê", "e", "e"}, {"ë", "e", "e"}, {"É", "e", "e"},
    {"í", "i", "i"}, {"ï", "i", "i"}, {"İ", "i", "i"}, {"ı", "i", "i"}, {"ó", "o", "o"}, {"ô", "o", "o"},
    {"õ", "o", "o"}, {"ø", "o", "o"}, {"Ø", "o", "o"}, {"ú", "u", "u"}, {"ñ", "n", "n"}, {"ç", "c", "c"},
};
// clang-format on

enum class Spelling { Plain, German };

std::string fold(std::string_view text, Spelling spelling) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* known = std::find_if(std::begin(kFolded), std::end(kFolded),
                                     [&](const Folded& f) { return text.substr(i).starts_with(f.letter); });
    if (known != std::end(kFolded)) {
      out += spelling == Spelling::German ? known->german : known->plain;
      i += known->letter.size();
      continue;
    }
    char c = text[i++];
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// `folded` is what was asked for, folded plainly.
bool has_spelling(std::string_view known, std::string_view folded) {
  if (known.empty()) return false;
  return fold(known, Spelling::Plain) == folded || fold(known, Spelling::German) == folded;
}

bool same_name(std::string_view known, std::string_view asked) {
  return has_spelling(known, fold(asked, Spelling::Plain));
}

bool has_name(const City& city, std::string_view folded) {
  for (std::string_view name : {city.name, city.de, city.fr, city.es}) {
    if (has_spelling(name, folded)) return true;
  }
  std::string_view rest = city.others;
  while (!rest.empty()) {
    std::size_t bar = rest.find('|');
    if (has_spelling(rest.substr(0, bar), folded)) return true;
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return false;
}

bool in_country(const City& city, std::string_view country) {
  // "UK" is no ISO code, and the service takes it.
  return country.empty() || same_name(city.country, country) || (city.country == "GB" && same_name("UK", country));
}

bool in_state(const City& city, std::string_view state) {
  if (state.empty() || city.country != "US") return true;
  return same_name(city.state_code, state) || same_name(city.state, state);
}

double kilometres_between(double lat1, double lon1, double lat2, double lon2) {
  constexpr double kRadians = std::numbers::pi / 180;
  double a =
      std::pow(std::sin((lat2 - lat1) * kRadians / 2), 2) +
      std::cos(lat1 * kRadians) * std::cos(lat2 * kRadians) * std::pow(std::sin((lon2 - lon1) * kRadians / 2), 2);
  return 2 * 6371 * std::asin(std::min(1.0, std::sqrt(a)));
}

// The zone of ships: whole hours by longitude. POSIX names them with the sign turned round.
Zone nautical_zone(double lon) {
  long hours = std::lround(lon / 15);
  if (hours == 0) return Zone::get("Etc/GMT");
  return Zone::get(plumb::format("Etc/GMT{:+d}", -hours));
}

}  // namespace

std::span<const City> cities() {
  return kCities;
}

std::string_view name_in(const City& city, std::string_view language) {
  std::string_view name;
  if (language == "de") name = city.de;
  if (language == "fr") name = city.fr;
  if (language == "es" || language == "sp") name = city.es;
  return name.empty() ? city.name : name;
}

std::vector<const City*> find_cities(std::string_view name, std::string_view state, std::string_view country) {
  std::string folded = fold(name, Spelling::Plain);
  std::vector<const City*> found;
  for (const City& city : kCities) {
    if (has_name(city, folded) && in_country(city, country) && in_state(city, state)) found.push_back(&city);
  }
  std::stable_sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->population > b->population; });
  return found;
}

const City* find_city_by_id(long long id) {
  const auto* city = std::find_if(std::begin(kCities), std::end(kCities), [&](const City& c) { return c.id == id; });
  return city == std::end(kCities) ? nullptr : city;
}

const City* find_city_by_zip(std::string_view zip, std::string_view country) {
  if (zip.empty()) return nullptr;
  for (const City& city : kCities) {
    if (in_country(city, country) && same_name(city.zip, zip)) return &city;
  }
  return nullptr;
}

std::vector<const City*> cities_near(double lat, double lon, double kilometres) {
  std::vector<const City*> found;
  for (const City& city : kCities) {
    if (kilometres_between(lat, lon, city.lat, city.lon) <= kilometres) found.push_back(&city);
  }
  std::stable_sort(found.begin(), found.end(), [&](auto* a, auto* b) {
    return kilometres_between(lat, lon, a->lat, a->lon) < kilometres_between(lat, lon, b->lat, b->lon);
  });
  return found;
}

Location location_of(const City& city) {
  return {.lat = city.lat, .lon = city.lon, .city = &city, .zone = Zone::get(city.zone)};
}

Location location_at(double lat, double lon) {
  // Far enough that a suburb bears its town's name, near enough that the sea stays nameless.
  constexpr double kReach = 50;
  std::vector<const City*> near = cities_near(lat, lon, kReach);
  if (!near.empty()) return {.lat = lat, .lon = lon, .city = near.front(), .zone = Zone::get(near.front()->zone)};
  Location bare{.lat = lat, .lon = lon, .zone = nautical_zone(lon)};
  if (std::abs(lat) < 1 && std::abs(lon) < 1) {
    bare.bare_name = "Globe";
    bare.bare_id = 6295630;
  }
  return bare;
}

}  // namespace plumb::sandbox::openweather
