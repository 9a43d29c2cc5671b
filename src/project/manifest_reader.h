// A manifest.json, ours or dbt's, as a Manifest: for --state and --defer.
//
// What is compared and what is deferred to is read: names, places, code, configuration, relations, edges, macros. Docs,
// disabled nodes and what only documentation shows are not.
#pragma once

#include "base/document.h"
#include "project/manifest.h"

namespace plumb::project {

// Throws Error(Data) with the place for what is no manifest of version 12 (or near it).
Manifest read_manifest(const Document& file);

}  // namespace plumb::project
