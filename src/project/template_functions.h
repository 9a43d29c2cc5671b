// What every template of dbt's finds, whatever it is for: env_var, return, log, fromjson and tojson, set, zip,
// local_md5, exceptions, target, flags, … as one dict that all renders of a project share.
#pragma once

#include <functional>

#include "project/settings.h"

namespace plumb::project {

// Where log(…, info=True) and print(…) go.

// `warn` is told of exceptions.warn(…).
jinja::Value template_functions(const ProjectSettings& settings, const Say& say, const Say& warn);

// {{ var('x') }} for templates of one package: --vars, then the root's `vars:` for the package, the root's own, the
// package's. `forgiving`: what nobody has set is None, which is what the first look at a project says.
jinja::Value var_lookup(const ProjectSettings& settings, const PackageSettings& package, bool forgiving);

}  // namespace plumb::project
