// The manifest: everything a dbt project consists of, parsed and linked.
//
// Nodes are plain structs; what dbt leaves open (config, meta, arguments of tests) are Values of the template language,
// because templates read and write them. `manifest_entry` makes of a node the dict that dbt prints into manifest.json
// and hands to templates as `model` and `graph.nodes[…]`: one projection for both.
//
// A Manifest is built by load_manifest (project.h) and never changes afterwards; any thread may read it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/jinja.h"

namespace plumb::project {

enum class ResourceType : std::uint8_t {
  Model,
  Seed,
  Snapshot,
  Test,
  Analysis,
  Operation,
  UnitTest,
  Source,
  Exposure,
  Metric,
  SemanticModel,
  SavedQuery,
  Function,
  Group,
  Macro,
  Doc,
};
std::string_view to_string(ResourceType type);
std::optional<ResourceType> find_resource_type(std::string_view word);

// {{ ref('package', 'name', v=2) }} as it was written.
struct RefCall {
  std::string package;  // empty: not said
  std::string name;
  jinja::Value version = jinja::Value::none();
  bool operator==(const RefCall& other) const;
};
struct SourceCall {
  std::string source, table;
  bool operator==(const SourceCall&) const = default;
};

// Where a piece of text stands in the user's files: for messages, and to turn a template's line into a file's.
struct Origin {
  std::string package;
  std::string path;          // relative to its package's folder: "models/staging/stg_orders.sql"
  std::string path_in_root;  // relative to the resource folder: "staging/stg_orders.sql"
  int line = 1;              // where the text begins
  int column = 1;
};

struct Column {
  std::string name, description;
  jinja::Value data_type = jinja::Value::none();
  jinja::Value meta, constraints, quote = jinja::Value::none(), config, tags, granularity = jinja::Value::none();
  jinja::Value extra;  // a dict of further keys; undefined: none
  std::vector<std::string> doc_blocks;
};

// "1", "1.5", "blue": a version as names and messages have it.
std::string version_text(const jinja::Value& version);

// What depends on what, by unique id, in the order of first mention.
struct DependsOn {
  std::vector<std::string> macros, nodes;
};

struct TestMetadata {
  std::string name;        // "not_null"
  jinja::Value arguments;  // kwargs as written: a dict
  std::string package;     // namespace: "dbt_utils"; empty: none
  std::string group;       // of what it tests; empty: none
};

// A model, seed, snapshot, test, analysis, operation or function; and, with the fields that apply, a unit test.
struct Node {
  ResourceType type = ResourceType::Model;
  std::string unique_id, name, package;
  Origin origin;
  std::vector<std::string> fqn;
  std::string language = "sql";
  std::string raw_code;
  std::string checksum_name = "sha256", checksum;  // of the file; of a generic test: "none" and empty
  jinja::Ref<jinja::Dict> config;                  // complete: defaults, dbt_project.yml, properties, in-file config()
  jinja::Ref<jinja::Dict> unrendered_config;
  std::string database, schema, alias, relation_name;  // relation_name: quoted, empty for what has no relation
  std::string description;
  std::vector<std::string> doc_blocks;
  std::vector<Column> columns;
  std::optional<Origin> patch;  // the properties file that speaks of it
  std::vector<RefCall> refs;
  std::vector<SourceCall> sources;
  std::vector<std::vector<std::string>> metrics, functions;
  DependsOn depends_on;
  std::vector<std::string> tag_list;  // its own and those of its configuration
  bool enabled = true;
  // Models
  jinja::Value version = jinja::Value::none(), latest_version = jinja::Value::none();
  jinja::Value constraints, deprecation_date = jinja::Value::none();
  jinja::Value contract_checksum = jinja::Value::none(), time_spine = jinja::Value::none();
  std::vector<std::string> primary_key;
  // Generic tests
  std::optional<TestMetadata> test;
  std::string column_name, file_key_name, attached_node;
  // Unit tests
  jinja::Value given, expect, overrides, versions;
  std::string unit_model;
  // Functions
  jinja::Value arguments, returns;  // [{name, data_type, description, default_value}], {data_type, description}
  std::string root_path;            // of seeds: the folder of their package
  int index = 0;                    // of operations: the place among the hooks
  double created_at = 0;            // seconds since 1970

  // config.x, or null when it is not set.
  const jinja::Value* find_config(std::string_view key) const;
  std::string config_text(std::string_view key, std::string_view fallback = {}) const;
  const std::vector<std::string>& tags() const { return tag_list; }
  std::string group() const { return test ? test->group : config_text("group"); }
  std::string materialized() const { return config_text("materialized", "view"); }
  bool ephemeral() const { return type == ResourceType::Model && materialized() == "ephemeral"; }
};
// "latest_keeps_amounts_v2": of a unit test of a model with versions.
std::string versioned_name(const Node& unit_test);

struct Source {
  std::string unique_id, source_name, name, package, identifier;
  Origin origin;
  std::vector<std::string> fqn;
  std::string database, schema, relation_name, source_description, description, loader;
  jinja::Value loaded_at_field = jinja::Value::none(), loaded_at_query = jinja::Value::none();
  jinja::Value freshness = jinja::Value::none(), quoting, external = jinja::Value::none();
  jinja::Value meta, source_meta, tags, unrendered_database = jinja::Value::none(), unrendered_schema;
  jinja::Ref<jinja::Dict> config, unrendered_config;
  std::vector<Column> columns;
  std::vector<std::string> doc_blocks;
  bool enabled = true;
  double created_at = 0;
};

// Exposures, groups, metrics, semantic models, saved queries: read, checked, linked and written, but nothing
// is built from them. `body` is the entry as dbt prints it, without what is below.
struct Other {
  ResourceType type = ResourceType::Exposure;
  std::string unique_id, name, package;
  Origin origin;
  std::vector<std::string> fqn;
  std::vector<RefCall> refs;
  std::vector<SourceCall> sources;
  std::vector<std::vector<std::string>> metrics;
  DependsOn depends_on;
  jinja::Ref<jinja::Dict> body;
  bool enabled = true;
  double created_at = 0;
};

struct MacroArgument {
  std::string name, type, description;
};
struct Macro {
  std::string unique_id, name, package;  // the name with dbt's prefixes: "test_not_null", "materialization_view_duckdb"
  Origin origin;                         // line and column of its tag
  std::string code;                      // from {% macro to endmacro %}
  DependsOn depends_on;
  std::string description;
  jinja::Value meta, docs, config;
  std::vector<MacroArgument> arguments;
  std::optional<Origin> patch;
  jinja::Value supported_languages = jinja::Value::none();
  double created_at = 0;
};

struct Doc {
  std::string unique_id, name, package, text;
  Origin origin;
};

class MacroCatalog;

struct Manifest {
  // In the order that dbt lists them; found by unique id in the index below.
  std::vector<Node> nodes;
  std::vector<Source> sources;
  std::vector<Macro> macros;
  std::vector<Doc> docs;
  std::vector<Other> others;
  std::vector<Node> disabled_nodes;
  std::vector<Source> disabled_sources;
  std::vector<Other> disabled_others;
  // Who needs whom, and who is needed by whom, by unique id; every enabled node, source, exposure, … has an entry.
  std::map<std::string, std::vector<std::string>, std::less<>> parents, children;
  // Which macro a name means, and how to call it: macro_catalog.h.
  std::shared_ptr<const MacroCatalog> catalog;

  const Node* find_node(std::string_view unique_id) const;
  const Source* find_source(std::string_view unique_id) const;
  const Macro* find_macro(std::string_view unique_id) const;
  const Other* find_other(std::string_view unique_id) const;
  // Builds what the find_ functions use; call it when the lists are complete.
  void index();

 private:
  struct Place {
    ResourceType type;
    std::size_t position;
  };
  std::map<std::string, Place, std::less<>> places_;
};

// The dict that dbt would print, in its order of keys.
jinja::Value manifest_entry(const Node& node);
jinja::Value manifest_entry(const Source& source);
jinja::Value manifest_entry(const Other& other);
jinja::Value manifest_entry(const Macro& macro);
jinja::Value manifest_entry(const Doc& doc);

// What manifest.json says of the run that wrote it.
struct ManifestMetadata {
  std::string dbt_version, generated_at, invocation_id, invocation_started_at, run_started_at, project_name, project_id,
      adapter_type;
  jinja::Value env, quoting, selectors;
  // What a node was compiled to, as keys that go over its own: compiled_code and its kin. Empty: nothing was compiled.
  // Asked by two threads at a time.
  std::function<void(const Node& node, jinja::Dict& entry)> add_compiled = {};
};
// The whole of manifest.json, version 12: https://schemas.getdbt.com/dbt/manifest/v12.json
std::string manifest_json(const Manifest& manifest, const ManifestMetadata& metadata);
// The same in pieces of about a megabyte: that of a large project is long.
using WritePiece = std::function<void(std::string_view piece)>;
void write_manifest(const Manifest& manifest, const ManifestMetadata& metadata, const WritePiece& write);
// A value as JSON, added to `out`.
void append_json(std::string& out, const jinja::Value& value);

}  // namespace plumb::project
