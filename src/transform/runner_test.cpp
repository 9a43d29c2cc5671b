#include "transform/runner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "transform/freshness.h"
#include "transform/progress.h"
#include "transform/show.h"

namespace plumb::transform {
namespace {

// A dbt project in a temporary folder, on a DuckDB file beside it.
class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n" + extra_settings_);
    write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 2}}}");
  }

  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    write_file(folder_.path() / path, text);
  }
  void settings(const std::string& more) {
    write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n" + more);
  }

  // Runs everything of these types, or what `only` names; "model.shop.a success" of each, in order of names.
  std::string run(RunKind kind, jinja::Value flags = jinja::Value::dict(), std::stop_token stop = {}) {
    auto settings = project::load_settings(folder_.path(), config::Environment(), {.flags = std::move(flags)});
    settings.say = [this](std::string_view text, project::Voice) { said_ += std::string(text) + "\n"; };
    auto loaded = project::load_manifest(settings);
    Warehouse warehouse(settings.target, settings.folder, Log([this](const LogRecord& record) {
                          std::lock_guard lock(mutex_);
                          statements_ += std::string(record.message) + "\n";
                        }));
    Invocation invocation(settings, loaded.manifest, warehouse, clock_);
    invocation.stop = std::move(stop);
    std::set<std::string> chosen;
    for (const project::Node& node : loaded.manifest.nodes) {
      bool wanted = only_.empty() || only_.contains(node.unique_id);
      bool test = node.type == project::ResourceType::Test || node.type == project::ResourceType::UnitTest;
      bool fits = kind == RunKind::Build || kind == RunKind::Compile || (kind == RunKind::Test) == test;
      if (wanted && fits) chosen.insert(node.unique_id);
    }
    lines_.clear();
    LineProgress progress(settings, [this](const Event& event) {
      lines_ += event.text + (event.status.empty() ? "" : " [" + event.status + "]") + "\n";
    });
    Compiler compiler;
    outcome_ = Runner(invocation, compiler, progress)
                   .run(chosen, {.kind = kind, .threads = 2, .fail_fast = invocation.flag("FAIL_FAST")});
    progress.summary(outcome_, kind);
    std::map<std::string, std::string> statuses;
    for (const RunResult& result : outcome_.results) {
      std::string id = result.unique_id;
      if (id.starts_with("test.")) id.erase(id.rfind('.'));  // its hash
      statuses[id] = to_string(result.status);
      messages_[result.unique_id] = result.message.value_or("");
      result_value(result);                           // all of it can be shown
      const_cast<RunResult&>(result).node = nullptr;  // the manifest goes
    }
    std::string text;
    for (const auto& [id, status] : statuses) text += id + " " + status + "\n";
    return text;
  }

  // Rows as "1,Ada;2,Bob".
  std::string rows(const std::string& sql) {
    auto settings = project::load_settings(folder_.path(), config::Environment(), {});
    auto loaded = project::load_manifest(settings);
    Warehouse warehouse(settings.target, settings.folder);
    Invocation invocation(settings, loaded.manifest, warehouse, clock_);
    Session session(warehouse, "look");
    RunContext context(invocation, session);
    auto table = session.fetch(sql, false).table;
    std::string text;
    context.work([&](jinja::State& state) {
      for (const jinja::Value& row : table->rows) {
        if (!text.empty()) text += ";";
        bool first = true;
        for (const jinja::Value& cell : row.items()) {
          text += (first ? "" : ",") + jinja::to_str(state, cell);
          first = false;
        }
      }
    });
    return text;
  }

  std::string compiled(const std::string& path) { return read_file(folder_.path() / "target/compiled/shop" / path); }
  const std::string& message(const std::string& id) { return messages_[id]; }

  const std::string extra_settings_;
  TemporaryFolder folder_;
  SystemClock clock_;
  std::set<std::string> only_;
  std::string lines_, said_;
  std::mutex mutex_;  // guards the statements, which the threads tell
  std::string statements_;
  std::map<std::string, std::string> messages_;
  Outcome outcome_;
};

TEST_F(RunnerTest, BuildsSeedsModelsAndTestsEachAfterWhatItReads) {
  write("seeds/people.csv", "id,name\n1,Ada\n2,Bob\n");
  write("models/named.sql",
        "{{ config(materialized='table') }} select id, upper(name) as name from {{ ref('people') }}");
  write("models/seen.sql", "select count(*) as n from {{ ref('named') }}");
  write("models/_.yml", "models: [{name: named, columns: [{name: id, data_tests: [unique, not_null]}]}]");
  EXPECT_EQ(run(RunKind::Build),
            "model.shop.named success\nmodel.shop.seen success\nseed.shop.people success\n"
            "test.shop.not_null_named_id pass\ntest.shop.unique_named_id pass\n");
  EXPECT_EQ(rows("select * from named order by id"), "1,ADA;2,BOB");
  EXPECT_EQ(rows("select * from seen"), "2");
  EXPECT_EQ(outcome_.results.back().unique_id, "model.shop.seen");
  EXPECT_TRUE(outcome_.successful());
}

TEST_F(RunnerTest, EphemeralModelsStandInFrontOfTheSqlThatReadsThem) {
  write("models/base.sql", "{{ config(materialized='ephemeral') }}select 1 as id");
  write("models/top.sql", "select * from {{ ref('base') }}");
  EXPECT_EQ(run(RunKind::Run), "model.shop.top success\n");
  EXPECT_EQ(compiled("models/top.sql"), "with __dbt__cte__base as (\nselect 1 as id\n) select * from __dbt__cte__base");
}

TEST_F(RunnerTest, AnEphemeralModelThatDoesNotCompileSkipsItsReaders) {
  write("models/base.sql", "{{ config(materialized='ephemeral') }}{{ adapter.nope() }}");
  write("models/top.sql", "select * from {{ ref('base') }}");
  EXPECT_EQ(run(RunKind::Run), "model.shop.top skipped\n");
  EXPECT_NE(message("model.shop.top").find("ephemeral model model.shop.base"), std::string::npos)
      << message("model.shop.top");
  EXPECT_NE(lines_.find("due to ephemeral model status 'skipped'"), std::string::npos) << lines_;
  EXPECT_FALSE(outcome_.successful());
}

TEST_F(RunnerTest, AModelThatFailsSkipsItsSuccessorsAndTheRestRuns) {
  write("models/bad.sql", "select\n  nope\nfrom (select 1 as id)");
  write("models/after.sql", "select * from {{ ref('bad') }}");
  write("models/far.sql", "select * from {{ ref('after') }}");
  write("models/good.sql", "select 1 as id");
  EXPECT_EQ(run(RunKind::Run),
            "model.shop.after skipped\nmodel.shop.bad error\nmodel.shop.far skipped\nmodel.shop.good success\n");
  EXPECT_NE(message("model.shop.bad").find("> at models/bad.sql:2:3"), std::string::npos) << message("model.shop.bad");
  EXPECT_NE(lines_.find("Done. PASS=1 WARN=0 ERROR=1 SKIP=2 NO-OP=0 TOTAL=4"), std::string::npos) << lines_;
  EXPECT_FALSE(outcome_.successful());
}

TEST_F(RunnerTest, AnErrorInAMacroTellsTheChainOfCalls) {
  write("macros/m.sql",
        "{% macro outer(x) %}{{ inner(x, 2) }}{% endmacro %}\n{% macro inner(x) %}{{ x }}{% endmacro %}");
  write("models/bad.sql", "select {{ outer(1) if execute }}");
  run(RunKind::Run);
  EXPECT_EQ(message("model.shop.bad"),
            "Compilation Error in model bad (models/bad.sql)\n"
            "  macro 'dbt_macro__inner' takes not more than 1 argument(s)\n"
            "  \n"
            "  > at macros/m.sql:1:29\n"
            "    1 | {% macro outer(x) %}{{ inner(x, 2) }}{% endmacro %}\n"
            "      |                             ^\n"
            "  > in macro outer, called at models/bad.sql:1:16\n"
            "  > called by model bad (models/bad.sql)");
}

TEST_F(RunnerTest, InABuildATestThatFailsKeepsSuccessorsFromRunning) {
  write("models/base.sql", "select 1 as id union all select 1");
  write("models/top.sql", "select * from {{ ref('base') }}");
  write("models/_.yml", "models: [{name: base, columns: [{name: id, data_tests: [unique]}]}]");
  EXPECT_EQ(run(RunKind::Build), "model.shop.base success\nmodel.shop.top skipped\ntest.shop.unique_base_id fail\n");
  EXPECT_EQ(run(RunKind::Run), "model.shop.base success\nmodel.shop.top success\n");
}

TEST_F(RunnerTest, AUnitTestWaitsForWhatItsModelWaitsFor) {
  write("models/a.sql", "select 1 as id");
  write("models/b.sql", "select id from {{ ref('a') }}");
  write("models/_.yml", R"(
models: [{name: a, columns: [{name: id, data_tests: [{accepted_values: {arguments: {values: [2]}}}]}]}]
unit_tests: [{name: u, model: b, given: [{input: ref('a'), rows: [{id: 1}]}], expect: {rows: [{id: 1}]}}]
)");
  EXPECT_EQ(run(RunKind::Build),
            "model.shop.a success\nmodel.shop.b skipped\ntest.shop.accepted_values_a_id__2 fail\n"
            "unit_test.shop.b.u skipped\n");
}

TEST_F(RunnerTest, TestsMindSeverityConditionsAndLimits) {
  write("models/base.sql", "select 1 as id union all select 1 union all select 2 union all select 2");
  write("models/_.yml",
        "models:\n  - name: base\n    columns:\n      - name: id\n        data_tests:\n"
        "          - unique: {config: {severity: warn}, name: warned}\n"
        "          - unique: {config: {error_if: '>5', warn_if: '>1'}, name: few}\n"
        "          - unique: {config: {where: 'id > 5'}, name: none_there}\n"
        "          - unique: {config: {store_failures: true}, name: kept}\n"
        "          - unique: {config: {store_failures: true, limit: 1}, name: limited}\n");
  run(RunKind::Run);
  EXPECT_EQ(run(RunKind::Test),
            "test.shop.few warn\ntest.shop.kept fail\ntest.shop.limited fail\ntest.shop.none_there pass\n"
            "test.shop.warned warn\n");
  EXPECT_EQ(rows("select * from main_dbt_test__audit.kept order by 1"), "1,2;2,2");
  EXPECT_EQ(rows("select count(*) from main_dbt_test__audit.limited"), "1");
}

TEST_F(RunnerTest, ATestThatPassesHasNoFailuresWhateverItCounts) {
  write("models/base.sql", "select 1 as id union all select 1");
  write("models/_.yml",
        "models: [{name: base, columns: [{name: id, data_tests: [{unique: {name: u, config: {error_if: '>5', warn_if: "
        "'>5'}}}]}]}]\n");
  EXPECT_EQ(run(RunKind::Build), "model.shop.base success\ntest.shop.u pass\n");
  EXPECT_EQ(outcome_.results.back().failures, 0);
}

TEST_F(RunnerTest, AnEphemeralModelThatNobodyReadsIsCompiledForItsErrors) {
  write("models/alone.sql",
        "{{ config(materialized='ephemeral') }} select {{ exceptions.raise_compiler_error('no') if execute }}");
  EXPECT_EQ(run(RunKind::Run), "model.shop.alone error\n");
}

TEST_F(RunnerTest, AnIncrementalModelAddsWhatIsNew) {
  write("seeds/events.csv", "id,word\n1,a\n");
  write("models/kept.sql",
        "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('events') }}\n"
        "{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}");
  run(RunKind::Build);
  write("seeds/events.csv", "id,word\n1,changed\n2,b\n");
  run(RunKind::Build);
  EXPECT_EQ(rows("select * from kept order by id"), "1,a;2,b");
  run(RunKind::Build, jinja::Value::dict({{"FULL_REFRESH", true}}));
  EXPECT_EQ(rows("select * from kept order by id"), "1,changed;2,b");
}

TEST_F(RunnerTest, ASnapshotKeepsThreeDays) {
  write("seeds/prices.csv", "id,price\n1,10\n2,20\n");
  write("snapshots/history.sql",
        "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['price']) }}\n"
        "select * from {{ ref('prices') }}{% endsnapshot %}");
  run(RunKind::Build);
  write("seeds/prices.csv", "id,price\n1,11\n2,20\n");
  run(RunKind::Build);
  write("seeds/prices.csv", "id,price\n1,12\n2,20\n");
  run(RunKind::Build);
  EXPECT_EQ(rows("select id, price, dbt_valid_to is null from history order by id, price"),
            "1,10,False;1,11,False;1,12,True;2,20,True");
}

TEST_F(RunnerTest, AUnitTestComparesRowsWithWhatIsExpected) {
  write("models/base.sql", "{{ config(materialized='table') }} select 1 as id, 'x' as word");
  write("models/top.sql", "select id, upper(word) as word from {{ ref('base') }}");
  write("models/_.yml",
        "unit_tests:\n"
        "  - {name: right, model: top, given: [{input: ref('base'), rows: [{id: 7, word: y}]}], expect: {rows: [{id: "
        "7, word: Y}]}}\n"
        "  - {name: wrong, model: top, given: [{input: ref('base'), rows: [{id: 7, word: y}]}], expect: {rows: [{id: "
        "7, word: y}]}}\n");
  EXPECT_EQ(run(RunKind::Build),
            "model.shop.base success\nmodel.shop.top skipped\nunit_test.shop.top.right pass\nunit_test.shop.top.wrong "
            "fail\n");
  EXPECT_EQ(message("unit_test.shop.top.wrong"), "\n\nactual differs from expected:\n\n@@,id,word\n→,7,y→Y\n\n");
}

TEST_F(RunnerTest, AUnitTestReplacesMacrosVariablesAndThis) {
  write("models/top.sql",
        "{{ config(materialized='incremental') }} select {{ var('n') }} as n\n"
        "{% if is_incremental() %} where {{ var('n') }} not in (select n from {{ this }}) {% endif %}");
  settings("vars: {n: 1}\n");
  run(RunKind::Run);
  write("models/_.yml",
        "unit_tests:\n"
        "  - name: nothing_new\n    model: top\n    overrides: {macros: {is_incremental: true}, vars: {n: 5}}\n"
        "    given: [{input: this, rows: [{n: 5}]}]\n    expect: {rows: []}\n");
  EXPECT_EQ(run(RunKind::Test), "unit_test.shop.top.nothing_new pass\n") << message("unit_test.shop.top.nothing_new");
}

TEST_F(RunnerTest, HooksRunBeforeAndAfterAndSeeTheResults) {
  settings(
      "on-run-start: create table if not exists log (word varchar)\n"
      "on-run-end: \"{% for r in results %}insert into log values ('{{ r.node.name }} {{ r.status }}');{% endfor %}\"\n"
      "models: {+pre-hook: \"insert into log values ('before {{ this.name }}')\"}\n");
  write("models/a.sql", "select 1 as id");
  run(RunKind::Run);
  EXPECT_EQ(rows("select * from log"), "before a;a success");
}

TEST_F(RunnerTest, WhatIsRunFirstHasToRender) {
  write("models/a.sql", "select 1 as id");
  settings("on-run-start: \"{% if execute %}{% do run_query('select nope') %}{% endif %}\"\n");
  EXPECT_THROW(run(RunKind::Run), Error);
  settings("query-comment: \"{{ nope() }}\"\n");
  EXPECT_THROW(run(RunKind::Run), Error);
}

TEST_F(RunnerTest, WithFailFastTheRestIsLeftOut) {
  write("models/a.sql", "select nope");
  for (int i = 0; i < 20; ++i) {
    write("models/slow" + std::to_string(i) + ".sql",
          "{{ config(materialized='table') }} select count(*) as n from range(100000000) a where range % 7 = 0");
  }
  run(RunKind::Run, jinja::Value::dict({{"FAIL_FAST", true}}));
  EXPECT_EQ(outcome_.results.size(), 21U);
  EXPECT_TRUE(std::any_of(outcome_.results.begin(), outcome_.results.end(), [](const RunResult& result) {
    return result.status == Status::Skipped && result.message == "Skipping due to fail_fast";
  }));
}

TEST_F(RunnerTest, AStopEndsStatementsAndLeavesOutTheRest) {
  write("models/long.sql",
        "{{ config(materialized='table') }} select count(*) as n from range(10000000) a, range(100000) b where a.range "
        "+ b.range = 7");
  write("models/next.sql", "select * from {{ ref('long') }}");
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  run(RunKind::Run, jinja::Value::dict(), stop.get_token());
  EXPECT_TRUE(outcome_.cancelled);
  EXPECT_LE(outcome_.results.size(), 1U);
}

TEST_F(RunnerTest, AnEnforcedContractRefusesAnotherShape) {
  write("models/a.sql", "{{ config(materialized='table') }} select 'x' as id");
  write("models/_.yml",
        "models: [{name: a, config: {contract: {enforced: true}}, columns: [{name: id, data_type: integer}]}]");
  EXPECT_EQ(run(RunKind::Run), "model.shop.a error\n");
  EXPECT_NE(message("model.shop.a").find("This model has an enforced contract that failed."), std::string::npos)
      << message("model.shop.a");
}

TEST_F(RunnerTest, AForeignKeyPointsToWhatItRefersTo) {
  write("models/parent.sql", "{{ config(materialized='table') }} select 1 as id");
  write("models/child.sql", "{{ config(materialized='table') }} select 1 as id");
  write(
      "models/_.yml",
      "models:\n"
      "  - {name: parent, config: {contract: {enforced: true}}, columns: [{name: id, data_type: integer, constraints: "
      "[{type: primary_key}]}]}\n"
      "  - {name: child, config: {contract: {enforced: true}}, columns: [{name: id, data_type: integer, constraints: "
      "[{type: foreign_key, to: \"ref('parent')\", to_columns: [id]}]}]}\n");
  EXPECT_EQ(run(RunKind::Run), "model.shop.child success\nmodel.shop.parent success\n") << message("model.shop.child");
  EXPECT_NE(statements_.find("id integer references \"main\".\"parent\" (id)"), std::string::npos) << statements_;
}

TEST_F(RunnerTest, CustomMaterializationsOfTheProjectAreUsed) {
  write("macros/mine.sql",
        "{% materialization mine, default %}{% call statement('main') %}create or replace table {{ this }} as\n"
        "select 'mine' as word, x.* from ({{ sql }}) x{% endcall %}{{ adapter.commit() }}{{ return({'relations': "
        "[this]}) }}{% endmaterialization %}");
  write("models/a.sql", "{{ config(materialized='mine') }} select 1 as id");
  EXPECT_EQ(run(RunKind::Run), "model.shop.a success\n") << message("model.shop.a");
  EXPECT_EQ(rows("select * from a"), "mine,1");
}

TEST_F(RunnerTest, AModelInPythonReadsAndReturnsTables) {
  if (std::system("python3 -c 'import duckdb' 2>/dev/null") != 0) GTEST_SKIP() << "no duckdb in Python";
  write("models/a.sql", "select 1 as id union all select 2");
  write("models/p.py",
        "def model(dbt, session):\n"
        "    dbt.config(materialized='table', times=3)\n"
        "    return dbt.ref('a').filter('id > 1').project(f\"id * {dbt.config.get('times')} as id\")\n");
  write("models/q.py", "def model(dbt, session):\n    return dbt.ref('a').nothing()\n");
  EXPECT_EQ(run(RunKind::Run), "model.shop.a success\nmodel.shop.p success\nmodel.shop.q error\n")
      << message("model.shop.p");
  EXPECT_EQ(rows("select * from p"), "6");
  EXPECT_NE(message("model.shop.q").find("line 2, in model"), std::string::npos) << message("model.shop.q");
}

TEST_F(RunnerTest, AModelFindsNoOtherThanThoseItNamed) {
  write("models/a.sql", "select 1 as id");
  write("models/b.sql", "select * from {% if execute %}{{ ref('a') }}{% else %}x{% endif %}");
  run(RunKind::Run);
  EXPECT_NE(message("model.shop.b").find("-- depends_on: {{ ref('a') }}"), std::string::npos)
      << message("model.shop.b");
}

TEST_F(RunnerTest, AMicrobatchModelReplacesTheRowsOfItsDays) {
  write("models/seen.sql",
        "{{ config(materialized='table', event_time='seen_at') }}\n"
        "select 1 as id, timestamp '2026-01-01 10:00:00' as seen_at union all select 2, '2026-01-02 10:00:00'");
  write("models/kept.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', "
        "batch_size='day',\n"
        "          begin='2026-01-01') }} select *, 1 as run from {{ ref('seen') }}");
  run(RunKind::Run, jinja::Value::dict({{"EVENT_TIME_END", "2026-01-03"}}));
  EXPECT_EQ(rows("select id, run from kept order by id"), "1,1;2,1") << message("model.shop.kept");
  EXPECT_NE(lines_.find("Batch 2 of 2 OK created batch 2026-01-02 of main.kept"), std::string::npos) << lines_;
  write("models/kept.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', "
        "batch_size='day',\n"
        "          begin='2026-01-01') }} select *, 2 as run from {{ ref('seen') }}");
  run(RunKind::Run, jinja::Value::dict({{"EVENT_TIME_START", "2026-01-02"}, {"EVENT_TIME_END", "2026-01-03"}}));
  EXPECT_EQ(rows("select id, run from kept order by id"), "1,1;2,2");
}

TEST_F(RunnerTest, TheCommentOfStatementsMayGoBehindThem) {
  settings("query-comment: {comment: \"{{ return('by ' ~ target.name) }}\", append: true}\n");
  write("models/a.sql", "{{ config(materialized='view') }} select 1 as id");
  run(RunKind::Run);
  EXPECT_NE(statements_.find("select 1 as id\n  )\n/* by dev */;"), std::string::npos) << statements_;
}

TEST_F(RunnerTest, EmptyReadsNoRows) {
  write("seeds/people.csv", "id\n1\n2\n");
  write("models/a.sql", "{{ config(materialized='table') }} select * from {{ ref('people') }}");
  run(RunKind::Build);
  run(RunKind::Run, jinja::Value::dict({{"EMPTY", true}}));
  EXPECT_EQ(rows("select count(*) from a"), "0");
}

}  // namespace
}  // namespace plumb::transform
