#include "sandbox/openweather_markup.h"

#include "base/format.h"

namespace plumb::sandbox::openweather {
namespace {

struct Breeze {
  double below;
  std::string_view name;
};
constexpr Breeze kBreezes[] = {
    {0.3, "Setting"},         {1.6, "Calm"},          {3.4, "Light breeze"},   {5.5, "Gentle Breeze"},
    {8.0, "Moderate breeze"}, {10.8, "Fresh Breeze"}, {13.9, "Strong breeze"}, {17.2, "High wind, near gale"},
    {20.8, "Gale"},           {24.5, "Severe Gale"},  {28.5, "Storm"},         {32.7, "Violent Storm"}};

constexpr Direction kDirections[] = {
    {"N", "North"}, {"NNE", "North-northeast"}, {"NE", "NorthEast"}, {"ENE", "East-northeast"},
    {"E", "East"},  {"ESE", "East-southeast"},  {"SE", "SouthEast"}, {"SSE", "South-southeast"},
    {"S", "South"}, {"SSW", "South-southwest"}, {"SW", "Southwest"}, {"WSW", "West-southwest"},
    {"W", "West"},  {"WNW", "West-northwest"},  {"NW", "Northwest"}, {"NNW", "North-northwest"}};

std::string_view temperature_unit(Units units) {
  return units == Units::Standard ? "kelvin" : units == Units::Metric ? "celsius" : "fahrenheit";
}
std::string_view speed_unit(Units units) {
  return units == Units::Imperial ? "mph" : "m/s";
}

// "2020-01-15T07:10:19": UTC, and the service writes no Z.
std::string iso(sys_seconds at) {
  std::string text = format_instant(at);
  text.pop_back();
  return text;
}
std::string iso(const std::optional<sys_seconds>& at) {
  return at ? iso(*at) : std::string();
}

// <name a="1" b="2"></name>, as the service closes its elements.
class Element {
 public:
  explicit Element(std::string_view name) : name_(name), text_(format("<{}", name)) {}
  Element& with(std::string_view name, std::string_view value) {
    text_ += format(" {}=\"{}\"", name, escape_markup(value));
    return *this;
  }
  Element& with(std::string_view name, double value) { return with(name, number_text(value)); }
  std::string str(std::string_view inside = {}) const { return format("{}>{}</{}>", text_, inside, name_); }

 private:
  std::string_view name_;
  std::string text_;
};

// The cloud cover in words, whatever falls from it.
std::string_view cover_name(int clouds, std::string_view language) {
  int id = clouds <= 10 ? 800 : clouds <= 25 ? 801 : clouds <= 50 ? 802 : clouds <= 84 ? 803 : 804;
  return describe(get_condition(id), language);
}

std::string precipitation_xml(const Weather& w) {
  Element element("precipitation");
  if (w.rain == 0 && w.snow == 0) return element.with("mode", "no").str();
  bool snow = w.snow > w.rain;
  return element.with("value", snow ? w.snow : w.rain).with("mode", snow ? "snow" : "rain").with("unit", "1h").str();
}

std::string city_xml(const Location& where, sys_seconds at, const Query& query) {
  SunTimes sun = sun_of(where, at);
  std::string inside =
      Element("coord").with("lon", number_text(where.lon, 4)).with("lat", number_text(where.lat, 4)).str();
  inside += Element("country").str(where.city ? where.city->country : "");
  inside += Element("timezone").str(format("{}", offset_at(where, at)));
  inside += Element("sun").with("rise", iso(sun.rise)).with("set", iso(sun.set)).str();
  return Element("city")
      .with("id", format("{}", where.city ? where.city->id : where.bare_id))
      .with("name", name_of(where, query.language))
      .str(inside);
}

std::string step_xml(const Report& report, const Query& query) {
  const Weather& w = report.weather;
  const Condition& condition = get_condition(w.condition);
  Direction from = direction_of(w.wind_deg);
  std::string_view unit = temperature_unit(query.units);
  std::string inside = Element("symbol")
                           .with("number", condition.id)
                           .with("name", describe(condition, query.language))
                           .with("var", icon_of(condition, w.day))
                           .str();
  Element precipitation("precipitation");
  precipitation.with("probability", w.pop);
  if (w.rain > 0 || w.snow > 0) {
    bool snow = w.snow > w.rain;
    precipitation.with("unit", "3h").with("value", snow ? w.snow : w.rain).with("type", snow ? "snow" : "rain");
  }
  inside += precipitation.str();
  inside += Element("windDirection").with("deg", w.wind_deg).with("code", from.code).with("name", from.name).str();
  inside += Element("windSpeed")
                .with("mps", query.speed(w.wind_speed))
                .with("unit", speed_unit(query.units))
                .with("name", wind_name(w.wind_speed))
                .str();
  if (w.wind_gust > 0) {
    inside += Element("windGust").with("gust", query.speed(w.wind_gust)).with("unit", speed_unit(query.units)).str();
  }
  inside += Element("temperature")
                .with("unit", unit)
                .with("value", query.temperature(w.temp))
                .with("min", query.temperature(report.temp_min))
                .with("max", query.temperature(report.temp_max))
                .str();
  inside += Element("feels_like").with("value", query.temperature(w.feels_like)).with("unit", unit).str();
  inside += Element("pressure").with("unit", "hPa").with("value", w.pressure).str();
  inside += Element("humidity").with("value", w.humidity).with("unit", "%").str();
  inside += Element("clouds")
                .with("value", cover_name(w.clouds, query.language))
                .with("all", w.clouds)
                .with("unit", "%")
                .str();
  if (report.has_visibility) inside += Element("visibility").with("value", w.visibility).str();
  return Element("time").with("from", iso(report.at)).with("to", iso(report.at + std::chrono::hours(3))).str(inside);
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view wind_name(double metres_per_second) {
  for (const Breeze& breeze : kBreezes) {
    if (metres_per_second < breeze.below) return breeze.name;
  }
  return "Hurricane";
}

Direction direction_of(int degrees) {
  return kDirections[static_cast<std::size_t>((degrees * 10 + 112) % 3600 / 225)];
}

std::string current_xml(const Location& where, const Report& report, const Query& query) {
  const Weather& w = report.weather;
  const Condition& condition = get_condition(w.condition);
  Direction from = direction_of(w.wind_deg);
  std::string_view unit = temperature_unit(query.units);
  std::string wind = Element("speed")
                         .with("value", query.speed(w.wind_speed))
                         .with("unit", speed_unit(query.units))
                         .with("name", wind_name(w.wind_speed))
                         .str();
  Element gusts("gusts");
  if (w.wind_gust > 0) gusts.with("value", query.speed(w.wind_gust));
  wind += gusts.str();
  wind += Element("direction").with("value", w.wind_deg).with("code", from.code).with("name", from.name).str();

  std::string inside = city_xml(where, report.at, query);
  inside += Element("temperature")
                .with("value", query.temperature(w.temp))
                .with("min", query.temperature(report.temp_min))
                .with("max", query.temperature(report.temp_max))
                .with("unit", unit)
                .str();
  inside += Element("feels_like").with("value", query.temperature(w.feels_like)).with("unit", unit).str();
  inside += Element("humidity").with("value", w.humidity).with("unit", "%").str();
  inside += Element("pressure").with("value", w.pressure).with("unit", "hPa").str();
  inside += Element("wind").str(wind);
  inside += Element("clouds").with("value", w.clouds).with("name", cover_name(w.clouds, query.language)).str();
  Element visibility("visibility");
  if (report.has_visibility) visibility.with("value", w.visibility);
  inside += visibility.str();
  inside += precipitation_xml(w);
  inside += Element("weather")
                .with("number", condition.id)
                .with("value", describe(condition, query.language))
                .with("icon", icon_of(condition, w.day))
                .str();
  inside += Element("lastupdate").with("value", iso(report.at)).str();
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Element("current").str(inside);
}

std::string current_html(const Location& where, const Report& report, const Query& query) {
  const Weather& w = report.weather;
  const Condition& condition = get_condition(w.condition);
  std::string_view degree = query.units == Units::Metric ? "°C" : query.units == Units::Imperial ? "°F" : "K";
  std::string name = escape_markup(name_of(where, query.language));
  return format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n"
      "  <meta name=\"description\" content=\"A layer with current weather conditions in cities for world wide\"/>\n"
      "  <title>{0}</title>\n</head>\n<body>\n"
      "  <div style=\"font-size: medium; font-weight: bold; margin-bottom: 0px;\">{0}</div>\n"
      "  <div style=\"float: left; width: 130px;\">\n"
      "    <div style=\"display: block; clear: left;\" title=\"{1}\"><img alt=\"{1}\" "
      "src=\"https://openweathermap.org/img/wn/{2}.png\"/></div>\n"
      "    <div style=\"font-size: medium; font-weight: bold;\" title=\"Current Temperature\">{3}{4}</div>\n  </div>\n"
      "  <div style=\"display: block; clear: left; color: gray; font-size: x-small;\">Clouds: {5}%</div>\n"
      "  <div style=\"display: block; clear: left; color: gray; font-size: x-small;\">Humidity: {6}%</div>\n"
      "  <div style=\"display: block; clear: left; color: gray; font-size: x-small;\">Wind: {7} {8}</div>\n"
      "  <div style=\"display: block; clear: left; color: gray; font-size: x-small;\">Pressure: {9}hpa</div>\n"
      "</body>\n</html>\n",
      name, describe(condition, query.language), icon_of(condition, w.day), number_text(query.temperature(w.temp), 1),
      degree, w.clouds, w.humidity, number_text(query.speed(w.wind_speed), 1), speed_unit(query.units), w.pressure);
}

std::string forecast_xml(const Location& where, const std::vector<Report>& steps, const SunTimes& sun,
                         const Query& query) {
  std::string place = Element("location")
                          .with("altitude", "0")
                          .with("latitude", number_text(where.lat, 4))
                          .with("longitude", number_text(where.lon, 4))
                          .with("geobase", "geonames")
                          .with("geobaseid", format("{}", where.city ? where.city->id : where.bare_id))
                          .str();
  std::string location = Element("name").str(escape_markup(name_of(where, query.language))) + Element("type").str() +
                         Element("country").str(where.city ? where.city->country : "") +
                         Element("timezone").str(steps.empty() ? "" : format("{}", offset_at(where, steps.front().at)));
  std::string inside = Element("location").str(location + place) + Element("credit").str();
  inside +=
      Element("meta").str(Element("lastupdate").str() + Element("calctime").str("0") + Element("nextupdate").str());
  inside += Element("sun").with("rise", iso(sun.rise)).with("set", iso(sun.set)).str();
  std::string times;
  for (const Report& step : steps) times += step_xml(step, query);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         Element("weatherdata").str(inside + Element("forecast").str(times));
}

}  // namespace plumb::sandbox::openweather
