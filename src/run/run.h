// A graph of tasks → outcomes. Knows neither SQL nor cron.
//
// A Graph (graph.h) says what comes after what, and a Progress how far one run of it has come. A Spawner (spawner.h) is
// the small process that starts other programs and leaves no orphans; what they print becomes an attempt's log
// (attempt_log.h). Who decides when a run begins, and what a task is made of, is the room workflow.
#pragma once

#include "run/attempt_log.h"  // IWYU pragma: export
#include "run/graph.h"        // IWYU pragma: export
#include "run/spawner.h"      // IWYU pragma: export
#include "run/states.h"       // IWYU pragma: export
