#include "workflow/render.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing.h"

namespace plumb::workflow {
namespace {

using jinja::Value;

class Rendering : public testing::Test {
 protected:
  Rendering() {
    project_.environment = config::Environment(std::map<std::string, std::string>{{"WHO", "ada"}});
    project_.vars = {{"town", "Bremen"}};
    project_.connections["landing"] = {
        .name = "landing", .type = "postgres", .settings = {{"host", {"localhost", {}}}, {"password", {"geheim", {}}}}};
    run_.workflow = workflow_.name = "morning";
    workflow_.zone = Zone::get("Europe/Berlin");
    run_.run_id = "r1";
    run_.logical_date = find_instant("2026-11-20T23:30:00Z");
    run_.interval_start = find_instant("2026-11-19T23:30:00Z");
    run_.interval_end = run_.logical_date;
    task_.id = "a";
    facts_ = {
        .project = &project_,
        .workflow = &workflow_,
        .run = &run_,
        .task = &task_,
        .instance = &instance_,
        .params = value_of_json(R"({"n": 3, "evil": "{{ env_var('WHO') }}"})"),
        .values = value_of_json(R"({"list": {"files": ["a", "b"], "return_value": 7}, "each": [{"x": 1}, {"x": 2}]})"),
        .variables = value_of_json(R"({"limit": "5", "doc": "{\"a\": 1}"})")};
  }
  // As JSON.
  std::string render(const std::string& text) {
    return json_of(Renderer(project_).render(Value(text), run_names(facts_), {}));
  }
  config::Project project_;
  Workflow workflow_;
  store::RunRow run_;
  Task task_;
  store::TaskRow instance_{.try_number = 2};
  RunFacts facts_;
};

TEST_F(Rendering, KnowsTheTimesOfARun) {
  EXPECT_EQ(render("{{ ds }} {{ ds_nodash }} {{ ts }} {{ ts_nodash }}"),
            "\"2026-11-20 20261120 2026-11-20T23:30:00+00:00 20261120T233000\"");
  EXPECT_EQ(render("{{ local_ds }} {{ local_logical_date.isoformat() }}"), "\"2026-11-21 2026-11-21T00:30:00+01:00\"");
  EXPECT_EQ(render("{{ data_interval_start | ds }} {{ data_interval_end.strftime('%H:%M') }}"), "\"2026-11-19 23:30\"");
  EXPECT_EQ(render("{{ (logical_date + macros.timedelta(days=1)) | ts_nodash }}"), "\"20261121T233000\"");
  EXPECT_EQ(render("{{ macros.ds_add(ds, -20) }} {{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}"),
            "\"2026-10-31 20.11.26\"");
  EXPECT_EQ(render("{{ data_interval_start }}"), "\"2026-11-19 23:30:00+00:00\"") << "what leaves is text";
}

TEST_F(Rendering, KnowsTheRunItsTaskAndWhatOthersLeft) {
  EXPECT_EQ(render("{{ run.run_id }} {{ dag_run.run_type }} {{ task.id }} {{ ti.try_number }} {{ workflow.name }}"),
            "\"r1 manual a 2 morning\"");
  EXPECT_EQ(render("{{ values.list.files }}"), R"(["a", "b"])");
  EXPECT_EQ(render("{{ values['each'] | map(attribute='x') | list }}"), "[1, 2]");
  EXPECT_EQ(render("{{ ti.xcom_pull(task_ids='list') }}"), "7");
  EXPECT_EQ(render("{{ params.n }}"), "3") << "one expression gives its value";
  EXPECT_EQ(render("n={{ params.n }}"), "\"n=3\"");
}

TEST_F(Rendering, KnowsVariablesAndConnectionsButNoSecrets) {
  EXPECT_EQ(render("{{ env_var('WHO') }} {{ env_var('NO', 'x') }} {{ var('town') }} {{ var('limit') }}"),
            "\"ada x Bremen 5\"");
  EXPECT_EQ(render("{{ var.value.limit }}{{ var.json.doc.a }}{{ var.value.get('no', 'd') }}"), "\"51d\"");
  EXPECT_EQ(render("{{ connections.landing }}"), R"({"name": "landing", "type": "postgres", "host": "localhost"})");
}

TEST_F(Rendering, WhatARunIsGivenIsNeverRenderedAgain) {
  EXPECT_EQ(render("{{ params.evil }}!"), "\"{{ env_var('WHO') }}!\"");
}

TEST_F(Rendering, QuoteMakesOneWordOfAShell) {
  facts_.params = value_of_json(R"({"city": "Aus'tin; rm -rf /", "list": ["a b", 2]})");
  EXPECT_EQ(render("echo {{ params.city | quote }} {{ params.list | quote }}"),
            R"("echo 'Aus'\\''tin; rm -rf /' 'a b' '2'")");
}

TEST_F(Rendering, TreesAreRenderedLeafByLeaf) {
  const Value tree = value_of_json(R"({"a": ["{{ params.n }}", 1, null, {"b": "{{ ds }}"}]})");
  EXPECT_EQ(json_of(Renderer(project_).render(tree, run_names(facts_), {})),
            R"({"a": [3, 1, null, {"b": "2026-11-20"}]})");
}

TEST_F(Rendering, AFileWithSqlIsATemplateToo) {
  TemporaryFolder folder;
  write_file(folder.path() / "clean.sql", "delete from t where day < '{{ ds }}'");
  task_.kind = TaskKind::Sql;
  task_.settings = value_of_json(R"({"connection": "{{ 'la' }}ke", "file": "clean.sql"})");
  Renderer renderer(project_);
  EXPECT_EQ(json_of(render_settings(renderer, task_, run_names(facts_), folder.path())),
            R"({"connection": "lake", "statement": "delete from t where day < '2026-11-20'"})");
}

TEST_F(Rendering, ConditionsAreExpressionsWithOrWithoutBraces) {
  Renderer renderer(project_);
  const Value names = run_names(facts_);
  for (const char* yes : {"params.n > 2", "{{ params.n > 2 }}", "values.list.files", "{% if 1 %}true{% endif %}"}) {
    EXPECT_TRUE(renderer.truth(yes, names, {})) << yes;
  }
  for (const char* no : {"params.n > 3", "{{ none }}", "''", "'False'", "{% if 1 %}false{% endif %}"}) {
    EXPECT_FALSE(renderer.truth(no, names, {})) << no;
  }
  EXPECT_EQ(json_of(renderer.evaluate("['a', 'b'] if params.n else 'c'", names, {})), R"(["a", "b"])");
}

TEST_F(Rendering, WhatIsWrongHasTheTasksPlaceAndShowsTheTemplate) {
  const Place place{.file = "workflows/w.yml", .line = 3, .column = 5};
  EXPECT_EQ(error_of([&] { Renderer(project_).render(Value("x {{ parms.n }}"), run_names(facts_), place); }),
            "workflows/w.yml:3:5: 'parms' is undefined\nhint: in x {{ parms.n }}");
  EXPECT_NE(error_of([&] {
              Renderer(project_).render(Value("{{ params.m }}"), run_names(facts_), place);
            }).find("has no attribute 'm'"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              Renderer(project_).render(Value("{{ env_var('NO') }}"), run_names(facts_), place);
            }).find("environment variable 'NO' is not set"),
            std::string::npos);
}

TEST_F(Rendering, ATemplateThatNeverEndsIsStopped) {
  EXPECT_NE(error_of([&] { render("{% for a in range(100001) %}{% endfor %}"); }).find("range"), std::string::npos);
}

}  // namespace
}  // namespace plumb::workflow
