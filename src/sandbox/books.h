// The bank's verbs: how a payment of each sort is announced, booked and worded.
//
// Those who tell what a household does (contracts, spending, depot) use these; only here is it known at which hour
// something is booked, what a card payment's text looks like, and that an own transfer has one reference on both sides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone.h"
#include "sandbox/dice.h"
#include "sandbox/ledger.h"

namespace plumb::sandbox {

// Somebody who is paid, or pays.
struct Partner {
  std::string name;
  std::string text;             // the payment's own words
  std::string mandate = {};     // of a direct debit
  std::string end_to_end = {};  // empty: "nicht angegeben"
};

struct Shop {
  std::string_view name;
  std::string_view city;
  std::string_view country = "DE";
};

class Books {
 public:
  Books(std::uint64_t seed, Ledger& ledger);

  const Ledger& ledger() const { return ledger_; }
  std::uint64_t seed() const { return seed_; }
  // A local time of that day in Berlin.
  Instant at(Day day, int hour, int minute = 0, int second = 0) const;
  Day day_of(Instant now) const { return Day(zone_.date_of(now)); }
  const std::string& holder() const { return holder_; }

  // Paid with the card on `day`, booked one or two banking days later. A reservation (a pump's 100 euros) may differ.
  void pay_by_card(Day day, const Shop& shop, Cents amount, std::optional<Cents> reserved = {});
  // What the shop gives back; a positive amount.
  void refund_to_card(Day day, const Shop& shop, Cents amount);
  void withdraw(Day day, std::string_view machine, Cents amount);
  // Due on `day` or the next banking day, announced the evening before.
  void debit(Day day, const Partner& partner, Cents amount);
  // Given back by the household's bank a few days later; the amount of the debit, positive.
  void return_debit(Day day, const Partner& partner, Cents amount);
  void pay(AccountName from, Day day, const Partner& partner, Cents amount);
  void receive(AccountName to, Day day, const Partner& partner, Cents amount);
  // Between two accounts of the household: one reference, two postings. The amounts differ when the currencies do.
  void move(AccountName from, AccountName to, Day day, std::string_view text, Cents amount, Cents arriving);
  void move(AccountName from, AccountName to, Day day, std::string_view text, Cents amount) {
    move(from, to, day, text, amount, amount);
  }
  // The bank's own entries: fees, interest, securities. `type` as the bank's API names it.
  void enter(AccountName account, Day day, std::string_view type, std::vector<std::string> lines, Cents amount,
             std::string valuta = {});

 private:
  std::string reference(Day day, std::string_view sort);
  Posting begin(Day booking_day, std::string_view type, Cents amount, int hour);
  Party partner_party(std::string_view name, std::string_view iban = {}) const;
  Party own_party(AccountName name) const;

  std::uint64_t seed_;
  Ledger& ledger_;
  Zone zone_;
  std::string holder_;
  std::string card_;
  Day counted_day_{};  // references are numbered per day, so that a day's do not depend on the days before
  std::int64_t count_ = 0;
};

}  // namespace plumb::sandbox
