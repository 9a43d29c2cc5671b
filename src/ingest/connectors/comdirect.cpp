#include "ingest/connectors/comdirect.h"

#include <array>

#include "base/crypto.h"
#include "base/format.h"
#include "ingest/connectors/comdirect_api.h"

namespace plumb::ingest::comdirect {

namespace {

constexpr int kPageSize = 500;  // the most the bank gives (seen)

struct Wanted {
  const char* argument;
  const char* variable;
  Secret Config::*member;
};
constexpr std::array<Wanted, 4> kWanted = {{{"client_id", "COMDIRECT_CLIENT_ID", &Config::client_id},
                                            {"client_secret", "COMDIRECT_CLIENT_SECRET", &Config::client_secret},
                                            {"username", "COMDIRECT_USERNAME", &Config::username},
                                            {"password", "COMDIRECT_PASSWORD", &Config::password}}};

}  // namespace

Config config_from(const std::map<std::string, std::string>& arguments,
                   const std::function<std::optional<std::string>(const std::string&)>& environment) {
  auto find = [&](const char* argument, const std::string& variable) -> std::optional<std::string> {
    if (auto it = arguments.find(argument); it != arguments.end()) return it->second;
    return environment(variable);
  };
  Config config;
  std::vector<std::string> missing;
  for (const auto& wanted : kWanted) {
    auto value = find(wanted.argument, wanted.variable);
    if (!value || value->empty()) missing.push_back(format("{} ({})", wanted.argument, wanted.variable));
    config.*wanted.member = Secret(value.value_or(""));
  }
  if (!missing.empty()) {
    throw Error(ErrorKind::Usage, format("comdirect needs {}", fmt::join(missing, ", ")),
                {.hint = "give them as arguments or in the environment; nothing has been sent"});
  }
  config.base_url = find("base_url", "COMDIRECT_BASE_URL").value_or(config.base_url);
  while (config.base_url.ends_with('/')) config.base_url.pop_back();
  config.tan_type = find("tan_type", "COMDIRECT_TAN_TYPE").value_or("");
  return config;
}

std::string Session::to_json() const {
  JsonWriter json;
  json.begin_object().field("access_token", access_token.reveal()).field("refresh_token", refresh_token.reveal());
  json.field("session_id", session_id).field("access_expires_at", format_instant(access_expires_at)).end_object();
  return json.take();
}

Session Session::from_json(const std::string& json) {
  auto document = parse_json(json, "the kept session");
  Node root = document.root();
  auto expires = find_instant(root.get("access_expires_at").as_text());
  if (!expires) throw Error(ErrorKind::Data, "the kept session names no time");
  return {.access_token = Secret(root.get("access_token").as_text()),
          .refresh_token = Secret(root.get("refresh_token").as_text()),
          .session_id = root.get("session_id").as_text(),
          .access_expires_at = *expires};
}

struct Client::State {
  Api api;
};

Client::Client(Config config, ClientOptions options)
    : state_(std::make_unique<State>(State{Api(std::move(config), options)})) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

void Client::authenticate(const Asker& ask) {
  sign_in(state_->api, ask);
}

bool Client::resume(Session session) {
  const bool over = state_->api.options().clock.now() >= session.access_expires_at;
  state_->api.restore(std::move(session));
  if (!over) return true;
  try {
    state_->api.refresh();
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Auth) throw;  // a network fault says nothing about the session
    return false;
  }
}

const Session* Client::find_session() const {
  return state_->api.find_session();
}
void Client::refresh() {
  state_->api.refresh();
}
void Client::revoke() {
  state_->api.revoke();
}

Document Client::get(const std::string& path) {
  return parse_json(state_->api.get(path).body, "comdirect " + path);
}

void Client::get_list(const std::string& path, const std::function<void(const Node& value)>& value) {
  auto document = get(path);
  Node values = document.root().find("values");
  for (std::size_t i = 0; i < values.size(); ++i) value(values.at(i));
}

std::vector<AccountBalance> Client::account_balances() {
  std::vector<AccountBalance> balances;
  get_list("/banking/clients/user/v2/accounts/balances",
           [&](const Node& value) { balances.push_back(read_account_balance(value)); });
  return balances;
}

AccountBalance Client::account_balance(const std::string& account_id) {
  auto document = get("/banking/v2/accounts/" + percent_encode(account_id) + "/balances");
  return read_account_balance(document.root());
}

void Client::booked_transactions(const std::string& account_id, const TransactionQuery& query,
                                 const std::function<void(std::span<const Transaction>)>& page) {
  // Without min-bookingDate only about half a year comes (seen).
  auto from = query.from.value_or(Date(std::chrono::year(1990), std::chrono::January, std::chrono::day(1)));
  auto path = format("/banking/v1/accounts/{}/transactions?transactionState=BOOKED&min-bookingDate={}&paging-count={}",
                     percent_encode(account_id), format_date(from), kPageSize);
  if (query.to) path += "&max-bookingDate=" + format_date(*query.to);
  for (std::int64_t first = 0;; first += kPageSize) {
    auto document = get(first == 0 ? path : format("{}&paging-first={}", path, first));
    Node values = document.root().find("values");
    std::vector<Transaction> transactions;
    for (std::size_t i = 0; i < values.size(); ++i) transactions.push_back(read_transaction(values.at(i)));
    if (!transactions.empty()) page(transactions);
    Node matches = document.root().find("paging").find("matches");
    if (values.size() == 0 || matches.null() || first + kPageSize >= matches.as_int()) return;
  }
}

std::vector<Transaction> Client::pending_transactions(const std::string& account_id) {
  std::vector<Transaction> transactions;
  get_list(format("/banking/v1/accounts/{}/transactions?transactionState=NOTBOOKED&paging-count={}",
                  percent_encode(account_id), kPageSize),
           [&](const Node& value) { transactions.push_back(read_transaction(value)); });
  return transactions;
}

std::string Client::download(const std::string& document_id, const std::string& mime_type) {
  return state_->api.get("/messages/v2/documents/" + percent_encode(document_id), mime_type).body;
}

BalanceRow to_row(const AccountBalance& balance, Instant read_at) {
  static const Zone berlin = Zone::get("Europe/Berlin");
  return {.account_id = balance.account.account_id,
          .day = berlin.date_of(read_at),
          .account_display_id = balance.account.display_id,
          .account_type = balance.account.type_key,
          .iban = balance.account.iban,
          .currency = balance.balance.unit,
          .balance = balance.balance.value,
          .balance_eur = balance.balance_eur.value,
          .available = balance.available.value,
          .available_eur = balance.available_eur.value,
          .read_at = read_at};
}

db::Table<BalanceRow> balance_table(db::Connection& connection) {
  return db::Table<BalanceRow>(connection, {"", "balances"}, {"account_id", "day"});
}

}  // namespace plumb::ingest::comdirect
