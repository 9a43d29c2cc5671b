// pytz: the zones of the tz database as Python's templates know them.
//
// A pytz zone has one object for each of its offsets: `timezone('Europe/Berlin')` shows the first that ever was (local
// mean time), `localize` gives a datetime the right one, `normalize` puts that right after arithmetic. As pytz does,
// offsets are whole minutes, and the rules end with the year 2037.
//
// Inside the room; its door is modules.h.
#pragma once

#include "project/python_datetime.h"

namespace plumb::project::python {

// The module as a dict.
Value pytz_module();
Ref<ZoneObject> pytz_utc();

}  // namespace plumb::project::python
