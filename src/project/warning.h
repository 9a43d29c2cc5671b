// What is odd in the user's files but no error: dbt's warnings and deprecations.
#pragma once

#include <string>

#include "base/error.h"

namespace plumb::project {

struct Warning {
  std::string name;  // dbt's event: "UnusedTables", "ConfigTargetPathDeprecation", …
  std::string message;
  Place place;
};

}  // namespace plumb::project
