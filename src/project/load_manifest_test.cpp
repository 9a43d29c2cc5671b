// A folder in, a manifest out. What is expected is what dbt 1.11 writes; tests/dbt compares whole manifests.
#include <gtest/gtest.h>

#include "base/file.h"
#include "project/macro_catalog.h"
#include "project/project.h"

namespace plumb::project {
namespace {

class LoadManifest : public ::testing::Test {
 protected:
  LoadManifest() {
    write("dbt_project.yml", "name: shop\nprofile: shop\n");
    write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n");
  }
  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    write_file(folder_.path() / path, text);
  }
  Manifest load() {
    auto settings = load_settings(folder_.path(), config::Environment(), {.profiles_folder = folder_.path()});
    LoadResult result = load_manifest(settings);
    warnings_ = std::move(result.warnings);
    return std::move(result.manifest);
  }
  std::string error() {
    try {
      load();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TemporaryFolder folder_;
  std::vector<Warning> warnings_;
};

using Texts = std::vector<std::string>;

TEST_F(LoadManifest, AModelKnowsWhatItRefersToAndCalls) {
  write("macros/m.sql", "{% macro cents(c) %}{{ inner(c) }}{% endmacro %}{% macro inner(c) %}{{ c }}{% endmacro %}");
  write("models/a.sql", "select 1 as id");
  write("models/marts/b.sql", "select {{ cents('id') }} from {{ ref('a') }}");
  Manifest manifest = load();
  const Node* b = manifest.find_node("model.shop.b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->fqn, (Texts{"shop", "marts", "b"}));
  EXPECT_EQ(b->relation_name, R"("shop"."main"."b")");
  EXPECT_EQ(b->depends_on.nodes, Texts{"model.shop.a"});
  EXPECT_EQ(b->depends_on.macros, Texts{"macro.shop.cents"});
  EXPECT_EQ(manifest.find_macro("macro.shop.cents")->depends_on.macros, Texts{"macro.shop.inner"});
  EXPECT_EQ(manifest.children.at("model.shop.a"), Texts{"model.shop.b"});
}

TEST_F(LoadManifest, ConfigurationsLieOverEachOther) {
  write("dbt_project.yml",
        "name: shop\nprofile: shop\nmodels:\n  +tags: all\n  shop:\n    +schema: one\n    +meta: {a: 1, b: 1}\n");
  write("models/m.yml", "models:\n  - name: m\n    config: {schema: two, tags: [yaml], meta: {b: 2}}\n");
  write("models/m.sql", "{{ config(schema='three', tags='file') }} select 1");
  Manifest manifest = load();
  const Node* m = manifest.find_node("model.shop.m");
  EXPECT_EQ(m->schema, "main_three");
  std::string config;
  append_json(config, *m->config->find("tags"));
  append_json(config, *m->config->find("meta"));
  EXPECT_EQ(config, R"(["all", "yaml", "file"]{"a": 1, "b": 2})");
  EXPECT_EQ(m->tags(), (Texts{"all", "file", "yaml"}));
}

TEST_F(LoadManifest, GenericTestsAreNamedAsDbtDoes) {
  write("models/a.sql", "select 1 as id");
  write("models/a.yml",
        "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n          - unique\n"
        "          - accepted_values: {arguments: {values: [1, 2]}}\n");
  Manifest manifest = load();
  Texts ids;
  for (const Node& node : manifest.nodes) ids.push_back(node.unique_id);
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_TRUE(ids[1].starts_with("test.shop.unique_a_id.")) << ids[1];
  EXPECT_TRUE(ids[2].starts_with("test.shop.accepted_values_a_id__1__2.")) << ids[2];
  EXPECT_EQ(manifest.find_node("model.shop.a")->primary_key, Texts{"id"});
}

TEST_F(LoadManifest, ATestsConfigIsRenderedAndWrittenInDbtsOrder) {
  write("models/a.sql", "select 1 as id");
  write("macros/m.sql", "{% test like(model, flag, n) %}{{ config(tags=[flag ~ n]) }}{% endtest %}");
  write("models/a.yml",
        "models:\n  - name: a\n    data_tests:\n      - like:\n          arguments: {flag: '{{ false }}', n: '{{ "
        "target.threads }}'}\n          config: {warn_if: '>1', limit: '{{ 3 }}', severity: \"{{ 'warn' if target.type "
        "== 'duckdb' }}\", enabled: \"{{ target.type == 'duckdb' }}\"}\n");
  Manifest manifest = load();
  const Node& test = manifest.nodes.at(1);
  EXPECT_EQ(
      test.raw_code,
      R"({{ test_like(**_dbt_generic_test_kwargs) }}{{ config(severity="warn",enabled=True,limit="3",warn_if=">1") }})");
  EXPECT_EQ(test.config_text("limit"), "3");
  EXPECT_EQ(test.tags(), (Texts{"False1"}));  // a constant is text
}

TEST_F(LoadManifest, HooksOfPropertiesAreLeftForTheRun) {
  write("models/a.sql", "select 1 as id");
  write("models/a.yml", "models: [{name: a, config: {post_hook: \"{{ my_macro(this) }}\"}}]\n");
  write("macros/m.sql", "{% macro my_macro(relation) %}select 1{% endmacro %}");
  Manifest manifest = load();
  std::string hooks;
  append_json(hooks, *manifest.nodes.at(0).find_config("post-hook"));
  EXPECT_EQ(hooks, R"([{"sql": "{{ my_macro(this) }}", "transaction": true, "index": null}])");
}

TEST_F(LoadManifest, ARefWithoutAVersionIsTheLatest) {
  write("models/d_v1.sql", "select 1 as id");
  write("models/d_v2.sql", "select 1 as id");
  write("models/d.yml", "models:\n  - name: d\n    latest_version: 1\n    versions: [{v: 1}, {v: 2}]\n");
  write("models/x.sql", "select * from {{ ref('d') }} join {{ ref('d', v=2) }} using (id)");
  Manifest manifest = load();
  EXPECT_EQ(manifest.find_node("model.shop.x")->depends_on.nodes, (Texts{"model.shop.d.v1", "model.shop.d.v2"}));
  EXPECT_EQ(manifest.find_node("model.shop.d.v2")->alias, "d_v2");
}

TEST_F(LoadManifest, AProjectsOwnMacroNamesItsSchemas) {
  write("macros/n.sql", "{% macro generate_schema_name(custom, node) %} {{ custom or node.name }} {% endmacro %}");
  write("models/a.sql", "{{ config(schema='s') }} select 1");
  write("models/b.sql", "select 1");
  Manifest manifest = load();
  EXPECT_EQ(manifest.find_node("model.shop.a")->schema, "s");
  EXPECT_EQ(manifest.find_node("model.shop.b")->schema, "b");
}

TEST_F(LoadManifest, TemplatesSeeTheTimeAndPythonsModules) {
  write(
      "models/a.sql",
      "{{ config(meta={'started': run_started_at.strftime('%Y-%m-%d'), 'tz': run_started_at.tzinfo | string, "
      "'date': modules.datetime.date(2020, 1, 1) | string, 'match': modules.re.match('a', 'a') is none}) }} select 1");
  auto settings = load_settings(folder_.path(), config::Environment(), {.profiles_folder = folder_.path()});
  settings.started_at = Instant(std::chrono::hours(24));
  Manifest manifest = load_manifest(settings).manifest;
  std::string meta;
  append_json(meta, *manifest.find_node("model.shop.a")->find_config("meta"));
  EXPECT_EQ(meta, R"({"started": "1970-01-02", "tz": "UTC", "date": "2020-01-01", "match": false})");
}

TEST_F(LoadManifest, FunctionsAreNodesThatModelsDependOn) {
  write("functions/cents.sql", "{{ config(volatility='stable') }} x * 100");
  write("functions/bare.sql", "{{ function('cents') }}(1)");
  write("functions/f.yml",
        "functions:\n  - name: cents\n    arguments: [{name: x, data_type: int, default_value: 3}]\n"
        "    returns: {data_type: int}\n");
  write("models/a.sql", "select {{ function('cents') }}(1) as id");
  Manifest manifest = load();
  const Node* cents = manifest.find_node("function.shop.cents");
  ASSERT_NE(cents, nullptr);
  std::string text;
  append_json(text, cents->arguments);
  append_json(text, manifest.find_node("function.shop.bare")->returns);
  EXPECT_EQ(text, R"([{"name": "x", "data_type": "int", "description": null, "default_value": 3}])"
                  R"({"data_type": "INVALID_TYPE", "description": null})");
  EXPECT_EQ(cents->config_text("volatility"), "stable");
  EXPECT_EQ(manifest.children.at("function.shop.cents"), (Texts{"function.shop.bare", "model.shop.a"}));
  write("models/a.sql", "select {{ function('nope') }}(1) as id");
  EXPECT_EQ(
      error(),
      "models/a.sql:1:1: Model 'model.shop.a' (models/a.sql) depends on a function named 'nope' which was not found");
}

TEST_F(LoadManifest, UnitTestsAreOfEachVersionAndReadTheirFixtures) {
  write("models/d_v1.sql", "select 1 as id");
  write("models/d_v2.sql", "select 1 as id");
  write("models/one.sql", "select 1 as id");
  write("tests/fixtures/rows.csv", "id,\"a \"\"b\"\"\"\n1,\"x,\ny\"\n\n2,\n3\n");
  write("models/d.yml",
        "models:\n  - {name: d, versions: [{v: 1}, {v: 2}]}\nunit_tests:\n"
        "  - {name: all, model: d, given: [], expect: {rows: []}}\n"
        "  - {name: some, model: d, versions: {exclude: [1]}, given: [], expect: {rows: []}}\n"
        "  - {name: file, model: one, given: [], expect: {format: csv, fixture: rows}}\n");
  Manifest manifest = load();
  Texts ids;
  for (const Node& node : manifest.nodes) {
    if (node.type == ResourceType::UnitTest) ids.push_back(node.unique_id + " " + node.depends_on.nodes.front());
  }
  EXPECT_EQ(ids, (Texts{"unit_test.shop.d.all_v1 model.shop.d.v1", "unit_test.shop.d.all_v2 model.shop.d.v2",
                        "unit_test.shop.d.some_v2 model.shop.d.v2", "unit_test.shop.one.file model.shop.one"}));
  std::string rows;
  append_json(rows, *manifest.nodes.back().expect.as_dict().find("rows"));
  EXPECT_EQ(rows, R"([{"id": "1", "a \"b\"": "x,\ny"}, {"id": "2", "a \"b\"": null}, {"id": "3", "a \"b\"": null}])");
  write("models/d.yml", "unit_tests:\n  - {name: u, model: one, given: [], expect: {format: csv, fixture: none}}\n");
  EXPECT_EQ(error(), "models/d.yml:2:5: File not found for fixture 'none' in unit tests in models/d.yml");
  write("models/d.yml", "unit_tests:\n  - {name: u, model: one, given: [], expect: {format: sql, rows: []}}\n");
  EXPECT_EQ(error(),
            "models/d.yml:2:5: Unit test u has expected rows or fixtures which do not match format sql.  Expected "
            "string.");
}

TEST_F(LoadManifest, AProjectOverridesAPackagesSource) {
  write("packages.yml", "packages: [{local: pk}]\n");
  write("dbt_packages/pk/dbt_project.yml", "name: pk\n");
  write("dbt_packages/pk/models/s.yml",
        "sources:\n  - name: s\n    loader: theirs\n    tags: [a]\n    tables:\n"
        "      - {name: t, columns: [{name: id, data_tests: [unique]}]}\n      - name: u\n");
  write("models/s.yml",
        "sources:\n  - name: s\n    overrides: pk\n    schema: mine\n    tags: [b]\n    tables:\n"
        "      - {name: t, identifier: tt}\n      - name: ghost\n");
  Manifest manifest = load();
  const Source* t = manifest.find_source("source.pk.s.t");
  ASSERT_NE(t, nullptr);
  EXPECT_EQ(t->relation_name, R"("shop"."mine"."tt")");
  EXPECT_EQ(t->loader, "theirs");
  std::string tags;
  append_json(tags, manifest.find_source("source.pk.s.u")->tags);
  EXPECT_EQ(tags, R"(["b"])");
  EXPECT_EQ(manifest.sources.size(), 2u);
  EXPECT_EQ(manifest.nodes.front().name, "source_unique_s_t_id");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0].message,
            "During parsing, dbt encountered source overrides that had no target:\n- Source table pk.s.ghost (in "
            "models/s.yml)");
}

TEST_F(LoadManifest, MetricsKnowTheMeasuresBehindThem) {
  write("models/orders.sql", "select 1 as id");
  write("models/s.yml",
        "semantic_models:\n  - name: orders\n    model: ref('orders')\n    measures:\n"
        "      - {name: total, agg: sum, expr: 1}\n      - {name: number, agg: count, create_metric: true}\n"
        "metrics:\n"
        "  - {name: ratio, type: ratio, type_params: {numerator: revenue, denominator: number}}\n"
        "  - {name: revenue, type: simple, type_params: {measure: total}, filter: \"{{ Dimension('id__paid') }}\", "
        "meta: {a: 1}}\n"
        "saved_queries:\n  - {name: q, query_params: {metrics: [ratio]}}\n");
  Manifest manifest = load();
  EXPECT_EQ(manifest.find_other("semantic_model.shop.orders")->depends_on.nodes, Texts{"model.shop.orders"});
  EXPECT_EQ(manifest.find_other("metric.shop.revenue")->depends_on.nodes, Texts{"semantic_model.shop.orders"});
  EXPECT_EQ(manifest.find_other("metric.shop.ratio")->depends_on.nodes,
            (Texts{"metric.shop.revenue", "metric.shop.number"}));
  EXPECT_EQ(manifest.find_other("saved_query.shop.q")->depends_on.nodes, Texts{"metric.shop.ratio"});
  const jinja::Value& params = *manifest.find_other("metric.shop.ratio")->body->find("type_params");
  EXPECT_EQ(params.as_dict().find("input_measures")->items().size(), 2u);
  std::string filter;
  append_json(filter, *manifest.find_other("metric.shop.revenue")->body->find("filter"));
  EXPECT_EQ(filter, R"({"where_filters": [{"where_sql_template": "{{ Dimension('id__paid') }}"}]})");
  const auto& revenue = *manifest.find_other("metric.shop.revenue")->body;
  EXPECT_EQ(revenue.find("meta")->as_dict().size(), 1u);
  EXPECT_EQ(revenue.find("config")->as_dict().find("meta")->as_dict().size(), 0u);
  write("models/s.yml", "metrics:\n  - {name: r, type: simple, type_params: {measure: nope}}\n");
  EXPECT_EQ(error(), "models/s.yml:2:5: A semantic model having a measure `nope` does not exist but was referenced.");
}

TEST_F(LoadManifest, APythonModelsCallsAreFoundWithoutPython) {
  write("models/a.sql", "select 1 as id");
  write("models/p.py",
        "# dbt.ref('no')\ndef model(dbt, session):\n    dbt.config(materialized='table')\n    return dbt.ref('a')\n");
  Manifest manifest = load();
  EXPECT_EQ(manifest.find_node("model.shop.p")->depends_on.nodes, Texts{"model.shop.a"});
  EXPECT_EQ(manifest.find_node("model.shop.p")->materialized(), "table");
}

// ---- What is wrong

TEST_F(LoadManifest, AMissingNodeIsToldInDbtsWords) {
  write("models/a.sql", "select * from {{ ref('nope') }}");
  EXPECT_EQ(error(),
            "models/a.sql:1:1: Model 'model.shop.a' (models/a.sql) depends on a node named 'nope' which was not found");
  write("models/nope.sql", "{{ config(enabled=false) }} select 1");
  EXPECT_EQ(error(),
            "models/a.sql:1:1: Model 'model.shop.a' (models/a.sql) depends on a node named 'nope' which is disabled");
}

TEST_F(LoadManifest, ATestOfSomethingMissingIsOnlyAWarning) {
  write("models/a.sql", "select 1 as id");
  write("models/a.yml",
        "models:\n  - name: ghost\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n"
        "          - relationships: {arguments: {to: ref('zz'), field: id}}\n");
  Manifest manifest = load();
  EXPECT_EQ(manifest.nodes.at(1).config_text("enabled"), "false");
  ASSERT_EQ(warnings_.size(), 2u);
  EXPECT_NE(warnings_[0].message.find("depends on a node named 'zz' in package '' which was not found"),
            std::string::npos);
  EXPECT_EQ(warnings_[1].message,
            "Did not find matching node for patch with name 'ghost' in the 'models' section of file 'models/a.yml'");
}

TEST_F(LoadManifest, ManyModelsAreReadAsIfOneByOne) {
  std::string said;
  for (int i = 100; i < 200; ++i) {
    std::string name = "m" + std::to_string(i);
    write("models/" + name + ".sql", "{{ log('" + name + " ', info=True) }}{% do var('list').append(1) %}" +
                                         "{{ config(meta={'length': var('list') | length}) }} select 1");
  }
  write("dbt_project.yml", "name: shop\nprofile: shop\nvars: {list: []}\n");
  auto settings = load_settings(folder_.path(), config::Environment(), {.profiles_folder = folder_.path()});
  settings.say = [&](std::string_view text, Voice) { said += text; };
  Manifest manifest = load_manifest(settings).manifest;
  std::string names;
  for (const Node& node : manifest.nodes) {
    names += node.name + " ";
    EXPECT_EQ(node.find_config("meta")->as_dict().find("length")->as_int(), 0);
  }
  EXPECT_EQ(said, names);
  EXPECT_TRUE(said.starts_with("m100 m101 m102 "));
  write("models/m120.sql", "{{ 1 + }}");
  write("models/m180.sql", "{{ 1 + }}");
  EXPECT_TRUE(error().starts_with("models/m120.sql:1:")) << error();
}

TEST_F(LoadManifest, AnEntryInAnotherSectionStillTests) {
  write("seeds/s.csv", "id\n1\n");
  write("models/_.yml", "models: [{name: s, columns: [{name: id, data_tests: [unique]}]}]\n");
  Manifest manifest = load();
  ASSERT_EQ(manifest.nodes.size(), 2u);
  EXPECT_EQ(manifest.nodes[1].attached_node, "seed.shop.s");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_TRUE(warnings_[0].message.starts_with("'s' is a seed node, but it is specified in the models section of "));
}

TEST_F(LoadManifest, ASeedsHooksReferToNothing) {
  write("models/a.sql", "select 1 as id");
  write("seeds/s.csv", "id\n1\n");
  write("seeds/_.yml", "seeds: [{name: s, config: {post_hook: \"select * from {{ ref('a') }}\"}}]\n");
  EXPECT_NE(error().find("Seeds cannot depend on other nodes."), std::string::npos) << error();
}

TEST_F(LoadManifest, AHookHasOneOfItsTwoNames) {
  write("models/a.sql", "{{ config({'pre_hook': 'select 1', 'pre-hook': 'select 2'}) }} select 1 as id");
  EXPECT_NE(error().find("Invalid config, has conflicting keys \"pre_hook\" and \"pre-hook\""), std::string::npos);
}

TEST_F(LoadManifest, AForeignKeyIsADependency) {
  write("models/a.sql", "select 1 as id");
  write("models/b.sql", "select 1 as id");
  write("models/_.yml", "models: [{name: b, constraints: [{type: foreign_key, columns: [id], to: \"ref('a')\"}]}]\n");
  EXPECT_EQ(load().find_node("model.shop.b")->depends_on.nodes, Texts{"model.shop.a"});
  write("models/_.yml", "models: [{name: b, constraints: [{type: foreign_key, columns: [id], to: main.a}]}]\n");
  EXPECT_NE(error().find("Invalid 'ref' or 'source' syntax on foreign key constraint 'to' on model b: main.a."),
            std::string::npos);
}

TEST_F(LoadManifest, TwoOfOneNameAreRefused) {
  write("models/a.sql", "select 1 as id");
  write("models/a.yml", "models:\n  - name: a\n    columns: [{name: id, data_tests: [unique, unique]}]\n");
  EXPECT_TRUE(
      error().starts_with("models/a.yml:3:47: dbt found two data_tests with the name \"unique_a_id\" defined on "
                          "column \"id\" in \"models.a\".\n"))
      << error();
  write("models/a.yml", "sources: [{name: s, tables: [{name: t}, {name: t}]}]\n");
  EXPECT_TRUE(error().starts_with("models/a.yml:1:41: dbt found two sources with the name \"s_t\".\n")) << error();
  write("models/a.yml", "");
  write("models/x/a.sql", "select 2");
  EXPECT_EQ(
      error(),
      "models/x/a.sql:1:1: dbt found two models with the name \"a\".\n\nSince these resources have the same name, "
      "dbt will be unable to find the correct resource\nwhen looking for ref(\"a\").\n\nTo fix this, change the name "
      "of one of these resources:\n- model.shop.a (models/x/a.sql)\n- model.shop.a (models/a.sql)");
}

TEST_F(LoadManifest, TwoModelsCannotBeOneTable) {
  write("models/a.sql", "select 1");
  write("models/b.sql", "{{ config(alias='a') }} select 1");
  EXPECT_EQ(error(),
            "models/b.sql:1:1: dbt found two resources with the database representation \"\"shop\".\"main\".\"a\"\".\n"
            "dbt cannot create two resources with identical database representations. To fix this,\nchange the "
            "configuration of one of these resources:\n- model.shop.a (models/a.sql)\n- model.shop.b (models/b.sql)");
}

TEST_F(LoadManifest, ACycleIsToldWithItsWay) {
  write("models/a.sql", "select *\nfrom {{ ref('c') }}");
  write("models/b.sql", "select * from {{ ref('a') }}");
  write("models/c.sql", "select * from {{ ref('b') }}");
  write("models/d.sql", "select * from {{ ref('c') }}");
  EXPECT_EQ(error(), "models/b.sql:1:22: Found a cycle: model.shop.b --> model.shop.c --> model.shop.a");
  try {
    load();
  } catch (const Error& error) {
    EXPECT_EQ(
        error.hint(),
        "b refers to 'a' in models/b.sql:1, c refers to 'b' in models/c.sql:1, a refers to 'c' in models/a.sql:2");
  }
}

TEST_F(LoadManifest, TwoMacrosOfOneNameAreRefused) {
  write("macros/a.sql", "{% macro m() %}{% endmacro %}");
  write("macros/b.sql", "\n{% macro m() %}{% endmacro %}");
  EXPECT_EQ(error(), "macros/b.sql:2:1: dbt found two macros named \"m\" in the project \"shop\".");
}

TEST_F(LoadManifest, ABrokenTemplateIsToldAtItsLine) {
  write("models/a.sql", "\n\nselect 1\n{{ ref( }}");
  EXPECT_TRUE(error().starts_with("models/a.sql:4:")) << error();
}

TEST_F(LoadManifest, ADispatchThatFindsNothingSaysWhereItLooked) {
  write("models/a.sql", "{{ adapter.dispatch('x')() }}");
  EXPECT_NE(error().find("In dispatch: No macro named 'x' found within namespace: 'None'\n"
                         "    Searched for: 'duckdb__x', 'default__x'"),
            std::string::npos)
      << error();
}

}  // namespace
}  // namespace plumb::project
