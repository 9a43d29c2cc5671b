// At a terminal: questions, pictures, progress, the pager.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

// The program at a terminal of 80 columns, typed at and read from here.
class AtTerminal {
 public:
  AtTerminal(const Home& home, const Words& words) {
    auto command = home.command(words);
    std::vector<std::string> environment;
    for (const auto& [name, value] : *command.environment) environment.push_back(name + "=" + value);
    auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> list;
      for (auto& text : texts) list.push_back(text.data());
      list.push_back(nullptr);
      return list;
    };
    auto argv = pointers(command.arguments);
    auto envp = pointers(environment);
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      if (::chdir(command.folder.c_str()) != 0) ::_exit(126);
      ::execve(argv[0], argv.data(), envp.data());
      ::_exit(127);
    }
  }
  ~AtTerminal() {
    if (pid_ > 0 && !ended_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(terminal_);
  }
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;

  // Reads until this has been shown; false when the program ends, or nothing comes for a long while.
  bool shows(const std::string& text) {
    while (seen_.find(text) == std::string::npos) {
      if (!read_more()) return false;
    }
    return true;
  }
  void type(const std::string& text) {
    ASSERT_EQ(::write(terminal_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int pid() const { return pid_; }
  const std::string& seen() const { return seen_; }
  int wait() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  bool read_more() {
    pollfd waiting{terminal_, POLLIN, 0};
    if (::poll(&waiting, 1, 15'000) <= 0) return false;
    char piece[4096];
    auto got = ::read(terminal_, piece, sizeof piece);
    if (got <= 0) return false;
    seen_.append(piece, static_cast<std::size_t>(got));
    return true;
  }
  int terminal_ = -1;
  int pid_ = -1;
  bool ended_ = false;
  std::string seen_;
};

TEST(CliTerminal, AnSmsTanIsAskedForAndTyped) {
  Household home({.preferred = sandbox::TanKind::Mobile});
  AtTerminal login(home, {"connections", "login", "bank"});
  ASSERT_TRUE(login.shows("comdirect: the TAN sent to ")) << login.seen();
  login.type("123456\n");
  EXPECT_EQ(login.wait(), 0) << login.seen();
  EXPECT_NE(login.seen().find("bank: signed in"), std::string::npos) << login.seen();
}

TEST(CliTerminal, WhatRunsStandsInTheLastLine) {
  Home home;
  home.write("dbt_project.yml", "name: shop\nprofile: shop\n");
  home.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n");
  home.write(
      "models/slow.sql",
      "{{ config(materialized='table') }} select count(*) as n from range(30000000) where md5(range::text) = ''");
  AtTerminal run(home, {"run"});
  EXPECT_TRUE(run.shows("⠙ 1 of 1  main.slow 0.1s")) << run.seen();
  EXPECT_EQ(run.wait(), 0) << run.seen();
  EXPECT_EQ(run.seen().find("START"), std::string::npos) << run.seen();
  EXPECT_NE(run.seen().find("\r\033[K", run.seen().rfind("main.slow 0.")), std::string::npos) << run.seen();
}

TEST(CliTerminal, APhotoTansPictureIsSavedUntilItIsAnswered) {
  Household home({.preferred = sandbox::TanKind::Photo});
  AtTerminal login(home, {"connections", "login", "bank"});
  ASSERT_TRUE(login.shows("photoTAN of this picture: ")) << login.seen();
  const auto at = login.seen().find("The picture is in ");
  ASSERT_NE(at, std::string::npos) << login.seen();
  const auto files = home.names("tmp");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_NE(login.seen().find(files.front(), at), std::string::npos);
  EXPECT_TRUE(home.read("tmp/" + files.front()).starts_with("\x89PNG"));
  EXPECT_EQ(std::filesystem::status(home / ("tmp/" + files.front())).permissions(), std::filesystem::perms(0600));
  login.type("123456\n");
  EXPECT_EQ(login.wait(), 0) << login.seen();
  EXPECT_TRUE(home.names("tmp").empty());
}

TEST(CliTerminal, APushIsAnnounced) {
  Household home;
  AtTerminal login(home, {"connections", "login", "bank"});
  EXPECT_TRUE(login.shows("please approve the sign-in in the photoTAN app")) << login.seen();
  EXPECT_EQ(login.wait(), 0) << login.seen();
}

TEST(CliTerminal, AWrongTanIsSentOnceAndEndsWith3) {
  Household home({.preferred = sandbox::TanKind::Mobile});
  AtTerminal login(home, {"connections", "login", "bank"});
  ASSERT_TRUE(login.shows("the TAN sent to ")) << login.seen();
  login.type("000000\n");
  EXPECT_EQ(login.wait(), 3);
  EXPECT_NE(login.seen().find("comdirect refused the TAN"), std::string::npos) << login.seen();
  int tries = 0;
  for (const auto& call : home.bank->calls()) tries += call.method == "PATCH" ? 1 : 0;
  EXPECT_EQ(tries, 1);
}

TEST(CliTerminal, NoAnswerSendsNothing) {
  Household home({.preferred = sandbox::TanKind::Mobile});
  AtTerminal login(home, {"connections", "login", "bank"});
  ASSERT_TRUE(login.shows("the TAN sent to "));
  login.type("\n");
  EXPECT_EQ(login.wait(), 3);
  EXPECT_NE(login.seen().find("no TAN was given; nothing was sent"), std::string::npos) << login.seen();
}

TEST(CliTerminal, CtrlCLeavesAQuestion) {
  Household home({.preferred = sandbox::TanKind::Mobile});
  AtTerminal login(home, {"connections", "login", "bank"});
  ASSERT_TRUE(login.shows("the TAN sent to "));
  login.type("\x03");
  EXPECT_EQ(login.wait(), 130) << login.seen();
}

TEST(CliTerminal, ALoadShowsItsProgressOnOneLine) {
  Household home;
  home.bank->add_fault(
      {.kind = sandbox::FaultKind::Slow, .path = "/api/banking", .times = -1, .delay = std::chrono::milliseconds(120)});
  AtTerminal load(home, {"load", "bank"});
  EXPECT_TRUE(load.shows("\r\033[Ktransactions: ")) << load.seen();
  EXPECT_EQ(load.wait(), 0);
  EXPECT_NE(load.seen().find("bank: done in "), std::string::npos) << load.seen();
}

TEST(CliTerminal, ATableGoesThroughThePagerAndFitsTheWidth) {
  Home home;
  home.variables["PAGER"] = "sed 's/^/paged: /'";
  AtTerminal query(home, {"query", "SELECT repeat('x', 200) AS wide, 1 AS n"});
  EXPECT_EQ(query.wait(), 0);
  EXPECT_NE(query.seen().find("paged: wide"), std::string::npos) << query.seen();
  EXPECT_NE(query.seen().find("…"), std::string::npos);
  EXPECT_EQ(query.seen().find(std::string(80, 'x')), std::string::npos);
  AtTerminal plain(home, {"query", "--no-pager", "SELECT 1 AS n"});
  EXPECT_EQ(plain.wait(), 0);
  EXPECT_EQ(plain.seen(), "n\r\n-\r\n1\r\n(1 row)\r\n");
}

TEST(CliTerminal, LeavingThePagerEndsAnEndlessTable) {
  Home home;
  home.variables["PAGER"] = "head -n 1";
  AtTerminal query(home, {"query", "SELECT range AS n FROM range(1000000000000)"});
  EXPECT_EQ(query.wait(), 0) << query.seen();
}

TEST(CliTerminal, ASignalEndsThePagerToo) {
  Home home;
  home.variables["PAGER"] = "cat; echo waiting; exec sleep 60";
  AtTerminal query(home, {"query", "SELECT 1 AS n"});
  ASSERT_TRUE(query.shows("waiting"));
  ::kill(query.pid(), SIGTERM);
  EXPECT_EQ(query.wait(), 143) << query.seen();
}

}  // namespace
}  // namespace plumb::story
