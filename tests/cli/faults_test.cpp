// Each thing that goes wrong gets one clear message that names the place and what to do, its exit code, and loses
// nothing that was committed.
#include <sys/mount.h>

#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

using sandbox::FaultKind;

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

// What a failed command said.
void expect_failure(const CommandResult& result, int code, const std::vector<std::string>& pieces) {
  EXPECT_EQ(result.exit_code, code) << result.errors;
  for (const auto& piece : pieces)
    EXPECT_TRUE(has(result.errors, piece)) << piece << "\n--- was not in\n" << result.errors;
  // A line that broke needs no advice.
  EXPECT_TRUE(has(result.errors, "hint: ") || has(result.errors, "broke off")) << "nothing says what to do:\n"
                                                                               << result.errors;
}

TEST(FaultyService, AWrongPasswordEndsWith3AndIsNotShown) {
  Household home;
  home.replace(".env", "COMDIRECT_PASSWORD=123456", "COMDIRECT_PASSWORD=876543");
  auto load = home.plumb({"load", "bank"});
  expect_failure(load, 3, {"comdirect"});
  EXPECT_FALSE(has(load.errors, "876543"));
  EXPECT_FALSE(std::filesystem::exists(home / "data/raw_bank.db"));
}

TEST(FaultyService, AMissingCredentialIsNamedAndNothingIsSent) {
  Household home;
  home.replace(".env", "COMDIRECT_PASSWORD=123456\n", "");
  expect_failure(home.plumb({"load", "bank"}), 2, {"COMDIRECT_PASSWORD"});
  home.replace(".env", "OPENWEATHER_API_KEY=sandbox-key\n", "");
  expect_failure(home.plumb({"load", "weather"}), 2, {"plumb.yml:10:", "OPENWEATHER_API_KEY"});
  EXPECT_TRUE(home.bank->calls().empty());
  EXPECT_TRUE(home.weather->calls().empty());
}

TEST(FaultyService, AWrongKeyEndsWith3) {
  Household home;
  home.replace(".env", "OPENWEATHER_API_KEY=sandbox-key", "OPENWEATHER_API_KEY=0123nonsense");
  auto load = home.plumb({"load", "weather"});
  expect_failure(load, 3, {"OpenWeather"});
  EXPECT_FALSE(has(load.errors, "0123nonsense"));
}

TEST(FaultyService, WithoutATerminalATanCannotBeTypedAndSaysWhereItCan) {
  Household home({.preferred = sandbox::TanKind::Mobile, .kinds = {sandbox::TanKind::Mobile}});
  expect_failure(home.plumb({"load", "bank"}), 3, {});
}

TEST(FaultyService, AnExpiredSessionSignsInAnew) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  const auto before = home.count("transactions");
  home.bank->command("expire");
  auto load = home.plumb({"load", "bank"});
  EXPECT_EQ(load.exit_code, 0) << load.errors;
  EXPECT_EQ(home.count("transactions"), before);
}

TEST(FaultyService, ATokenThatDiesInMidLoadKeepsWhatWasCommitted) {
  Household home;
  home.bank->add_fault({.kind = FaultKind::ExpiredToken, .path = "/api/banking/v1/accounts", .times = 1});
  auto load = home.plumb({"load", "bank"});
  if (load.exit_code != 0) expect_failure(load, 3, {});
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  EXPECT_NE(home.count("transactions"), "0\n");
}

TEST(FaultyService, OneThatIsDownIsNamedWithItsAddress) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "weather"}).exit_code, 0);
  const auto url = home.weather->url();
  home.weather->stop();
  auto load = home.plumb({"load", "weather"});
  expect_failure(load, 1, {"connection refused", url.substr(7)});
  EXPECT_NE(stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM weather_observations"), "0\n");
}

TEST(FaultyService, TooManyRequestsEndAfterTheLastTry) {
  Household home;
  home.variables["PLUMB_HTTP_ATTEMPTS"] = "2";
  home.weather->add_fault({.kind = FaultKind::TooManyRequests, .times = -1});
  expect_failure(home.plumb({"load", "weather"}), 1, {"OpenWeather"});
  EXPECT_EQ(home.weather->calls().size(), 2u);
  home.weather->clear_faults();
  EXPECT_EQ(home.plumb({"load", "weather"}).exit_code, 0);
}

TEST(FaultyService, AnAttemptsVariableThatIsNoNumberIsRefused) {
  Household home;
  home.variables["PLUMB_HTTP_ATTEMPTS"] = "many";
  expect_failure(home.plumb({"load", "weather"}), 2, {"PLUMB_HTTP_ATTEMPTS: 'many' is no number of tries"});
}

class BrokenAnswer : public testing::TestWithParam<FaultKind> {};

TEST_P(BrokenAnswer, LoadsNothingOfItAndKeepsTheRest) {
  Household home;
  ASSERT_EQ(home.plumb({"load"}).exit_code, 0);
  const auto transactions = home.count("transactions");
  const auto weather = stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM forecast");
  home.bank->add_fault({.kind = GetParam(), .path = "/api/banking/v1/accounts", .times = -1});
  home.weather->add_fault({.kind = GetParam(), .path = "/data/2.5/forecast", .times = -1});
  expect_failure(home.plumb({"load", "bank"}), 1, {});
  expect_failure(home.plumb({"load", "weather"}), 1, {});
  EXPECT_EQ(home.count("transactions"), transactions);
  EXPECT_EQ(stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM forecast"), weather);
  home.bank->clear_faults();
  home.weather->clear_faults();
  EXPECT_EQ(home.plumb({"load"}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Cli, BrokenAnswer,
                         testing::Values(FaultKind::Truncated, FaultKind::MalformedJson, FaultKind::ResetMidBody,
                                         FaultKind::ServerError),
                         [](const auto& story) {
                           switch (story.param) {
                             case FaultKind::Truncated:
                               return "Truncated";
                             case FaultKind::MalformedJson:
                               return "Malformed";
                             case FaultKind::ResetMidBody:
                               return "Reset";
                             default:
                               return "Status500";
                           }
                         });

struct WrongFile {
  const char* name;
  const char* from;
  const char* to;
  const char* errors;
};

TEST(FaultyFile, MistakesInYamlAreShownWithTheirPlaceAndEndWith2) {
  const std::vector<WrongFile> wrong = {
      {"plumb.yml", "timezone:", "timezonne:",
       "plumb.yml:2:1: unknown key 'timezonne'\n   2 | timezonne: Europe/Berlin\n     | ^\nhint: did you mean "
       "'timezone'?\n"},
      {"plumb.yml", "timezone: Europe/Berlin", "timezone: Europe/Berlin\ntimezone: UTC", "plumb.yml:3:1: "},
      {"plumb.yml", "timezone: Europe/Berlin", "timezone: Europe/Berln", "plumb.yml:2:11: "},
      {"plumb.yml", "connections:", "connections: [", "plumb.yml:"},
      {"plumb.yml", "type: openweather", "type: openwether",
       "plumb.yml:9:11: 'openwether' is no type of connection\n   9 |     type: openwether\n     |           ^\nhint: "
       "did you "
       "mean 'openweather'?\n"},
      {"plumb.yml", "type: openweather", "type: openweather\n    units: metric",
       "plumb.yml:10:12: unknown setting 'units'"},
      {"pipelines/weather.yml", "{connection: weather", "{connection: wether",
       "pipelines/weather.yml:2:22: unknown connection 'wether'\n"},
      {"pipelines/weather.yml", "destination: files", "destination: fils",
       "pipelines/weather.yml:3:14: unknown connection 'fils'\n"},
      {"pipelines/weather.yml", "  forecast:", "  forcast:", "pipelines/weather.yml:7:3: "},
      {"pipelines/weather.yml", "units: metric", "unit: metric", "pipelines/weather.yml:2:"},
      {"pipelines/weather.yml", "dataset:", "datasett:", "pipelines/weather.yml:4:1: unknown key 'datasett'\n"},
      {"pipelines/weather.yml", "write: merge", "write: murge", "pipelines/weather.yml:7:21: "},
  };
  for (const auto& mistake : wrong) {
    Household home;
    home.replace(mistake.name, mistake.from, mistake.to);
    auto load = home.plumb({"load", "weather"});
    expect_failure(load, 2, {mistake.errors});
    EXPECT_TRUE(load.errors.starts_with(mistake.errors)) << load.errors;
    EXPECT_TRUE(home.weather->calls().empty());
  }
}

TEST(FaultyFile, AnUnknownPipelineIsToldTheNearestOne) {
  Household home;
  auto load = home.plumb({"load", "wether"});
  EXPECT_EQ(load.exit_code, 2);
  EXPECT_TRUE(has(load.errors, "wether") && has(load.errors, "'weather'")) << load.errors;
}

TEST(FaultyFile, ANulAndInvalidUtf8AreNamedWithTheirPlace) {
  Home home;
  home.write("rows.csv", "a,b\n1,fine\n");
  ASSERT_EQ(home.plumb({"copy", "rows.csv", "sqlite:///rows.db"}).exit_code, 0);
  home.write("rows.csv", std::string_view("a,b\n1,x\0y\n", 10));
  expect_failure(home.plumb({"copy", "rows.csv", "sqlite:///rows.db"}), 1, {"column 'b', row 1", "NUL"});
  home.write("rows.csv", "a,b\n1,x\xff\n");
  expect_failure(home.plumb({"copy", "rows.csv", "sqlite:///rows.db"}), 1, {"rows.csv:2:", "no valid UTF-8"});
  EXPECT_EQ(stock_sqlite(home / "rows.db", "SELECT * FROM rows"), "1|fine\n");
}

// A disk with room for a megabyte; without the right to mount one, a limit on the size of files.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(home / "data");
    mounted_ = ::mount("none", (home / "data").c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  void TearDown() override {
    if (mounted_) ::umount2((home / "data").c_str(), MNT_DETACH);
  }
  CommandResult plumb(const std::string& words) const {
    return home.shell((mounted_ ? "exec $PLUMB " : "ulimit -f 1000; exec $PLUMB ") + words);
  }
  void fill() const {
    if (mounted_)
      run_command({.arguments = {"sh", "-c", "head -c 900000 /dev/zero >" + (home / "data/full").string()}});
  }

  Household home;

 private:
  bool mounted_ = false;
};

TEST_F(FullDisk, ACopySaysSoAndKeepsTheOldRows) {
  home.write("rows.csv", "n,text\n1,old\n");
  for (const char* target : {"'sqlite:///data/rows.db?table=rows'", "'duckdb:///data/rows.duckdb?table=rows'"}) {
    ASSERT_EQ(home.plumb({"copy", "rows.csv", std::string(target).substr(1, std::string(target).size() - 2)}).exit_code,
              0);
  }
  std::string many = "n,text\n";
  for (int i = 0; i < 60'000; ++i) many += std::to_string(i) + "," + std::to_string(i * 7919LL) + "abcdefghijklmnop\n";
  home.write("many.csv", many);
  expect_failure(plumb("copy many.csv 'sqlite:///data/rows.db?table=rows'"), 1, {"full"});
  EXPECT_EQ(stock_sqlite(home / "data/rows.db", "SELECT * FROM rows"), "1|old\n");
  fill();
  expect_failure(plumb("copy many.csv 'duckdb:///data/rows.duckdb?table=rows'"), 1, {"rows.duckdb"});
  std::filesystem::remove(home / "data/full");
  EXPECT_EQ(
      home.plumb({"query", "ATTACH 'data/rows.duckdb' AS d (READ_ONLY); SELECT count(*) AS n FROM d.rows"}).output,
      "n\n1\n");
}

TEST_F(FullDisk, ALoadSaysSoAndALaterOneCatchesUp) {
  fill();
  expect_failure(plumb("load bank"), 1, {"full"});
  std::filesystem::remove(home / "data/full");
  std::filesystem::remove_all(home / "data/none");
  auto later = home.plumb({"load", "weather"});
  EXPECT_EQ(later.exit_code, 0) << later.errors;
  EXPECT_EQ(stock_sqlite(home / "data/raw_weather.db", "PRAGMA integrity_check"), "ok\n");
}

TEST_F(FullDisk, AQuerysOutputSaysSoAndLeavesNoPiece) {
  for (const char* file : {"data/rows.csv", "data/rows.parquet"}) {
    expect_failure(plumb(std::string("query -o ") + file + " 'SELECT md5(range::VARCHAR) AS m FROM range(200000)'"), 1,
                   {});
    EXPECT_TRUE(home.names("data").empty()) << file;
  }
}

TEST(FaultyDatabase, AReadOnlyFileOrFolderIsNamed) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "weather"}).exit_code, 0);
  const auto before = stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM weather_observations");
  home.replace("plumb.yml", "lock_timeout: 0.2", "read_only: true");
  expect_failure(home.plumb({"load", "weather"}), 1, {"raw_weather.db", "read-only"});
  EXPECT_EQ(stock_sqlite(home / "data/raw_weather.db", "SELECT count(*) FROM weather_observations"), before);

  // Root may write everywhere but where the system is mounted read-only.
  home.write("rows.csv", "a\n1\n");
  EXPECT_EQ(home.plumb({"copy", "rows.csv", "sqlite:////proc/rows.db"}).exit_code, 1);
  if (::geteuid() == 0) return;
  std::filesystem::permissions(home / "data", std::filesystem::perms(0500));
  expect_failure(home.plumb({"copy", "rows.csv", "sqlite:///data/rows.db"}), 1, {"data/rows.db"});
  std::filesystem::permissions(home / "data", std::filesystem::perms(0700));
}

TEST(FaultyDatabase, AFileThatSomebodyElseHoldsEndsWith4) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  const auto before = home.count("transactions");
  auto command = home.command({});
  command.arguments = {"python3", "-c",
                       "import sqlite3, sys\nd = sqlite3.connect('data/raw_bank.db', isolation_level=None)\n"
                       "d.execute('BEGIN IMMEDIATE')\nopen('held', 'w').close()\nsys.stdin.read()"};
  command.open_input = true;
  ChildProcess holder(command, home / "holder");
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(home / "held"); })) << home.read("holder");
  expect_failure(home.plumb({"load", "bank"}), 4, {"raw_bank.db"});
  holder.close_input();
  EXPECT_EQ(holder.wait(), 0);
  EXPECT_EQ(home.count("transactions"), before);
  EXPECT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
}

TEST(FaultyDatabase, AReaderWithoutPatienceIsNeverTurnedAway) {
  Household home;
  ASSERT_EQ(home.plumb({"load", "bank"}).exit_code, 0);
  home.bank->add_fault(
      {.kind = FaultKind::Slow, .path = "/api/banking", .times = -1, .delay = std::chrono::milliseconds(20)});
  ChildProcess load(home.command({"load", "bank"}), home / "said");
  int reads = 0;
  while (load.running()) {
    auto seen = home.count("transactions");
    ASSERT_FALSE(has(seen, "error")) << seen;
    ++reads;
  }
  EXPECT_EQ(load.wait(), 0) << home.read("said");
  EXPECT_GT(reads, 0);
}

}  // namespace
}  // namespace plumb::story
