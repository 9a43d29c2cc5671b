// Words, exit codes, and the shell around the program.
#include <csignal>

#include "cli/program.h"

namespace plumb::story {
namespace {

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(CliWords, NoWordsAndHelpListTheCommandsAndTheExitCodes) {
  Home home;
  for (const auto& words : {Words{}, Words{"help"}, Words{"--help"}, Words{"-h"}}) {
    auto result = home.plumb(words);
    EXPECT_EQ(result.exit_code, 0);
    for (const char* word : {"load", "copy", "query", "diff", "render", "sandbox", "connections", "parse", "ls", "init",
                             "completion", "Exit codes: 0 done"})
      EXPECT_TRUE(has(result.output, word)) << word;
    EXPECT_EQ(result.errors, "");
  }
}

TEST(CliWords, HelpExplainsACommandWithItsWholeName) {
  Home home;
  EXPECT_TRUE(has(home.plumb({"help", "connections", "login"}).output, "plumb connections login"));
  EXPECT_TRUE(has(home.plumb({"load", "--help"}).output, "plumb load [OPTIONS]"));
  auto unknown = home.plumb({"help", "laod"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.errors, "plumb: there is no command 'plumb laod'\nhint: did you mean 'load'?\n");
}

TEST(CliWords, TheVersionIsOneLineAndForMachinesNamesTheDatabasesToo) {
  Home home;
  auto plain = home.plumb({"--version"});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_TRUE(plain.output.starts_with("plumb 0.")) << plain.output;
  auto json = home.plumb({"--version", "--json"});
  EXPECT_TRUE(has(json.output, "\"duckdb\":\"v1.")) << json.output << json.errors;
  EXPECT_TRUE(has(json.output, "\"sqlite\":\"3."));
}

struct Mistake {
  Words words;
  const char* errors;
};

TEST(CliWords, AMistakeIsNamedWithTheNearestWordAndEndsWith2) {
  Home home;
  const std::vector<Mistake> mistakes = {
      {{"laod", "bank"}, "plumb: there is no command 'plumb laod'\nhint: did you mean 'load'?\n"},
      {{"frobnicate"}, "plumb: there is no command 'plumb frobnicate'\nhint: `plumb --help` lists them\n"},
      {{"connections", "tset"}, "plumb: there is no command 'plumb connections tset'\nhint: did you mean 'test'?\n"},
      {{"query", "--fromat", "csv", "SELECT 1"},
       "plumb: plumb query has no option '--fromat'\nhint: did you mean '--format'?\n"},
      {{"query", "--fromat=csv"}, "plumb: plumb query has no option '--fromat'\nhint: did you mean '--format'?\n"},
      {{"load", "--dryrun"}, "plumb: plumb load has no option '--dryrun'\nhint: did you mean '--dry-run'?\n"},
      {{"copy", "a.csv", "sqlite:///a.db", "b"},
       "plumb: 'b' is one word too many for plumb copy\nhint: `plumb copy --help` explains its words\n"},
      {{"copy", "a.csv"}, "plumb: target is required\nhint: `plumb copy --help` explains its words\n"},
      {{"query", "--format", "xml", "SELECT 1"},
       "plumb: --format: xml not in {table,csv,json,ndjson,parquet,arrow}\nhint: `plumb query --help` explains its "
       "words\n"},
      {{"--var", "x", "load"}, "plumb: --var: 'x' is no name=value\n"},
      {{"query", ""}, "plumb: there is no statement to run\n"},
  };
  for (const auto& mistake : mistakes) {
    auto result = home.plumb(mistake.words);
    EXPECT_EQ(result.exit_code, 2) << mistake.errors;
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.errors, mistake.errors);
  }
}

TEST(CliWords, ErrorsForMachinesAreALineOfJson) {
  Home home;
  auto result = home.plumb({"--json", "query", "SELECT 1,\n  nothing"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.starts_with(R"({"error":{"kind":"database","message":)")) << result.errors;
  EXPECT_TRUE(has(result.errors, R"("line":2,"column":3)")) << result.errors;
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1);
  EXPECT_TRUE(home.plumb({"laod", "--json"}).errors.starts_with(R"({"error":{"kind":"usage")"));
}

TEST(CliWords, WithoutAProjectTheFolderIsNamed) {
  Home home;
  auto result = home.plumb({"load"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(has(result.errors, "there is no plumb.yml in " + home.folder().string())) << result.errors;
  EXPECT_TRUE(has(result.errors, "plumb init"));
}

TEST(CliWords, ItWorksWithAnEmptyEnvironment) {
  Home home;
  home.variables = {};
  EXPECT_EQ(home.plumb({"query", "--format", "csv", "SELECT 1 AS a"}).output, "a\n1\n");
  EXPECT_EQ(home.plumb({"init"}).exit_code, 0);
  EXPECT_EQ(home.plumb({"connections"}).output,
            "bank             comdirect\nfiles            sqlite\nweather          openweather\n");
  home.write("rows.csv", "a,b\n1,x\n");
  EXPECT_EQ(home.plumb({"copy", "rows.csv", "sqlite:///rows.db"}).exit_code, 0);
  EXPECT_EQ(stock_sqlite(home / "rows.db", "SELECT * FROM rows"), "1|x\n");
}

TEST(CliWords, PlumbNowThatIsNoTimeIsRefused) {
  Home home;
  home.variables["PLUMB_NOW"] = "yesterday";
  auto result = home.plumb({"query", "SELECT 1"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.errors, "plumb: PLUMB_NOW: 'yesterday' is no time\nhint: write 2026-11-21T07:00:00Z\n");
}

TEST(CliWords, DryRunsTouchNothing) {
  Home home;
  home.write("rows.csv", "a\n1\n");
  auto init = home.plumb({"--dry-run", "init"});
  EXPECT_EQ(init.output,
            "would make plumb.yml\nwould make pipelines/bank.yml\nwould make pipelines/weather.yml\nwould make "
            "dbt_project.yml\nwould make profiles.yml\nwould make models/sources.yml\nwould make models/marts.yml\n"
            "would make models/wealth_by_day.sql\nwould make models/weather_by_day.sql\n"
            "would make workflows/morning.yml\nwould make workflows/weather.yml\nwould make workflows/models.yml\n"
            "would make .env\nwould make .gitignore\n");
  EXPECT_EQ(home.plumb({"copy", "--dry-run", "rows.csv", "sqlite:///new.db"}).exit_code, 0);
  EXPECT_EQ(home.plumb({"query", "--dry-run", "COPY (SELECT 1) TO 'out.csv'"}).exit_code, 0);
  EXPECT_EQ(home.names(), (std::vector<std::string>{"rows.csv", "tmp"}));
}

TEST(CliWords, InitKeepsWhatIsThere) {
  Home home;
  home.write("plumb.yml", "name: mine\n");
  EXPECT_TRUE(home.plumb({"init"}).output.starts_with("kept   plumb.yml\nmade   pipelines/bank.yml\n"));
  EXPECT_EQ(home.read("plumb.yml"), "name: mine\n");
  EXPECT_EQ(std::filesystem::status(home / ".env").permissions(), std::filesystem::perms(0600));
}

TEST(CliWords, BashCompletesCommandsOptionsValuesPipelinesAndConnections) {
  Home home;
  home.plumb({"init"});
  auto result = home.shell(R"(plumb() { "$PLUMB" "$@"; }
source <(plumb completion bash)
complete -p plumb >/dev/null || echo "not registered"
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _plumb; echo "${COMPREPLY[@]}"; }
try plumb ''; try plumb qu; try plumb query --for; try plumb query --format ''; try plumb query --format nd
try plumb sandbox ''; try plumb connections lo; try plumb load ''; try plumb --json load w; try plumb load --dry
try plumb connections login ''; try plumb --project-dir pipel; try plumb --var x=1 complet; try plumb completion z)");
  EXPECT_EQ(result.errors, "");
  EXPECT_EQ(
      result.output,
      R"(load copy query diff render sandbox connections parse ls run build test seed snapshot compile show run-operation source docs retry clone clean deps debug start serve workflows runs logs backfill assets users tokens alert init completion help
query
--format
table csv json ndjson parquet arrow
ndjson
comdirect openweather
login logout
bank weather
weather
--dry-run
bank files weather
pipelines
completion
zsh
)");
}

TEST(CliWords, CompletionForZshAndFishNamesEveryCommand) {
  Home home;
  for (const char* shell : {"zsh", "fish"}) {
    auto result = home.plumb({"completion", shell});
    EXPECT_EQ(result.exit_code, 0);
    for (const char* word : {"load", "connections", "login", "dry-run"}) EXPECT_TRUE(has(result.output, word)) << word;
  }
}

TEST(CliWords, ZshCompletesThroughBashsFunction) {
  Home home;
  if (home.shell("command -v zsh").exit_code != 0) GTEST_SKIP() << "there is no zsh here";
  home.plumb({"init"});
  // The function is called as bashcompinit calls it.
  home.write("try.zsh", R"(plumb() { "$PLUMB" "$@" }
autoload -U +X compinit && compinit -u
source <(plumb completion zsh)
try() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  () { emulate -L sh; setopt kshglob noshglob braceexpand nokshautoload; _plumb }
  echo $COMPREPLY
}
try plumb ''; try plumb query --format ''; try plumb connections ''; try plumb load ''
try plumb --var x=1 connections login '')");
  auto result = home.shell("ZDOTDIR=$PWD zsh -f try.zsh");
  EXPECT_EQ(result.errors, "");
  EXPECT_EQ(
      result.output,
      R"(load copy query diff render sandbox connections parse ls run build test seed snapshot compile show run-operation source docs retry clone clean deps debug start serve workflows runs logs backfill assets users tokens alert init completion help
table csv json ndjson parquet arrow
list test login logout refresh
bank weather
bank files weather
)");
}

TEST(CliWords, FishCompletesCommandsOptionsValuesPipelinesAndConnections) {
  Home home;
  if (home.shell("command -v fish").exit_code != 0) GTEST_SKIP() << "there is no fish here";
  home.plumb({"init"});
  home.write("try.fish", R"(function plumb; $PLUMB $argv; end
plumb completion fish | source
function try; echo (complete -C "plumb $argv" | string replace -r '\t.*' ''); end
try ''; try qu; try 'query --for'; try 'query --format nd'; try 'connections lo'; try 'load '; try '--json load w'
try '--var x=1 connections login '; try 'completion z')");
  auto result = home.shell("HOME=$PWD fish --no-config try.fish");
  EXPECT_EQ(result.errors, "");
  EXPECT_EQ(
      result.output,
      R"(alert assets backfill build clean clone compile completion connections copy debug deps diff docs help init load logs ls parse query render retry run runs run-operation sandbox seed serve show snapshot source start test tokens users workflows
query
--format
ndjson
login logout
bank weather
weather
bank files weather
zsh
)");
}

TEST(CliQuery, FormatsSayTheSame) {
  Home home;
  const std::string sql = "SELECT 1 AS id, 'a,\"b' AS text, 0.10::DECIMAL(18,2) AS money, NULL AS nothing";
  EXPECT_EQ(home.plumb({"query", sql}).output, "id,text,money,nothing\n1,\"a,\"\"b\",0.10,\n");
  EXPECT_EQ(home.plumb({"query", "--format", "json", sql}).output,
            "[\n{\"id\":1,\"text\":\"a,\\\"b\",\"money\":0.10,\"nothing\":null}\n]\n");
  EXPECT_EQ(home.plumb({"query", "--format", "ndjson", sql}).output,
            "{\"id\":1,\"text\":\"a,\\\"b\",\"money\":0.10,\"nothing\":null}\n");
  EXPECT_EQ(home.plumb({"query", "--format", "table", sql}).output,
            "id | text | money | nothing\n---+------+-------+--------\n 1 | a,\"b |  0.10 |\n(1 row)\n");
  EXPECT_EQ(home.plumb({"--json", "query", "SELECT 1 AS a WHERE false"}).output, "[]\n");
}

TEST(CliQuery, AStatementComesFromAFileOrFromStandardInput) {
  Home home;
  home.write("q.sql", "SELECT 2 AS b;\n");
  EXPECT_EQ(home.plumb({"query", "--file", "q.sql"}).output, "b\n2\n");
  EXPECT_EQ(home.plumb({"query", "-"}, "SELECT 3 AS c\n").output, "c\n3\n");
  EXPECT_EQ(home.plumb({"query"}, "SELECT 4 AS d").output, "d\n4\n");
}

TEST(CliQuery, ParquetIsReadBackFromAFileAndFromAPipe) {
  Home home;
  EXPECT_EQ(home.plumb({"query", "-o", "it's.parquet", "SELECT 0.10::DECIMAL(18,2) AS money"}).exit_code, 0);
  EXPECT_EQ(home.plumb({"query", "FROM 'it''s.parquet'"}).output, "money\n0.10\n");
  EXPECT_EQ(home.shell("$PLUMB query --format parquet 'SELECT 7 AS n' >p.parquet").exit_code, 0);
  EXPECT_EQ(home.plumb({"query", "FROM 'p.parquet'"}).output, "n\n7\n");
}

TEST(CliQuery, ArrowIsReadBackByTheStockPythonPackage) {
  Home home;
  auto python =
      run_command({.arguments = {find_environment("PLUMB_SOURCE_DIR").value_or(".") + "/tests/support/python_env.sh",
                                 "pyarrow==21.0.0"}});
  if (python.exit_code == 77) GTEST_SKIP() << python.errors;
  ASSERT_EQ(python.exit_code, 0) << python.errors;
  python.output.pop_back();
  ASSERT_EQ(
      home.plumb({"query", "-o", "r.arrow", "SELECT range AS n, 0.10::DECIMAL(18,2) AS m FROM range(3)"}).exit_code, 0);
  auto read = run_command(
      {.arguments = {python.output, "-c",
                     "import pyarrow.ipc as i, sys; print(i.open_stream(sys.argv[1]).read_all().to_pylist()[2])",
                     (home / "r.arrow").string()}});
  EXPECT_EQ(read.output, "{'n': 2, 'm': Decimal('0.10')}\n") << read.errors;
}

TEST(CliQuery, AReaderWhoLeavesEndsItQuietlyWith141) {
  Home home;
  auto result = home.shell("$PLUMB query 'SELECT range FROM range(100000000)' | head -n 1; echo ${PIPESTATUS[0]}");
  EXPECT_EQ(result.output, "range\n141\n");
  EXPECT_EQ(result.errors, "");
}

TEST(CliQuery, AnOutputFileIsWholeOrNotThere) {
  Home home;
  home.write("rows.csv", "old\n");
  for (const char* file : {"rows.csv", "rows.parquet"}) {
    auto result = home.plumb(
        {"query", "-o", file, "SELECT CASE WHEN range = 900000 THEN error('no') ELSE 'x' END FROM range(1000000)"});
    EXPECT_EQ(result.exit_code, 1);
  }
  EXPECT_EQ(home.read("rows.csv"), "old\n");
  EXPECT_EQ(home.names(), (std::vector<std::string>{"rows.csv", "tmp"}));
}

TEST(CliQuery, AFolderThatIsNotThereIsNamed) {
  Home home;
  auto result = home.plumb({"query", "-o", "nowhere/rows.csv", "SELECT 1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.errors, "plumb: can't write 'nowhere/rows.csv': No such file or directory\n");
}

class Signalled : public testing::TestWithParam<int> {};

TEST_P(Signalled, ALongQueryEndsAtOnceAndLeavesNothing) {
  Home home;
  ChildProcess query(
      home.command(
          {"query", "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = -1"}),
      home / "said");
  ASSERT_TRUE(comes_true([&] { return listens_to_signals(query.pid()); }));
  query.send_signal(GetParam());
  EXPECT_EQ(query.wait(), 128 + GetParam());
  EXPECT_EQ(home.read("said"), "plumb: the statement was cancelled\n");
}

TEST_P(Signalled, AQueryIntoAFileLeavesNoHalfFile) {
  Home home;
  ChildProcess query(home.command({"query", "-o", "rows.csv", "SELECT range FROM range(1000000000000)"}),
                     home / "said");
  ASSERT_TRUE(comes_true([&] { return home.names().size() > 2; }));  // a partial file beside "said" and "tmp"
  query.send_signal(GetParam());
  EXPECT_EQ(query.wait(), 128 + GetParam());
  EXPECT_EQ(home.names(), (std::vector<std::string>{"said", "tmp"}));
}

TEST_P(Signalled, AReaderWhoSleepsDoesNotKeepIt) {
  Home home;
  auto command = home.command({});
  command.arguments = {"bash", "-c",
                       "$PLUMB query 'SELECT range FROM range(1000000000000)' > >(sleep 30) & echo $! >pid; wait $!"};
  command.environment->emplace_back("PLUMB", program());
  ChildProcess shell(command, home / "said");
  // Not the shell that is about to become it: that one has not yet told its background to ignore Ctrl-C.
  auto became_plumb = [](const std::string& pid) {
    return find_file("/proc/" + pid.substr(0, pid.size() - 1) + "/comm").value_or("") == "plumb\n";
  };
  ASSERT_TRUE(comes_true([&] {
    auto pid = home.read("pid");
    return pid.ends_with("\n") && became_plumb(pid) && listens_to_signals(std::stoi(pid));
  }));
  // A shell's background ignores Ctrl-C, and so do we then.
  ::kill(std::stoi(home.read("pid")), SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ::kill(std::stoi(home.read("pid")), SIGTERM);
  EXPECT_EQ(shell.wait(), 143);
}

TEST_P(Signalled, ACopyLeavesTheOldRows) {
  Home home;
  home.write("rows.csv", "n\n1\n");
  ASSERT_EQ(home.plumb({"copy", "rows.csv", "sqlite:///target.db?table=endless"}).exit_code, 0);
  std::ofstream(home / "endless.db").close();
  ASSERT_EQ(stock_sqlite(home / "endless.db",
                         "CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
                         "SELECT n FROM c"),
            "");
  ChildProcess copy(home.command({"copy", "sqlite:///endless.db?table=endless", "sqlite:///target.db?table=endless"}),
                    home / "said");
  // Its rows have begun to flow.
  ASSERT_TRUE(comes_true([&] {
    std::error_code none;
    auto size = std::filesystem::file_size(home / "target.db-wal", none);
    return !none && size > 100'000;
  })) << home.read("said");
  copy.send_signal(GetParam());
  EXPECT_EQ(copy.wait(), 128 + GetParam());
  EXPECT_EQ(home.read("said"), "plumb: the copy was stopped; nothing was changed\n");
  EXPECT_EQ(stock_sqlite(home / "target.db", "SELECT n FROM endless"), "1\n");
  EXPECT_EQ(stock_sqlite(home / "target.db", "PRAGMA integrity_check"), "ok\n");
}

INSTANTIATE_TEST_SUITE_P(Cli, Signalled, testing::Values(SIGINT, SIGTERM),
                         [](const auto& story) { return story.param == SIGINT ? "CtrlC" : "Sigterm"; });

}  // namespace
}  // namespace plumb::story
