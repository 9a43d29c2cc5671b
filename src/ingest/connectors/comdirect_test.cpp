#include <gtest/gtest.h>

#include "ingest/connectors/comdirect_api.h"

namespace plumb::ingest::comdirect {
namespace {

std::string padded(const std::string& line, std::size_t characters) {
  std::size_t length = 0;
  for (char c : line) length += (c & 0xC0) != 0x80 ? 1 : 0;
  return line + std::string(characters - length, ' ');
}

TEST(Remittance, BookedTextComesInNumberedLines) {
  auto raw = padded("01REWE SAGT  DANKE", 37) + padded("02Köln", 37);
  EXPECT_EQ(read_remittance(raw, true).lines, (std::vector<std::string>{"REWE SAGT DANKE", "Köln"}));
}

TEST(Remittance, LabelsTakeTheNextLine) {
  auto raw = padded("01Strom", 37) + padded("02End-to-End-Ref.:", 37) + padded("03nicht angegeben", 37) +
             padded("04CORE / Mandatsref.:", 37) + padded("05M-17", 37) + padded("06Gläubiger-ID:", 37) +
             padded("07DE98ZZZ", 37);
  auto remittance = read_remittance(raw, true);
  EXPECT_EQ(remittance.lines, std::vector<std::string>{"Strom"});
  EXPECT_EQ(remittance.end_to_end_reference, "nicht angegeben");
  EXPECT_EQ(remittance.mandate, "M-17");
  EXPECT_EQ(remittance.creditor_id, "DE98ZZZ");
}

TEST(Remittance, PendingTextHasNoNumbersAndAStrayWindowIsNoLine) {
  EXPECT_EQ(read_remittance(padded("12 Eier", 35), false).lines, std::vector<std::string>{"12 Eier"});
  EXPECT_TRUE(read_remittance("01 ", true).lines.empty());
}

Transaction transaction(const std::string& json) {
  auto document = parse_json(json, "t");
  return read_transaction(document.root());
}

TEST(Transactions, AValueDateThatNoCalendarHasIsKeptAsText) {
  auto read = transaction(R"({"bookingStatus":"BOOKED","bookingDate":"2026-03-02","valutaDate":"2026-02-30"})");
  EXPECT_FALSE(read.value_date);
  EXPECT_EQ(read.value_date_text, "2026-02-30");
}

TEST(Transactions, TheDebtorIsReadUnderBothSpellings) {
  EXPECT_EQ(transaction(R"({"deptor":{"holderName":"A"}})").debtor.name, "A");
  EXPECT_EQ(transaction(R"({"debtor":{"holderName":"B"}})").debtor.name, "B");
}

TEST(Transactions, AmountsAreExactAndTheDocumentStaysAsItCame) {
  auto json = R"({"amount":{"value":"-123456789012345678.90","unit":"EUR"},"unknown":{"x":[1, 2.50]}})";
  auto read = transaction(json);
  EXPECT_EQ(read.amount->value.to_string(), "-123456789012345678.90");
  EXPECT_EQ(read.json, json);
}

}  // namespace
}  // namespace plumb::ingest::comdirect
