// What a command tells while it works: a line for people, and for programs dbt's event with its name, code and data.
//
//     12:00:01  1 of 3 OK created sql table model main.orders ................... [OK in 0.05s]
//     {"data": {"node_info": {…}, …}, "info": {"code": "Q012", "name": "LogModelResult", "msg": "1 of 3 OK …", …}}
#pragma once

#include <string>
#include <string_view>

#include "transform/results.h"

namespace plumb::transform {

enum class LineKind : std::uint8_t { Info, Good, Warning, Bad };

struct Event {
  std::string_view name = "Formatting", code = "Z017";  // dbt's
  std::string text;
  std::string status = {};  // the part in brackets, which a terminal may colour; empty for other lines
  LineKind kind = LineKind::Info;
  // What it is about, as far as it is about something. All of these outlive the telling.
  const project::Node* node = nullptr;
  const project::Source* source = nullptr;
  const RunResult* result = nullptr;  // null while it runs
  std::size_t index = 0, total = 0;   // of a step, from 1
  jinja::Value more = {};             // further fields, by dbt's names
};

// "debug", "info", "warn" or "error".
std::string_view level_of(const Event& event);
// The thread that a result comes from, else the main one, as dbt calls it.
std::string_view thread_of(const Event& event);
// The fields of the record's `data`.
jinja::Value event_data(const Event& event);

}  // namespace plumb::transform
