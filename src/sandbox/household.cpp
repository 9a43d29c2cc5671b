#include "sandbox/household.h"

#include <algorithm>

#include "base/format.h"
#include "sandbox/books.h"
#include "sandbox/depot.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

// What is due is announced before weekends and holidays: so many days ahead must be lived to know it.
constexpr days kAhead{9};
// Nobody's clock needs more; it keeps a clock that is set to the year 9999 from filling the memory.
constexpr days kLongest{25 * 365};

constexpr std::string_view kBankCode = "20041155";

Account make_account(std::uint64_t seed, AccountName name, std::string_view type, std::string_view text,
                     std::string_view currency, Cents limit) {
  Account account;
  account.name = name;
  account.type = type;
  account.type_text = text;
  account.id = bank_id(seed, "account " + std::string(type));
  // Nine digits of the customer's, then the account's: never to be read as a number, for it begins with a zero.
  std::string customer = "0" + Dice(seed, "customer").text(7, "123456789");
  account.display_id = format("{}{:02}", customer, static_cast<int>(name));
  account.iban = german_iban(kBankCode, account.display_id);
  account.currency = currency;
  account.credit_limit = limit;
  return account;
}

std::vector<Account> make_accounts(std::uint64_t seed) {
  return {make_account(seed, AccountName::Giro, "CA", "Girokonto", "EUR", 110'000),
          make_account(seed, AccountName::Savings, "DAS", "Tagesgeld PLUS-Konto", "EUR", 0),
          make_account(seed, AccountName::Settlement, "SA", "Verrechnungskonto", "EUR", 0),
          make_account(seed, AccountName::Dollars, "FX", "Fremdwährungskonto", "USD", 0)};
}

// The accounts begin with what was brought along, so that each balance is the sum of its postings.
void open_accounts(Day day, Books& books) {
  auto bring = [&](AccountName name, Cents amount) {
    books.receive(name, day, {"Größl, Katharina", "Umzug von der alten Bank, Kontowechselservice"}, amount);
  };
  bring(AccountName::Giro, 286144);
  bring(AccountName::Savings, 1200000);
  bring(AccountName::Settlement, 200000);
  bring(AccountName::Dollars, 350000);
}

// The dollar account: a customer in the States, a subscription, and now and then some of it turned into euros.
void live_dollars(Day day, Books& books, const Household& household) {
  Date date(day);
  unsigned month = static_cast<unsigned>(date.month());
  unsigned of_month = static_cast<unsigned>(date.day());
  if (month % 3 == 1 && of_month == 14) {
    books.receive(AccountName::Dollars, day, {"Lakeside Analytics LLC", format("INVOICE KG-{}", format_date(date))},
                  125000);
  }
  if (of_month == 11) books.pay(AccountName::Dollars, day, {"Cloudbox Inc.", "Subscription, thank you"}, 1200);
  if (month % 6 == 3 && of_month == 18) {
    books.move(AccountName::Dollars, AccountName::Giro, day,
               format("Devisenverkauf USD 1000,00 Kurs {}", decimal_text(household.dollars_per_euro(day), 4)), 100000,
               household.in_euros(100000, day));
  }
}

// Eighteen digits in February, and all but a cent of it gone again in December.
void live_large(Day day, Books& books) {
  constexpr Cents kLarge = 123'456'789'012'345'678;
  Date date(day);
  unsigned of_month = static_cast<unsigned>(date.day());
  Partner clearing{"Clearing House of Large Numbers", "LIQUIDITY TRANSFER"};
  if (date.month() == std::chrono::February && of_month == 3) {
    books.receive(AccountName::Dollars, day, clearing, kLarge);
  }
  if (date.month() == std::chrono::December && of_month == 3) {
    books.pay(AccountName::Dollars, day, clearing, kLarge - 1);
  }
}

}  // namespace

std::string bank_id(std::uint64_t seed, std::string_view name, std::int64_t number) {
  return Dice(seed, name, number).text(32, "0123456789ABCDEF");
}

Household::Household(HouseholdOptions options)
    : options_(options),
      ledger_(make_accounts(options.seed)),
      books_(std::make_unique<Books>(options.seed, ledger_)),
      depot_(std::make_unique<Depot>(options.seed)),
      next_(Day(options.opened)) {}

Household::~Household() = default;

void Household::live_until(Instant now) {
  Day last = std::min(books_->day_of(now) + kAhead, Day(options_.opened) + kLongest);
  for (; next_ <= last; next_ += days(1)) live(next_);
}

void Household::live(Day day) {
  if (day == Day(options_.opened)) open_accounts(day, *books_);
  live_contracts(day, *books_);
  live_spending(day, *books_, card_);
  live_dollars(day, *books_, *this);
  if (options_.large_amounts) live_large(day, *books_);
  depot_->live(day, Day(options_.opened), *books_);
  keep_savings(day);
  savings_days_ += ledger_.settled(AccountName::Savings);
  if (day == last_of_month(Date(day))) close_month(day);
  ledger_.close(day);
}

void Household::keep_savings(Day day) {
  unsigned of_month = static_cast<unsigned>(Date(day).day());
  if (of_month == 2) books_->move(AccountName::Giro, AccountName::Savings, day, "Sparen, monatlich", 25000);
  if (of_month == 3) books_->move(AccountName::Giro, AccountName::Settlement, day, "Für den Sparplan", 30500);
  if (of_month != 23) return;
  // What has gathered goes to the savings; what is missing comes from there.
  Cents giro = ledger_.settled(AccountName::Giro);
  if (giro > 420'000) {
    books_->move(AccountName::Giro, AccountName::Savings, day, "Überschuss", (giro - 300'000) / 10'000 * 10'000);
  } else if (giro < 60'000 && ledger_.settled(AccountName::Savings) > 150'000) {
    books_->move(AccountName::Savings, AccountName::Giro, day, "Übertrag auf Girokonto zum Ausgleich", 120'000);
  }
}

void Household::close_month(Day day) {
  Date date(day);
  unsigned month = static_cast<unsigned>(date.month());
  std::string first = german_date(date.year() / date.month() / std::chrono::day(1));
  // Interest is reckoned with months of thirty days, and so its value date is the 30th, in February too.
  std::string valuta = format("{}-{:02}-30", static_cast<int>(date.year()), month);
  Cents interest = scale(savings_days_, 175, std::int64_t{365} * 10'000);
  savings_days_ = 0;
  books_->enter(
      AccountName::Savings, day, "INTEREST_DIVIDENDS",
      {"Zinsen Tagesgeld PLUS 1,75 % p.a.", format("Zeitraum: {}", first), format("bis {}", german_date(date))},
      interest, valuta);
  books_->enter(AccountName::Giro, day, "BANK_FEES",
                {"Entgelt", "Visa-Kreditkarte", format("Zeitraum: {}", first), format("bis {}", german_date(date))},
                -190);
  // The quarter's closing costs nothing and says nothing.
  if (month % 3 == 0) books_->enter(AccountName::Giro, day, "MISCELLANEOUS", {}, 0, valuta);
}

Cents Household::card_debt(Instant now) const {
  Cents debt = 0;
  for (const CreditCard::Purchase& purchase : card_.purchases) {
    if (purchase.at <= now) debt += purchase.amount;
  }
  for (const CreditCard::Settlement& settlement : card_.settlements) {
    if (books_->at(settlement.day, 4) <= now) debt -= settlement.amount;
  }
  return debt;
}

std::int64_t Household::dollars_per_euro(Day day) const {
  std::int64_t at = number_of(banking_day_until(day));
  return 10'850 + wander(options_.seed, "dollar", at, 60) * 500 / 1000 +
         wander(options_.seed, "usd", at, 5) * 60 / 1000;
}

Cents Household::in_euros(Cents dollars, Day day) const {
  return scale(dollars, 10'000, dollars_per_euro(day));
}

}  // namespace plumb::sandbox
