// Public clients of the bank have their habits, and production puts up with them. So must the sandbox.
#include <gtest/gtest.h>

#include "base/format.h"
#include "sandbox/bank_fixture.h"

namespace plumb::sandbox {
namespace {

constexpr const char* kBalances = "/api/banking/clients/user/v2/accounts/balances";

struct Habits : testing::Test {
  BankTest bank;

  RawHeaders with(const std::string& token, const std::string& info) {
    return {{"Authorization", "Bearer " + token}, {"x-http-request-info", info}};
  }
  std::string banking_token() { return bank.sign_in().text("access_token"); }
  static std::string info(const std::string& session, const std::string& request) {
    return R"({"clientRequestId":{"sessionId":")" + session + R"(","requestId":")" + request + R"("}})";
  }
};

TEST_F(Habits, Dashed_uuids_serve_as_session_id) {
  std::string token = banking_token();
  EXPECT_EQ(bank.call("GET", kBalances, with(token, info("d44c2d9b-e799-407d-a723-a2c844dddad6", "615696255"))).status,
            200);
}

TEST_F(Habits, A_new_session_id_may_come_with_every_call) {
  int number = 0;
  auto fresh = [&](const std::string& token) {
    ++number;
    return with(token, info(format("0f3c6a5be2d94d10a7c1b2f4de88{:04}", number), format("1423051{:02}", number)));
  };
  std::string token = bank.primary_token();
  BankAnswer sessions = bank.call("GET", "/api/session/clients/user/v1/sessions", fresh(token));
  Document document = sessions.json();
  std::string session = document.root().at(0).get("identifier").as_text();
  std::string target = "/api/session/clients/user/v1/sessions/" + session;
  BankAnswer challenge = bank.call("POST", target + "/validate", fresh(token), BankTest::session_body(session));
  RawHeaders headers = fresh(token);
  headers.emplace_back("x-once-authentication-info", R"({"id":")" + BankTest::once_info(challenge, "id") + R"("})");
  EXPECT_EQ(bank.call("PATCH", target, headers, BankTest::session_body(session)).status, 200);
  std::string banking = bank.grant("grant_type=cd_secondary&token=" + token).text("access_token");
  EXPECT_EQ(bank.call("GET", kBalances, fresh(banking)).status, 200);
}

TEST_F(Habits, The_servers_session_identifier_serves_as_session_id_after_the_second_step) {
  std::string token = banking_token();
  EXPECT_EQ(bank.call("GET", kBalances, with(token, info(bank.session_of(token), "142305118"))).status, 200);
}

TEST_F(Habits, Pythons_way_of_writing_a_dictionary_is_taken_for_json) {
  std::string token = banking_token();
  std::string python =
      "{'clientRequestId': {'sessionId': 'd44c2d9b-e799-407d-a723-a2c844dddad6', 'requestId': '615696255'}}";
  EXPECT_EQ(bank.call("GET", kBalances, with(token, python)).status, 200);
}

TEST_F(Habits, The_numeric_contact_or_the_clients_id_stands_in_for_user) {
  BankAnswer tokens = bank.sign_in();
  std::string contact(tokens.json().root().get("kontaktId").scalar());
  std::string client = bank.get(kBalances).json().root().get("values").at(0).get("account").get("clientId").as_text();
  for (const std::string& me : {contact, client, std::string("user")}) {
    RawHeaders headers = BankTest::with_token(tokens.text("access_token"));
    EXPECT_EQ(bank.call("GET", "/api/banking/clients/" + me + "/v2/accounts/balances", headers).status, 200) << me;
    EXPECT_EQ(bank.call("GET", "/api/session/clients/" + me + "/v1/sessions", headers).status, 200) << me;
    EXPECT_EQ(bank.call("GET", "/api/brokerage/clients/" + me + "/v3/depots", headers).status, 200) << me;
    EXPECT_EQ(bank.call("GET", "/api/messages/clients/" + me + "/v2/documents", headers).status, 200) << me;
    EXPECT_EQ(bank.call("GET", "/api/reports/participants/" + me + "/v1/allbalances", headers).status, 200) << me;
  }
  RawHeaders headers = BankTest::with_token(tokens.text("access_token"));
  EXPECT_EQ(bank.call("GET", "/api/banking/clients/4711/v2/accounts/balances", headers).status, 404);
}

TEST_F(Habits, The_older_balances_path_still_works) {
  EXPECT_EQ(bank.get("/api/banking/clients/user/v1/accounts/balances").body, bank.get(kBalances).body);
  EXPECT_EQ(bank.get(std::string(kBalances) + "?paging-first=0&paging-count=2").json().root().get("values").size(), 2U);
}

TEST_F(Habits, One_who_activates_without_polling_succeeds_once_it_is_approved) {
  bank->command("options?push_delay_ms=-1");
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  EXPECT_EQ(bank.activate(token, session, challenge).text("code"), "expired");
  bank->command("approve");
  EXPECT_EQ(bank.activate(token, session, challenge).status, 200);
}

TEST_F(Habits, A_tan_that_comes_with_a_push_is_not_looked_at) {
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  EXPECT_EQ(bank.activate(token, session, challenge, "000000").status, 200);
}

TEST_F(Habits, Paging_goes_on_until_a_page_is_empty) {
  std::string target =
      "/api/banking/v1/accounts/" + bank.account("CA") +
      "/transactions?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=500&paging-first=";
  std::size_t seen = 0;
  for (int calls = 0;; ++calls) {
    ASSERT_LT(calls, 10);
    BankAnswer page = bank.get(target + std::to_string(seen));
    ASSERT_EQ(page.status, 200);
    std::size_t here = page.json().root().get("values").size();
    if (here == 0) break;
    seen += here;
  }
  EXPECT_GT(seen, 1000U);
}

TEST_F(Habits, Whoever_reads_token_answers_strictly_finds_eight_fields_in_each_grant) {
  std::string primary = bank.primary_token();
  BankAnswer second = bank.sign_in();
  BankAnswer third = bank.grant("grant_type=refresh_token&refresh_token=" + second.text("refresh_token"));
  for (const BankAnswer& answer : {bank.password_grant(), second, third}) {
    Document document = answer.json();
    ASSERT_EQ(document.root().size(), 8U);
    for (const char* field : {"access_token", "token_type", "refresh_token", "scope", "kdnr"}) {
      EXPECT_EQ(document.root().get(field).kind(), NodeKind::Text) << field;
    }
    for (const char* field : {"expires_in", "bpid", "kontaktId"}) {
      EXPECT_EQ(document.root().get(field).kind(), NodeKind::Int) << field;
    }
  }
}

TEST_F(Habits, A_method_may_be_tunnelled_through_post) {
  std::string token = bank.primary_token();
  std::string session = bank.session_of(token);
  std::string challenge = BankTest::once_info(bank.validate(token, session), "id");
  RawHeaders headers = BankTest::with_token(token);
  headers.emplace_back("X-HTTP-Method-Override", "PATCH");
  headers.emplace_back("x-once-authentication-info", R"({"id":")" + challenge + R"("})");
  std::string target = "/api/session/clients/user/v1/sessions/" + session;
  EXPECT_EQ(bank.call("POST", target, headers, BankTest::session_body(session)).status, 200);
  EXPECT_EQ(
      bank.call("POST", "/oauth/revoke", {{"Authorization", "Bearer " + token}, {"X-HTTP-Method-Override", "DELETE"}})
          .status,
      204);
}

TEST_F(Habits, A_scope_or_a_bearer_token_on_the_token_call_does_no_harm) {
  BankAnswer answer = bank.call("POST", "/oauth/token",
                                {{"Content-Type", "application/x-www-form-urlencoded"},
                                 {"Authorization", "Bearer old"},
                                 {"x-http-request-info", "{}"}},
                                "client_id=sandbox-client&client_secret=sandbox-secret&grant_type=password"
                                "&username=12345678&password=123456&scope=SESSION_RW");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text("scope"), "TWO_FACTOR");
}

TEST_F(Habits, The_bearer_scheme_has_no_case_and_no_cookie_is_needed) {
  std::string token = banking_token();
  RawHeaders headers = {{"authorization", "bearer " + token},
                        {"X-Http-Request-Info", info("0f3c6a5be2d94d10a7c1b2f4de889977", "142305118")}};
  EXPECT_EQ(bank.call("GET", kBalances, headers).status, 200);
}

TEST_F(Habits, The_old_access_token_is_dead_right_after_a_refresh) {
  BankAnswer tokens = bank.sign_in();
  bank.grant("grant_type=refresh_token&refresh_token=" + tokens.text("refresh_token"));
  EXPECT_EQ(bank.call("GET", kBalances, BankTest::with_token(tokens.text("access_token"))).status, 401);
}

}  // namespace
}  // namespace plumb::sandbox
