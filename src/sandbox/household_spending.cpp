// What is bought as the day brings it: with the debit card, by direct debit, in cash, and with the credit card.
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/format.h"
#include "sandbox/books.h"
#include "sandbox/household.h"

namespace plumb::sandbox {
namespace {

using std::chrono::days;

constexpr std::array kSupermarkets{
    Shop{"REWE SAGT DANKE. 41208231", "BERLIN"}, Shop{"EDEKA SÜDERMANN", "BERLIN"},
    Shop{"LIDL DIENSTLEISTUNG", "BERLIN"},       Shop{"REWE SAGT DANKE. 41208231", "BERLIN"},
    Shop{"ALDI NORD SAGT DANKE", "BERLIN"},      Shop{"EDEKA SÜDERMANN", "BERLIN"},
    Shop{"Penny Markt 3317", "BERLIN"},          Shop{"Biomarkt Möhre & Söhne GmbH, Schönhauser", "BERLIN"},
};
constexpr std::array kBakeries{Shop{"Bäckerei Süßmilch", "BERLIN"}, Shop{"BACKHAUS KRÜMEL FIL. 12", "BERLIN"}};
constexpr std::array kDrugstores{Shop{"DM-DROGERIE MARKT", "BERLIN"}, Shop{"ROSSMANN VERKAUFS GMBH", "BERLIN"},
                                 Shop{"Apotheke am Weißen See", "BERLIN"}};
constexpr std::array kRestaurants{Shop{"Trattoria Due Forni", "BERLIN"}, Shop{"SumUp *Cafe Zaertlich", "BERLIN"},
                                  Shop{"Gasthaus Zum Löwen", "POTSDAM"}, Shop{"Saigon Küche", "BERLIN"}};
constexpr std::array kFuel{Shop{"JET-Tankstelle", "BERLIN"}, Shop{"ARAL STATION 288400122", "BERNAU"}};
constexpr std::array kShops{Shop{"AMZN Mktp DE*NI22A6FP4", "AMZN.COM BILL  LU", ""},
                            Shop{"DB Vertrieb GmbH", "FRANKFURT"},
                            Shop{"Schuhhaus Größe 38", "BERLIN"},
                            Shop{"BAUMARKT HÄMMERLE KG", "BERLIN"},
                            Shop{"Buchhandlung Seitenweise", "BERLIN"},
                            Shop{"Kino International", "BERLIN"}};
constexpr std::array kAbroad{Shop{"MERCADONA PORT DE POLLENCA", "POLLENCA", "ES"},
                             Shop{"Panadería Ca'n Juan", "ALCÚDIA", "ES"}, Shop{"REPSOL E.S. INCA", "INCA", "ES"},
                             Shop{"Restaurante El Jardín", "POLLENCA", "ES"}};
constexpr std::array<std::string_view, 3> kMachines{"GA NR00002841 BLZ10050000 0 BERLIN SCHÖNHAUSER ALLEE",
                                                    "COMMERZBANK 00411203 BERLIN", "Cash Group GAA 7734 POTSDAM"};
constexpr std::array<std::string_view, 3> kPurchases{
    "Ihr Einkauf bei Strickliesel Wolle", "Ihr Einkauf bei Fahrrad-Müller", "Ihr Einkauf bei Spielzeugkiste"};

// How often in a thousand days of that sort, and for how much (in cents).
struct Habit {
  std::span<const Shop> shops;
  int weekday;
  int saturday;
  int sunday;
  Cents least;
  Cents most;
};

constexpr std::array<Habit, 5> kHabits{{
    {kSupermarkets, 400, 830, 0, 780, 9240},
    {kBakeries, 190, 520, 460, 320, 1490},
    {kDrugstores, 70, 120, 0, 495, 4380},
    {kRestaurants, 90, 260, 180, 1450, 7800},
    {kShops, 95, 160, 40, 899, 11900},
}};

int chance_of(const Habit& habit, std::chrono::weekday weekday) {
  if (weekday == std::chrono::Saturday) return habit.saturday;
  return weekday == std::chrono::Sunday ? habit.sunday : habit.weekday;
}

// Two weeks by the sea, from the second Saturday of August.
bool on_holiday(Date date) {
  Day first = Day(date.year() / std::chrono::August / std::chrono::Saturday[2]);
  return Day(date) >= first && Day(date) < first + days(15);
}

void buy(Day day, const Habit& habit, std::string_view name, Books& books) {
  Dice dice(books.seed(), name, number_of(day));
  if (!dice.chance(chance_of(habit, std::chrono::weekday(day)))) return;
  const Shop& shop = dice.pick(habit.shops);
  Cents amount = dice.between(habit.least, habit.most);
  books.pay_by_card(day, shop, amount);
  // Every seventh thing from a shop goes back, or the train did not run.
  if (habit.shops.data() == kShops.data() && dice.chance(140)) {
    books.refund_to_card(day + days(dice.between(6, 12)), shop, dice.chance(500) ? amount : amount / 2);
  }
}

void drive(Day day, Books& books) {
  Dice dice(books.seed(), "fuel", number_of(day));
  if (!dice.chance(75)) return;
  Cents amount = dice.between(3850, 8900);
  const Shop& shop = dice.pick(kFuel);
  // Some pumps reserve a round sum first.
  books.pay_by_card(day, shop, amount, dice.chance(400) ? std::optional<Cents>(10000) : std::nullopt);
}

void pay_online(Day day, Books& books) {
  Dice dice(books.seed(), "wallet", number_of(day));
  if (!dice.chance(80)) return;
  std::string number = dice.text(13, "123456789");
  Partner partner{"PayWallet Europe S.a.r.l. et Cie S.C.A", format("{}/PP.7320.PP/. {}", number, dice.pick(kPurchases)),
                  "4LHJ2255C8KDN", number};
  books.debit(day + days(1), partner, dice.between(990, 6450));
}

void fetch_cash(Day day, Books& books) {
  Dice dice(books.seed(), "cash", number_of(day));
  if (dice.chance(55)) books.withdraw(day, dice.pick(kMachines), dice.between(2, 10) * 2000);
}

// The credit card is for larger and farther things; the giro account pays it on the 22nd.
void use_credit_card(Day day, Books& books, CreditCard& card) {
  Date date(day);
  if (date.day() == std::chrono::day(22) && card.open > 0) {
    Day due = banking_day_from(day);
    card.settlements.push_back({due, card.open});
    books.debit(due, {"comdirect", format("Visa-Kreditkarte Abrechnung vom {}", german_date(date)), "VISA-4871-78"},
                card.open);
    card.open = 0;
  }
  Dice dice(books.seed(), "credit card", number_of(day));
  if (!dice.chance(on_holiday(date) ? 600 : 130)) return;
  Cents amount = dice.between(1290, 9900);
  card.purchases.push_back({books.at(day, static_cast<int>(dice.between(9, 21)), 40), amount});
  card.open += amount;
}

}  // namespace

void live_spending(Day day, Books& books, CreditCard& card) {
  if (on_holiday(Date(day))) {
    buy(day, {kAbroad, 850, 850, 850, 640, 8800}, "abroad", books);
  } else {
    int number = 0;
    for (const Habit& habit : kHabits) buy(day, habit, format("habit {}", number++), books);
    drive(day, books);
  }
  pay_online(day, books);
  fetch_cash(day, books);
  use_credit_card(day, books, card);
}

}  // namespace plumb::sandbox
