// `adapter` on DuckDB. What is expected is what dbt 1.11 with dbt-duckdb says.

#include <gtest/gtest.h>

#include <thread>

#include "base/file.h"
#include "transform/duckdb_setup.h"
#include "transform/testing.h"

namespace plumb::transform {
namespace {

using jinja::Value;

struct DuckDbAdapterStory : testing::Test {
  void SetUp() override {
    stage.session().execute("create table tt as select 1 as id, 'x' as name, 1.5::decimal(10,3) as amt", false);
    stage.session().execute("create view vv as select id from tt", false);
  }
  std::string of(const std::string& expression) { return stage.outcome("{{ " + expression + " }}"); }
  static std::string relation(const std::string& name, const std::string& type = "table") {
    return "api.Relation.create(database='memory', schema='main', identifier='" + name + "', type='" + type + "')";
  }
  Stage stage{duckdb_target()};
};

TEST_F(DuckDbAdapterStory, ExecutesStatements) {
  EXPECT_EQ(of("adapter.type()"), "duckdb");
  EXPECT_EQ(of("adapter.execute('select 1 as a')[0]"), "OK");
  EXPECT_EQ(of("[adapter.execute('select 1 as a')[0]]"),
            "[AdapterResponse(_message='OK', code=None, rows_affected=None, query_id=None)]");
  EXPECT_EQ(of("adapter.execute('select * from range(10)', fetch=true, limit=3)[1].rows | length"), "3");
  EXPECT_EQ(of("adapter.execute('select 1 as a; select 2 as b', false, true)[1].column_names"), "('b',)");
  EXPECT_EQ(of("adapter.execute('-- nothing', fetch=true)[1].rows | length"), "0");
  EXPECT_EQ(of("adapter.add_query('select 1 as a')[1].fetchall()"), "[(1,)]");
  EXPECT_EQ(of("adapter.add_query('insert into tt values (?, ?, ?)', bindings=[7, 'y', none])[1].fetchall()"), "[]");
  EXPECT_EQ(of("adapter.nope is undefined"), "True");
  EXPECT_EQ(of("adapter.execute()").substr(0, 60), "TypeError: BaseAdapter.execute() missing 1 required position");
}

TEST_F(DuckDbAdapterStory, BeginsATransactionWhereItIsAskedTo) {
  stage.render("{% set a = adapter.execute('insert into tt values (2, null, null)', auto_begin=true) %}");
  EXPECT_TRUE(stage.session().transaction_open());
  EXPECT_EQ(of("adapter.commit()"), "None");
  EXPECT_FALSE(stage.session().transaction_open());
  EXPECT_EQ(of("adapter.commit()"), "None");
  stage.render("{% set a = adapter.execute('insert into tt values (3, null, null)', auto_begin=true) %}");
  EXPECT_NE(of("adapter.execute('select * from nope')").find("nope"), std::string::npos);
  EXPECT_FALSE(stage.session().transaction_open());
  EXPECT_EQ(of("adapter.execute('select count(*) as n from tt', fetch=true)[1].rows[0].n"), "2");
}

TEST_F(DuckDbAdapterStory, KnowsItsRelations) {
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 'tt')"), R"("memory"."main"."tt")");
  EXPECT_EQ(of("adapter.get_relation(database='memory', schema='main', identifier='vv').type"), "view");
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 'nope')"), "None");
  EXPECT_NE(of("adapter.get_relation('memory', 'main', 'TT')").find("ApproximateMatchError"), std::string::npos);
  EXPECT_EQ(of("[adapter.already_exists('main', 'tt'), adapter.already_exists('main', 'zz')]"), "[True, False]");
  // What nobody tells the cache it does not know.
  stage.session().execute("create table late as select 1 as a", false);
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 'late')"), "None");
  EXPECT_EQ(of("adapter.cache_added(" + relation("late") + ")"), "");
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 'late').type"), "table");
}

TEST_F(DuckDbAdapterStory, RenamesAndDropsAndTellsTheCache) {
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 'tt').is_table"), "True");
  EXPECT_EQ(of("adapter.rename_relation(" + relation("tt") + ", " + relation("t3") + ")"), "None");
  EXPECT_EQ(of("[adapter.get_relation('memory', 'main', 't3').type, adapter.get_relation('memory', 'main', 'tt')]"),
            "['table', None]");
  EXPECT_EQ(of("adapter.truncate_relation(" + relation("t3") + ")"), "None");
  EXPECT_EQ(of("adapter.drop_relation(" + relation("t3") + ")"), "None");
  EXPECT_EQ(of("adapter.get_relation('memory', 'main', 't3')"), "None");
  EXPECT_EQ(of("adapter.drop_relation(api.Relation.create('memory', 'main', 't3'))"),
            "CompilationError: Tried to drop relation \"memory\".\"main\".\"t3\", but its type is null.");
  EXPECT_EQ(of("adapter.drop_relation('x')"), "AttributeError: 'str' object has no attribute 'type'");
}

TEST_F(DuckDbAdapterStory, MakesAndDropsSchemas) {
  EXPECT_EQ(of("adapter.create_schema(api.Relation.create(database='memory', schema='new'))"), "None");
  EXPECT_EQ(of("adapter.check_schema_exists('memory', 'new')"), "True");
  EXPECT_EQ(of("adapter.drop_schema(api.Relation.create(database='memory', schema='new'))"), "None");
  EXPECT_EQ(of("adapter.check_schema_exists('memory', 'new')"), "False");
}

TEST_F(DuckDbAdapterStory, ReadsColumns) {
  EXPECT_EQ(of("adapter.get_columns_in_relation(" + relation("tt") + ") | map(attribute='dtype') | list"),
            "['INTEGER', 'VARCHAR', 'DECIMAL(10,3)']");
  EXPECT_EQ(of("adapter.get_columns_in_relation(" + relation("zz") + ")"), "[]");
  EXPECT_NE(of("adapter.get_columns_in_relation('zz')").find("to be of type 'Relation', instead got zz"),
            std::string::npos);
  EXPECT_EQ(
      of("adapter.get_missing_columns(" + relation("tt") + ", " + relation("vv") + ") | map(attribute='name') | list"),
      "['name', 'amt']");
  EXPECT_EQ(of("adapter.get_missing_columns('a', 'b')").substr(0, 90),
            "MacroArgTypeError: 'adapter.get_missing_columns' expects argument 'from_relation' to be of");
  EXPECT_EQ(
      of("adapter.get_column_schema_from_query(\"select 1 as a, [1] as f, {'a': 1} as g\") | map(attribute='name') "
         "| list"),
      "['a', 'f', 'g.a']");
}

TEST_F(DuckDbAdapterStory, AMacroOfTheProjectGoesBeforeItsOwnStatements) {
  std::string called;
  stage.surroundings().call_macro = [&](jinja::State& state, std::string_view name,
                                        jinja::Arguments arguments) -> std::optional<Value> {
    if (name != "drop_relation" && name != "get_columns_in_relation") return std::nullopt;
    called += std::string(name) + "(" + jinja::to_str(state, arguments.keywords[0].name) + "=" +
              jinja::to_str(state, arguments.keywords[0].value) + ")";
    return Value::list();
  };
  EXPECT_EQ(of("adapter.drop_relation(" + relation("tt") + ")"), "None");
  EXPECT_EQ(of("adapter.get_columns_in_relation(" + relation("vv") + ")"), "[]");
  EXPECT_EQ(
      called,
      "drop_relation(relation=\"memory\".\"main\".\"tt\")get_columns_in_relation(relation=\"memory\".\"main\".\"vv\")");
  EXPECT_EQ(of("adapter.execute('select count(*) from tt', fetch=true)[1].rows[0][0]"), "1");
}

TEST_F(DuckDbAdapterStory, DispatchesThroughItsResolver) {
  stage.surroundings().dispatch = [](jinja::State& state, std::string_view name, const Value& space) {
    return Value(std::string(name) + " in " + jinja::to_str(state, space));
  };
  EXPECT_EQ(of("adapter.dispatch('m', 'dbt_utils')"), "m in dbt_utils");
  EXPECT_EQ(of("adapter.dispatch('m')"), "m in None");
  EXPECT_EQ(of("adapter.dispatch('dbt.m')"),
            "CompilationError: In adapter.dispatch, got a macro name of \"dbt.m\", but \".\" is not a valid macro name "
            "component. Did you mean `adapter.dispatch(\"m\", macro_namespace=\"dbt\")`?");
}

TEST_F(DuckDbAdapterStory, FindsTheMacroOfAnIncrementalStrategy) {
  stage.extra().set("context", Value::dict({{"get_incremental_delete_insert_sql", "found"}}));
  EXPECT_EQ(of("adapter.get_incremental_strategy_macro(context, 'delete+insert')"), "found");
  EXPECT_EQ(of("adapter.get_incremental_strategy_macro(context, 'insert_overwrite')"),
            "DbtRuntimeError: The incremental strategy 'insert_overwrite' is not valid for this adapter");
  EXPECT_EQ(of("adapter.get_incremental_strategy_macro(context, 'bogus')"),
            "DbtRuntimeError: dbt could not find an incremental strategy macro with the name "
            "\"get_incremental_bogus_sql\" in shop");
}

TEST_F(DuckDbAdapterStory, QuotesAndConverts) {
  EXPECT_EQ(
      of("[adapter.quote('a'), adapter.quote_as_configured('a', 'schema'), adapter.quote_as_configured('a', 'x')]"),
      "['\"a\"', '\"a\"', 'a']");
  EXPECT_EQ(of("[adapter.quote_seed_column('a', none), adapter.quote_seed_column('a', false)]"), "['\"a\"', 'a']");
  EXPECT_EQ(
      of("adapter.quote_seed_column('a', 'x')"),
      "QuoteConfigTypeError: The seed configuration value of \"quote_columns\" has an invalid type <class 'str'>");
  EXPECT_EQ(
      stage.render("{% set r = adapter.execute(\"select 1 as a, 1.5 as b, 'x' as c, true as d\", fetch=true)[1] %}"
                   "{% for i in range(4) %}{{ adapter.convert_type(r, i) }} {% endfor %}"),
      "integer float8 text boolean ");
  EXPECT_EQ(of("adapter.standardize_grants_dict(adapter.execute(\"select 'u' as grantee, 'select' as privilege_type\", "
               "fetch=true)[1])"),
            "{'select': ['u']}");
}

TEST_F(DuckDbAdapterStory, WritesConstraints) {
  EXPECT_EQ(of("adapter.render_raw_columns_constraints(raw_columns={'id': {'name': 'id', 'data_type': 'int', "
               "'constraints': [{'type': 'not_null'}, {'type': 'check', 'expression': 'id > 0'}, {'type': "
               "'foreign_key', 'to': 'o', 'to_columns': ['id']}]}, 'b': {'name': 'b', 'data_type': 'text', 'quote': "
               "true}})"),
            "['id int not null check (id > 0) references o (id)', '\"b\" text']");
  EXPECT_EQ(of("adapter.render_raw_model_constraints(raw_constraints=[{'type': 'primary_key', 'columns': ['id']}, "
               "{'type': 'check', 'name': 'cc', 'expression': 'id > 0'}, {'type': 'not_null', 'columns': ['a']}])"),
            "['primary key (id)', 'constraint cc check (id > 0)']");
  EXPECT_EQ(of("adapter.render_raw_model_constraints(raw_constraints=[{'type': 'bogus'}])"),
            "DbtValidationError: Could not parse constraint: {'type': 'bogus'}");
}

TEST_F(DuckDbAdapterStory, KnowsFilesOutside) {
  EXPECT_EQ(of("adapter.external_root()"), ".");
  EXPECT_EQ(of("adapter.external_write_options('x.csv', {'delimiter': '|', 'header': 1})"),
            "delimiter '|', header 1, format csv");
  EXPECT_EQ(of("adapter.external_write_options('x', {'partition_by': 'a,b'})"), "partition_by (a,b), format parquet");
  EXPECT_EQ(of("adapter.external_read_location('x', {'partition_by': 'a,b'})"), "x/*/*/*.parquet");
  EXPECT_EQ(of("adapter.external_read_location('x.parquet', {'per_thread_output': true})"), "x.parquet/*.parquet");
  EXPECT_EQ(of("adapter.location_exists('/nope.parquet')"), "False");
}

TEST_F(DuckDbAdapterStory, SnapshotsNeedTheirColumns) {
  EXPECT_EQ(of("adapter.valid_snapshot_target(" + relation("tt") + ")").substr(0, 149),
            "SnapshotTargetNotSnapshotTableError: Snapshot target is missing configured columns (missing "
            "\"dbt_scd_id\", \"dbt_valid_from\", \"dbt_valid_to\"). See http");
  EXPECT_EQ(of("adapter.get_hard_deletes_behavior({'invalidate_hard_deletes': true})"), "invalidate");
  EXPECT_EQ(of("adapter.get_hard_deletes_behavior({})"), "ignore");
  EXPECT_EQ(of("adapter.get_hard_deletes_behavior({'hard_deletes': 'x'})"),
            "DbtValidationError: Invalid setting for property hard_deletes.");
}

TEST(DuckDbTarget, AttachesSetsAndLoadsAsTheProfileSays) {
  TemporaryFolder folder;
  {
    auto other = db::open({.kind = db::Kind::DuckDb, .path = folder.path() / "other.duckdb"})->connect();
    other->execute("create table t as select 42 as n");
  }
  Value settings = Value::dict(
      {{"path", "shop.duckdb"},
       {"extensions", Value::list({"json"})},
       {"settings", Value::dict({{"default_null_order", "nulls_first"}})},
       {"attach", Value::list({Value::dict({{"path", "other.duckdb"}, {"alias", "o"}, {"read_only", true}})})}});
  auto target = duckdb_target(settings);
  target.database = "shop";
  Stage stage(target, folder.path());
  EXPECT_EQ(stage.outcome("{{ adapter.execute('select n from o.t', fetch=true)[1].rows[0].n }}"), "42");
  EXPECT_EQ(stage.outcome("{{ adapter.get_relation('o', 'main', 't') }}"), R"("o"."main"."t")");
  EXPECT_NE(
      stage
          .outcome(
              "{{ adapter.execute(\"select current_setting('default_null_order') as s\", fetch=true)[1].rows[0].s }}")
          .find("NULLS_FIRST"),
      std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "shop.duckdb"));
}

TEST(DuckDbTarget, ASettingThatDuckDbDoesNotKnowIsTheProfilesFault) {
  Stage stage(duckdb_target(Value::dict({{"settings", Value::dict({{"nope", 1}})}})));
  EXPECT_EQ(stage.outcome("{{ adapter.execute('select 1') }}").substr(0, 37), "config: the profile's setting failed:");
}

TEST(DuckDbTarget, WritesTheStatementsOfAProfile) {
  Warehouse warehouse(duckdb_target(), "/shop");
  EXPECT_EQ(secret_statement(Value::dict({{"type", "s3"}, {"region", "eu"}, {"scope", Value::list({"s3://a"})}}), 1),
            "create or replace secret _dbt_secret_1 (type s3, region 'eu', scope ['s3://a'])");
  EXPECT_EQ(attach_statement(Value::dict({{"path", "host=x"}, {"type", "postgres"}, {"alias", "pg"}}), warehouse),
            "attach if not exists 'host=x' as \"pg\" (type postgres)");
  EXPECT_EQ(attach_statement(Value::dict({{"path", "raw.db"}, {"type", "sqlite"}}), warehouse),
            "attach if not exists '/shop/raw.db' (type sqlite)");
  EXPECT_EQ(extension_statements(Value::dict({{"name", "h3"}, {"repo", "community"}}))[0], "install h3 from community");
}

TEST(DuckDbTarget, ThreadsShareTheDatabaseAndACancelEndsAStatement) {
  Warehouse warehouse(duckdb_target(), {});
  Session first(warehouse, "a");
  Session second(warehouse, "b");
  first.execute("create table t as select 1 as n", false);
  EXPECT_EQ(second.fetch("select n from t", false).table->rows.size(), 1u);
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    second.cancel();
  });
  try {
    second.fetch("select count(*) from range(100000000000) a, range(1000) b", false);
    FAIL() << "it ended";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
  }
}

TEST(DuckDbTarget, StatementsAreToldApart) {
  auto parts = split_statements("select ';' ; -- a;\n/* ; */ select $x$;$x$ ;; ");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0], "select ';' ");
}

}  // namespace
}  // namespace plumb::transform
