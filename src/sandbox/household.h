// A German household and its money, invented day by day.
//
// Two salaries, a rent, insurances, supermarkets, a card, savings, a dollar account, a depot: whatever a client of a
// bank meets in the wild. It begins on the day when the accounts were opened and is lived as far as somebody asks, so
// that a clock that is moved forward finds new postings and one that is moved back finds the old state again. A seed
// and a day decide what happens on that day; what was told once never changes.
//
//     Household household({.seed = 7, .opened = …});
//     household.live_until(now);
//     household.ledger().balance(AccountName::Giro, now);
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"
#include "sandbox/ledger.h"

namespace plumb::sandbox {

class Books;
class Depot;

struct HouseholdOptions {
  std::uint64_t seed = 1;
  Date opened = Date(std::chrono::year(2025), std::chrono::January, std::chrono::day(1));
  bool large_amounts = false;  // 18 digits on the dollar account, for a part of the year
};

// The credit card's purchases are not postings: the bank shows only the card's balance, and takes it once a month.
struct CreditCard {
  struct Purchase {
    Instant at;
    Cents amount;
  };
  struct Settlement {
    Day day;  // on which the giro account pays
    Cents amount;
  };
  std::vector<Purchase> purchases;
  std::vector<Settlement> settlements;
  Cents open = 0;  // what the next settlement takes, as of the last day lived
};

class Household {
 public:
  explicit Household(HouseholdOptions options);
  ~Household();
  Household(const Household&) = delete;
  Household& operator=(const Household&) = delete;

  void live_until(Instant now);

  const HouseholdOptions& options() const { return options_; }
  const Ledger& ledger() const { return ledger_; }
  const Books& books() const { return *books_; }
  const Depot& depot() const { return *depot_; }
  // What is owed on the credit card at this moment.
  Cents card_debt(Instant now) const;

  // So many dollars in euros, at that day's rate; and how many ten-thousandths of a dollar a euro is.
  Cents in_euros(Cents dollars, Day day) const;
  std::int64_t dollars_per_euro(Day day) const;

 private:
  void live(Day day);
  void keep_savings(Day day);
  void close_month(Day day);

  HouseholdOptions options_;
  Ledger ledger_;
  std::unique_ptr<Books> books_;
  std::unique_ptr<Depot> depot_;
  CreditCard card_;
  Cents savings_days_ = 0;  // the sum of the month's daily balances on the savings account
  Day next_;                // the first day that is not lived yet
};

// An identifier as the bank gives them: 32 upper-case hex digits.
std::string bank_id(std::uint64_t seed, std::string_view name, std::int64_t number = 0);

// What recurs by contract: wages, rent, insurances, subscriptions.
void live_contracts(Day day, Books& books);
// What is bought as the day brings it, with the debit card and with the credit card.
void live_spending(Day day, Books& books, CreditCard& card);

}  // namespace plumb::sandbox
