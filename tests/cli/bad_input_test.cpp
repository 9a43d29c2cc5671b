// What is wrong with a project is told with file, line and column, and in dbt's words where it has some: a file of the
// user's in, a message out.
#include "cli/program.h"

namespace plumb::story {
namespace {

struct Bad {
  std::string file, text, command;
  std::string message;  // a part of it
};

void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.file;
}

class BadInput : public ::testing::TestWithParam<Bad> {};

TEST_P(BadInput, IsToldWithItsPlace) {
  const Bad& bad = GetParam();
  Home home;
  home.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n");
  home.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n");
  home.write("models/base.sql", "select 1 as id");
  home.write("models/top.sql", "select * from {{ ref('base') }}");
  home.write("macros/m.sql", "{% macro cents(column, digits=2) %}round({{ column }}, {{ digits }}){% endmacro %}");
  home.write(bad.file, bad.text);
  auto result = home.plumb({bad.command});
  std::string said = result.output + result.errors;
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(said.find(bad.message), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Projects, BadInput,
    ::testing::Values(
        Bad{"models/base.sql", "select * from {{ ref('top') }}", "run",
            "models/top.sql:1:22: Found a cycle: model.shop.top --> model.shop.base\n"},
        Bad{"models/top.sql", "select 1,\n  * from {{ ref('bsae') }}", "run",
            "Model 'model.shop.top' (models/top.sql) depends on a node named 'bsae' which was not found"},
        Bad{"models/sub/base.sql", "select 2", "run", "dbt found two models with the name \"base\"."},
        Bad{"models/top.sql", "select\n  {{ cents('id', places=3) }}", "run",
            "models/top.sql:2:11: macro 'dbt_macro__cents' takes no keyword argument 'places'"},
        Bad{"models/top.sql", "select\n  {% if %} 1", "run", "models/top.sql:2:9: "},
        Bad{"models/top.sql", "select id,\n  nothing_like_it from {{ ref('base') }}", "run", "> at models/top.sql:2:3"},
        Bad{"models/top.yml", "models:\n  - nme: top\n", "run", "models/top.yml:2:5: "},
        Bad{"models/top.yml", "models:\n  - name: top\n    columns: [{name: id, data_tests: [{unique: [1]}]}]\n", "run",
            "models/top.yml:3:48: "},
        Bad{"models/top.sql", "{{ config(materialized='tabel') }} select 1", "run",
            "No materialization 'tabel' was found for adapter duckdb!"},
        Bad{"dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: other\n", "run",
            "Could not find profile named 'other'"},
        Bad{"profiles.yml", "shop:\n  target: prod\n  outputs: {dev: {type: duckdb}}\n", "run",
            "The profile 'shop' does not have a target named 'prod'"},
        Bad{"profiles.yml", "shop:\n  outputs:\n    default: {type: duckdb, path: \"{{ env_var('NO_SUCH') }}\"}\n",
            "run", "profiles.yml:3:35: Env var required but not provided: 'NO_SUCH'"},
        Bad{"macros/m.sql", "{% macro cents(column) %}\n  {{ column }\n{% endmacro %}", "run", "macros/m.sql:"},
        Bad{"models/top.sql", "select {{ exceptions.raise_compiler_error('not so') if execute }}", "run",
            "> at models/top.sql:1:"}));

}  // namespace
}  // namespace plumb::story
