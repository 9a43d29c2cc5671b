// Where the files of a run lie, and small things that nodes are named by.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "project/project.h"

namespace plumb::transform {

// target/compiled/<package>/<file>; of what a YAML file defines that file's path and the node's. `batch` comes before
// the ending: "daily_20260105.sql".
std::filesystem::path compiled_path(const project::ProjectSettings& settings, const project::Node& node,
                                    std::string_view folder = "compiled", std::string_view batch = {});
// As it is shown to people: "target/compiled/shop/models/orders.sql".
std::string shown_path(const project::ProjectSettings& settings, const std::filesystem::path& path);

void write_compiled_file(const project::ProjectSettings& settings, const project::Node& node, const std::string& code,
                         std::string_view batch = {});
// target/run/…
void write_run_file(const project::ProjectSettings& settings, const project::Node& node, const std::string& code,
                    std::string_view batch = {});

// "__dbt__cte__orders": the name of an ephemeral model in the SQL of those who read it.
std::string ephemeral_name(const project::Node& node);

// The condition for rows of a time: "seen_at >= '2026-01-05 00:00:00+00:00' and seen_at < '…'".
std::string event_time_filter(std::string_view field, Instant begin, Instant end);

}  // namespace plumb::transform
