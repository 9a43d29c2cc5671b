// require-dbt-version: ">=1.8.0,<2.0.0", [">=1.8.0", "<2.0.0"].
#pragma once

#include <string>
#include <string_view>

#include "base/document.h"

namespace plumb::project {

// Throws Error(Config) in dbt's words when `installed` is outside of what the node asks for, or when that is no
// version.
void check_required_version(const plumb::Node& required, std::string_view package, std::string_view installed);

}  // namespace plumb::project
