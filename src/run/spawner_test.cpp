#include "run/spawner.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "base/file.h"
#include "base/format.h"
#include "run/attempt_log.h"
#include "run/spawner_marks.h"

namespace plumb::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

bool alive(pid_t pid) {
  std::ifstream stat(format("/proc/{}/stat", pid));
  std::string number, name, state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z" && state != "X";
}

class SpawnerTest : public ::testing::Test {
 protected:
  // Bash with this script; its log is ID.log.
  Launch script(std::uint64_t id, const std::string& text) {
    return {.id = id,
            .arguments = {"bash", "-c", text},
            .environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"PIDS", pids_.string()}},
            .folder = folder_.path(),
            .log_file = log_file(id)};
  }
  std::filesystem::path log_file(std::uint64_t id) { return folder_.path() / format("{}.log", id); }
  std::string log(std::uint64_t id) {
    std::string text;
    for (const LogLine& line : read_log(log_file(id), 0, {.finished = true}).lines)
      text += format("{} {}\n", to_string(line.stream), line.text);
    return text;
  }

  // Waits until it has ended. Other events are kept.
  Ended ended(std::uint64_t id, milliseconds limit = 20s) {
    wait_until([&] { return ended_.contains(id); }, limit);
    return ended_[id];
  }
  void wait_until(const std::function<bool()>& done, milliseconds limit = 20s) {
    auto until = steady_clock::now() + limit;
    while (!done() && steady_clock::now() < until) {
      pollfd event{.fd = spawner_.descriptor(), .events = POLLIN, .revents = 0};
      ::poll(&event, 1, 10);
      for (SpawnerEvent& one : spawner_.receive()) note(one);
    }
    EXPECT_TRUE(done());
  }
  void note(const SpawnerEvent& event) {
    if (const auto* started = std::get_if<Started>(&event)) started_[started->id] = started->pid;
    if (const auto* grew = std::get_if<LogGrew>(&event)) grew_[grew->id].push_back(grew->size);
    if (std::holds_alternative<SpawnerLost>(event)) ++lost_;
    if (const auto* end = std::get_if<Ended>(&event)) {
      EXPECT_FALSE(ended_.contains(end->id)) << "a second end of " << end->id;
      ended_[end->id] = *end;
    }
  }
  // Scripts write the numbers of processes that must not outlive them into $PIDS.
  std::vector<pid_t> noted_pids(std::size_t count) {
    std::vector<pid_t> pids;
    wait_until([&] {
      pids.clear();
      std::ifstream file(pids_);
      for (pid_t pid; file >> pid;) pids.push_back(pid);
      return pids.size() >= count;
    });
    return pids;
  }

  TemporaryFolder folder_;
  std::filesystem::path pids_ = folder_.path() / "pids";
  Spawner spawner_ = Spawner::start();
  std::map<std::uint64_t, int> started_;
  std::map<std::uint64_t, Ended> ended_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> grew_;
  int lost_ = 0;
};

// A process that leaves its group, its session, its parent and its environment, and holds no stream.
constexpr const char* kDaemon =
    "(env -i setsid bash -c 'echo $$ >> '$PIDS'; exec sleep 100' >/dev/null 2>&1 </dev/null & ) ; ";

TEST_F(SpawnerTest, RunsAProgramAndWritesItsLog) {
  Launch launch = script(7, "read line; echo got $line in $(basename $PWD); echo no >&2; exit 3");
  launch.input = "this\n";
  launch.last_lines = 1;
  spawner_.launch(launch);
  Ended end = ended(7);
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_FALSE(end.ok());
  EXPECT_GT(started_[7], 0);
  EXPECT_GT(end.largest_memory, 0u);
  std::string log = this->log(7);
  EXPECT_NE(log.find(format("OUT got this in {}\n", folder_.path().filename().string())), std::string::npos) << log;
  EXPECT_NE(log.find("ERR no\n"), std::string::npos);
  EXPECT_TRUE(log.ends_with("PLUMB exit code 3\n"));
  EXPECT_EQ(end.last_lines.size(), 1u);
}

TEST_F(SpawnerTest, KnowsItsEnvironmentAndNoOther) {
  Launch launch =
      script(8, "env | grep -vE '^(PWD|SHLVL|_|PIDS)=' | sort; echo token=hunter2 pw hunter3; ls /proc/self/fd");
  launch.secrets = {Secret("hunter3")};
  spawner_.launch(launch);
  EXPECT_TRUE(ended(8).ok());
  EXPECT_EQ(log(8), format("OUT PATH=/usr/local/bin:/usr/bin:/bin\nOUT PLUMB_ATTEMPT={}:8\n"
                           "OUT token=*** pw ***\nOUT 0\nOUT 1\nOUT 2\nOUT 3\n",
                           spawner_.marker()));
}

TEST_F(SpawnerTest, SaysWhyAProgramCanNotRun) {
  spawner_.launch({.id = 1, .arguments = {"no-such-program"}, .log_file = log_file(1)});
  EXPECT_EQ(ended(1).exit_code, 127);
  EXPECT_EQ(ended_[1].problem, "there is no program 'no-such-program'");
  EXPECT_EQ(log(1), "PLUMB there is no program 'no-such-program'\n");
  spawner_.launch({.id = 2, .arguments = {"/bin/true"}, .folder = "/no/such"});
  EXPECT_EQ(ended(2).problem, "can't run in the folder '/no/such': No such file or directory");
  spawner_.launch({.id = 3, .arguments = {"/etc/passwd"}});
  EXPECT_EQ(ended(3).problem, "can't run '/etc/passwd': Permission denied");
  EXPECT_EQ(ended_[3].exit_code, 126);
  spawner_.launch({.id = 4, .arguments = {"/bin/true"}, .log_file = "/proc/no/1.log"});
  EXPECT_TRUE(ended(4).ok());
  EXPECT_NE(ended_[4].log_problem, "");
  write_scratch_file(folder_.path() / "script", "echo $1\n");
  ::chmod((folder_.path() / "script").c_str(), 0755);
  spawner_.launch({.id = 5, .arguments = {folder_.path() / "script", "hello"}, .log_file = log_file(5)});
  EXPECT_TRUE(ended(5).ok());
  EXPECT_EQ(log(5), "OUT hello\n");
}

TEST_F(SpawnerTest, ATimeLimitIsKept) {
  Launch launch = script(1, "trap 'echo terminated; exit 0' TERM; sleep 100 & wait");
  launch.timeout = 100ms;
  spawner_.launch(launch);
  Ended end = ended(1, 3s);
  EXPECT_TRUE(end.timed_out);
  EXPECT_FALSE(end.ok());
  EXPECT_EQ(log(1), "PLUMB ended after its time limit of 100 ms\nOUT terminated\n");
}

TEST_F(SpawnerTest, OneThatDoesNotListenIsKilledAfterItsGrace) {
  spawner_.launch(script(1, "trap '' TERM; echo ready; while true; do sleep 100; done"));
  wait_until([&] { return log(1) == "OUT ready\n"; });
  auto before = steady_clock::now();
  spawner_.end(1, 200ms);
  Ended end = ended(1, 5s);
  EXPECT_TRUE(end.killed);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_GE(steady_clock::now() - before, 200ms);
  EXPECT_TRUE(log(1).ends_with("PLUMB ended by SIGKILL\n"));
  spawner_.end(1, 0ms);
  spawner_.end(99, 0ms);
}

TEST_F(SpawnerTest, AStoppedProgramIsEnded) {
  spawner_.launch(script(1, "kill -STOP $$"));
  wait_until([&] { return started_.contains(1); });
  spawner_.end(1, 5s);
  EXPECT_TRUE(ended(1, 3s).killed);
}

TEST_F(SpawnerTest, WhatItLeavesBehindGoesWithIt) {
  spawner_.launch(script(1, "sleep 100 & echo $! >> $PIDS; nohup setsid sleep 100 & echo $! >> $PIDS; " +
                                std::string(kDaemon) + "while [[ $(wc -l < $PIDS) -lt 3 ]]; do sleep 0.01; done"));
  Ended end = ended(1, 10s);
  EXPECT_TRUE(end.ok());
  std::vector<pid_t> pids = noted_pids(3);
  ASSERT_EQ(pids.size(), 3u);
  for (pid_t pid : pids) EXPECT_FALSE(alive(pid)) << pid;
}

TEST_F(SpawnerTest, OthersKeepTheirDaemons) {
  spawner_.launch(script(1, std::string(kDaemon) + "sleep 100"));
  std::vector<pid_t> daemon = noted_pids(1);
  spawner_.launch(script(2, "setsid sleep 100 & true"));
  EXPECT_TRUE(ended(2).ok());
  EXPECT_TRUE(alive(daemon.at(0)));
  spawner_.end(1, 5s);
  ended(1);
  EXPECT_FALSE(alive(daemon.at(0)));
}

TEST_F(SpawnerTest, WhenTheSpawnerIsKilledNothingIsLeftAndAnotherOneWorks) {
  for (std::uint64_t id : {1u, 2u}) spawner_.launch(script(id, std::string(kDaemon) + "echo $$ >> $PIDS; sleep 100"));
  std::vector<pid_t> pids = noted_pids(4);
  ::kill(spawner_.pid(), SIGKILL);
  EXPECT_TRUE(ended(1).lost);
  EXPECT_TRUE(ended(2).lost);
  EXPECT_EQ(lost_, 1);
  for (pid_t pid : pids) EXPECT_FALSE(alive(pid)) << pid;
  EXPECT_TRUE(log(1).ends_with("PLUMB the process that ran this was killed, and this with it\n"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "a zombie is left";
  spawner_.launch(script(3, "echo again"));
  EXPECT_TRUE(ended(3).ok());
}

TEST_F(SpawnerTest, ALaunchIntoADeadSpawnerIsLost) {
  ::kill(spawner_.pid(), SIGKILL);
  ::usleep(20'000);
  spawner_.launch(script(1, "true"));
  EXPECT_TRUE(ended(1).lost);
}

TEST_F(SpawnerTest, WhenTheOwnerIsKilledNothingIsLeft) {
  int pid = ::fork();
  if (pid == 0) {
    Spawner own = Spawner::start();
    own.launch(script(1, "trap 'sleep 0.1; echo bye; exit' TERM; echo $$ >> $PIDS; " + std::string(kDaemon) +
                             "while true; do sleep 0.01; done"));
    write_scratch_file(folder_.path() / "spawner", std::to_string(own.pid()));
    for (;;) ::pause();
  }
  std::vector<pid_t> pids = noted_pids(2);
  pids.push_back(std::stoi(read_file(folder_.path() / "spawner")));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  wait_until([&] { return std::none_of(pids.begin(), pids.end(), alive); }, 5s);
  EXPECT_TRUE(log(1).ends_with("OUT bye\n"));
}

TEST_F(SpawnerTest, WhenBothAreKilledTheNextStartFindsTheRest) {
  std::string marker = format("test{}", ::getpid());
  int pid = ::fork();
  if (pid == 0) {
    Spawner own = Spawner::start({.marker = marker});
    own.launch(script(1, std::string(kDaemon) + "setsid sleep 100 & echo $! >> $PIDS; wait"));
    write_scratch_file(folder_.path() / "spawner", std::to_string(own.pid()));
    for (;;) ::pause();
  }
  std::vector<pid_t> pids = noted_pids(2);
  ::kill(pid, SIGSTOP);  // or it would start another
  ::kill(std::stoi(read_file(folder_.path() / "spawner")), SIGKILL);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_TRUE(alive(pids[0]) && alive(pids[1]));
  EXPECT_GE(kill_leftovers(marker), 2u);
  for (pid_t left : pids) EXPECT_FALSE(alive(left)) << left;
  EXPECT_EQ(kill_leftovers(marker), 0u);
}

TEST_F(SpawnerTest, ItsOutputIsFollowedAsItComes) {
  std::filesystem::path gate = folder_.path() / "gate";
  ASSERT_EQ(::mkfifo(gate.c_str(), 0600), 0);
  spawner_.launch(script(1, "echo one; read x < gate; echo two"));
  spawner_.watch(1, true);
  wait_until([&] { return !grew_[1].empty(); });
  EXPECT_EQ(log(1), "OUT one\n");
  std::ofstream(gate) << "\n";
  EXPECT_TRUE(ended(1).ok());
}

TEST_F(SpawnerTest, LargeInputAndOutputPass) {
  Launch launch = script(1, "wc -c; head -c 3000000 /dev/zero | tr '\\0' x | fold -w 100; echo; echo end");
  launch.input = std::string(5'000'000, 'i');
  launch.environment.emplace_back("BIG", std::string(100'000, 'e'));
  spawner_.launch(launch);
  EXPECT_TRUE(ended(1).ok());
  EXPECT_EQ(read_log(log_file(1), 0).lines.front().text, "5000000");
  EXPECT_EQ(read_log_tail(log_file(1), 1).lines.front().text, "end");
}

TEST_F(SpawnerTest, AGigabyteOfOutputIsBounded) {
  Launch launch = script(1, "seq 100000; head -c 1073741824 /dev/zero; echo; seq 5000; echo end");
  launch.largest_log = 1u << 20;
  launch.last_lines = 1;
  spawner_.launch(launch);
  Ended end = ended(1, 120s);
  EXPECT_TRUE(end.ok());
  EXPECT_EQ(end.last_lines, std::vector<std::string>{"end"});
  EXPECT_GT(end.dropped_bytes, 1'000'000'000u);
  EXPECT_LT(std::filesystem::file_size(log_file(1)), 2u << 20);
  EXPECT_EQ(read_log(log_file(1), 0).lines.front().text, "1");
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed
  std::string status = read_file(format("/proc/{}/status", spawner_.pid()));
  EXPECT_LT(std::stol(status.substr(status.find("RssAnon:") + 8)), 8000) << status;
#endif
}

TEST_F(SpawnerTest, ManyAtOnceEndOnceEach) {
  for (std::uint64_t id = 0; id < 200; ++id) spawner_.launch(script(id, format("echo {0}; exit $(( {0} % 100 ))", id)));
  for (std::uint64_t id = 0; id < 200; ++id) {
    EXPECT_EQ(ended(id).exit_code, static_cast<int>(id % 100));
    EXPECT_TRUE(log(id).starts_with(format("OUT {}\n", id))) << log(id);
  }
}

}  // namespace
}  // namespace plumb::run
