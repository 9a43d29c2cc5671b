// dbt's node selection: --select, --exclude, --selector.
//
//     auto ids = select_nodes(manifest, {.select = {"tag:daily+", "path:models/marts,config.materialized:table"}}, …);
//
// The grammar: methods (tag, fqn, path, file, package, config.*, resource_type, test_type, test_name, source, exposure,
// metric, group, access, version, state, result, source_status, unit_test, …), globs, graph operators (`+x`, `x+`,
// `2+x+3`, `@x`), a blank for union and a comma for intersection. Nothing here needs a database.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "project/manifest.h"

namespace plumb::project {

enum class IndirectSelection : std::uint8_t { Eager, Cautious, Buildable, Empty };

struct Selection {
  std::vector<std::string> select, exclude;  // each as one word of the command line; empty select: everything
  std::vector<std::string> resource_types, exclude_resource_types;
  IndirectSelection indirect = IndirectSelection::Eager;
};

// What selectors by state look at, as far as it is known.
struct SelectionContext {
  const Manifest* previous = nullptr;           // --state
  jinja::Value results = jinja::Value::none();  // run_results.json of the run before
  jinja::Value source_results = jinja::Value::none(), current_source_results = jinja::Value::none();
};

// The unique ids, in the manifest's order. Throws Error(Usage) for an unknown method, with the nearest.
std::set<std::string> select_nodes(const Manifest& manifest, const Selection& selection,
                                   const SelectionContext& context = {});

// selectors.yml: names to selections, with `default: true` and inheritance.
struct NamedSelector {
  std::string name, description;
  bool is_default = false;
  Selection selection;
};
std::vector<NamedSelector> read_selectors(const Document& file);

}  // namespace plumb::project
