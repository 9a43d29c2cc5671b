// What One Call 3.0 and 4.0 tell alike: an hour, a day, and the warnings of the weather offices.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/openweather_answers.h"

namespace plumb::sandbox::openweather {

// The open object's `lat`, `lon`, `timezone`, `timezone_offset`.
void put_place(JsonWriter& json, const Location& where, sys_seconds now);

enum class SunShown { No, Yes };
enum class UvShown { No, Yes };
// dt, sun, temperatures, wind and sky of a moment; the object stays open for `pop` and more.
void put_point(JsonWriter& json, const Weather& weather, sys_seconds at, const Location& where, SunShown sun,
               UvShown uv, const Query& query);
// What falls, as {"1h": mm}.
void put_hourly_fall(JsonWriter& json, const Weather& weather);

// A local day: its hours, and what sums them up.
struct Day {
  sys_days date;
  sys_seconds begin;
  sys_seconds noon;
  Weather morning = {}, midday = {}, evening = {}, night = {};  // at 6, 12, 18 and 0 o'clock
  double temp_min = 0;
  double temp_max = 0;
  double rain = 0;
  double snow = 0;
  double pop = 0;
  double uvi = 0;
  int clouds = 0;
  int condition = 800;
  Weather windiest = {};
};
// The hours are counted from `begin`.
Day sum_up(const Model& model, const Location& where, sys_days date, sys_seconds begin);
Day sum_up(const Model& model, const Location& where, sys_days date);
enum class SummaryShown { No, Yes };
// A whole object of the `daily` list.
void put_day(JsonWriter& json, const Day& day, const Location& where, SummaryShown summary, const Query& query);
// "partly cloudy with rain"
std::string day_in_words(const Day& day);

struct Alert {
  std::string id;  // as One Call 4.0 names it
  std::string_view sender;
  std::string_view event;
  std::string_view tag;
  sys_seconds start;
  sys_seconds end;
  std::string description;
};
// Those of now and the next 48 hours; none far from every town, where no office warns.
std::vector<Alert> alerts_of(const Model& model, const Location& where, sys_seconds now);
std::optional<Alert> find_alert(const Model& model, std::string_view id);

}  // namespace plumb::sandbox::openweather
