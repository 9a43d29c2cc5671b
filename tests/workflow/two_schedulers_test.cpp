// Two servers on one Postgres: what one makes the other does not make again, and what one leaves the other takes up.
#include <gtest/gtest.h>

#include <algorithm>
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

  std::unique_ptr<ChildProcess> plumb(const std::string& name, std::vector<std::string> words,
                                      const std::string& log = "") {
    std::vector<std::string> arguments = {*find_environment("PLUMB_PROGRAM"), "--project-dir",
                                          (folder_.path() / name).string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return std::make_unique<ChildProcess>(Command{.arguments = std::move(arguments)},
                                          folder_.path() / ((log.empty() ? name : log) + ".log"));
  }

  std::unique_ptr<ChildProcess> serve(const std::string& name) {
    return plumb(name, {"serve", "--port", "0", "--lease", "2"});
  }

  // As many schedulers as that, each with a run of its own; returns what their tasks noted, in its order.
  std::string start_at_once(int count) {
    std::vector<std::unique_ptr<ChildProcess>> started;
    for (int i = 0; i < count; ++i)
      started.push_back(plumb(i % 2 == 0 ? "one" : "two", {"start", "w"}, format("start{}", i)));
    EXPECT_TRUE(comes_true([&] { return ended() == count; })) << find_file(folder_.path() / "start0.log").value_or("");
    return find_file(folder_.path() / "ledger").value_or("");
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

  std::int64_t ended(const std::string& workflow = "w") {
    return store().reader()->runs({.workflow = workflow, .states = {run::RunState::Success}}, {}).total;
  }

  // The process of who owns what is open now.
  pid_t find_owner() {
    std::string owner;
    for (const auto& run : store().reader()->open_runs()) owner = run.owner;
    for (const auto& scheduler : store().reader()->schedulers()) {
      if (scheduler.id == owner) return static_cast<pid_t>(scheduler.pid);
    }
    return 0;
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

  void expect_each_once() {
    for (const auto& [execution, count] : ledger()) EXPECT_EQ(count, 1) << execution;
  }

  std::string logs() {
    return find_file(folder_.path() / "one.log").value_or("") + find_file(folder_.path() / "two.log").value_or("");
  }

  std::string noting_task(const char* id) const {
    return format("  - {{id: {0}, shell: \"echo begin >> {1}; sleep 0.2; echo end >> {1}\"}}\n", id, ledger_file());
  }

  std::string ledger_file() const { return (folder_.path() / "ledger").string(); }

  TemporaryFolder folder_;
  std::string dbname_;
  SystemClock clock_;
  std::optional<store::Store> store_;
};

// Notes itself, works for a moment, and is followed by one that notes itself.
constexpr std::string_view kTwoTasks =
    "defaults: {{retries: 3, retry_delay: 100ms}}\ntasks:\n"
    "  - {{id: a, shell: \"echo $PLUMB_WORKFLOW $PLUMB_RUN_ID a $PLUMB_TRY_NUMBER >> {0}; sleep 0.8\"}}\n"
    "  - {{id: b, shell: \"echo $PLUMB_WORKFLOW $PLUMB_RUN_ID b $PLUMB_TRY_NUMBER >> {0}\", after: a}}\n";

TEST_F(TwoServersPostgresTest, EachRunIsMadeOnceAndAKilledServersRunsGoOn) {
  write_workflow("workflow: w\nschedule: {every: 1s}\nstart_date: 2026-01-01\ncatchup: false\n" +
                 format(kTwoTasks, ledger_file()));
  auto one = serve("one");
  auto two = serve("two");
  ASSERT_TRUE(comes_true([&] { return ended() >= 3; })) << logs();
  // Whoever owns what is open now is killed in the middle of it.
  pid_t pid = 0;
  ASSERT_TRUE(comes_true([&] { return (pid = find_owner()) != 0; })) << logs();
  const auto left = store().reader()->open_runs();
  ::kill(pid, SIGKILL);
  const auto killed_at = std::chrono::steady_clock::now();
  auto none_left = [&] {
    return std::all_of(left.begin(), left.end(), [&](const auto& run) {
      auto row = store().reader()->find_run(run.id);
      return row && run::finished(row->state);
    });
  };
  EXPECT_TRUE(comes_true(none_left)) << logs();
  // The lease is two seconds, looked at three times as often; the task itself takes one.
  EXPECT_LT(std::chrono::steady_clock::now() - killed_at, std::chrono::seconds(15));
  const auto before = ended();
  EXPECT_TRUE(comes_true([&] { return ended() >= before + 2; })) << logs();
  one.reset();
  two.reset();
  expect_each_once();
  EXPECT_EQ(logs().find("ERROR"), std::string::npos) << logs();
}

// At the same moments, so that what one has made the other is about to make: nobody waits for long, nothing is twice.
TEST_F(TwoServersPostgresTest, ManyWorkflowsThatFallDueTogetherAreMadeOnceEach) {
  for (int i = 0; i < 12; ++i) {
    const std::string text =
        format("workflow: w{}\nschedule: {{every: 1s}}\nstart_date: 2026-01-01\ncatchup: false\n", i) +
        format("tasks:\n  - {{id: a, shell: \"echo $PLUMB_WORKFLOW $PLUMB_RUN_ID $PLUMB_TRY_NUMBER >> {}\"}}\n",
               ledger_file());
    for (const char* name : {"one", "two"})
      write_file(folder_.path() / name / "workflows" / format("w{}.yml", i), text);
  }
  auto one = serve("one");
  auto two = serve("two");
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(comes_true([&] { return ended(format("w{}", i)) >= 5; })) << i << logs();
  std::set<std::string> owners;
  for (const auto& run : store().reader()->runs({}, {.limit = 30}).rows) owners.insert(run.owner);
  EXPECT_EQ(owners.size(), 2u) << "each makes some of them";
  one.reset();
  two.reset();
  expect_each_once();
  EXPECT_EQ(logs().find("ERROR"), std::string::npos) << logs();
}

// Stopped for longer than its lease it is as good as dead; but it wakes up, with a task of its own still at work.
TEST_F(TwoServersPostgresTest, AServerThatSleptLongerThanItsLeaseLetsGo) {
  write_workflow(
      format("workflow: w\nschedule: \"@once\"\nstart_date: 2026-01-01\ntasks:\n  - {{id: a, shell: \"echo begin "
             "$PLUMB_TRY_NUMBER >> {0}; sleep 6; echo end $PLUMB_TRY_NUMBER >> {0}\"}}\n",
             ledger_file()));
  auto one = serve("one");
  auto two = serve("two");
  ASSERT_TRUE(comes_true([&] { return ledger().contains("begin 1"); })) << logs();
  pid_t pid = 0;
  ASSERT_TRUE(comes_true([&] { return (pid = find_owner()) != 0; })) << logs();
  ::kill(pid, SIGSTOP);
  EXPECT_TRUE(comes_true([&] { return ledger().contains("begin 2"); })) << logs();
  ::kill(pid, SIGCONT);
  EXPECT_TRUE(comes_true([&] { return ended() == 1; })) << logs();
  EXPECT_TRUE(comes_true([&] { return store().reader()->schedulers().size() == 2; })) << "it begins again" << logs();
  EXPECT_NE(logs().find("it lets go of them"), std::string::npos) << logs();
  one.reset();
  two.reset();
  // The first attempt was ended with the server's claim to it, and is not recorded as anybody else's.
  EXPECT_EQ(ledger(), (std::map<std::string, int>{{"begin 1", 1}, {"begin 2", 1}, {"end 2", 1}}));
  const auto run = store().reader()->runs({.workflow = "w"}, {}).rows.at(0);
  const auto attempts = store().reader()->attempts_of(run.id);
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_NE(attempts[0].owner, attempts[1].owner);
  EXPECT_EQ(logs().find("ERROR"), std::string::npos) << logs();
}

// What fell due while the store was gone, or was being written just then, is made when it is back.
TEST_F(TwoServersPostgresTest, APostgresThatIsStartedAgainLosesNothing) {
  const Instant begun = clock_.now();
  write_workflow(
      format("workflow: w\nschedule: {{every: 1s}}\nstart_date: {}\ncatchup: true\n", format_instant(begun)) +
      format(kTwoTasks, ledger_file()));
  auto one = serve("one");
  auto two = serve("two");
  ASSERT_TRUE(comes_true([&] { return ended() >= 2; })) << logs();
  for (int i = 0; i < 2; ++i) {
    test_support::PostgresServer::shared().crash();
    std::this_thread::sleep_for(milliseconds(1500));
    test_support::PostgresServer::shared().start();
    store_.reset();
    const auto before = ended();
    ASSERT_TRUE(comes_true([&] { return ended() >= before + 3; })) << logs();
  }
  one.reset();
  two.reset();
  expect_each_once();
  auto runs = store().reader()->runs({.workflow = "w"}, {.limit = 1000, .order_by = "logical_date"}).rows;
  for (std::size_t i = 1; i < runs.size(); ++i)
    EXPECT_EQ(*runs[i].logical_date - *runs[i - 1].logical_date, std::chrono::seconds(1)) << runs[i].run_id << logs();
}

TEST_F(TwoServersPostgresTest, APoolsSlotsAreThoseOfAllServers) {
  for (const char* name : {"one", "two"}) {
    auto file = folder_.path() / name / "plumb.yml";
    write_file(file, find_file(file).value_or("") + "pools: {narrow: 1}\n");
  }
  write_workflow("workflow: w\ndefaults: {pool: narrow}\ntasks:\n" + noting_task("a") + noting_task("b"));
  EXPECT_EQ(start_at_once(3), "begin\nend\nbegin\nend\nbegin\nend\nbegin\nend\nbegin\nend\nbegin\nend\n");
}

TEST_F(TwoServersPostgresTest, NoMoreRunsOfAWorkflowAreAtWorkThanItAllows) {
  write_workflow("workflow: w\nmax_active_runs: 1\ntasks:\n" + noting_task("a"));
  EXPECT_EQ(start_at_once(3), "begin\nend\nbegin\nend\nbegin\nend\n");
}

// Whoever brings the second of two sees what another brought first.
TEST_F(TwoServersPostgresTest, NewsOfSeveralSchedulersStartOneRun) {
  write_workflow("workflow: w\nschedule: {assets: [x, y]}\ntasks:\n" + noting_task("a"));
  for (const char* asset : {"x", "y"}) {
    for (const char* name : {"one", "two"})
      write_file(folder_.path() / name / "workflows" / format("{}.yml", asset),
                 format("workflow: {0}\ntasks:\n  - {{id: make, shell: \"true\", produces: [{0}]}}\n", asset));
  }
  auto one = serve("one");
  auto two = serve("two");
  ASSERT_TRUE(comes_true([&] { return store().reader()->schedulers().size() == 2; })) << logs();
  auto x = plumb("one", {"start", "x"}, "x");
  auto y = plumb("two", {"start", "y"}, "y");
  EXPECT_TRUE(comes_true([&] { return ended() == 1; })) << logs();
  std::this_thread::sleep_for(milliseconds(1500));
  EXPECT_EQ(ended(), 1);
}

}  // namespace
}  // namespace plumb
