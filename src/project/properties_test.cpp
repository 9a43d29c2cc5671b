#include "project/properties.h"

#include <gtest/gtest.h>

#include "base/format.h"

namespace plumb::project {
namespace {

using jinja::Value;

class Properties : public ::testing::Test {
 protected:
  PropertyFile read(std::string text) {
    SourceFile file{.kind = FileKind::Properties, .package = "home", .path = "models/s.yml", .text = std::move(text)};
    return read_properties(file, renderer_, warnings_);
  }
  std::string complaint(std::string text) {
    try {
      read(std::move(text));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  config::Environment environment_{{{"DB", "lake"}}};
  ConfigRenderer renderer_{environment_, Value::dict({{"schema", "raw"}}), ConfigRenderer::Secrets::Refused};
  std::vector<Warning> warnings_;
};

std::string_view text_of(const jinja::Ref<jinja::Dict>& dict, std::string_view key) {
  const Value* value = dict ? dict->find(key) : nullptr;
  return value && value->is_string() ? value->as_string() : "<none>";
}

TEST_F(Properties, AModelIsARecordThatKnowsItsPlace) {
  PropertyFile file = read(
      "version: 2\nmodels:\n  - name: orders\n    description: \"{{ doc('orders') }}\"\n    config: {materialized: "
      "table}\n"
      "    columns:\n      - name: id\n        data_type: int\n        policy_tags: [a]\n");
  const Patch& orders = file.patches.at(0);
  EXPECT_EQ(orders.name, "orders");
  EXPECT_EQ(orders.description, "{{ doc('orders') }}");
  EXPECT_EQ(orders.config.as_dict().find("materialized")->as_string(), "table");
  EXPECT_TRUE(orders.meta.is_undefined());
  EXPECT_EQ(orders.columns.at(0).data_type.as_string(), "int");
  EXPECT_EQ(orders.columns.at(0).extra.as_dict().size(), 1u);
  EXPECT_EQ(orders.columns.at(0).node.place().line, 7);
}

TEST_F(Properties, EverySpellingOfATestIsTheSameRecord) {
  PropertyFile file = read(
      "models:\n- name: m\n  columns:\n  - name: c\n    tests:\n    - not_null\n    - dbt_utils.in_range: {min: '{{ 1 "
      "}}', "
      "severity: warn}\n    - accepted_values:\n        name: states\n        description: which\n        arguments: "
      "{values: open}\n        config: {where: x > 1}\n    - test_name: unique\n      name: mine\n");
  const std::vector<TestUse>& tests = file.patches.at(0).columns.at(0).tests;
  ASSERT_EQ(tests.size(), 4u);
  EXPECT_EQ(tests[0].name, "not_null");
  EXPECT_FALSE(tests[0].arguments);
  EXPECT_EQ(tests[1].package + "|" + tests[1].name, "dbt_utils|in_range");
  EXPECT_EQ(text_of(tests[1].arguments, "min"), "{{ 1 }}");
  EXPECT_EQ(text_of(tests[1].config, "severity"), "warn");
  EXPECT_EQ(tests[2].given_name + "|" + tests[2].description, "states|which");
  EXPECT_EQ(text_of(tests[2].arguments, "values"), "open");
  EXPECT_EQ(text_of(tests[2].config, "where"), "x > 1");
  EXPECT_EQ(tests[3].name + "|" + tests[3].given_name, "unique|mine");
}

TEST_F(Properties, VersionsPickColumnsAndAddTheirOwn) {
  PropertyFile file = read(
      "models:\n- name: m\n  latest_version: 2\n  versions:\n  - v: 1\n    defined_in: old\n  - v: 2\n    columns:\n   "
      " - "
      "{include: all, exclude: [a]}\n    - {name: b}\n");
  const std::vector<VersionPatch>& versions = file.patches.at(0).versions;
  EXPECT_EQ(versions.at(0).defined_in, "old");
  EXPECT_FALSE(versions.at(0).has_columns);
  EXPECT_EQ(versions.at(1).include.as_string(), "all");
  EXPECT_EQ(versions.at(1).exclude.items().size(), 1u);
  EXPECT_EQ(versions.at(1).columns.at(0).name, "b");
}

TEST_F(Properties, SourcesAreRenderedAndRememberWhatWasWritten) {
  PropertyFile file = read(
      "sources:\n- name: s\n  database: \"{{ env_var('DB') }}\"\n  schema: \"{{ var('schema') }}\"\n  tables:\n  - "
      "name: "
      "t\n    freshness: null\n");
  const SourcePatch& source = file.sources.at(0);
  EXPECT_EQ(source.database.as_string(), "lake");
  EXPECT_EQ(source.schema.as_string(), "raw");
  EXPECT_EQ(source.unrendered_schema.as_string(), "{{ var('schema') }}");
  EXPECT_TRUE(source.freshness.is_undefined());
  EXPECT_TRUE(source.tables.at(0).freshness.is_none());
}

TEST_F(Properties, AMetricsFilterIsLeftAsItIs) {
  PropertyFile file =
      read("metrics:\n- name: m\n  filter: \"{{ Dimension('a') }}\"\nexposures:\n- {name: e, url: \"{{ 'u' }}\"}\n");
  EXPECT_EQ(text_of(file.others.at(0).body, "filter"), "{{ Dimension('a') }}");
  EXPECT_EQ(text_of(file.others.at(1).body, "url"), "u");
}

TEST_F(Properties, FaultsAreToldInDbtsWordsWithTheirPlace) {
  EXPECT_EQ(complaint("models: {name: m}"),
            "models/s.yml:1:9: The schema file at models/s.yml is invalid because the value of 'models' is not a list");
  EXPECT_EQ(complaint("models:\n- m"),
            "models/s.yml:2:3: The schema file at models/s.yml is invalid because a list element for 'models' is not a "
            "dictionary");
  EXPECT_EQ(complaint("models:\n- description: x"),
            "models/s.yml:2:3: The schema file at models/s.yml is invalid because a list element for 'models' does not "
            "have a name attribute.");
  EXPECT_EQ(
      complaint("models: [{name: 3}]"),
      "models/s.yml:1:17: Invalid models config given in models/s.yml @ models: at path ['name']: 3 is not of type "
      "'string'");
  EXPECT_EQ(complaint("models: [{name: m, tests: [a], data_tests: [b]}]"),
            "models/s.yml:1:27: Invalid test config: cannot have both 'tests' and 'data_tests' defined");
  EXPECT_EQ(complaint("models: [{name: m, config: {alias: \"{{ env_var('NOPE') }}\"}}]"),
            "models/s.yml:1:36: Env var required but not provided: 'NOPE'");
  EXPECT_EQ(complaint("models:\n  - name: m\n   description: x").substr(0, 18), "models/s.yml:3:4: ");
}

TEST_F(Properties, UnknownKeysAreWarnedOf) {
  read("modells: []\nmodels:\n- {name: m, descripton: x}\n");
  ASSERT_EQ(warnings_.size(), 2u);
  EXPECT_EQ(warnings_[0].message, "Unexpected top-level key modells in file `models/s.yml`: did you mean 'models'?");
  EXPECT_EQ(warnings_[1].message,
            "Custom key `descripton` found in `models` in file `models/s.yml`. Did you mean 'description'?");
  EXPECT_EQ(warnings_[1].place.line, 3);
}

}  // namespace
}  // namespace plumb::project
