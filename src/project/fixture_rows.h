// The rows of unit tests: as they are written, or from files of tests/fixtures.
#pragma once

#include <string_view>

#include "jinja/jinja.h"

namespace plumb::project {

// CSV as Python's csv.DictReader reads it: the first line has the names, {"id": "1"}, all of it text, and empty fields
// are None. Lines that are too short end in None, what is too long is dropped.
jinja::Value read_fixture_csv(std::string_view text);

}  // namespace plumb::project
