#include "ingest/connectors/openweather_rows.h"

#include <charconv>
#include <cmath>
#include <span>

#include "base/crypto.h"
#include "base/format.h"

namespace plumb::ingest::openweather {
namespace {

using data::Type;

enum class Kind {
  Text,
  Whole,  // an integer, or a double when a fraction comes
  Real,
  Time,  // Unix seconds
  Json,
};

// `path` leads from an element to the value: keys and list positions between slashes. A path that begins with a slash
// starts at the document instead.
struct ColumnSpec {
  std::string_view name;
  std::string_view path;
  Kind kind;
};

constexpr ColumnSpec kCurrent[] = {
    {"observed_at", "dt", Kind::Time},
    {"city_id", "id", Kind::Whole},
    {"city_name", "name", Kind::Text},
    {"country", "sys/country", Kind::Text},
    {"lat", "coord/lat", Kind::Real},
    {"lon", "coord/lon", Kind::Real},
    {"utc_offset", "timezone", Kind::Whole},
    {"temp", "main/temp", Kind::Real},
    {"feels_like", "main/feels_like", Kind::Real},
    {"temp_min", "main/temp_min", Kind::Real},
    {"temp_max", "main/temp_max", Kind::Real},
    {"pressure", "main/pressure", Kind::Whole},
    {"sea_level", "main/sea_level", Kind::Whole},
    {"grnd_level", "main/grnd_level", Kind::Whole},
    {"humidity", "main/humidity", Kind::Whole},
    {"clouds", "clouds/all", Kind::Whole},
    {"visibility", "visibility", Kind::Whole},
    {"wind_speed", "wind/speed", Kind::Real},
    {"wind_deg", "wind/deg", Kind::Whole},
    {"wind_gust", "wind/gust", Kind::Real},
    {"rain_1h", "rain/1h", Kind::Real},
    {"snow_1h", "snow/1h", Kind::Real},
    {"condition_id", "weather/0/id", Kind::Whole},
    {"condition", "weather/0/main", Kind::Text},
    {"description", "weather/0/description", Kind::Text},
    {"icon", "weather/0/icon", Kind::Text},
    {"sunrise", "sys/sunrise", Kind::Time},
    {"sunset", "sys/sunset", Kind::Time},
};

constexpr ColumnSpec kForecast[] = {
    {"forecast_at", "dt", Kind::Time},
    {"city_id", "/city/id", Kind::Whole},
    {"city_name", "/city/name", Kind::Text},
    {"country", "/city/country", Kind::Text},
    {"lat", "/city/coord/lat", Kind::Real},
    {"lon", "/city/coord/lon", Kind::Real},
    {"utc_offset", "/city/timezone", Kind::Whole},
    {"temp", "main/temp", Kind::Real},
    {"feels_like", "main/feels_like", Kind::Real},
    {"temp_min", "main/temp_min", Kind::Real},
    {"temp_max", "main/temp_max", Kind::Real},
    {"pressure", "main/pressure", Kind::Whole},
    {"sea_level", "main/sea_level", Kind::Whole},
    {"grnd_level", "main/grnd_level", Kind::Whole},
    {"humidity", "main/humidity", Kind::Whole},
    {"clouds", "clouds/all", Kind::Whole},
    {"visibility", "visibility", Kind::Whole},
    {"wind_speed", "wind/speed", Kind::Real},
    {"wind_deg", "wind/deg", Kind::Whole},
    {"wind_gust", "wind/gust", Kind::Real},
    {"pop", "pop", Kind::Real},
    {"rain_3h", "rain/3h", Kind::Real},
    {"snow_3h", "snow/3h", Kind::Real},
    {"condition_id", "weather/0/id", Kind::Whole},
    {"condition", "weather/0/main", Kind::Text},
    {"description", "weather/0/description", Kind::Text},
    {"icon", "weather/0/icon", Kind::Text},
    {"part_of_day", "sys/pod", Kind::Text},
};

constexpr ColumnSpec kHourly[] = {
    {"forecast_at", "dt", Kind::Time},
    {"lat", "/lat", Kind::Real},
    {"lon", "/lon", Kind::Real},
    {"timezone", "/timezone", Kind::Text},
    {"temp", "temp", Kind::Real},
    {"feels_like", "feels_like", Kind::Real},
    {"pressure", "pressure", Kind::Whole},
    {"humidity", "humidity", Kind::Whole},
    {"dew_point", "dew_point", Kind::Real},
    {"uvi", "uvi", Kind::Real},
    {"clouds", "clouds", Kind::Whole},
    {"visibility", "visibility", Kind::Whole},
    {"wind_speed", "wind_speed", Kind::Real},
    {"wind_deg", "wind_deg", Kind::Whole},
    {"wind_gust", "wind_gust", Kind::Real},
    {"pop", "pop", Kind::Real},
    {"rain_1h", "rain/1h", Kind::Real},
    {"snow_1h", "snow/1h", Kind::Real},
    {"condition_id", "weather/0/id", Kind::Whole},
    {"condition", "weather/0/main", Kind::Text},
    {"description", "weather/0/description", Kind::Text},
    {"icon", "weather/0/icon", Kind::Text},
};

constexpr ColumnSpec kDaily[] = {
    {"forecast_at", "dt", Kind::Time},
    {"lat", "/lat", Kind::Real},
    {"lon", "/lon", Kind::Real},
    {"timezone", "/timezone", Kind::Text},
    {"summary", "summary", Kind::Text},
    {"temp_min", "temp/min", Kind::Real},
    {"temp_max", "temp/max", Kind::Real},
    {"temp_morning", "temp/morn", Kind::Real},
    {"temp_day", "temp/day", Kind::Real},
    {"temp_evening", "temp/eve", Kind::Real},
    {"temp_night", "temp/night", Kind::Real},
    {"feels_like_morning", "feels_like/morn", Kind::Real},
    {"feels_like_day", "feels_like/day", Kind::Real},
    {"feels_like_evening", "feels_like/eve", Kind::Real},
    {"feels_like_night", "feels_like/night", Kind::Real},
    {"pressure", "pressure", Kind::Whole},
    {"humidity", "humidity", Kind::Whole},
    {"dew_point", "dew_point", Kind::Real},
    {"uvi", "uvi", Kind::Real},
    {"clouds", "clouds", Kind::Whole},
    {"wind_speed", "wind_speed", Kind::Real},
    {"wind_deg", "wind_deg", Kind::Whole},
    {"wind_gust", "wind_gust", Kind::Real},
    {"pop", "pop", Kind::Real},
    {"rain", "rain", Kind::Real},
    {"snow", "snow", Kind::Real},
    {"condition_id", "weather/0/id", Kind::Whole},
    {"condition", "weather/0/main", Kind::Text},
    {"description", "weather/0/description", Kind::Text},
    {"icon", "weather/0/icon", Kind::Text},
    {"sunrise", "sunrise", Kind::Time},
    {"sunset", "sunset", Kind::Time},
    {"moonrise", "moonrise", Kind::Time},
    {"moonset", "moonset", Kind::Time},
    {"moon_phase", "moon_phase", Kind::Real},
};

constexpr ColumnSpec kAlerts[] = {
    {"event", "event", Kind::Text},
    {"start_at", "start", Kind::Time},
    {"end_at", "end", Kind::Time},
    {"sender_name", "sender_name", Kind::Text},
    {"description", "description", Kind::Text},
    {"tags", "tags", Kind::Json},
};

constexpr ColumnSpec kPlaces[] = {
    {"name", "name", Kind::Text},
    {"country", "country", Kind::Text},
    {"state", "state", Kind::Text},
    {"zip", "zip", Kind::Text},
    {"lat", "lat", Kind::Real},
    {"lon", "lon", Kind::Real},
    {"local_names", "local_names", Kind::Json},
};

Node follow(Node node, std::string_view path) {
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view step = path.substr(0, slash);
    std::size_t index = 0;
    auto [end, failed] = std::from_chars(step.data(), step.data() + step.size(), index);
    bool position = node.kind() == NodeKind::List && failed == std::errc() && end == step.data() + step.size();
    if (node.kind() == NodeKind::List && (!position || index >= node.size())) return {};
    node = position ? node.at(index) : node.find(step);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return node;
}

Node value_of(const Node& document, const Node& element, std::string_view path) {
  return path.starts_with('/') ? follow(document, path.substr(1)) : follow(element, path);
}

bool number(const Node& node) {
  return node.kind() == NodeKind::Int || node.kind() == NodeKind::Float;
}

// An integer that a double holds exactly, as every one of the service's is.
bool whole(const Node& node) {
  double value = node.as_double();
  return std::abs(value) < 9e15 && std::nearbyint(value) == value;
}

// Unix seconds as microseconds; empty for what is no time of the years 1 to 9999.
std::optional<std::int64_t> find_time(const Node& node) {
  if (!number(node)) return std::nullopt;
  double seconds = node.as_double();
  if (!(seconds > -62135596801.0 && seconds < 253402300800.0)) return std::nullopt;
  return std::llround(seconds) * 1'000'000;
}

// A value of another kind than the column is for becomes null rather than ending a load: the service adds and changes
// fields unannounced, and the raw document keeps what came.
void append(data::ColumnBuilder& builder, Kind kind, const Node& node) {
  switch (kind) {
    case Kind::Text:
      if (node.kind() == NodeKind::Text) return builder.append_text(node.as_text());
      break;
    case Kind::Json:
      if (!node.null()) return builder.append_text(node.to_json());
      break;
    case Kind::Time:
      if (auto time = find_time(node)) return builder.append_int64(*time);
      break;
    case Kind::Whole:
    case Kind::Real:
      if (!number(node)) break;
      if (builder.type() == Type::int64()) return builder.append_int64(std::llround(node.as_double()));
      return builder.append_double(node.as_double());
  }
  builder.append_null();
}

Type type_of(const ColumnSpec& spec, const Node& document, const std::vector<Node>& elements) {
  switch (spec.kind) {
    case Kind::Text:
      return Type::text();
    case Kind::Json:
      return Type::json();
    case Kind::Time:
      return Type::timestamp_tz();
    case Kind::Real:
      return Type::float64();
    case Kind::Whole:
      break;
  }
  for (const Node& element : elements) {
    Node node = value_of(document, element, spec.path);
    if (number(node) && !whole(node)) return Type::float64();
  }
  return Type::int64();
}

class Rows {
 public:
  explicit Rows(std::size_t count) : count_(count) {}

  template <class Append>
  void add(std::string_view name, const Type& type, Append append) {
    data::ColumnBuilder builder(type);
    for (std::size_t row = 0; row < count_; ++row) append(builder, row);
    fields_.push_back({std::string(name), type, true});
    columns_.push_back(builder.take());
  }
  data::Batch take() { return data::Batch(data::Schema(std::move(fields_)), std::move(columns_)); }

 private:
  std::size_t count_;
  std::vector<data::Field> fields_;
  std::vector<data::Column> columns_;
};

std::int64_t micros(Instant instant) {
  return instant.time_since_epoch().count();
}

enum class Shown { No, Yes };

data::Batch rows_of(std::span<const ColumnSpec> specs, const Node& document, const std::vector<Node>& elements,
                    const Provenance& from, Shown units) {
  Rows rows(elements.size());
  rows.add("city", Type::text(), [&](auto& builder, std::size_t) { builder.append_text(from.city.name); });
  for (const ColumnSpec& spec : specs) {
    rows.add(spec.name, type_of(spec, document, elements), [&](auto& builder, std::size_t row) {
      append(builder, spec.kind, value_of(document, elements[row], spec.path));
    });
  }
  if (units == Shown::Yes) {
    rows.add("units", Type::text(), [&](auto& builder, std::size_t) { builder.append_text(from.units); });
  }
  rows.add("ingested_at", Type::timestamp_tz(),
           [&](auto& builder, std::size_t) { builder.append_int64(micros(from.ingested_at)); });
  return rows.take();
}

std::vector<Node> elements_of(const Node& list) {
  std::vector<Node> elements;
  for (std::size_t i = 0; i < list.size(); ++i) elements.push_back(list.at(i));
  return elements;
}

// Version 7 of RFC 9562: ids of one load sort by the time it began, so that a B-tree grows at its end.
data::Uuid make_id(Instant now) {
  data::Uuid id;
  std::string chance = random_bytes(sizeof id.bytes);
  for (std::size_t i = 0; i < sizeof id.bytes; ++i) id.bytes[i] = static_cast<std::uint8_t>(chance[i]);
  std::int64_t milliseconds = micros(now) / 1000;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i) & 0xFF);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

}  // namespace

data::Batch current_rows(const Node& document, const Provenance& from) {
  return rows_of(kCurrent, document, {document}, from, Shown::Yes);
}

data::Batch forecast_rows(const Node& document, const Provenance& from, std::optional<Instant> after) {
  std::vector<Node> steps = elements_of(document.find("list"));
  if (after) {
    std::erase_if(steps, [&](const Node& step) {
      auto time = find_time(step.find("dt"));
      return time && *time <= micros(*after);
    });
  }
  return rows_of(kForecast, document, steps, from, Shown::Yes);
}

data::Batch hourly_rows(const Node& document, const Provenance& from) {
  return rows_of(kHourly, document, elements_of(document.find("hourly")), from, Shown::Yes);
}

data::Batch daily_rows(const Node& document, const Provenance& from) {
  return rows_of(kDaily, document, elements_of(document.find("daily")), from, Shown::Yes);
}

data::Batch alert_rows(const Node& document, const Provenance& from) {
  return rows_of(kAlerts, document, elements_of(document.find("alerts")), from, Shown::No);
}

data::Batch place_rows(const Node& place, const Provenance& from) {
  return rows_of(kPlaces, place, {place}, from, Shown::No);
}

data::Batch raw_row(std::string_view document, const Provenance& from) {
  Rows rows(1);
  rows.add("id", Type::uuid(), [&](auto& builder, std::size_t) { builder.append_uuid(make_id(from.ingested_at)); });
  rows.add("city", Type::text(), [&](auto& builder, std::size_t) { builder.append_text(from.city.name); });
  rows.add("ingested_at", Type::timestamp_tz(),
           [&](auto& builder, std::size_t) { builder.append_int64(micros(from.ingested_at)); });
  rows.add("data", Type::json(), [&](auto& builder, std::size_t) { builder.append_text(document); });
  return rows.take();
}

}  // namespace plumb::ingest::openweather
