// Several schedulers on one store.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "store/store.h"
#include "support/postgres_server.h"

namespace plumb::store {
namespace {

using namespace std::chrono_literals;

class LeaseStory : public testing::Test {
 protected:
  void open(db::DatabaseConfig config) { store_ = std::make_unique<Store>(std::move(config), clock_); }

  SchedulerRow begin_scheduler(std::string_view id, Duration lease) {
    SchedulerRow row = this_scheduler("serve", clock_, lease);
    row.id = id;
    save(row);
    return row;
  }

  void save(const SchedulerRow& row) {
    Batch batch = store_->begin();
    batch.save(row);
    batch.commit();
  }

  std::int64_t insert(std::string_view run_id, std::string_view owner, RunState state = RunState::Running) {
    Batch batch = store_->begin();
    RunRow row{.workflow = "w", .run_id = std::string(run_id), .state = state, .owner = std::string(owner)};
    EXPECT_TRUE(batch.insert(row));
    batch.commit();
    return row.id;
  }

  std::vector<std::int64_t> claim(const SchedulerRow& scheduler, int limit = 100) {
    Batch batch = store_->begin();
    auto ids = batch.claim_runs(scheduler, limit);
    batch.commit();
    return ids;
  }

  std::string fault_of(const SchedulerRow& scheduler) {
    try {
      Batch batch = store_->begin();
      batch.expect_lease(scheduler);
      return "";
    } catch (const Error& error) {
      return error.type();
    }
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Store> store_;
};

class PostgresLeaseStory : public LeaseStory {
 protected:
  void SetUp() override {
    auto& server = test_support::PostgresServer::shared();
    config_ = {.kind = db::Kind::Postgres,
               .host = server.host(),
               .port = server.port(),
               .dbname = server.create_database(),
               .user = server.user()};
    open(config_);
  }

  db::DatabaseConfig config_;
};

TEST_F(LeaseStory, ASchedulerWhoseProcessIsGoneLosesItsRuns) {
  open({.kind = db::Kind::Sqlite, .path = folder_.path() / "store.db"});
  pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  SchedulerRow dead = this_scheduler("serve", clock_, 1h);
  dead.id = "dead";
  dead.pid = child;
  save(dead);
  SchedulerRow reused = this_scheduler("serve", clock_, 1h);  // our number, of a process that began at another time
  reused.id = "reused";
  reused.started_ticks += 5;
  save(reused);
  begin_scheduler("alive", -1h);  // its process lives: that its lease ended says nothing on one machine
  auto one = insert("one", "dead");
  auto two = insert("two", "reused");
  insert("three", "alive");
  auto four = insert("four", "");
  insert("five", "dead", RunState::Success);

  auto mine = begin_scheduler("mine", 1h);
  EXPECT_EQ(claim(mine, 2), (std::vector{one, two}));
  EXPECT_EQ(claim(mine), (std::vector{four}));
  EXPECT_EQ(store_->reader()->open_runs("mine").size(), 3u);
  EXPECT_EQ(fault_of(dead), "Fenced");
  EXPECT_EQ(fault_of(mine), "");
}

TEST_F(LeaseStory, AClockThatJumpsTakesNobodysRuns) {
  open({.kind = db::Kind::Sqlite, .path = folder_.path() / "store.db"});
  TestClock clock(clock_.now());
  Store store({.kind = db::Kind::Sqlite, .path = folder_.path() / "store.db"}, clock);
  begin_scheduler("other", 30s);
  insert("one", "other");
  clock.advance(24h * 365);
  SchedulerRow mine = this_scheduler("start", clock, 30s);
  Batch batch = store.begin();
  batch.save(mine);
  EXPECT_TRUE(batch.claim_runs(mine, 10).empty());
  batch.commit();
  EXPECT_EQ(fault_of(mine), "");
}

TEST_F(PostgresLeaseStory, ALeaseThatEndedIsTakenOverAndTheSlowOneIsFenced) {
  auto slow = begin_scheduler("slow", 300ms);
  auto mine = begin_scheduler("mine", 1h);
  auto one = insert("one", "slow");
  EXPECT_TRUE(claim(mine).empty());
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(fault_of(slow), "");  // late, but nobody has noticed
  EXPECT_EQ(claim(mine), (std::vector{one}));
  EXPECT_EQ(fault_of(slow), "Fenced");
}

TEST_F(PostgresLeaseStory, AClockThatJumpsTakesNobodysRuns) {
  begin_scheduler("other", 30s);
  insert("one", "other");
  TestClock clock(clock_.now() + 24h * 365);
  Store store(config_, clock);
  SchedulerRow mine = this_scheduler("serve", clock, 30s);
  Batch batch = store.begin();
  batch.save(mine);
  EXPECT_TRUE(batch.claim_runs(mine, 10).empty());
  batch.commit();
}

TEST_F(PostgresLeaseStory, WhoIsAtWorkOnItsRunsIsWaitedFor) {
  auto slow = begin_scheduler("slow", -1s);
  auto mine = begin_scheduler("mine", 1h);
  insert("one", "slow");
  Store other(config_, clock_);
  Batch working = other.begin();
  working.expect_lease(slow);
  EXPECT_TRUE(claim(mine).empty());
  working.commit();
  EXPECT_EQ(claim(mine).size(), 1u);
}

TEST_F(PostgresLeaseStory, TwoThatClaimAtOnceShareTheRuns) {
  auto a = begin_scheduler("a", 1h);
  auto b = begin_scheduler("b", 1h);
  for (int i = 0; i < 20; ++i) insert(format("run {}", i), "");
  std::atomic<std::size_t> taken = 0;
  auto take = [&](const SchedulerRow& scheduler) {
    Store own(config_, clock_);
    for (int i = 0; i < 12; ++i) {
      Batch batch = own.begin();
      taken += batch.claim_runs(scheduler, 3).size();
      batch.commit();
    }
  };
  std::thread first(take, a);
  std::thread second(take, b);
  first.join();
  second.join();
  EXPECT_EQ(taken, 20u);
  EXPECT_EQ(store_->reader()->open_runs("a").size() + store_->reader()->open_runs("b").size(), 20u);
}

TEST_F(PostgresLeaseStory, ManyThatOpenAnEmptyDatabaseAtOnceMakeItsTablesOnce) {
  config_.dbname = test_support::PostgresServer::shared().create_database();
  std::atomic<int> opened = 0;
  std::vector<std::thread> servers;
  for (int i = 0; i < 6; ++i) {
    servers.emplace_back([&] {
      Store store(config_, clock_);
      ++opened;
    });
  }
  for (std::thread& server : servers) server.join();
  EXPECT_EQ(opened, 6);
}

// As of a server that was stopped in the middle of it: after five seconds what it holds is free.
TEST_F(PostgresLeaseStory, ABatchThatStandsStillKeepsNobodyWaitingForLong) {
  Store other(config_, clock_);
  RunRow run{.workflow = "w", .run_id = "one"};
  Batch stopped = other.begin();
  stopped.take_turn();
  ASSERT_TRUE(stopped.insert(run));
  Batch batch = store_->begin();
  batch.take_turn();
  EXPECT_TRUE(batch.insert(run));
  batch.commit();
  try {
    stopped.commit();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Network) << error.message();
  }
}

TEST_F(PostgresLeaseStory, WhatOthersHaveAtWorkIsCounted) {
  auto mine = begin_scheduler("mine", 1h);
  Batch batch = store_->begin();
  for (const char* owner : {"mine", "other"}) {
    RunRow run{.workflow = "w", .run_id = owner, .state = RunState::Running, .owner = owner};
    ASSERT_TRUE(batch.insert(run));
    for (int i = 0; i < 3; ++i) {
      batch.save(TaskRow{.run = run.id,
                         .task = "t",
                         .map_index = i,
                         .state = i == 2 ? TaskState::Success : TaskState::Running,
                         .pool = "narrow",
                         .slots = 2});
    }
  }
  auto work = batch.work_of_others(mine);
  ASSERT_EQ(work.size(), 1u);
  EXPECT_EQ(work[0].workflow + " " + work[0].task + " " + work[0].pool, "w t narrow");
  EXPECT_EQ(work[0].instances, 2);
  EXPECT_EQ(work[0].slots, 4);
  EXPECT_EQ(batch.runs_of_others(mine, "w", {RunState::Queued, RunState::Running}), 1);
}

TEST_F(PostgresLeaseStory, AServerThatIsStartedAgainIsMetAgain) {
  test_support::PostgresServer server;
  config_.host = server.host();
  config_.port = server.port();
  config_.dbname = server.create_database();
  open(config_);
  insert("one", "");
  {
    // In the midst of a batch: it fails, and nothing of it is there.
    Batch batch = store_->begin();
    server.crash();
    server.start();
    RunRow row{.workflow = "w", .run_id = "two"};
    try {
      (void)batch.insert(row);
      batch.commit();
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Network) << error.message();
    }
  }
  insert("two", "");
  // Between two batches nobody notices.
  server.crash();
  server.start();
  insert("three", "");
  EXPECT_EQ(store_->reader()->runs({}, {}).total, 3);
}

}  // namespace
}  // namespace plumb::store
