// What recurs by contract: wages, rent, insurances, subscriptions.
#include <array>
#include <string>
#include <string_view>

#include "base/format.h"
#include "sandbox/books.h"
#include "sandbox/household.h"

namespace plumb::sandbox {
namespace {

enum class Way { Receive, Debit, Pay };

struct Contract {
  Way way;
  std::string_view name;
  std::string_view text;  // "%m" is the month: 11/2026, "%M" in words
  Cents amount;
  int day;        // of the month; 31 is the last banking day, -1 the one before
  int every = 1;  // months
  int first = 1;  // the first month of the year
  std::string_view mandate = {};
  int raise = 0;  // per mille a year, from 2026 on
};

constexpr std::array kContracts{
    Contract{Way::Receive, "NORDLICHT SOFTWARE GMBH", "LOHN / GEHALT %m PERS.NR 004711", 341267, -1, 1, 1, {}, 25},
    Contract{Way::Receive, "Klinikum Nordstadt gGmbH", "BEZÜGE %m", 148520, 31, 1, 1, {}, 18},
    Contract{Way::Receive,
             "Bundesagentur für Arbeit - Familienkasse",
             "KG115FK204557 %m KINDERGELD",
             25500,
             9,
             1,
             1,
             {},
             16},
    Contract{Way::Pay, "Hausverwaltung Größer & Söhne GmbH", "Miete %M WE 12 Lindenstraße 7, 3. OG links", 138500, 1},
    Contract{Way::Pay, "Kita Löwenzähnchen e.V.", "Elternbeitrag %M Größl, Frieda", 21700, 1},
    Contract{Way::Pay, "Musikschule am Schäfersee", "Klavierunterricht %M", 6800, 3},
    Contract{Way::Debit, "Stadtwärme Nord AG", "Abschlag Fernwärme %m Vertragskonto 7011 554 208", 12100, 15, 1, 1,
             "SWN-7011554208-01", 30},
    Contract{Way::Debit, "Grünstrom Genossenschaft eG", "Abschlag Strom %m, Zählernr. 1EMH0012345678", 9400, 5, 1, 1,
             "GSG000118823"},
    Contract{Way::Debit, "Glasfaser Direkt GmbH", "Festnetz Vertragskonto 5920 110 %m", 4495, 8, 1, 1, "DE000200099"},
    Contract{Way::Debit, "Funkwelle Mobil GmbH & Co. KG", "Kd-Nr. 118 220 94, Rechnung %m", 1999, 12, 1, 1,
             "FWM-1182209"},
    Contract{Way::Debit, "Funkwelle Mobil GmbH & Co. KG", "Kd-Nr. 118 220 95, Rechnung %m", 1299, 12, 1, 1,
             "FWM-1182210"},
    Contract{Way::Debit, "Verkehrsbetriebe Abo-Service", "Deutschlandticket %m Abo 44120937", 5800, 2, 1, 1,
             "ABO44120937", 86},
    Contract{Way::Debit, "Rheinische Lebensversicherung a.G.", "Berufsunfähigkeit 88.201.334-7, Beitrag %m", 8315, 1, 1,
             1, "RLV882013347"},
    Contract{Way::Debit, "Sportpark Kugelhaus GmbH", "Mitgliedsbeitrag %m 2 Personen", 6980, 3, 1, 1, "SPK-20331"},
    Contract{Way::Debit, "Bildschirm+ Streaming", "Ihr Abo, Danke fürs Zuschauen", 1399, 17, 1, 1, "BS-0093-771"},
    Contract{Way::Debit, "Tonspur Musik AB", "Family-Abo %M", 1799, 19, 1, 1, "TS4410098"},
    Contract{Way::Debit, "Tageblatt Verlag GmbH", "E-Paper und Wochenende %m", 3290, 4, 1, 1, "TBV-771002"},
    Contract{Way::Debit, "Ärzte für alle e.V.", "Spende, herzlichen Dank", 1500, 20, 1, 1, "AFA-2019-4410"},
    Contract{Way::Debit, "Rundfunk ARD, ZDF, DRadio", "Rundfunkbeitrag, Beitragsnr. 418 220 771", 5508, 15, 3, 2,
             "4182207710001"},
    Contract{Way::Debit, "Kraftfahrer-Versicherung AG", "K-HAFTPFLICHT+TEILKASKO B-KG 1107", 14872, 1, 3, 1,
             "KFV-990118-2", 40},
    Contract{Way::Debit, "Berliner Wasserwerk", "Abschlag Wasser %m", 5940, 10, 3, 3, "BWW-7701-2"},
    Contract{Way::Debit, "Kraftfahrer-Versicherung AG", "PRIVATHAFTPFLICHT Jahresbeitrag", 7140, 10, 12, 1,
             "KFV-990118-3"},
    Contract{Way::Debit, "Kraftfahrer-Versicherung AG", "HAUSRAT Lindenstraße 7 Jahresbeitrag", 11893, 3, 12, 3,
             "KFV-990118-4"},
    Contract{Way::Debit, "Bundeskasse in Weiden", "KFZ-STEUER FÜR B KG 1107", 13200, 20, 12, 5, "KFZ-B-KG1107"},
    Contract{Way::Debit, "Tierschutzverein Pfötchen", "Patenschaft, Jahresbeitrag", 4800, 6, 12, 10, "TSV-88120"},
};

std::string filled(std::string_view text, Date date) {
  std::string result(text);
  std::string number = format("{:02}/{}", static_cast<unsigned>(date.month()), static_cast<int>(date.year()));
  if (auto at = result.find("%m"); at != std::string::npos) result.replace(at, 2, number);
  if (auto at = result.find("%M"); at != std::string::npos) result.replace(at, 2, german_month(date));
  return result;
}

bool falls_on(const Contract& contract, Day day, Date date) {
  int month = static_cast<int>(static_cast<unsigned>(date.month()));
  if (month < contract.first || (month - contract.first) % contract.every != 0) return false;
  Day last = banking_day_until(last_of_month(date));
  if (contract.day == 31) return day == last;
  if (contract.day == -1) return day == banking_day_until(last - std::chrono::days(1));
  return static_cast<int>(static_cast<unsigned>(date.day())) == contract.day;
}

// What is agreed for that year; Christmas money is half a wage.
Cents amount_of(const Contract& contract, Date date) {
  Cents amount = contract.amount;
  for (int year = 2026; year <= static_cast<int>(date.year()); ++year) amount += scale(amount, contract.raise, 1000);
  bool wage = contract.way == Way::Receive && contract.day == -1;
  return wage && date.month() == std::chrono::November ? amount + amount / 2 : amount;
}

}  // namespace

void live_contracts(Day day, Books& books) {
  Date date(day);
  for (const Contract& contract : kContracts) {
    if (!falls_on(contract, day, date)) continue;
    Partner partner{std::string(contract.name), filled(contract.text, date), std::string(contract.mandate)};
    Cents amount = amount_of(contract, date);
    switch (contract.way) {
      case Way::Receive:
        partner.end_to_end = contract.day == -1 ? format("SALA-{}-004711", format_date(date).substr(0, 7)) : "";
        books.receive(AccountName::Giro, day, partner, amount);
        break;
      case Way::Pay:
        books.pay(AccountName::Giro, day, partner, amount);
        break;
      case Way::Debit:
        books.debit(day, partner, amount);
        // Once a year somebody finds that the sports club has taken its fee too often, and has it given back.
        if (contract.mandate == "SPK-20331" && date.month() == std::chrono::September) {
          books.return_debit(banking_days_after(day, 4), partner, amount);
        }
        break;
    }
  }
}

}  // namespace plumb::sandbox
