// The bank's JSON as structs (4.1, 4.2), and the remittance text in its lines.

#include <array>

#include "base/format.h"
#include "ingest/connectors/comdirect_api.h"

namespace plumb::ingest::comdirect {

namespace {

std::optional<std::string> find_text(const Node& node, std::string_view key) {
  auto child = node.find(key);
  if (child.null()) return std::nullopt;
  return std::string(child.scalar());
}

Amount get_amount(const Node& node, std::string_view key) {
  auto amount = find_amount(node.find(key));
  if (!amount) throw Error(ErrorKind::Service, format("comdirect sent an answer without '{}'", key));
  return *amount;
}

Party read_party(const Node& node) {
  return {.name = find_text(node, "holderName"), .iban = find_text(node, "iban"), .bic = find_text(node, "bic")};
}

// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (text[at] & 0xC0) == 0x80) ++at;
    --count;
  }
  return at;
}

std::string collapsed(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Booked text comes in windows of 37 characters, a line's number in the first two; pending text in windows of 35.
std::vector<std::string> windows(std::string_view raw, bool booked) {
  std::vector<std::string> lines;
  while (!raw.empty()) {
    auto window = raw.substr(0, bytes_of(raw, booked ? 37 : 35));
    raw.remove_prefix(window.size());
    if (booked && window.size() >= 2 && digit(window[0]) && digit(window[1])) window.remove_prefix(2);
    auto line = collapsed(window);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Remittance read_remittance(std::string_view raw, bool booked) {
  Remittance result;
  auto lines = windows(raw, booked);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    std::optional<std::string>* value = nullptr;
    if (booked && line == "End-to-End-Ref.:") value = &result.end_to_end_reference;
    if (booked && line.ends_with("Mandatsref.:")) value = &result.mandate;
    if (booked && line == "Gläubiger-ID:") value = &result.creditor_id;
    if (value == nullptr) {
      result.lines.push_back(line);
    } else if (i + 1 < lines.size()) {
      *value = lines[++i];
    }
  }
  return result;
}

std::optional<Amount> find_amount(const Node& node) {
  if (node.null()) return std::nullopt;
  auto text = std::string(node.get("value").scalar());
  auto value = data::Decimal::find(text);
  if (!value) throw Error(ErrorKind::Service, format("comdirect sent '{}' as an amount", text));
  return Amount{*value, node.find("unit").text_or("")};
}

AccountBalance read_account_balance(const Node& node) {
  Node account = node.find("account");
  AccountBalance result{.balance = get_amount(node, "balance"),
                        .balance_eur = get_amount(node, "balanceEUR"),
                        .available = get_amount(node, "availableCashAmount"),
                        .available_eur = get_amount(node, "availableCashAmountEUR")};
  result.account = {.account_id = node.find("accountId").text_or(account.find("accountId").text_or("")),
                    .display_id = account.find("accountDisplayId").text_or(""),
                    .currency = account.find("currency").text_or(result.balance.unit),
                    .type_key = account.find("accountType").find("key").text_or(""),
                    .type_text = account.find("accountType").find("text").text_or(""),
                    .iban = find_text(account, "iban"),
                    .bic = find_text(account, "bic"),
                    .credit_limit = find_amount(account.find("creditLimit"))};
  return result;
}

Transaction read_transaction(const Node& node) {
  Transaction result;
  result.reference = find_text(node, "reference");
  result.booked = node.find("bookingStatus").text_or("") == "BOOKED";
  if (auto date = find_text(node, "bookingDate")) result.booking_date = find_date(*date);
  result.value_date_text = node.find("valutaDate").text_or("");
  result.value_date = find_date(result.value_date_text);
  result.amount = find_amount(node.find("amount"));
  result.type_key = node.find("transactionType").find("key").text_or("");
  result.type_text = node.find("transactionType").find("text").text_or("");
  result.remitter = read_party(node.find("remitter"));
  // "deptor" in production, "debtor" in the specification.
  result.debtor = read_party(node.find("debtor") ? node.find("debtor") : node.find("deptor"));
  result.creditor = read_party(node.find("creditor"));
  result.remittance_raw = node.find("remittanceInfo").text_or("");
  auto remittance = read_remittance(result.remittance_raw, result.booked);
  result.remittance = std::move(remittance.lines);
  auto either = [&](std::string_view key, std::optional<std::string>& from_text) {
    auto given = find_text(node, key);
    return given ? given : std::move(from_text);
  };
  result.end_to_end_reference = either("endToEndReference", remittance.end_to_end_reference);
  result.mandate = either("directDebitMandateId", remittance.mandate);
  result.creditor_id = either("directDebitCreditorId", remittance.creditor_id);
  result.json = node.to_json();
  return result;
}

}  // namespace plumb::ingest::comdirect
