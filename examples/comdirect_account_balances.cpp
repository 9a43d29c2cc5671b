// Reads the balances of all accounts, keeps one a day and account in SQLite, and reads them back.
//
//     comdirect_account_balances [--client-id=…] [--client-secret=…] [--username=…] [--password=…] [--base-url=…]
//                                [--sqlite-db-path=balances.db]
//
// What is not given as an argument comes from COMDIRECT_CLIENT_ID, COMDIRECT_CLIENT_SECRET, COMDIRECT_USERNAME,
// COMDIRECT_PASSWORD, COMDIRECT_BASE_URL and SQLITE_DB_PATH.
#include <iostream>

#include "base/file.h"
#include "ingest/ingest.h"

namespace comdirect = plumb::ingest::comdirect;

static std::map<std::string, std::string> read_arguments(int count, char** words) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i < count; ++i) {
    std::string word = words[i];
    auto equals = word.find('=');
    if (word.rfind("--", 0) != 0 || equals == std::string::npos) {
      throw plumb::Error(plumb::ErrorKind::Usage, "can't read the argument " + word, {.hint = "write --name=value"});
    }
    std::string name = word.substr(2, equals - 2);
    for (char& c : name) c = c == '-' ? '_' : c;
    arguments[name] = word.substr(equals + 1);
  }
  return arguments;
}

static std::string sqlite_path(const std::map<std::string, std::string>& arguments) {
  if (auto it = arguments.find("sqlite_db_path"); it != arguments.end()) return it->second;
  if (auto path = plumb::find_environment("SQLITE_DB_PATH")) return *path;
  throw plumb::Error(plumb::ErrorKind::Usage, "sqlite_db_path (SQLITE_DB_PATH) is missing; nothing has been sent");
}

static std::optional<plumb::Secret> ask(const plumb::ingest::Question& question) {
  std::cerr << question.text << (question.wants_answer ? " " : "\n");
  std::string tan;
  if (question.wants_answer) std::getline(std::cin, tan);
  return plumb::Secret(tan);
}

int main(int count, char** words) {
  try {
    auto arguments = read_arguments(count, words);
    auto config = comdirect::config_from(arguments, plumb::find_environment);
    auto database = plumb::db::open({.kind = plumb::db::Kind::Sqlite, .path = sqlite_path(arguments)});

    plumb::SystemClock clock;
    comdirect::Client bank(config, {.clock = clock});
    bank.authenticate(ask);
    std::vector<comdirect::BalanceRow> rows;
    for (const auto& balance : bank.account_balances()) rows.push_back(comdirect::to_row(balance, clock.now()));
    bank.revoke();

    auto connection = database->connect();
    auto table = comdirect::balance_table(*connection);
    table.create();
    table.upsert(rows);
    for (const auto& row : table.read("ORDER BY day, account_display_id")) {
      std::cout << plumb::format_date(row.day) << "  " << row.account_display_id << "  " << row.balance.to_string()
                << " " << row.currency << "\n";
    }
    return 0;
  } catch (const plumb::Error& error) {
    std::cerr << error.render() << "\n";
    return 1;
  }
}
