// Command lines that are carried out by the engine of a server: beside each other, for its owner and for guests.
#include "engine/engine.h"

#include <poll.h>

#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

class EngineStory : public testing::Test {
 protected:
  Home home;
  std::optional<engine::EngineClient> owner;
  std::map<std::uint64_t, engine::Ended> ended;

  EngineStory() {
    write_file(home / "plumb.yml", "name: shop\nconnections:\n  lake: {type: duckdb, path: data/lake.duckdb}\n");
    write_file(home / "dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {+materialized: table}\n");
    write_file(home / "profiles.yml",
               "shop: {target: dev, outputs: {dev: {type: duckdb, path: data/lake.duckdb, threads: 2}}}\n");
    for (const char* folder : {"models", "data", "sub"}) std::filesystem::create_directory(home / folder);
    for (int i = 1; i <= 6; ++i) {
      write_file(home / ("models/m" + std::to_string(i) + ".sql"),
                 "select sum(a.range * b.range) as n from range(4000) a, range(4000) b");
    }
    write_file(home / "rows.csv", "id,name\n1,a\n2,b\n");
    owner.emplace(engine::EngineOptions{.folder = home.folder(), .command = {program(), "engine"}});
  }

  void start(std::uint64_t id, std::vector<std::string> words, std::filesystem::path log = {}) {
    owner->start_job({.id = id,
                      .arguments = std::move(words),
                      .environment = home.variables,
                      .log_file = std::move(log),
                      .masks = {"geheim"}});
  }
  void wait_for(std::size_t jobs) {
    for (int i = 0; i < 600 && ended.size() < jobs; ++i) {
      pollfd waiting{owner->descriptor(), POLLIN, 0};
      ::poll(&waiting, 1, 100);
      for (auto& event : owner->receive()) {
        if (auto* end = std::get_if<engine::Ended>(&event)) ended[end->job] = std::move(*end);
        if (auto* lost = std::get_if<engine::Lost>(&event)) ADD_FAILURE() << lost->why;
      }
    }
    ASSERT_EQ(ended.size(), jobs);
  }
};

TEST_F(EngineStory, BuildsOnOneDuckDbFileRunBesideEachOtherAndBesideGuests) {
  for (int i = 1; i <= 4; ++i) start(i, {"build", "--select", "m" + std::to_string(i)});
  start(5, {"copy", "rows.csv", "duckdb:///data/lake.duckdb"});
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(home / ".plumb/engine.sock"); }));
  auto guest = home.plumb({"build", "--select", "m5 m6"});
  EXPECT_EQ(guest.exit_code, 0) << guest.output << guest.errors;
  EXPECT_TRUE(has(guest.output, "Done. PASS=2 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=2")) << guest.output;
  wait_for(5);
  for (const auto& [id, end] : ended) EXPECT_EQ(end.exit_code, 0) << end.last_lines;
  EXPECT_TRUE(has(ended[1].report, R"("unique_id":"model.shop.m1","resource_type":"model","database":"lake",)"
                                   R"("relation":"main.m1","status":"success")"))
      << ended[1].report;
  EXPECT_EQ(home.plumb({"query", "select id from lake.main.rows order by 1"}).output, "id\n1\n2\n");
  EXPECT_EQ(home.plumb({"query", "select count(*) as n from m1"}).output, "n\n1\n");
  EXPECT_EQ(home.plumb({"query", "create table lake.main.x as select 1 as a"}).exit_code, 1);
  // The file is free for strangers as soon as no job uses it, the engine lives on.
  EXPECT_TRUE(owner->pid());
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(*owner->pid()) + "/fd")) {
    std::error_code gone;
    EXPECT_FALSE(has(std::filesystem::read_symlink(entry, gone).string(), "lake.duckdb"));
  }
}

TEST_F(EngineStory, AQueryIsAnsweredWhileALongBuildHasTheFile) {
  write_file(home / "models/long.sql", "select count(*) as n from range(100000000000) a, range(100) b");
  start(1, {"build", "--select", "m1"});
  wait_for(1);
  start(2, {"build", "--select", "long"});
  start(3, {"run-operation", "run_query", "--args", "{sql: select 1}"});
  wait_for(2);
  EXPECT_EQ(home.plumb({"query", "select count(*) as n from m1"}).output, "n\n1\n");
  EXPECT_EQ(home.plumb({"query", "select count(*) as n from lake.main.m1"}).output, "n\n1\n");
  EXPECT_EQ(home.plumb({"query", "create table lake.main.x as select 1 as a"}).exit_code, 1);
  EXPECT_EQ(owner->jobs(), 1u);
  owner->cancel(2);
  wait_for(3);
  EXPECT_EQ(ended[2].exit_code, 130) << ended[2].last_lines;
}

TEST_F(EngineStory, AGuestsWordsComeBackAsIfTheyHadBeenSaidHere) {
  const auto alone = [&](const Words& words) { return home.plumb(words); };
  const Words good{"query", "--format", "json", "select 1 as a"}, bad{"query", "select nonsense"};
  auto good_here = alone(good), bad_here = alone(bad);
  start(1, {"query", "select 42"});
  wait_for(1);
  auto good_there = home.plumb(good), bad_there = home.plumb(bad);
  EXPECT_EQ(good_there.output, good_here.output);
  EXPECT_EQ(bad_there.exit_code, bad_here.exit_code);
  EXPECT_EQ(bad_there.errors, bad_here.errors);

  // From standard input, and with paths that count from where it was typed.
  auto typed = home.command({"query"});
  typed.input = "select name from '../rows.csv' order by 1";
  typed.folder = home / "sub";
  EXPECT_EQ(run_command(typed).output, "name\na\nb\n");
  home.variables["PLUMB_NOW"] = "nonsense";
  EXPECT_EQ(home.plumb(good).exit_code, 2);
}

TEST_F(EngineStory, AnAttemptsLogIsWrittenMaskedByTheEngine) {
  start(1, {"query", "select 'geheim' as word"}, home / "logs/1.log");
  start(2, {"load", "nothing"}, home / "logs/2.log");
  wait_for(2);
  auto log = read_file(home / "logs/1.log");
  EXPECT_TRUE(has(log, "Z OUT word\n")) << log;
  EXPECT_TRUE(has(log, "Z OUT ***\n")) << log;
  EXPECT_EQ(ended[1].last_lines, "word\n***\n");
  EXPECT_EQ(ended[2].exit_code, 2);
  ASSERT_TRUE(ended[2].failure);
  EXPECT_EQ(ended[2].failure->kind, ErrorKind::Config);
}

TEST_F(EngineStory, CtrlCOfAGuestStopsItsJobAlone) {
  start(1, {"query", "select count(*) from range(100000000000) a, range(100) b"});
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(home / ".plumb/engine.sock"); }));
  ChildProcess guest(home.command({"query", "select count(*) from range(100000000000) a, range(100) b"}),
                     home / "guest.log");
  ASSERT_TRUE(comes_true([&] { return listens_to_signals(guest.pid()); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  guest.send_signal(SIGINT);
  EXPECT_EQ(guest.wait(), 130);
  EXPECT_EQ(owner->jobs(), 1u);
  owner->cancel(1);
  wait_for(1);
  EXPECT_EQ(ended[1].exit_code, 130);
  EXPECT_TRUE(ended[1].cancelled);
}

}  // namespace
}  // namespace plumb::story
