// The household's securities: instruments with their prices, trades, orders, and what is held at any moment.
//
// Prices follow from seed, instrument and day, by whole-number arithmetic; a day's price stands once the exchange has
// closed. Everything else follows from the trades: the sum of them is the position, and each has left its money's trace
// on the settlement account.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/books.h"

namespace plumb::sandbox {

using Price = std::int64_t;   // ten-thousandths of a euro, or of a percent
using Pieces = std::int64_t;  // thousandths of a piece, or of a euro of face value

struct Instrument {
  std::string_view wkn;
  std::string_view isin;
  std::string_view mnemonic;  // empty: has none
  std::string_view name;
  std::string_view short_name;
  std::string_view issuer;
  std::string_view type;  // "ETF", "SHARE", "BONDS", "FUND", "CERTIFICATE"
  Price base;             // at the beginning of 2025
  int swing;              // per mille, up and down
  int growth;             // per mille a year

  bool in_percent() const { return type == "BONDS"; }
};
std::span<const Instrument> instruments();
// By WKN, ISIN, symbol or the bank's identifier.
const Instrument* find_instrument(std::uint64_t seed, std::string_view name);
std::string instrument_id(std::uint64_t seed, const Instrument& instrument);

struct Trade {
  std::string id;
  const Instrument* instrument = nullptr;
  std::string_view kind;  // "BUY", "SELL", "TRANSFER_IN"
  Day business = {};
  Day booking = {};  // before that day it is not booked
  Pieces pieces = 0;
  Price price = 0;
  Cents value = 0;

  bool incoming() const { return kind != "SELL"; }
};

struct Order {
  std::string id;
  const Instrument* instrument = nullptr;
  bool buys = true;
  Instant created = {};
  Pieces pieces = 0;
  std::optional<Price> limit = {};  // empty: at the market
  Price executed_at = 0;            // of an executed one
  std::optional<Day> cancelled = {};
  std::optional<Day> valid_until = {};  // after which an order with a limit expires

  // "OPEN", "EXECUTED", "CANCELLED_USER" or "EXPIRED".
  std::string_view status(Day today) const;
};

struct Holding {
  const Instrument* instrument = nullptr;
  Pieces pieces = 0;
  Cents paid = 0;  // for what is still held
};

class Depot {
 public:
  explicit Depot(std::uint64_t seed);

  void live(Day day, Day opened, Books& books);

  const std::string& id() const { return id_; }
  const std::string& display_id() const { return display_id_; }
  const std::vector<Trade>& trades() const { return trades_; }
  const std::vector<Order>& orders() const { return orders_; }
  // What is held at the end of that day.
  std::vector<Holding> holdings(Day day) const;

  Price price(const Instrument& instrument, Day day) const;
  static Cents value(const Instrument& instrument, Pieces pieces, Price price);

 private:
  void trade(Day day, const Instrument& instrument, std::string_view kind, Pieces pieces, Books& books);
  void pay_out(Day day, const Instrument& instrument, Price a_piece, std::string_view what, Books& books);
  void place_orders(Day day, Books& books);

  std::uint64_t seed_;
  std::string id_;
  std::string display_id_;
  std::vector<Trade> trades_;
  std::vector<Order> orders_;
};

// The last day whose prices stand at this moment: the exchange closes at 17:35.
Day trading_day(Instant now, const Books& books);

}  // namespace plumb::sandbox
