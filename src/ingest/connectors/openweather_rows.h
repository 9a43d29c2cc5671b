// OpenWeather's documents as rows: which value stands in which column.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"
#include "data/data.h"
#include "ingest/connectors/openweather_settings.h"

namespace plumb::ingest::openweather {

// What every row carries beside the service's values.
struct Provenance {
  const City& city;
  const std::string& units;
  Instant ingested_at;
};

// Rows of one document each, typed. Absent values are null; a whole-number column that meets a fraction becomes double.
data::Batch current_rows(const Node& document, const Provenance& from);
// Steps that are not later than `after` are left out.
data::Batch forecast_rows(const Node& document, const Provenance& from, std::optional<Instant> after);
// Of a One Call document.
data::Batch hourly_rows(const Node& document, const Provenance& from);
data::Batch daily_rows(const Node& document, const Provenance& from);
data::Batch alert_rows(const Node& document, const Provenance& from);
// Of one place as geocoding gives it.
data::Batch place_rows(const Node& place, const Provenance& from);

// The document as it came, byte for byte: id, city, ingested_at, data.
data::Batch raw_row(std::string_view document, const Provenance& from);

}  // namespace plumb::ingest::openweather
