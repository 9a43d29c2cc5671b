// `plumb diff`: two relations in, what differs out, and an exit code.
#include "cli/program.h"
#include "support/postgres_server.h"

namespace plumb::story {
namespace {

using test_support::PostgresServer;

class ShopHome : public Home {
 public:
  ShopHome() {
    write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n");
    write("profiles.yml",
          "shop: {target: prod, outputs: {\n"
          "  prod: {type: duckdb, path: shop.duckdb, schema: prod}, dev: {type: duckdb, path: shop.duckdb, schema: "
          "dev},\n"
          "  far: {type: duckdb, path: far/shop.duckdb, schema: prod}}}\n");
    write("models/orders.sql", orders("10"));
    write("models/_.yml", "models: [{name: orders, columns: [{name: id, data_tests: [unique]}]}]\n");
    EXPECT_EQ(plumb({"run", "-q"}).exit_code, 0);
    std::filesystem::copy(folder() / "target", folder() / "state", std::filesystem::copy_options::recursive);
  }
  static std::string orders(const std::string& amount, const std::string& more = "") {
    return "{{ config(materialized='table') }} select * from (values (1, 'open', " + amount +
           "), (2, 'paid', 20)) as t(id, status, amount)" + more;
  }
};

TEST(CliDiff, AModelIsComparedWithProductions) {
  ShopHome home;
  EXPECT_EQ(home.plumb({"run", "-q", "-t", "dev"}).exit_code, 0);
  auto same = home.plumb({"diff", "orders", "-t", "dev", "--state", "state"});
  EXPECT_EQ(same.exit_code, 0) << same.errors;
  EXPECT_EQ(same.output,
            "left     \"shop\".\"prod\".\"orders\", of state\nright    \"shop\".\"dev\".\"orders\"\nkey      id\n"
            "rows     2 left, 2 right: 2 equal\n");
  home.write("models/orders.sql", home.orders("12", " union all select 3, 'new', 30"));
  EXPECT_EQ(home.plumb({"run", "-q", "-t", "dev"}).exit_code, 0);
  auto changed = home.plumb({"diff", "orders", "-t", "dev", "--against", "prod"});
  EXPECT_EQ(changed.exit_code, 1) << changed.errors;
  EXPECT_EQ(changed.output,
            "left     \"shop\".\"prod\".\"orders\", of target prod\nright    \"shop\".\"dev\".\"orders\"\nkey      id\n"
            "rows     2 left, 3 right: 1 equal, 1 changed, 1 only right\nchanged  amount in 1\n"
            "\nchanged\n  id=1: amount 10 -> 12\n\nonly right\n  id=3: status=new, amount=30\n");
}

TEST(CliDiff, TargetsInTwoFilesOfOneNameAreNotMixedUp) {
  ShopHome home;
  std::filesystem::create_directory(home / "far");
  home.write("models/orders.sql", home.orders("11"));
  EXPECT_EQ(home.plumb({"run", "-q", "-t", "far"}).exit_code, 0);
  auto result = home.plumb({"diff", "orders", "-t", "far", "--against", "prod", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.errors;
  EXPECT_NE(
      result.output.find("\"samples\":{\"changed\":[{\"key\":{\"id\":\"1\"},\"cells\":{\"amount\":[\"10\",\"11\"]}}]"),
      std::string::npos)
      << result.output;
}

TEST(CliDiff, FilesUrisAndConnectionsAreComparedAcrossDatabases) {
  Home home;
  home.write("plumb.yml", "name: home\nconnections:\n  files: {type: sqlite, path: data}\n");
  std::filesystem::create_directory(home / "data");
  home.write("rows.csv", "id,name\n1,Ada\n2,Bob\n");
  EXPECT_EQ(home.plumb({"copy", "rows.csv", "sqlite:///data/raw.db"}).exit_code, 0);
  auto same = home.plumb({"diff", "files.raw.rows", "rows.csv", "--key", "id"});
  EXPECT_EQ(same.exit_code, 0) << same.output << same.errors;
  EXPECT_EQ(home.plumb({"copy", "rows.csv", "duckdb:///lake.duckdb"}).exit_code, 0);
  home.write("rows.csv", "id,name\n1,Ada\n3,Bob\n");
  auto result = home.plumb({"diff", "duckdb:///lake.duckdb?table=rows", "rows.csv"});
  EXPECT_EQ(result.exit_code, 1) << result.errors;
  EXPECT_NE(
      result.output.find("key      none: whole rows are compared\nrows     2 left, 2 right: 1 equal, 1 only left, 1 "
                         "only right\n"),
      std::string::npos)
      << result.output;
}

TEST(CliDiff, WhatCantBeComparedEndsWith2AndAWayOut) {
  ShopHome home;
  auto fails = [&](const Words& words, const std::string& error) {
    auto result = home.plumb(words);
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_NE(result.errors.find(error), std::string::npos) << result.errors;
  };
  fails({"diff", "orders"},
        "there is nothing to compare it with\nhint: name a second relation, or the other environment");
  fails({"diff", "order", "orders"},
        "there is no model, seed, snapshot or source 'order'\nhint: did you mean 'orders'?");
  fails({"diff", "orders", "--state", "nowhere"}, "Could not find manifest in --state path: 'nowhere'");
  fails({"diff", "orders", "orders", "--key", "idd"},
        "the key 'idd' is no column of both relations\nhint: did you mean 'id'?");
  fails({"diff", "prod.nothing", "orders"}, "Table with name nothing does not exist");
  fails({"diff", "duckdb:///shop.duckdb", "orders"}, "the URI names no table");
}

TEST(CliDiffPostgres, TablesOfOneServerAreComparedThereByTheirPrimaryKey) {
  PostgresServer& server = PostgresServer::shared();
  const std::string dbname = server.create_database();
  server.psql(dbname,
              "create table a (id int primary key, doc json); insert into a values (1, '{\"x\": 1}'), (2, null);"
              "create table b (id int primary key, doc json); insert into b values (1, '{\"x\": 2}'), (2, null)");
  Home home;
  home.write("plumb.yml", "name: home\nconnections:\n  pg: {type: postgres, host: " + server.host() + ", port: \"" +
                              server.port() + "\", user: " + server.user() + ", dbname: " + dbname + "}\n");
  auto result = home.plumb({"diff", "pg.public.a", "pg.public.b"});
  EXPECT_EQ(result.exit_code, 1) << result.errors;
  EXPECT_NE(result.output.find("key      id\nrows     2 left, 2 right: 1 equal, 1 changed\nchanged  doc in 1\n"),
            std::string::npos)
      << result.output;
  home.write("rows.csv", "id,doc\n1,{\"\"x\"\": 1}\n2,\n");
  auto across = home.plumb({"diff", "pg.public.a", "rows.csv"});
  EXPECT_NE(across.output.find("rows     2 left, 2 right: "), std::string::npos) << across.output << across.errors;
}

}  // namespace
}  // namespace plumb::story
