// The 2.5 answers as XML and HTML, and the names that only these give to winds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/openweather_request.h"

namespace plumb::sandbox::openweather {

// What /weather and each step of /forecast tell, before it becomes JSON, XML or HTML. Units are still the model's.
struct Report {
  sys_seconds at;
  Weather weather = {};
  double temp_min = 0;
  double temp_max = 0;
  double temp_kf = 0;  // forecast: the model's own correction
  bool has_visibility = true;
  bool has_levels = true;  // pressure at sea and ground level
  bool has_station = true;
  int station = 0;
};

std::string escape_markup(std::string_view text);
std::string_view wind_name(double metres_per_second);
struct Direction {
  std::string_view code;  // "NNE"
  std::string_view name;
};
Direction direction_of(int degrees);

std::string current_xml(const Location& where, const Report& report, const Query& query);
std::string current_html(const Location& where, const Report& report, const Query& query);
std::string forecast_xml(const Location& where, const std::vector<Report>& steps, const SunTimes& sun,
                         const Query& query);

}  // namespace plumb::sandbox::openweather
