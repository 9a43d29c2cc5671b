// Stories of runs: a workflow in YAML, carried out for real (bash, SQLite), and what became of its tasks.
#include "workflow/scheduler.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "workflow/store_place.h"

namespace plumb::workflow {
namespace {

using std::chrono::milliseconds;

class SchedulerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_.path() / "workflows");
    std::filesystem::create_directories(folder_.path() / ".plumb");
    write("plumb.yml", "name: t\n");
  }

  void write(const std::string& file, const std::string& text) { write_file(folder_.path() / file, text); }
  std::string read(const std::string& file) { return find_file(folder_.path() / file).value_or(""); }

  // A server's life: the store outlives it.
  struct Server {
    explicit Server(const std::filesystem::path& folder, SchedulerOptions options = {})
        : project(config::load_project(folder, config::Environment::of_process())),
          store(store_of(project), clock),
          scheduler(std::move(options), project, store, clock, {}),
          loop([this](std::stop_token stop) { scheduler.run(stop); }) {}

    config::Project project;
    SystemClock clock;
    store::Store store;
    Scheduler scheduler;
    std::jthread loop;
  };

  std::unique_ptr<Server> serve(SchedulerOptions options = {}) {
    return std::make_unique<Server>(folder_.path(), std::move(options));
  }

  // Waits until the run has ended; how its tasks ended: "a:success b[0]:failed(2)".
  std::string end_of(Server& server, const store::RunRow& begun) {
    for (int i = 0; i < 2000; ++i) {
      auto row = server.store.reader()->find_run(begun.id);
      if (row && run::finished(row->state)) return told(server, *row);
      std::this_thread::sleep_for(milliseconds(5));
    }
    return "still open: " + told(server, *server.store.reader()->find_run(begun.id));
  }

  static std::string told(Server& server, const store::RunRow& row) {
    std::string text(run::to_string(row.state));
    auto tasks = server.store.reader()->tasks_of(row.id);
    std::sort(tasks.begin(), tasks.end(), [](const auto& a, const auto& b) {
      return std::tie(a.task, a.map_index) < std::tie(b.task, b.map_index);
    });
    for (const store::TaskRow& task : tasks) {
      text += format(" {}{}:{}", task.task, task.map_index < 0 ? "" : format("[{}]", task.map_index),
                     run::to_string(task.state));
      if (task.try_number > 1) text += format("({})", task.try_number);
    }
    return text;
  }

  // Carries out the only workflow that is written down as this text.
  std::string play(const std::string& text, const jinja::Value& params = {}) {
    write("workflows/w.yml", text);
    auto server = serve();
    return end_of(*server, server->scheduler.trigger({.workflow = "w", .params = params}));
  }

  // Waits for what a condition says.
  template <class Condition>
  static bool comes_true(Condition condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  TemporaryFolder folder_;
};

TEST_F(SchedulerTest, CarriesOutALine) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: a, shell: "echo a >> out"}
  - {id: b, shell: "echo b >> out", after: a}
  - {id: c, shell: "echo c >> out", after: b}
)"),
            "success a:success b:success c:success");
  EXPECT_EQ(read("out"), "a\nb\nc\n");
}

TEST_F(SchedulerTest, TriesAgainAsOftenAsItMay) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: third, shell: "echo x >> tries; test $(wc -l < tries) -ge 3", retries: 2, retry_delay: 10ms}
  - {id: never, shell: "false", retries: 1, retry_delay: 10ms, after: third}
  - {id: behind, shell: "true", after: never}
)"),
            "failed behind:upstream_failed never:failed(2) third:success(3)");
}

TEST_F(SchedulerTest, Exit99MeansSkipped) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: a, shell: "exit 99", retries: 3}
  - {id: b, shell: "true", after: a}
  - {id: c, shell: {command: "exit 4", skip_on_exit_code: 4}}
)"),
            "success a:skipped b:skipped c:skipped");
}

TEST_F(SchedulerTest, ValuesGoFromTaskToTask) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: a, shell: "echo 'rows=12' > $PLUMB_VALUES"}
  - {id: b, shell: "echo '{\"list\": [1, 2, 3]}' > $PLUMB_VALUES"}
  - {id: c, shell: "echo {{ values.a.rows }} {{ values.b.list | sum }} > out", after: [a, b]}
)"),
            "success a:success b:success c:success");
  EXPECT_EQ(read("out"), "12 6\n");
}

TEST_F(SchedulerTest, AMapRunsOncePerEntryAndIsWaitedFor) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: list, shell: "echo '{\"cities\": [\"Berlin\", \"Austin\"]}' > $PLUMB_VALUES"}
  - {id: each, shell: "echo {{ city }} > out.{{ city }}", map: {over: "{{ values.list.cities }}", as: city}, after: list}
  - {id: sum, shell: "cat out.* > out", after: each}
  - {id: none, shell: "true", map: {over: []}}
)"),
            "success each[0]:success each[1]:success list:success none:skipped sum:success");
  EXPECT_EQ(read("out"), "Austin\nBerlin\n");
}

TEST_F(SchedulerTest, ABranchGoesOnWithWhatItChose) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: which, branch: "'left' if 1 < 2 else 'right'"}
  - {id: left, shell: "true", after: which}
  - {id: right, shell: "true", after: which}
  - {id: both, shell: "true", after: [left, right], trigger_rule: none_failed_min_one_success}
  - {id: unless, shell: "true", when: "1 > 2"}
)"),
            "success both:success left:success right:skipped unless:skipped which:success");
}

TEST_F(SchedulerTest, WhatCantBeRenderedFailsWithItsReason) {
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: a, shell: \"echo {{ 1 / 0 }}\", retries: 2}\n");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  EXPECT_EQ(end_of(*server, begun), "failed a:failed");
  EXPECT_NE(server->store.reader()->find_task(begun.id, "a", -1)->message.find("division"), std::string::npos);
}

TEST_F(SchedulerTest, ATimeoutEndsTheWholeGroup) {
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: a, shell: \"sleep 30 & sleep 30\", timeout: 100ms}\n");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  EXPECT_EQ(end_of(*server, begun), "failed a:failed");
  EXPECT_EQ(server->store.reader()->find_task(begun.id, "a", -1)->message, "timed out after 100ms");
}

TEST_F(SchedulerTest, NoMoreRunAtOnceThanPoolsAndRunsAllow) {
  write("plumb.yml", "name: t\npools: {one: 1}\n");
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: a, shell: "mkdir lock && sleep 0.05 && rmdir lock", pool: one}
  - {id: b, shell: "mkdir lock && sleep 0.05 && rmdir lock", pool: one}
  - {id: c, shell: "mkdir lock && sleep 0.05 && rmdir lock", pool: one, priority: 5}
  - {id: each, shell: "mkdir lock2 && sleep 0.02 && rmdir lock2", map: {over: [1, 2, 3], at_once: 1}}
)"),
            "success a:success b:success c:success each[0]:success each[1]:success each[2]:success");
}

TEST_F(SchedulerTest, ManyTasksAllRunWhateverTheLimits) {
  write("plumb.yml", "name: t\npools: {two: 2, three: 3}\n");
  std::string text = "workflow: w\nmax_active_tasks: 4\ntasks:\n";
  for (int i = 0; i < 40; ++i) {
    text += format("  - {{id: t{}, shell: \"true\", pool: {}, slots: {}}}\n", i, i % 2 ? "two" : "three", 1 + i % 2);
  }
  std::string end = play(text);
  EXPECT_TRUE(end.starts_with("success")) << end;
  EXPECT_EQ(end.find("scheduled"), std::string::npos) << end;
}

TEST_F(SchedulerTest, ASubRunSharesItsFate) {
  write("workflows/child.yml",
        "workflow: child\nparams: {n: {type: integer}}\ntasks:\n  - {id: x, shell: \"exit {{ params.n }}\"}\n");
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - {id: good, workflow: {name: child, params: {n: 0}}}
  - {id: bad, workflow: {name: child, params: {n: 1}}}
)"),
            "failed bad:failed good:success");
}

TEST_F(SchedulerTest, AnApprovalWaitsForAPerson) {
  write("workflows/w.yml",
        "workflow: w\ntasks:\n  - {id: ask, approve: pay?}\n  - {id: pay, shell: \"true\", after: ask}\n");
  auto server = serve();
  auto state = [&](const store::RunRow& run) {
    auto row = server->store.reader()->find_task(run.id, "ask", -1);
    return row ? row->state : run::TaskState::None;
  };
  auto yes = server->scheduler.trigger({.workflow = "w"});
  auto no = server->scheduler.trigger({.workflow = "w"});
  ASSERT_TRUE(comes_true([&] { return state(no) == run::TaskState::Deferred; }));
  server->scheduler.approve("w", yes.run_id, "ask", -1, true, "", "ada");
  server->scheduler.approve("w", no.run_id, "ask", -1, false, "", "ada");
  EXPECT_EQ(end_of(*server, yes), "success ask:success pay:success");
  EXPECT_EQ(end_of(*server, no), "failed ask:failed pay:upstream_failed");
  EXPECT_THROW(server->scheduler.approve("w", no.run_id, "ask", -1, true, "", "ada"), Error);
}

TEST_F(SchedulerTest, WaitsForAFileAndForTime) {
  write("workflows/w.yml", R"(
workflow: w
tasks:
  - {id: file, wait: {file: "in/*.csv", every: 20ms}}
  - {id: time, wait: 50ms}
  - {id: late, wait: {file: nowhere, timeout: 50ms, every: 10ms, skip_on_timeout: true}}
)");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  std::this_thread::sleep_for(milliseconds(100));
  std::filesystem::create_directories(folder_.path() / "in");
  write("in/a.csv", "x\n");
  EXPECT_EQ(end_of(*server, begun), "success file:success late:skipped time:success");
}

TEST_F(SchedulerTest, NewsOfAssetsStartWhoWaitsForAllOfThem) {
  write("workflows/w.yml", R"(
workflow: w
schedule: {assets: [raw.a, raw.b]}
tasks:
  - {id: t, shell: "echo {{ asset_events | map(attribute='asset') | join(' ') }} {{ asset_events[1].rows }} >> out"}
)");
  write("workflows/make.yml", "workflow: make\ntasks:\n  - {id: a, shell: \"true\", produces: raw.a}\n");
  auto server = serve();
  auto runs = [&] { return server->store.reader()->runs({.workflow = "w"}, {}); };
  end_of(*server, server->scheduler.trigger({.workflow = "make"}));
  EXPECT_EQ(runs().total, 0);
  server->scheduler.add_asset_event("raw.b", R"({"rows": 3})", "cli", "");
  ASSERT_TRUE(comes_true([&] { return runs().total == 1 && run::finished(runs().rows[0].state); }));
  EXPECT_EQ(runs().rows[0].type, store::RunType::AssetTriggered);
  EXPECT_EQ(read("out"), "raw.a raw.b 3\n");
  // A paused one catches up once.
  server->scheduler.set_paused("w", true, "");
  for (int i = 0; i < 3; ++i) {
    server->scheduler.add_asset_event("raw.a", "{}", "cli", "");
    server->scheduler.add_asset_event("raw.b", "{}", "cli", "");
  }
  server->scheduler.set_paused("w", false, "");
  ASSERT_TRUE(comes_true([&] { return runs().total == 2; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(runs().total, 2);
}

TEST_F(SchedulerTest, AnAssetsNewsMayHaveToFulfilACondition) {
  write("workflows/w.yml",
        "workflow: w\nschedule: {assets: [{asset: raw.a, when: \"{{ event.rows > 0 }}\"}]}\ntasks:\n  - {id: t, shell: "
        "\"true\"}\n");
  auto server = serve();
  auto runs = [&] { return server->store.reader()->runs({.workflow = "w"}, {}).total; };
  server->scheduler.add_asset_event("raw.a", R"({"rows": 0})", "cli", "");
  EXPECT_EQ(runs(), 0);
  server->scheduler.add_asset_event("raw.a", R"({"rows": 1})", "cli", "");
  EXPECT_TRUE(comes_true([&] { return runs() == 1; }));
}

TEST_F(SchedulerTest, RunsByItsSchedule) {
  write("workflows/w.yml",
        "workflow: w\nschedule: {every: 1s}\nstart_date: 2026-01-01\ntasks:\n  - {id: t, shell: \"true\"}\n");
  auto server = serve();
  EXPECT_TRUE(comes_true([&] { return server->store.reader()->runs({.workflow = "w"}, {}).total >= 2; }));
  auto runs = server->store.reader()->runs({.workflow = "w"}, {});
  EXPECT_EQ(runs.rows[0].type, store::RunType::Scheduled);
  EXPECT_EQ(*runs.rows[0].logical_date - *runs.rows[1].logical_date, std::chrono::seconds(1));
}

TEST_F(SchedulerTest, ACancelledRunEndsWhatRuns) {
  write("workflows/w.yml",
        "workflow: w\ntasks:\n  - {id: a, shell: \"sleep 30\"}\n  - {id: b, shell: \"true\", after: a}\n");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  ASSERT_TRUE(comes_true([&] {
    auto row = server->store.reader()->find_task(begun.id, "a", -1);
    return row && row->pid != 0;
  }));
  server->scheduler.cancel("w", begun.run_id, "ada");
  EXPECT_EQ(end_of(*server, begun), "failed a:failed b:skipped");
}

TEST_F(SchedulerTest, WhatIsClearedRunsAgainWithAllAfterIt) {
  write("workflows/w.yml", R"(
workflow: w
tasks:
  - {id: a, shell: "echo a >> out"}
  - {id: b, shell: "test -e fixed", after: a}
  - {id: c, shell: "echo c >> out", after: b}
)");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  EXPECT_EQ(end_of(*server, begun), "failed a:success b:failed c:upstream_failed");
  write("fixed", "");
  auto cleared = server->scheduler.clear(
      {.workflow = "w", .run_id = begun.run_id, .only_failed = true, .downstream = true}, false, false, "ada");
  EXPECT_EQ(cleared.size(), 2u);
  EXPECT_EQ(end_of(*server, begun), "success a:success b:success(2) c:success");
  EXPECT_EQ(read("out"), "a\nc\n");
}

TEST_F(SchedulerTest, AMapThatIsClearedIsMadeAnew) {
  write("workflows/w.yml", R"(
workflow: w
tasks:
  - {id: each, shell: "echo {{ item }} >> out", map: {over: [x, y, z]}}
  - {id: end, shell: "true", after: each}
)");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  EXPECT_TRUE(end_of(*server, begun).starts_with("success"));
  EXPECT_EQ(server->scheduler.clear({.workflow = "w", .run_id = begun.run_id}, false, false, "ada").size(), 4u);
  EXPECT_TRUE(end_of(*server, begun).starts_with("success"));
  EXPECT_EQ(read("out").size(), std::string("x\ny\nz\nx\ny\nz\n").size());
}

TEST_F(SchedulerTest, WhatSomebodyMarksCounts) {
  write("workflows/w.yml",
        "workflow: w\ntasks:\n  - {id: a, shell: \"sleep 30\"}\n  - {id: b, shell: \"true\", after: a}\n");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  ASSERT_TRUE(comes_true([&] {
    auto row = server->store.reader()->find_task(begun.id, "a", -1);
    return row && row->pid != 0;
  }));
  server->scheduler.mark({.workflow = "w", .run_id = begun.run_id, .tasks = {{"a", std::nullopt}}},
                         run::TaskState::Success, false, "ada");
  EXPECT_EQ(end_of(*server, begun), "success a:success b:success");
}

TEST_F(SchedulerTest, ABackfillMakesEveryRunOfItsRangeOnce) {
  write("workflows/w.yml",
        "workflow: w\nschedule: \"0 7 * * *\"\nend_date: 2026-03-31\n"  // none falls due by itself
        "tasks:\n  - {id: t, shell: \"echo {{ ds }} >> out\"}\n");
  auto server = serve();
  NewBackfill wanted{.workflow = "w",
                     .from = *find_instant("2026-03-01T00:00:00Z"),
                     .to = *find_instant("2026-03-03T23:00:00Z"),
                     .max_active_runs = 1};
  auto plan = server->scheduler.backfill(wanted);
  EXPECT_EQ(plan.logical_dates.size(), 3u);
  EXPECT_TRUE(
      comes_true([&] { return server->store.reader()->find_backfill(plan.backfill.id)->completed_at.has_value(); }));
  EXPECT_EQ(read("out"), "2026-03-01\n2026-03-02\n2026-03-03\n");
  EXPECT_EQ(server->scheduler.backfill(wanted).logical_dates.size(), 0u);
  wanted.reprocess = "completed";
  wanted.backwards = true;
  plan = server->scheduler.backfill(wanted);
  EXPECT_EQ(plan.logical_dates.size(), 3u);
  EXPECT_TRUE(
      comes_true([&] { return server->store.reader()->find_backfill(plan.backfill.id)->completed_at.has_value(); }));
}

TEST_F(SchedulerTest, WhatWasAtWorkWhenTheServerStoppedGoesOn) {
  write("workflows/w.yml", R"(
workflow: w
tasks:
  - {id: a, shell: "echo a >> out"}
  - {id: b, shell: "test -e go || sleep 30", after: a}
  - {id: c, shell: "echo c >> out", after: b}
  - {id: m, shell: "echo {{ item }} >> out2", map: {over: [1, 2]}, after: b}
)");
  auto server = serve();
  auto begun = server->scheduler.trigger({.workflow = "w"});
  ASSERT_TRUE(comes_true([&] {
    auto row = server->store.reader()->find_task(begun.id, "b", -1);
    return row && row->pid != 0;
  }));
  server.reset();
  write("go", "");
  server = serve();
  EXPECT_EQ(end_of(*server, begun), "success a:success b:success(2) c:success m[0]:success m[1]:success");
  EXPECT_EQ(read("out"), "a\nc\n");
}

TEST_F(SchedulerTest, ANewDefinitionIsTakenWithoutARestart) {
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: a, shell: \"true\"}\n");
  auto server = serve();
  end_of(*server, server->scheduler.trigger({.workflow = "w"}));
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: b, shell: \"true\"}\n");
  ASSERT_TRUE(comes_true([&] {
    auto workflow = server->scheduler.definitions()->find("w");
    return workflow && workflow->find_task("b") != nullptr;
  }));
  auto begun = server->scheduler.trigger({.workflow = "w"});
  EXPECT_EQ(end_of(*server, begun), "success b:success");
  EXPECT_EQ(server->store.reader()->find_run(begun.id)->version, 2);
}

TEST_F(SchedulerTest, AFaultyFileKeepsWhatItSaidBefore) {
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: a, shell: \"true\"}\n");
  auto server = serve();
  write("workflows/w.yml", "workflow: w\ntsks:\n");
  ASSERT_TRUE(comes_true([&] { return !server->scheduler.definitions()->faults.empty(); }));
  EXPECT_EQ(end_of(*server, server->scheduler.trigger({.workflow = "w"})), "success a:success");
}

TEST_F(SchedulerTest, CallbacksTellWhatHappened) {
  EXPECT_EQ(play(R"(
workflow: w
tasks:
  - id: a
    shell: "false"
    retries: 1
    retry_delay: 10ms
    on-retry: {shell: "echo {{ task.id }} $PLUMB_EVENT >> told"}
    on-failure: {shell: "echo {{ task.id }} $PLUMB_EVENT >> told"}
)"),
            "failed a:failed(2)");
  EXPECT_EQ(read("told"), "a retry\na failure\n");
}

TEST_F(SchedulerTest, ACallbackIsWaitedForByWhoeverLeaves) {
  write("workflows/w.yml",
        "workflow: w\non-failure: {shell: \"sleep 0.3; echo run $PLUMB_EVENT >> told\"}\n"
        "tasks:\n  - {id: a, shell: \"false\"}\n");
  auto project = config::load_project(folder_.path(), config::Environment::of_process());
  SystemClock clock;
  store::Store store(store_of(project), clock);
  Scheduler scheduler({.kind = "start", .schedules = false}, project, store, clock, {});
  EXPECT_EQ(scheduler.run_until_finished(scheduler.trigger({.workflow = "w"}).id, {}), run::RunState::Failed);
  EXPECT_EQ(read("told"), "run failure\n");
}

TEST_F(SchedulerTest, DependsOnPastWaitsForTheRunBefore) {
  write("workflows/w.yml", R"(
workflow: w
schedule: "0 7 * * *"
tasks:
  - {id: t, shell: "test -e fixed", depends_on_past: true}
)");
  auto server = serve();
  auto first = server->scheduler.trigger({.workflow = "w", .logical_date = *find_instant("2026-03-01T07:00:00Z")});
  EXPECT_EQ(end_of(*server, first), "failed t:failed");
  auto second = server->scheduler.trigger({.workflow = "w", .logical_date = *find_instant("2026-03-02T07:00:00Z")});
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(server->store.reader()->find_task(second.id, "t", -1)->state, run::TaskState::Scheduled);
  write("fixed", "");
  server->scheduler.clear({.workflow = "w", .run_id = first.run_id}, false, false, "");
  EXPECT_EQ(end_of(*server, second), "success t:success");
}

TEST_F(SchedulerTest, OperationsWorkWithoutALoop) {
  write("workflows/w.yml", "workflow: w\ntasks:\n  - {id: a, shell: \"true\"}\n");
  store::RunRow begun;
  {
    auto project = config::load_project(folder_.path(), config::Environment::of_process());
    SystemClock clock;
    store::Store store(store_of(project), clock);
    Scheduler passive({.kind = "cli", .schedules = false, .passive = true}, project, store, clock, {});
    begun = passive.trigger({.workflow = "w"});
    EXPECT_THROW(passive.trigger({.workflow = "nowhere"}), Error);
    EXPECT_THROW(passive.trigger({.workflow = "w", .run_id = begun.run_id}), Error);
    EXPECT_THROW(passive.trigger({.workflow = "w", .run_id = "../../etc"}), Error);
  }
  auto server = serve();
  EXPECT_EQ(end_of(*server, begun), "success a:success");
}

TEST_F(SchedulerTest, RunIdsAreUniqueWithinAMicrosecond) {
  write("workflows/w.yml", "workflow: w\nmax_active_runs: 1\ntasks:\n  - {id: a, shell: \"true\"}\n");
  auto server = serve();
  std::set<std::string> ids;
  Instant same = *find_instant("2026-03-01T07:00:00Z");
  for (int i = 0; i < 20; ++i) ids.insert(server->scheduler.trigger({.workflow = "w", .run_after = same}).run_id);
  EXPECT_EQ(ids.size(), 20u);
}

}  // namespace
}  // namespace plumb::workflow
