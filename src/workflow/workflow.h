// What runs, when, in which order: definitions, timetables, and the loop that joins the streams.
//
// A Workflow (definition.h) is a file's graph of tasks with a Timetable (timetable.h), the arithmetic of when it falls
// due. The Scheduler (scheduler.h) makes runs of that, turns tasks into processes and engine jobs, and keeps the store.
// Operations (operations.h) is what people do to it. What Plumb itself does in a process of a task's own (a request, a
// command by ssh, a container) is in tasks/tasks.h.
#pragma once

#include "workflow/asset_news.h"   // IWYU pragma: export
#include "workflow/definition.h"   // IWYU pragma: export
#include "workflow/duration.h"     // IWYU pragma: export
#include "workflow/operations.h"   // IWYU pragma: export
#include "workflow/render.h"       // IWYU pragma: export
#include "workflow/scheduler.h"    // IWYU pragma: export
#include "workflow/store_place.h"  // IWYU pragma: export
#include "workflow/tasks/tasks.h"  // IWYU pragma: export
#include "workflow/timetable.h"    // IWYU pragma: export
