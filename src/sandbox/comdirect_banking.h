// The bank's counter for accounts: balances, transactions, and all products at once.
#pragma once

#include <string>
#include <string_view>

#include "base/document.h"
#include "base/http_server.h"
#include "sandbox/comdirect_tokens.h"
#include "sandbox/household.h"

namespace plumb::sandbox {

// What a counter needs to answer: who asks, for what, of whom, at which moment.
struct Visit {
  const Customer& customer;
  const Household& household;
  const ServerRequest& request;
  Instant now;
};

// GET /banking/clients/user/v2/accounts/balances and /banking/v2/accounts/{id}/balances
ServerResponse list_balances(const Visit& visit);
ServerResponse show_balance(const Visit& visit, std::string_view account);
// GET /banking/v1/accounts/{id}/transactions
ServerResponse list_transactions(const Visit& visit, std::string_view account);
// GET /reports/participants/user/v1/allbalances
ServerResponse list_all_balances(const Visit& visit);

// An AccountBalance's fields into an open object; `account` becomes null without the account's own data.
void write_balance(JsonWriter& json, const Visit& visit, const Account& account, bool with_account);
void write_account(JsonWriter& json, const Visit& visit, const Account& account);
Cents balance_in_euros(const Visit& visit, const Account& account, Cents amount);
Cents available(const Visit& visit, const Account& account);

}  // namespace plumb::sandbox
