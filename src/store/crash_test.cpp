// What a power cut, a full disk and a killed writer leave behind.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "store/store.h"

namespace plumb::store {
namespace {

using namespace std::chrono_literals;

class CrashStory : public testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "store.db"; }
  db::DatabaseConfig config() const { return {.kind = db::Kind::Sqlite, .path = file()}; }

  // Batches of a run with two tasks each, told through a pipe when they are committed.
  void write_batches(int told) {
    Store store(config(), clock_);
    for (int i = 0;; ++i) {
      Batch batch = store.begin();
      RunRow run{.workflow = format("w{}", i % 3), .run_id = format("run {}", i), .state = RunState::Running};
      if (!batch.insert(run)) continue;
      batch.save(TaskRow{.run = run.id, .task = "a", .rendered_json = std::string(3000, 'x')});
      batch.save(TaskRow{.run = run.id, .task = "b", .state = TaskState::Running});
      batch.commit();
      if (::write(told, &i, sizeof i) != sizeof i) _exit(1);
    }
  }

  // As many runs as tasks / 2, and the totals are those of the rows.
  void expect_whole(Store& store) {
    auto reader = store.reader();
    auto runs = reader->runs({}, {.limit = 100000});
    EXPECT_EQ(runs.total, static_cast<std::int64_t>(runs.rows.size()));
    auto tasks = reader->tasks({}, {.limit = 1});
    EXPECT_EQ(tasks.total, 2 * runs.total);
    EXPECT_EQ(reader->open_task_counts()[TaskState::Running], runs.total);
    auto connection = db::open(config())->connect();
    EXPECT_EQ(db::find_value(*connection, "PRAGMA integrity_check"), "ok");
  }

  TemporaryFolder folder_;
  SystemClock clock_;
};

TEST_F(CrashStory, WhatWasCommittedIsThereAfterAKillInTheMidstOfBatches) {
  int last = -1;
  for (int round = 0; round < 8; ++round) {
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
      write_batches(pipes[1]);
      _exit(0);
    }
    close(pipes[1]);
    int told = -1;
    // After some batches, at a moment that differs from round to round.
    while (told < last + 5 && read(pipes[0], &told, sizeof told) == sizeof told) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(700 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipes[0], &told, sizeof told) == sizeof told) {
    }
    close(pipes[0]);
    last = std::max(last, told);
    Store store(config(), clock_);
    auto total = store.reader()->runs({}, {.limit = 1}).total;
    EXPECT_GE(total, last + 1);
    EXPECT_LE(total, last + 2);  // one may have been committed and not yet told
    expect_whole(store);
    last = static_cast<int>(total) - 1;
  }
}

TEST_F(CrashStory, AFullDiskIsSaidAndLeavesTheStoreWhole) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    Store store(config(), clock_);
    rlimit limit{.rlim_cur = 400'000, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string words;
    auto fill = [&](int from, int to) {
      for (int i = from; i < to; ++i) {
        Batch batch = store.begin();
        RunRow run{.workflow = "w", .run_id = format("run {}", i), .state = RunState::Running};
        (void)batch.insert(run);
        batch.save(TaskRow{.run = run.id, .task = "a", .rendered_json = std::string(3000, 'x')});
        batch.save(TaskRow{.run = run.id, .task = "b", .state = TaskState::Running});
        batch.commit();
      }
    };
    try {
      fill(0, 100'000);
    } catch (const Error& error) {
      words = format("{}: {}", to_string(error.kind()), error.message());
    }
    // Somebody made room: the same store goes on.
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    fill(200'000, 200'010);
    (void)!::write(pipes[1], words.data(), words.size());
    _exit(0);
  }
  close(pipes[1]);
  std::string words(4096, '\0');
  words.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(pipes[0], words.data(), words.size()))));
  close(pipes[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(words.starts_with("io: ")) << words;
  Store store(config(), clock_);
  expect_whole(store);
  EXPECT_TRUE(store.reader()->find_run("w", "run 200009"));
}

TEST_F(CrashStory, TheStoreIsTheOwnersToRead) {
  Store store(config(), clock_);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    auto mode = std::filesystem::status(file().string() + suffix).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << suffix;
  }
}

TEST_F(CrashStory, APauseBringsTheLogIntoTheFile) {
  Store store(config(), clock_);
  Batch batch = store.begin();
  batch.set_note("a", "b");
  batch.commit();
  auto before = store.syncs();
  store.rest();
  EXPECT_EQ(store.syncs(), before + 2);
  store.rest();
  EXPECT_EQ(store.syncs(), before + 2);
}

}  // namespace
}  // namespace plumb::store
