// The artifacts of another run, which --state (or DBT_STATE) names: what is compared with, and deferred to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "project/project.h"

namespace plumb::cli {

// Empty where none is named.
std::filesystem::path state_folder(const project::ProjectSettings& settings, const std::string& said);
// Throws Error(Usage) when there is none.
project::Manifest load_state_manifest(const std::filesystem::path& folder);
// What the methods state:, result: and source_status: of a selection look at. `previous` may be null.
project::SelectionContext selection_context(const project::ProjectSettings& settings, const project::Manifest* previous,
                                            const std::filesystem::path& folder);

}  // namespace plumb::cli
