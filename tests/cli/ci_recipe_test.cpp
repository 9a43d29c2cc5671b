// docs/ci.md, its commands taken from the page: a branch builds what it changed, reads the rest from production, and
// tells which rows differ.
#include "cli/program.h"

namespace plumb::story {
namespace {

// The text of the page's block "```sh branch".
std::string block(const std::string& heading) {
  const std::string page =
      read_file(std::filesystem::path(find_environment("PLUMB_SOURCE_DIR").value_or(".")) / "docs" / "ci.md");
  const std::string open = "\n```" + heading + "\n";
  auto begin = page.find(open);
  if (begin == std::string::npos) throw Error(ErrorKind::NotFound, "docs/ci.md has no block " + heading);
  begin += open.size();
  return page.substr(begin, page.find("\n```", begin) + 1 - begin);
}

class CiHome : public Home {
 public:
  CiHome() {
    std::filesystem::create_directory(folder() / "production");
    variables["PRODUCTION"] = (folder() / "production").string();
    variables["PATH"] = std::filesystem::path(program()).parent_path().string() + ":" + variables["PATH"];
    write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {+materialized: table}\n");
    write("profiles.yml", block("yaml profiles.yml"));
    write("seeds/payments.csv", "id,order_id,amount\n1,1,10\n2,1,5\n3,2,7\n");
    write("models/weather.sql", "select 1 as day");
    write("models/stg_payments.sql", "select * from {{ ref('payments') }}");
    write("models/orders.sql", "select order_id, sum(amount)::int as paid from {{ ref('stg_payments') }} group by all");
    write("models/customers.sql", "select count(*) as orders, sum(paid)::int as paid from {{ ref('orders') }}");
    write("models/_.yml", "models: [{name: orders, columns: [{name: order_id, data_tests: [unique]}]}]\n");
  }
  CommandResult run_block(const std::string& heading) const { return shell("set -euo pipefail\n" + block(heading)); }
};

TEST(CiRecipe, ABranchBuildsWhatItChangedAndTellsWhichRowsDiffer) {
  CiHome home;
  auto production = home.run_block("sh production");
  ASSERT_EQ(production.exit_code, 0) << production.output << production.errors;

  home.write(
      "models/orders.sql",
      "select order_id, sum(amount)::int + 1 as paid from {{ ref('stg_payments') }} where order_id = 1 group by all");
  home.write("models/large_orders.sql", "select * from {{ ref('orders') }} where paid > 10");
  auto branch = home.run_block("sh branch");
  ASSERT_EQ(branch.exit_code, 0) << branch.output << branch.errors;
  EXPECT_NE(branch.output.find("Done. PASS=4 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=4"), std::string::npos)
      << branch.output;

  auto compared = home.run_block("sh compare");
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_EQ(home.read("diff.txt"),
            "## customers\n"
            "left     \"shop\".\"main\".\"customers\", of " +
                home.variables["PRODUCTION"] +
                "\n"
                "right    \"ci\".\"main\".\"customers\"\n"
                "key      none: whole rows are compared\n"
                "rows     1 left, 1 right: 0 equal, 1 only left, 1 only right\n"
                "\nonly left\n  orders=2 paid=22\n\nonly right\n  orders=1 paid=16\n"
                "## orders\n"
                "left     \"shop\".\"main\".\"orders\", of " +
                home.variables["PRODUCTION"] +
                "\n"
                "right    \"ci\".\"main\".\"orders\"\n"
                "key      order_id\n"
                "rows     2 left, 1 right: 0 equal, 1 changed, 1 only left\n"
                "changed  paid in 1\n"
                "\nchanged\n  order_id=1: paid 15 -> 16\n\nonly left\n  order_id=2: paid=7\n")
      << compared.output << compared.errors;
  // Production is as it was.
  EXPECT_EQ(home.plumb({"query", "select sum(paid) as paid from orders"}).output, "paid\n22\n");
}

}  // namespace
}  // namespace plumb::story
