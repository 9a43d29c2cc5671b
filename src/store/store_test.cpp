// What every store does, told once and run on SQLite and on Postgres.

#include "store/store.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/format.h"
#include "store/schema.h"
#include "support/postgres_server.h"

namespace plumb::store {
namespace {

using namespace std::chrono_literals;

Instant at(std::string_view text) {
  return *find_instant(text);
}

class StoreStory : public testing::TestWithParam<db::Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == db::Kind::Sqlite) {
      config_ = {.kind = db::Kind::Sqlite, .path = folder_.path() / ".plumb" / "store.db"};
    } else {
      auto& server = test_support::PostgresServer::shared();
      config_ = {.kind = db::Kind::Postgres,
                 .host = server.host(),
                 .port = server.port(),
                 .dbname = server.create_database(),
                 .user = server.user()};
    }
    store_ = std::make_unique<Store>(config_, clock_);
  }

  RunRow run(std::string_view workflow, std::string_view run_id, RunState state = RunState::Running) {
    RunRow row{.workflow = std::string(workflow),
               .run_id = std::string(run_id),
               .state = state,
               .run_after = clock_.now(),
               .queued_at = clock_.now()};
    if (finished(state)) row.ended_at = clock_.now();
    return row;
  }

  RunRow insert(RunRow row) {
    Batch batch = store_->begin();
    EXPECT_TRUE(batch.insert(row));
    batch.commit();
    return row;
  }

  template <class Row>
  void save(const Row& row) {
    Batch batch = store_->begin();
    batch.save(row);
    batch.commit();
  }

  // "c b a of 3"
  std::string runs(const RunFilter& filter, const PageRequest& page = {}) {
    auto found = store_->reader()->runs(filter, page);
    std::string text;
    for (const RunRow& row : found.rows) text += row.run_id + " ";
    return text + format("of {}", found.total);
  }

  std::string tasks(const TaskFilter& filter, const PageRequest& page = {}) {
    auto found = store_->reader()->tasks(filter, page);
    std::string text;
    for (const TaskOfRun& row : found.rows) text += format("{}.{} ", row.run_id, row.task.task);
    return text + format("of {}", found.total);
  }

  TemporaryFolder folder_;
  TestClock clock_{at("2026-11-21T07:00:00Z")};
  db::DatabaseConfig config_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreStory, ARunComesBackAsItWasWritten) {
  RunRow row = run("morning", "scheduled__1");
  row.type = RunType::Scheduled;
  row.logical_date = at("2026-11-21T06:00:00.000001Z");
  row.params_json = R"({"a": "ä"})";
  row.parent_map_index = 3;
  row = insert(row);
  EXPECT_GT(row.id, 0);
  row.state = RunState::Success;
  row.ended_at = at("2026-11-21T07:00:01Z");
  save(row);

  auto found = store_->reader()->find_run("morning", "scheduled__1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, row.id);
  EXPECT_EQ(found->type, RunType::Scheduled);
  EXPECT_EQ(found->state, RunState::Success);
  EXPECT_EQ(found->logical_date, row.logical_date);
  EXPECT_EQ(found->ended_at, row.ended_at);
  EXPECT_EQ(found->started_at, std::nullopt);
  EXPECT_EQ(found->params_json, row.params_json);
  EXPECT_EQ(found->parent_map_index, 3);
  EXPECT_FALSE(store_->reader()->find_run("evening", "scheduled__1"));
}

TEST_P(StoreStory, ARunIsMadeOnceOnly) {
  RunRow first = run("morning", "one");
  first.type = RunType::Scheduled;
  first.logical_date = clock_.now();
  insert(first);
  RunRow same_name = run("morning", "one");
  RunRow same_date = first;
  same_date.run_id = "another name";
  RunRow manual = run("morning", "by hand");
  manual.logical_date = clock_.now();
  Batch batch = store_->begin();
  EXPECT_FALSE(batch.insert(same_name));
  EXPECT_FALSE(batch.insert(same_date));
  EXPECT_TRUE(batch.insert(manual));
  batch.commit();
  EXPECT_EQ(runs({.workflow = "morning"}), "by hand one of 2");
}

TEST_P(StoreStory, ABatchThatIsNotCommittedLeavesNothing) {
  {
    Batch batch = store_->begin();
    RunRow row = run("morning", "one");
    EXPECT_TRUE(batch.insert(row));
  }
  EXPECT_EQ(runs({}), "of 0");
  insert(run("morning", "one"));
  EXPECT_EQ(runs({}), "one of 1");
}

TEST_P(StoreStory, RunsAreFoundByWorkflowAndStateWithTheirTotals) {
  insert(run("morning", "a", RunState::Success));
  insert(run("morning", "b", RunState::Failed));
  insert(run("evening", "c", RunState::Success));
  RunRow d = insert(run("morning", "d", RunState::Running));
  EXPECT_EQ(runs({}), "d c b a of 4");
  EXPECT_EQ(runs({.workflow = "morning"}), "d b a of 3");
  EXPECT_EQ(runs({.states = {RunState::Success}}), "c a of 2");
  EXPECT_EQ(runs({.workflow = "morning", .states = {RunState::Success, RunState::Running}}), "d a of 2");
  EXPECT_EQ(runs({.workflow = "morning"}, {.limit = 1, .offset = 1}), "b of 3");
  EXPECT_EQ(runs({}, {.limit = 2, .offset = 3}), "a of 4");
  EXPECT_EQ(runs({}, {.limit = 2, .offset = 9}), "of 4");
  EXPECT_EQ(runs({.run_id_pattern = "%A%"}), "a of 1");
  EXPECT_EQ(runs({}, {.order_by = "run_id"}), "a b c d of 4");
  EXPECT_EQ(runs({.run_after = {.from = clock_.now() + 1s}}), "of 0");
  d.state = RunState::Failed;
  save(d);
  EXPECT_EQ(runs({.states = {RunState::Failed}}), "d b of 2");
  EXPECT_EQ(runs({.states = {RunState::Running}}), "of 0");
}

TEST_P(StoreStory, WhatCannotBeOrderedBySaysWhatCan) {
  try {
    runs({}, {.order_by = "colour"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "can't order runs by 'colour'");
    EXPECT_EQ(error.kind(), ErrorKind::Usage);
  }
}

TEST_P(StoreStory, RunsWithoutADateComeFirstWhenTheyAreOrderedByIt) {
  RunRow later = run("w", "later");
  later.logical_date = clock_.now() + 1h;
  RunRow sooner = run("w", "sooner");
  sooner.logical_date = clock_.now();
  insert(later);
  insert(run("w", "never"));
  sooner = insert(sooner);
  EXPECT_EQ(runs({.workflow = "w"}, {.order_by = "logical_date"}), "never sooner later of 3");
  EXPECT_EQ(runs({.workflow = "w"}, {.order_by = "-logical_date"}), "later sooner never of 3");
  auto before = store_->reader()->find_run_before(*store_->reader()->find_run("w", "later"));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->run_id, "sooner");
  EXPECT_FALSE(store_->reader()->find_run_before(sooner));
}

TEST_P(StoreStory, TasksKnowTheirRunAndAreCountedByState) {
  RunRow one = insert(run("morning", "one"));
  RunRow two = insert(run("evening", "two"));
  save(TaskRow{.run = one.id, .task = "load"});
  save(TaskRow{.run = one.id, .task = "build", .map_index = 0});
  save(TaskRow{.run = one.id, .task = "build", .map_index = 1});
  save(TaskRow{.run = two.id, .task = "load", .state = TaskState::Running, .started_at = clock_.now()});
  EXPECT_EQ(tasks({}), "two.load one.build one.build one.load of 4");
  EXPECT_EQ(tasks({.workflow = "morning"}), "one.build one.build one.load of 3");
  EXPECT_EQ(tasks({.run_id = "two"}), "two.load of 1");
  EXPECT_EQ(tasks({.workflow = "morning", .run_id = "two"}), "of 0");
  EXPECT_EQ(tasks({.states = {TaskState::Running}}), "two.load of 1");
  EXPECT_EQ(tasks({.task = "load"}, {.order_by = "id"}), "one.load two.load of 2");
  EXPECT_EQ(store_->reader()->open_task_counts(),
            (std::map<TaskState, std::int64_t>{{TaskState::None, 3}, {TaskState::Running, 1}}));
  save(TaskRow{.run = one.id, .task = "load", .state = TaskState::Success, .message = "done"});
  auto load = store_->reader()->find_task(one.id, "load", -1);
  ASSERT_TRUE(load);
  EXPECT_EQ(load->message, "done");
  EXPECT_EQ(tasks({.states = {TaskState::Success, TaskState::None}}), "one.build one.build one.load of 3");
  Batch batch = store_->begin();
  batch.remove_tasks_from(one.id, "build", 1);
  batch.commit();
  EXPECT_EQ(tasks({.workflow = "morning", .states = {TaskState::None}}), "one.build of 1");
}

TEST_P(StoreStory, AttemptsAndValuesBelongToATask) {
  RunRow one = insert(run("morning", "one"));
  save(AttemptRow{.run = one.id, .task = "load", .state = TaskState::Failed, .exit_code = 2, .log = "x/1.log"});
  save(AttemptRow{.run = one.id, .task = "load", .try_number = 2, .state = TaskState::Running});
  save(ValueRow{.run = one.id, .task = "load", .key = "rows", .value_json = "3", .at = clock_.now()});
  save(ValueRow{.run = one.id, .task = "load", .key = "rows", .value_json = "4", .at = clock_.now()});
  auto reader = store_->reader();
  auto attempts = reader->attempts_of(one.id, "load", -1);
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].exit_code, 2);
  EXPECT_EQ(attempts[1].exit_code, std::nullopt);
  ASSERT_EQ(reader->open_attempts(one.id).size(), 1u);
  auto values = reader->values_of(one.id);
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].value_json, "4");
}

TEST_P(StoreStory, NewsWaitForAWorkflowUntilItsRunTakesThem) {
  AssetRow asset{.name = "raw.weather", .created_at = clock_.now()};
  RunRow consumer = insert(run("models", "one"));
  {
    Batch batch = store_->begin();
    batch.save(asset);
    for (int i = 0; i < 2; ++i) {
      AssetEventRow event{.asset = asset.name, .at = clock_.now(), .extra_json = format("{{\"rows\": {}}}", i)};
      batch.save(event);
      batch.add_news("models", asset.name, event.id);
    }
    batch.commit();
  }
  auto news = store_->reader()->news_for("models");
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].extra_json, "{\"rows\": 1}");
  Batch batch = store_->begin();
  batch.take_news("models", consumer.id);
  batch.commit();
  EXPECT_TRUE(store_->reader()->news_for("models").empty());
  EXPECT_EQ(store_->reader()->news_of_run(consumer.id).size(), 2u);
  EXPECT_EQ(store_->reader()->asset_events({.asset = "raw.weather"}, {.limit = 1}).total, 2);
  EXPECT_EQ(store_->reader()->find_asset("raw.weather")->id, asset.id);
}

TEST_P(StoreStory, WorkflowsAreFoundByPatternTagAndPause) {
  save(WorkflowRow{.name = "bank", .tags_json = R"(["money","daily"])"});
  save(WorkflowRow{.name = "weather", .paused = true, .tags_json = R"(["daily"])", .next_run_after = clock_.now()});
  save(WorkflowRow{.name = "old", .active = false});
  save(VersionRow{.workflow = "bank", .number = 1, .text = "first"});
  save(VersionRow{.workflow = "bank", .number = 2, .text = "second"});
  save(VersionRow{.workflow = "weather", .number = 2, .text = "other"});
  auto reader = store_->reader();
  auto names = [&](const WorkflowFilter& filter) {
    std::string text;
    for (const auto& row : reader->workflows(filter, {}).rows) text += row.name + " ";
    return text;
  };
  EXPECT_EQ(names({}), "bank weather ");
  EXPECT_EQ(names({.active = {}}), "bank old weather ");
  EXPECT_EQ(names({.tags = {"money"}}), "bank ");
  EXPECT_EQ(names({.paused = true}), "weather ");
  EXPECT_EQ(names({.name_pattern = "%AT%"}), "weather ");
  EXPECT_EQ(reader->find_workflow("weather")->next_run_after, clock_.now());
  auto versions = reader->versions("bank", {});
  ASSERT_EQ(versions.rows.size(), 2u);
  EXPECT_EQ(versions.rows[0].text, "second");
  EXPECT_EQ(reader->find_version("weather", 2)->text, "other");
}

TEST_P(StoreStory, SmallThingsAreKeptByName) {
  save(PoolRow{.name = "disk", .slots = 2, .include_deferred = true});
  save(VariableRow{.key = "city", .value = "Kiel"});
  save(UserRow{.name = "anna", .password_hash = "h", .role = "admin", .created_at = clock_.now()});
  save(TokenRow{.id = "t1", .user = "anna", .hash = "h", .created_at = clock_.now()});
  BackfillRow backfill{.workflow = "bank", .from = clock_.now() - 24h, .to = clock_.now(), .created_at = clock_.now()};
  EventRow event{.at = clock_.now(), .event = "pause", .who = "anna", .workflow = "bank", .map_index = 0};
  {
    Batch batch = store_->begin();
    batch.save(backfill);
    batch.save(event);
    batch.set_note("cursor", "7");
    batch.set_note("cursor", "8");
    batch.commit();
  }
  backfill.paused = true;
  {
    Batch batch = store_->begin();
    batch.save(backfill);
    batch.commit();
  }
  auto reader = store_->reader();
  EXPECT_TRUE(reader->pools().at(0).include_deferred);
  EXPECT_EQ(reader->find_variable("city")->value, "Kiel");
  EXPECT_EQ(reader->find_user("anna")->role, "admin");
  EXPECT_EQ(reader->tokens("anna").size(), 1u);
  EXPECT_TRUE(reader->find_backfill(backfill.id)->paused);
  EXPECT_EQ(reader->backfills("bank", {}).total, 1);
  EXPECT_EQ(reader->events({.workflow = "bank"}, {}).total, 1);
  EXPECT_EQ(reader->events({.who = "anna"}, {}).rows.at(0).map_index, 0);
  EXPECT_EQ(reader->find_note("cursor"), "8");
  EXPECT_EQ(reader->find_note("other"), std::nullopt);
}

TEST_P(StoreStory, OldHistoryGoesASliceAtATimeAndOpenRunsStay) {
  RunRow open = insert(run("morning", "open"));
  for (int i = 0; i < 3; ++i) {
    RunRow old = insert(run("morning", format("old {}", i), RunState::Success));
    save(TaskRow{.run = old.id, .task = "load", .state = TaskState::Success});
  }
  EventRow event{.at = clock_.now(), .event = "pause", .workflow = "morning"};
  {
    Batch batch = store_->begin();
    batch.save(event);
    batch.commit();
  }
  clock_.advance(24h);
  insert(run("morning", "new", RunState::Success));
  Instant before = clock_.now() - 1h;
  EXPECT_EQ(store_->remove_history(before, 2).folders, (std::vector<std::string>{"morning/old 0", "morning/old 1"}));
  const Store::Removed rest = store_->remove_history(before, 2);
  EXPECT_EQ(rest.folders, std::vector<std::string>{"morning/old 2"});
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(runs({.workflow = "morning"}), "new open of 2");
  EXPECT_EQ(runs({.states = {RunState::Success}}), "new of 1");
  EXPECT_EQ(tasks({}), "of 0");
  EXPECT_EQ(store_->reader()->events({}, {}).total, 0);
}

TEST_P(StoreStory, TextsThatNoDatabaseTakesAreMended) {
  RunRow row = run("morning", "one");
  row.note = std::string("a\0b\xff", 4);
  insert(row);
  EXPECT_EQ(store_->reader()->find_run("morning", "one")->note, "a\uFFFDb\uFFFD");
}

TEST_P(StoreStory, ACommitIsOneSyncAndOneOfNothingIsNone) {
  auto before = store_->syncs();
  insert(run("morning", "one"));
  EXPECT_EQ(store_->syncs(), before + 1);
  store_->begin().commit();
  EXPECT_EQ(store_->syncs(), before + 1);
}

TEST_P(StoreStory, ANewerStoreIsRefused) {
  store_.reset();
  auto connection = db::open(config_)->connect();
  if (GetParam() == db::Kind::Postgres) connection->execute("SET search_path TO plumb");
  connection->execute("UPDATE store_version SET version = 1000");
  try {
    Store store(config_, clock_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Database);
    EXPECT_NE(error.message().find("written by a newer Plumb: version 1000, and this one knows 1"), std::string::npos)
        << error.message();
  }
}

TEST(StoreFormat, AStoreOfVersionOneIsRead) {
  TemporaryFolder folder;
  std::string sample = find_environment("PLUMB_SOURCE_DIR").value_or(".") + "/tests/formats/store-1.sql";
  db::DatabaseConfig config{.kind = db::Kind::Sqlite, .path = folder.path() / "store.db"};
  db::open(config)->connect()->execute(read_file(sample));
  SystemClock clock;
  Store store(config, clock);
  auto reader = store.reader();
  auto run = reader->find_run("morning", "scheduled__2026-11-21T06:00:00+00:00");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->state, RunState::Success);
  EXPECT_EQ(reader->attempts_of(run->id).at(0).exit_code, 0);
  EXPECT_EQ(reader->runs({.workflow = "morning"}, {}).total, 1);
  EXPECT_EQ(reader->news_for("models").at(0).extra_json, "{\"rows\": 3}");
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreStory, testing::Values(db::Kind::Sqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, StoreStory, testing::Values(db::Kind::Postgres));

}  // namespace
}  // namespace plumb::store
