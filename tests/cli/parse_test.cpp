// `plumb parse` in dbt's stead: dbt 1.12 starts another program for its parsing, with these words, and reads the
// manifest.json that it leaves.
#include "cli/program.h"

namespace plumb::story {
namespace {

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

class CliParse : public ::testing::Test {
 protected:
  CliParse() {
    home.write("shop/dbt_project.yml", "name: shop\nprofile: nobody\n");
    home.write("shop/packages.yml", "packages: [{local: somewhere}]\n");
    home.write("installed/tools/dbt_project.yml", "name: tools\n");
    home.write("installed/tools/models/theirs.sql", "select 1");
    home.write("shop/models/ours.sql", "select {{ var('limit') }} from {{ ref('theirs') }}");
    home.write("profiles/profiles.yml",
               "house: {target: dev, outputs: {dev: {type: duckdb, path: dev.duckdb}, prod: {type: duckdb, path: "
               "prod.duckdb, schema: live}}}\n");
  }
  std::string path(const std::string& name) const { return (home / name).string(); }

  Home home;
};

TEST_F(CliParse, ServesAsTheParserThatDbtAsksFor) {
  auto result =
      home.plumb({"parse", "--project-dir", path("shop"), "--profiles-dir", path("profiles"), "--profile", "house",
                  "--target", "prod", "--target-path", path("out"), "--packages-install-path", path("installed"),
                  "--vars", R"({"limit": 3})", "--invocation-id", "4e9d1f2c-0000-4000-8000-000000000001"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.errors, "");
  EXPECT_EQ(home.names("out"), Words{"manifest.json"});
  std::string manifest = home.read("out/manifest.json");
  for (const char* piece : {R"("dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json")",
                            R"("invocation_id": "4e9d1f2c-0000-4000-8000-000000000001")",
                            R"("relation_name": "\"prod\".\"live\".\"ours\"")", R"("model.tools.theirs")"}) {
    EXPECT_TRUE(has(manifest, piece)) << piece;
  }
}

TEST_F(CliParse, LeavesNoManifestOfABrokenProject) {
  home.write("shop/models/ours.sql", "select * from {{ ref('nobody') }}");
  auto result = home.plumb({"parse", "--project-dir", path("shop"), "--profiles-dir", path("profiles"), "--profile",
                            "house", "--target-path", path("out"), "--packages-install-path", path("installed")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(has(result.errors,
                  "models/ours.sql:1:1: Model 'model.shop.ours' (models/ours.sql) depends on a node named "
                  "'nobody' which was not found"))
      << result.errors;
  EXPECT_EQ(home.read("out/manifest.json"), "(no such file)");
}

}  // namespace
}  // namespace plumb::story
