#include "sandbox/household.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sandbox/books.h"
#include "sandbox/depot.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

Instant at(const char* text) {
  return *find_instant(text);
}
constexpr const char* kNow = "2026-11-21T07:00:00Z";

struct HouseholdTest : testing::Test {
  Household household{{.seed = 7}};
  HouseholdTest() { household.live_until(at(kNow)); }

  const std::vector<Posting>& of(AccountName name) { return household.ledger().postings(name); }
  std::vector<const Posting*> booked(AccountName name, Instant from, Instant until) {
    std::vector<const Posting*> found;
    for (const Posting& posting : of(name)) {
      if (posting.booked > from && posting.booked <= until) found.push_back(&posting);
    }
    return found;
  }
};

TEST_F(HouseholdTest, A_year_has_more_than_one_page_of_postings) {
  EXPECT_GT(booked(AccountName::Giro, at("2025-11-21T07:00:00Z"), at(kNow)).size(), 500U);
}

TEST_F(HouseholdTest, The_giro_account_stays_within_a_households_bounds) {
  for (Instant now = at("2025-02-01T12:00:00Z"); now < at(kNow); now += days(1)) {
    Cents balance = household.ledger().balance(AccountName::Giro, now);
    ASSERT_GT(balance, -110'000) << format_instant(now);
    ASSERT_LT(balance, 1'500'000) << format_instant(now);
  }
}

TEST_F(HouseholdTest, Two_households_of_one_seed_are_the_same_whichever_way_they_were_asked) {
  Household other{{.seed = 7}};
  for (Instant now = at("2025-03-01T12:00:00Z"); now < at(kNow); now += days(11)) other.live_until(now);
  other.live_until(at(kNow));
  for (AccountName name : {AccountName::Giro, AccountName::Savings, AccountName::Settlement, AccountName::Dollars}) {
    const auto& mine = of(name);
    const auto& theirs = other.ledger().postings(name);
    ASSERT_EQ(mine.size(), theirs.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      ASSERT_EQ(mine[i].reference, theirs[i].reference);
      ASSERT_EQ(mine[i].amount, theirs[i].amount);
      ASSERT_EQ(mine[i].lines, theirs[i].lines);
    }
  }
}

TEST_F(HouseholdTest, Another_seed_is_another_household) {
  Household other{{.seed = 8}};
  EXPECT_NE(other.ledger().accounts()[0].id, household.ledger().accounts()[0].id);
  EXPECT_NE(other.ledger().accounts()[0].iban, household.ledger().accounts()[0].iban);
}

TEST_F(HouseholdTest, Living_on_changes_nothing_that_was) {
  std::vector<std::string> before;
  for (const Posting* each : booked(AccountName::Giro, Instant{}, at(kNow))) before.push_back(each->reference);
  Cents balance = household.ledger().balance(AccountName::Giro, at(kNow));
  household.live_until(at("2028-02-01T00:00:00Z"));
  std::vector<std::string> after;
  for (const Posting* each : booked(AccountName::Giro, Instant{}, at(kNow))) after.push_back(each->reference);
  EXPECT_EQ(before, after);
  EXPECT_EQ(household.ledger().balance(AccountName::Giro, at(kNow)), balance);
}

TEST_F(HouseholdTest, References_are_unique_on_an_account_and_shared_by_own_transfers) {
  std::map<std::string, int> seen;
  for (AccountName name : {AccountName::Giro, AccountName::Savings, AccountName::Settlement, AccountName::Dollars}) {
    std::set<std::string> here;
    for (const Posting& posting : of(name)) {
      EXPECT_TRUE(here.insert(posting.reference).second) << posting.reference;
      EXPECT_TRUE(posting.reference.find('/') >= 14 && posting.reference.find('/') <= 16) << posting.reference;
    }
    for (const std::string& reference : here) ++seen[reference];
  }
  auto shared = std::count_if(seen.begin(), seen.end(), [](const auto& each) { return each.second == 2; });
  EXPECT_GT(shared, 40);
}

TEST_F(HouseholdTest, Both_sides_of_an_own_transfer_cancel_out) {
  std::map<std::string, Cents> giro;
  for (const Posting& posting : of(AccountName::Giro)) giro[posting.reference] = posting.amount;
  int found = 0;
  for (const Posting& posting : of(AccountName::Savings)) {
    auto other = giro.find(posting.reference);
    if (other == giro.end()) continue;
    EXPECT_EQ(other->second, -posting.amount);
    ++found;
  }
  EXPECT_GT(found, 20);
}

TEST_F(HouseholdTest, Nothing_is_booked_when_banks_are_closed) {
  for (const Posting& posting : of(AccountName::Giro)) EXPECT_TRUE(is_banking_day(Day(posting.booking_date)));
}

TEST_F(HouseholdTest, There_is_a_value_date_on_the_thirtieth_of_February) {
  auto found = std::count_if(of(AccountName::Savings).begin(), of(AccountName::Savings).end(),
                             [](const Posting& each) { return each.valuta == "2026-02-30"; });
  EXPECT_EQ(found, 1);
}

TEST_F(HouseholdTest, A_reservation_is_booked_a_day_or_two_later_under_another_reference) {
  int without = 0;
  int other = 0;
  for (const Posting& posting : of(AccountName::Giro)) {
    if (posting.type != "CARD_TRANSACTION" || posting.announced == posting.booked) continue;
    EXPECT_LT(posting.booked - posting.announced, days(7));
    without += posting.pending_reference.empty() ? 1 : 0;
    other += !posting.pending_reference.empty() && posting.pending_reference != posting.reference ? 1 : 0;
  }
  EXPECT_GT(without, 50);
  EXPECT_GT(other, 50);
}

TEST_F(HouseholdTest, A_pump_reserves_more_than_it_takes) {
  int found = 0;
  for (const Posting& posting : of(AccountName::Giro)) {
    if (posting.pending_amount) found += *posting.pending_amount == -10000 && posting.amount > -10000 ? 1 : 0;
  }
  EXPECT_GT(found, 5);
}

TEST_F(HouseholdTest, Wages_rent_refunds_and_returned_debits_are_there) {
  std::map<std::string, int> types;
  int refunds = 0;
  int wages = 0;
  for (const Posting* each : booked(AccountName::Giro, at("2025-11-21T07:00:00Z"), at(kNow))) {
    ++types[each->type];
    refunds += each->type == "CARD_TRANSACTION" && each->amount > 0 ? 1 : 0;
    wages += each->lines.size() > 0 && each->lines[0].starts_with("LOHN / GEHALT") ? 1 : 0;
  }
  EXPECT_EQ(wages, 12);
  EXPECT_GE(refunds, 1);
  EXPECT_EQ(types["CANCELLATION"], 1);
  EXPECT_GT(types["CARD_TRANSACTION"], 250);
  EXPECT_GT(types["DIRECT_DEBIT"], 150);
  EXPECT_GT(types["ATM_WITHDRAWAL"], 10);
  EXPECT_EQ(types["BANK_FEES"], 12);
  EXPECT_GT(types["TRANSFER"], 50);
}

TEST_F(HouseholdTest, The_credit_card_is_owed_what_was_bought_since_it_was_last_paid) {
  Cents largest = 0;
  for (Instant now = at("2025-02-01T12:00:00Z"); now < at(kNow); now += days(1)) {
    ASSERT_GE(household.card_debt(now), 0) << format_instant(now);
    largest = std::max(largest, household.card_debt(now));
  }
  EXPECT_GT(largest, 10'000);
  EXPECT_LT(largest, 250'000);
}

TEST_F(HouseholdTest, What_is_held_is_the_sum_of_the_trades) {
  auto holdings = household.depot().holdings(Day(std::chrono::year(2026) / 11 / 21));
  ASSERT_EQ(holdings.size(), 5U);
  for (const Holding& holding : holdings) {
    EXPECT_GT(holding.pieces, 0) << holding.instrument->name;
    EXPECT_GT(holding.paid, 0) << holding.instrument->name;
  }
  EXPECT_GT(household.ledger().balance(AccountName::Settlement, at(kNow)), 0);
}

TEST_F(HouseholdTest, Large_amounts_have_eighteen_digits_and_do_not_touch_the_rest) {
  Household large{{.seed = 7, .large_amounts = true}};
  large.live_until(at(kNow));
  EXPECT_GT(large.ledger().balance(AccountName::Dollars, at(kNow)), 100'000'000'000'000'000);
  EXPECT_EQ(large.ledger().balance(AccountName::Giro, at(kNow)),
            household.ledger().balance(AccountName::Giro, at(kNow)));
  EXPECT_GT(large.in_euros(123'456'789'012'345'678, Day(days(20000))), 100'000'000'000'000'000);
}

TEST_F(HouseholdTest, A_clock_in_the_year_9999_does_not_fill_the_memory) {
  household.live_until(at("9999-01-01T00:00:00Z"));
  EXPECT_LT(of(AccountName::Giro).size(), 60'000U);
}

TEST(Iban, It_has_the_check_digits_of_the_standard) {
  EXPECT_EQ(german_iban("37040044", "0532013000"), "DE89370400440532013000");
  EXPECT_EQ(german_creditor_id("09999999999"), "DE98ZZZ09999999999");
}

}  // namespace
}  // namespace plumb::sandbox
