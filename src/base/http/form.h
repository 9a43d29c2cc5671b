// Names, targets and fields, as they stand in requests. (Private to base.)
//
// What comes in was written by strangers: nothing here throws, and what can't be decoded stays as it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb {

using FormFields = std::vector<std::pair<std::string, std::string>>;

// Names of headers, methods and codings compare without case, by ASCII.
bool same_name(std::string_view a, std::string_view b);

// The text without blanks and tabs at either end.
std::string_view trim_blanks(std::string_view text);

// "a=x%20y&b=1&c" -> {"a","x y"},{"b","1"},{"c",""}, in order; empty pieces are skipped. "+" is a blank.
FormFields parse_form(std::string_view text);

// What a request asks for. "http://host/a%20b?c=d" (as a proxy gets it) is the same as "/a%20b?c=d".
struct RequestTarget {
  std::string path;  // decoded
  FormFields query;
};
// Empty for a path that a handler could misread: one with a NUL or a line break in it.
std::optional<RequestTarget> find_target(std::string_view target);

// Whether an Accept-Encoding lets us answer in gzip: named (or "*"), and not with the weight 0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace plumb
