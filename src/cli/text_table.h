// A few rows of text in columns, for eyes.
#pragma once

#include <string>
#include <vector>

namespace plumb::cli {

// Two blanks between columns; what can't be printed is replaced.
std::string text_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

}  // namespace plumb::cli
