// JSON in columns: values written as JSON, and JSON read into a column of any type. Private to the room.
#pragma once

#include <string>
#include <string_view>

#include "data/batch.h"

namespace plumb::data {

// True when the text is exactly one JSON value (RFC 8259) in valid UTF-8, nested at most 1,000 deep.
bool valid_json(std::string_view text);
// Appends one JSON value: lists, structs field by field (a missing one is null), texts and numbers as parse_text reads
// them, null. False, with nothing appended, when the text is no JSON or does not fit the type; a key that the struct
// lacks does not fit.
bool parse_json_text(std::string_view text, ColumnBuilder& builder);
// The text as a JSON string, quotes included.
void append_json_string(std::string_view text, std::string& out);

}  // namespace plumb::data
