#include "workflow/definition.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/testing.h"
#include "workflow/render.h"

namespace plumb::workflow {
namespace {

// A project's folder with connections, a pipeline and what plumb.yml says of workflows.
class Definition : public testing::Test {
 protected:
  void SetUp() override {
    write("plumb.yml",
          "name: home\ntimezone: Europe/Berlin\n"
          "connections:\n  weather: {type: openweather, api_key: geheim}\n  files: {type: sqlite, path: data}\n"
          "pools: {bank: 1, wide: {slots: 4, description: many}}\n"
          "calendars: {business: {exclude: [sat, sun]}}\n"
          "alerts: {phone: {webhook: 'http://localhost'}}\n"
          "defaults: {retries: 2, env: {LANG: C}}\n");
    write("pipelines/weather.yml",
          "pipeline: weather\nsource: {connection: weather, cities: [Berlin]}\ndestination: files\ndataset: raw\n"
          "resources: {current: {table: weather_observations}}\n");
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  config::Project project() { return config::load_project(folder_.path(), config::Environment()); }
  std::shared_ptr<const Workflow> parse(const std::string& text) {
    return parse_workflow(text, "workflows/w.yml", project());
  }
  std::string failure(const std::string& text) {
    return error_of([&] { parse(text); });
  }
  TemporaryFolder folder_;
};

TEST_F(Definition, NeedsANameAndTasksOnly) {
  auto workflow = parse("workflow: hello\ntasks: [{id: a, shell: echo hello}]\n");
  EXPECT_EQ(workflow->name, "hello");
  EXPECT_EQ(workflow->max_active_tasks, 8);
  EXPECT_FALSE(workflow->timetable->periodic());
  EXPECT_EQ(workflow->zone.name(), "Europe/Berlin");
  const Task& task = *workflow->find_task("a");
  EXPECT_EQ(task.kind, TaskKind::Shell);
  EXPECT_EQ(json_of(task.settings), R"({"command": "echo hello"})");
  EXPECT_EQ(task.retries.retries, 2) << "from plumb.yml";
}

TEST_F(Definition, ReadsTheExampleOfAMorning) {
  auto workflow = parse(
      "workflow: morning\n"
      "schedule: '0 7 * * *'\n"
      "start_date: 2026-01-01\n"
      "catchup: false\n"
      "defaults: {retries: 3, retry_delay: 5m, retry_backoff: exponential, timeout: 30m}\n"
      "tasks:\n"
      "  - {id: weather, load: weather, pool: bank}\n"
      "  - {id: models, build: {select: 'tag:daily'}, after: [weather], retries: 0, env: {A: 1}}\n"
      "  - {id: tell, shell: 'echo {{ ds }}', after: models, when: '{{ params.loud }}', priority: 5}\n"
      "params: {loud: true}\n");
  EXPECT_TRUE(workflow->timetable->periodic());
  EXPECT_EQ(format_instant(*workflow->start_date), "2025-12-31T23:00:00Z") << "midnight in Berlin";
  const Task& weather = workflow->tasks[0];
  EXPECT_EQ(weather.retries.retries, 3);
  EXPECT_TRUE(weather.retries.exponential);
  EXPECT_EQ(*weather.timeout, std::chrono::minutes(30));
  EXPECT_EQ(weather.total_priority, 7) << "its own, and those after it";
  EXPECT_EQ(weather.produces, std::vector<std::string>{"raw.weather_observations"});
  const Task& models = workflow->tasks[1];
  EXPECT_EQ(models.command, "build");
  EXPECT_EQ(models.retries.retries, 0);
  EXPECT_EQ(json_of(models.environment.at("A")) + json_of(models.environment.at("LANG")), R"(1"C")");
  EXPECT_EQ(workflow->tasks[2].when, "params.loud");
  EXPECT_EQ(workflow->graph->following(0), std::vector<std::size_t>{1});
}

TEST_F(Definition, ARhythmBeginsWithTheStartDate) {
  auto workflow =
      parse("workflow: w\nschedule: {every: 7h}\nstart_date: 2026-01-01 00:30\ntasks: [{id: a, nothing: }]\n");
  const Due first = *workflow->timetable->next({}, {workflow->start_date, {}, true}, *workflow->start_date);
  EXPECT_EQ(format_instant(first.logical_date), "2025-12-31T23:30:00Z");
}

TEST_F(Definition, TasksMayBeAMapOfTheirNames) {
  auto workflow = parse("workflow: w\ntasks:\n  one: {nothing: }\n  two: {shell: ls, after: one}\n");
  EXPECT_EQ(workflow->tasks[0].id, "one");
  EXPECT_EQ(workflow->tasks[1].after, std::vector<std::string>{"one"});
}

TEST_F(Definition, KnowsEveryKindOfTask) {
  auto workflow = parse(R"(workflow: all
tasks:
  - {id: load, load: [weather]}
  - {id: run, run: }
  - {id: op, run-operation: {macro: grant, args: {role: reader}}}
  - {id: sql, sql: {connection: files, statement: "delete from t where day = '{{ ds }}'"}}
  - {id: check, query-check: {connection: files, query: select count(*) from t, at_least: 1}}
  - {id: shell, shell: {command: ls, folder: /tmp, skip_on_exit_code: [99, 3]}}
  - {id: python, python: {script: a.py, arguments: [1, "{{ ts }}"]}}
  - {id: http, http: {url: 'http://localhost', json: {a: "{{ params }}"}, timeout: 5s, status: 201}}
  - {id: ssh, ssh: {host: example.org, command: uptime}}
  - {id: container, container: {image: alpine, command: [echo, hi]}}
  - {id: clock, wait: 14:30}
  - {id: file, wait: {file: data/*.csv, every: 10s}}
  - {id: person, approve: Go on?}
  - {id: sub, workflow: {name: other, params: {n: 1}}}
  - {id: each, shell: "echo {{ city }}", map: {over: [a, b], as: city, at_once: 1, label: "{{ city }}"}}
  - {id: choose, branch: "'left' if params else 'right'"}
  - {id: left, nothing: , after: choose}
  - {id: right, nothing: , after: choose, trigger_rule: none_failed}
)");
  EXPECT_EQ(workflow->tasks.size(), 18u);
  EXPECT_EQ(json_of(workflow->find_task("load")->settings), R"({"pipeline": ["weather"]})");
  EXPECT_EQ(json_of(workflow->find_task("run")->settings), "{}");
  EXPECT_EQ(workflow->find_task("op")->command, "run-operation");
  EXPECT_EQ(json_of(workflow->find_task("clock")->settings), R"({"time": "14:30"})");
  EXPECT_EQ(workflow->find_task("each")->map->as, "city");
  EXPECT_EQ(workflow->find_task("right")->rule, run::TriggerRule::NoneFailed);
}

TEST_F(Definition, ReadsWhatIsDoneWhenSomethingHappens) {
  auto workflow = parse(
      "workflow: w\non-failure: phone\n"
      "tasks: [{id: a, nothing: , on-retry: [{shell: 'echo {{ task.id }}'}, {http: {url: x, method: POST}}]}]\n");
  EXPECT_EQ(json_of(workflow->callbacks.on_failure.at(0).action), R"({"alert": "phone"})");
  const auto& retry = workflow->tasks[0].callbacks.on_retry;
  EXPECT_EQ(json_of(retry.at(0).action), R"({"shell": {"command": "echo {{ task.id }}"}})");
  EXPECT_EQ(json_of(retry.at(1).action), R"({"http": {"url": "x", "method": "POST"}})");
}

TEST_F(Definition, SetupsAndTeardownsBelongTogether) {
  auto workflow = parse(
      "workflow: w\ntasks:\n  - {id: up, shell: a, setup: true}\n  - {id: work, shell: b, after: up}\n"
      "  - {id: down, shell: c, after: work, teardown: up}\n");
  EXPECT_TRUE(workflow->tasks[0].setup);
  EXPECT_TRUE(workflow->tasks[2].teardown);
  EXPECT_EQ(workflow->tasks[2].teardown_of, std::vector<std::string>{"up"});
}

TEST_F(Definition, AFolderIsReadWholeAndAFaultyFileHidesNoOther) {
  write("workflows/good.yml", "workflow: good\ntasks: [{id: a, workflow: other}]\n");
  write("workflows/other.yml", "workflow: other\ntasks: [{id: a, nothing: }]\n");
  write("workflows/bad.yml", "workflow: bad\nshedule: '@daily'\ntasks: [{id: a, shell: }, {id: b, shel: ls}]\n");
  write("workflows/twin.yml", "workflow: other\ntasks: [{id: a, nothing: }]\n");
  write("workflows/lost.yml", "workflow: lost\ntasks: [{id: a, workflow: otter}]\n");
  auto definitions = load_definitions(project());
  EXPECT_TRUE(definitions.find("good"));
  EXPECT_EQ(definitions.workflows.size(), 2u);
  EXPECT_EQ(definitions.find("good")->file, "workflows/good.yml");
  EXPECT_EQ(definitions.pools.at("wide").slots, 4);
  EXPECT_EQ(definitions.pools.at("default_pool").slots, 128);
  std::string faults;
  for (const Error& fault : definitions.faults) {
    faults += fault.find_place()->file.substr(folder_.path().string().size() + 1) + ":" +
              std::to_string(fault.find_place()->line) + ": " + fault.message() + "\n";
  }
  EXPECT_EQ(faults,
            "workflows/bad.yml:2: unknown key 'shedule'\n"
            "workflows/bad.yml:3: expected text or a map, found null\n"
            "workflows/bad.yml:3: unknown key 'shel'\n"
            "workflows/twin.yml:1: there are two workflows 'other'\n"
            "workflows/lost.yml:2: unknown workflow 'otter'\n");
}

TEST_F(Definition, AFileIsReadAgainWhenItOrAPipelineHasChanged) {
  write("workflows/a.yml", "workflow: a\ntasks: [{id: x, workflow: b}]\n");
  write("workflows/b.yml", "workflow: b\ntasks: [{id: x, load: weather}]\n");
  const auto home = project();
  const auto first = load_definitions(home);
  write("workflows/a.yml", "workflow: a\ntasks: [{id: y, workflow: b}]\n");
  const auto second = load_definitions(home, first);
  EXPECT_TRUE(second.find("a")->find_task("y"));
  EXPECT_EQ(second.find("b"), first.find("b"));
  std::filesystem::remove(folder_.path() / "workflows/b.yml");
  const auto third = load_definitions(home, second);
  ASSERT_EQ(third.faults.size(), 1u);
  EXPECT_EQ(third.faults[0].message(), "unknown workflow 'b'");
  write("pipelines/other.yml", "pipeline: other\n");
  EXPECT_NE(load_definitions(home, first).find("a"), first.find("a"));
}

TEST_F(Definition, WorkflowsThatStartEachOtherInACircleAreRefused) {
  write("workflows/a.yml", "workflow: a\ntasks: [{id: x, workflow: b}]\n");
  write("workflows/b.yml", "workflow: b\ntasks: [{id: x, workflow: a}]\n");
  auto definitions = load_definitions(project());
  ASSERT_EQ(definitions.faults.size(), 2u);
  EXPECT_EQ(definitions.faults[0].message(), "the workflows start each other in a circle: a -> b -> a");
  EXPECT_TRUE(definitions.workflows.empty());
}

TEST_F(Definition, ParamsAreCheckedAndTakeTheirDefaults) {
  auto workflow = parse(
      "workflow: w\ntasks: [{id: a, nothing: }]\n"
      "params:\n  day: {type: date}\n  n: {default: 3, minimum: 1, maximum: 9}\n  who: {enum: [ada, bob], default: "
      "ada}\n"
      "  code: {pattern: '^[a-z]+$', default: abc}\n");
  const auto check = [&](const char* json) { return json_of(check_params(*workflow, value_of_json(json))); };
  const auto refuse = [&](const char* json) { return error_of([&] { check(json); }); };
  EXPECT_EQ(check(R"({"day": "2026-11-21", "n": "7"})"),
            R"({"day": "2026-11-21", "n": 7, "who": "ada", "code": "abc"})");
  EXPECT_EQ(refuse("{}"), "the param 'day' of 'w' is missing");
  EXPECT_EQ(refuse(R"({"day": "x"})"), "the param 'day': it should be of type date, and is of type string");
  EXPECT_EQ(refuse(R"({"day": "2026-11-21", "n": 10})"), "the param 'n': it should be at most 9");
  EXPECT_EQ(refuse(R"({"day": "2026-11-21", "who": "eve"})"),
            "the param 'who': it should be one of [\"ada\", \"bob\"]");
  EXPECT_EQ(refuse(R"({"day": "2026-11-21", "code": "9"})"), "the param 'code': it should match \"^[a-z]+$\"");
  EXPECT_EQ(refuse(R"({"dya": "2026-11-21", "day": "2026-11-21"})"),
            "'w' has no param 'dya'\nhint: did you mean 'day'?");
}

TEST_F(Definition, WithoutParamsARunTakesWhatItIsGiven) {
  auto workflow = parse("workflow: w\ntasks: [{id: a, nothing: }]\n");
  EXPECT_EQ(json_of(check_params(*workflow, value_of_json(R"({"a": [1]})"))), R"({"a": [1]})");
}

TEST_F(Definition, AChangeOfDefaultsIsAnotherVersion) {
  const std::string text = "workflow: w\ntasks: [{id: a, nothing: }]\n";
  const auto before = parse(text)->hash;
  EXPECT_EQ(parse(text)->hash, before);
  write("plumb.yml", "name: home\ndefaults: {retries: 1}\n");
  EXPECT_NE(parse(text)->hash, before);
}

}  // namespace
}  // namespace plumb::workflow
