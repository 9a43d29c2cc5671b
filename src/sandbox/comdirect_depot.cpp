// The depot: its sums, its positions, and what was booked in and out.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/format.h"
#include "sandbox/comdirect_brokerage.h"
#include "sandbox/comdirect_wire.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

constexpr days kWindow{180};

// A position as it stands after the close of a trading day.
struct Position {
  Holding holding;
  Price price = 0;
  Price before = 0;  // a trading day earlier
  Cents value = 0;
  Cents value_before = 0;
};

struct Standing {
  Day today;
  Day before;
  std::vector<Position> positions;
  Cents value = 0;
  Cents value_before = 0;
  Cents paid = 0;
};

Standing standing_of(const Visit& visit) {
  const Depot& depot = visit.household.depot();
  Standing standing;
  standing.today = trading_day(visit.now, visit.household.books());
  standing.before = banking_day_until(standing.today - days(1));
  for (const Holding& holding : depot.holdings(visit.household.books().day_of(visit.now))) {
    Position position{.holding = holding,
                      .price = depot.price(*holding.instrument, standing.today),
                      .before = depot.price(*holding.instrument, standing.before)};
    position.value = Depot::value(*holding.instrument, holding.pieces, position.price);
    position.value_before = Depot::value(*holding.instrument, holding.pieces, position.before);
    standing.value += position.value;
    standing.value_before += position.value_before;
    standing.paid += holding.paid;
    standing.positions.push_back(position);
  }
  return standing;
}

std::string position_id(const Visit& visit, const Instrument& instrument) {
  return bank_id(visit.customer.options.seed, "position" + std::string(instrument.isin));
}

void write_depot(JsonWriter& json, const Visit& visit) {
  const Depot& depot = visit.household.depot();
  const Ledger& ledger = visit.household.ledger();
  json.begin_object();
  json.field("depotId", depot.id()).field("depotDisplayId", depot.display_id());
  json.field("clientId", visit.customer.client_id).field("depotType", "STANDARD_DEPOT");
  json.field("defaultSettlementAccountId", ledger.account(AccountName::Settlement).id);
  json.key("settlementAccountIds").begin_array();
  json.text(ledger.account(AccountName::Settlement).id).text(ledger.account(AccountName::Giro).id).end_array();
  json.field("targetMarket", "EXPERT_KNOWLEDGE");
  json.end_object();
}

void write_quote(JsonWriter& json, const Visit& visit, const Instrument& instrument, Price price, Day day) {
  json.begin_object().key("price");
  write_price(json, instrument, price);
  json.field("priceDateTime", bank_time(visit.household.books().at(day, 17, 35))).end_object();
}

void write_position(JsonWriter& json, const Visit& visit, const Standing& standing, const Position& position,
                    bool with_instrument) {
  const Instrument& instrument = *position.holding.instrument;
  const Holding& holding = position.holding;
  auto money = [&](const char* name, Cents cents) {
    json.key(name);
    write_money(json, cents, "EUR");
  };
  json.begin_object();
  json.field("depotId", visit.household.depot().id()).field("positionId", position_id(visit, instrument));
  json.field("wkn", instrument.wkn).field("custodyType", "001");
  json.key("quantity");
  write_pieces(json, instrument, holding.pieces);
  json.key("availableQuantity");
  write_pieces(json, instrument, holding.pieces);
  json.key("currentPrice");
  write_quote(json, visit, instrument, position.price, standing.today);
  json.key("purchasePrice");
  Price paid = scale(holding.paid, instrument.in_percent() ? 10'000'000 : 100'000, holding.pieces);
  write_price(json, instrument, paid / 100 * 100);
  json.key("prevDayPrice");
  write_quote(json, visit, instrument, position.before, standing.before);
  money("currentValue", position.value);
  money("purchaseValue", holding.paid);
  money("prevDayValue", position.value_before);
  money("profitLossPurchaseAbs", position.value - holding.paid);
  json.field("profitLossPurchaseRel", percent_text(position.value - holding.paid, holding.paid));
  json.key("profitLossPrevDayAbs");  // of one piece
  write_price(json, instrument, position.price - position.before);
  json.field("profitLossPrevDayRel", percent_text(position.price - position.before, position.before));
  money("profitLossPrevDayTotalAbs", position.value - position.value_before);
  json.key("instrument");
  if (with_instrument) {
    write_instrument(json, visit, instrument, {});
  } else {
    json.null();
  }
  json.key("version").null();
  json.field("hedgeability", "NOT_HEDGEABLE");
  json.key("availableQuantityToHedge");
  write_pieces(json, instrument, 0);
  json.field("currentPriceDeterminable", true);
  json.end_object();
}

// What a query on the depot's transactions means.
struct Filter {
  const Instrument* instrument = nullptr;
  bool nothing = false;  // a security that nobody knows
  bool booked = true;
  bool pending = true;
  Day from = {};
  Day until = {};
  std::optional<Cents> least = {};
  std::optional<Cents> most = {};
};

// "2026-01-31", or "-10d": so many days ago.
std::optional<Day> find_depot_date(std::string_view text, Day today) {
  if (text.size() > 2 && text.front() == '-' && text.back() == 'd') {
    int back = 0;
    auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 1, back);
    if (error != std::errc() || end != text.data() + text.size() - 1 || back > 100'000) return std::nullopt;
    return today - days(back);
  }
  std::optional<Date> date = find_date(text);
  return date ? std::optional(Day(*date)) : std::nullopt;
}

// An amount of the query, "1500" or "99.95", in cents.
std::optional<Cents> find_cents(std::string_view text) {
  std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  std::string fraction(point < text.size() ? text.substr(point + 1) : "");
  if (digits.empty() || digits.size() > 15 || fraction.size() > 2) return std::nullopt;
  digits += (fraction + "00").substr(0, 2);
  Cents cents = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), cents);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return cents;
}

std::optional<ServerResponse> refuse_value(const ServerRequest& request, std::string_view name) {
  return bad_query("requestparameter.invalid", "The value {1} of {0} is invalid", name, *request.find_query(name));
}

std::optional<ServerResponse> read_values(const ServerRequest& request, Day today, Filter& filter) {
  for (auto [name, day] : {std::pair("min-bookingDate", &filter.from), std::pair("max-bookingDate", &filter.until)}) {
    const std::string* text = request.find_query(name);
    if (!text) continue;
    std::optional<Day> found = find_depot_date(*text, today);
    if (!found) return refuse_value(request, name);
    *day = *found;
  }
  for (auto [name, cents] :
       {std::pair("min-transactionValue", &filter.least), std::pair("max-transactionValue", &filter.most)}) {
    const std::string* text = request.find_query(name);
    if (!text) continue;
    *cents = find_cents(*text);
    if (!*cents) return refuse_value(request, name);
  }
  return std::nullopt;
}

std::optional<ServerResponse> read_filter(const Visit& visit, Filter& filter) {
  const ServerRequest& request = visit.request;
  auto one_of = [&](std::string_view name, std::initializer_list<std::string_view> known) {
    const std::string* text = request.find_query(name);
    return !text || std::find(known.begin(), known.end(), *text) != known.end();
  };
  if (!one_of("bookingStatus", {"BOOKED", "NOTBOOKED", "BOTH"})) return refuse_value(request, "bookingStatus");
  if (!one_of("transactionDirection", {"IN", "OUT"})) return refuse_value(request, "transactionDirection");
  if (!one_of("transactionType", {"BUY", "SELL", "TRANSFER_IN", "TRANSFER_OUT", "OTHER"})) {
    return refuse_value(request, "transactionType");
  }
  for (const char* name : {"wkn", "isin", "instrumentId"}) {
    const std::string* text = request.find_query(name);
    if (!text) continue;
    filter.instrument = find_instrument(visit.customer.options.seed, *text);
    filter.nothing = filter.instrument == nullptr;
  }
  const std::string* status = request.find_query("bookingStatus");
  filter.booked = !status || *status != "NOTBOOKED";
  filter.pending = !status || *status != "BOOKED";
  Day today = visit.household.books().day_of(visit.now);
  filter.from = today - kWindow;
  filter.until = today;
  return read_values(request, today, filter);
}

bool passes(const Filter& filter, const ServerRequest& request, const Trade& trade, Day today) {
  if (filter.nothing || trade.business > today) return false;
  if (filter.instrument && trade.instrument != filter.instrument) return false;
  bool booked = trade.booking <= today;
  if (booked ? !filter.booked : !filter.pending) return false;
  // One that is not booked has no booking date, so the dates do not concern it.
  if (booked && (trade.booking < filter.from || trade.booking > filter.until)) return false;
  if (filter.least && trade.value < *filter.least) return false;
  if (filter.most && trade.value > *filter.most) return false;
  const std::string* direction = request.find_query("transactionDirection");
  if (direction && (*direction == "IN") != trade.incoming()) return false;
  const std::string* type = request.find_query("transactionType");
  return !type || *type == trade.kind;
}

void write_trade(JsonWriter& json, const Visit& visit, const Trade& trade, Day today, bool with_instrument) {
  const Instrument& instrument = *trade.instrument;
  bool booked = trade.booking <= today;
  json.begin_object();
  json.field("transactionId", trade.id).field("bookingStatus", booked ? "BOOKED" : "NOTBOOKED");
  json.key("bookingDate");
  write_text_or_null(json, booked ? format_date(Date(trade.booking)) : "");
  json.key("settlementDate");
  write_text_or_null(json, booked ? format_date(Date(trade.booking)) : "");
  json.field("businessDate", format_date(Date(trade.business)));
  json.key("quantity");
  write_pieces(json, instrument, trade.pieces);
  json.field("instrumentId", instrument_id(visit.customer.options.seed, instrument));
  json.key("instrument");
  if (with_instrument) {
    write_instrument(json, visit, instrument, {});
  } else {
    json.null();
  }
  json.key("executionPrice");
  write_price(json, instrument, trade.price);
  json.key("transactionValue");
  write_money(json, trade.value, "EUR");
  json.field("transactionDirection", trade.incoming() ? "IN" : "OUT").field("transactionType", trade.kind);
  json.key("fxRate").null();
  json.end_object();
}

}  // namespace

Cents depot_value(const Visit& visit) {
  return standing_of(visit).value;
}

void write_depot_aggregation(JsonWriter& json, const Visit& visit, bool with_depot) {
  Standing standing = standing_of(visit);
  auto money = [&](const char* name, Cents cents) {
    json.key(name);
    write_money(json, cents, "EUR");
  };
  json.key("depot");
  if (with_depot) {
    write_depot(json, visit);
  } else {
    json.null();
  }
  json.field("depotId", visit.household.depot().id());
  json.field("dateLastUpdate", format_date(Date(standing.today)));
  money("currentValue", standing.value);
  money("purchaseValue", standing.paid);
  money("prevDayValue", standing.value_before);
  money("profitLossPurchaseAbs", standing.value - standing.paid);
  json.field("profitLossPurchaseRel", percent_text(standing.value - standing.paid, standing.paid));
  money("profitLossPrevDayAbs", standing.value - standing.value_before);
  json.field("profitLossPrevDayRel", percent_text(standing.value - standing.value_before, standing.value_before));
}

ServerResponse list_depots(const Visit& visit) {
  JsonWriter json;
  json.begin_object();
  write_paging(json, 0, 1);
  json.key("values").begin_array();
  write_depot(json, visit);
  json.end_array().end_object();
  return bank_list(json.take(), 1);
}

ServerResponse list_positions(const Visit& visit, std::string_view depot) {
  if (depot != visit.household.depot().id()) return bare_answer(404);
  Standing standing = standing_of(visit);
  if (const std::string* wanted = visit.request.find_query("instrumentId")) {
    const Instrument* instrument = find_instrument(visit.customer.options.seed, *wanted);
    std::erase_if(standing.positions, [&](const Position& each) { return each.holding.instrument != instrument; });
  }
  auto matches = static_cast<std::int64_t>(standing.positions.size());
  JsonWriter json;
  json.begin_object();
  write_paging(json, 0, matches);
  json.key("aggregated").begin_object();
  write_depot_aggregation(json, visit, !names(visit.request, "without-attr", "depot"));
  json.end_object();
  json.key("values").begin_array();
  if (!names(visit.request, "without-attr", "positions")) {
    bool with_instrument = names(visit.request, "with-attr", "instrument");
    for (const Position& position : standing.positions) {
      write_position(json, visit, standing, position, with_instrument);
    }
  }
  json.end_array().end_object();
  return bank_list(json.take(), matches);
}

ServerResponse show_position(const Visit& visit, std::string_view depot, std::string_view id) {
  if (depot != visit.household.depot().id()) return bare_answer(404);
  Standing standing = standing_of(visit);
  for (const Position& position : standing.positions) {
    if (position_id(visit, *position.holding.instrument) != id) continue;
    JsonWriter json;
    write_position(json, visit, standing, position, names(visit.request, "with-attr", "instrument"));
    return bank_answer(json.take());
  }
  return bare_answer(404);
}

ServerResponse list_depot_transactions(const Visit& visit, std::string_view depot) {
  if (depot != visit.household.depot().id()) return bare_answer(404);
  Filter filter;
  if (auto refusal = read_filter(visit, filter)) return std::move(*refusal);
  Page page{.first = 0, .count = 500};
  if (auto refusal = read_page(visit.request, 500, page)) return std::move(*refusal);
  Day today = visit.household.books().day_of(visit.now);
  std::vector<const Trade*> found;
  const auto& trades = visit.household.depot().trades();
  for (auto trade = trades.rbegin(); trade != trades.rend(); ++trade) {
    if (passes(filter, visit.request, *trade, today)) found.push_back(&*trade);
  }
  auto matches = static_cast<std::int64_t>(found.size());
  bool with_instrument = !names(visit.request, "without-attr", "instrument");
  JsonWriter json;
  json.begin_object();
  write_paging(json, page.first, matches);
  json.key("values").begin_array();
  for (std::int64_t i = page.first; i < std::min(matches, page.first + page.count); ++i) {
    write_trade(json, visit, *found[static_cast<std::size_t>(i)], today, with_instrument);
  }
  json.end_array().end_object();
  return bank_list(json.take(), matches);
}

}  // namespace plumb::sandbox
