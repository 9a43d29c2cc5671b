// The entries of `data_tests:`, whose spellings are many.
#pragma once

#include <vector>

#include "project/properties.h"

namespace plumb::project {

// Of a model, column, table, seed or snapshot: its `data_tests:` or, the older word, `tests:`.
std::vector<TestUse> read_test_uses(const YamlNode& owner);
bool has_test_uses(const YamlNode& owner);

}  // namespace plumb::project
