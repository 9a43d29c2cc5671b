// Accounts, balances and transactions as a stranger's client sees them.
#include <gtest/gtest.h>

#include <set>

#include "base/format.h"
#include "base/zone.h"
#include "sandbox/bank_fixture.h"

namespace plumb::sandbox {
namespace {

constexpr const char* kBalances = "/api/banking/clients/user/v2/accounts/balances";

// An amount as the bank writes it, in cents. Fails on anything that is no AmountString.
std::int64_t cents(const std::string& text) {
  std::string digits;
  std::size_t decimals = 0;
  bool point = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      EXPECT_FALSE(point || i == 0 || i + 1 == text.size()) << text;
      point = true;
    } else if (text[i] == '-') {
      EXPECT_EQ(i, 0U) << text;
    } else {
      EXPECT_TRUE(text[i] >= '0' && text[i] <= '9') << text;
      digits += text[i];
      decimals += point ? 1 : 0;
    }
  }
  EXPECT_LE(decimals, 2U) << text;
  while (decimals++ < 2) digits += '0';
  return (text.starts_with("-") ? -1 : 1) * std::stoll(digits);
}

std::int64_t cents(Node amount) {
  return cents(amount.get("value").as_text());
}

struct Banking : testing::Test {
  BankTest bank;
  std::string giro = bank.account("CA");

  BankAnswer transactions(const std::string& query, const std::string& account = "") {
    return bank.get("/api/banking/v1/accounts/" + (account.empty() ? giro : account) + "/transactions" + query);
  }
  std::int64_t balance(const std::string& account) {
    return cents(bank.get("/api/banking/v2/accounts/" + account + "/balances").json().root().get("balance"));
  }
  std::int64_t matches(const std::string& query) {
    return transactions(query).json().root().get("paging").get("matches").as_int();
  }
};

TEST_F(Banking, Balances_list_four_accounts_with_their_data) {
  BankAnswer answer = bank.get(kBalances);
  ASSERT_EQ(answer.status, 200);
  Document document = answer.json();
  Node root = document.root();
  EXPECT_EQ(root.get("paging").to_json(), R"({"index":0,"matches":4})");
  EXPECT_TRUE(root.find("aggregated").missing());
  std::string types;
  for (std::size_t i = 0; i < root.get("values").size(); ++i) {
    Node value = root.get("values").at(i);
    Node account = value.get("account");
    types += account.get("accountType").get("key").as_text() + " ";
    EXPECT_EQ(account.get("accountId").as_text(), value.get("accountId").as_text());
    EXPECT_EQ(account.get("accountId").as_text().size(), 32U);
    EXPECT_EQ(account.get("iban").as_text().size(), 22U);
    EXPECT_EQ(account.get("bic").as_text(), "COBADEHDXXX");
    EXPECT_EQ(account.get("accountDisplayId").as_text().front(), '0');
    EXPECT_EQ(value.get("balance").get("unit").as_text(), account.get("currency").as_text());
    EXPECT_EQ(value.get("balanceEUR").get("unit").as_text(), "EUR");
  }
  EXPECT_EQ(types, "CA DAS SA FX ");
  EXPECT_EQ(root.get("values").at(0).get("account").get("creditLimit").to_json(), R"({"value":"1100","unit":"EUR"})");
  EXPECT_EQ(root.get("values").at(3).get("account").get("creditLimit").to_json(), R"({"value":"0","unit":"USD"})");
}

TEST_F(Banking, A_foreign_balance_comes_in_its_currency_and_in_euros) {
  Document document = bank.get("/api/banking/v2/accounts/" + bank.account("FX") + "/balances").json();
  EXPECT_EQ(document.root().get("balance").get("unit").as_text(), "USD");
  std::int64_t dollars = cents(document.root().get("balance"));
  std::int64_t euros = cents(document.root().get("balanceEUR"));
  EXPECT_GT(dollars, euros);
  EXPECT_GT(euros, dollars * 8 / 10);
}

TEST_F(Banking, What_is_available_is_the_balance_and_the_credit_without_what_is_planned) {
  Document pending = transactions("?transactionState=NOTBOOKED&paging-count=500").json();
  std::int64_t planned = 0;
  Node values = pending.root().get("values");
  for (std::size_t i = 0; i < values.size(); ++i)
    planned += std::min<std::int64_t>(0, cents(values.at(i).get("amount")));
  ASSERT_LT(planned, 0);
  Document document = bank.get("/api/banking/v2/accounts/" + giro + "/balances").json();
  EXPECT_EQ(cents(document.root().get("availableCashAmount")),
            cents(document.root().get("balance")) + 110'000 + planned);
}

TEST_F(Banking, The_accounts_data_can_be_left_out) {
  Document list = bank.get(std::string(kBalances) + "?without-attr=account").json();
  EXPECT_EQ(list.root().get("values").at(0).get("account").kind(), NodeKind::Null);
  EXPECT_EQ(list.root().get("values").at(0).get("accountId").as_text(), giro);
  Document one = bank.get("/api/banking/v2/accounts/" + giro + "/balances?without-attr=account").json();
  EXPECT_EQ(one.root().get("account").kind(), NodeKind::Null);
}

TEST_F(Banking, Answers_carry_the_headers_of_production) {
  BankAnswer answer = bank.get(kBalances);
  EXPECT_EQ(answer.header("Content-Type"), "application/json;charset=UTF-8");
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache, no-store, max-age=0");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Content-Language"), "en-US");
  EXPECT_TRUE(answer.header("Vary").starts_with("Origin"));
  EXPECT_EQ(answer.header("X-Total-Count"), "4");
  EXPECT_TRUE(answer.header("Set-Cookie").starts_with("qSession="));
  EXPECT_FALSE(bank.get(kBalances, {{"Cookie", "qSession=1"}}).has("Set-Cookie"));
}

TEST_F(Banking, Answers_are_compressed_for_those_who_take_it) {
  EXPECT_EQ(bank.get(kBalances, {{"Accept-Encoding", "gzip, deflate"}}).header("Content-Encoding"), "gzip");
  EXPECT_EQ(bank.get(kBalances).header("Content-Encoding"), "");
}

TEST_F(Banking, An_unknown_account_is_404_without_a_word) {
  for (const char* target :
       {"/api/banking/v2/accounts/0123456789ABCDEF0123456789ABCDEF/balances",
        "/api/banking/v1/accounts/0123456789ABCDEF0123456789ABCDEF/transactions", "/api/banking/v1/nothing"}) {
    BankAnswer answer = bank.get(target);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("x-http-response-info"), "");
  }
}

TEST_F(Banking, A_page_has_twenty_transactions_unless_told_otherwise) {
  BankAnswer answer = transactions("");
  Document document = answer.json();
  EXPECT_EQ(document.root().get("values").size(), 20U);
  EXPECT_EQ(document.root().get("paging").get("index").as_int(), 0);
  EXPECT_GT(document.root().get("paging").get("matches").as_int(), 200);
  EXPECT_EQ(answer.header("X-Total-Count"), std::string(document.root().get("paging").get("matches").scalar()));
  EXPECT_EQ(transactions("?paging-count=3").json().root().get("values").size(), 3U);
}

TEST_F(Banking, Without_a_first_date_only_half_a_year_comes) {
  std::int64_t half_a_year = matches("?transactionState=BOOKED");
  EXPECT_EQ(matches("?transactionState=BOOKED&min-bookingDate=2026-05-25"), half_a_year);
  EXPECT_GT(matches("?transactionState=BOOKED&min-bookingDate=2020-01-01"), 1000);
  EXPECT_LT(half_a_year, 450);
}

TEST_F(Banking, Dates_bound_the_booking_date_and_leave_pending_ones_alone) {
  Document document = transactions("?min-bookingDate=2026-03-02&max-bookingDate=2026-03-06&paging-count=500").json();
  Node values = document.root().get("values");
  std::set<std::string> days;
  std::size_t pending = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Node date = values.at(i).get("bookingDate");
    if (date.null()) {
      ++pending;
    } else {
      days.insert(date.as_text());
    }
  }
  EXPECT_GT(pending, 0U);
  ASSERT_FALSE(days.empty());
  EXPECT_GE(*days.begin(), "2026-03-02");
  EXPECT_LE(*days.rbegin(), "2026-03-06");
}

TEST_F(Banking, More_than_500_at_once_is_refused_word_for_word) {
  BankAnswer answer = transactions("?paging-count=501");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.body, R"({"code":"request.query.invalid","messages":[{"severity":"ERROR","key":"paging.invalid",)"
                         R"("message":"Der Paging-Parameter {0} mit dem Wert {1} ist ungültig",)"
                         R"("args":{"0":"paging-count","1":501},"origin":["paging-count"]}]})");
  EXPECT_TRUE(answer.header("x-http-response-info").starts_with(R"({"messages":[{"severity":"ERROR",)"));
  EXPECT_EQ(transactions("?paging-count=500").status, 200);
  for (const char* bad : {"?paging-count=0", "?paging-count=-1", "?paging-count=x", "?paging-first=-1"}) {
    EXPECT_EQ(transactions(bad).status, 422) << bad;
  }
}

TEST_F(Banking, Paging_is_for_booked_transactions_only) {
  for (const char* query : {"?paging-first=20&paging-count=20", "?paging-first=20&transactionState=NOTBOOKED"}) {
    BankAnswer answer = transactions(query);
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.body,
              R"({"code":"request.query.invalid","messages":[{"severity":"ERROR","key":"requestparameter.invalid",)"
              R"("message":"Paging is only valid for booked account transactions","args":{},)"
              R"("origin":["transactionState"]}]})");
  }
}

TEST_F(Banking, An_unknown_state_direction_or_date_is_refused) {
  BankAnswer state = transactions("?transactionState=NOTAVALIDSTATE");
  EXPECT_EQ(state.status, 422);
  EXPECT_EQ(state.header("x-http-response-info"),
            R"({"messages":[{"severity":"ERROR","key":"bookingStatus.invalid",)"
            R"("message":"The value {0} for the bookingStatus is invalid","args":{"0":"NOTAVALIDSTATE"},)"
            R"("origin":["transactionState"]}]})");
  EXPECT_EQ(transactions("?transactionDirection=UP").status, 422);
  EXPECT_EQ(transactions("?min-bookingDate=2026-02-30").status, 422);
}

TEST_F(Banking, Directions_part_the_transactions) {
  std::int64_t all = matches("?transactionState=BOOKED");
  std::int64_t in = matches("?transactionState=BOOKED&transactionDirection=CREDIT");
  std::int64_t out = matches("?transactionState=BOOKED&transactionDirection=DEBIT");
  EXPECT_EQ(all, in + out);
  EXPECT_GT(in, 10);
  EXPECT_EQ(matches("?transactionState=BOOKED&transactionDirection=CREDIT_AND_DEBIT"), all);
}

TEST_F(Banking, The_whole_history_adds_up_to_the_balance_newest_first) {
  for (const std::string& type : {std::string("CA"), std::string("DAS"), std::string("SA"), std::string("FX")}) {
    std::string account = bank.account(type);
    std::int64_t sum = 0;
    std::size_t count = 0;
    std::size_t matches_told = 1;
    std::string before = "9999-12-31";
    std::set<std::string> references;
    while (count < matches_told) {
      Document page =
          transactions(
              format("?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=500&paging-first={}", count),
              account)
              .json();
      matches_told = static_cast<std::size_t>(page.root().get("paging").get("matches").as_int());
      Node values = page.root().get("values");
      ASSERT_GT(values.size(), 0U);
      for (std::size_t i = 0; i < values.size(); ++i, ++count) {
        sum += cents(values.at(i).get("amount"));
        EXPECT_LE(values.at(i).get("bookingDate").as_text(), before);
        before = values.at(i).get("bookingDate").as_text();
        EXPECT_TRUE(references.insert(values.at(i).get("reference").as_text()).second);
      }
    }
    EXPECT_EQ(count, matches_told) << type;
    EXPECT_EQ(sum, balance(account)) << type;
    EXPECT_GT(count, type == "CA" ? 500U : 20U);
  }
}

TEST_F(Banking, A_page_after_the_last_is_empty_and_no_error) {
  BankAnswer answer = transactions("?transactionState=BOOKED&paging-count=500&paging-first=5000");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().root().get("values").size(), 0U);
}

TEST_F(Banking, A_transaction_has_these_fields_in_this_order) {
  Document document = transactions("?transactionState=BOOKED&paging-count=1").json();
  Node value = document.root().get("values").at(0);
  std::string keys;
  for (std::size_t i = 0; i < value.size(); ++i) keys += std::string(value.key_at(i)) + " ";
  EXPECT_EQ(keys,
            "reference bookingStatus bookingDate amount remitter deptor creditor valutaDate directDebitCreditorId "
            "directDebitMandateId endToEndReference newTransaction transactionType remittanceInfo ");
}

TEST_F(Banking, The_debtor_is_spelt_as_production_does_or_as_the_paper_says) {
  std::string september =
      "?min-bookingDate=2026-09-01&max-bookingDate=2026-09-30&transactionState=BOOKED&paging-count=500";
  EXPECT_NE(transactions(september).body.find(R"("deptor":null)"), std::string::npos);
  EXPECT_EQ(transactions(september).body.find(R"("deptor":{)"), std::string::npos);
  bank->command("options?debtor_key=debtor");
  EXPECT_EQ(transactions(september).body.find("deptor"), std::string::npos);
  EXPECT_NE(transactions(september).body.find(R"("debtor":{"holderName":"Katharina und J)"), std::string::npos);
}

TEST_F(Banking, Sums_about_the_list_come_with_it) {
  Document document = transactions("?transactionState=BOOKED").json();
  Node sums = document.root().get("aggregated");
  Node newest = document.root().get("values").at(0);
  EXPECT_EQ(sums.get("account").kind(), NodeKind::Null);
  EXPECT_EQ(sums.get("accountId").as_text(), giro);
  EXPECT_EQ(sums.get("bookingDateLatestTransaction").as_text(), newest.get("bookingDate").as_text());
  EXPECT_EQ(sums.get("referenceLatestTransaction").as_text(), newest.get("reference").as_text());
  EXPECT_TRUE(sums.get("latestTransactionIncluded").as_bool());
  EXPECT_EQ(sums.get("pagingTimestamp").as_text(), "2026-11-21T08:00:00+01");
  Document with = transactions("?with-attr=account&transactionState=BOOKED&paging-first=5").json();
  EXPECT_EQ(with.root().get("aggregated").get("account").get("accountId").as_text(), giro);
  EXPECT_FALSE(with.root().get("aggregated").get("latestTransactionIncluded").as_bool());
}

TEST_F(Banking, Texts_are_whole_windows_with_numbers_when_booked_and_without_when_pending) {
  Document document = transactions("?min-bookingDate=2020-01-01&paging-count=500").json();
  Node values = document.root().get("values");
  int booked = 0;
  int pending = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.at(i).get("remittanceInfo").null()) continue;
    std::string text = values.at(i).get("remittanceInfo").as_text();
    auto characters = static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    if (values.at(i).get("bookingStatus").as_text() == "BOOKED") {
      EXPECT_TRUE(text == "01 " || characters % 37 == 0) << text;
      EXPECT_TRUE(text.starts_with("01")) << text;
      ++booked;
    } else {
      EXPECT_EQ(characters % 35, 0U) << text;
      ++pending;
    }
  }
  EXPECT_GT(booked, 400);
  EXPECT_GT(pending, 0);
}

TEST_F(Banking, A_card_payment_ends_with_card_product_and_time) {
  Document document = transactions("?transactionState=BOOKED&paging-count=500").json();
  Node values = document.root().get("values");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.at(i).get("transactionType").get("key").as_text() != "CARD_TRANSACTION") continue;
    std::string text = values.at(i).get("remittanceInfo").as_text();
    if (text.find("Gutschrift") != std::string::npos) continue;
    EXPECT_NE(text.find("Karte Nr. 4871 78XX XXXX "), std::string::npos) << text;
    EXPECT_NE(text.find("Kartenzahlung                      "), std::string::npos) << text;
    EXPECT_NE(text.find("comdirect Visa-Debitkarte          "), std::string::npos) << text;
    return;
  }
  FAIL() << "no card payment";
}

TEST_F(Banking, The_thirtieth_of_February_is_a_value_date) {
  Document document =
      transactions("?min-bookingDate=2026-02-01&max-bookingDate=2026-03-10&paging-count=500", bank.account("DAS"))
          .json();
  EXPECT_NE(document.root().to_json().find(R"("valutaDate":"2026-02-30")"), std::string::npos);
}

TEST_F(Banking, An_own_transfer_has_one_reference_on_both_accounts) {
  auto references = [&](const std::string& account) {
    std::set<std::string> found;
    Document document = transactions("?transactionState=BOOKED&paging-count=500", account).json();
    Node values = document.root().get("values");
    for (std::size_t i = 0; i < values.size(); ++i) found.insert(values.at(i).get("reference").as_text());
    return found;
  };
  std::set<std::string> mine = references(giro);
  int shared = 0;
  for (const std::string& reference : references(bank.account("DAS"))) shared += mine.contains(reference) ? 1 : 0;
  EXPECT_GE(shared, 6);
}

// What is pending today, with or without a reference, is booked under a number of its own a few days later.
TEST_F(Banking, What_is_pending_books_within_days_and_the_balance_follows) {
  Document before = transactions("?transactionState=NOTBOOKED&paging-count=500").json();
  Node values = before.root().get("values");
  ASSERT_GT(values.size(), 0U);
  std::set<std::string> references;
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values.at(i).get("bookingStatus").as_text(), "NOTBOOKED");
    EXPECT_TRUE(values.at(i).get("bookingDate").null());
    if (!values.at(i).get("reference").null()) references.insert(values.at(i).get("reference").as_text());
  }
  std::int64_t known = matches("?transactionState=BOOKED&min-bookingDate=2020-01-01");
  std::int64_t balance_before = balance(giro);
  BankTest later;
  later->advance_clock(std::chrono::hours(24 * 7));
  Document booked = later
                        .get("/api/banking/v1/accounts/" + giro +
                             "/transactions?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=500")
                        .json();
  EXPECT_GT(booked.root().get("paging").get("matches").as_int(), known + static_cast<std::int64_t>(values.size()) - 1);
  Node newest = booked.root().get("values");
  for (std::size_t i = 0; i < newest.size(); ++i) {
    EXPECT_FALSE(references.contains(newest.at(i).get("reference").as_text()));
  }
  EXPECT_NE(cents(later.get("/api/banking/v2/accounts/" + giro + "/balances").json().root().get("balance")),
            balance_before);
}

TEST_F(Banking, Some_pending_ones_have_no_reference_and_some_no_text) {
  bool without_reference = false;
  bool bare = false;
  BankTest moving;
  moving->command("options?token_seconds=9999999");
  for (int step = 0; step < 60; ++step) {
    moving->advance_clock(std::chrono::hours(13));
    Document document =
        moving.get("/api/banking/v1/accounts/" + giro + "/transactions?transactionState=NOTBOOKED&paging-count=500")
            .json();
    Node values = document.root().get("values");
    for (std::size_t i = 0; i < values.size(); ++i) {
      without_reference = without_reference || values.at(i).get("reference").null();
      bare = bare || (values.at(i).get("transactionType").null() && values.at(i).get("remittanceInfo").null());
    }
  }
  EXPECT_TRUE(without_reference);
  EXPECT_TRUE(bare);
}

TEST_F(Banking, Zero_whole_and_broken_amounts_are_written_without_care_for_zeros) {
  std::string all = transactions("?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=500").body;
  EXPECT_NE(all.find(R"("value":"0")"), std::string::npos);
  EXPECT_NE(all.find(R"("value":"-1385.0")"), std::string::npos);
  EXPECT_NE(all.find(R"("value":"-69.8")"), std::string::npos);
  EXPECT_NE(all.find(R"("value":"-44.95")"), std::string::npos);
}

TEST_F(Banking, Eighteen_digits_come_on_request) {
  bank->command("options?large_amounts=true");
  BankAnswer answer =
      transactions("?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=500", bank.account("FX"));
  EXPECT_NE(answer.body.find(R"("value":"1234567890123456.78","unit":"USD")"), std::string::npos);
  EXPECT_GT(balance(bank.account("FX")), 100'000'000'000'000'000);
}

TEST_F(Banking, A_clock_set_back_shows_the_old_state_again) {
  std::int64_t now = balance(giro);
  BankTest other;
  other->set_clock(*find_instant("2026-03-01T12:00:00Z"));
  std::string target = "/api/banking/v2/accounts/" + giro + "/balances";
  EXPECT_NE(cents(other.get(target).json().root().get("balance")), now);
  EXPECT_EQ(cents(other.get(target).json().root().get("balance")),
            cents(other.get(target).json().root().get("balance")));
}

TEST_F(Banking, An_earlier_present_has_its_year_of_history_too) {
  ComdirectOptions options = BankTest::standing();
  options.now = *find_instant("2024-06-15T07:00:00Z");
  BankTest early(options);
  std::string account = early.account("CA");
  Document document = early
                          .get("/api/banking/v1/accounts/" + account +
                               "/transactions?transactionState=BOOKED&min-bookingDate=2020-01-01&paging-count=1")
                          .json();
  EXPECT_GT(document.root().get("paging").get("matches").as_int(), 700);
}

}  // namespace
}  // namespace plumb::sandbox
