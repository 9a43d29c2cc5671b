// Where a project keeps its store.
#pragma once

#include "config/config.h"

namespace plumb::workflow {

// What `store:` of plumb.yml says, the name of a connection or a URI; else .plumb/store.db. Files are relative to the
// project's folder. Throws Error(Config) with the setting's place.
db::DatabaseConfig store_of(const config::Project& project);

}  // namespace plumb::workflow
