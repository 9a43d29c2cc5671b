// `adapter` on a real Postgres. What is expected is what dbt 1.11 with dbt-postgres says.

#include <gtest/gtest.h>

#include "support/postgres_server.h"
#include "transform/testing.h"

namespace plumb::transform {
namespace {

using jinja::Value;
using test_support::PostgresServer;

class PostgresAdapterStory : public testing::Test {
 protected:
  static project::Target target(const std::string& dbname, std::initializer_list<Value::Entry> more = {}) {
    auto& server = PostgresServer::shared();
    Value settings = Value::dict({{"host", server.host()},
                                  {"port", std::stoi(server.port())},
                                  {"user", server.user()},
                                  {"password", "x"},
                                  {"dbname", dbname}});
    for (const auto& [key, value] : more) settings.as_dict().set(key, value);
    return {.profile = "home",
            .name = "dev",
            .type = "postgres",
            .database = dbname,
            .schema = "public",
            .settings = settings};
  }
  std::string of(const std::string& expression) { return stage.outcome("{{ " + expression + " }}"); }
  std::string relation(const std::string& name, const std::string& type = "table") const {
    return "api.Relation.create(database='" + dbname + "', schema='public', identifier='" + name + "', type='" + type +
           "')";
  }
  std::string dbname = PostgresServer::shared().create_database();
  Stage stage{target(dbname)};
};

TEST_F(PostgresAdapterStory, AnswersAsTheServerDoes) {
  EXPECT_EQ(of("[adapter.execute('create table t as select 1 as a')[0]]"),
            "[AdapterResponse(_message='SELECT 1', code='SELECT', rows_affected=1, query_id=None)]");
  EXPECT_EQ(of("[adapter.execute('insert into t values (2), (3)')[0]]"),
            "[AdapterResponse(_message='INSERT 0 2', code='INSERT', rows_affected=2, query_id=None)]");
  EXPECT_EQ(of("[adapter.execute('create view v as select 1 as a')[0]]"),
            "[AdapterResponse(_message='CREATE VIEW', code='CREATE VIEW', rows_affected=-1, query_id=None)]");
  EXPECT_EQ(of("adapter.execute('select a from t', fetch=true)[0]"), "SELECT 3");
  EXPECT_EQ(of("adapter.execute('select 1 as a; select 2 as b;', fetch=true)[1].rows[0].dict()"), "{'b': 2}");
  EXPECT_EQ(of("adapter.execute('')"), "database: can't execute an empty query");
  EXPECT_EQ(of("adapter.add_query('insert into t values (%s)', bindings=['4'])[1].fetchall()"), "[]");
}

TEST_F(PostgresAdapterStory, TransactionsAreBegunAndCommitted) {
  stage.session().execute("create table t (a int)", false);
  EXPECT_EQ(of("adapter.commit()"),
            "DbtInternalError: Tried to commit transaction on connection \"model.shop.orders\", but it does not have "
            "one open!");
  stage.render("{% set a = adapter.execute('insert into t values (1)', auto_begin=true) %}{{ adapter.commit() }}");
  stage.render("{% set a = adapter.execute('insert into t values (2)', auto_begin=true) %}");
  EXPECT_NE(of("adapter.execute('select * from nope')").find("relation \"nope\" does not exist"), std::string::npos);
  EXPECT_EQ(of("adapter.execute('select a from t', fetch=true)[1].columns[0].values()"), "(1,)");
}

TEST_F(PostgresAdapterStory, KnowsRelationsOfEveryKind) {
  stage.session().execute(
      "create table t as select 1 as a; create view v as select * from t; "
      "create materialized view m as select * from v",
      false);
  EXPECT_EQ(of("[adapter.get_relation('" + dbname + "', 'public', 't').type, adapter.get_relation('" + dbname +
               "', 'public', 'v').type, adapter.get_relation('" + dbname + "', 'public', 'm').type]"),
            "['table', 'view', 'materialized_view']");
  // A cascade takes what hangs on it along, in the cache as well.
  EXPECT_EQ(of("adapter.drop_relation(" + relation("t") + ")"), "None");
  EXPECT_EQ(of("[adapter.get_relation('" + dbname + "', 'public', 'v'), adapter.get_relation('" + dbname +
               "', 'public', 'm')]"),
            "[None, None]");
}

TEST_F(PostgresAdapterStory, RenamesAndMakesSchemas) {
  stage.session().execute("create view v1 as select 1 as a", false);
  EXPECT_EQ(of("adapter.rename_relation(" + relation("v1", "view") + ", " + relation("v2", "view") + ")"), "None");
  EXPECT_EQ(of("adapter.get_relation('" + dbname + "', 'public', 'v2').type"), "view");
  EXPECT_EQ(of("adapter.create_schema(api.Relation.create(schema='new'))"), "None");
  EXPECT_EQ(of("adapter.check_schema_exists('" + dbname + "', 'new')"), "True");
  EXPECT_EQ(of("adapter.verify_database('" + dbname + "')"), "");
  EXPECT_EQ(of("adapter.verify_database('zz')"),
            "UnexpectedDbReferenceError: Cross-db references not allowed in postgres (zz vs " + dbname + ")");
}

TEST_F(PostgresAdapterStory, ReadsColumnsAndTypesOfQueries) {
  stage.session().execute(
      "create table big as select 1::int as id, 'x'::varchar(20) as name, 1.5::numeric(10,3) as amt, "
      "array[1] as ar",
      false);
  EXPECT_EQ(stage.render("{% for c in adapter.get_columns_in_relation(" + relation("big") +
                         ") %}{{ c.name }}|{{ c.dtype }}|{{ c.char_size }}|{{ c.numeric_precision }}|{{ c.data_type "
                         "}};{% endfor %}"),
            "id|integer|None|32|integer;name|character varying|20|None|character varying(20);"
            "amt|numeric|None|10|numeric(10,3);ar|ARRAY|None|None|ARRAY;");
  EXPECT_EQ(
      of("adapter.get_column_schema_from_query(\"select 1 as a, 'x' as b, 1::bigint as d, array[1] as f, now() as "
         "i, null as n where false\") | map(attribute='dtype') | list"),
      "['INTEGER', 'TEXT', 'LONGINTEGER', 'INTEGERARRAY', 'DATETIMETZ', 'TEXT']");
}

TEST_F(PostgresAdapterStory, WidensTextColumns) {
  stage.session().execute("create table narrow (n varchar(5)); create table wide (n varchar(50))", false);
  EXPECT_EQ(of("adapter.expand_target_column_types(" + relation("wide") + ", " + relation("narrow") + ")"), "None");
  EXPECT_EQ(of("adapter.get_columns_in_relation(" + relation("narrow") + ")[0].data_type"), "character varying(50)");
}

TEST_F(PostgresAdapterStory, ReadsIndexes) {
  EXPECT_EQ(of("[adapter.parse_index({'columns': ['a'], 'unique': true, 'type': 'hash'})]"),
            "[PostgresIndexConfig(columns=['a'], unique=True, type='hash')]");
  EXPECT_EQ(of("adapter.parse_index({'columns': ['a']}).render(" + relation("t") + ") | length"), "32");
  EXPECT_EQ(of("adapter.parse_index({'columns': 'a'})"),
            "IndexConfigError: Could not parse index config: at path ['columns']: 'a' is not of type 'array'");
  EXPECT_EQ(
      of("adapter.parse_index({'columns': ['a'], 'bogus': 1})"),
      "IndexConfigError: Could not parse index config: at path []: Additional properties are not allowed ('bogus' "
      "was unexpected)");
}

TEST_F(PostgresAdapterStory, TellsWhichIndexesOfAMaterializedViewChanged) {
  std::string text =
      R"({% set there = adapter.execute("select 'old' as name, 'btree' as method, false as \"unique\", 'a,b' as column_names", fetch=true)[1] %}
{%- macro of(wanted) %}
{%- set changes = view.get_materialized_view_config_change_collection({'indexes': there}, {'config': {'indexes': wanted}}) %}
{%- for change in changes.indexes if changes %}
{{- change.action }} {{ change.context.name }}{{ change.context.as_node_config.columns | join('+') }}; {% endfor %}
{%- endmacro %}{{ of([{'columns': ['b', 'a']}]) }}| {{ of([{'columns': ['c']}]) }}| {{ of([]) }})";
  std::string names = "{% set view = " + relation("v", "materialized_view") + " %}";
  EXPECT_EQ(stage.render(names + text), "| drop olda+b; create c; | drop olda+b; ");
}

TEST_F(PostgresAdapterStory, ConnectsAsTheProfileSays) {
  stage.session().execute("create role reader; create schema own", false);
  Stage other(target(
      dbname, {{"role", "reader"}, {"search_path", "own, public"}, {"keepalives_idle", 0}, {"connect_timeout", 5}}));
  EXPECT_EQ(other.outcome("{{ adapter.execute(\"select current_user::text as u, current_setting('search_path') as p\", "
                          "fetch=true)[1].rows[0].values() }}"),
            "('reader', 'own, public')");
  Stage wrong(target("nowhere"));
  EXPECT_NE(wrong.outcome("{{ adapter.execute('select 1') }}").find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace plumb::transform
