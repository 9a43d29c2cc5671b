// Two servers on one Postgres: what one makes the other does not make again, and when one is killed the other takes up
// what it left.
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "store/store.h"
#include "support/postgres_server.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;

class TwoServersPostgresTest : public ::testing::Test {
 protected:
  TwoServersPostgresTest() : dbname_(test_support::PostgresServer::shared().create_database()) {
    for (const char* name : {"one", "two"}) {
      auto folder = folder_.path() / name;
      std::filesystem::create_directories(folder / "workflows");
      auto& server = test_support::PostgresServer::shared();
      write_file(folder / "plumb.yml",
                 format("name: t\nstore: state\nconnections:\n  state: {{type: postgres, host: {}, port: {}, user: {}, "
                        "dbname: {}}}\n",
                        server.host(), server.port(), server.user(), dbname_));
    }
  }

  void write_workflow(const std::string& text) {
    for (const char* name : {"one", "two"}) write_file(folder_.path() / name / "workflows" / "w.yml", text);
  }

  std::unique_ptr<ChildProcess> serve(const std::string& name) {
    return std::make_unique<ChildProcess>(
        Command{.arguments = {*find_environment("PLUMB_PROGRAM"), "--project-dir", (folder_.path() / name).string(),
                              "serve", "--port", "0", "--lease", "2"}},
        folder_.path() / (name + ".log"));
  }

  store::Store& store() {
    if (!store_) {
      auto& server = test_support::PostgresServer::shared();
      store_.emplace(db::DatabaseConfig{.kind = db::Kind::Postgres,
                                        .host = server.host(),
                                        .port = server.port(),
                                        .dbname = dbname_,
                                        .user = server.user()},
                     clock_);
    }
    return *store_;
  }

  template <class Condition>
  static bool comes_true(Condition condition) {
    for (int i = 0; i < 1500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return false;
  }

  // What the tasks noted: "run task try", each with how often.
  std::map<std::string, int> ledger() {
    std::map<std::string, int> counts;
    std::istringstream lines(find_file(folder_.path() / "ledger").value_or(""));
    for (std::string line; std::getline(lines, line);) ++counts[line];
    return counts;
  }

  std::string logs() {
    return find_file(folder_.path() / "one.log").value_or("") + find_file(folder_.path() / "two.log").value_or("");
  }

  TemporaryFolder folder_;
  std::string dbname_;
  SystemClock clock_;
  std::optional<store::Store> store_;
};

// Off: under two servers a batch of one waits for a lock that the other holds until its time is up.
TEST_F(TwoServersPostgresTest, DISABLED_EachRunIsMadeOnceAndAKilledServersRunsGoOn) {
  write_workflow(
      format("workflow: w\nschedule: {{every: 1s}}\nstart_date: 2026-01-01\ncatchup: false\n"
             "defaults: {{retries: 3, retry_delay: 100ms}}\ntasks:\n"
             "  - {{id: a, shell: \"echo $PLUMB_RUN_ID a $PLUMB_TRY_NUMBER >> {0}; sleep 0.8\"}}\n"
             "  - {{id: b, shell: \"echo $PLUMB_RUN_ID b $PLUMB_TRY_NUMBER >> {0}\", after: a}}\n",
             (folder_.path() / "ledger").string()));
  auto one = serve("one");
  auto two = serve("two");
  auto ended = [&] { return store().reader()->runs({.workflow = "w", .states = {run::RunState::Success}}, {}).total; };
  ASSERT_TRUE(comes_true([&] { return ended() >= 3; })) << logs();
  // Whoever owns what is open now is killed in the middle of it.
  std::string owner;
  ASSERT_TRUE(comes_true([&] {
    for (const auto& run : store().reader()->open_runs()) owner = run.owner;
    return !owner.empty();
  }));
  std::int64_t pid = 0;
  for (const auto& scheduler : store().reader()->schedulers()) {
    if (scheduler.id == owner) pid = scheduler.pid;
  }
  ASSERT_NE(pid, 0);
  auto left = store().reader()->open_runs(owner);
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  const auto killed_at = std::chrono::steady_clock::now();
  auto none_left = [&] {
    for (const auto& run : left) {
      auto row = store().reader()->find_run(run.id);
      if (!row || !run::finished(row->state)) return false;
    }
    return true;
  };
  EXPECT_TRUE(comes_true(none_left)) << logs();
  // The lease is two seconds, looked at three times as often; the task itself takes one.
  EXPECT_LT(std::chrono::steady_clock::now() - killed_at, std::chrono::seconds(15));
  const auto before = ended();
  EXPECT_TRUE(comes_true([&] { return ended() >= before + 2; })) << logs();
  one.reset();
  two.reset();
  for (const auto& [execution, count] : ledger()) EXPECT_EQ(count, 1) << execution;
}

}  // namespace
}  // namespace plumb
