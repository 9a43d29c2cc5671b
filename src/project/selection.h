// dbt's node selection: --select, --exclude, --selector.
//
//     Selection selection{.select = {"tag:daily+", "path:models/marts,config.materialized:table"}};
//     for (const std::string& id : select_nodes(manifest, selection, {.root_package = "shop"})) …
//
// The grammar: methods (tag, fqn, path, file, package, config.*, resource_type, test_type, test_name, source, exposure,
// metric, semantic_model, saved_query, unit_test, group, access, version, state, result, source_status), globs, graph
// operators (`+x`, `x+`, `2+x+3`, `@x`), a blank for union and a comma for intersection.
//
// How it flows: selection_spec.cpp makes a tree of the words, selectors.cpp of selectors.yml; selection.cpp walks the
// tree, asks selection_methods.cpp (and selection_state.cpp) for what matches, the graph (selection_graph.h) for
// neighbours, and adds the tests that go with what is chosen. Nothing here needs a database.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "project/config_renderer.h"
#include "project/manifest.h"
#include "project/selection_spec.h"
#include "project/settings.h"
#include "project/warning.h"

namespace plumb::project {

struct Selection {
  std::vector<std::string> select, exclude;  // each as one word of the command line; empty select: everything
  // Of a named selector: instead of select and exclude.
  std::shared_ptr<const SelectionSpec> definition = {};
  // "model", "test", …; "all"; "default": all but analyses. Empty: all.
  std::vector<std::string> resource_types = {}, exclude_resource_types = {};
  IndirectSelection indirect = IndirectSelection::Eager;
};

// What selectors look at beside the manifest, as far as it is known.
struct SelectionContext {
  std::string root_package = {};                // what package:this means
  const Manifest* previous = nullptr;           // --state
  jinja::Value results = jinja::Value::none();  // run_results.json of the run before
  // sources.json of the run before, and the one of now.
  jinja::Value source_results = jinja::Value::none(), current_source_results = jinja::Value::none();
};

// The unique ids. Throws Error(Usage) for an unknown method, with the nearest, and Error(Config) where that stands in
// selectors.yml. What matches nothing is a warning.
std::set<std::string> select_nodes(const Manifest& manifest, const Selection& selection,
                                   const SelectionContext& context = {}, std::vector<Warning>* warnings = nullptr);

// selectors.yml: names to selections, with `default: true` and inheritance (`method: selector`).
struct NamedSelector {
  std::string name, description;
  bool is_default = false;
  Selection selection;
  jinja::Value entry = {};  // what manifest.json says of it, in which every criterion is a dict
};
std::vector<NamedSelector> read_selectors(const Document& file, const ConfigRenderer& renderer);
// Those of the project's folder; none when there is no selectors.yml. The default one stands in for a command line that
// selects and excludes nothing.
std::vector<NamedSelector> load_selectors(const ProjectSettings& settings);
// {name: entry}: what manifest.json has below `selectors`.
jinja::Value selectors_entry(const std::vector<NamedSelector>& selectors);
// Of one definition as it is written, rendered; `known` are those that stand above it.
jinja::Value selector_definition_entry(const jinja::Value& written, const std::vector<NamedSelector>& known);
// Throws Error(Usage) "Could not find selector named x, expected one of [...]".
const NamedSelector& get_selector(const std::vector<NamedSelector>& selectors, std::string_view name);

}  // namespace plumb::project
