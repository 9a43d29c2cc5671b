#include "ingest/connectors/openweather.h"

#include <map>

#include "base/format.h"
#include "ingest/connectors/openweather_client.h"
#include "ingest/connectors/openweather_rows.h"
#include "ingest/connectors/openweather_settings.h"

namespace plumb::ingest::openweather {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

Client::Config client_config(const config::Project& project, const config::Connection& connection) {
  Client::Config config{.api_key = connection.secret("api_key"), .key_place = connection.place};
  if (const auto* setting = connection.find("api_key")) config.key_place = setting->place;
  if (config.api_key.empty()) config.api_key = Secret(project.environment.find("OPENWEATHER_API_KEY").value_or(""));
  if (config.api_key.empty()) {
    throw Error(ErrorKind::Auth, format("connection '{}' has no API key", connection.name),
                {.place = config.key_place,
                 .hint = "put OPENWEATHER_API_KEY into .env, or set `api_key`; keys are made at "
                         "https://home.openweathermap.org/api_keys"});
  }
  config.base_url = connection.text("base_url", config.base_url);
  return config;
}

class OpenWeatherSource : public Source {
 public:
  OpenWeatherSource(Client client, Settings settings, const Services& services)
      : client_(std::move(client)), settings_(std::move(settings)), clock_(services.clock) {}

  // The cheapest call there is: it tells whether the service is there and takes the key.
  void open() override { client_.get("/geo/1.0/direct", {{"q", "London"}, {"limit", "1"}}, nullptr); }

  void read(const ReadRequest& request, Sink& sink) override;

 private:
  struct Coordinates {
    double lat = 0;
    double lon = 0;
  };

  // Parameters that every weather call has.
  Parameters with_settings(Parameters parameters) const;
  void read_city(const City& city, const ReadRequest& request, Sink& sink);
  const Answer& one_call(const City& city);
  Answer find_place(const City& city);
  Coordinates coordinates_of(const City& city);

  Client client_;
  Settings settings_;
  Clock& clock_;
  // Within one load a city's One Call document is read once, as each call is billed.
  std::map<std::string, Answer> one_calls_;
  std::map<std::string, Coordinates> coordinates_;
};

Parameters OpenWeatherSource::with_settings(Parameters parameters) const {
  parameters.emplace_back("units", settings_.units);
  if (!settings_.language.empty()) parameters.emplace_back("lang", settings_.language);
  return parameters;
}

// What geocoding says of a city: a list of one place, or one place. The sort of answer follows from the locator.
Answer OpenWeatherSource::find_place(const City& city) {
  switch (city.by) {
    case City::By::Name:
      return client_.get("/geo/1.0/direct", {{"q", city.value}, {"limit", "1"}}, &city);
    case City::By::Zip:
      return client_.get("/geo/1.0/zip", {{"zip", city.value}}, &city);
    case City::By::Point: {
      Parameters point = city.locator();
      point.emplace_back("limit", "1");
      return client_.get("/geo/1.0/reverse", point, &city);
    }
    case City::By::Id:
      break;
  }
  // Geocoding knows no ids, the weather does.
  Answer weather = client_.get("/data/2.5/weather", city.locator(), &city);
  Node coord = weather.document.root().find("coord");
  Parameters point{{"lat", std::string(coord.find("lat").scalar())},
                   {"lon", std::string(coord.find("lon").scalar())},
                   {"limit", "1"}};
  return client_.get("/geo/1.0/reverse", point, &city);
}

// The place in a geocoding answer; throws when there is none.
Node place_in(const Answer& answer, const City& city) {
  Node root = answer.document.root();
  Node place = root.kind() == NodeKind::List ? root.at(0) : root;
  if (root.kind() == NodeKind::List && root.size() == 0) throw city_not_found(city);
  return place;
}

OpenWeatherSource::Coordinates OpenWeatherSource::coordinates_of(const City& city) {
  if (city.by == City::By::Point) return {city.lat, city.lon};
  if (auto known = coordinates_.find(city.name); known != coordinates_.end()) return known->second;
  Answer answer = find_place(city);
  Node place = place_in(answer, city);
  Coordinates found{place.get("lat").as_double(), place.get("lon").as_double()};
  coordinates_.emplace(city.name, found);
  return found;
}

const Answer& OpenWeatherSource::one_call(const City& city) {
  if (auto known = one_calls_.find(city.name); known != one_calls_.end()) return known->second;
  Coordinates at = coordinates_of(city);
  Parameters parameters = with_settings({{"lat", coordinate_text(at.lat)}, {"lon", coordinate_text(at.lon)}});
  return one_calls_.emplace(city.name, client_.get("/data/3.0/onecall", parameters, &city)).first->second;
}

void OpenWeatherSource::read_city(const City& city, const ReadRequest& request, Sink& sink) {
  const std::string& resource = request.resource.name;
  Provenance from{city, settings_.units, clock_.now()};
  auto write = [&](const Answer& answer, auto&& rows) {
    sink.write(request.resource.raw ? raw_row(answer.text, from) : rows(answer.document.root()));
  };
  if (resource == "current") {
    write(client_.get("/data/2.5/weather", with_settings(city.locator()), &city),
          [&](const Node& document) { return current_rows(document, from); });
  } else if (resource == "forecast") {
    // The service always sends five days. Merged, a step that is there already gets its newer forecast; appended, it
    // would stand there twice, so only what is later than the cursor goes on.
    std::optional<Instant> after;
    if (request.cursor && request.resource.write == WriteMode::Append) after = find_instant(*request.cursor);
    write(client_.get("/data/2.5/forecast", with_settings(city.locator()), &city),
          [&](const Node& document) { return forecast_rows(document, from, after); });
  } else if (resource == "places") {
    Answer answer = find_place(city);
    Node place = place_in(answer, city);
    sink.write(request.resource.raw ? raw_row(answer.text, from) : place_rows(place, from));
  } else if (resource == "one_call") {
    if (!request.resource.raw) {
      throw Error(ErrorKind::Config, "one_call is read as documents only",
                  {.hint = "leave `raw: false` out; its rows are the resources hourly, daily and alerts"});
    }
    sink.write(raw_row(one_call(city).text, from));
  } else if (resource == "hourly") {
    write(one_call(city), [&](const Node& document) { return hourly_rows(document, from); });
  } else if (resource == "daily") {
    write(one_call(city), [&](const Node& document) { return daily_rows(document, from); });
  } else {
    write(one_call(city), [&](const Node& document) { return alert_rows(document, from); });
  }
}

void OpenWeatherSource::read(const ReadRequest& request, Sink& sink) {
  for (const City& city : settings_.cities) read_city(city, request, sink);
}

std::unique_ptr<Source> make(const config::Project& project, const config::Connection& connection, const Node& options,
                             Services services) {
  Settings settings = read_settings(project.values(), options);
  // Without options there is nothing to read: `plumb connections test` only opens.
  if (settings.cities.empty() && !options.missing()) {
    throw Error(ErrorKind::Config, "a weather pipeline without cities",
                {.place = options.place(), .hint = "add `cities: [\"Berlin,DE\"]` to its `source:`"});
  }
  Client client(client_config(project, connection),
                {.retry = services.retry, .log = services.log.module("openweather")}, services.clock, services.stop);
  return std::make_unique<OpenWeatherSource>(std::move(client), std::move(settings), services);
}

}  // namespace

Connector connector() {
  return {
      .type = "openweather",
      .summary = "OpenWeather: current weather, forecast, One Call, places",
      .settings = {"api_key", "base_url"},
      .options = {"cities", "units", "lang"},
      .resources =
          {
              {.name = "current", .write = WriteMode::Merge, .primary_key = {"city", "observed_at"}},
              {.name = "forecast", .write = WriteMode::Merge, .primary_key = {"city", "forecast_at"}},
              {.name = "one_call", .raw = true},
              {.name = "hourly", .write = WriteMode::Merge, .primary_key = {"city", "forecast_at"}},
              {.name = "daily", .write = WriteMode::Merge, .primary_key = {"city", "forecast_at"}},
              {.name = "alerts", .write = WriteMode::Merge, .primary_key = {"city", "event", "start_at"}},
              {.name = "places", .write = WriteMode::Merge, .primary_key = {"city"}},
          },
      .standard = {"current", "forecast"},
      .make = make,
  };
}

}  // namespace plumb::ingest::openweather
