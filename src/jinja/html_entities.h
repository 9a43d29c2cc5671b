// The named character references of HTML 5, all 2231.
#pragma once

#include <string_view>

namespace plumb::jinja {

// What "&name;" stands for, or "&name" where `with_semicolon` is false, which HTML allows for 106 old names. Empty for
// a name that is none.
std::string_view find_html_entity(std::string_view name, bool with_semicolon);

}  // namespace plumb::jinja
