#include "sandbox/books.h"

#include <utility>

#include "base/format.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

constexpr std::string_view kNoReference = "nicht angegeben";
constexpr std::string_view kBic = "COBADEHDXXX";

// Night work first, then what came in by day. All of it is done when the household gets up.
constexpr int kDebitHour = 4;
constexpr int kCardHour = 5;
constexpr int kCreditHour = 6;
constexpr int kAnnounceHour = 19;

std::string time_text(Date date, int hour, int minute, int second, char between) {
  return format("{}{}{:02}:{:02}:{:02}", format_date(date), between, hour, minute, second);
}

std::string digits_of(std::string_view name, std::string_view purpose, std::size_t length) {
  return Dice(0, std::string(purpose) + std::string(name)).text(length, "0123456789");
}

}  // namespace

Books::Books(std::uint64_t seed, Ledger& ledger)
    : seed_(seed), ledger_(ledger), zone_(Zone::get("Europe/Berlin")), holder_("Katharina und Jörg Größl") {
  card_ = "Karte Nr. 4871 78XX XXXX " + Dice(seed, "card").text(4, "0123456789");
}

Instant Books::at(Day day, int hour, int minute, int second) const {
  return zone_.to_instant(LocalTime(day.time_since_epoch()) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                          std::chrono::seconds(second));
}

std::string Books::reference(Day day, std::string_view sort) {
  if (day != counted_day_) {
    counted_day_ = day;
    count_ = 0;
  }
  Dice dice(seed_, format("{} {}", sort, count_++), number_of(day));
  return format("{}/{}",
                dice.text(static_cast<std::size_t>(dice.between(14, 16)), "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"),
                dice.between(1, 99999));
}

Posting Books::begin(Day booking_day, std::string_view type, Cents amount, int hour) {
  Posting posting;
  posting.amount = amount;
  posting.booking_date = Date(booking_day);
  posting.booked = at(booking_day, hour);
  posting.announced = posting.booked;
  posting.valuta = format_date(posting.booking_date);
  posting.type = type;
  return posting;
}

Party Books::partner_party(std::string_view name, std::string_view iban) const {
  if (!iban.empty()) return {std::string(name), std::string(iban), {}};
  return {std::string(name), german_iban(digits_of(name, "bank", 8), digits_of(name, "account", 10)), {}};
}

Party Books::own_party(AccountName name) const {
  return {holder_, ledger_.account(name).iban, std::string(kBic)};
}

void Books::pay_by_card(Day day, const Shop& shop, Cents amount, std::optional<Cents> reserved) {
  Dice dice(seed_, shop.name, number_of(day));
  int hour = static_cast<int>(dice.between(8, 20));
  int minute = static_cast<int>(dice.between(0, 59));
  int second = static_cast<int>(dice.between(0, 59));
  std::string identity = reference(day, "card");
  Posting posting = begin(banking_days_after(day, dice.chance(700) ? 1 : 2),
                          dice.chance(90) ? "DIRECT_DEBIT" : "CARD_TRANSACTION", -amount, kCardHour);
  posting.announced = at(day, hour, minute, second);
  posting.creditor = {std::string(shop.name), {}, {}};
  posting.lines = {format("{}, {} {}", shop.name, shop.city, shop.country), card_, "Kartenzahlung",
                   "comdirect Visa-Debitkarte", time_text(Date(day), hour, minute, second, ' ')};
  posting.pending_lines = {format("{} {} {}", shop.name, shop.city, shop.country == "DE" ? "DEU" : shop.country),
                           time_text(Date(day), hour, minute, second, 'T')};
  posting.reference = identity;
  // Half of the card's reservations have no reference at all, the others one that does not survive the booking.
  if (dice.chance(500)) posting.pending_reference = reference(day, "reservation");
  if (reserved) posting.pending_amount = -*reserved;
  ledger_.add(AccountName::Giro, std::move(posting));
}

void Books::refund_to_card(Day day, const Shop& shop, Cents amount) {
  Posting posting = begin(banking_day_from(day), "CARD_TRANSACTION", amount, kCardHour);
  posting.remitter = {std::string(shop.name), {}, {}};
  posting.lines = {format("{}, {} {}", shop.name, shop.city, shop.country), card_, "Gutschrift Kartenzahlung",
                   "comdirect Visa-Debitkarte", time_text(Date(day), 0, 0, 0, ' ')};
  posting.reference = reference(day, "refund");
  ledger_.add(AccountName::Giro, std::move(posting));
}

void Books::withdraw(Day day, std::string_view machine, Cents amount) {
  Dice dice(seed_, "withdraw", number_of(day));
  int hour = static_cast<int>(dice.between(9, 21));
  Posting posting = begin(banking_days_after(day, 1), "ATM_WITHDRAWAL", -amount, kCardHour);
  posting.announced = at(day, hour, 12, 30);
  posting.creditor = {std::string(machine), {}, {}};
  posting.lines = {std::string(machine), card_, "Bargeldauszahlung", "comdirect Visa-Debitkarte",
                   time_text(Date(day), hour, 12, 30, ' ')};
  posting.bare = true;
  posting.reference = reference(day, "cash");
  ledger_.add(AccountName::Giro, std::move(posting));
}

void Books::debit(Day day, const Partner& partner, Cents amount) {
  Day due = banking_day_from(day);
  std::string creditor_id = german_creditor_id(digits_of(partner.name, "creditor", 11));
  std::string end_to_end = partner.end_to_end.empty() ? std::string(kNoReference) : partner.end_to_end;
  Posting posting = begin(due, "DIRECT_DEBIT", -amount, kDebitHour);
  posting.announced = at(banking_day_until(due - days(1)), kAnnounceHour);
  posting.creditor = partner_party(partner.name);
  posting.lines = {partner.text,    "End-to-End-Ref.:", end_to_end, "CORE / Mandatsref.:",
                   partner.mandate, "Gläubiger-ID:",    creditor_id};
  posting.pending_lines = {partner.name, partner.text};
  posting.reference = reference(day, partner.name);
  posting.pending_reference = reference(day, partner.name);
  if (Dice(seed_, partner.name, number_of(day)).chance(125)) {
    posting.end_to_end = end_to_end;
    posting.mandate = partner.mandate;
    posting.creditor_id = creditor_id;
  }
  ledger_.add(AccountName::Giro, std::move(posting));
}

void Books::return_debit(Day day, const Partner& partner, Cents amount) {
  Posting posting = begin(banking_day_from(day), "CANCELLATION", amount, kCreditHour);
  posting.remitter = partner_party(partner.name);
  posting.debtor = own_party(AccountName::Giro);
  posting.lines = {"Rückgabe Lastschrift wg. Widerspruch durch Zahlungspflichtigen",
                   partner.text,
                   "End-to-End-Ref.:",
                   std::string(kNoReference),
                   "CORE / Mandatsref.:",
                   partner.mandate};
  posting.reference = reference(day, "return");
  ledger_.add(AccountName::Giro, std::move(posting));
}

void Books::pay(AccountName from, Day day, const Partner& partner, Cents amount) {
  Day due = banking_day_from(day);
  Posting posting = begin(due, "TRANSFER", -amount, kDebitHour);
  posting.announced = at(banking_day_until(due - days(1)), kAnnounceHour);
  posting.creditor = partner_party(partner.name);
  posting.creditor.bic = "GENODEF1XXX";
  posting.lines = {partner.text,
                   "End-to-End-Ref.:", partner.end_to_end.empty() ? std::string(kNoReference) : partner.end_to_end};
  posting.pending_lines = {partner.name, partner.text};
  posting.reference = reference(day, partner.name);
  posting.pending_reference = reference(day, partner.name);
  ledger_.add(from, std::move(posting));
}

void Books::receive(AccountName to, Day day, const Partner& partner, Cents amount) {
  Posting posting = begin(banking_day_from(day), "TRANSFER", amount, kCreditHour);
  posting.remitter = partner_party(partner.name);
  posting.lines = {partner.text,
                   "End-to-End-Ref.:", partner.end_to_end.empty() ? std::string(kNoReference) : partner.end_to_end};
  posting.reference = reference(day, partner.name);
  ledger_.add(to, std::move(posting));
}

void Books::move(AccountName from, AccountName to, Day day, std::string_view text, Cents amount, Cents arriving) {
  Posting out = begin(banking_day_from(day), "TRANSFER", -amount, kCreditHour);
  out.lines = {std::string(text), "End-to-End-Ref.:", std::string(kNoReference)};
  out.reference = reference(day, text);
  Posting in = out;
  in.amount = arriving;
  out.creditor = own_party(to);
  in.remitter = own_party(from);
  in.debtor = own_party(from);
  ledger_.add(from, std::move(out));
  ledger_.add(to, std::move(in));
}

void Books::enter(AccountName account, Day day, std::string_view type, std::vector<std::string> lines, Cents amount,
                  std::string valuta) {
  Posting posting = begin(banking_day_from(day), type, amount, kDebitHour);
  if (!valuta.empty()) posting.valuta = std::move(valuta);
  posting.lines = std::move(lines);
  posting.reference = reference(day, type);
  ledger_.add(account, std::move(posting));
}

}  // namespace plumb::sandbox
