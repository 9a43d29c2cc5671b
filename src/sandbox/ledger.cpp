#include "sandbox/ledger.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

// The two check digits of ISO 7064 for a German identification: `digits` followed by "DE00".
std::string check_digits(std::string_view digits) {
  int remainder = 0;
  for (char digit : std::string(digits) + "131400") remainder = (remainder * 10 + (digit - '0')) % 97;
  return format("{:02}", 98 - remainder);
}

}  // namespace

Ledger::Ledger(std::vector<Account> accounts) : accounts_(std::move(accounts)) {}

const Account* Ledger::find_account(std::string_view id) const {
  auto found = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& each) { return each.id == id; });
  return found == accounts_.end() ? nullptr : &*found;
}

Cents Ledger::balance(AccountName name, Instant now) const {
  Cents sum = 0;
  for (const Posting& posting : postings(name)) {
    if (posting.is_booked(now)) sum += posting.amount;
  }
  return sum;
}

Cents Ledger::planned(AccountName name, Instant now) const {
  Cents sum = 0;
  for (const Posting& posting : postings(name)) {
    if (posting.is_pending(now)) sum += std::min<Cents>(0, posting.pending_amount.value_or(posting.amount));
  }
  return sum;
}

void Ledger::add(AccountName name, Posting posting) {
  auto index = static_cast<std::size_t>(name);
  due_[index][Day(posting.booking_date)] += posting.amount;
  auto& list = postings_[index];
  auto place = std::upper_bound(list.begin(), list.end(), posting,
                                [](const Posting& a, const Posting& b) { return a.booked < b.booked; });
  list.insert(place, std::move(posting));
}

void Ledger::close(Day day) {
  for (std::size_t index = 0; index < kAccounts; ++index) {
    auto& due = due_[index];
    while (!due.empty() && due.begin()->first <= day) {
      settled_[index] += due.begin()->second;
      due.erase(due.begin());
    }
  }
}

std::string german_iban(std::string_view bank_code, std::string_view account_number) {
  std::string digits = std::string(bank_code) + std::string(account_number);
  return "DE" + check_digits(digits) + digits;
}

std::string german_creditor_id(std::string_view number) {
  return "DE" + check_digits(number) + "ZZZ" + std::string(number);
}

}  // namespace plumb::sandbox
