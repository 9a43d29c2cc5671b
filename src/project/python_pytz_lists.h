// The lists of pytz: names of zones, and which countries they lie in, from the system's tz database. Read when somebody
// looks into them.
//
// Inside the room; its door is modules.h.
#pragma once

#include "project/python_object.h"

namespace plumb::project::python {

Value all_timezones();
// The zones of the tables of countries, and those of the United States and Canada by their local names.
Value common_timezones();
// country_timezones['de'], country_timezones('de')
Value country_timezones();
Value country_names();

}  // namespace plumb::project::python
