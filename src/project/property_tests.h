// The entries of `data_tests:`, whose spellings are many.
#pragma once

#include <vector>

#include "project/properties.h"

namespace plumb::project {

// Of a model, column, table, seed or snapshot: its `data_tests:` or, the older word, `tests:`.
// Texts in their config are rendered; arguments are rendered with the test itself.
std::vector<TestUse> read_test_uses(const YamlNode& owner, const ConfigRenderer& renderer);
bool has_test_uses(const YamlNode& owner);

}  // namespace plumb::project
