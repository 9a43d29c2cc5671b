// What the parsers of nodes share while a project becomes a Manifest (load_manifest.cpp has the order of things).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "project/bench.h"
#include "project/docs.h"
#include "project/project.h"
#include "project/properties.h"

namespace plumb::project {

struct LoadedProperties {
  const SourceFile* file = nullptr;
  PropertyFile content;
};
struct LoadedPackage {
  const PackageSettings* settings = nullptr;
  PackageFiles files{{}};
  std::deque<LoadedProperties> properties;
};

// What a property file says of a resource; of a model's version, that version too.
struct FoundPatch {
  const Patch* patch = nullptr;
  const LoadedProperties* from = nullptr;
  const VersionPatch* version = nullptr;
  mutable bool used = false;
};

// Patches by type, package and name. Versions of models are found by the names of their files.
class PatchIndex {
 public:
  void add(const LoadedPackage& package, const LoadedProperties& properties);
  // A patch that is found has met its node, unless it is only looked at.
  const FoundPatch* find(ResourceType type, std::string_view package, std::string_view name,
                         bool only_look = false) const;
  const std::map<std::string, FoundPatch, std::less<>>& all() const { return patches_; }

 private:
  void add(const LoadedPackage& package, std::string_view name, FoundPatch found);
  std::map<std::string, FoundPatch, std::less<>> patches_;
};

struct Parse {
  explicit Parse(const ProjectSettings& of);
  const ProjectSettings& settings;
  Manifest manifest;
  std::vector<Warning> warnings;
  std::shared_ptr<MacroCatalog> catalog;
  std::unique_ptr<Bench> bench, second_bench;  // the second one when there is much to do
  std::deque<LoadedPackage> packages;          // the root first
  Docs docs;
  PatchIndex patches;
  double now = 0;
  std::unordered_set<std::string> claimed;  // the unique ids of what is enabled
};

// ---- parse_nodes.cpp
void parse_models(Parse& parse, const LoadedPackage& package);
void parse_seeds(Parse& parse, const LoadedPackage& package);
void parse_snapshots(Parse& parse, const LoadedPackage& package);
void parse_analyses(Parse& parse, const LoadedPackage& package);
void parse_functions(Parse& parse, const LoadedPackage& package);
void parse_singular_tests(Parse& parse, const LoadedPackage& package);
void parse_hooks(Parse& parse, const PackageSettings& package);
// ---- parse_generic_tests.cpp
// What has the entry's name and is of another kind than the entry's section; nothing where the section has it.
std::optional<std::string> find_elsewhere(const Parse& parse, const Patch& patch, std::string_view package);
void parse_generic_tests(Parse& parse, const LoadedPackage& package);
// ---- source_overrides.cpp
void override_sources(Parse& parse);
// ---- parse_sources.cpp
void parse_sources(Parse& parse, const LoadedPackage& package);
// ---- parse_others.cpp: exposures, groups, metrics, semantic models, saved queries
void parse_others(Parse& parse, const LoadedPackage& package);
// ---- parse_unit_tests.cpp
void parse_unit_tests(Parse& parse, const LoadedPackage& package);
// ---- parse_python.cpp: the dbt.ref(…), dbt.source(…) and dbt.config(…) of a Python model
// As a template that makes the same calls.
std::string python_calls(std::string_view code);

// ---- finish_node.cpp
// A node with what all have in common.
Node begin_node(const Parse& parse, ResourceType type, const SourceFile& file, std::string_view name);
// Renders the node's text, lays its configurations over each other and names its relation.
Node settle_node(Parse& parse, Bench& bench, Node node, const FoundPatch* patch,
                 const jinja::Ref<jinja::Dict>& extra_calls = {});
// Puts it among the manifest's nodes or the disabled ones.
void place_node(Parse& parse, Node&& node);
// Both, for those that are few.
void finish_node(Parse& parse, Node&& node, const FoundPatch* patch, const jinja::Ref<jinja::Dict>& extra_calls = {});
// Where an entry of a property file stands.
Origin origin_of(const LoadedProperties& properties, const YamlNode& entry);
// The package, the folders that the file lies in ("staging/orders/x.sql": "staging", "orders"), and the names.
std::vector<std::string> fqn_of(const SourceFile& file, std::initializer_list<std::string_view> names);
// What the patch's `config:` says with the keys beside it (meta, docs, tags, access, group), rendered and as written.
jinja::Ref<jinja::Dict> patch_config(const FoundPatch& found);
jinja::Ref<jinja::Dict> unrendered_patch_config(const FoundPatch& found);
// The columns that it names; of a version those of the model that it includes, and its own.
std::vector<ColumnPatch> columns_of(const FoundPatch& found);
// Of tests: store_failures and store_failures_as say one thing in two ways.
void settle_test(Node& node);
std::vector<Column> read_columns(Parse& parse, std::string_view package, const std::vector<ColumnPatch>& patches);
// Model- and column-level constraints with all of dbt's keys.
jinja::Value read_constraints(const jinja::Value& constraints, bool of_model);

// Python's str() of a plain value: names of tests are made of it.
std::string python_text(const jinja::Value& value);
std::string python_repr(const jinja::Value& value);

// ---- bench.cpp: passes on what templates said
void say(Parse& parse, const std::vector<Said>& said);

// ---- claim.cpp: what can't be there twice, before it is put into the manifest
void claim(Parse& parse, const Node& node);
void claim(Parse& parse, const Source& source);
void claim(Parse& parse, const Other& other);
// Two models that would be one table; and a warning for a model and a seed of one name.
void expect_own_relations(Parse& parse);

// ---- primary_key.cpp: `tests` are those of the model, disabled ones too
std::vector<std::string> find_primary_key(const Node& node, const std::vector<const Node*>& tests);
// ---- oddities.cpp: warnings about the whole, once it is indexed
void warn_of_oddities(Parse& parse);
// ---- cycles.cpp: nodes that wait for each other
void expect_no_cycles(const Manifest& manifest);
// ---- semantic_links.cpp
void link_semantics(Manifest& manifest);
// ---- links.cpp
void link(Parse& parse);

}  // namespace plumb::project
