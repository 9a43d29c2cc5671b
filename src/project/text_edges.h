// Where a text begins and ends once Python's str.strip() has been at it.
#pragma once

#include <cstddef>
#include <string_view>

namespace plumb::project {

struct TextEdges {
  std::size_t begin = 0, end = 0;
};
TextEdges find_edges(std::string_view text);
std::string_view strip(std::string_view text);

}  // namespace plumb::project
