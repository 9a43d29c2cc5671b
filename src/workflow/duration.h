// Durations as people write them in workflows: "90s", "15m", "1h30m", "2d", "1w", "250ms"; a bare number is seconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"

namespace plumb::workflow {

// Empty when the text is no duration, is negative, or is longer than a hundred years.
std::optional<Duration> find_duration(std::string_view text);
// Of a scalar node. Throws Error(Config) "'5 min' is no duration" at its place.
Duration parse_duration(const Node& node);
// The shortest way to write it: "15m", "1h30m", "0s".
std::string format_duration(Duration duration);

}  // namespace plumb::workflow
