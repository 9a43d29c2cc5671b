// Dates as HTTP writes them. (Private to base.)
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plumb {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string format_http_date(std::chrono::sys_seconds time);
// Reads that and the two old forms that RFC 9110 still asks for: "Sunday, 06-Nov-94 08:49:37 GMT" and
// "Sun Nov  6 08:49:37 1994". Empty when the text is no date of the calendar.
std::optional<std::chrono::sys_seconds> find_http_date(std::string_view text);

}  // namespace plumb
