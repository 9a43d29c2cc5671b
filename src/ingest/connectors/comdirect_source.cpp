// The comdirect connector: resources as batches.

#include <algorithm>

#include "base/crypto.h"
#include "base/format.h"
#include "ingest/connectors/comdirect_api.h"
#include "ingest/connectors/comdirect_keeping.h"

namespace plumb::ingest::comdirect {

namespace {

using data::Decimal;
using data::JsonText;

// Bookings may turn up days after their date, so that many days before the last one are read again; what is known is
// left alone.
constexpr std::chrono::days kLateBookings{14};
const std::vector<std::string> kSettings = {"client_id", "client_secret", "username",
                                            "password",  "base_url",      "tan_type"};

struct AccountRow {
  std::string account_id;
  std::string account_display_id;
  std::string type_key;
  std::string type_text;
  std::string currency;
  std::optional<std::string> iban;
  std::optional<std::string> bic;
  std::optional<Decimal> credit_limit;
};

struct TransactionRow {
  std::string account_id;
  std::optional<std::string> reference;
  std::optional<Date> booking_date;
  std::optional<Date> value_date;
  std::optional<std::string> value_date_text;
  std::optional<Decimal> amount;
  std::optional<std::string> currency;
  std::string type_key;
  std::string type_text;
  std::optional<std::string> counterparty_name;
  std::optional<std::string> counterparty_iban;
  std::optional<std::string> counterparty_bic;
  std::string remittance;
  std::optional<std::string> end_to_end_reference;
  std::optional<std::string> mandate;
  std::optional<std::string> creditor_id;
  JsonText document;
};

// Everything else the bank shows: who it belongs to, a few columns for joining and counting, and the document as it
// came.
struct ItemRow {
  std::string parent_id;
  std::string item_id;
  Date day;
  std::optional<std::string> kind;
  std::optional<std::string> name;
  std::optional<Decimal> quantity;
  std::optional<Decimal> value;
  std::optional<std::string> currency;
  JsonText document;
};

}  // namespace

}  // namespace plumb::ingest::comdirect

template <>
struct plumb::data::Columns<plumb::ingest::comdirect::AccountRow> {
  using Row = plumb::ingest::comdirect::AccountRow;
  static constexpr auto list = std::tuple(
      column("account_id", &Row::account_id), column("account_display_id", &Row::account_display_id),
      column("type_key", &Row::type_key), column("type_text", &Row::type_text), column("currency", &Row::currency),
      column("iban", &Row::iban), column("bic", &Row::bic), column("credit_limit", &Row::credit_limit, 15, 2));
};

template <>
struct plumb::data::Columns<plumb::ingest::comdirect::TransactionRow> {
  using Row = plumb::ingest::comdirect::TransactionRow;
  static constexpr auto list = std::tuple(
      column("account_id", &Row::account_id), column("reference", &Row::reference),
      column("booking_date", &Row::booking_date), column("value_date", &Row::value_date),
      column("value_date_text", &Row::value_date_text), column("amount", &Row::amount, 15, 2),
      column("currency", &Row::currency), column("type_key", &Row::type_key), column("type_text", &Row::type_text),
      column("counterparty_name", &Row::counterparty_name), column("counterparty_iban", &Row::counterparty_iban),
      column("counterparty_bic", &Row::counterparty_bic), column("remittance", &Row::remittance),
      column("end_to_end_reference", &Row::end_to_end_reference), column("mandate", &Row::mandate),
      column("creditor_id", &Row::creditor_id), column("document", &Row::document));
};

template <>
struct plumb::data::Columns<plumb::ingest::comdirect::ItemRow> {
  using Row = plumb::ingest::comdirect::ItemRow;
  static constexpr auto list = std::tuple(
      column("parent_id", &Row::parent_id), column("item_id", &Row::item_id), column("day", &Row::day),
      column("kind", &Row::kind), column("name", &Row::name), column("quantity", &Row::quantity, 15, 3),
      column("value", &Row::value, 15, 2), column("currency", &Row::currency), column("document", &Row::document));
};

namespace plumb::ingest::comdirect {

namespace {

AccountRow to_account_row(const Account& account) {
  AccountRow row{.account_id = account.account_id,
                 .account_display_id = account.display_id,
                 .type_key = account.type_key,
                 .type_text = account.type_text,
                 .currency = account.currency,
                 .iban = account.iban,
                 .bic = account.bic};
  if (account.credit_limit) row.credit_limit = account.credit_limit->value;
  return row;
}

std::string joined(const std::vector<std::string>& lines) {
  return format("{}", fmt::join(lines, " "));
}

// Who is on the other side: of money that leaves, the creditor; of money that comes, the debtor or remitter.
const Party& counterparty(const Transaction& transaction) {
  const bool leaves = transaction.amount && transaction.amount->value.units < 0;
  const Party& first = leaves ? transaction.creditor : transaction.debtor;
  if (first.name || first.iban) return first;
  if (transaction.remitter.name || transaction.remitter.iban) return transaction.remitter;
  return leaves ? transaction.debtor : transaction.creditor;
}

TransactionRow to_transaction_row(const std::string& account_id, const Transaction& transaction) {
  const Party& other = counterparty(transaction);
  TransactionRow row{.account_id = account_id,
                     .reference = transaction.reference,
                     .booking_date = transaction.booking_date,
                     .value_date = transaction.value_date,
                     .type_key = transaction.type_key,
                     .type_text = transaction.type_text,
                     .counterparty_name = other.name,
                     .counterparty_iban = other.iban,
                     .counterparty_bic = other.bic,
                     .remittance = joined(transaction.remittance),
                     .end_to_end_reference = transaction.end_to_end_reference,
                     .mandate = transaction.mandate,
                     .creditor_id = transaction.creditor_id,
                     .document = {transaction.json}};
  if (!transaction.value_date_text.empty()) row.value_date_text = transaction.value_date_text;
  if (transaction.amount) {
    row.amount = transaction.amount->value;
    row.currency = transaction.amount->unit;
  }
  // A booked row is keyed by account and reference; should the bank leave it out, the document itself names the row.
  if (transaction.booked && !row.reference) row.reference = "document-" + sha256_hex(transaction.json).substr(0, 24);
  return row;
}

class ComdirectSource : public Source {
 public:
  ComdirectSource(std::string name, Config config, std::vector<std::string> accounts, std::optional<Date> since,
                  Services services)
      : accounts_(std::move(accounts)),
        since_(since),
        services_(std::move(services)),
        kept_(std::move(name), services_),
        client_(std::move(config), client_options()) {}

  void open() override { sign_in(false); }
  // As a person wants it.
  void login() { sign_in(true); }
  std::optional<Instant> refresh() { return kept_.refresh(client_); }

  void read(const ReadRequest& request, Sink& sink) override {
    const auto& resource = request.resource.name;
    if (resource == "accounts") return read_accounts(sink);
    if (resource == "balances") return read_balances(request, sink);
    if (resource == "transactions") return read_transactions(request, sink);
    if (resource == "pending") return read_pending(sink);
    const Date day = services_.zone.date_of(request.started_at);
    if (resource == "depots") return read_depots(day, sink);
    if (resource == "positions") return read_positions(day, sink);
    if (resource == "depot_transactions") return read_depot_transactions(day, sink);
    if (resource == "documents") return read_documents(day, sink);
    read_reports(day, sink);
  }

  // A session that nobody keeps is ended at the bank.
  void close() override {
    if (!kept_.kept()) client_.revoke();
    kept_.release();
  }

 private:
  void sign_in(bool wanted) {
    if (!kept_.resume(client_, [this] { return session_is_taken(); })) kept_.sign_in(client_, wanted);
  }

  // Only the bank knows whether a kept session still lives (it ends with a sign-in elsewhere). The balances, which most
  // resources need anyway, tell.
  bool session_is_taken() {
    try {
      balances();
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Auth) throw;
      return false;
    }
  }

  ClientOptions client_options() {
    ClientOptions options{.clock = services_.clock, .log = services_.log.module("comdirect"), .stop = services_.stop};
    options.retry = services_.retry;
    kept_.connect(options);
    return options;
  }

  // The wanted accounts with their balances, asked once a load.
  const std::vector<AccountBalance>& balances() {
    if (balances_) return *balances_;
    balances_ = client_.account_balances();
    if (accounts_.empty()) return *balances_;
    for (const auto& wanted : accounts_) {
      auto known = [&](const AccountBalance& b) {
        return b.account.display_id == wanted || b.account.iban == wanted || b.account.account_id == wanted;
      };
      if (std::none_of(balances_->begin(), balances_->end(), known)) {
        throw Error(ErrorKind::Config, format("comdirect has no account '{}'", wanted),
                    {.hint = "name accounts by their number or IBAN under `accounts`"});
      }
    }
    std::erase_if(*balances_, [&](const AccountBalance& b) {
      return std::none_of(accounts_.begin(), accounts_.end(), [&](const std::string& wanted) {
        return b.account.display_id == wanted || b.account.iban == wanted || b.account.account_id == wanted;
      });
    });
    return *balances_;
  }

  void read_accounts(Sink& sink) {
    std::vector<AccountRow> rows;
    for (const auto& balance : balances()) rows.push_back(to_account_row(balance.account));
    sink.write(data::to_batch<AccountRow>(rows));
  }

  void read_balances(const ReadRequest& request, Sink& sink) {
    std::vector<BalanceRow> rows;
    for (const auto& balance : balances()) rows.push_back(to_row(balance, request.started_at));
    sink.write(data::to_batch<BalanceRow>(rows));
  }

  void read_transactions(const ReadRequest& request, Sink& sink) {
    for (const auto& balance : balances()) {
      const auto& account_id = balance.account.account_id;
      TransactionQuery query{.from = since_};
      auto cursor = request.part_cursors.find(account_id);
      if (auto last = cursor != request.part_cursors.end() ? find_date(cursor->second) : std::nullopt) {
        query.from = Date(std::chrono::sys_days(*last) - kLateBookings);
      }
      client_.booked_transactions(account_id, query, [&](std::span<const Transaction> page) {
        std::vector<TransactionRow> rows;
        for (const auto& transaction : page) rows.push_back(to_transaction_row(account_id, transaction));
        sink.write(data::to_batch<TransactionRow>(rows));
      });
    }
  }

  void read_pending(Sink& sink) {
    for (const auto& balance : balances()) {
      const auto& account_id = balance.account.account_id;
      std::vector<TransactionRow> rows;
      for (const auto& transaction : client_.pending_transactions(account_id))
        rows.push_back(to_transaction_row(account_id, transaction));
      sink.replace_part({account_id});
      sink.write(data::to_batch<TransactionRow>(rows));
    }
  }

  static ItemRow item(std::string parent, std::string id, Date day, const Node& node) {
    return {.parent_id = std::move(parent), .item_id = std::move(id), .day = day, .document = {node.to_json()}};
  }
  static void set_amounts(ItemRow& row, const std::optional<Amount>& quantity, const std::optional<Amount>& value) {
    if (quantity) row.quantity = quantity->value;
    if (value) {
      row.value = value->value;
      row.currency = value->unit;
    }
  }
  static std::optional<std::string> text(const Node& node) {
    if (node.null()) return std::nullopt;
    return std::string(node.scalar());
  }

  std::vector<std::string> depot_ids() {
    std::vector<std::string> ids;
    client_.get_list("/brokerage/clients/user/v3/depots",
                     [&](const Node& depot) { ids.push_back(depot.get("depotId").as_text()); });
    return ids;
  }

  void read_depots(Date day, Sink& sink) {
    std::vector<ItemRow> rows;
    client_.get_list("/brokerage/clients/user/v3/depots", [&](const Node& depot) {
      rows.push_back(item(depot.find("clientId").text_or(""), depot.get("depotId").as_text(), day, depot));
      rows.back().kind = text(depot.find("depotType"));
      rows.back().name = text(depot.find("depotDisplayId"));
    });
    sink.write(data::to_batch<ItemRow>(rows));
  }

  void read_positions(Date day, Sink& sink) {
    std::vector<ItemRow> rows;
    for (const auto& depot : depot_ids()) {
      client_.get_list(format("/brokerage/v3/depots/{}/positions?with-attr=instrument", depot),
                       [&](const Node& position) {
                         rows.push_back(item(depot, position.get("positionId").as_text(), day, position));
                         rows.back().kind = text(position.find("wkn"));
                         rows.back().name = text(position.find("instrument").find("name"));
                         set_amounts(rows.back(), find_amount(position.find("quantity")),
                                     find_amount(position.find("currentValue")));
                       });
    }
    sink.write(data::to_batch<ItemRow>(rows));
  }

  void read_depot_transactions(Date day, Sink& sink) {
    std::vector<ItemRow> rows;
    for (const auto& depot : depot_ids()) {
      client_.get_list(
          format("/brokerage/v3/depots/{}/transactions?bookingStatus=BOOKED", depot), [&](const Node& transaction) {
            auto booked = find_date(transaction.find("bookingDate").text_or(""));
            rows.push_back(item(depot, transaction.get("transactionId").as_text(), booked.value_or(day), transaction));
            // A plain word in production, key and text in the specification: both are read.
            Node type = transaction.find("transactionType");
            rows.back().kind = text(type.kind() == NodeKind::Map ? type.find("key") : type);
            rows.back().name = text(transaction.find("instrument").find("name"));
            set_amounts(rows.back(), find_amount(transaction.find("quantity")),
                        find_amount(transaction.find("transactionValue")));
          });
    }
    sink.write(data::to_batch<ItemRow>(rows));
  }

  void read_documents(Date day, Sink& sink) {
    constexpr std::int64_t kPage = 500;
    for (std::int64_t first = 0;; first += kPage) {
      auto answer =
          client_.get(format("/messages/clients/user/v2/documents?paging-first={}&paging-count={}", first, kPage));
      Node values = answer.root().find("values");
      std::vector<ItemRow> rows;
      for (std::size_t i = 0; i < values.size(); ++i) {
        Node node = values.at(i);
        auto created = find_date(node.find("dateCreation").text_or(""));
        rows.push_back(item("", node.get("documentId").as_text(), created.value_or(day), node));
        rows.back().kind = text(node.find("mimeType"));
        rows.back().name = text(node.find("name"));
      }
      if (!rows.empty()) sink.write(data::to_batch<ItemRow>(rows));
      Node matches = answer.root().find("paging").find("matches");
      if (rows.empty() || matches.null() || first + kPage >= matches.as_int()) return;
    }
  }

  void read_reports(Date day, Sink& sink) {
    std::vector<ItemRow> rows;
    client_.get_list("/reports/participants/user/v1/allbalances", [&](const Node& product) {
      rows.push_back(
          item(product.find("targetClientId").text_or(""), product.get("productId").as_text(), day, product));
      rows.back().kind = text(product.find("productType"));
      Node balance = product.find("balance");
      // Accounts and cards have a balance, depots a present value.
      auto value = find_amount(balance.find("balance") ? balance.find("balance") : balance.find("currentValue"));
      set_amounts(rows.back(), std::nullopt, value);
    });
    sink.write(data::to_batch<ItemRow>(rows));
  }

  std::vector<std::string> accounts_;
  std::optional<Date> since_;
  Services services_;
  KeptSession kept_;
  Client client_;
  std::optional<std::vector<AccountBalance>> balances_;
};

Config config_of(const config::Project& project, const config::Connection& connection) {
  connection.expect_settings(kSettings);
  std::map<std::string, std::string> arguments;
  for (const auto& [key, setting] : connection.settings) arguments[key] = setting.value;
  Config config;
  try {
    config = config_from(arguments, [&](const std::string& name) { return project.environment.find(name); });
  } catch (const Error& error) {
    throw Error(
        ErrorKind::Config, error.message(),
        {.place = connection.place, .hint = "put them into .env, or into the connection with {{ env_var('…') }}"});
  }
  config.connection = connection.name;
  return config;
}

std::unique_ptr<ComdirectSource> make_source(const config::Project& project, const config::Connection& connection,
                                             const Node& options, Services services) {
  std::vector<std::string> accounts;
  Node list = options.find("accounts");
  for (std::size_t i = 0; i < list.size(); ++i) accounts.emplace_back(list.at(i).scalar());
  std::optional<Date> since;
  if (auto node = options.find("since")) {
    since = find_date(node.scalar());
    if (!since)
      throw Error(ErrorKind::Config, format("'{}' is no date", node.scalar()),
                  {.place = node.place(), .hint = "write 2024-01-31"});
  }
  return std::make_unique<ComdirectSource>(connection.name, config_of(project, connection), std::move(accounts), since,
                                           std::move(services));
}

}  // namespace

Connector connector() {
  using enum WriteMode;
  Connector connector;
  connector.type = "comdirect";
  connector.summary = "accounts, balances, transactions, depots and documents of a comdirect customer";
  connector.settings = kSettings;
  connector.options = {"accounts", "since"};
  connector.resources = {
      {.name = "accounts", .write = Replace, .primary_key = {"account_id"}},
      {.name = "balances", .write = Merge, .primary_key = {"account_id", "day"}},
      {.name = "transactions",
       .write = Insert,
       .primary_key = {"account_id", "reference"},
       .cursor = "booking_date",
       .cursor_by = "account_id"},
      {.name = "pending", .write = Replace, .scope = {"account_id"}},
      {.name = "depots", .write = Merge, .primary_key = {"item_id"}},
      {.name = "positions", .write = Merge, .primary_key = {"parent_id", "item_id", "day"}},
      {.name = "depot_transactions", .write = Insert, .primary_key = {"parent_id", "item_id"}},
      {.name = "documents", .write = Merge, .primary_key = {"item_id"}},
      {.name = "reports", .write = Merge, .primary_key = {"item_id", "day"}},
  };
  connector.standard = {"accounts", "balances", "transactions", "pending"};
  connector.make = [](const config::Project& project, const config::Connection& connection, const Node& options,
                      Services services) {
    return std::unique_ptr<Source>(make_source(project, connection, options, std::move(services)));
  };
  connector.login = [](const config::Project& project, const config::Connection& connection, Services services) {
    auto source = make_source(project, connection, Node(), std::move(services));
    source->login();
    source->close();
  };
  connector.refresh = [](const config::Project& project, const config::Connection& connection, Services services) {
    return make_source(project, connection, Node(), std::move(services))->refresh();
  };
  return connector;
}

}  // namespace plumb::ingest::comdirect
