#include "sandbox/comdirect_banking.h"

#include "sandbox/books.h"
#include "sandbox/comdirect_wire.h"

namespace plumb::sandbox {
namespace {

constexpr std::string_view kBic = "COBADEHDXXX";

// A limit is a round sum and is written as such: "1100".
std::string limit_text(Cents limit) {
  return std::to_string(limit / 100);
}

}  // namespace

void write_account(JsonWriter& json, const Visit& visit, const Account& account) {
  json.begin_object();
  json.field("accountId", account.id).field("accountDisplayId", account.display_id);
  json.field("currency", account.currency).field("clientId", visit.customer.client_id);
  json.key("accountType");
  write_enum(json, account.type, account.type_text);
  json.field("iban", account.iban).field("bic", kBic);
  json.key("creditLimit");
  write_amount(json, limit_text(account.credit_limit), account.currency);
  json.end_object();
}

Cents balance_in_euros(const Visit& visit, const Account& account, Cents amount) {
  if (account.currency == "EUR") return amount;
  return visit.household.in_euros(amount, visit.household.books().day_of(visit.now));
}

Cents available(const Visit& visit, const Account& account) {
  const Ledger& ledger = visit.household.ledger();
  return ledger.balance(account.name, visit.now) + account.credit_limit + ledger.planned(account.name, visit.now);
}

void write_balance(JsonWriter& json, const Visit& visit, const Account& account, bool with_account) {
  Cents balance = visit.household.ledger().balance(account.name, visit.now);
  Cents cash = available(visit, account);
  json.key("account");
  if (with_account) {
    write_account(json, visit, account);
  } else {
    json.null();
  }
  json.field("accountId", account.id);
  json.key("balance");
  write_money(json, balance, account.currency);
  json.key("balanceEUR");
  write_money(json, balance_in_euros(visit, account, balance), "EUR");
  json.key("availableCashAmount");
  write_money(json, cash, account.currency);
  json.key("availableCashAmountEUR");
  write_money(json, balance_in_euros(visit, account, cash), "EUR");
}

ServerResponse list_balances(const Visit& visit) {
  const auto& accounts = visit.household.ledger().accounts();
  Page page;
  if (auto refusal = read_page(visit.request, 500, page)) return std::move(*refusal);
  auto matches = static_cast<std::int64_t>(accounts.size());
  bool with_account = !names(visit.request, "without-attr", "account");
  JsonWriter json;
  json.begin_object();
  write_paging(json, page.first, matches);
  json.key("values").begin_array();
  for (std::int64_t i = page.first; i < std::min(matches, page.first + page.count); ++i) {
    json.begin_object();
    write_balance(json, visit, accounts[static_cast<std::size_t>(i)], with_account);
    json.end_object();
  }
  json.end_array().end_object();
  return bank_list(json.take(), matches);
}

ServerResponse show_balance(const Visit& visit, std::string_view id) {
  const Account* account = visit.household.ledger().find_account(id);
  if (!account) return bare_answer(404);
  JsonWriter json;
  json.begin_object();
  write_balance(json, visit, *account, !names(visit.request, "without-attr", "account"));
  json.end_object();
  return bank_answer(json.take());
}

}  // namespace plumb::sandbox
