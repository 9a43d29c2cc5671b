// The door of the room: what runs, when, after what.
//
// A definition in workflows/*.yml says which tasks there are and when they fall due; a Timetable (timetable.h) is the
// arithmetic of the latter, and knows neither tasks nor clocks.
#pragma once

#include "workflow/duration.h"
#include "workflow/timetable.h"
