// The lists of routes, one for each notion. (Private to serve.)
#pragma once

#include "serve/router.h"

namespace plumb::serve {

Routes system_routes();    // health, version, metrics, sign-in, configuration
Routes workflow_routes();  // dags
Routes run_routes();       // dagRuns
Routes task_routes();      // taskInstances
Routes log_routes();       // logs, live logs
Routes value_routes();     // xcomEntries
Routes asset_routes();
Routes store_routes();  // pools, variables, connections
Routes backfill_routes();
Routes event_routes();    // eventLogs, jobs, providers, plugins
Routes own_routes();      // /api/plumb/v1
Routes account_routes();  // users and tokens

}  // namespace plumb::serve
