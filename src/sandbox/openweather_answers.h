// The calls of the weather service, one function each. What they share is in openweather_request.h; who may call them
// is decided before, in openweather.cpp.
#pragma once

#include <string_view>

#include "base/http_server.h"
#include "sandbox/openweather_model.h"
#include "sandbox/openweather_request.h"

namespace plumb::sandbox::openweather {

// Everything that an answer follows from, the request aside.
struct World {
  const Model& model;
  sys_seconds now;
  std::string_view url;  // "http://127.0.0.1:8802": where next pages are
};

// 2.5, and the free plan's: openweather_current.cpp, openweather_forecast.cpp
ServerResponse current_weather(const World& world, const Query& query);
ServerResponse forecast(const World& world, const Query& query);

// Geocoding: openweather_geocoding.cpp
ServerResponse geocode_direct(const Query& query);
ServerResponse geocode_reverse(const Query& query);
ServerResponse geocode_zip(const Query& query);

// One Call 3.0: openweather_onecall.cpp, openweather_history.cpp
ServerResponse one_call(const World& world, const Query& query);
ServerResponse time_machine(const World& world, const Query& query);
ServerResponse day_summary(const World& world, const Query& query);
ServerResponse overview(const World& world, const Query& query);

// One Call 4.0: openweather_timeline.cpp. `step` is what follows /timeline/ in the path.
ServerResponse current_4(const World& world, const Query& query);
ServerResponse timeline_4(const World& world, const Query& query, std::string_view step);
ServerResponse alert_4(const World& world, const Query& query, std::string_view id);

}  // namespace plumb::sandbox::openweather
