// What every sandbox has, tried at the bank: faults, clock, log of calls, control routes.
#include "sandbox/sandbox.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/format.h"
#include "sandbox/bank_fixture.h"

namespace plumb::sandbox {
namespace {

constexpr const char* kBalances = "/api/banking/clients/user/v2/accounts/balances";

struct Faults : testing::Test {
  BankTest bank;
  BankAnswer balances() { return bank.get(kBalances); }
  void SetUp() override { ASSERT_EQ(balances().status, 200); }
};

TEST_F(Faults, Too_many_requests_come_with_and_without_a_time_to_wait) {
  bank->add_fault({.kind = FaultKind::TooManyRequests, .retry_after = 3});
  bank->add_fault({.kind = FaultKind::TooManyRequests});
  BankAnswer first = balances();
  EXPECT_EQ(first.status, 429);
  EXPECT_EQ(first.header("Retry-After"), "3");
  BankAnswer second = balances();
  EXPECT_EQ(second.status, 429);
  EXPECT_FALSE(second.has("Retry-After"));
  EXPECT_EQ(balances().status, 200);
}

TEST_F(Faults, A_server_error_has_the_status_that_was_asked_for) {
  for (int status : {500, 502, 503, 501}) bank->add_fault({.kind = FaultKind::ServerError, .status = status});
  for (int status : {500, 502, 503, 501}) EXPECT_EQ(balances().status, status);
  EXPECT_EQ(balances().status, 200);
}

TEST_F(Faults, A_reset_breaks_the_answer_in_the_middle_of_its_body) {
  bank->add_fault({.kind = FaultKind::ResetMidBody, .bytes = 30});
  BankAnswer broken = balances();
  EXPECT_TRUE(broken.broken);
  EXPECT_EQ(broken.status, 200);
  EXPECT_LE(broken.body.size(), 30U);
  EXPECT_FALSE(balances().broken);
}

TEST_F(Faults, Truncated_and_malformed_answers_claim_to_be_whole) {
  bank->add_fault({.kind = FaultKind::Truncated, .bytes = 25});
  bank->add_fault({.kind = FaultKind::MalformedJson});
  BankAnswer truncated = balances();
  EXPECT_FALSE(truncated.broken);
  EXPECT_EQ(truncated.body, R"({"paging":{"index":0,"mat)");
  BankAnswer malformed = balances();
  EXPECT_FALSE(malformed.broken);
  EXPECT_THROW(malformed.json(), Error);
}

TEST_F(Faults, A_slow_answer_is_the_right_one) {
  bank->add_fault({.kind = FaultKind::Slow, .delay = std::chrono::milliseconds(30)});
  EXPECT_EQ(balances().status, 200);
}

TEST_F(Faults, An_expired_token_stays_dead_and_its_refresh_token_lives) {
  BankAnswer tokens = bank.sign_in();
  BankAnswer before = bank.call("GET", kBalances, BankTest::with_token(tokens.text("access_token")));
  EXPECT_EQ(before.status, 200);
  bank->add_fault({.kind = FaultKind::ExpiredToken, .path = "/api/banking", .after = 1});
  for (int status : {200, 401, 401}) {
    EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(tokens.text("access_token"))).status, status);
  }
  BankAnswer fresh = bank.grant("grant_type=refresh_token&refresh_token=" + tokens.text("refresh_token"));
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(fresh.text("access_token"))).status, 200);
}

TEST_F(Faults, A_refresh_can_be_refused_either_way) {
  BankAnswer tokens = bank.sign_in();
  for (int status : {400, 401}) {
    bank->add_fault({.kind = FaultKind::ServerError, .status = status, .path = "/oauth/token"});
    BankAnswer refused = bank.grant("grant_type=refresh_token&refresh_token=" + tokens.text("refresh_token"));
    EXPECT_EQ(refused.status, status);
    EXPECT_EQ(refused.text("error"), "invalid_grant");
  }
}

TEST_F(Faults, A_wrong_tan_strikes_only_a_call_that_carries_one) {
  bank->add_fault({.kind = FaultKind::WrongTan});
  EXPECT_EQ(balances().status, 200);
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  EXPECT_EQ(bank.activate(token, session, challenge, "123456").text("code"), "TAN_UNGUELTIG");
  EXPECT_EQ(bank.activate(token, session, challenge, "123456").status, 200);
}

TEST_F(Faults, A_locked_account_stays_locked_until_it_is_unlocked) {
  bank->add_fault({.kind = FaultKind::LockedAccount});
  EXPECT_EQ(balances().text("code"), "zugang.gesperrt");
  EXPECT_EQ(balances().text("code"), "zugang.gesperrt");
  EXPECT_EQ(bank.password_grant().status, 401);
  bank->command("unlock");
  EXPECT_EQ(balances().status, 200);
}

TEST_F(Faults, They_strike_below_their_path_and_after_so_many_calls) {
  bank->add_fault({.path = "/api/reports", .after = 1, .times = 2});
  EXPECT_EQ(balances().status, 200);
  std::string reports = "/api/reports/participants/user/v1/allbalances";
  for (int status : {200, 500, 500, 200}) EXPECT_EQ(bank.get(reports).status, status);
}

TEST_F(Faults, One_that_strikes_always_lasts_until_it_is_cleared) {
  bank->add_fault({.times = -1});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(balances().status, 500);
  bank->clear_faults();
  EXPECT_EQ(balances().status, 200);
}

struct Control : testing::Test {
  BankTest bank;
  BankAnswer post(const std::string& target) { return bank.call("POST", "/_sandbox/" + target); }
  Document state() { return bank.call("GET", "/_sandbox/state").json(); }
};

TEST_F(Control, The_state_tells_seed_clock_faults_and_the_banks_counters) {
  Document before = state();
  EXPECT_EQ(before.root().get("service").as_text(), "comdirect");
  EXPECT_EQ(before.root().get("seed").as_int(), 7);
  EXPECT_EQ(before.root().get("now").as_text(), "2026-11-21T07:00:00Z");
  EXPECT_FALSE(before.root().get("locked").as_bool());
  std::string token = bank.primary_token();
  bank.validate(token, bank.session_of(token));
  Document after = state();
  EXPECT_EQ(after.root().get("open_challenges").size(), 1U);
  EXPECT_EQ(after.root().get("open_challenges").at(0).get("typ").as_text(), "P_TAN_PUSH");
  EXPECT_EQ(after.root().get("challenges_without_tan").as_int(), 1);
  EXPECT_EQ(after.root().get("live_tokens").as_int(), 1);
}

TEST_F(Control, The_clock_is_set_advanced_and_let_go) {
  EXPECT_EQ(post("clock?set=2026-12-24T17:00:00Z").body, R"({"now":"2026-12-24T17:00:00Z"})");
  EXPECT_EQ(post("clock?advance=86400").body, R"({"now":"2026-12-25T17:00:00Z"})");
  EXPECT_EQ(post("clock?follow=true").status, 200);
  EXPECT_TRUE(state().root().get("clock_follows").as_bool());
  EXPECT_EQ(post("clock?advance=60").status, 200);
  EXPECT_TRUE(state().root().get("clock_follows").as_bool());
  for (const char* bad : {"clock?set=tomorrow", "clock?advance=1.5", "clock?stop=1", "clock?follow=maybe"}) {
    EXPECT_EQ(post(bad).status, 400) << bad;
  }
}

TEST_F(Control, Faults_are_switched_by_anybody_on_this_machine) {
  EXPECT_EQ(post("faults?kind=429&path=/api/banking&times=1&retry_after=7").status, 200);
  Document shown = state();
  EXPECT_EQ(shown.root().get("faults").size(), 1U);
  EXPECT_EQ(shown.root().get("faults").at(0).get("kind").as_text(), "429");
  EXPECT_EQ(bank.get(kBalances).header("Retry-After"), "7");
  EXPECT_EQ(state().root().get("faults").size(), 0U);
  for (const char* kind :
       {"500", "502", "503", "slow", "reset", "expired_token", "malformed_json", "truncated", "wrong_tan", "locked"}) {
    EXPECT_EQ(post(std::string("faults?kind=") + kind).status, 200) << kind;
  }
  EXPECT_EQ(bank.call("DELETE", "/_sandbox/faults").status, 200);
  EXPECT_EQ(state().root().get("faults").size(), 0U);
}

TEST_F(Control, What_does_not_fit_is_refused_and_named) {
  EXPECT_NE(post("faults?kind=flood").body.find("flood"), std::string::npos);
  EXPECT_NE(post("faults?kind=500&tims=2").body.find("unknown 'tims'"), std::string::npos);
  EXPECT_NE(post("faults?kind=500&times=often").body.find("times=often"), std::string::npos);
  EXPECT_NE(post("options?tan=PIN").body.find("tan=PIN"), std::string::npos);
  EXPECT_NE(post("options?colour=red").body.find("colour=red"), std::string::npos);
  EXPECT_EQ(post("nonsense").status, 404);
  EXPECT_EQ(bank.call("GET", "/_sandbox/approve").status, 404);
}

TEST_F(Control, Options_that_do_not_fit_change_nothing) {
  EXPECT_EQ(post("options?token_seconds=5&colour=red").status, 400);
  EXPECT_EQ(state().root().get("token_seconds").as_int(), 599);
}

TEST_F(Control, Calls_are_logged_without_secrets) {
  bank.sign_in();
  bank.call("GET", "/api/nothing?password=hunter2");
  BankAnswer log = bank.call("GET", "/_sandbox/calls");
  EXPECT_EQ(log.body.substr(0, log.body.find('\n')),
            R"({"time":"2026-11-21T07:00:00Z","method":"POST","target":"/oauth/token","status":200})");
  EXPECT_EQ(log.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(bank->calls().size(), 6U);
  bank.call("DELETE", "/_sandbox/calls");
  EXPECT_TRUE(bank->calls().empty());
}

TEST_F(Control, The_same_switches_are_there_for_callers_in_this_process) {
  bank.sign_in();
  EXPECT_EQ(bank->command("faults?kind=503&path=%2Fapi%2Fnothing"), R"({"ok":true})");
  EXPECT_EQ(bank.get("/api/nothing").status, 503);
  EXPECT_THROW(bank->command("faults?kind=flood"), Error);
  EXPECT_THROW(bank->command("nonsense"), Error);
}

TEST_F(Control, A_taken_port_is_told) {
  ComdirectOptions options = BankTest::standing();
  std::string url = bank->url();
  options.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  EXPECT_THROW(start_comdirect(options), Error);
}

}  // namespace
}  // namespace plumb::sandbox
