// The property files (schema.yml and the like) as records that still know their places.
//
//     PropertyFile properties = read_properties(file, renderer);
//     for (const Patch& patch : properties.patches) apply(patch);
//
// Templates in values are rendered here, as dbt does, but for descriptions (doc() is resolved later) and the arguments
// of tests (rendered with the test). What is open by nature (config, meta, arguments) is a Value; a Value that is
// Undefined was not said. `node` fields are the YAML behind a record, for messages: they live as long as the
// PropertyFile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "project/config_renderer.h"
#include "project/files.h"
#include "project/manifest.h"
#include "project/warning.h"

namespace plumb::project {

using YamlNode = plumb::Node;

// One entry of `data_tests:` (or `tests:`).
struct TestUse {
  YamlNode node;
  std::string package, name;     // "dbt_utils", "equality"; package may be empty
  std::string given_name;        // `name: my_own_name`
  std::string description;       // unrendered
  bool loose_arguments = false;  // some stand beside the name
  // As written, in their order, both those beside the name and those below `arguments:`; null when there are none.
  jinja::Ref<jinja::Dict> arguments;
  // `config:` and its keys that stand beside the arguments (severity, where, …); null when there are none.
  jinja::Ref<jinja::Dict> config;
  jinja::Value config_tags;  // those that stand below `config:`; undefined when there are none
};

struct ColumnPatch {
  YamlNode node;
  std::string name, description;
  jinja::Value data_type, quote, granularity, meta, tags, constraints, config, docs;
  jinja::Value dimension, entity;  // of semantic models
  jinja::Value extra;  // a dict of keys that dbt does not know but passes on (policy_tags, …); undefined: none
  std::vector<TestUse> tests;
};

// One entry of `versions:`. `columns` are those it names; `include` and `exclude` (of `- include: all`) pick among the
// model's.
struct VersionPatch {
  YamlNode node;
  jinja::Value version;
  std::string defined_in;
  std::optional<std::string> description;
  jinja::Value config, constraints, docs, access, deprecation_date;
  bool has_columns = false;
  jinja::Value include, exclude;  // "all", "*" or a list of names
  std::vector<ColumnPatch> columns;
  std::optional<std::vector<TestUse>> tests;
};

struct MacroArgumentPatch {
  YamlNode node;
  std::string name, type, description;
};

// What a file says of a model, seed, snapshot, analysis, macro, singular test or function.
struct Patch {
  ResourceType type = ResourceType::Model;
  YamlNode node;
  std::string name, description;
  jinja::Value config, meta, docs, tags, constraints, access, group;
  jinja::Value latest_version, deprecation_date, time_spine, freshness, primary_entity, semantic_model,
      agg_time_dimension, metrics;
  jinja::Value relation;  // of a snapshot written in YAML: its text, "ref('orders')"
  std::vector<ColumnPatch> columns;
  std::vector<TestUse> tests;
  std::vector<VersionPatch> versions;
  std::vector<MacroArgumentPatch> arguments;  // of macros and functions
  jinja::Value body;                          // of functions: the whole entry
};

struct TablePatch {
  YamlNode node;
  std::string name, description;
  jinja::Value identifier, loader, loaded_at_field, loaded_at_query, freshness, quoting, external, meta, tags, config,
      docs;
  std::vector<ColumnPatch> columns;
  std::vector<TestUse> tests;
};
struct SourcePatch {
  YamlNode node;
  std::string name, description, overrides;  // overrides: the package whose source is changed by this
  jinja::Value database, schema, unrendered_database, unrendered_schema;
  jinja::Value loader, loaded_at_field, loaded_at_query, freshness, quoting, meta, tags, config;
  std::vector<TablePatch> tables;
};

struct UnitTestPatch {
  YamlNode node;
  std::string name, model, description;
  jinja::Value given, expect, overrides, versions, config;
};

// Exposures, groups, metrics, semantic models, saved queries.
struct OtherPatch {
  ResourceType type = ResourceType::Exposure;
  YamlNode node;
  std::string name, description;
  jinja::Ref<jinja::Dict> body;  // the whole entry, rendered, description unrendered
};

struct PropertyFile {
  Document document;  // keeps the nodes alive
  std::vector<Patch> patches;
  std::vector<SourcePatch> sources;
  std::vector<UnitTestPatch> unit_tests;
  std::vector<OtherPatch> others;
  std::vector<YamlNode> anchors;  // `anchors:` holds what is named elsewhere; nothing is done with it
};

// Throws Error(Config) in dbt's words, with line and column.
PropertyFile read_properties(const SourceFile& file, const ConfigRenderer& renderer, std::vector<Warning>& warnings);

}  // namespace plumb::project
