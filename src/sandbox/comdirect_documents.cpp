#include "sandbox/comdirect_documents.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "sandbox/books.h"
#include "sandbox/comdirect_wire.h"
#include "sandbox/depot.h"
#include "sandbox/tiny_pdf.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

// Production gives a thousand at once and, it is said, no more.
constexpr std::int64_t kMostCount = 1000;

constexpr int kFinancialReport = 201;
constexpr int kTaxNotice = 252;
constexpr int kTerms = 301;
constexpr int kTrade = 611;
constexpr int kIncome = 700;
constexpr int kOffer = 900;  // a free choice

std::string_view mime_type(bool pdf) {
  return pdf ? "application/pdf" : "text/html";
}

// Whether the call's Accept header takes this type. Without the header everything is taken.
bool accepts(const ServerRequest& request, std::string_view type) {
  const std::string* header = request.headers.find("Accept");
  if (!header) return true;
  std::string_view rest = *header;
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    one = one.substr(0, one.find(';'));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    one = one.substr(0, one.find_last_not_of(' ') + 1);
    if (one == type || one == "*/*") return true;
    if (one.ends_with("/*") && type.starts_with(one.substr(0, one.size() - 1))) return true;
  }
  return false;
}

ServerResponse not_acceptable() {
  ServerResponse response = bare_answer(406);
  response.headers.add("Content-Type", "*/*;charset=UTF-8");
  return response;
}

std::string html_page(const std::string& title, const std::vector<std::string>& lines) {
  std::string html =
      format("<!DOCTYPE html>\n<html lang=\"de\"><head><meta charset=\"UTF-8\"><title>{}</title></head>\n", title);
  html += format("<body><h1>{}</h1>\n", title);
  for (const std::string& line : lines) html += format("<p>{}</p>\n", line);
  return html + "</body></html>\n";
}

ServerResponse file_answer(std::string body, std::string type) {
  ServerResponse response;
  response.headers = {{"Content-Type", std::move(type)},
                      {"Cache-Control", "no-cache, no-store, max-age=0"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = std::move(body);
  return response;
}

// The month's report: what every account held when it ended.
std::vector<std::string> report_lines(const Visit& visit, Day last) {
  const Household& household = visit.household;
  std::vector<std::string> lines = {format("Finanzreport per {}", german_date(Date(last))), household.books().holder(),
                                    ""};
  Instant end = household.books().at(last + days(1), 0);
  for (const Account& account : household.ledger().accounts()) {
    lines.push_back(format("{}  {}  {} {}", account.type_text, account.iban,
                           amount_text(household.ledger().balance(account.name, end)), account.currency));
  }
  return lines;
}

}  // namespace

std::vector<PostBox::Document> PostBox::documents(const Visit& visit) {
  const Household& household = visit.household;
  const std::uint64_t seed = visit.customer.options.seed;
  Day today = household.books().day_of(visit.now);
  std::vector<Document> box;
  auto lay = [&](std::string name, Day created, int category, bool pdf = true) -> Document& {
    Document document;
    document.id = bank_id(seed, name, number_of(created));
    document.name = std::move(name);
    document.created = created;
    document.pdf = pdf;
    document.category = category;
    return box.emplace_back(std::move(document));
  };
  for (Day day(household.options().opened); day <= today; day += days(1)) {
    Date date(day);
    unsigned month = static_cast<unsigned>(date.month());
    unsigned of_month = static_cast<unsigned>(date.day());
    if (of_month == 2 && day > Day(household.options().opened) + days(20)) {
      Day last = day - days(2);
      lay(format("Finanzreport per {}", german_date(Date(last))), day, kFinancialReport).lines =
          report_lines(visit, last);
    }
    if (month == 2 && of_month == 20) {
      lay(format("Jahressteuerbescheinigung {}", static_cast<int>(date.year()) - 1), day, kTaxNotice);
    }
    if (month == 1 && of_month == 15) {
      Document& terms = lay("Änderung der Allgemeinen Geschäftsbedingungen und des Preis- und Leistungsverzeichnisses",
                            day, kTerms, false);
      terms.predocument = true;
    }
    if (month % 5 == 0 && of_month == 5)
      lay("Ihr Angebot: mehr Zinsen aufs Ersparte", day, kOffer, false).advertisement = true;
  }
  for (const Trade& trade : household.depot().trades()) {
    if (trade.booking > today) continue;
    lay(format("Wertpapierabrechnung {}", trade.instrument->short_name), trade.booking, kTrade).lines = {
        format("{} {} zu {}", trade.kind, decimal_text(trade.pieces, 3), decimal_text(trade.price, 4)),
        format("Betrag {} EUR", amount_text(trade.value))};
  }
  for (const Posting& posting : household.ledger().postings(AccountName::Settlement)) {
    if (posting.type != "INTEREST_DIVIDENDS" || !posting.is_booked(visit.now)) continue;
    lay(format("Ertragsgutschrift {}", posting.lines[1]), Day(posting.booking_date), kIncome).lines = posting.lines;
  }
  std::stable_sort(box.begin(), box.end(), [](const Document& a, const Document& b) { return a.created > b.created; });
  return box;
}

std::optional<PostBox::Document> PostBox::find(const Visit& visit, std::string_view id) {
  for (Document& document : documents(visit)) {
    if (document.id == id) return std::move(document);
  }
  return std::nullopt;
}

std::optional<Day> PostBox::read_on(const Document& document, Day today) const {
  auto found = read_.find(document.id);
  if (found != read_.end()) return found->second;
  if (document.created + days(60) < today) return document.created + days(3);
  return std::nullopt;
}

void PostBox::write(JsonWriter& json, const Document& document, Day today) const {
  std::optional<Day> read = read_on(document, today);
  json.begin_object();
  json.field("documentId", document.id).field("name", document.name);
  json.field("dateCreation", format_date(Date(document.created)));
  json.field("mimeType", mime_type(document.pdf));
  json.field("deletable", document.advertisement).field("advertisement", document.advertisement);
  json.key("documentMetaData").begin_object().field("archived", false);
  if (read) json.field("dateRead", format_date(Date(*read)));
  json.field("alreadyRead", read.has_value()).field("predocumentExists", document.predocument).end_object();
  json.field("categoryId", document.category);
  json.end_object();
}

ServerResponse PostBox::list(const Visit& visit) const {
  Page page;
  if (auto refusal = read_page(visit.request, kMostCount, page)) return std::move(*refusal);
  Day today = visit.household.books().day_of(visit.now);
  std::vector<Document> box = documents(visit);
  for (const char* name : {"min-documentDate", "max-documentDate"}) {
    const std::string* text = visit.request.find_query(name);
    if (!text) continue;
    std::optional<Date> date = find_date(*text);
    if (!date) return bad_query("date.invalid", "The value {1} of {0} is no date", name, *text);
    bool least = name[1] == 'i';
    std::erase_if(box,
                  [&](const Document& each) { return least ? each.created < Day(*date) : each.created > Day(*date); });
  }
  auto matches = static_cast<std::int64_t>(box.size());
  std::int64_t first = std::min(matches, page.first);
  std::int64_t last = std::min(matches, page.first + page.count);
  auto unread = std::count_if(box.begin(), box.end(), [&](const Document& each) { return !read_on(each, today); });
  JsonWriter json;
  json.begin_object();
  write_paging(json, page.first, matches);
  json.key("aggregated").begin_object();
  json.field("unreadMessages", static_cast<std::int64_t>(unread)).key("dateOldestEntry");
  write_text_or_null(json, box.empty() ? "" : format_date(Date(box.back().created)));
  json.field("matchesInThisResponse", last - first).field("allowedToSeeAllDocuments", true).end_object();
  json.key("values").begin_array();
  for (std::int64_t i = first; i < last; ++i) write(json, box[static_cast<std::size_t>(i)], today);
  json.end_array().end_object();
  return bank_list(json.take(), matches);
}

ServerResponse PostBox::open(const Visit& visit, std::string_view id) {
  std::optional<Document> document = find(visit, id);
  if (!document) return bare_answer(404);
  if (!accepts(visit.request, mime_type(document->pdf))) return not_acceptable();
  Day today = visit.household.books().day_of(visit.now);
  if (!read_on(*document, today)) read_[document->id] = today;
  if (!document->pdf) return file_answer(html_page(document->name, document->lines), "text/html;charset=UTF-8");
  std::vector<std::string> lines = {document->name, format("Datum: {}", german_date(Date(document->created))), ""};
  lines.insert(lines.end(), document->lines.begin(), document->lines.end());
  return file_answer(tiny_pdf(lines), "application/pdf");
}

ServerResponse PostBox::open_predocument(const Visit& visit, std::string_view id) const {
  std::optional<Document> document = find(visit, id);
  if (!document || !document->predocument) return bare_answer(404);
  if (!accepts(visit.request, "text/html")) return not_acceptable();
  return file_answer(html_page("Bitte beachten", {"Dieses Dokument ändert unsere Vereinbarungen: " + document->name}),
                     "text/html;charset=UTF-8");
}

}  // namespace plumb::sandbox
