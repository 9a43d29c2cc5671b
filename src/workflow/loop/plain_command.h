// Commands that need no shell: plain words, the first a program. Starting a shell costs three times what starting such
// a program does, so the program is started itself, with what the shell would have made of the words: itself. GNU make
// does the same.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb::workflow {

// The program's path-to-be-looked-up and its arguments, as bash would start them in this folder with these variables;
// empty when bash might do anything else: quotes, variables, patterns, its own words, functions that come by the
// environment, a script without "#!", a program that isn't there.
std::vector<std::string> plain_words(std::string_view command, const std::filesystem::path& folder,
                                     const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace plumb::workflow
