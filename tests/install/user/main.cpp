// What a user of the library writes first: headers by <plumb/ROOM/ROOM.h>, typed rows in a database, a query in DuckDB,
// an error that says what to do, and a workflow.
#include <plumb/ingest/ingest.h>
#include <plumb/workflow/workflow.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace comdirect = plumb::ingest::comdirect;

int main() {
  plumb::SystemClock clock;
  auto database = plumb::db::open("sqlite:///balances.db");
  auto connection = database->connect();
  auto table = comdirect::balance_table(*connection);
  table.create();
  comdirect::BalanceRow row{.account_id = "A1",
                            .day = *plumb::find_date("2026-11-21"),
                            .currency = "EUR",
                            .balance = plumb::data::Decimal::parse("12.30"),
                            .read_at = clock.now()};
  table.upsert(std::vector{row});
  auto lake = plumb::db::open("duckdb://")->connect();
  lake->attach(database->config(), "files");
  std::printf("%s, and in DuckDB %s\n", table.read().at(0).balance.to_string().c_str(),
              plumb::db::find_value(*lake, "SELECT balance FROM files.balances")->c_str());
  try {
    comdirect::config_from({}, [](const std::string&) { return std::optional<std::string>(); });
  } catch (const plumb::Error& error) {
    std::puts(error.what());
  }
  std::ofstream("plumb.yml") << "name: mine\n";
  std::filesystem::create_directory("workflows");
  std::ofstream("workflows/w.yml") << "workflow: w\ntasks:\n  - {id: a, shell: \"true\"}\n";
  auto project = plumb::config::load_project(".", plumb::config::Environment::of_process());
  plumb::store::Store store(plumb::workflow::store_of(project), clock);
  plumb::workflow::Scheduler scheduler({.program = "plumb", .schedules = false}, project, store, clock, {});
  auto state = scheduler.run_until_finished(scheduler.trigger({.workflow = "w"}).id, {});
  std::printf("and a workflow: %s\n", std::string(plumb::run::to_string(state)).c_str());
}
