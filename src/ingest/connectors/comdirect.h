// comdirect's REST API as a C++ client, usable on its own: sign-in with TAN, session, accounts, balances, transactions,
// depots, documents, reports.
//
//     comdirect::Config config = comdirect::config_from({{"username", "12345678"}}, find_environment);
//     comdirect::Client bank(config, {.clock = clock});
//     bank.authenticate(ask);                        // asks for a TAN, or waits for the app
//     for (const comdirect::AccountBalance& balance : bank.account_balances()) …
//     bank.revoke();
//
// A Client belongs to one thread at a time. The access token is refreshed as needed; session() is what outlives a
// process. Errors: Auth (credentials refused, session lost), Approval (TAN wrong, not given, challenge refused or
// expired), Network, Service (the bank's own message is passed on). A wrong TAN is never sent twice, and no second
// challenge is raised by itself: five open challenges or three wrong TANs lock the account. Nothing secret is logged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/http_client.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/zone.h"
#include "data/data.h"
#include "db/db.h"
#include "ingest/source.h"

namespace plumb::ingest::comdirect {

struct Config {
  Secret client_id;
  Secret client_secret;
  Secret username;  // the access number
  Secret password;  // the PIN
  std::string base_url = "https://api.comdirect.de";
  std::string connection = "comdirect";  // the name that questions to a person carry
  std::string tan_type = {};             // "P_TAN", "M_TAN", "P_TAN_PUSH"; empty: the customer's preferred one
};

// From arguments ("client_id", "client_secret", "username", "password", "base_url"), else from COMDIRECT_CLIENT_ID and
// the like. Throws Error(Usage) that names every missing one; nothing has been sent then.
Config config_from(const std::map<std::string, std::string>& arguments,
                   const std::function<std::optional<std::string>(const std::string&)>& environment);

struct Amount {
  data::Decimal value;
  std::string unit;  // ISO 4217, or XXX pieces, XXC percent, …
};

struct Account {
  std::string account_id;
  std::string display_id;  // text: leading zeros matter
  std::string currency;
  std::string type_key;  // "CA" Girokonto, "DAS" Tagesgeld PLUS, "FX", …
  std::string type_text;
  std::optional<std::string> iban;
  std::optional<std::string> bic;
  std::optional<Amount> credit_limit;
};

struct AccountBalance {
  Account account;
  Amount balance;
  Amount balance_eur;
  Amount available;
  Amount available_eur;
};

struct Party {
  std::optional<std::string> name;
  std::optional<std::string> iban;
  std::optional<std::string> bic;
};

struct Transaction {
  std::optional<std::string> reference;  // may be missing while pending, and changes when booked
  bool booked = false;
  std::optional<Date> booking_date;
  std::optional<Date> value_date;  // empty when the bank names no day of the calendar (30 February)
  std::string value_date_text;
  std::optional<Amount> amount;
  std::string type_key;
  std::string type_text;
  Party remitter, debtor, creditor;
  std::optional<std::string> end_to_end_reference;
  std::optional<std::string> mandate;
  std::optional<std::string> creditor_id;
  std::string remittance_raw;           // as it came
  std::vector<std::string> remittance;  // its lines, labels taken out
  std::string json;                     // the whole value as it came
};

// What survives a process: tokens and the bank's session id. Sealed by whoever keeps it.
struct Session {
  Secret access_token;
  Secret refresh_token;
  std::string session_id;
  Instant access_expires_at;
  std::string to_json() const;  // holds the tokens: seal it
  static Session from_json(const std::string& json);
};

struct TransactionQuery {
  std::optional<Date> from = {};
  std::optional<Date> to = {};
};

struct ClientOptions {
  Clock& clock;
  Log log = {};
  std::stop_token stop = {};
  std::chrono::seconds push_patience{110};  // how long to wait for the app
  std::chrono::milliseconds push_interval{1000};
  RetryPolicy retry = {};                               // patience with a bank that does not answer
  std::function<void()> before_refresh = {};            // the old pair of tokens may be dead from now on
  std::function<void(const Session&)> on_session = {};  // after every new pair of tokens, before they are used
  std::function<void()> before_challenge = {};          // five of them without an answer lock the access
};

class Client {
 public:
  Client(Config config, ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;

  // The whole sign-in: token, session, challenge, TAN (typed through `ask`, or pushed and polled), activation, second
  // token.
  void authenticate(const Asker& ask);
  // Goes on with a kept session; refreshes it when its token has run out. False when the bank no longer takes it.
  bool resume(Session session);
  const Session* find_session() const;
  void refresh();
  void revoke();

  std::vector<AccountBalance> account_balances();
  AccountBalance account_balance(const std::string& account_id);
  // Newest first, all pages. Booked without `from` reach back as far as the bank has them.
  void booked_transactions(const std::string& account_id, const TransactionQuery& query,
                           const std::function<void(std::span<const Transaction>)>& page);
  std::vector<Transaction> pending_transactions(const std::string& account_id);

  // Everything else that can be read, as documents: depots, positions, depot transactions, instruments, orders,
  // documents, reports. `path` is relative to /api; lists come page by page.
  Document get(const std::string& path);
  void get_list(const std::string& path, const std::function<void(const Node& value)>& value);
  // The bytes of a post box document.
  std::string download(const std::string& document_id, const std::string& mime_type);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A balance as a row: one a day and account; the day is Europe/Berlin's.
struct BalanceRow {
  std::string account_id;
  Date day;
  std::string account_display_id;
  std::string account_type;
  std::optional<std::string> iban;
  std::string currency;
  data::Decimal balance;
  data::Decimal balance_eur;
  data::Decimal available;
  data::Decimal available_eur;
  Instant read_at;
};
BalanceRow to_row(const AccountBalance& balance, Instant read_at);
// The table `balances` (key: account_id, day) with typed reading and writing.
db::Table<BalanceRow> balance_table(db::Connection& connection);

// The connector for pipelines: balances, transactions, pending, accounts, depots, positions, depot_transactions,
// documents, reports.
Connector connector();

}  // namespace plumb::ingest::comdirect

template <>
struct plumb::data::Columns<plumb::ingest::comdirect::BalanceRow> {
  using Row = plumb::ingest::comdirect::BalanceRow;
  static constexpr auto list = std::tuple(
      column("account_id", &Row::account_id), column("day", &Row::day),
      column("account_display_id", &Row::account_display_id), column("account_type", &Row::account_type),
      column("iban", &Row::iban), column("currency", &Row::currency), column("balance", &Row::balance, 15, 2),
      column("balance_eur", &Row::balance_eur, 15, 2), column("available", &Row::available, 15, 2),
      column("available_eur", &Row::available_eur, 15, 2), column("read_at", &Row::read_at));
};
