// The bank's counter for securities: depot, positions, instruments, order book. Reading only: the calls that place,
// change or delete an order are not offered.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/comdirect_banking.h"
#include "sandbox/depot.h"

namespace plumb::sandbox {

// GET /brokerage/clients/user/v3/depots
ServerResponse list_depots(const Visit& visit);
// GET /brokerage/v3/depots/{id}/positions and …/positions/{id}
ServerResponse list_positions(const Visit& visit, std::string_view depot);
ServerResponse show_position(const Visit& visit, std::string_view depot, std::string_view position);
// GET /brokerage/v3/depots/{id}/transactions
ServerResponse list_depot_transactions(const Visit& visit, std::string_view depot);
// GET /brokerage/v1/instruments/{wkn, isin, symbol or id}
ServerResponse show_instrument(const Visit& visit, std::string_view name);
// GET /brokerage/v3/orders/dimensions
ServerResponse list_dimensions(const Visit& visit);
// GET /brokerage/depots/{id}/v3/orders and /brokerage/v3/orders/{id}
ServerResponse list_orders(const Visit& visit, std::string_view depot);
ServerResponse show_order(const Visit& visit, std::string_view order);

// The depot's sums as fields of an open object, and what it is worth.
void write_depot_aggregation(JsonWriter& json, const Visit& visit, bool with_depot);
Cents depot_value(const Visit& visit);

// An Instrument; the parts that a query has to ask for are null unless asked.
struct InstrumentParts {
  bool static_data = true;
  bool order_dimensions = false;
  bool fund_distribution = false;
  bool derivative_data = false;
};
void write_instrument(JsonWriter& json, const Visit& visit, const Instrument& instrument, InstrumentParts parts);
// {"value":"2.113","unit":"XXX"}; of a bond the face value in euros.
void write_pieces(JsonWriter& json, const Instrument& instrument, Pieces pieces);
// {"value":"131.24","unit":"EUR"}; of a bond in percent.
void write_price(JsonWriter& json, const Instrument& instrument, Price price);

}  // namespace plumb::sandbox
