// Rows of a statement as templates read them. What is expected is what dbt 1.11 with dbt-duckdb says.

#include "transform/result_table.h"

#include <gtest/gtest.h>

#include "transform/testing.h"

namespace plumb::transform {
namespace {

constexpr const char* kRows =
    "{% set r = adapter.execute(\"select 1 as id, 'x' as name, true as ok union all select 2, null, false order by "
    "1\", "
    "fetch=true)[1] %}";

struct TableStory : testing::Test {
  std::string of(const std::string& expression) { return stage.outcome(kRows + ("{{ " + expression + " }}")); }
  std::string value(const std::string& sql) {
    return stage.outcome("{{ adapter.execute(\"select " + sql + " as v\", fetch=true)[1].rows[0].values() }}");
  }
  Stage stage{duckdb_target()};
};

TEST_F(TableStory, HasRowsAndColumnsByNameAndPlace) {
  EXPECT_EQ(of("r.column_names"), "('id', 'name', 'ok')");
  EXPECT_EQ(of("[r.rows[0]['id'], r.rows[0].name, r.rows[-1][0], r.rows | length, r | length]"), "[1, 'x', 2, 2, 2]");
  EXPECT_EQ(of("r.columns['name'].values()"), "('x', None)");
  EXPECT_EQ(of("[r.columns[0].name, r.columns.keys(), r.columns[0].values()]"), "['id', ('id', 'name', 'ok'), (1, 2)]");
  EXPECT_EQ(of("r.rows[0].items()"), "(('id', 1), ('name', 'x'), ('ok', True))");
  EXPECT_EQ(of("r.rows[0].dict()"), "{'id': 1, 'name': 'x', 'ok': True}");
  EXPECT_EQ(of("[r.rows[0]['nope'] is undefined, r.rows[0].get('nope', 5), r.columns.get('nope')]"), "[True, 5, None]");
  EXPECT_EQ(of("r.rows | map(attribute='id') | list"), "[1, 2]");
  EXPECT_EQ(of("r.columns | map(attribute='name') | list"), "['id', 'name', 'ok']");
}

TEST_F(TableStory, IsWalkedRowByRow) {
  EXPECT_EQ(stage.render(kRows + std::string("{% for row in r %}{{ row.id }},{% endfor %}")), "1,2,");
  EXPECT_EQ(stage.render(kRows + std::string("{% for id, name, ok in r.rows %}{{ id }}{{ name }};{% endfor %}")),
            "1x;2None;");
  EXPECT_EQ(of("r.rows[0]"), "<agate.Row: (1, 'x', True)>");
  EXPECT_EQ(of("r.rows[0:1]"), "(<agate.Row: (1, 'x', True)>,)");
  EXPECT_EQ(of("['id' in r.rows[0], 1 in r.rows[0], r.rows[0] is mapping, r.rows is sequence]"),
            "[False, True, False, True]");
}

TEST_F(TableStory, GivesOtherTables) {
  EXPECT_EQ(of("r.select(['name', 'id']).column_names"), "('name', 'id')");
  EXPECT_EQ(of("r.exclude(['id']).column_names"), "('name', 'ok')");
  EXPECT_EQ(of("r.rename(column_names={'id': 'x'}).column_names"), "('x', 'name', 'ok')");
  EXPECT_EQ(of("r.order_by('id', reverse=true).columns[0].values()"), "(2, 1)");
  EXPECT_EQ(of("[r.limit(1).rows | length, r.distinct('ok').rows | length]"), "[1, 2]");
  EXPECT_EQ(stage.render(kRows + std::string("{% macro big(row) %}{% if row.id > 1 %}y{% endif %}{% endmacro %}"
                                             "{{ r.where(big).columns[0].values() }}")),
            "(2,)");
  EXPECT_EQ(of("r.select('nope')"), "KeyError: 'nope'");
}

TEST_F(TableStory, IsPrinted) {
  stage.render(kRows + std::string("{% set nothing = r.print_table() %}"));
  EXPECT_EQ(stage.printed(),
            "| id | name |    ok |\n"
            "| -- | ---- | ----- |\n"
            "|  1 | x    |  True |\n"
            "|  2 |      | False |\n");
  EXPECT_EQ(of("r"),
            "| column | data_type |\n"
            "| ------ | --------- |\n"
            "| id     | Integer   |\n"
            "| name   | Text      |\n"
            "| ok     | Boolean   |\n");
}

TEST_F(TableStory, ValuesAreWhatDbtMakesOfThem) {
  EXPECT_EQ(value("10::hugeint"), "(10,)");
  EXPECT_EQ(value("123456789012345678901234567890::hugeint"), "(123456789012345678901234567890,)");
  EXPECT_EQ(value("null"), "(None,)");
  EXPECT_EQ(value("[{'a': 1, 'b': 'x'}]"), R"(('[{"a": 1, "b": "x"}]',))");
  EXPECT_EQ(value("[1.5::decimal(3,1)]"), "('[1.5]',)");
  EXPECT_EQ(value("[timestamp '2026-01-02 03:04:05']"), R"(('["2026-01-02T03:04:05"]',))");
  EXPECT_EQ(value("'abc'::blob"), R"(("b'abc'",))");
  EXPECT_EQ(stage.render("{{ adapter.execute('select 1.50::decimal(10,2) as d, 3::double as f, 1e20::double as g, date "
                         "\\'2026-01-02\\' as h', fetch=true)[1].rows[0] | join(' ') }}"),
            "1.50 3.0 1E+20 2026-01-02");
}

TEST_F(TableStory, DatesAndDecimalsArePythons) {
  EXPECT_EQ(value("date '2026-01-02'"), "(datetime.date(2026, 1, 2),)");
  EXPECT_EQ(value("timestamp '2026-01-02 03:04:05.5'"), "(datetime.datetime(2026, 1, 2, 3, 4, 5, 500000),)");
  EXPECT_EQ(value("timestamptz '2026-01-02 03:04:05+02'"), "(datetime.datetime(2026, 1, 2, 1, 4, 5, tzinfo=<UTC>),)");
  EXPECT_EQ(value("1.50::decimal(10,2)"), "(Decimal('1.50'),)");
  EXPECT_EQ(value("'nan'::double"), "(Decimal('NaN'),)");
  EXPECT_EQ(stage.render("{{ adapter.execute(\"select date '2026-01-02'\", fetch=true)[1].rows[0][0]"
                         ".strftime('%d.%m.%y') }}"),
            "02.01.26");
}

TEST_F(TableStory, ResultsAreStoredAndLoadedOnce) {
  const std::string store = kRows + std::string("{{ store_result('ids', response='OK', agate_table=r) }}");
  EXPECT_EQ(stage.render(store + "{% set ids = load_result('ids') %}{{ ids.response }} {{ ids.data }}"
                                 "{{ ids['table'].rows[1].id }}{{ load_result('other') }}"),
            "OK [(1, 'x', True), (2, None, False)]2None");
  EXPECT_EQ(
      stage.outcome(store + "{% set a = load_result('ids') %}{% set b = load_result('ids') %}"),
      "MacroResultAlreadyLoadedError: The 'statement' result named 'ids' has already been loaded into a variable");
  EXPECT_EQ(stage.render("{{ store_raw_result('r', message='m', code='c', rows_affected=3) }}"
                         "{% set r = load_result('r') %}{{ [r.response] }}{{ r.response }}"),
            "[AdapterResponse(_message='m', code='c', rows_affected=3, query_id=None)]m");
}

}  // namespace
}  // namespace plumb::transform
