// Instruments, where they are traded, and the order book.
#include <algorithm>
#include <array>
#include <vector>

#include "base/format.h"
#include "sandbox/comdirect_brokerage.h"
#include "sandbox/comdirect_wire.h"

namespace plumb::sandbox {
namespace {

struct Venue {
  std::string_view name;
  std::string_view type;  // EXCHANGE, OFF or FUND
  bool funds;             // trades funds as well
};

constexpr std::array kVenues{Venue{"Xetra", "EXCHANGE", false}, Venue{"Tradegate", "EXCHANGE", true},
                             Venue{"LiveTrading Baader", "OFF", true}, Venue{"Fondsgesellschaft", "FUND", true}};
constexpr std::array<std::string_view, 5> kOrderTypes{"MARKET", "LIMIT", "STOP_MARKET", "STOP_LIMIT",
                                                      "ONE_CANCELS_OTHER"};

std::string venue_id(const Visit& visit, const Venue& venue) {
  return bank_id(visit.customer.options.seed, "venue" + std::string(venue.name));
}

// A filter of the query that is absent fits everything.
bool fits(const ServerRequest& request, std::string_view name, std::string_view value) {
  const std::string* wanted = request.find_query(name);
  return !wanted || *wanted == value;
}

bool trades(const Venue& venue, const Instrument& instrument) {
  return instrument.type == "FUND" ? venue.funds : venue.type != "FUND";
}

void write_order_types(JsonWriter& json, const ServerRequest& request, const Venue& venue) {
  json.key("orderTypes").begin_object();
  for (std::string_view type : kOrderTypes) {
    if (!fits(request, "orderType", type) || (venue.type == "FUND" && type != "MARKET")) continue;
    json.key(type).begin_object();
    json.key("limitExtensions").begin_array();
    if (venue.name == "Xetra" && type == "LIMIT") json.text("FOK").text("IOC");
    json.end_array();
    json.key("tradingRestrictions").begin_array();
    if (venue.name == "Xetra") json.text("OAO").text("AO").text("CAO");
    json.end_array().end_object();
  }
  json.end_object();
}

void write_venue(JsonWriter& json, const Visit& visit, const Venue& venue, const Instrument& instrument) {
  json.begin_object();
  json.field("name", venue.name).field("venueId", venue_id(visit, venue));
  json.field("country", "DE").field("type", venue.type);
  json.key("currencies").begin_array().text("EUR").end_array();
  json.key("notations").begin_array().text(instrument.in_percent() ? "XXC" : "XXX").end_array();
  json.key("sides").begin_array();
  for (const char* side : {"BUY", "SELL"}) {
    if (fits(visit.request, "side", side)) json.text(side);
  }
  json.end_array();
  json.key("validityTypes").begin_array().text("GFD");
  if (venue.type != "FUND") json.text("GTD");
  json.end_array();
  write_order_types(json, visit.request, venue);
  json.end_object();
}

// `{"venues":[…],"sellableAmounts":null}`
void write_dimensions(JsonWriter& json, const Visit& visit, const Instrument& instrument) {
  json.begin_object();
  json.key("venues").begin_array();
  for (const Venue& venue : kVenues) {
    if (!trades(venue, instrument) || !fits(visit.request, "type", venue.type) ||
        !fits(visit.request, "venueId", venue_id(visit, venue)) || !fits(visit.request, "country", "DE")) {
      continue;
    }
    write_venue(json, visit, venue, instrument);
  }
  json.end_array();
  json.key("sellableAmounts").null();
  json.end_object();
}

void write_static_data(JsonWriter& json, const Instrument& instrument) {
  bool fund = instrument.type == "FUND" || instrument.type == "ETF";
  json.begin_object();
  json.field("notation", instrument.in_percent() ? "XXC" : "XXX").field("currency", "EUR");
  json.field("instrumentType", instrument.type);
  json.field("priipsRelevant", fund || instrument.type == "CERTIFICATE").field("kidAvailable", fund);
  json.field("shippingWaiverRequired", instrument.type == "FUND");
  json.field("fundRedemptionLimited", instrument.wkn == "980701");
  json.field("savingsPlanEligibility", fund ? "ELIGIBLE" : "NOT_ELIGIBLE");
  json.end_object();
}

void write_fund_distribution(JsonWriter& json, const Instrument& instrument) {
  json.begin_object();
  json.field("currency", "EUR").field("regularIssueSurcharge", instrument.type == "FUND" ? "5.0" : "0");
  json.field("discountIssueSurcharge", "50.0").field("reducedIssueSurcharge", instrument.type == "FUND" ? "2.5" : "0");
  json.field("investmentCategory", instrument.type == "FUND" ? "Immobilienfonds" : "Aktienfonds");
  json.field("totalExpenseRatio", instrument.type == "FUND" ? "0.93" : "0.22");
  json.key("rating").begin_object().field("morningstar", "4").key("moodys").null().end_object();
  json.end_object();
}

void write_derivative_data(JsonWriter& json, const Visit& visit, const Instrument& instrument) {
  json.begin_object();
  json.key("underlyingInstrument").null();
  json.key("underlyingPrice").begin_object().key("price");
  Price price = visit.household.depot().price(instrument, trading_day(visit.now, visit.household.books()));
  write_amount(json, decimal_text(price * 100, 4), "XXP");
  json.key("priceDateTime").null().end_object();
  json.field("certificateType", "Index").key("rating").null().key("strikePrice").null();
  json.key("leverage").null().field("multiplier", "0.01").key("expiryDate").null().key("yieldPA").null();
  json.key("remainingTermInYears").null().key("nominalRate").null().key("warrantType").null();
  json.key("maturityDate").null().key("interestPaymentDate").null().key("interestPaymentInterval").null();
  json.end_object();
}

void write_execution(JsonWriter& json, const Visit& visit, const Order& order) {
  json.begin_object();
  json.field("executionId", bank_id(visit.customer.options.seed, "execution" + order.id)).field("executionNumber", 1);
  json.key("executedQuantity");
  write_pieces(json, *order.instrument, order.pieces);
  json.key("executionPrice");
  write_price(json, *order.instrument, order.executed_at);
  json.field("executionTimestamp", bank_timestamp(order.created + std::chrono::microseconds(3'417'295)));
  json.end_object();
}

// How many pieces of an order are open, cancelled and executed: one of the three has all of them.
void write_quantities(JsonWriter& json, const Order& order, std::string_view status) {
  auto pieces = [&](const char* name, bool all) {
    json.key(name);
    write_pieces(json, *order.instrument, all ? order.pieces : 0);
  };
  pieces("quantity", true);
  pieces("openQuantity", status == "OPEN");
  pieces("cancelledQuantity", status == "CANCELLED_USER" || status == "EXPIRED");
  pieces("executedQuantity", status == "EXECUTED");
}

void write_order(JsonWriter& json, const Visit& visit, const Order& order) {
  std::string_view status = order.status(visit.household.books().day_of(visit.now));
  const Instrument& instrument = *order.instrument;
  json.begin_object();
  json.field("depotId", visit.household.depot().id());
  json.field("settlementAccountId", visit.household.ledger().account(AccountName::Settlement).id);
  json.field("orderId", order.id).field("creationTimestamp", bank_timestamp(order.created));
  json.field("legNumber", 1).field("bestEx", false).field("orderType", order.limit ? "LIMIT" : "MARKET");
  json.field("orderStatus", status).key("subOrders").null().field("side", order.buys ? "BUY" : "SELL");
  json.field("instrumentId", instrument_id(visit.customer.options.seed, instrument));
  if (names(visit.request, "with-attr", "instrument")) {
    json.key("instrument");
    write_instrument(json, visit, instrument, {});
  }
  json.key("quoteTicketId").null().key("quoteId").null().field("venueId", venue_id(visit, kVenues[0]));
  write_quantities(json, order, status);
  json.key("limitExtension").null().key("tradingRestriction").null();
  json.key("limit");
  if (order.limit) {
    write_price(json, instrument, *order.limit);
  } else {
    json.null();
  }
  json.key("triggerLimit").null().key("trailingLimitDistAbs").null().key("trailingLimitDistRel").null();
  json.field("validityType", order.valid_until ? "GTD" : "GFD").key("validity");
  write_text_or_null(json, order.valid_until ? format_date(Date(*order.valid_until)) : "");
  json.key("expectedValue");
  if (order.limit) {
    write_money(json, Depot::value(instrument, order.pieces, *order.limit), "EUR");
  } else {
    json.null();
  }
  json.key("executions").begin_array();
  if (status == "EXECUTED" && !names(visit.request, "without-attr", "executions")) write_execution(json, visit, order);
  json.end_array().end_object();
}

bool passes(const Visit& visit, const Order& order) {
  const ServerRequest& request = visit.request;
  Day today = visit.household.books().day_of(visit.now);
  if (order.created > visit.now || !fits(request, "orderStatus", order.status(today))) return false;
  if (!fits(request, "venueId", venue_id(visit, kVenues[0])) || !fits(request, "side", order.buys ? "BUY" : "SELL") ||
      !fits(request, "orderType", order.limit ? "LIMIT" : "MARKET") || !fits(request, "isin", order.instrument->isin) ||
      !fits(request, "wkn", order.instrument->wkn)) {
    return false;
  }
  const std::string* wanted = request.find_query("instrumentId");
  if (wanted && find_instrument(visit.customer.options.seed, *wanted) != order.instrument) return false;
  // "2026-04-11T18:37:11,55", in UTC.
  const std::string* least = request.find_query("min-creationTimeStamp");
  const std::string* most = request.find_query("max-creationTimeStamp");
  auto from = least ? find_instant(*least) : std::nullopt;
  auto until = most ? find_instant(*most) : std::nullopt;
  return (!from || order.created >= *from) && (!until || order.created <= *until);
}

}  // namespace

void write_pieces(JsonWriter& json, const Instrument& instrument, Pieces pieces) {
  write_amount(json, decimal_text(pieces, 3), instrument.in_percent() ? "EUR" : "XXX");
}

void write_price(JsonWriter& json, const Instrument& instrument, Price price) {
  write_amount(json, decimal_text(price, 4), instrument.in_percent() ? "XXC" : "EUR");
}

void write_instrument(JsonWriter& json, const Visit& visit, const Instrument& instrument, InstrumentParts parts) {
  json.begin_object();
  json.field("instrumentId", instrument_id(visit.customer.options.seed, instrument));
  json.field("wkn", instrument.wkn).field("isin", instrument.isin).key("mnemonic");
  write_text_or_null(json, instrument.mnemonic);
  json.field("name", instrument.name).field("shortName", instrument.short_name).field("issuer", instrument.issuer);
  json.key("staticData");
  if (parts.static_data) {
    write_static_data(json, instrument);
  } else {
    json.null();
  }
  json.key("orderDimensions");
  if (parts.order_dimensions) {
    write_dimensions(json, visit, instrument);
  } else {
    json.null();
  }
  json.key("fundsDistribution");
  if (parts.fund_distribution && (instrument.type == "FUND" || instrument.type == "ETF")) {
    write_fund_distribution(json, instrument);
  } else {
    json.null();
  }
  json.key("derivativeData");
  if (parts.derivative_data && instrument.type == "CERTIFICATE") {
    write_derivative_data(json, visit, instrument);
  } else {
    json.null();
  }
  json.end_object();
}

ServerResponse show_instrument(const Visit& visit, std::string_view name) {
  const Instrument* instrument = find_instrument(visit.customer.options.seed, name);
  if (!instrument) return bare_answer(404);
  auto with = [&](std::string_view part) { return names(visit.request, "with-attr", part); };
  JsonWriter json;
  json.begin_object();
  write_paging(json, 0, 1);
  json.key("values").begin_array();
  write_instrument(json, visit, *instrument,
                   {.static_data = !names(visit.request, "without-attr", "staticData"),
                    .order_dimensions = with("orderDimensions"),
                    .fund_distribution = with("fundDistribution"),
                    .derivative_data = with("derivativeData")});
  json.end_array().end_object();
  return bank_list(json.take(), 1);
}

ServerResponse list_dimensions(const Visit& visit) {
  const Instrument* instrument = nullptr;
  for (const char* parameter : {"instrumentId", "wkn", "isin", "mnemonic"}) {
    const std::string* name = visit.request.find_query(parameter);
    if (!name) continue;
    instrument = find_instrument(visit.customer.options.seed, *name);
    if (!instrument) return bad_query("instrument.unbekannt", "Das Wertpapier {1} ist unbekannt", parameter, *name);
  }
  if (!instrument) return bad_query("instrument.fehlt", "Ein Wertpapier ist anzugeben", "instrumentId", "");
  JsonWriter json;
  json.begin_object();
  write_paging(json, 0, 1);
  json.key("values").begin_array();
  write_dimensions(json, visit, *instrument);
  json.end_array().end_object();
  ServerResponse response = bank_list(json.take(), 1);
  if (instrument->type == "FUND" || instrument->type == "ETF") {
    add_response_info(response, {.severity = "INFO",
                                 .key = "hinweis_basisinformationsblatt_vorhanden",
                                 .text = "Hinweis: Das Basisinformationsblatt ist vorhanden."});
  }
  return response;
}

ServerResponse list_orders(const Visit& visit, std::string_view depot) {
  if (depot != visit.household.depot().id()) return bare_answer(404);
  const auto& orders = visit.household.depot().orders();
  std::vector<const Order*> found;
  for (auto order = orders.rbegin(); order != orders.rend(); ++order) {
    if (passes(visit, *order)) found.push_back(&*order);
  }
  auto matches = static_cast<std::int64_t>(found.size());
  JsonWriter json;
  json.begin_object();
  write_paging(json, 0, matches);
  json.key("values").begin_array();
  for (const Order* order : found) write_order(json, visit, *order);
  json.end_array().end_object();
  ServerResponse response = bank_list(json.take(), matches);
  if (found.empty()) {
    add_response_info(response, {.severity = "WARN",
                                 .key = "hinweis-keine-zeichnungsprozesse-vorhanden",
                                 .text = "Es sind keine Zeichnungsprozesse vorhanden."});
  }
  return response;
}

ServerResponse show_order(const Visit& visit, std::string_view id) {
  for (const Order& order : visit.household.depot().orders()) {
    if (order.id != id || order.created > visit.now) continue;
    JsonWriter json;
    write_order(json, visit, order);
    return bank_answer(json.take());
  }
  return bare_answer(404);
}

}  // namespace plumb::sandbox
