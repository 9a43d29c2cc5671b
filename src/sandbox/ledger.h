// What a bank keeps of a household: accounts, and the postings on them.
//
// A posting is written once, complete with its future: from `announced` to `booked` it is pending, afterwards it is
// booked, and before it does not exist. So the ledger never changes what it has said, and the state at any moment is a
// matter of comparing instants.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"
#include "sandbox/calendar.h"
#include "sandbox/money.h"

namespace plumb::sandbox {

// The household's four accounts, in the order in which the bank lists them.
enum class AccountName { Giro, Savings, Settlement, Dollars };
constexpr std::size_t kAccounts = 4;

struct Account {
  AccountName name = AccountName::Giro;
  std::string id;          // 32 hex digits
  std::string display_id;  // 10 digits, the first of them may be 0
  std::string iban;
  std::string type;       // "CA"
  std::string type_text;  // "Girokonto"
  std::string currency;
  // The bank's papers allow none at all; a public client fails on that, so each account here has one, of 0 if need be.
  Cents credit_limit = 0;
};

// The other side of a payment. Empty texts are unknown; an empty name means that there is no such side.
struct Party {
  std::string name = {};
  std::string iban = {};
  std::string bic = {};
};

struct Posting {
  Cents amount = 0;
  Instant announced = {};
  Instant booked = {};
  Date booking_date = {};
  std::string valuta = {};  // may be no day of the calendar: "2026-02-30"
  std::string type = {};    // "TRANSFER"; of a pending one it may be unknown, see `bare`
  Party remitter = {};
  Party debtor = {};
  Party creditor = {};
  std::vector<std::string> lines = {};  // the text once booked
  std::vector<std::string> pending_lines = {};
  std::string reference = {};                // once booked; own transfers carry one reference on both accounts
  std::string pending_reference = {};        // empty: has none until booked
  std::optional<Cents> pending_amount = {};  // a reservation that differs from what is booked in the end
  std::string end_to_end = {};               // these three are mostly empty, even where the text holds them
  std::string mandate = {};
  std::string creditor_id = {};
  bool bare = false;  // while pending neither type nor text is known

  bool is_booked(Instant now) const { return booked <= now; }
  bool is_pending(Instant now) const { return announced <= now && now < booked; }
};

class Ledger {
 public:
  explicit Ledger(std::vector<Account> accounts);

  const std::vector<Account>& accounts() const { return accounts_; }
  const Account& account(AccountName name) const { return accounts_[static_cast<std::size_t>(name)]; }
  const Account* find_account(std::string_view id) const;

  // In the order of booking.
  const std::vector<Posting>& postings(AccountName name) const { return postings_[static_cast<std::size_t>(name)]; }
  // The sum of everything booked, and of everything going out that is announced and not yet booked.
  Cents balance(AccountName name, Instant now) const;
  Cents planned(AccountName name, Instant now) const;

  // For those who write. A posting is never booked before the day that is being lived.
  void add(AccountName name, Posting posting);
  // Ends a day: what is booked on it now counts in `settled`.
  void close(Day day);
  Cents settled(AccountName name) const { return settled_[static_cast<std::size_t>(name)]; }

 private:
  std::vector<Account> accounts_;
  std::array<std::vector<Posting>, kAccounts> postings_;
  std::array<std::map<Day, Cents>, kAccounts> due_;
  std::array<Cents, kAccounts> settled_{};
};

// A valid IBAN of a German bank.
std::string german_iban(std::string_view bank_code, std::string_view account_number);
// A creditor's identification, "DE98ZZZ09999999999", from its last eleven digits.
std::string german_creditor_id(std::string_view number);

}  // namespace plumb::sandbox
