// The sign-in, told call by call: what the bank answers to those who do it right, and to those who do not.
#include <gtest/gtest.h>

#include <regex>

#include "base/crypto.h"
#include "base/error.h"
#include "sandbox/bank_fixture.h"

namespace plumb::sandbox {
namespace {

constexpr const char* kBalances = "/api/banking/clients/user/v2/accounts/balances";

// What is random or long becomes a word, so that the rest can be pinned to the byte.
std::string masked(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
                            "TOKEN");
  text = std::regex_replace(text, std::regex("[0-9A-F]{32}"), "ID");
  text = std::regex_replace(text, std::regex("\"id\":\"[0-9]{6,9}\""), "\"id\":\"CHALLENGE\"");
  text = std::regex_replace(text, std::regex("\"kdnr\":\"1[0-9]{9}\""), "\"kdnr\":\"KDNR\"");
  text = std::regex_replace(text, std::regex("\"bpid\":[0-9]{7}"), "\"bpid\":N");
  return std::regex_replace(text, std::regex("\"kontaktId\":1[0-9]{9}"), "\"kontaktId\":N");
}

ComdirectOptions waiting() {
  ComdirectOptions options = BankTest::standing();
  options.push_delay = std::chrono::milliseconds(-1);
  return options;
}

TEST(ComdirectSignIn, The_whole_exchange_is_as_production_has_it) {
  BankTest bank;
  BankAnswer primary = bank.password_grant();
  EXPECT_EQ(primary.status, 200);
  EXPECT_EQ(masked(primary.body),
            R"({"access_token":"TOKEN","token_type":"bearer","refresh_token":"TOKEN","expires_in":599,)"
            R"("scope":"TWO_FACTOR","kdnr":"KDNR","bpid":N,"kontaktId":N})");
  EXPECT_EQ(primary.header("Content-Type"), "application/json;charset=UTF-8");
  EXPECT_EQ(primary.header("Cache-Control"), "no-store");
  std::string token = primary.text("access_token");

  BankAnswer status = bank.call("GET", "/api/session/clients/user/v1/sessions", BankTest::with_token(token));
  EXPECT_EQ(status.status, 200);
  EXPECT_EQ(masked(status.body), R"([{"identifier":"ID","sessionTanActive":false,"activated2FA":false}])");
  std::string session = bank.session_of(token);

  BankAnswer challenge = bank.validate(token, session);
  EXPECT_EQ(challenge.status, 201);
  EXPECT_EQ(masked(challenge.body), R"({"identifier":"ID","sessionTanActive":true,"activated2FA":true})");
  EXPECT_EQ(masked(challenge.header("x-once-authentication-info")),
            R"({"id":"CHALLENGE","typ":"P_TAN_PUSH","availableTypes":["P_TAN_PUSH","P_TAN","M_TAN"],)"
            R"("link":{"href":"/api/session/v1/authentications/ID","rel":"related","method":"GET",)"
            R"("type":"application/json"}})");

  Document info = parse_json(challenge.header("x-once-authentication-info"), "header");
  std::string link = info.root().get("link").get("href").as_text();
  BankAnswer poll = bank.call("GET", link, BankTest::with_token(token));
  EXPECT_EQ(poll.status, 200);
  EXPECT_EQ(masked(poll.body), R"({"authenticationId":"ID","status":"AUTHENTICATED"})");

  BankAnswer active = bank.activate(token, session, BankTest::once_info(challenge, "id"));
  EXPECT_EQ(active.status, 200);
  EXPECT_EQ(masked(active.body), R"({"identifier":"ID","sessionTanActive":true,"activated2FA":true})");

  BankAnswer banking = bank.grant("grant_type=cd_secondary&token=" + token);
  EXPECT_EQ(banking.status, 200);
  EXPECT_EQ(
      masked(banking.body),
      R"({"access_token":"TOKEN","token_type":"bearer","refresh_token":"TOKEN","expires_in":599,)"
      R"("scope":"BANKING_RW BROKERAGE_RW MESSAGES_RO REPORTS_RO SESSION_RW","kdnr":"KDNR","bpid":N,"kontaktId":N})");
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(banking.text("access_token"))).status, 200);
}

TEST(ComdirectSignIn, A_wrong_client_is_refused_with_401_and_a_wrong_pin_with_400) {
  BankTest bank;
  BankAnswer client = bank.call("POST", "/oauth/token", {}, "client_id=x&client_secret=y&grant_type=password");
  EXPECT_EQ(client.status, 401);
  EXPECT_EQ(client.body, R"({"error":"invalid_client","error_description":"Bad client credentials"})");
  BankAnswer pin = bank.grant("grant_type=password&username=12345678&password=000000");
  EXPECT_EQ(pin.status, 400);
  EXPECT_EQ(pin.body, R"({"error":"invalid_grant","error_description":"Bad credentials"})");
}

TEST(ComdirectSignIn, A_grant_that_does_not_exist_is_refused) {
  BankTest bank;
  EXPECT_EQ(bank.grant("grant_type=client_credentials").text("error"), "unsupported_grant_type");
  EXPECT_EQ(bank.grant("username=12345678").text("error"), "invalid_request");
}

TEST(ComdirectSignIn, A_push_is_pending_until_the_customer_approves) {
  BankTest bank(waiting());
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  BankAnswer challenge = bank.validate(token, session);
  Document info = parse_json(challenge.header("x-once-authentication-info"), "header");
  std::string link = info.root().get("link").get("href").as_text();
  auto status = [&] { return bank.call("GET", link, BankTest::with_token(token)).text("status"); };
  EXPECT_EQ(status(), "PENDING");
  EXPECT_EQ(bank->command("approve"), R"({"decided":1})");
  EXPECT_EQ(status(), "AUTHENTICATED");
  EXPECT_EQ(bank.activate(token, session, BankTest::once_info(challenge, "id")).status, 200);
  EXPECT_EQ(bank.call("GET", link, BankTest::with_token(token)).status, 404);
}

TEST(ComdirectSignIn, A_push_is_approved_by_itself_once_the_clock_has_moved_on) {
  ComdirectOptions options = BankTest::standing();
  options.push_delay = std::chrono::minutes(4);
  BankTest bank(options);
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  EXPECT_EQ(bank.activate(token, session, challenge).status, 422);
  bank->advance_clock(std::chrono::minutes(4));
  EXPECT_EQ(bank.activate(token, session, challenge).status, 200);
}

TEST(ComdirectSignIn, A_refused_push_is_cancelled_and_a_forgotten_one_is_gone) {
  BankTest bank(waiting());
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  auto link_of = [](const BankAnswer& challenge) {
    Document info = parse_json(challenge.header("x-once-authentication-info"), "header");
    return info.root().get("link").get("href").as_text();
  };
  std::string link = link_of(bank.validate(token, session));
  bank->command("deny");
  EXPECT_EQ(bank.call("GET", link, BankTest::with_token(token)).text("status"), "CANCELED");
  BankAnswer second = bank.validate(token, session);
  EXPECT_EQ(bank.call("GET", link, BankTest::with_token(token)).status, 404);
  bank->advance_clock(std::chrono::seconds(301));
  EXPECT_EQ(bank.call("GET", link_of(second), BankTest::with_token(token)).status, 404);
  BankAnswer late = bank.activate(token, session, BankTest::once_info(second, "id"));
  EXPECT_EQ(late.status, 422);
  EXPECT_EQ(late.text("code"), "expired");
}

TEST(ComdirectSignIn, Activating_before_the_approval_is_expired_and_polling_by_patch_is_unprocessable) {
  BankTest bank(waiting());
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  BankAnswer early = bank.activate(token, session, challenge);
  EXPECT_EQ(early.status, 422);
  EXPECT_EQ(early.text("code"), "expired");
  EXPECT_NE(early.header("x-http-response-info"), "");
  BankAnswer again = bank.activate(token, session, challenge);
  EXPECT_EQ(again.status, 422);
  EXPECT_EQ(again.text("code"), "UNPROCESSABLE_ONCE_AUTHENTICATION_INFO_HEADER");
  bank->command("approve");
  EXPECT_EQ(bank.activate(token, session, challenge).status, 200);
}

TEST(ComdirectSignIn, A_photo_tan_is_a_png_in_a_header_of_kilobytes) {
  ComdirectOptions options = waiting();
  options.preferred = TanKind::Photo;
  BankTest bank(options);
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  BankAnswer challenge = bank.validate(token, session);
  EXPECT_EQ(BankTest::once_info(challenge, "typ"), "P_TAN");
  EXPECT_EQ(BankTest::once_info(challenge, "link"), "");
  EXPECT_GT(challenge.header("x-once-authentication-info").size(), 3000U);
  EXPECT_EQ(base64_decode(BankTest::once_info(challenge, "challenge")).substr(0, 8), "\x89PNG\r\n\x1A\n");
  EXPECT_EQ(bank.activate(token, session, BankTest::once_info(challenge, "id"), "123456").status, 200);
}

TEST(ComdirectSignIn, A_mobile_tan_names_the_telephone_half_hidden) {
  BankTest bank(waiting());
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  BankAnswer challenge = bank.validate(token, session, {{"x-once-authentication-info", R"({"typ":"M_TAN"})"}});
  EXPECT_EQ(BankTest::once_info(challenge, "typ"), "M_TAN");
  EXPECT_EQ(BankTest::once_info(challenge, "challenge"), "+49-160-99XXXX");
  EXPECT_EQ(bank.activate(token, session, BankTest::once_info(challenge, "id"), "123456").status, 200);
}

TEST(ComdirectSignIn, A_kind_that_the_customer_does_not_have_is_refused) {
  BankTest bank(waiting());
  bank->command("options?kinds=P_TAN,P_TAN_PUSH");
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  for (const char* wish : {R"({"typ":"M_TAN"})", R"({"typ":"X_TAN"})", R"({})", "P_TAN"}) {
    BankAnswer answer = bank.validate(token, session, {{"x-once-authentication-info", wish}});
    EXPECT_EQ(answer.status, 422) << wish;
  }
}

TEST(ComdirectSignIn, Only_the_challenges_id_is_taken_for_the_activation) {
  BankTest bank;
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = bank.validate(token, session).header("x-once-authentication-info");
  RawHeaders headers = BankTest::with_token(token);
  headers.emplace_back("x-once-authentication-info", challenge);
  std::string target = "/api/session/clients/user/v1/sessions/" + session;
  BankAnswer whole = bank.call("PATCH", target, headers, BankTest::session_body(session));
  EXPECT_EQ(whole.status, 422);
  EXPECT_EQ(whole.text("code"), "UNPROCESSABLE_ONCE_AUTHENTICATION_INFO_HEADER");
  BankAnswer none = bank.call("PATCH", target, BankTest::with_token(token), BankTest::session_body(session));
  EXPECT_EQ(none.text("code"), "UNPROCESSABLE_ONCE_AUTHENTICATION_INFO_HEADER");
}

TEST(ComdirectSignIn, The_session_in_path_and_body_must_be_the_log_ins_own) {
  BankTest bank;
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  EXPECT_EQ(bank.validate(token, std::string(32, 'A')).status, 404);
  std::string target = "/api/session/clients/user/v1/sessions/" + session + "/validate";
  for (const std::string& body :
       {std::string("{}"), std::string("nonsense"), std::string(),
        R"({"identifier":")" + session + R"(","sessionTanActive":false,"activated2FA":true})"}) {
    BankAnswer answer = bank.call("POST", target, BankTest::with_token(token), body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(answer.text("code"), "request.object.invalid");
  }
}

TEST(ComdirectSignIn, An_active_session_needs_no_further_tan) {
  BankTest bank;
  std::string token = bank.sign_in().text("access_token");
  std::string session = bank.session_of(token);
  BankAnswer status = bank.call("GET", "/api/session/clients/user/v1/sessions", BankTest::with_token(token));
  EXPECT_EQ(masked(status.body), R"([{"identifier":"ID","sessionTanActive":true,"activated2FA":true}])");
  EXPECT_EQ(BankTest::once_info(bank.validate(token, session), "typ"), "TAN_FREI");
}

struct LockOut : testing::Test {
  BankTest bank{typed()};
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);

  static ComdirectOptions typed() {
    ComdirectOptions options = BankTest::standing();
    options.preferred = TanKind::Photo;
    return options;
  }
  std::string challenge() { return BankTest::once_info(bank.validate(token, session), "id"); }
};

TEST_F(LockOut, A_wrong_tan_is_400_with_the_banks_words) {
  BankAnswer wrong = bank.activate(token, session, challenge(), "000000");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.body,
            R"({"code":"TAN_UNGUELTIG","messages":[{"severity":"ERROR","key":"tan.ungueltig",)"
            R"("message":"Die eingegebene TAN ist ungültig. Bitte prüfen Sie Ihre Eingabe.","args":{},"origin":[]}]})");
  EXPECT_EQ(wrong.header("x-http-response-info"),
            R"({"messages":[{"severity":"ERROR","key":"tan.ungueltig",)"
            R"("message":"Die eingegebene TAN ist ung\u00fcltig. Bitte pr\u00fcfen Sie Ihre Eingabe.",)"
            R"("args":{},"origin":[]}]})");
}

TEST_F(LockOut, Three_wrong_tans_lock_the_access) {
  std::string id = challenge();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bank.activate(token, session, id, "000000").status, 400);
  EXPECT_EQ(bank.activate(token, session, id, "123456").status, 422);
  EXPECT_EQ(bank.activate(token, session, id, "123456").text("code"), "zugang.gesperrt");
  EXPECT_EQ(bank.password_grant().status, 401);
  bank->command("unlock");
  EXPECT_EQ(bank.activate(token, session, id, "123456").status, 200);
}

TEST_F(LockOut, A_correct_tan_clears_the_count_of_wrong_ones) {
  for (int round = 0; round < 3; ++round) {
    std::string own = bank.primary_token();
    std::string id = BankTest::once_info(bank.validate(own, bank.session_of(own)), "id");
    EXPECT_EQ(bank.activate(own, bank.session_of(own), id, "000000").status, 400);
    EXPECT_EQ(bank.activate(own, bank.session_of(own), id, "111111").status, 400);
    EXPECT_EQ(bank.activate(own, bank.session_of(own), id, "123456").status, 200);
  }
}

TEST_F(LockOut, A_tan_that_was_not_typed_is_not_counted) {
  std::string id = challenge();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bank.activate(token, session, id).status, 400);
  EXPECT_EQ(bank.activate(token, session, id, "123456").status, 200);
}

TEST_F(LockOut, The_fifth_challenge_without_a_correct_tan_locks_the_access) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(bank.validate(token, session).status, 201);
  BankAnswer fifth = bank.validate(token, session);
  EXPECT_EQ(fifth.status, 422);
  EXPECT_EQ(fifth.text("code"), "zugang.gesperrt");
  EXPECT_EQ(bank.password_grant().status, 401);
}

TEST_F(LockOut, Challenges_are_counted_for_the_customer_and_not_for_the_log_in) {
  for (int i = 0; i < 4; ++i) {
    std::string own = bank.primary_token();
    EXPECT_EQ(bank.validate(own, bank.session_of(own)).status, 201);
  }
  EXPECT_EQ(bank.validate(token, session).status, 422);
}

TEST_F(LockOut, A_correct_tan_in_between_clears_the_count_of_challenges) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(bank.validate(token, session).status, 201);
  bank->command("unlock");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bank.validate(token, session).status, 201);
  EXPECT_EQ(bank.activate(token, session, challenge(), "123456").status, 200);
  std::string own = bank.primary_token();
  EXPECT_EQ(bank.validate(own, bank.session_of(own)).status, 201);
}

TEST(ComdirectTokens, The_first_token_opens_no_account) {
  BankTest bank;
  std::string token = bank.primary_token();
  BankAnswer refused = bank.call("GET", kBalances, BankTest::with_token(token));
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.text("error"), "invalid_token");
}

TEST(ComdirectTokens, No_second_token_before_the_session_is_active) {
  BankTest bank;
  std::string token = bank.primary_token();
  EXPECT_EQ(bank.grant("grant_type=cd_secondary&token=" + token).status, 400);
  EXPECT_EQ(bank.grant("grant_type=cd_secondary&token=nonsense").status, 400);
  EXPECT_EQ(bank.grant("grant_type=cd_secondary").status, 400);
}

TEST(ComdirectTokens, A_call_without_token_or_with_a_made_up_one_is_401) {
  BankTest bank;
  EXPECT_EQ(bank.call("GET", kBalances).status, 401);
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token("made-up")).status, 401);
}

TEST(ComdirectTokens, A_refresh_gives_a_new_pair_and_kills_the_old_one) {
  BankTest bank;
  BankAnswer first = bank.sign_in();
  BankAnswer second = bank.grant("grant_type=refresh_token&refresh_token=" + first.text("refresh_token"));
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(masked(second.body), masked(first.body));
  EXPECT_NE(second.body, first.body);
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(first.text("access_token"))).status, 401);
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(second.text("access_token"))).status, 200);
  BankAnswer stale = bank.grant("grant_type=refresh_token&refresh_token=" + first.text("refresh_token"));
  EXPECT_EQ(stale.status, 400);
  EXPECT_EQ(stale.text("error"), "invalid_grant");
}

TEST(ComdirectTokens, They_live_as_long_as_the_clock_says) {
  BankTest bank;
  BankAnswer first = bank.sign_in();
  RawHeaders headers = BankTest::with_token(first.text("access_token"));
  bank->advance_clock(std::chrono::seconds(598));
  EXPECT_EQ(bank.call("GET", kBalances, headers).status, 200);
  bank->advance_clock(std::chrono::seconds(1));
  EXPECT_EQ(bank.call("GET", kBalances, headers).status, 401);
  BankAnswer second = bank.grant("grant_type=refresh_token&refresh_token=" + first.text("refresh_token"));
  EXPECT_EQ(second.status, 200);
  bank->advance_clock(std::chrono::seconds(1200));
  EXPECT_EQ(bank.grant("grant_type=refresh_token&refresh_token=" + second.text("refresh_token")).status, 400);
}

TEST(ComdirectTokens, The_window_of_the_refresh_token_slides) {
  BankTest bank;
  std::string refresh = bank.sign_in().text("refresh_token");
  for (int i = 0; i < 10; ++i) {
    bank->advance_clock(std::chrono::seconds(1100));
    BankAnswer next = bank.grant("grant_type=refresh_token&refresh_token=" + refresh);
    ASSERT_EQ(next.status, 200);
    refresh = next.text("refresh_token");
  }
}

TEST(ComdirectTokens, Their_lifetimes_can_be_set) {
  BankTest bank;
  bank->command("options?token_seconds=5&refresh_seconds=9");
  BankAnswer first = bank.sign_in();
  EXPECT_EQ(first.json().root().get("expires_in").as_int(), 5);
  bank->advance_clock(std::chrono::seconds(9));
  EXPECT_EQ(bank.grant("grant_type=refresh_token&refresh_token=" + first.text("refresh_token")).status, 400);
}

TEST(ComdirectTokens, A_revocation_ends_both_tokens_and_the_session_tan) {
  BankTest bank;
  std::string primary = bank.primary_token();
  std::string session = bank.session_of(primary);
  bank.activate(primary, session, BankTest::once_info(bank.validate(primary, session), "id"));
  BankAnswer tokens = bank.grant("grant_type=cd_secondary&token=" + primary);
  BankAnswer revoked = bank.call("DELETE", "/oauth/revoke",
                                 {{"Authorization", "Bearer " + tokens.text("access_token")},
                                  {"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(revoked.status, 204);
  EXPECT_EQ(revoked.body, "");
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(tokens.text("access_token"))).status, 401);
  EXPECT_EQ(bank.grant("grant_type=refresh_token&refresh_token=" + tokens.text("refresh_token")).status, 400);
  EXPECT_EQ(bank.grant("grant_type=cd_secondary&token=" + primary).status, 400);
  EXPECT_EQ(bank.call("DELETE", "/oauth/revoke", {{"Authorization", "Bearer made-up"}}).status, 401);
}

TEST(ComdirectTokens, Expire_ends_all_of_them_at_once) {
  BankTest bank;
  BankAnswer tokens = bank.sign_in();
  bank->command("expire");
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(tokens.text("access_token"))).status, 401);
  EXPECT_EQ(bank.grant("grant_type=refresh_token&refresh_token=" + tokens.text("refresh_token")).status, 400);
}

TEST(ComdirectRequestInfo, A_call_without_it_is_400) {
  BankTest bank;
  std::string token = bank.sign_in().text("access_token");
  for (const char* info : {"", "nonsense", "{}", R"({"clientRequestId":{"sessionId":"","requestId":"1"}})",
                           R"({"clientRequestId":{"sessionId":"0f3c"}})"}) {
    RawHeaders headers = {{"Authorization", "Bearer " + token}};
    if (*info) headers.emplace_back("x-http-request-info", info);
    EXPECT_EQ(bank.call("GET", kBalances, headers).status, 400) << info;
  }
}

}  // namespace
}  // namespace plumb::sandbox
