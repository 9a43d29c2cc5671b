// Depot, instruments, orders, all balances and the post box, as a stranger's client sees them.
#include <gtest/gtest.h>

#include <set>

#include "base/format.h"
#include "sandbox/bank_fixture.h"

namespace plumb::sandbox {
namespace {

std::string keys_of(Node node) {
  std::string keys;
  for (std::size_t i = 0; i < node.size(); ++i) keys += std::string(node.key_at(i)) + " ";
  return keys;
}

// "1234.5" with so many decimals as a whole number.
std::int64_t number(Node amount, std::size_t decimals = 2) {
  std::string text = amount.get("value").as_text();
  std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction = point < text.size() ? text.substr(point + 1) : "";
  fraction.resize(decimals, '0');
  return std::stoll(text.substr(0, point) + fraction);
}

struct Brokerage : testing::Test {
  BankTest bank;
  std::string depot =
      bank.get("/api/brokerage/clients/user/v3/depots").json().root().get("values").at(0).get("depotId").as_text();

  BankAnswer positions(const std::string& query = "") {
    return bank.get("/api/brokerage/v3/depots/" + depot + "/positions" + query);
  }
  BankAnswer trades(const std::string& query = "") {
    return bank.get("/api/brokerage/v3/depots/" + depot + "/transactions" + query);
  }
  BankAnswer orders(const std::string& query = "") {
    return bank.get("/api/brokerage/depots/" + depot + "/v3/orders" + query);
  }
  std::int64_t matches(const BankAnswer& answer) { return answer.json().root().get("paging").get("matches").as_int(); }
};

TEST_F(Brokerage, There_is_one_depot_with_what_production_adds) {
  Document document = bank.get("/api/brokerage/clients/user/v3/depots").json();
  Node value = document.root().get("values").at(0);
  EXPECT_EQ(keys_of(value),
            "depotId depotDisplayId clientId depotType defaultSettlementAccountId settlementAccountIds targetMarket ");
  EXPECT_EQ(value.get("depotDisplayId").as_text().size(), 7U);
  EXPECT_EQ(value.get("defaultSettlementAccountId").as_text(), bank.account("SA"));
}

TEST_F(Brokerage, Positions_add_up_to_the_depots_value) {
  BankAnswer answer = positions();
  Document document = answer.json();
  Node values = document.root().get("values");
  std::int64_t sum = 0;
  std::int64_t paid = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += number(values.at(i).get("currentValue"));
    paid += number(values.at(i).get("purchaseValue"));
    EXPECT_EQ(values.at(i).get("instrument").kind(), NodeKind::Null);
    EXPECT_EQ(values.at(i).get("version").kind(), NodeKind::Null);
    EXPECT_EQ(number(values.at(i).get("profitLossPurchaseAbs")),
              number(values.at(i).get("currentValue")) - number(values.at(i).get("purchaseValue")));
  }
  EXPECT_EQ(values.size(), 5U);
  EXPECT_EQ(answer.header("X-Total-Count"), "5");
  Node sums = document.root().get("aggregated");
  EXPECT_EQ(number(sums.get("currentValue")), sum);
  EXPECT_EQ(number(sums.get("purchaseValue")), paid);
  EXPECT_EQ(sums.get("depot").get("depotId").as_text(), depot);
  EXPECT_EQ(sums.get("dateLastUpdate").as_text(), "2026-11-20");
}

TEST_F(Brokerage, A_bond_is_counted_in_euros_and_priced_in_percent) {
  Document document = positions("?instrumentId=BU2Z00&with-attr=instrument").json();
  ASSERT_EQ(document.root().get("values").size(), 1U);
  Node bond = document.root().get("values").at(0);
  EXPECT_EQ(bond.get("quantity").to_json(), R"({"value":"5000.0","unit":"EUR"})");
  EXPECT_EQ(bond.get("currentPrice").get("price").get("unit").as_text(), "XXC");
  EXPECT_EQ(bond.get("instrument").get("staticData").get("notation").as_text(), "XXC");
  EXPECT_EQ(bond.get("currentPrice").get("priceDateTime").as_text(), "2026-11-20T17:35:00+01");
}

TEST_F(Brokerage, Parts_of_the_positions_can_be_left_out) {
  Document bare = positions("?without-attr=depot,positions").json();
  EXPECT_EQ(bare.root().get("aggregated").get("depot").kind(), NodeKind::Null);
  EXPECT_EQ(bare.root().get("values").size(), 0U);
  EXPECT_EQ(positions("?instrumentId=NOSUCH").json().root().get("values").size(), 0U);
}

TEST_F(Brokerage, A_single_position_is_no_list) {
  Document list = positions().json();
  std::string id = list.root().get("values").at(0).get("positionId").as_text();
  Document one = bank.get("/api/brokerage/v3/depots/" + depot + "/positions/" + id + "?with-attr=instrument").json();
  EXPECT_EQ(one.root().get("positionId").as_text(), id);
  EXPECT_EQ(one.root().get("instrument").get("wkn").as_text(), one.root().get("wkn").as_text());
  EXPECT_EQ(bank.get("/api/brokerage/v3/depots/" + depot + "/positions/NOSUCH").status, 404);
  EXPECT_EQ(bank.get("/api/brokerage/v3/depots/NOSUCH/positions").status, 404);
}

TEST_F(Brokerage, Depot_transactions_are_filtered_by_everything_that_is_documented) {
  std::int64_t half_a_year = matches(trades());
  EXPECT_GE(half_a_year, 6);
  std::int64_t all = matches(trades("?min-bookingDate=2020-01-01"));
  EXPECT_GT(all, half_a_year);
  EXPECT_EQ(matches(trades("?min-bookingDate=-180d")), half_a_year);
  EXPECT_EQ(all, matches(trades("?min-bookingDate=2020-01-01&transactionDirection=IN")) +
                     matches(trades("?min-bookingDate=2020-01-01&transactionDirection=OUT")));
  EXPECT_EQ(matches(trades("?min-bookingDate=2020-01-01&transactionType=TRANSFER_IN")), 4);
  EXPECT_EQ(matches(trades("?min-bookingDate=2020-01-01&wkn=BU2Z00")), 1);
  EXPECT_EQ(matches(trades("?min-bookingDate=2020-01-01&isin=NOSUCH")), 0);
  EXPECT_LT(matches(trades("?min-bookingDate=2020-01-01&min-transactionValue=1000")), 8);
  for (const char* bad : {"?bookingStatus=X", "?transactionDirection=UP", "?transactionType=GIFT", "?min-bookingDate=x",
                          "?max-transactionValue=much"}) {
    EXPECT_EQ(trades(bad).status, 422) << bad;
  }
}

TEST_F(Brokerage, A_trade_is_booked_two_banking_days_after_its_business_day) {
  bank->set_clock(*find_instant("2026-11-17T12:00:00Z"));
  BankTest then;
  then->set_clock(*find_instant("2026-11-16T12:00:00Z"));
  Document document = then.get("/api/brokerage/v3/depots/" + depot + "/transactions?bookingStatus=NOTBOOKED").json();
  ASSERT_EQ(document.root().get("values").size(), 1U);
  Node trade = document.root().get("values").at(0);
  EXPECT_EQ(trade.get("businessDate").as_text(), "2026-11-16");
  EXPECT_EQ(trade.get("bookingDate").kind(), NodeKind::Null);
  EXPECT_EQ(trade.get("instrument").get("instrumentId").as_text(), trade.get("instrumentId").as_text());
  then->set_clock(*find_instant("2026-11-18T12:00:00Z"));
  then->command("options?token_seconds=9999999");
  BankAnswer signed_in = then.sign_in();
  EXPECT_EQ(then.call("GET", "/api/brokerage/v3/depots/" + depot + "/transactions?bookingStatus=NOTBOOKED",
                      BankTest::with_token(signed_in.text("access_token")))
                .json()
                .root()
                .get("values")
                .size(),
            0U);
}

TEST_F(Brokerage, An_instrument_is_found_by_all_its_names) {
  std::set<std::string> found;
  for (const char* name : {"716460", "DE0007164600", "SAP"}) {
    Document document = bank.get(std::string("/api/brokerage/v1/instruments/") + name).json();
    ASSERT_EQ(document.root().get("values").size(), 1U) << name;
    found.insert(document.root().get("values").at(0).to_json());
  }
  EXPECT_EQ(found.size(), 1U);
  EXPECT_EQ(bank.get("/api/brokerage/v1/instruments/sap").status, 404);
}

TEST_F(Brokerage, An_instruments_parts_come_when_they_are_asked_for) {
  Document plain = bank.get("/api/brokerage/v1/instruments/980701").json();
  Node fund = plain.root().get("values").at(0);
  EXPECT_EQ(keys_of(fund),
            "instrumentId wkn isin mnemonic name shortName issuer staticData orderDimensions fundsDistribution "
            "derivativeData ");
  EXPECT_TRUE(fund.get("staticData").get("fundRedemptionLimited").as_bool());
  EXPECT_TRUE(fund.get("orderDimensions").null());
  Document full =
      bank.get(
              "/api/brokerage/v1/instruments/980701?with-attr=orderDimensions,fundDistribution&without-attr=staticData")
          .json();
  EXPECT_TRUE(full.root().get("values").at(0).get("staticData").null());
  EXPECT_GT(full.root().get("values").at(0).get("orderDimensions").get("venues").size(), 0U);
  EXPECT_EQ(full.root().get("values").at(0).get("fundsDistribution").get("currency").as_text(), "EUR");
  Document paper = bank.get("/api/brokerage/v1/instruments/DB2KFX?with-attr=derivativeData").json();
  EXPECT_EQ(paper.root().get("values").at(0).get("derivativeData").get("certificateType").as_text(), "Index");
}

TEST_F(Brokerage, Dimensions_tell_where_and_how_something_is_traded) {
  auto venues = [&](const std::string& query) {
    return bank.get("/api/brokerage/v3/orders/dimensions?" + query)
        .json()
        .root()
        .get("values")
        .at(0)
        .get("venues")
        .size();
  };
  EXPECT_EQ(venues("wkn=716460"), 3U);
  EXPECT_EQ(venues("wkn=716460&type=EXCHANGE"), 2U);
  EXPECT_EQ(venues("wkn=716460&type=OFF"), 1U);
  EXPECT_EQ(venues("isin=DE0009807016&type=FUND"), 1U);
  EXPECT_EQ(bank.get("/api/brokerage/v3/orders/dimensions").status, 422);
  EXPECT_EQ(bank.get("/api/brokerage/v3/orders/dimensions?wkn=NOSUCH").status, 422);
  BankAnswer fund = bank.get("/api/brokerage/v3/orders/dimensions?wkn=980701");
  EXPECT_NE(fund.header("x-http-response-info").find(R"("severity":"INFO")"), std::string::npos);
}

TEST_F(Brokerage, The_order_book_knows_executed_expired_and_cancelled_orders) {
  Document document = orders().json();
  Node values = document.root().get("values");
  std::set<std::string> states;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Node order = values.at(i);
    states.insert(order.get("orderStatus").as_text());
    bool executed = order.get("orderStatus").as_text() == "EXECUTED";
    EXPECT_EQ(order.get("executions").size(), executed ? 1U : 0U);
    EXPECT_EQ(number(order.get("quantity"), 3), number(order.get("openQuantity"), 3) +
                                                    number(order.get("cancelledQuantity"), 3) +
                                                    number(order.get("executedQuantity"), 3));
  }
  EXPECT_EQ(states, (std::set<std::string>{"CANCELLED_USER", "EXECUTED", "EXPIRED"}));
  EXPECT_NE(values.at(0).get("creationTimestamp").as_text().find(",000000+00"), std::string::npos);
}

TEST_F(Brokerage, Orders_are_filtered_and_single_ones_found) {
  EXPECT_GT(matches(orders("?orderStatus=EXECUTED")), 3);
  EXPECT_EQ(matches(orders("?side=SELL")) + matches(orders("?side=BUY")), matches(orders()));
  EXPECT_GT(matches(orders("?min-creationTimeStamp=2026-01-01T00:00:00,00")), 0);
  EXPECT_LT(matches(orders("?min-creationTimeStamp=2026-01-01T00:00:00,00")), matches(orders()));
  EXPECT_EQ(orders("?without-attr=executions&orderStatus=EXECUTED")
                .json()
                .root()
                .get("values")
                .at(0)
                .get("executions")
                .size(),
            0U);
  EXPECT_FALSE(orders("?with-attr=instrument").json().root().get("values").at(0).find("instrument").missing());
  std::string id = orders().json().root().get("values").at(0).get("orderId").as_text();
  EXPECT_EQ(bank.get("/api/brokerage/v3/orders/" + id).text("orderId"), id);
  EXPECT_EQ(bank.get("/api/brokerage/v3/orders/NOSUCH").status, 404);
}

TEST_F(Brokerage, An_empty_order_book_comes_with_a_warning) {
  BankAnswer empty = orders("?orderStatus=PENDING");
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(matches(empty), 0);
  EXPECT_NE(empty.header("x-http-response-info").find("hinweis-keine-zeichnungsprozesse-vorhanden"), std::string::npos);
  EXPECT_NE(empty.header("x-http-response-info").find(R"("severity":"WARN")"), std::string::npos);
}

TEST_F(Brokerage, Orders_are_not_placed_here) {
  BankAnswer tokens = bank.sign_in();
  EXPECT_EQ(
      bank.call("POST", "/api/brokerage/v3/orders/validation", BankTest::with_token(tokens.text("access_token")), "{}")
          .status,
      405);
}

struct Reports : testing::Test {
  BankTest bank;
  Document report(const std::string& query = "") {
    return bank.get("/api/reports/participants/user/v1/allbalances" + query).json();
  }
};

TEST_F(Reports, All_products_come_with_their_sum) {
  Document document = report();
  Node values = document.root().get("values");
  std::string types;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Node balance = values.at(i).get("balance");
    std::string type = values.at(i).get("productType").as_text();
    types += type + " ";
    if (type == "ACCOUNT") sum += number(balance.get("balanceEUR"));
    if (type == "CARD") sum += number(balance.get("balance"));
    if (type == "DEPOT") sum += number(balance.get("currentValue"));
  }
  EXPECT_EQ(types, "ACCOUNT ACCOUNT ACCOUNT ACCOUNT CARD DEPOT ");
  EXPECT_EQ(number(document.root().get("aggregated").get("balanceEUR")), sum);
}

TEST_F(Reports, The_card_is_shown_half_hidden) {
  Document document = report("?productType=CARD");
  ASSERT_EQ(document.root().get("values").size(), 1U);
  Node card = document.root().get("values").at(0).get("balance").get("card");
  EXPECT_EQ(
      keys_of(card),
      "cardId clientId participantId cardType holderName settlementAccountId cardDisplayId cardValidity cardImage "
      "primaryAccountNumberSuffix cardLimit status ");
  EXPECT_TRUE(card.get("cardDisplayId").as_text().starts_with("XXXX XXXX XXXX "));
  EXPECT_EQ(card.get("cardType").get("key").as_text(), "VISA_CREDIT");
}

TEST_F(Reports, Products_clients_and_data_are_chosen_by_the_query) {
  EXPECT_EQ(report("?productType=CARD,DEPOT").root().get("values").size(), 2U);
  EXPECT_EQ(report("?productType=LOAN").root().get("values").size(), 0U);
  EXPECT_EQ(report("?clientConnectionType=OTHER_COMDIRECT").root().get("values").size(), 0U);
  EXPECT_EQ(report("?clientConnectionType=CURRENT_CLIENT").root().get("values").size(), 6U);
  Document bare = report("?without-attr=balance.staticdata");
  EXPECT_TRUE(bare.root().get("values").at(0).get("balance").get("account").null());
  EXPECT_TRUE(bare.root().get("values").at(4).get("balance").get("card").null());
  EXPECT_TRUE(bare.root().get("values").at(5).get("balance").get("depot").null());
  EXPECT_EQ(bank.get("/api/reports/participants/user/v1/allbalances?productType=GOLD").status, 422);
}

struct Documents : testing::Test {
  BankTest bank;
  Document list(const std::string& query = "") {
    return bank.get("/api/messages/clients/user/v2/documents" + query).json();
  }
  // The first document of that type, in a long list.
  std::string find(const std::string& mime, bool predocument = false) {
    Document document = list("?paging-count=1000");
    Node values = document.root().get("values");
    for (std::size_t i = 0; i < values.size(); ++i) {
      bool has = values.at(i).get("documentMetaData").get("predocumentExists").as_bool();
      if (values.at(i).get("mimeType").as_text() == mime && (has || !predocument))
        return values.at(i).get("documentId").as_text();
    }
    return "";
  }
  BankAnswer open(const std::string& id, const std::string& accept) {
    return bank.get("/api/messages/v2/documents/" + id, {{"Accept", accept}});
  }
};

TEST_F(Documents, The_box_is_listed_newest_first) {
  Document document = list();
  EXPECT_EQ(document.root().get("values").size(), 20U);
  EXPECT_GT(document.root().get("paging").get("matches").as_int(), 50);
  EXPECT_EQ(document.root().get("aggregated").get("matchesInThisResponse").as_int(), 20);
  EXPECT_EQ(keys_of(document.root().get("aggregated")),
            "unreadMessages dateOldestEntry matchesInThisResponse allowedToSeeAllDocuments ");
  Node first = document.root().get("values").at(0);
  EXPECT_EQ(keys_of(first),
            "documentId name dateCreation mimeType deletable advertisement documentMetaData categoryId ");
  EXPECT_GE(first.get("dateCreation").as_text(), document.root().get("values").at(19).get("dateCreation").as_text());
}

TEST_F(Documents, Pages_and_dates_are_chosen_by_the_query) {
  Document all = list("?paging-count=1000");
  auto matches = static_cast<std::size_t>(all.root().get("paging").get("matches").as_int());
  EXPECT_EQ(all.root().get("values").size(), matches);
  EXPECT_EQ(list("?paging-first=" + std::to_string(matches - 1)).root().get("values").size(), 1U);
  EXPECT_EQ(list("?paging-first=5000").root().get("values").size(), 0U);
  EXPECT_EQ(bank.get("/api/messages/clients/user/v2/documents?paging-count=1001").status, 422);
  Document march = list("?min-documentDate=2026-03-01&max-documentDate=2026-03-31&paging-count=1000");
  EXPECT_GT(march.root().get("values").size(), 0U);
  EXPECT_EQ(march.root().get("values").at(0).get("dateCreation").as_text().substr(0, 7), "2026-03");
}

TEST_F(Documents, A_pdf_is_a_pdf_and_a_page_a_page) {
  BankAnswer pdf = open(find("application/pdf"), "application/pdf");
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(pdf.header("Content-Type"), "application/pdf");
  EXPECT_TRUE(pdf.body.starts_with("%PDF-1.4\n"));
  EXPECT_TRUE(pdf.body.ends_with("%%EOF\n"));
  BankAnswer html = open(find("text/html"), "application/pdf, text/html");
  EXPECT_EQ(html.status, 200);
  EXPECT_EQ(html.header("Content-Type"), "text/html;charset=UTF-8");
  EXPECT_TRUE(html.body.starts_with("<!DOCTYPE html>"));
}

TEST_F(Documents, The_pdfs_table_points_at_its_objects) {
  std::string pdf = open(find("application/pdf"), "application/pdf").body;
  std::size_t table = std::stoul(pdf.substr(pdf.find("startxref\n") + 10));
  ASSERT_EQ(pdf.substr(table, 5), "xref\n");
  for (int i = 1; i <= 5; ++i) {
    std::size_t line = pdf.find('\n', table + 5) + 1 + static_cast<std::size_t>(i) * 20;
    std::size_t object = std::stoul(pdf.substr(line, 10));
    EXPECT_EQ(pdf.substr(object, 7), format("{} 0 obj", i));
  }
}

TEST_F(Documents, What_cannot_be_accepted_is_406_without_a_word) {
  for (const char* accept : {"application/json", "text/html"}) {
    BankAnswer answer = open(find("application/pdf"), accept);
    EXPECT_EQ(answer.status, 406) << accept;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("Content-Type"), "*/*;charset=UTF-8");
    EXPECT_FALSE(answer.has("x-http-response-info"));
  }
  EXPECT_EQ(open("NOSUCH", "application/pdf").status, 404);
}

TEST_F(Documents, Opening_one_marks_it_as_read) {
  std::int64_t unread = list().root().get("aggregated").get("unreadMessages").as_int();
  ASSERT_GT(unread, 0);
  Document before = list();
  Node first = before.root().get("values").at(0);
  EXPECT_FALSE(first.get("documentMetaData").get("alreadyRead").as_bool());
  EXPECT_TRUE(first.get("documentMetaData").find("dateRead").missing());
  open(first.get("documentId").as_text(), "application/json");
  EXPECT_EQ(list().root().get("aggregated").get("unreadMessages").as_int(), unread);
  open(first.get("documentId").as_text(), "application/pdf, text/html");
  Document after = list();
  EXPECT_EQ(after.root().get("aggregated").get("unreadMessages").as_int(), unread - 1);
  EXPECT_EQ(after.root().get("values").at(0).get("documentMetaData").get("dateRead").as_text(), "2026-11-21");
}

TEST_F(Documents, Some_have_a_page_before_them) {
  std::string id = find("text/html", true);
  ASSERT_NE(id, "");
  BankAnswer page = bank.get("/api/messages/v2/documents/" + id + "/predocument", {{"Accept", "text/html"}});
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.body.starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(
      bank.get("/api/messages/v2/documents/" + find("application/pdf") + "/predocument", {{"Accept", "text/html"}})
          .status,
      404);
}

}  // namespace
}  // namespace plumb::sandbox
