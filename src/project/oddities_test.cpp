// What is odd in a project, and what becomes of the warning.
#include <gtest/gtest.h>

#include "base/file.h"
#include "project/project.h"

namespace plumb::project {
namespace {

class Oddities : public testing::Test {
 protected:
  Oddities() {
    write("dbt_project.yml", "name: shop\nprofile: shop\n");
    write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n");
    write("models/a.sql", "select 1 as id");
  }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    write_file(folder_.path() / path, text);
  }
  // "EVENT file:line", a line each.
  std::string warnings() {
    auto settings = load_settings(folder_.path(), config::Environment(), {});
    found_ = load_manifest(settings).warnings;
    std::string text;
    for (const Warning& warning : found_) {
      text += warning.name;
      if (warning.place.known()) text += " " + warning.place.file + ":" + std::to_string(warning.place.line);
      text += "\n";
    }
    return text;
  }
  TemporaryFolder folder_;
  std::vector<Warning> found_;
};

TEST_F(Oddities, APlainProjectHasNone) {
  EXPECT_EQ(warnings(), "");
}

TEST_F(Oddities, PatchesWithoutTheirNodes) {
  write("models/m.yml", "models:\n- name: nobody\nseeds:\n- name: noseed\n");
  write("macros/m.yml", "macros:\n- name: ghost\n");
  EXPECT_EQ(warnings(),
            "MacroNotFoundForPatch macros/m.yml:2\nNoNodeForYamlKey models/m.yml:2\nNoNodeForYamlKey models/m.yml:4\n");
  EXPECT_EQ(found_[1].message,
            "Did not find matching node for patch with name 'nobody' in the 'models' section of file 'models/m.yml'");
}

TEST_F(Oddities, ConfigurationThatNothingHas) {
  write("models/sub/b.sql", "select 1 as id");
  write("dbt_project.yml", R"(name: shop
profile: shop
models:
  +persist_docs: {relation: true}
  shop: {+materialized: view, sub: {+tags: x, deep: {+tags: y}}, meta: {a: 1}}
  other: {+materialized: view}
seeds: {shop: {ghost: {quote_columns: true}}}
)");
  EXPECT_EQ(warnings(), "UnusedResourceConfigPath dbt_project.yml:1\n");
  EXPECT_EQ(found_[0].message,
            "Configuration paths exist in your dbt_project.yml file which do not apply to any resources.\n"
            "There are 3 unused configuration paths:\n- models.shop.sub.deep\n- models.other\n- seeds.shop.ghost");
}

TEST_F(Oddities, ModelsThatArePastTheirTime) {
  write("models/old.sql", "select 1 as id");
  write("models/user.sql", "select * from {{ ref('old') }}");
  write("models/m.yml", "models: [{name: old, deprecation_date: 2025-01-01}]\n");
  EXPECT_EQ(warnings(), "DeprecatedModel models/old.sql:1\nDeprecatedReference models/user.sql:1\n");
  write("models/m.yml", "models: [{name: old, deprecation_date: 2999-01-01}]\n");
  EXPECT_EQ(warnings(), "UpcomingReferenceDeprecation models/user.sql:1\n");
}

TEST_F(Oddities, WhatAViewWillNotKeep) {
  write("models/m.yml", R"(models:
- name: a
  config: {contract: {enforced: true}}
  columns: [{name: id, data_type: int, constraints: [{type: not_null}]}]
)");
  EXPECT_EQ(warnings(), "UnsupportedConstraintMaterialization models/a.sql:1\n");
}

TEST_F(Oddities, BatchesThatReadEverything) {
  std::string batches =
      "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='d', batch_size='day', "
      "begin='2026-01-01') }} select * from {{ ref('a') }}";
  write("models/b.sql", batches);
  EXPECT_EQ(warnings(), "MicrobatchModelNoEventTimeInputs models/b.sql:1\n");
  write("models/a.sql", "{{ config(event_time='d') }} select 1 as id");
  EXPECT_EQ(warnings(), "");
}

TEST_F(Oddities, NamesTestsAndMacrosOfOldProjects) {
  write("macros/odd.sql", "{% macro m() %}{% endmacro %}\n{% endmacro %}\n");
  write("models/it.sql", "select {{ modules.itertools.chain([1], [2]) | list | length }}");
  write("models/m.yml", R"(models:
- name: a
  columns: [{name: id, data_tests: [{accepted_values: {values: [1]}}]}]
exposures:
- {name: my expo, type: dashboard, owner: {email: a@b.c}}
)");
  EXPECT_EQ(warnings(),
            "MissingArgumentsPropertyInGenericTestDeprecation models/m.yml:3\n"
            "UnexpectedJinjaBlockDeprecation macros/odd.sql:2\nModulesItertoolsUsageDeprecation models/it.sql:1\n"
            "ExposureNameDeprecation models/m.yml:5\n");
  write("models/with space.sql", "select 1 as id");
  EXPECT_THROW(warnings(), Error);
  write("dbt_project.yml", "name: shop\nprofile: shop\nflags: {require_resource_names_without_spaces: false}\n");
  EXPECT_NE(warnings().find("ResourceNamesWithSpacesDeprecation"), std::string::npos);
}

TEST(WarningPolicy, NamesCountBeforeKindsAndKindsBeforeAll) {
  auto verdict = [](const jinja::Value& options, std::string_view name) {
    auto found = WarningPolicy(jinja::Value::dict({{"WARN_ERROR_OPTIONS", options}})).of(name);
    return found == WarningPolicy::Verdict::Tell    ? "tell"
           : found == WarningPolicy::Verdict::Error ? "error"
                                                    : "silence";
  };
  using jinja::Value;
  Value options = Value::dict({{"error", "all"},
                               {"warn", Value::list({"Deprecations", "UnusedTables"})},
                               {"silence", Value::list({"NothingToDo"})}});
  EXPECT_EQ(verdict(options, "NoNodeForYamlKey"), std::string("error"));
  EXPECT_EQ(verdict(options, "UnusedTables"), std::string("tell"));
  EXPECT_EQ(verdict(options, "NothingToDo"), std::string("silence"));
  EXPECT_EQ(verdict(options, "ExposureNameDeprecation"), std::string("tell"));
  EXPECT_EQ(verdict(Value::dict({{"error", Value::list({"Deprecations"})}}), "ExposureNameDeprecation"),
            std::string("error"));
  EXPECT_THROW(verdict(Value::dict({{"error", Value::list({"Sunshine"})}}), "NothingToDo"), Error);
}

TEST(WarningPolicy, OfAKindOfDeprecationsTheFirstIsToldAndTheRestCounted) {
  WarningPolicy policy(jinja::Value::dict());
  std::vector<Warning> warnings{
      {"ExposureNameDeprecation", "a", {}}, {"ExposureNameDeprecation", "b", {}}, {"UnusedTables", "c", {}}};
  auto told = judge(policy, warnings, false);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[1].message, "c");
  EXPECT_EQ(told[2].message,
            "Deprecated functionality\nSummary of encountered deprecations:\n- ExposureNameDeprecation: 2 occurrences\n"
            "To see each of them, say --show-all-deprecations.");
  EXPECT_EQ(judge(policy, warnings, true).size(), 3u);
}

}  // namespace
}  // namespace plumb::project
