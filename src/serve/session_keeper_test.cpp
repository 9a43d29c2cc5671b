// The program that keeps sessions is a script here, which says what it was asked and answers as it was told.

#include "serve/session_keeper.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "base/file.h"

namespace plumb::serve {
namespace {

class SessionKeeperTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::mutex mutex;
  std::string told;

  SessionKeeperTest() {
    std::filesystem::create_directories(sessions());
    write_file(folder.path() / "plumb",
               "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/calls\"\n. \"$(dirname \"$0\")/answer\"\n", 0755);
    answer("echo '{\"name\":\"bank\",\"next_refresh_seconds\":1000}'");
  }
  std::filesystem::path sessions() const { return folder.path() / ".plumb" / "sessions"; }
  void answer(const std::string& script) { write_file(folder.path() / "answer", script + "\n"); }
  std::string calls() { return find_file(folder.path() / "calls").value_or(""); }
  SessionKeeperOptions options() {
    return {.folder = folder.path(),
            .program = {(folder.path() / "plumb").string()},
            .signed_in = [this](const std::string& name) { note("signed in " + name); },
            .lost = [this](const std::string& name, const std::string& why) { note("lost " + name + ": " + why); },
            .look = std::chrono::milliseconds(20)};
  }
  void note(const std::string& text) {
    std::lock_guard lock(mutex);
    told += text + "\n";
  }
  std::string told_now() {
    std::lock_guard lock(mutex);
    return told;
  }
  static bool comes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  }
};

TEST_F(SessionKeeperTest, ASessionIsRefreshedWhenItIsFoundAndWhenItIsDue) {
  answer("echo '{\"name\":\"bank\",\"next_refresh_seconds\":0.5}'");
  SessionKeeper keeper(options());
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(calls(), "");
  write_file(sessions() / "bank.session", "sealed");
  write_file(sessions() / "bank.challenge.session", "sealed");
  const std::string call = "--json --project-dir " + folder.path().string() + " connections refresh bank\n";
  EXPECT_TRUE(comes_true([&] { return calls() == call + call + call; })) << calls();
  EXPECT_EQ(told_now(), "signed in bank\n");
}

TEST_F(SessionKeeperTest, ALostSessionIsToldOnceAndItsReturnToo) {
  write_file(sessions() / "bank.session", "sealed");
  answer("rm .plumb/sessions/bank.session; echo '{\"error\":{\"message\":\"it has ended\"}}' >&2; exit 3");
  auto chosen = options();
  chosen.program = {"/usr/bin/env", "-C", folder.path().string(), chosen.program[0]};
  SessionKeeper keeper(chosen);
  EXPECT_TRUE(comes_true([&] { return told_now() == "lost bank: it has ended\n"; })) << told_now();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(told_now(), "lost bank: it has ended\n");
  answer("echo '{\"name\":\"bank\",\"next_refresh_seconds\":1000}'");
  write_file(sessions() / "bank.session", "sealed");
  EXPECT_TRUE(comes_true([&] { return told_now() == "lost bank: it has ended\nsigned in bank\n"; })) << told_now();
}

TEST_F(SessionKeeperTest, ABankThatDoesNotAnswerIsAskedAgainAndNothingIsLost) {
  write_file(sessions() / "bank.session", "sealed");
  answer("echo 'plumb: no network' >&2; exit 1");
  {
    SessionKeeper keeper(options());
    EXPECT_TRUE(comes_true([&] { return !calls().empty(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(told_now(), "");
  EXPECT_TRUE(std::filesystem::exists(sessions() / "bank.session"));
}

}  // namespace
}  // namespace plumb::serve
