#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "base/testing.h"

namespace plumb {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

Command shell(std::string script) {
  return {.arguments = {"sh", "-c", std::move(script)}};
}

// Waits until something has come about; a test that waits in vain fails by its own check afterwards.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
  return condition();
}

bool alive(const std::string& pid) {
  std::string status = find_file("/proc/" + pid + "/stat").value_or("");
  std::size_t state = status.rfind(") ");
  return state != std::string::npos && status[state + 2] != 'Z' && status[state + 2] != 'X';
}

bool has_children() {
  siginfo_t info = {};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

class ProcessTest : public testing::Test {
 protected:
  void SetUp() override { descriptors_ = open_descriptors(); }
  // After every story: no child is left, not even a dead one, and no descriptor.
  void TearDown() override {
    EXPECT_FALSE(has_children());
    EXPECT_EQ(open_descriptors(), descriptors_);
  }
  std::size_t descriptors_ = 0;
};

TEST_F(ProcessTest, gives_output_errors_and_exit_code) {
  CommandResult result = run_command(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_FALSE(result.ok());
  EXPECT_TRUE(run_command(shell("true")).ok());
}

TEST_F(ProcessTest, takes_words_as_they_are) {
  EXPECT_EQ(run_command({.arguments = {"printf", "%s|", "a b", "$HOME", "*", ""}}).output, "a b|$HOME|*||");
}

TEST_F(ProcessTest, feeds_input_of_any_size_while_output_comes) {
  std::string big(3'000'000, 'x');
  Command command = {.arguments = {"cat"}, .input = big};
  EXPECT_EQ(run_command(command).output, big);
  command.arguments = {"true"};  // a program that reads nothing does no harm
  EXPECT_TRUE(run_command(command).ok());
  EXPECT_EQ(run_command({.arguments = {"cat"}}).output, "");
}

TEST_F(ProcessTest, keeps_so_much_output_and_drops_the_rest) {
  Command command = shell("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; echo done");
  command.largest_output = 1000;
  CommandResult result = run_command(command);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.output.size(), 1000u);
  EXPECT_EQ(result.errors.size(), 1000u);
}

TEST_F(ProcessTest, has_the_environment_and_the_folder_that_it_was_given) {
  TemporaryFolder folder;
  Command command = shell("echo $A-$HOME; pwd -P");
  command.environment.emplace().emplace_back("A", "x y");
  command.folder = folder.path();
  EXPECT_EQ(run_command(command).output, "x y-\n" + fs::canonical(folder.path()).string() + "\n");
  ::setenv("PLUMB_TEST_OURS", "1", 1);
  EXPECT_EQ(run_command(shell("echo $PLUMB_TEST_OURS")).output, "1\n");
}

TEST_F(ProcessTest, that_can_not_be_started_says_so) {
  EXPECT_EQ(error_of([] {
              run_command({.arguments = {"no-such-program-here", "--password", "hunter2"}});
            }),
            "there is no program 'no-such-program-here'\nhint: install it, or add its folder to PATH");
  EXPECT_EQ(error_of([] { run_command({.arguments = {"/"}}); }), "can't run '/': Permission denied");
  Command nowhere = shell("true");
  nowhere.folder = "/nowhere";
  expect_error(ErrorKind::NotFound, "there is no folder '/nowhere' to run in", [&] { run_command(nowhere); });
  expect_error(ErrorKind::Data, "NUL", [] { run_command({.arguments = {"echo", std::string("a\0b", 3)}}); });
}

TEST_F(ProcessTest, tells_a_signal_from_an_exit) {
  CommandResult result = run_command(shell("kill -SEGV $$"));
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_FALSE(result.ok());
}

TEST_F(ProcessTest, is_killed_with_all_its_children_when_time_is_up) {
  Command command = shell("sleep 1000 & echo $!; sleep 1000");
  std::string sleeper;
  for (auto timeout = 50ms; sleeper.empty() && timeout < 60s;
       timeout *= 2) {  // a busy machine may need longer to start
    command.timeout = timeout;
    CommandResult result = run_command(command);
    EXPECT_TRUE(result.timed_out);
    EXPECT_FALSE(result.ok());
    sleeper = result.output.substr(0, result.output.find('\n'));
  }
  ASSERT_FALSE(sleeper.empty());
  EXPECT_TRUE(eventually([&] { return !alive(sleeper); }));
}

TEST_F(ProcessTest, leaves_nobody_behind_who_holds_its_output) {
  CommandResult result = run_command(shell("sleep 1000 & echo $!"));
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(eventually([&] { return !alive(result.output.substr(0, result.output.find('\n'))); }));
}

TEST_F(ProcessTest, ends_at_once_on_a_stop) {
  std::stop_source stop;
  TemporaryFolder folder;
  std::jthread stopper([&] {
    eventually([&] { return fs::exists(folder.path() / "started"); });
    stop.request_stop();
  });
  Command command = shell("touch started; sleep 1000");
  command.folder = folder.path();
  expect_error(ErrorKind::Cancelled, "'sh' was stopped", [&] { run_command(command, stop.get_token()); });
  expect_error(ErrorKind::Cancelled, "stopped before", [&] { run_command(command, stop.get_token()); });
}

TEST_F(ProcessTest, that_ignores_sigterm_is_killed_after_a_stop) {
  std::stop_source stop;
  TemporaryFolder folder;
  std::jthread stopper([&] {
    eventually([&] { return fs::exists(folder.path() / "started"); });
    stop.request_stop();
  });
  Command command = shell("trap '' TERM; touch started; while :; do sleep 1; done");
  command.folder = folder.path();
  expect_error(ErrorKind::Cancelled, "was stopped", [&] { run_command(command, stop.get_token()); });
}

TEST_F(ProcessTest, inherits_no_descriptor_and_no_ignored_signal) {
  FileDescriptor leaky(::open("/dev/null", O_RDONLY));  // somebody forgot O_CLOEXEC
  std::string listing = run_command({.arguments = {"ls", "/proc/self/fd"}}).output;
  EXPECT_EQ(listing, "0\n1\n2\n3\n");  // 3 is ls, looking
  ::signal(SIGPIPE, SIG_IGN);
  CommandResult result = run_command(shell("kill -PIPE $$; echo survived"));
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(result.signal, SIGPIPE);
}

TEST_F(ProcessTest, runs_many_at_once_from_many_threads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 5; ++j) {
        std::string text = std::to_string(i * 100 + j);
        EXPECT_EQ(run_command({.arguments = {"cat"}, .input = text}).output, text);
      }
    });
  }
}

TEST_F(ProcessTest, beside_us_runs_until_it_is_stopped) {
  TemporaryFolder folder;
  ChildProcess child(shell("echo $$; exec sleep 1000"), folder.path() / "log");
  EXPECT_TRUE(child.running());
  std::string pid = std::to_string(child.pid());
  EXPECT_TRUE(eventually([&] { return read_file(folder.path() / "log") == pid + "\n"; }));
  ChildProcess moved = std::move(child);
  moved.stop();
  EXPECT_FALSE(moved.running());
  EXPECT_EQ(moved.wait(), 128 + SIGTERM);
  EXPECT_FALSE(alive(pid));
  moved.send_signal(SIGTERM);  // to nobody
}

TEST_F(ProcessTest, beside_us_tells_its_exit_code) {
  ChildProcess child(shell("exit 7"));
  EXPECT_EQ(child.wait(), 7);
  EXPECT_EQ(child.wait(), 7);
  ChildProcess other(shell("sleep 1000"));
  other.send_signal(SIGKILL);
  EXPECT_EQ(other.wait(), 128 + SIGKILL);
}

TEST_F(ProcessTest, beside_us_ends_with_its_owner) {
  std::string pid;
  {
    ChildProcess child(shell("exec sleep 1000"));
    pid = std::to_string(child.pid());
  }
  EXPECT_FALSE(alive(pid));
}

TEST_F(ProcessTest, beside_us_that_was_suspended_can_be_stopped) {
  ChildProcess child(shell("exec sleep 1000"));
  child.send_signal(SIGSTOP);
  child.stop();
  EXPECT_FALSE(child.running());
}

TEST_F(ProcessTest, is_fed_like_a_pager_until_it_is_left) {
  TemporaryFolder folder;
  Command command = shell("head -n 1");
  command.open_input = true;
  command.foreground = true;
  ChildProcess pager(command, folder.path() / "seen");
  EXPECT_TRUE(pager.write("first\nsecond\n"));
  EXPECT_TRUE(eventually([&] { return !pager.write("more\n"); }));  // and no SIGPIPE ends this test
  EXPECT_EQ(pager.wait(), 0);
  EXPECT_EQ(read_file(folder.path() / "seen"), "first\n");
}

}  // namespace
}  // namespace plumb
