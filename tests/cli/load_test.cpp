// A folder from `plumb init`, two services beside it, and what loads and connections say and leave.
#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(CliLoad, AnInitialisedFolderRuns) {
  Household home;
  auto plan = home.plumb({"load", "--dry-run"});
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_TRUE(has(plan.output, "load bank: bank -> files\n  accounts -> raw_bank.accounts (replace")) << plan.output;
  EXPECT_TRUE(home.bank->calls().empty());
  EXPECT_FALSE(std::filesystem::exists(home / "data"));

  auto load = home.plumb({"load"});
  ASSERT_EQ(load.exit_code, 0) << load.errors;
  EXPECT_TRUE(has(load.output, "bank: done in ")) << load.output;
  EXPECT_TRUE(has(load.output, "weather_observations in files")) << load.output;

  const std::string sql =
      "SELECT currency, count(*) AS n FROM files.raw_bank.balances WHERE currency <> 'EUR' GROUP BY ALL";
  EXPECT_EQ(home.plumb({"query", sql}).output, "currency,n\nUSD,1\n");
  EXPECT_EQ(home.plumb({"query", "--format", "json", sql}).output, "[\n{\"currency\":\"USD\",\"n\":1}\n]\n");
  EXPECT_EQ(home.plumb({"query", "--format", "ndjson", sql}).output, "{\"currency\":\"USD\",\"n\":1}\n");
  EXPECT_EQ(home.plumb({"query", "--format", "table", sql}).output,
            "currency | n\n---------+--\nUSD      | 1\n(1 row)\n");
  EXPECT_EQ(home.plumb({"query", "-o", "b.parquet", sql}).exit_code, 0);
  EXPECT_EQ(home.plumb({"query", "FROM 'b.parquet'"}).output, "currency,n\nUSD,1\n");

  auto build = home.plumb({"build"});
  EXPECT_EQ(build.exit_code, 0) << build.output << build.errors;
  EXPECT_TRUE(has(build.output, "Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5")) << build.output;
  auto shown = home.plumb(
      {"show", "-q", "--inline", "select city from {{ ref('weather_by_day') }} order by 1", "--output", "json"});
  EXPECT_TRUE(shown.output.starts_with(R"({"show": [{"city": "Austin,US"})")) << shown.output << shown.errors;
}

TEST(CliLoad, PlumbNowIsTheDayOfTheBalances) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_EQ(stock_sqlite(home / "data/raw_bank.db", "SELECT DISTINCT day FROM balances"), "2026-11-20\n");
  home.variables["PLUMB_NOW"] = "2026-11-21T23:30:00Z";  // in Berlin it is the 22nd already
  home.bank->set_clock(*find_instant("2026-11-21T23:30:00Z"));
  auto second = home.plumb({"load", "bank"});
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_EQ(stock_sqlite(home / "data/raw_bank.db", "SELECT DISTINCT day FROM balances ORDER BY day"),
            "2026-11-20\n2026-11-22\n");
}

TEST(CliLoad, JsonIsALineForEachPipeline) {
  Household home;
  auto load = home.plumb({"--json", "load"});
  ASSERT_EQ(load.exit_code, 0) << load.errors;
  EXPECT_TRUE(load.output.starts_with(R"({"pipeline":"bank","load_id":"20261120T1800)")) << load.output;
  EXPECT_TRUE(
      has(load.output, R"("resource":"accounts","destination":"files","table":"raw_bank.accounts","rows_read":)"));
  EXPECT_EQ(std::count(load.output.begin(), load.output.end(), '\n'), 2);
}

TEST(CliLoad, APipelineThatFailsDoesNotKeepTheOthersAway) {
  Household home;
  home.replace(".env", "COMDIRECT_PASSWORD=123456", "COMDIRECT_PASSWORD=wrong1");
  auto load = home.plumb({"load"});
  EXPECT_EQ(load.exit_code, 3);
  EXPECT_TRUE(has(load.errors, "bank: failed\n")) << load.errors;
  EXPECT_FALSE(has(load.errors, "wrong1"));
  EXPECT_TRUE(has(load.output, "weather: done in ")) << load.output;
}

TEST(CliConnections, AreListedAndTestedEachOnItsOwn) {
  Household home;
  EXPECT_EQ(home.plumb({"connections", "list"}).output, home.plumb({"connections"}).output);
  EXPECT_EQ(
      home.plumb({"--json", "connections"}).output,
      R"([{"name":"bank","type":"comdirect"},{"name":"files","type":"sqlite"},{"name":"weather","type":"openweather"}])"
      "\n");
  EXPECT_EQ(home.plumb({"connections", "test", "--dry-run"}).output,
            "test bank (comdirect)\ntest files (sqlite)\ntest weather (openweather)\n");
  auto good = home.plumb({"connections", "test"});
  EXPECT_EQ(good.output, "bank: ok\nfiles: ok\nweather: ok\n") << good.errors;
  home.replace(".env", "OPENWEATHER_API_KEY=sandbox-key", "OPENWEATHER_API_KEY=nonsense");
  auto bad = home.plumb({"connections", "test", "weather", "files"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_EQ(bad.output, "weather: failed\nfiles: ok\n");
  EXPECT_FALSE(has(bad.errors, "nonsense")) << bad.errors;
}

TEST(CliConnections, ASignInIsKeptSealedAndForgottenOnLogout) {
  Household home;
  auto login = home.plumb({"connections", "login", "bank"});
  ASSERT_EQ(login.exit_code, 0) << login.errors;
  EXPECT_EQ(login.output, "bank: signed in; the session is kept for later loads\n");
  const auto sealed = home.read(".plumb/sessions/" + home.names(".plumb/sessions").front());
  EXPECT_FALSE(has(sealed, "access_token"));

  auto challenges = [&] {
    int count = 0;
    for (const auto& call : home.bank->calls()) count += has(call.target, "/validate") ? 1 : 0;
    return count;
  };
  EXPECT_EQ(challenges(), 1);
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_EQ(challenges(), 1) << "the load signed in anew";
  ASSERT_EQ(home.plumb({"connections", "logout", "bank"}).exit_code, 0);
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_EQ(challenges(), 2);
}

TEST(CliConnections, AnotherKeyDoesNotOpenASessionAndSaysSo) {
  Household home;
  home.variables["PLUMB_KEY"] = std::string(64, 'a');
  ASSERT_EQ(home.plumb({"connections", "login", "bank"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(home / "config"));
  home.variables["PLUMB_KEY"] = std::string(64, 'b');
  auto load = home.plumb({"load", "bank"});
  EXPECT_EQ(load.exit_code, 3) << load.output;
  EXPECT_FALSE(has(load.errors, std::string(64, 'b')));
}

TEST(CliConnections, OnesThatNeedNoSignInAreToldSo) {
  Household home;
  auto result = home.plumb({"connections", "login", "files"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.errors, "plumb: connection 'files' of type 'sqlite' needs no sign-in\n");
}

TEST(CliLoad, AnAccountThatComesLaterBringsItsWholeHistory) {
  Household whole;
  ASSERT_EQ(whole.plumb({"load", "bank"}).exit_code, 0);
  Household home;
  home.replace("pipelines/bank.yml", "{connection: bank}", "{connection: bank, accounts: [\"0225178100\"]}");
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_NE(home.count("transactions"), whole.count("transactions"));
  home.replace("pipelines/bank.yml", "{connection: bank, accounts: [\"0225178100\"]}", "{connection: bank}");
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_EQ(home.count("transactions"), whole.count("transactions"));
  // The account that was known is not read from its beginning again.
  int from_the_cursor = 0;
  for (const auto& call : home.bank->calls()) from_the_cursor += has(call.target, "min-bookingDate=2026-11-") ? 1 : 0;
  EXPECT_EQ(from_the_cursor, 1);
}

class LoadSignalled : public testing::TestWithParam<int> {};

TEST_P(LoadSignalled, ASlowLoadEndsAtOnceAndKeepsWhatWasCommitted) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  const auto before = home.count("transactions");
  home.bank->advance_clock(std::chrono::hours(72));
  home.bank->add_fault({.kind = sandbox::FaultKind::Slow,
                        .path = "/api/banking/v1/accounts",
                        .times = -1,
                        .delay = std::chrono::seconds(60)});
  const auto calls = home.bank->calls().size();
  ChildProcess load(home.command({"load", "bank"}), home / "said");
  ASSERT_TRUE(comes_true([&] { return home.bank->calls().size() > calls && listens_to_signals(load.pid()); }));
  const auto sent = std::chrono::steady_clock::now();
  load.send_signal(GetParam());
  EXPECT_EQ(load.wait(), 128 + GetParam());
  // Within a second, as documented, on a machine that has time; the service would have taken a minute.
  EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::seconds(5));
  EXPECT_EQ(home.count("transactions"), before);
  EXPECT_EQ(stock_sqlite(home / "data/raw_bank.db", "SELECT name FROM sqlite_master WHERE name LIKE '_plumb_stage%'"),
            "");
  home.bank->clear_faults();
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Cli, LoadSignalled, testing::Values(SIGINT, SIGTERM),
                         [](const auto& story) { return story.param == SIGINT ? "CtrlC" : "Sigterm"; });

}  // namespace
}  // namespace plumb::story
