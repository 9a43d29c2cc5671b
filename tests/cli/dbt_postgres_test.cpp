// A dbt project whose profile attaches a real Postgres: models, `plumb show` and `plumb query` see the same.
#include "cli/program.h"
#include "support/postgres_server.h"

namespace plumb::story {
namespace {

using test_support::PostgresServer;

class WeatherHome : public Home {
 public:
  WeatherHome() {
    PostgresServer& server = PostgresServer::shared();
    const std::string dbname = server.create_database();
    server.psql(dbname,
                "create schema raw; create table raw.weather_observations (id text, city text, data jsonb);"
                "insert into raw.weather_observations values"
                " ('1', 'Berlin,DE', '{\"main\": {\"temp\": \"3.25\", \"humidity\": 80}, \"wind\": {\"speed\": 4}}'),"
                " ('2', 'Austin,US', '{\"main\": {\"temp\": \"21.5\"}}')");
    variables["PGHOST_OF_RAW"] = server.host();
    write("dbt_project.yml", "name: home\nversion: '1.0'\nprofile: home\n");
    write("profiles.yml",
          "home:\n"
          "  target: dev\n"
          "  outputs:\n"
          "    dev:\n"
          "      type: duckdb\n"
          "      path: marts.duckdb\n"
          "      extensions: [postgres]\n"
          "      settings: {threads: 1}\n"
          "      attach:\n"
          "        - path: \"host={{ env_var('PGHOST_OF_RAW') }} port=" +
              server.port() + " user=" + server.user() + " dbname=" + dbname +
              "\"\n"
              "          type: postgres\n"
              "          alias: pg\n");
    write("models/sources.yml",
          "sources: [{name: raw, database: pg, schema: raw, tables: [{name: weather_observations}]}]\n");
    write("models/weather.sql",
          "{{ config(materialized='view') }}\n"
          "select city, (data->'main'->>'temp')::numeric as temp, data->'main'->>'humidity' as humidity,\n"
          "       data->'wind' as wind\n"
          "from {{ source('raw', 'weather_observations') }}\n");
  }
};

TEST(CliDbtPostgres, AViewOverAttachedJsonIsReadByShowAndByQueryAsDuckDbMeansIt) {
  WeatherHome home;
  auto run = home.plumb({"run"});
  ASSERT_EQ(run.exit_code, 0) << run.output << run.errors;
  auto show = home.plumb({"show", "-q", "-s", "weather", "--output", "json"});
  EXPECT_EQ(
      show.output,
      "{\"node\": \"weather\", \"show\": [{\"city\": \"Berlin,DE\", \"temp\": 3.25, \"humidity\": \"80\", \"wind\": "
      "\"{\\\"speed\\\":4}\"}, {\"city\": \"Austin,US\", \"temp\": 21.5, \"humidity\": null, \"wind\": null}]}\n")
      << show.errors;
  auto query = home.plumb({"query", "select city, temp, typeof(temp) as kind, humidity from weather order by temp"});
  EXPECT_EQ(
      query.output,
      "city,temp,kind,humidity\n\"Berlin,DE\",3.250,\"DECIMAL(18,3)\",80\n\"Austin,US\",21.500,\"DECIMAL(18,3)\",\n")
      << query.errors;
  // And under the names that dbt gives them.
  EXPECT_EQ(home.plumb({"query", "select count(*) as n from marts.main.weather, pg.raw.weather_observations"}).output,
            "n\n4\n");
  // To be read and no more.
  EXPECT_NE(home.plumb({"query", "drop view marts.main.weather; select 1 from weather"}).exit_code, 0);
  EXPECT_NE(home.plumb({"query", "delete from pg.raw.weather_observations"}).exit_code, 0);
}

TEST(CliDbtPostgres, AQueryThatNeedsNoneOfItAttachesNothing) {
  WeatherHome home;
  home.variables.erase("PGHOST_OF_RAW");
  EXPECT_EQ(home.plumb({"query", "with weather as (select 1 as n) select n from weather"}).output, "n\n1\n");
  auto missing = home.plumb({"query", "select * from weather"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_TRUE(missing.errors.starts_with("profiles.yml:10:")) << missing.errors;
  EXPECT_NE(missing.errors.find("Env var required but not provided: 'PGHOST_OF_RAW'"), std::string::npos)
      << missing.errors;
}

TEST(CliDbtPostgres, AQuerySeesThePostgresThatIsTheTarget) {
  PostgresServer& server = PostgresServer::shared();
  const std::string dbname = server.create_database();
  Home home;
  home.write("dbt_project.yml", "name: home\nversion: '1.0'\nprofile: home\n");
  home.write("profiles.yml", "home: {target: dev, outputs: {dev: {type: postgres, host: " + server.host() +
                                 ", port: " + server.port() + ", user: " + server.user() + ", dbname: " + dbname +
                                 ", schema: shop, password: x, threads: 1}}}\n");
  home.write("models/orders.sql", "{{ config(materialized='table') }} select 7 as id");
  ASSERT_EQ(home.plumb({"run", "-q"}).exit_code, 0);
  EXPECT_EQ(home.plumb({"query", "select id, (select count(*) from shop.orders) as n from orders"}).output,
            "id,n\n7,1\n");
}

}  // namespace
}  // namespace plumb::story
