// `exceptions`: what macros raise, and exceptions.warn().
#pragma once

#include "project/template_functions.h"

namespace plumb::project {

// A dict of functions. `warn` is told of exceptions.warn(…).
jinja::Value template_exceptions(const Say& warn);

}  // namespace plumb::project
