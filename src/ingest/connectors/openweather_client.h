// Calls to OpenWeather, with its refusals told to people.
//
// The key goes in the header x-api-key, so that no log of URLs ever holds it. The service takes that header without
// promising to: when it is refused, the call is made once more with `appid`, and if that works, so are all later ones.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "base/http_client.h"
#include "base/secret.h"
#include "ingest/connectors/openweather_settings.h"

namespace plumb::ingest::openweather {

// A document and the bytes it came as.
struct Answer {
  std::string text;
  Document document;
};

class Client {
 public:
  struct Config {
    Secret api_key;
    Place key_place;  // where the user wrote it
    std::string base_url = "https://api.openweathermap.org";
  };
  Client(Config config, HttpClientOptions options, Clock& clock, std::stop_token stop);

  // Parameters without the key. `city` is whom the call is for, to be named when there is no such place; may be null.
  // Throws Error: Auth (key refused), NotFound (no such city, with its place in the user's file), Service, Network.
  Answer get(std::string_view path, const std::vector<std::pair<std::string, std::string>>& parameters,
             const City* city);

 private:
  enum class KeyIn { Header, Query };
  HttpResponse send(const std::string& url, KeyIn where);

  Config config_;
  HttpClient http_;
  std::stop_token stop_;
  KeyIn key_in_ = KeyIn::Header;
  bool settled_ = false;  // one of the two ways has worked
};

// "no such city", at the city's place.
Error city_not_found(const City& city);

}  // namespace plumb::ingest::openweather
