#include "ingest/connectors/openweather_client.h"

#include "base/format.h"
#include "base/text.h"

namespace plumb::ingest::openweather {
namespace {

// The service's own words, when the body has some: {"cod": …, "message": …}. `cod` is a number here and text there, so
// only the HTTP status decides.
std::string words_of(const HttpResponse& response) {
  try {
    Document document = parse_json(response.body, "answer");
    std::string words(document.root().find("message").scalar());
    return printable(words.substr(0, 300));
  } catch (const Error&) {
    return {};  // a gateway's HTML, or nothing
  }
}

Error key_refused(const std::string& words, const Place& key_place) {
  std::optional<Place> place;
  if (key_place.known()) place = key_place;
  if (words.find("subscription") != std::string::npos) {
    return Error(ErrorKind::Auth, "OpenWeather's key has no subscription to One Call",
                 {.place = place,
                  .hint = "subscribe to \"One Call by Call\" (https://openweathermap.org/price), or leave out the "
                          "resources one_call, hourly, daily and alerts",
                  .cause = words});
  }
  return Error(ErrorKind::Auth, "OpenWeather refused the API key",
               {.place = place,
                .hint = "is `api_key` right (OPENWEATHER_API_KEY)? A new key works only some hours after it was made",
                .cause = words});
}

Error too_many_calls(const std::string& words) {
  return Error(ErrorKind::Service, "OpenWeather takes no more calls from this account for now",
               {.hint = "the free plan has 60 calls a minute and One Call 2,000 a day: wait ten minutes (after a day's "
                        "quota until midnight UTC), ask for fewer cities, or load less often",
                .retry_may_help = true,
                .cause = words});
}

Error refused(const HttpResponse& response, const City* city, const Place& key_place) {
  std::string words = words_of(response);
  if (response.status == 401) return key_refused(words, key_place);
  if (response.status == 429) return too_many_calls(words);
  if (response.status == 404 && city != nullptr) return city_not_found(*city);
  std::string whom = city != nullptr ? format(" for {}", printable(city->name)) : std::string();
  if (response.status >= 500) {
    return Error(ErrorKind::Service, format("OpenWeather is out of order (status {}){}", response.status, whom),
                 {.hint = "try again later", .retry_may_help = true, .cause = words});
  }
  std::optional<Place> place;
  if (city != nullptr && city->place.known()) place = city->place;
  return Error(ErrorKind::Service, format("OpenWeather refused the call{} (status {})", whom, response.status),
               {.place = place, .cause = words});
}

}  // namespace

Error city_not_found(const City& city) {
  std::optional<Place> place;
  if (city.place.known()) place = city.place;
  return Error(ErrorKind::NotFound, format("OpenWeather knows no city '{}'", printable(city.name)),
               {.place = place,
                .hint = "write \"city,country\" with the country's two letters (\"Austin,US\"), or give lat and lon: "
                        "{name: Home, lat: 53.08, lon: 8.81}"});
}

Client::Client(Config config, HttpClientOptions options, Clock& clock, std::stop_token stop)
    : config_(std::move(config)), http_(std::move(options), clock), stop_(std::move(stop)) {
  while (config_.base_url.ends_with('/')) config_.base_url.pop_back();
}

HttpResponse Client::send(const std::string& url, KeyIn where) {
  HttpRequest request{.url = url};
  if (where == KeyIn::Header) {
    request.headers.add("x-api-key", config_.api_key.reveal());
  } else {
    request.url +=
        (url.find('?') == std::string::npos ? "?" : "&") + form_encode({{"appid", config_.api_key.reveal()}});
  }
  return http_.send(request, stop_);
}

Answer Client::get(std::string_view path, const std::vector<std::pair<std::string, std::string>>& parameters,
                   const City* city) {
  std::string url = config_.base_url + std::string(path);
  if (!parameters.empty()) url += "?" + form_encode(parameters);
  HttpResponse response = send(url, key_in_);
  if (response.status == 401 && !settled_ && key_in_ == KeyIn::Header) {
    HttpResponse second = send(url, KeyIn::Query);
    if (second.status != 401) key_in_ = KeyIn::Query;
    response = std::move(second);
  }
  if (!response.ok()) throw refused(response, city, config_.key_place);
  settled_ = true;
  try {
    Document document = parse_json(response.body, format("answer of {}", path));
    return {.text = std::move(response.body), .document = std::move(document)};
  } catch (const Error& error) {
    std::string whom = city != nullptr ? format(" for {}", printable(city->name)) : std::string();
    throw Error(
        ErrorKind::Service, format("OpenWeather sent a broken answer{}", whom),
        {.hint = "nothing of it was loaded; try again later", .retry_may_help = true, .cause = error.message()});
  }
}

}  // namespace plumb::ingest::openweather
