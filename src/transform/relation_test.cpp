// Relations and columns as templates see them. What is expected is what dbt 1.11 says.

#include "transform/relation.h"

#include <gtest/gtest.h>

#include "transform/testing.h"

namespace plumb::transform {
namespace {

constexpr const char* kTable =
    "{% set t = api.Relation.create(database='d', schema='s', identifier='i', type='table') %}";

struct RelationStory : testing::Test {
  std::string of(const std::string& expression) { return stage.outcome(kTable + ("{{ " + expression + " }}")); }
  Stage stage{duckdb_target()};
};

TEST_F(RelationStory, PrintsTheQuotedPartsThatItHas) {
  EXPECT_EQ(of("t"), R"("d"."s"."i")");
  EXPECT_EQ(of("[t]"), R"([<DuckDBRelation "d"."s"."i">])");
  EXPECT_EQ(of("api.Relation.create(schema='s', identifier='V w')"), R"("s"."V w")");
  EXPECT_EQ(of("api.Relation.create()"), "");
  EXPECT_EQ(of("api.Relation.create('d', 's', 'a\"b')"), R"("d"."s"."a"b")");
  EXPECT_EQ(of("api.Relation.create(identifier=5)"),
            "InvalidFieldValue: Field \"path\" of type Path in DuckDBRelation has invalid value 5");
}

TEST_F(RelationStory, IncludesAndQuotesPartsOnDemand) {
  EXPECT_EQ(of("t.include(database=false)"), R"("s"."i")");
  EXPECT_EQ(of("t.include(database=false).include(database=true)"), R"("d"."s"."i")");
  EXPECT_EQ(of("t.quote(schema=false, database=false)"), R"(d.s."i")");
  EXPECT_EQ(of("t.without_identifier()"), R"("d"."s")");
  EXPECT_EQ(of("t.include(identifer=true)"),
            "TypeError: BaseRelation.include() got an unexpected keyword argument 'identifer'");
}

TEST_F(RelationStory, ChangesIntoAnother) {
  EXPECT_EQ(of("t.incorporate(path={'identifier': 'j', 'schema': none})"), R"("d"."j")");
  EXPECT_EQ(of("t.incorporate(type='view').is_view"), "True");
  EXPECT_EQ(of("t.replace_path(identifier='z')"), R"("d"."s"."z")");
  EXPECT_EQ(of("api.Relation.create(identifier='i', type='bogus')"),
            "InvalidFieldValue: Field \"type\" of type Optional[RelationType] in DuckDBRelation has invalid value "
            "'bogus'");
}

TEST_F(RelationStory, TellsOfItself) {
  EXPECT_EQ(of("[t.is_table, t.is_view, t.is_cte, t.type, t.name, t.table, t.identifier]"),
            "[True, False, False, 'table', 'i', 'i', 'i']");
  EXPECT_EQ(of("[t.path, t.include_policy.schema]"), "[Path(database='d', schema='s', identifier='i'), True]");
  EXPECT_EQ(of("[t.get('nope', 5), t.nope is undefined, t['schema'], t.get('metadata')]"),
            "[5, True, 's', {'type': 'DuckDBRelation'}]");
  EXPECT_EQ(of("t.information_schema('tables')"), R"("d".INFORMATION_SCHEMA.tables)");
}

TEST_F(RelationStory, IsEqualByAllItsFields) {
  EXPECT_EQ(of("t == api.Relation.create('d', 's', 'i', 'table')"), "True");
  EXPECT_EQ(of("t == api.Relation.create('d', 's', 'i')"), "False");
  EXPECT_EQ(of("{t: 1}[api.Relation.create('d', 's', 'i', 'table')]"), "1");
}

TEST_F(RelationStory, MatchesExactlyOrComplains) {
  EXPECT_EQ(of("[t.matches(schema='s'), t.matches(schema='s', identifier='x')]"), "[True, False]");
  EXPECT_NE(of("t.matches(schema='S')").find("ApproximateMatchError: When searching for a relation"),
            std::string::npos);
  EXPECT_EQ(of("t.matches()"), "DbtRuntimeError: Tried to match relation, but no search path was passed!");
}

TEST_F(RelationStory, ALimitMakesASubqueryOfIt) {
  EXPECT_EQ(of("api.Relation.create('d', 's', 'i', limit=0)"), R"((select * from "d"."s"."i" where false limit 0))");
  EXPECT_EQ(of("api.Relation.create('d', 's', 'i', external=\"'x.csv'\")"), "'x.csv'");
  auto postgres =
      jinja::make<Relation>(RelationFields{.engine = db::Kind::Postgres, .path = {"d", "s", "i"}, .limit = 5});
  EXPECT_EQ(postgres->text(), R"((select * from "d"."s"."i" limit 5) _dbt_limit_subq_i)");
}

TEST_F(RelationStory, PostgresEndsANameAt63Characters) {
  RelationFields fields{.engine = db::Kind::Postgres, .path = {"d", "s", std::string(64, 'a')}, .type = "table"};
  EXPECT_THROW(Relation{fields}, Error);
  EXPECT_EQ(Relation({.engine = db::Kind::Postgres, .path = {"d", "s", "i"}, .type = "table"}).fields().require_alias,
            true);
}

TEST_F(RelationStory, AColumnKnowsItsType) {
  auto column = [&](const std::string& expression) {
    return stage.outcome("{% set C = api.Column %}{{ " + expression + " }}");
  };
  EXPECT_EQ(column("C('a b', 'character varying', 25).quoted"), "\"a b\"");
  EXPECT_EQ(column("C('n', 'numeric', none, 10, 2).data_type"), "numeric(10,2)");
  EXPECT_EQ(column("C('x', 'VARCHAR').data_type"), "character varying(256)");
  EXPECT_EQ(column("C('x', 'DECIMAL(18,3)').data_type"), "DECIMAL(18,3)");
  EXPECT_EQ(column("[C('x', 'hugeint').is_integer(), C('x', 'serial').is_integer(), C('x', 'double').is_float()]"),
            "[True, False, True]");
  EXPECT_EQ(column("C('v', 'varchar', 25).can_expand_to(C('x', 'text', 50))"), "True");
  EXPECT_EQ(column("C('i', 'integer').string_size()"), "DbtRuntimeError: Called string_size() on non-string field!");
  EXPECT_EQ(column("C.create('x', 'STRING')"),
            "DuckDBColumn(column='x', dtype='TEXT', char_size=None, numeric_precision=None, numeric_scale=None, "
            "fields=[])");
  EXPECT_EQ(column("C('x', 'STRUCT(a INTEGER, b STRUCT(c VARCHAR))').flatten() | map(attribute='name') | list"),
            "['x.a', 'x.b.c']");
  EXPECT_EQ(column("C.from_description('a', 'numeric(18,2)').numeric_scale"), "2");
  EXPECT_EQ(column("C.from_description('a', 'varchar(x)')"),
            "DbtRuntimeError: Could not interpret data_type \"varchar(x)\": could not convert \"x\" to an integer");
  EXPECT_EQ(column("C('a')"), "TypeError: DuckDBColumn.__init__() missing 1 required positional argument: 'dtype'");
}

TEST_F(RelationStory, PostgresHasColumnsOfItsOwn) {
  auto postgres = [](std::string dtype) {
    return Column({.engine = db::Kind::Postgres, .name = "x", .dtype = std::move(dtype)});
  };
  EXPECT_EQ(postgres("text").data_type(), "text");
  EXPECT_EQ(postgres("character varying").data_type(), "character varying");
  EXPECT_EQ(postgres("varchar").data_type(), "character varying(256)");
  EXPECT_TRUE(postgres("bigserial").is_integer());
  EXPECT_TRUE(postgres("double precision").is_float());
}

}  // namespace
}  // namespace plumb::transform
