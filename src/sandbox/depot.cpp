#include "sandbox/depot.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "sandbox/household.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

constexpr std::array kInstruments{
    Instrument{"A1JX52", "IE00B3RBWM25", "VGWL", "Vanguard FTSE All-World UCITS ETF", "VANG.FTSE A.-WO.U.ETF DL",
               "Vanguard Group (Ireland) Ltd.", "ETF", 1312400, 110, 72},
    Instrument{"716460", "DE0007164600", "SAP", "SAP SE Inhaber-Aktien o.N.", "SAP SE O.N.", "SAP SE", "SHARE", 2381500,
               190, 60},
    Instrument{"840400", "DE0008404005", "ALV", "Allianz SE vink.Namens-Aktien o.N.", "ALLIANZ SE NA O.N.",
               "Allianz SE", "SHARE", 2962000, 120, 48},
    Instrument{"BU2Z00", "DE000BU2Z007", "", "Bundesrepublik Deutschland Anl.v.2023 (2033)", "BUNDANL.V.23/33",
               "Bundesrepublik Deutschland", "BONDS", 998700, 35, 4},
    Instrument{"980701", "DE0009807016", "", "hausInvest Inhaber-Anteile", "HAUSINVEST",
               "Commerz Real Investmentgesellschaft mbH", "FUND", 436800, 12, 14},
    Instrument{"DB2KFX", "DE000DB2KFX9", "", "Index-Zertifikat auf DAX", "IND.ZERT DAX", "Beispielbank AG",
               "CERTIFICATE", 1990500, 150, 55},
};
constexpr const Instrument& kWorld = kInstruments[0];
constexpr const Instrument& kSoftware = kInstruments[1];
constexpr const Instrument& kInsurer = kInstruments[2];
constexpr const Instrument& kBond = kInstruments[3];
constexpr const Instrument& kHouses = kInstruments[4];

// What is left of a payment after the tax on capital and its surcharge: 73.625 %.
Cents after_tax(Cents gross) {
  return scale(gross, 73625, 100000);
}

// "2,113": a number of pieces as German paper has it.
std::string german_pieces(Pieces pieces) {
  std::string text = decimal_text(pieces, 3);
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

bool is_first_banking_day_from(Day day, unsigned day_of_month) {
  Date date(day);
  return day == banking_day_from(Day(date.year() / date.month() / std::chrono::day(day_of_month)));
}

}  // namespace

std::span<const Instrument> instruments() {
  return kInstruments;
}

std::string instrument_id(std::uint64_t seed, const Instrument& instrument) {
  return bank_id(seed, std::string("instrument") + std::string(instrument.isin));
}

const Instrument* find_instrument(std::uint64_t seed, std::string_view name) {
  if (name.empty()) return nullptr;
  for (const Instrument& each : kInstruments) {
    if (name == each.wkn || name == each.isin || name == each.mnemonic || name == instrument_id(seed, each)) {
      return &each;
    }
  }
  return nullptr;
}

std::string_view Order::status(Day today) const {
  if (!limit) return "EXECUTED";
  if (cancelled && *cancelled <= today) return "CANCELLED_USER";
  return valid_until && *valid_until < today ? "EXPIRED" : "OPEN";
}

Depot::Depot(std::uint64_t seed)
    : seed_(seed), id_(bank_id(seed, "depot")), display_id_("4" + Dice(seed, "depot").text(6, "0123456789")) {}

Price Depot::price(const Instrument& instrument, Day day) const {
  std::int64_t at = number_of(banking_day_until(day));
  std::int64_t since = at - number_of(Day(std::chrono::year(2025) / 1 / 1));
  std::int64_t mood = (wander(seed_, instrument.isin, at, 45) * 7 + wander(seed_, instrument.wkn, at, 9) * 2 +
                       wander(seed_, instrument.name, at, 2)) /
                      10;
  Price price = instrument.base + scale(instrument.base, since * instrument.growth, 365'000) +
                scale(instrument.base, instrument.swing * mood, 1'000'000);
  return price / 100 * 100;
}

Cents Depot::value(const Instrument& instrument, Pieces pieces, Price price) {
  return scale(pieces, price, instrument.in_percent() ? 10'000'000 : 100'000);
}

std::vector<Holding> Depot::holdings(Day day) const {
  std::vector<Holding> result;
  for (const Trade& trade : trades_) {
    if (trade.business > day) continue;
    auto same = [&](const Holding& each) { return each.instrument == trade.instrument; };
    auto holding = std::find_if(result.begin(), result.end(), same);
    if (holding == result.end()) holding = result.insert(result.end(), {.instrument = trade.instrument});
    if (trade.incoming()) {
      holding->pieces += trade.pieces;
      holding->paid += trade.value;
    } else {
      holding->paid -= scale(holding->paid, trade.pieces, holding->pieces);
      holding->pieces -= trade.pieces;
    }
  }
  std::erase_if(result, [](const Holding& each) { return each.pieces == 0; });
  return result;
}

void Depot::trade(Day day, const Instrument& instrument, std::string_view kind, Pieces pieces, Books& books) {
  Price at = price(instrument, day);
  auto number = static_cast<std::int64_t>(trades_.size());
  Trade trade{bank_id(seed_, "trade", number), &instrument, kind, day,
              banking_days_after(day, 2),      pieces,      at,   value(instrument, pieces, at)};
  trades_.push_back(trade);
  if (kind == "TRANSFER_IN") return;
  bool buys = kind == "BUY";
  Cents fee = std::max<Cents>(scale(trade.value, 15, 1000), 150);
  std::string name(instrument.short_name);
  books.enter(AccountName::Settlement, trade.booking, "SECURITIES",
              {format("{} {} STK", buys ? "KAUF" : "VERKAUF", german_pieces(pieces)),
               format("{} WKN {}", name, instrument.wkn), format("Geschäftstag {}", german_date(Date(day)))},
              buys ? -trade.value - fee : trade.value - fee);
}

void Depot::pay_out(Day day, const Instrument& instrument, Price a_piece, std::string_view what, Books& books) {
  for (const Holding& holding : holdings(day)) {
    if (holding.instrument != &instrument) continue;
    Cents gross = value(instrument, holding.pieces, a_piece);
    books.enter(AccountName::Settlement, day, "INTEREST_DIVIDENDS",
                {std::string(what), format("{} WKN {}", instrument.short_name, instrument.wkn),
                 format("Bestand {}", german_pieces(holding.pieces)), "Kapitalertragsteuer abgezogen"},
                after_tax(gross));
  }
}

void Depot::place_orders(Day day, Books& books) {
  auto number = static_cast<std::int64_t>(orders_.size());
  unsigned month = static_cast<unsigned>(Date(day).month());
  Order order{.id = bank_id(seed_, "order", number), .created = books.at(day, 9, 41, 7)};
  if (month % 3 == 2 && is_first_banking_day_from(day, 15)) {
    // Bought in spring and autumn, sold in summer and winter: executed at once.
    order.instrument = month % 2 == 0 ? &kSoftware : &kInsurer;
    order.buys = month != 8;
    order.pieces = 1000;
    order.executed_at = price(*order.instrument, day);
    orders_.push_back(order);
    trade(day, *order.instrument, order.buys ? "BUY" : "SELL", order.pieces, books);
  } else if (month % 3 == 0 && is_first_banking_day_from(day, 1)) {
    // A tenth below the market: it waits four weeks and expires, or is given up in June.
    order.instrument = &kInsurer;
    order.pieces = 2000;
    order.limit = price(kInsurer, day) / 10 * 9 / 100 * 100;
    order.valid_until = day + days(28);
    if (month == 6) order.cancelled = day + days(9);
    orders_.push_back(order);
  }
}

void Depot::live(Day day, Day opened, Books& books) {
  if (day == banking_day_from(opened)) {
    trade(day, kSoftware, "TRANSFER_IN", 20'000, books);
    trade(day, kInsurer, "TRANSFER_IN", 8'000, books);
    trade(day, kHouses, "TRANSFER_IN", 60'000, books);
    trade(day, kBond, "TRANSFER_IN", 5'000'000, books);
  }
  if (!is_banking_day(day)) return;
  Date date(day);
  unsigned month = static_cast<unsigned>(date.month());
  // The savings plan: as many pieces as 300 euros buy.
  if (is_first_banking_day_from(day, 7)) trade(day, kWorld, "BUY", scale(30'000, 100'000, price(kWorld, day)), books);
  place_orders(day, books);
  if (month % 3 == 0 && is_first_banking_day_from(day, 24)) pay_out(day, kWorld, 4'500, "FONDSAUSSCHÜTTUNG", books);
  if (month == 5 && is_first_banking_day_from(day, 16)) pay_out(day, kSoftware, 23'500, "DIVIDENDE", books);
  if (month == 5 && is_first_banking_day_from(day, 12)) pay_out(day, kInsurer, 154'000, "DIVIDENDE", books);
  if (month == 2 && is_first_banking_day_from(day, 15)) pay_out(day, kBond, 23'000, "ZINSGUTSCHRIFT", books);
}

Day trading_day(Instant now, const Books& books) {
  Day today = books.day_of(now);
  if (now < books.at(today, 17, 35)) today -= days(1);
  return banking_day_until(today);
}

}  // namespace plumb::sandbox
