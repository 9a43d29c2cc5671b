// Who may start: tasks in the order of their urgency, and those that wait for a place in a pool or of their task. A
// place that comes free wakes those that waited for it, so that nobody is looked at again and again.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "workflow/loop/active_run.h"

namespace plumb::workflow {

// A number of places, and who waits for one.
struct Places {
  int limit = 0;
  int taken = 0;
  int elsewhere = 0;  // taken by other servers on the same store, when that was last asked
  ReadySet parked;

  bool has(int places) const { return taken + elsewhere + places <= limit; }
};

}  // namespace plumb::workflow
