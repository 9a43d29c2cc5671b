#include "project/config_renderer.h"

#include <gtest/gtest.h>

#include "project/yaml_value.h"

namespace plumb::project {
namespace {

using jinja::Value;

class Rendering : public ::testing::Test {
 protected:
  // The value as Python would show it, or the complaint. What it has to be is what dbt 1.11 made of the same text.
  std::string render(std::string_view text, ConfigRenderer::Secrets secrets = ConfigRenderer::Secrets::Refused) {
    ConfigRenderer renderer(environment_, Value::dict({{"v", 7}}), secrets);
    JsonWriter quoted;
    Document file = parse_yaml("key: " + quoted.text(text).take(), "dbt_project.yml");
    try {
      jinja::Context context(Value::dict({{"x", renderer.render(file.root().get("key"))}}));
      return jinja::Environment().parse("{{ '%r' % (x,) }}")->render(context);
    } catch (const Error& error) {
      return error.what();
    }
  }
  config::Environment environment_{{{"N", "4"}, {"B", "True"}, {"L", "[1,2]"}, {"DBT_ENV_SECRET_X", "s3"}}};
};

TEST_F(Rendering, AnExpressionThatStandsAloneKeepsItsType) {
  EXPECT_EQ(render("{{ var('v') + 1 }}"), "8");
  EXPECT_EQ(render("{{ var('v') == 7 }}"), "True");
  EXPECT_EQ(render("{{ none if var('v') }}"), "None");
  EXPECT_EQ(render("{{ range(3)|list }}"), "[0, 1, 2]");
  EXPECT_EQ(render("{{ env_var('NOPE', 3) }}"), "3");
}

TEST_F(Rendering, WhatIsTextOrConstantOrBesideTextStaysText) {
  EXPECT_EQ(render("{{ env_var('N') }}"), "'4'");
  EXPECT_EQ(render("{{ var('v')|string }}"), "'7'");
  EXPECT_EQ(render("{{ 1 + 1 }}"), "'2'");
  EXPECT_EQ(render("{{ not true }}"), "'False'");
  EXPECT_EQ(render("{{ [1] + [2] }}"), "'[1, 2]'");
  EXPECT_EQ(render("{{ env_var('N')|as_number }}x"), "'4x'");
  EXPECT_EQ(render("a{{ foo }}"), "'a'");
}

TEST_F(Rendering, FiltersMakeValuesOfText) {
  EXPECT_EQ(render("{{ env_var('N')|as_number }}"), "4");
  EXPECT_EQ(render("{{ env_var('B')|as_bool }}"), "True");
  EXPECT_EQ(render("{{ env_var('L')|as_native }}"), "[1, 2]");
  EXPECT_EQ(render("{{ 'true'|as_native }}"), "'true'");
  EXPECT_EQ(
      render("{{ env_var('L')|as_bool }}"),
      "dbt_project.yml:1:6: Could not render {{ env_var('L')|as_bool }}: Could not convert value '[1,2]' into type "
      "'bool'");
}

TEST_F(Rendering, MissingNamesAreToldInDbtsWords) {
  EXPECT_EQ(render("{{ env_var('NOPE') }}"), "dbt_project.yml:1:6: Env var required but not provided: 'NOPE'");
  EXPECT_EQ(
      render("{{ var('x') }}"),
      "dbt_project.yml:1:6: Could not render {{ var('x') }}: Required var 'x' not found in config:\nVars supplied "
      "to <Configuration> = {\n    \"v\": 7\n}");
  EXPECT_EQ(render("{{ foo.bar }}"), "dbt_project.yml:1:6: Could not render {{ foo.bar }}: 'foo' is undefined");
}

TEST_F(Rendering, SecretsAreForProfilesAndPackagesOnly) {
  EXPECT_EQ(render("{{ env_var('DBT_ENV_SECRET_X') }}", ConfigRenderer::Secrets::Allowed), "'s3'");
  EXPECT_EQ(render("{{ env_var('DBT_ENV_SECRET_X') }}"),
            "dbt_project.yml:1:6: Secret env vars are allowed only in profiles.yml or packages.yml. Found "
            "'DBT_ENV_SECRET_X' referenced elsewhere.");
}

}  // namespace
}  // namespace plumb::project
