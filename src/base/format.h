// Text formatting for the house: plumb::format("{} rows", n). GCC 12 has no std::format; this is {fmt}, named once.
// For sources only: no door includes it, so that users of the library need no {fmt}.
#pragma once

#include <fmt/format.h>

namespace plumb {
using fmt::format;
using fmt::format_to;
}  // namespace plumb
