#include "jinja/filters.h"

namespace plumb::jinja {

const Library& builtin_filters() {
  static const Library kAll = [] {
    Library all;
    for (auto table : {text_filters(), layout_filters(), number_filters(), sequence_filters(), order_filters(),
                       selection_filters(), html_filters()}) {
      for (const LibraryFunction& filter : table) all.emplace(filter.name, filter.function);
    }
    return all;
  }();
  return kAll;
}

}  // namespace plumb::jinja
