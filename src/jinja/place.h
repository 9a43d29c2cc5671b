// A position in a template as a place in the user's file, with the line that the caret stands under.
#pragma once

#include <string_view>

#include "base/error.h"
#include "jinja/tree.h"

namespace plumb::jinja {

// Of a very long line only the part around the column is kept.
Place find_place(std::string_view file, std::string_view source, Position at);
// The same when the source is a part of the file that begins there.
Place move_place(Place place, Position begin);
Error move_place(const Error& error, Position begin);

}  // namespace plumb::jinja
