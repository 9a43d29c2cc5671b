// Which macros a macro calls, as far as its text tells: its depends_on in the manifest.
#pragma once

#include <string>
#include <vector>

#include "project/macro_catalog.h"

namespace plumb::project {

// Unique ids, in the order of first mention. Nothing is parsed: one pass over the text between tags' signs.
std::vector<std::string> find_macro_calls(const MacroCatalog& catalog, const CatalogMacro& macro);

}  // namespace plumb::project
