// What was done on the command line is news to the workflows that wait for it.
#pragma once

#include "cli/run_request.h"

namespace plumb::cli {

// Tells the project's store, or its server, of the tables that the command has written. Does nothing where no workflow
// has run yet: a load leaves no store behind.
void tell_assets(const Request& request, const World& world);

}  // namespace plumb::cli
