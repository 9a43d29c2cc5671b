// The bank without anybody at hand: sessions that live on, and ones that are lost.
#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

class UnattendedBank : public testing::Test {
 protected:
  Household home;
  Instant now = *find_instant(kEvening);

  void pass(std::chrono::seconds time) {
    now += time;
    home.bank->set_clock(now);
    home.variables["PLUMB_NOW"] = format_instant(now);
  }
  int challenges() {
    int count = 0;
    for (const auto& call : home.bank->calls()) count += has(call.target, "/validate") ? 1 : 0;
    return count;
  }
  int run(const Words& words) { return home.plumb(words).exit_code; }
};

TEST_F(UnattendedBank, RefreshesKeepASessionBeyondItsTokens) {
  ASSERT_EQ(run({"connections", "login", "bank"}), 0);
  for (int i = 0; i < 8; ++i) {
    pass(std::chrono::seconds(400));
    auto refresh = home.plumb({"connections", "refresh", "bank"});
    ASSERT_EQ(refresh.exit_code, 0) << refresh.errors;
  }
  EXPECT_TRUE(home.plumb({"--json", "connections", "refresh", "bank"})
                  .output.starts_with(R"({"name":"bank","next_refresh_seconds":399)"));
  EXPECT_EQ(run({"load", "bank"}), 0);
  EXPECT_EQ(challenges(), 1);
  pass(std::chrono::seconds(1300));
  auto late = home.plumb({"connections", "refresh", "bank"});
  EXPECT_EQ(late.exit_code, 3);
  EXPECT_TRUE(has(late.errors, "connection 'bank' has no session that is taken")) << late.errors;
  EXPECT_EQ(challenges(), 1);
}

TEST_F(UnattendedBank, ALostSessionIsAskedForOnceAndWhatWasMissedIsLoadedAfterTheSignIn) {
  ASSERT_EQ(run({"load", "bank"}), 0);
  home.bank->command("expire");
  home.bank->command("options?push_outcome=deny");
  EXPECT_EQ(run({"load", "bank"}), 3);
  EXPECT_EQ(challenges(), 2);
  for (int i = 0; i < 3; ++i) {
    auto again = home.plumb({"load", "bank"});
    EXPECT_EQ(again.exit_code, 3);
    EXPECT_TRUE(has(again.errors, "connection 'bank' waits for a person")) << again.errors;
  }
  EXPECT_EQ(challenges(), 2) << "a challenge was raised unasked a second time";

  // Days pass, the bank books, the person comes back.
  pass(std::chrono::hours(72));
  home.bank->command("options?push_outcome=approve");
  ASSERT_EQ(run({"connections", "login", "bank"}), 0);
  EXPECT_EQ(challenges(), 3);
  ASSERT_EQ(run({"load", "bank"}), 0);
  const auto loaded = home.count("transactions");
  EXPECT_EQ(stock_sqlite(home / "data/raw_bank.db",
                         "SELECT count(*) FROM (SELECT DISTINCT account_id, reference FROM transactions)"),
            loaded);
  ASSERT_EQ(run({"load", "bank"}), 0);
  EXPECT_EQ(home.count("transactions"), loaded);

  // The mark has gone with the sign-in: the next loss may be asked about once again.
  home.bank->command("expire");
  EXPECT_EQ(run({"load", "bank"}), 0);
  EXPECT_EQ(challenges(), 4);
}

TEST_F(UnattendedBank, WhatAKilledProcessHandedOverIsKeptAndHalfOfItIsNot) {
  ASSERT_EQ(run({"connections", "login", "bank"}), 0);
  auto keep = [&](const std::string& text) {
    auto command = home.command({"connections", "keep", "bank"});
    command.input = text;
    return run_command(command).exit_code;
  };
  EXPECT_EQ(keep(R"({"access_token":"ab)"), 0);
  EXPECT_EQ(keep(""), 0);
  EXPECT_EQ(run({"load", "bank"}), 0);
  EXPECT_EQ(challenges(), 1);
  // Whole, but of a session that the bank does not know: it was stored, so the next load has to sign in.
  EXPECT_EQ(keep(R"({"access_token":"x","refresh_token":"y","session_id":"z",)"
                 R"("access_expires_at":"2026-11-20T20:00:00Z"})"
                 "\n"),
            0);
  EXPECT_EQ(run({"load", "bank"}), 0);
  EXPECT_EQ(challenges(), 2);
}

TEST_F(UnattendedBank, AKillWhileTheBankAnswersCostsNoMoreThanOneChallenge) {
  ASSERT_EQ(run({"load", "bank"}), 0);
  const auto loaded = home.count("transactions");
  int kept = 0;
  for (int i = 0; i < 12; ++i) {
    ChildProcess refresh(home.command({"connections", "refresh", "bank"}), home / "refresh.log");
    std::this_thread::sleep_for(std::chrono::milliseconds(12 * i));
    refresh.send_signal(SIGKILL);
    refresh.wait();
    const int before = challenges();
    ASSERT_EQ(run({"load", "bank"}), 0) << i;
    EXPECT_LE(challenges(), before + 1);
    if (challenges() == before) ++kept;
  }
  EXPECT_EQ(home.count("transactions"), loaded);
  RecordProperty("sessions_kept_of_12", kept);
}

}  // namespace
}  // namespace plumb::story
