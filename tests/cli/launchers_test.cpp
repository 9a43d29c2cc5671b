// Under the roof of somebody else: what cron, systemd, Make and Airflow's BashOperator have in common and a terminal
// has not. docs/under-another-roof.md has the recipes.
#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

// A number for each table, and the money in one.
std::string rows_of(const Home& home) {
  std::string found;
  for (const char* table : {"accounts", "balances", "transactions", "pending"})
    found += stock_sqlite(home / "data/raw_bank.db", std::string("SELECT count(*) FROM ") + table);
  found += stock_sqlite(home / "data/raw_bank.db", "SELECT sum(amount * 100) FROM transactions");
  return found + stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM forecast");
}

// The household's rows, loaded and modelled the usual way.
std::string usual_rows() {
  Household home;
  EXPECT_EQ(home.plumb({"load"}).exit_code, 0);
  EXPECT_EQ(home.plumb({"build"}).exit_code, 0);
  return rows_of(home);
}

TEST(CliLauncher, CronsBareEnvironmentMakesTheSameRows) {
  Household home;
  // What Debian's cron gives, a HOME apart; PLUMB_NOW is for the bank, whose clock stands still.
  auto result =
      home.shell("env -i PATH=/usr/bin:/bin SHELL=/bin/sh LOGNAME=x PLUMB_KEY=k PLUMB_NOW=" + std::string(kEvening) +
                 " PLUMB_DUCKDB_LIBRARY=\"$PLUMB_DUCKDB_LIBRARY\" sh -c '\"$0\" load && \"$0\" build' \"$PLUMB\" "
                 "<&- 2>&1 | cat; exit ${PIPESTATUS[0]}");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(rows_of(home), usual_rows());
}

TEST(CliLauncher, WithoutAHomeItIsTheAccounts) {
  Household home;
  auto told = home.shell("env -u HOME \"$PLUMB\" compile -q --inline \"{{ env_var('HOME') }}\" | tail -n 1").output;
  EXPECT_EQ(told, home.shell("unset HOME; echo ~").output);  // a shell asks the list of accounts as well
}

TEST(CliLauncher, ClosedStreamsAreNotMistakenForFiles) {
  Household home;
  EXPECT_EQ(home.shell("\"$PLUMB\" load <&- 2>&-").exit_code, 0);
  EXPECT_EQ(home.shell("\"$PLUMB\" build <&- 2>&-").exit_code, 0);
  EXPECT_EQ(rows_of(home), usual_rows());
  auto query = home.shell("\"$PLUMB\" query 'SELECT 1' >&-");
  EXPECT_EQ(query.exit_code, 1);
  EXPECT_NE(query.errors.find("Bad file descriptor"), std::string::npos) << query.errors;
}

TEST(CliLauncher, MakeEndsWithTheFirstFailure) {
  Household home;
  home.write("Makefile", "build: bank weather\n\t@$(PLUMB) build\nbank weather:\n\t@$(PLUMB) load $@\n");
  auto good = home.shell("make -j2 2>&1");
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_EQ(rows_of(home), usual_rows());
  home.replace(".env", "COMDIRECT_PASSWORD=123456", "COMDIRECT_PASSWORD=000000");
  std::filesystem::remove_all(home / ".plumb");
  auto refused = home.shell("make bank 2>&1");
  EXPECT_NE(refused.output.find("Error 3"), std::string::npos) << refused.output;
}

TEST(CliLauncher, CtrlCEndsTheLoopAroundIt) {
  Home home;
  auto command = home.command({});
  command.arguments = {"bash", "-c",
                       "for i in 1 2; do \"$PLUMB\" query -o rows.csv 'FROM range(1000000000000)'; echo $i $?; done"};
  command.environment->emplace_back("PLUMB", program());
  ChildProcess shell(command, home / "said");
  ASSERT_TRUE(comes_true([&] { return home.names().size() > 2; }));  // a partial file beside "said" and "tmp"
  ::kill(-shell.pid(), SIGINT);                                      // as a terminal does it: to all in front
  EXPECT_EQ(shell.wait(), 130);
  EXPECT_EQ(home.read("said"), "plumb: the statement was cancelled\n");
}

}  // namespace
}  // namespace plumb::story
