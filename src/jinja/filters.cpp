#include "jinja/filters.h"

#include <vector>

namespace plumb::jinja {

std::span<const LibraryFunction> builtin_filters() {
  static const std::vector<LibraryFunction> kAll = [] {
    std::vector<LibraryFunction> all;
    for (auto table : {text_filters(), layout_filters(), number_filters(), sequence_filters(), order_filters(),
                       selection_filters(), html_filters()}) {
      all.insert(all.end(), table.begin(), table.end());
    }
    return all;
  }();
  return kAll;
}

}  // namespace plumb::jinja
