// All products at once: accounts, the credit card, the depot.
#include <algorithm>
#include <array>
#include <string>

#include "base/format.h"
#include "sandbox/books.h"
#include "sandbox/comdirect_banking.h"
#include "sandbox/comdirect_brokerage.h"
#include "sandbox/comdirect_wire.h"

namespace plumb::sandbox {
namespace {

constexpr std::array<std::string_view, 5> kTypes{"ACCOUNT", "CARD", "DEPOT", "LOAN", "SAVINGS"};
constexpr Cents kCardLimit = 250'000;

std::string card_id(const Visit& visit) {
  return bank_id(visit.customer.options.seed, "visa");
}

void write_card(JsonWriter& json, const Visit& visit) {
  std::string suffix = Dice(visit.customer.options.seed, "visa").text(4, "0123456789");
  json.begin_object();
  json.field("cardId", card_id(visit)).field("clientId", visit.customer.client_id);
  json.field("participantId", bank_id(visit.customer.options.seed, "participant"));
  json.key("cardType");
  write_enum(json, "VISA_CREDIT", "Visa-Karte (Kreditkarte)");
  json.field("holderName", "KATHARINA GROESSL");
  json.field("settlementAccountId", visit.household.ledger().account(AccountName::Giro).id);
  json.field("cardDisplayId", "XXXX XXXX XXXX " + suffix).field("cardValidity", "09/29");
  json.key("cardImage").begin_object().field("visaCardImageId", "17").field("imageDescription", "Standard");
  json.field("imageBaseFilename", "visa_standard").end_object();
  json.field("primaryAccountNumberSuffix", suffix);
  json.key("cardLimit");
  write_amount(json, std::to_string(kCardLimit / 100), "EUR");
  json.field("status", "ACTIVE").end_object();
}

void write_card_balance(JsonWriter& json, const Visit& visit, bool with_data) {
  Cents debt = visit.household.card_debt(visit.now);
  json.begin_object().field("cardId", card_id(visit)).key("card");
  if (with_data) {
    write_card(json, visit);
  } else {
    json.null();
  }
  json.key("balance");
  write_money(json, -debt, "EUR");
  json.key("availableCashAmount");
  write_money(json, kCardLimit - debt, "EUR");
  json.end_object();
}

// The products that the query asks for, each written once, and their sums.
class Report {
 public:
  explicit Report(const Visit& visit)
      : visit_(visit), with_data_(!names(visit.request, "without-attr", "balance.staticdata")) {
    json_.begin_array();
    const std::string* connection = visit.request.find_query("clientConnectionType");
    const std::string* target = visit.request.find_query("targetClientId");
    bool ours = (!connection || *connection == "CURRENT_CLIENT") &&
                (!target || names(visit.request, "targetClientId", visit.customer.client_id));
    if (ours && wants("ACCOUNT")) add_accounts();
    if (ours && wants("CARD")) add_card();
    if (ours && wants("DEPOT")) add_depot();
    json_.end_array();
  }

  ServerResponse answer() {
    JsonWriter json;
    json.begin_object();
    write_paging(json, 0, count_);
    json.key("aggregated").begin_object().key("balanceEUR");
    write_money(json, balance_, "EUR");
    json.key("availableCashAmountEUR");
    write_money(json, cash_, "EUR");
    json.end_object();
    json.key("values").raw(json_.str()).end_object();
    return bank_list(json.take(), count_);
  }

 private:
  bool wants(std::string_view type) const {
    return !visit_.request.find_query("productType") || names(visit_.request, "productType", type);
  }

  void begin(const std::string& id, std::string_view type) {
    ++count_;
    json_.begin_object().field("productId", id).field("productType", type);
    json_.field("targetClientId", visit_.customer.client_id).field("clientConnectionType", "CURRENT_CLIENT");
    json_.key("balance");
  }

  void add_accounts() {
    for (const Account& account : visit_.household.ledger().accounts()) {
      begin(account.id, "ACCOUNT");
      json_.begin_object();
      write_balance(json_, visit_, account, with_data_);
      json_.end_object().end_object();
      balance_ += balance_in_euros(visit_, account, visit_.household.ledger().balance(account.name, visit_.now));
      cash_ += balance_in_euros(visit_, account, available(visit_, account));
    }
  }

  void add_card() {
    begin(card_id(visit_), "CARD");
    write_card_balance(json_, visit_, with_data_);
    json_.end_object();
    balance_ -= visit_.household.card_debt(visit_.now);
    cash_ += kCardLimit - visit_.household.card_debt(visit_.now);
  }

  void add_depot() {
    begin(visit_.household.depot().id(), "DEPOT");
    json_.begin_object();
    write_depot_aggregation(json_, visit_, with_data_);
    json_.end_object().end_object();
    balance_ += depot_value(visit_);
  }

  const Visit& visit_;
  bool with_data_;
  JsonWriter json_;
  std::int64_t count_ = 0;
  Cents balance_ = 0;
  Cents cash_ = 0;
};

}  // namespace

ServerResponse list_all_balances(const Visit& visit) {
  const std::string* connection = visit.request.find_query("clientConnectionType");
  if (connection && *connection != "CURRENT_CLIENT" && *connection != "OTHER_COMDIRECT") {
    return bad_query("requestparameter.invalid", "The value {1} of {0} is invalid", "clientConnectionType",
                     *connection);
  }
  if (const std::string* types = visit.request.find_query("productType")) {
    bool any = std::any_of(kTypes.begin(), kTypes.end(),
                           [&](std::string_view type) { return names(visit.request, "productType", type); });
    if (!any) return bad_query("requestparameter.invalid", "The value {1} of {0} is invalid", "productType", *types);
  }
  return Report(visit).answer();
}

}  // namespace plumb::sandbox
