// How dbt names things in the lines of a run.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "transform/event.h"

namespace plumb::transform {

std::string plural(std::int64_t count, std::string_view word);
// "main.orders"
std::string relation_text(const project::Node& node);
// "sql view model main.orders", "test not_null_orders_id"
std::string subject(const project::Node& node);
// What "Finished running" counts by: "view model", "test"
std::string kind_of(const project::Node& node);
std::string seconds_text(double seconds);
std::string freshness_word(Status status);

// "OK created sql view model main.orders" and "OK in 0.10s".
struct Ending {
  std::string text, status;
  LineKind kind = LineKind::Good;
};
Ending ending_of(const RunResult& result);
// Name and code of the event that a result is told by.
std::pair<std::string_view, std::string_view> result_event(const RunResult& result);

}  // namespace plumb::transform
