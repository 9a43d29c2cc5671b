// Moments of YAML: 2013-11-03 00:00:00Z without quotes is no text to PyYAML but a datetime.
#pragma once

#include <optional>
#include <string>

#include "base/document.h"

namespace plumb::project {

// Such a scalar as Python's isoformat() writes it: "2013-11-03T00:00:00+00:00". Nothing for any other node; dates by
// themselves look the same as text.
std::optional<std::string> find_moment(const plumb::Node& node);

}  // namespace plumb::project
