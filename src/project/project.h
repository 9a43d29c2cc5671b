// A dbt project on disk, read into a Manifest. No database is needed.
//
//     ProjectSettings settings = load_settings(folder, environment, {.vars = …, .target = …});
//     Manifest manifest = load_manifest(settings);
//     for (const Node& node : manifest.nodes) …
//
// How it flows: dbt_project.yml and profiles.yml (settings.h) name folders and packages; files.cpp finds the files of
// the project and its packages; blocks.cpp cuts macros, tests, snapshots and docs out of them; properties.cpp reads the
// YAML beside them; node_config.cpp lays configurations over each other as dbt does; parse.cpp renders each node once,
// with a context (parse_context.cpp) in which ref(), source() and config() only take notes; links.cpp resolves what
// they noted, and finds cycles. selection.h picks nodes by dbt's grammar.
//
// Everything that is wrong in the user's files is an Error of kind Config with file, line, column and a hint. What dbt
// only warns of comes as a list of warnings.
//
// The measure is dbt-core 1.11; docs/compatibility.md lists differences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "project/install_packages.h"
#include "project/manifest.h"
#include "project/manifest_reader.h"
#include "project/modules.h"
#include "project/selection.h"
#include "project/settings.h"
#include "project/templates.h"
#include "project/warning.h"

namespace plumb::project {

struct LoadResult {
  Manifest manifest;
  std::vector<Warning> warnings;
};
LoadResult load_manifest(const ProjectSettings& settings);

}  // namespace plumb::project
