// What every call to the weather service has in common: units, language, form of the answer, the place asked for, and
// the words of refusals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/document.h"
#include "base/http_server.h"
#include "sandbox/openweather_cities.h"
#include "sandbox/openweather_conditions.h"
#include "sandbox/openweather_model.h"

namespace plumb::sandbox::openweather {

enum class Units { Standard, Metric, Imperial };
enum class Mode { Json, Xml, Html };

struct Query {
  const ServerRequest& request;
  Units units = Units::Standard;
  Mode mode = Mode::Json;
  std::string language = {};
  std::string callback = {};  // of JSONP; empty: none
  bool one_call_4 = false;    // which calls a clear sky "sky is clear"

  const std::string* find(std::string_view name) const { return request.find_query(name); }
  // Of kelvin and of metres a second, in the units asked for.
  double temperature(double kelvin) const;
  double speed(double metres_per_second) const;
};

// Unknown values of units, lang and mode are as good as none.
Query read_query(const ServerRequest& request);

// A refusal. The service writes `cod` as a number here and as text there; clients trip over it, so it is kept.
struct Problem {
  int status = 400;
  bool cod_is_text = true;
  std::string message;
  std::vector<std::string> parameters = {};  // One Call names those that are missing or bad
};
ServerResponse refuse(const Problem& problem, const Query& query);
// An answer in JSON, wrapped when a callback was named.
ServerResponse answer_json(std::string body, const Query& query);

// `lat` and `lon` as numbers. Just outside of their range (observed at 0.0001, no more at 0.01) they are clamped when
// no `units` are given and refused when they are, as the service does it.
std::variant<Location, Problem> locate_by_point(const Query& query);
// The four locators of the 2.5 calls: q, id, zip, lat and lon.
std::variant<Location, Problem> locate(const Query& query);

// The parts between commas, trimmed.
std::vector<std::string> split_list(std::string_view text);

// A whole number of the query; empty when it is none.
std::optional<long long> find_integer(std::string_view text);

// "10.5", "11", "-0.12": at most so many decimals and no zeros behind them, so that a whole number is written as one.
std::string number_text(double value, int decimals = 2);
// key and number in one.
void put(JsonWriter& json, std::string_view name, double value, int decimals = 2);
void put(JsonWriter& json, std::string_view name, sys_seconds at);
// The `weather` list.
void put_conditions(JsonWriter& json, const Weather& weather, const Query& query);

// Unix seconds of an instant, and the local calendar day at an offset.
sys_seconds seconds_of(Instant instant);
sys_days local_day(const Location& where, sys_seconds when);
// The instant at which a local day begins.
sys_seconds midnight(const Location& where, sys_days day);
std::int64_t offset_at(const Location& where, sys_seconds when);
SunTimes sun_of(const Location& where, sys_seconds when);

// The town's name in the language asked for; for a place without a town what the service calls it.
std::string name_of(const Location& where, std::string_view language);

}  // namespace plumb::sandbox::openweather
