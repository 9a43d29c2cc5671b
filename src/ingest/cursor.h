// Cursors: where a resource's last load ended, as a value of its column.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "data/data.h"
#include "ingest/destination.h"

namespace plumb::ingest {

// The later of two; a missing one is earliest. Values compare by type: numbers as numbers, times as times, text as
// text.
bool earlier(const Cursor& a, const Cursor& b);
// The greatest value of a column, or empty when there is none.
std::optional<Cursor> greatest(const data::Column& column);
// Raises the cursor of each part, as `parts` names them, to the greatest value that stands beside it.
void raise_parts(std::map<std::string, Cursor>& cursors, const data::Column& parts, const data::Column& values);
// The cursor moved back: times and dates by the duration, integers by its seconds. Throws Error(Config) for text.
Cursor moved_back(const Cursor& cursor, std::chrono::seconds lag);

}  // namespace plumb::ingest
