// Patterns of names and paths.
#pragma once

#include <string_view>

namespace plumb::project {

// Python's fnmatch: * crosses "/", ?, [abc], [!abc]. The whole name has to match.
bool matches_glob(std::string_view pattern, std::string_view name);
// As in git's ignore files: * and ? stay within a folder, ** crosses folders; a backslash escapes.
bool matches_path_glob(std::string_view pattern, std::string_view path);
bool has_glob(std::string_view text);

}  // namespace plumb::project
