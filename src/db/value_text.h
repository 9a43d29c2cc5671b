// Parameters as text, in the canonical form of data/text.h.
#pragma once

#include <string>

#include "db/db.h"

namespace plumb::db {

// The text of a value that is not null: "2026-11-21 07:00:00+00:00", "12.30", "true".
std::string text_of(const Value& value);

}  // namespace plumb::db
