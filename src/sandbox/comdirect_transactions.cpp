// The transactions of an account: which of them a query means, and how one is written.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/zone.h"
#include "sandbox/books.h"
#include "sandbox/comdirect_banking.h"
#include "sandbox/comdirect_wire.h"
#include "sandbox/remittance.h"

namespace plumb::sandbox {
namespace {

// Without a first booking date only about half a year comes.
constexpr std::chrono::days kWindow{180};
constexpr std::int64_t kMostCount = 500;

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes{{
    {"TRANSFER", "Transfer"},
    {"DIRECT_DEBIT", "Direct Debit"},
    {"CARD_TRANSACTION", "Card transaction"},
    {"ATM_WITHDRAWAL", "ATM withdrawal"},
    {"BANK_FEES", "Bank fees"},
    {"INTEREST_DIVIDENDS", "Interest / Dividends"},
    {"SECURITIES", "Securities"},
    {"CANCELLATION", "Cancellation"},
    {"MISCELLANEOUS", "Miscellaneous"},
}};

struct Question {
  bool booked = true;
  bool pending = true;
  bool credits = true;
  bool debits = true;
  Day from = {};
  Day until = {};
  Page page = {};
};

// A date of the query; what the bank says when it is none. (Not documented: production's words are unknown.)
std::optional<ServerResponse> read_date(const ServerRequest& request, std::string_view name, Day& day) {
  const std::string* text = request.find_query(name);
  if (!text) return std::nullopt;
  std::optional<Date> date = find_date(*text);
  if (!date) return bad_query("date.invalid", "The value {1} of {0} is no date", name, *text);
  day = Day(*date);
  return std::nullopt;
}

std::optional<ServerResponse> read_state(const ServerRequest& request, Question& question) {
  const std::string* state = request.find_query("transactionState");
  if (state && *state != "BOTH" && *state != "BOOKED" && *state != "NOTBOOKED") {
    return bank_error(422, "request.query.invalid",
                      {.key = "bookingStatus.invalid",
                       .text = "The value {0} for the bookingStatus is invalid",
                       .args = {{"0", json_quote(*state)}},
                       .origin = {"transactionState"}});
  }
  question.booked = !state || *state != "NOTBOOKED";
  question.pending = !state || *state != "BOOKED";
  const std::string* direction = request.find_query("transactionDirection");
  if (direction && *direction != "CREDIT_AND_DEBIT" && *direction != "CREDIT" && *direction != "DEBIT") {
    return bad_query("transactionDirection.invalid", "The value {1} of {0} is invalid", "transactionDirection",
                     *direction);
  }
  question.credits = !direction || *direction != "DEBIT";
  question.debits = !direction || *direction != "CREDIT";
  return std::nullopt;
}

std::optional<ServerResponse> read_question(const Visit& visit, Question& question) {
  const ServerRequest& request = visit.request;
  if (auto refusal = read_state(request, question)) return refusal;
  if (auto refusal = read_page(request, kMostCount, question.page)) return refusal;
  if (question.page.first > 0 && question.pending) {
    return bank_error(422, "request.query.invalid",
                      {.key = "requestparameter.invalid",
                       .text = "Paging is only valid for booked account transactions",
                       .origin = {"transactionState"}});
  }
  Day today = visit.household.books().day_of(visit.now);
  question.from = today - kWindow;
  question.until = today;
  if (auto refusal = read_date(request, "min-bookingDate", question.from)) return refusal;
  return read_date(request, "max-bookingDate", question.until);
}

// Newest first: what is pending stands before what is booked. A pending one has no booking date, so the dates of the
// query do not concern it.
std::vector<const Posting*> find_postings(const Visit& visit, const Account& account, const Question& question) {
  std::vector<const Posting*> found;
  const auto& postings = visit.household.ledger().postings(account.name);
  auto fits = [&](const Posting& posting) { return posting.amount < 0 ? question.debits : question.credits; };
  if (question.pending) {
    for (const Posting& posting : postings) {
      if (posting.is_pending(visit.now) && fits(posting)) found.push_back(&posting);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Posting* a, const Posting* b) { return a->announced > b->announced; });
  }
  if (!question.booked) return found;
  for (auto posting = postings.rbegin(); posting != postings.rend(); ++posting) {
    Day day(posting->booking_date);
    if (!posting->is_booked(visit.now) || !fits(*posting)) continue;
    if (day >= question.from && day <= question.until) found.push_back(&*posting);
  }
  return found;
}

void write_party(JsonWriter& json, const Party& party) {
  if (party.name.empty()) {
    json.null();
    return;
  }
  json.begin_object().field("holderName", party.name);
  json.key("iban");
  write_text_or_null(json, party.iban);
  json.key("bic");
  write_text_or_null(json, party.bic);
  json.end_object();
}

// Under production's spelling a public client reads a text, and gets along because nothing ever stands there. Under the
// paper's spelling it is the party that the paper describes.
void write_debtor(JsonWriter& json, const Visit& visit, const Posting& posting) {
  if (visit.customer.options.spell_deptor) {
    json.key("deptor").null();
  } else {
    json.key("debtor");
    write_party(json, posting.debtor);
  }
}

std::string remittance_of(const Posting& posting, bool booked) {
  if (!booked) return pending_remittance(posting.pending_lines);
  // Where there is no text at all, production sends the number of a line and nothing after it.
  return posting.lines.empty() ? "01 " : booked_remittance(posting.lines);
}

void write_type(JsonWriter& json, const Posting& posting, bool known) {
  auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& each) { return each.first == posting.type; });
  if (!known || type == kTypes.end()) {
    json.null();
  } else {
    write_enum(json, type->first, type->second);
  }
}

void write_posting(JsonWriter& json, const Visit& visit, const Account& account, const Posting& posting) {
  bool booked = posting.is_booked(visit.now);
  bool known = booked || !posting.bare;
  json.begin_object();
  json.key("reference");
  write_text_or_null(json, booked ? posting.reference : posting.pending_reference);
  json.field("bookingStatus", booked ? "BOOKED" : "NOTBOOKED");
  json.key("bookingDate");
  write_text_or_null(json, booked ? format_date(posting.booking_date) : "");
  json.key("amount");
  write_money(json, booked ? posting.amount : posting.pending_amount.value_or(posting.amount), account.currency);
  json.key("remitter");
  write_party(json, posting.remitter);
  write_debtor(json, visit, posting);
  json.key("creditor");
  write_party(json, posting.creditor);
  json.field("valutaDate", posting.valuta);
  json.key("directDebitCreditorId");
  write_text_or_null(json, posting.creditor_id);
  json.key("directDebitMandateId");
  write_text_or_null(json, posting.mandate);
  json.key("endToEndReference");
  write_text_or_null(json, posting.end_to_end);
  // Whether the customer has seen it on the web: what is older than today, he has.
  json.field("newTransaction", booked && Day(posting.booking_date) < visit.household.books().day_of(visit.now));
  json.key("transactionType");
  write_type(json, posting, known);
  json.key("remittanceInfo");
  write_text_or_null(json, known ? remittance_of(posting, booked) : "");
  json.end_object();
}

void write_aggregated(JsonWriter& json, const Visit& visit, const Account& account,
                      const std::vector<const Posting*>& page) {
  const Posting* latest = nullptr;
  for (const Posting& posting : visit.household.ledger().postings(account.name)) {
    if (posting.is_booked(visit.now)) latest = &posting;
  }
  json.key("aggregated").begin_object();
  json.key("account");
  if (names(visit.request, "with-attr", "account")) {
    write_account(json, visit, account);
  } else {
    json.null();
  }
  json.field("accountId", account.id);
  json.key("bookingDateLatestTransaction");
  write_text_or_null(json, latest ? format_date(latest->booking_date) : "");
  json.key("referenceLatestTransaction");
  write_text_or_null(json, latest ? latest->reference : "");
  json.field("latestTransactionIncluded", std::find(page.begin(), page.end(), latest) != page.end());
  json.field("pagingTimestamp", bank_time(visit.now));
  json.end_object();
}

}  // namespace

ServerResponse list_transactions(const Visit& visit, std::string_view id) {
  const Account* account = visit.household.ledger().find_account(id);
  if (!account) return bare_answer(404);
  Question question;
  if (auto refusal = read_question(visit, question)) return std::move(*refusal);
  std::vector<const Posting*> found = find_postings(visit, *account, question);
  auto matches = static_cast<std::int64_t>(found.size());
  auto first = found.begin() + std::min(matches, question.page.first);
  auto last = first + std::min(found.end() - first, question.page.count);
  std::vector<const Posting*> page(first, last);
  JsonWriter json;
  json.begin_object();
  write_paging(json, question.page.first, matches);
  write_aggregated(json, visit, *account, page);
  json.key("values").begin_array();
  for (const Posting* posting : page) write_posting(json, visit, *account, *posting);
  json.end_array().end_object();
  return bank_list(json.take(), matches);
}

}  // namespace plumb::sandbox
