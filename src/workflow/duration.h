// Durations and moments as people write them in workflows.
//
// A duration is "90s", "15m", "1h30m", "2d", "1w", "250ms"; a bare number is seconds. A moment is a date, or a date and
// a time, with an offset or by the workflow's own clock: "2026-01-01", "2026-01-01 07:00", "2026-01-01T06:00:00Z".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"
#include "base/zone.h"

namespace plumb::workflow {

// Empty when the text is no duration, is negative, or is longer than a hundred years.
std::optional<Duration> find_duration(std::string_view text);
// Of a scalar node. Throws Error(Config) "'5 mins' is no duration" at its place.
Duration parse_duration(const Node& node);
// The shortest way to write it: "15m", "1h30m", "0s".
std::string format_duration(Duration duration);

// Of a scalar node: what names no offset is a time of the zone's clock. Throws Error(Config) at its place.
Instant parse_moment(const Node& node, const Zone& zone);

}  // namespace plumb::workflow
