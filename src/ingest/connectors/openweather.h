// OpenWeather's current weather, forecast, One Call and geocoding, for pipelines.
//
// The page docs/connectors/openweather.md shows settings, resources and their columns.
#pragma once

#include "ingest/source.h"

namespace plumb::ingest::openweather {

Connector connector();

}  // namespace plumb::ingest::openweather
