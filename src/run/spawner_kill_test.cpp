// kill -9 at random moments, under load: of the spawner, of attempts, of what they started, of the owner, of owner and
// spawner at once. Afterwards nothing may be left. PLUMB_KILLS says how many (20; the soak asks for 200).
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "run/spawner.h"

namespace plumb::run {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

// Programs that leave much behind, each in another way. All note in $PIDS what must not outlive them.
constexpr const char* kPrograms[] = {
    "echo $$ >> $PIDS; sleep 50 & echo $! >> $PIDS; wait",
    "echo $$ >> $PIDS; (env -i setsid bash -c 'echo $$ >> '$PIDS'; exec sleep 50' </dev/null >/dev/null 2>&1 &); sleep "
    "50",
    "echo $$ >> $PIDS; for i in 1 2 3; do (setsid sh -c 'echo $$ >> $PIDS; sleep 50' & ); done; sleep 50",
    "echo $$ >> $PIDS; trap '' TERM; (trap '' TERM; nohup setsid sleep 50 & echo $! >> $PIDS); yes | head -c 1000000; "
    "sleep 50",
    "echo $$ >> $PIDS; while true; do (sleep 0.01; true) & wait; done",
    "(setsid bash -c 'echo $$ >> $PIDS; (setsid bash -c \"echo \\$\\$ >> $PIDS; exec sleep 50\" & ) ; exec sleep 50' & "
    "); sleep 0.02",
};

class KillTest : public ::testing::Test {
 protected:
  std::size_t kills() const {
    auto text = find_environment("PLUMB_KILLS");
    return text ? std::stoul(*text) : 20;
  }
  int random(int below) { return std::uniform_int_distribution<int>(0, below - 1)(dice_); }
  void pause() { ::usleep(static_cast<unsigned>(random(60'000))); }

  std::filesystem::path pids_file(std::size_t round) const { return folder_.path() / format("pids{}", round); }
  void launch_all(Spawner& spawner, std::size_t round) const {
    for (std::uint64_t id = 0; id < 6; ++id) {
      spawner.launch({.id = round * 100 + id,
                      .arguments = {"bash", "-c", kPrograms[id]},
                      .environment = {{"PATH", "/usr/bin:/bin"}, {"PIDS", pids_file(round).string()}},
                      .folder = folder_.path(),
                      .log_file = folder_.path() / format("{}.{}.log", round, id)});
    }
  }
  std::vector<pid_t> noted(std::size_t round) const {
    std::vector<pid_t> pids;
    std::ifstream file(pids_file(round));
    for (pid_t pid; file >> pid;) pids.push_back(pid);
    return pids;
  }
  static bool alive(pid_t pid) {
    auto stat = std::ifstream(format("/proc/{}/stat", pid));
    std::string number, name, state;
    return static_cast<bool>(stat >> number >> name >> state) && state != "Z" && state != "X";
  }
  void expect_nothing_left(std::size_t round, std::string_view marker) const {
    EXPECT_EQ(kill_leftovers(marker), 0u) << "in round " << round;
    for (pid_t pid : noted(round)) EXPECT_FALSE(alive(pid)) << pid << " of round " << round;
  }

  TemporaryFolder folder_;
  std::mt19937 dice_{20261121};
  int hits_ = 0;  // kills of what was at work
};

TEST_F(KillTest, OfTheSpawnerAndOfAttempts) {
  Spawner spawner = Spawner::start();
  std::set<std::uint64_t> open;
  auto receive = [&](std::chrono::milliseconds wait) {
    pollfd event{.fd = spawner.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&event, 1, static_cast<int>(wait.count()));
    for (const SpawnerEvent& one : spawner.receive()) {
      const auto* ended = std::get_if<Ended>(&one);
      if (ended != nullptr) {
        EXPECT_EQ(open.erase(ended->id), 1u);
      }
    }
  };
  for (std::size_t round = 0; round < kills() / 2; ++round) {
    launch_all(spawner, round);
    for (std::uint64_t id = 0; id < 6; ++id) open.insert(round * 100 + id);
    pause();
    std::vector<pid_t> pids = noted(round);
    pid_t target = random(2) == 0 || pids.empty()
                       ? spawner.pid()
                       : pids[static_cast<std::size_t>(random(static_cast<int>(pids.size())))];
    hits_ += alive(target) ? 1 : 0;
    ::kill(target, SIGKILL);
    for (int i = 0; i < 3; ++i) receive(5ms);
    for (std::uint64_t id : std::set(open)) spawner.end(id, 100ms);
    for (auto until = steady_clock::now() + 20s; !open.empty() && steady_clock::now() < until;) receive(50ms);
    ASSERT_TRUE(open.empty()) << "in round " << round;
    for (pid_t pid : noted(round)) EXPECT_FALSE(alive(pid)) << pid << " of round " << round;
  }
  std::string marker = spawner.marker();
  { Spawner gone = std::move(spawner); }
  EXPECT_EQ(kill_leftovers(marker), 0u);
  std::printf("%d of %zu kills hit something at work\n", hits_, kills() / 2);
}

TEST_F(KillTest, OfTheOwnerAndOfBoth) {
  for (std::size_t round = 0; round < kills() / 2; ++round) {
    std::string marker = format("kill{}x{}", ::getpid(), round);
    pid_t owner = ::fork();
    if (owner == 0) {
      Spawner spawner = Spawner::start({.marker = marker});
      write_scratch_file(folder_.path() / format("spawner{}", round), std::to_string(spawner.pid()));
      launch_all(spawner, round);
      for (;;) {
        pollfd event{.fd = spawner.descriptor(), .events = POLLIN, .revents = 0};
        ::poll(&event, 1, -1);
        spawner.receive();
      }
    }
    pause();
    auto spawner = find_file(folder_.path() / format("spawner{}", round));
    bool both = random(2) == 0 && spawner && !spawner->empty();
    hits_ += alive(owner) ? 1 : 0;
    if (both) ::kill(std::stoi(*spawner), SIGKILL);
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    kill_leftovers(marker);  // what the next start does
    expect_nothing_left(round, marker);
  }
  std::printf("%d of %zu kills hit something at work\n", hits_, kills() / 2);
}

}  // namespace
}  // namespace plumb::run
