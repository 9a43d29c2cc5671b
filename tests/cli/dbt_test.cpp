// dbt's commands: a project in, tables, artifacts and lines out.
#include <csignal>
#include <sstream>

#include "base/document.h"
#include "base/http_client.h"
#include "base/http_server.h"
#include "cli/program.h"

namespace plumb::story {
namespace {

class DbtHome : public Home {
 public:
  DbtHome() {
    write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n");
    write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 2}}}\n");
    write("seeds/people.csv", "id,name\n1,Ada\n2,Bob\n");
    write("models/named.sql",
          "{{ config(materialized='table') }}\nselect id, upper(name) as name from {{ ref('people') }}");
    write("models/seen.sql", "select count(*) as n from {{ ref('named') }}");
    write("models/_.yml", "models: [{name: named, columns: [{name: id, data_tests: [unique, not_null]}]}]\n");
  }
  std::string show(const std::string& sql) const {
    auto result = plumb({"show", "--quiet", "--inline", sql, "--output", "json", "--limit", "-1"});
    return result.exit_code == 0 ? result.output : result.output + result.errors;
  }
};

bool says(const CommandResult& result, const std::string& text) {
  return result.output.find(text) != std::string::npos;
}

TEST(CliDbt, BuildSaysWhatItDoesAndLeavesTablesAndArtifacts) {
  DbtHome home;
  auto result = home.plumb({"build"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_TRUE(says(result, "Found 2 models, 2 data tests, 1 seed, ")) << result.output;
  EXPECT_TRUE(says(result, "1 of 5 START seed file main.people ")) << result.output;
  EXPECT_TRUE(says(result, "Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5")) << result.output;
  EXPECT_EQ(home.names("target"), (Words{"compiled", "manifest.json", "run", "run_results.json"}));
  EXPECT_TRUE(home.read("target/manifest.json").find("\"compiled_code\": \"select count(*) as n from \\\"shop\\\"") !=
              std::string::npos);
  EXPECT_EQ(home.show("select * from {{ ref('named') }} order by id"),
            "{\"show\": [{\"id\": 1, \"name\": \"ADA\"}, {\"id\": 2, \"name\": \"BOB\"}]}\n");
}

TEST(CliDbt, AFailureEndsWith1AndRetryPicksUpWhatDidNotSucceed) {
  DbtHome home;
  home.write("models/named.sql", "select nope");
  auto broken = home.plumb({"run"});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_TRUE(says(broken, "> at models/named.sql:1:8")) << broken.output;
  EXPECT_TRUE(says(broken, "Done. PASS=0 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=2")) << broken.output;
  home.write("models/named.sql", "select 1 as id");
  auto again = home.plumb({"retry"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_TRUE(says(again, "Done. PASS=2 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=2")) << again.output;
  EXPECT_TRUE(says(home.plumb({"retry"}), "Nothing to do"));
}

TEST(CliDbt, RetryKeepsTheArgumentsOfTheRun) {
  DbtHome home;
  home.write("models/named.sql", "select {{ var('n') }} as id, nope");
  EXPECT_EQ(home.plumb({"run", "-s", "named", "--vars", "{n: 7}"}).exit_code, 1);
  home.write("models/named.sql", "select {{ var('n') }} as id");
  auto again = home.plumb({"retry"});
  EXPECT_EQ(again.exit_code, 0) << again.output << again.errors;
  EXPECT_EQ(home.show("select * from shop.main.named"), "{\"show\": [{\"id\": 7}]}\n");
}

TEST(CliDbt, RetryRunsTheBatchesThatAreMissing) {
  DbtHome home;
  auto model = [&](const std::string& select) {
    home.write("models/daily.sql",
               "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', "
               "batch_size='day', begin='2026-01-01') }}\n" +
                   select);
  };
  model(
      "select {% if model.batch.id == '20260102' %}nope{% else %}'{{ model.batch.id }}'{% endif %} as id, "
      "timestamp '{{ model.batch.event_time_start.strftime(\"%Y-%m-%d\") }}' as day");
  auto partly =
      home.plumb({"run", "-s", "daily", "--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04"});
  EXPECT_TRUE(says(partly, "PARTIAL SUCCESS")) << partly.output;
  model(
      "select 'mended {{ model.batch.id }}' as id, "
      "timestamp '{{ model.batch.event_time_start.strftime(\"%Y-%m-%d\") }}' as day");
  auto again = home.plumb({"retry"});
  EXPECT_EQ(again.exit_code, 0) << again.output << again.errors;
  EXPECT_TRUE(says(again, "Batch 1 of 1 OK created batch 2026-01-02 of main.daily")) << again.output;
  EXPECT_EQ(home.show("select string_agg(id, ', ' order by day) as ids from shop.main.daily"),
            "{\"show\": [{\"ids\": \"20260101, mended 20260102, 20260103\"}]}\n");
}

TEST(CliDbt, ABrokenProjectEndsWith2AndNamesItsPlace) {
  DbtHome home;
  home.write("models/named.sql", "select {{ 1 +* 2 }}");
  auto result = home.plumb({"run"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.errors.starts_with("models/named.sql:1:14: ")) << result.errors;
}

TEST(CliDbt, AMissingVariableIsNamedInDbtsWordsWithItsPlace) {
  DbtHome home;
  home.write("models/named.sql", "select 1 as id,\n  '{{ env_var('NOWHERE') }}' as name");
  auto result = home.plumb({"run"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.errors.starts_with("models/named.sql:2:14: ")) << result.errors;
  EXPECT_NE(result.errors.find("Env var required but not provided: 'NOWHERE'"), std::string::npos) << result.errors;
}

TEST(CliDbt, DryRunPrintsThePlanAndDoesNothing) {
  DbtHome home;
  auto result = home.plumb({"build", "--dry-run", "--quiet"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_TRUE(
      result.output.starts_with("   1  seed.shop.people  \"shop\".\"main\".\"people\"\n   2  model.shop.named  "))
      << result.output;
  EXPECT_FALSE(std::filesystem::exists(home / "shop.duckdb"));
}

TEST(CliDbt, OptionsMayStandBeforeTheCommandAsInDbt) {
  DbtHome home;
  auto result = home.plumb({"--no-use-colors", "--log-format", "json", "seed"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_TRUE(result.output.starts_with("{\"data\": {\"version\": \"plumb")) << result.output;
}

TEST(CliDbt, RecordsOfTheLogHaveDbtsEvents) {
  DbtHome home;
  auto result = home.plumb({"run", "-s", "named", "--log-format", "json"});
  EXPECT_EQ(result.exit_code, 1);  // its seed is not there
  std::istringstream lines(result.output);
  std::string names, line, failure;
  while (std::getline(lines, line)) {
    Document record = parse_json(line, "log");
    std::string name = record.root().find("info").find("name").as_text();
    names += name == "Formatting" ? "" : name + " ";
    if (name == "LogModelResult") failure = line;
  }
  EXPECT_EQ(names,
            "MainReportVersion FoundStats ConcurrencyLine LogStartLine LogModelResult FinishedRunningStats "
            "EndOfRunSummary RunResultFailure RunResultError SQLCompiledPath StatsLine ");
  Document record = parse_json(failure, "log");
  EXPECT_EQ(record.root().find("info").find("code").as_text(), "Q012");
  EXPECT_EQ(record.root().find("info").find("level").as_text(), "error");
  auto node = record.root().find("data").find("node_info");
  EXPECT_EQ(node.find("unique_id").as_text() + " " + node.find("node_status").as_text(), "model.shop.named error");
}

TEST(CliDbt, WhatEndsACommandIsARecordToo) {
  DbtHome home;
  home.write("models/named.sql", "select {{ 1 +* 2 }}");
  auto result = home.plumb({"run", "--log-format", "json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(says(result, "\"name\": \"MainEncounteredError\"")) << result.output;
  EXPECT_TRUE(says(result, "models/named.sql:1:14: ")) << result.output;
}

TEST(CliDbt, AWarningMayBeAnErrorOrNothing) {
  DbtHome home;
  EXPECT_TRUE(says(home.plumb({"run", "-s", "nobody"}), "'nobody' does not match any enabled nodes"));
  auto refused = home.plumb({"run", "-s", "nobody", "--warn-error-options", "{error: [NoNodesForSelectionCriteria]}"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.errors,
            "plumb: The selection criterion 'nobody' does not match any enabled nodes\n"
            "hint: a warning (NoNodesForSelectionCriteria) that --warn-error makes an error\n");
  auto silent = home.plumb({"run", "-s", "nobody", "--warn-error-options",
                            "{error: all, silence: [NoNodesForSelectionCriteria], warn: [NothingToDo]}"});
  EXPECT_EQ(silent.exit_code, 0) << silent.errors;
  EXPECT_FALSE(says(silent, "does not match"));
  auto unknown = home.plumb({"run", "--warn-error-options", "{error: [Sunshine]}"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_TRUE(unknown.errors.starts_with("plumb: Sunshine is not a valid dbt error name.")) << unknown.errors;
}

TEST(CliDbt, CompilePrintsWhatItIsAskedFor) {
  DbtHome home;
  auto result = home.plumb({"compile", "-s", "seen", "--quiet"});
  EXPECT_EQ(result.output, "Compiled node 'seen' is:\nselect count(*) as n from \"shop\".\"main\".\"named\"\n\n")
      << result.errors;
  EXPECT_EQ(home.plumb({"compile", "--inline", "select {{ 1 + 1 }}", "-q"}).output,
            "Compiled inline node is:\nselect 2\n");
}

TEST(CliDbt, CompileLeavesEphemeralsOutWhenAsked) {
  DbtHome home;
  home.write("models/brief.sql", "{{ config(materialized='ephemeral') }} select 1 as n");
  home.write("models/seen.sql", "select n from {{ ref('brief') }}");
  EXPECT_EQ(home.plumb({"compile", "-s", "seen", "-q", "--no-inject-ephemeral-ctes"}).output,
            "Compiled node 'seen' is:\nselect n from __dbt__cte__brief\n\n");
}

TEST(CliDbt, ShowLeavesTheQueryItAsked) {
  DbtHome home;
  EXPECT_EQ(home.plumb({"show", "--inline", "select 1 as id", "--limit", "3"}).exit_code, 0);
  std::string results = home.read("target/run_results.json");
  EXPECT_NE(results.find("sql_operation.shop.inline_query"), std::string::npos) << results;
  EXPECT_NE(results.find("limit 3"), std::string::npos) << results;
}

TEST(CliDbt, DebugReportsOnBothFilesAndTheConnection) {
  DbtHome home;
  auto good = home.plumb({"debug"});
  EXPECT_EQ(good.exit_code, 0) << good.errors;
  EXPECT_TRUE(says(good, "All checks passed!")) << good.output;
  EXPECT_TRUE(says(home.plumb({"debug", "--connection"}), "Skipping steps before connection verification"));
  auto target = home.plumb({"debug", "--target", "none"});
  EXPECT_EQ(target.exit_code, 1);
  EXPECT_TRUE(says(target, "profiles.yml file [ERROR invalid]")) << target.output;
  EXPECT_TRUE(says(target, "does not have a target named 'none'")) << target.output;
  home.write("dbt_project.yml", "profile: shop\n");
  auto project = home.plumb({"debug"});
  EXPECT_EQ(project.exit_code, 1);
  EXPECT_TRUE(says(project, "dbt_project.yml file [ERROR invalid]")) << project.output;
  EXPECT_TRUE(says(project, "Connection test: [OK connection ok]")) << project.output;
}

TEST(CliDbt, RunOperationCallsAMacroWithArguments) {
  DbtHome home;
  home.write("macros/hello.sql", "{% macro hello(name='you') %}{% do log('hello ' ~ name, info=true) %}{% endmacro %}");
  EXPECT_TRUE(says(home.plumb({"run-operation", "hello", "--args", "{name: Ada}"}), "  hello Ada\n"));
  EXPECT_EQ(home.plumb({"run-operation", "nothing"}).exit_code, 1);
}

TEST(CliDbt, SourceFreshnessTellsTheAge) {
  DbtHome home;
  home.write("models/sources.yml",
             "sources: [{name: raw, schema: main, loaded_at_field: seen_at, freshness: {warn_after: {count: 1, period: "
             "day}},\n"
             "           tables: [{name: log}]}]\n");
  home.write("macros/make.sql",
             "{% macro make(at) %}{% do run_query(\"create or replace table log as select timestamp '\" ~ at ~ \"' as "
             "seen_at\") %}{% endmacro %}");
  EXPECT_EQ(home.plumb({"run-operation", "make", "--args", "{at: '2001-01-01'}"}).exit_code, 0);
  auto old = home.plumb({"source", "freshness"});
  EXPECT_TRUE(says(old, "1 of 1 WARN freshness of raw.log")) << old.output << old.errors;
  EXPECT_TRUE(home.read("target/sources.json").find("\"max_loaded_at\": \"2001-01-01T00:00:00.000000Z\"") !=
              std::string::npos);
  EXPECT_EQ(home.plumb({"run-operation", "make", "--args", "{at: '2300-01-01'}"}).exit_code, 0);
  EXPECT_TRUE(says(home.plumb({"source", "freshness"}), "1 of 1 PASS freshness of raw.log"));
}

TEST(CliDbt, DocsGenerateWritesTheCatalogOfAttachedDatabasesToo) {
  DbtHome home;
  home.write(
      "profiles.yml",
      "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, attach: [{path: other.duckdb}]}}}\n");
  home.write("models/sources.yml", "sources: [{name: other, schema: main, database: other, tables: [{name: log}]}]\n");
  EXPECT_EQ(home.plumb({"show", "-q", "--inline", "create table other.log as select 1 as line"}).exit_code, 0);
  home.write("dbt_project.yml", "name: shop\nprofile: shop\nasset-paths: [assets, nowhere]\n");
  home.write("assets/map.txt", "here");
  home.plumb({"build"});
  auto missing = home.plumb({"docs", "serve"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_NE(missing.errors.find("run `plumb docs generate` first"), std::string::npos) << missing.errors;
  auto result = home.plumb({"docs", "generate"});
  EXPECT_EQ(home.read("target/assets/map.txt"), "here");
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  auto catalog = home.read("target/catalog.json");
  EXPECT_NE(catalog.find("\"model.shop.named\": {\"metadata\": {\"type\": \"BASE TABLE\""), std::string::npos);
  EXPECT_NE(catalog.find("\"source.shop.other.log\": {\"metadata\": {\"type\": \"BASE TABLE\""), std::string::npos);
}

TEST(CliDbt, LsKnowsWhatChangedSinceAnotherRun) {
  DbtHome home;
  home.plumb({"parse", "--target-path", "before"});
  home.write("models/seen.sql", "select 2 as n");
  EXPECT_EQ(home.plumb({"ls", "-s", "state:modified", "--state", "before"}).output, "shop.seen\n");
  home.variables["DBT_STATE"] = "before";
  EXPECT_EQ(home.plumb({"ls", "-s", "state:modified"}).output, "shop.seen\n");
}

TEST(CliDbt, WhatDbtTakesIsTakenEverywhere) {
  DbtHome home;
  Words common{"--no-defer",
               "--favor-state",
               "--state",
               "x",
               "--indirect-selection",
               "cautious",
               "--sqlparse",
               "{}",
               "--show-all-deprecations",
               "-r",
               "timing",
               "--no-partial-parse",
               "--log-format",
               "text"};
  for (const Words& command : {Words{"parse"}, Words{"clean"}, Words{"init", "new", "--skip-profile-setup"}}) {
    Words words = command;
    words.insert(words.end(), common.begin(), common.end());
    auto result = home.plumb(words);
    EXPECT_EQ(result.exit_code, 0) << command.front() << ": " << result.errors;
  }
  EXPECT_EQ(home.show("select 1 as n"), "{\"show\": [{\"n\": 1}]}\n");
  EXPECT_EQ(home.plumb({"show", "-q", "--inline-direct", "select '{{ 1 }}' as n", "--output", "json"}).output,
            "{\"show\": [{\"n\": \"{{ 1 }}\"}]}\n");
}

TEST(CliDbt, DocsServeGivesThePageAndTheArtifactsUntilCtrlC) {
  DbtHome home;
  home.write("target/manifest.json", "{}");
  home.write("target/catalog.json", "{}");
  ChildProcess server(home.command({"docs", "serve", "--port", "0", "--no-browser", "--json"}), home / "said");
  ASSERT_TRUE(comes_true([&] { return home.read("said").ends_with("}\n"); })) << home.read("said");
  const std::string said = home.read("said");
  const std::string url = said.substr(8, said.size() - 11);
  SystemClock clock;
  HttpClient http({}, clock);
  EXPECT_NE(http.send({.url = url + "/"}).body.find("<script type=\"module\" src=\"app.js\">"), std::string::npos);
  EXPECT_EQ(http.send({.url = url + "/manifest.json"}).body, "{}");
  for (const char* path : {"/profiles.yml", "/..%2fprofiles.yml", "/%2e%2e/profiles.yml", "/target/manifest.json"}) {
    EXPECT_EQ(http.send({.url = url + path}).status, 404) << path;
  }
  EXPECT_EQ(http.send({.url = url + "/", .headers = {{"Host", "evil.example"}}}).status, 421);
  server.send_signal(SIGINT);
  EXPECT_EQ(server.wait(), 0);
}

TEST(CliDbt, WhatChangedIsBuiltAgainstAnotherEnvironmentsTables) {
  DbtHome home;
  home.write("profiles.yml",
             "shop: {target: prod, outputs: {\n"
             "  prod: {type: duckdb, path: shop.duckdb, schema: prod}, dev: {type: duckdb, path: shop.duckdb, schema: "
             "dev}}}\n");
  EXPECT_EQ(home.plumb({"build"}).exit_code, 0);
  std::filesystem::copy(home / "target", home / "state", std::filesystem::copy_options::recursive);
  home.write("models/seen.sql", "select count(*) + 1 as n from {{ ref('named') }}");
  auto result = home.plumb({"build", "-t", "dev", "-s", "state:modified+", "--defer", "--state", "state"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_TRUE(says(result, "TOTAL=1")) << result.output;
  EXPECT_EQ(home.show("select (select n from dev.seen) as dev, (select n from prod.seen) as prod"),
            "{\"show\": [{\"dev\": 3, \"prod\": 2}]}\n");
}

TEST(CliDbt, CloneMakesViewsOfAnotherEnvironmentsTables) {
  DbtHome home;
  home.write("profiles.yml",
             "shop: {target: prod, outputs: {\n"
             "  prod: {type: duckdb, path: shop.duckdb, schema: prod}, dev: {type: duckdb, path: shop.duckdb, schema: "
             "dev}}}\n");
  EXPECT_EQ(home.plumb({"build"}).exit_code, 0);
  std::filesystem::copy(home / "target", home / "state", std::filesystem::copy_options::recursive);
  auto result = home.plumb({"clone", "-t", "dev", "--state", "state"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(home.show("select count(*) as n from dev.named"), "{\"show\": [{\"n\": 2}]}\n");
}

TEST(CliDbt, DepsInstallsFoldersAndRepositoriesAndWhatTheyAskFor) {
  DbtHome home;
  home.write("lib/inner/dbt_project.yml", "name: inner\nversion: '1.0'\n");
  home.write("lib/inner/macros/m.sql", "{% macro one() %}1{% endmacro %}");
  home.write("lib/outer/dbt_project.yml", "name: outer\nversion: '1.0'\n");
  home.write("lib/outer/packages.yml", "packages: [{local: ../inner}]\n");
  home.write("repository/dbt_project.yml", "name: cloned\nversion: '1.0'\n");
  auto git = home.shell(
      "cd repository && git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm first && git "
      "tag v1");
  ASSERT_EQ(git.exit_code, 0) << git.errors;
  home.write("packages.yml", "packages:\n  - local: lib/outer\n  - git: \"" + (home / "repository").string() +
                                 "\"\n    revision: v1\n");
  auto result = home.plumb({"deps"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(home.names("dbt_packages"), (Words{"cloned", "inner", "outer"}));
  EXPECT_NE(home.read("package-lock.yml").find("    name: cloned\n    revision: "), std::string::npos);
  EXPECT_EQ(home.plumb({"compile", "--inline", "select {{ inner.one() }}", "-q"}).output,
            "Compiled inline node is:\nselect 1\n");
}

// A hub with three packages; b and c both ask for a.
class Hub {
 public:
  explicit Hub(DbtHome& home)
      : home_(home), server_({}, [this](const ServerRequest& request) { return answer(request); }) {
    home.variables["DBT_PACKAGE_HUB_URL"] = server_.url();
    add("a", "1.0.0", "[]");
    add("a", "1.1.0", "[]");
    add("a", "1.2.0", "[]");
    add("a", "2.0.0-rc1", "[]");
    add("b", "1.0.0", R"([{"package": "x/a", "version": [">=1.0.0", "<1.2.0"]}])");
    add("c", "1.0.0", R"([{"package": "x/a", "version": "2.0.0-rc1"}])");
  }
  void add(const std::string& name, const std::string& version, const std::string& packages) {
    std::string folder = name + "-" + version;
    home_.write("hub/" + folder + "/dbt_project.yml", "name: " + name + "\nversion: '" + version + "'\n");
    home_.write("hub/" + folder + "/packages.yml", "packages: " + packages + "\n");
    home_.shell("tar -C hub -czf hub/" + folder + ".tar.gz " + folder);
    versions_[name] += (versions_[name].empty() ? "\"" : ", \"") + version + R"(": {"packages": )" + packages +
                       R"(, "downloads": {"tarball": ")" + server_.url() + "/" + folder + R"(.tar.gz"}})";
  }

 private:
  ServerResponse answer(const ServerRequest& request) {
    for (const auto& [name, versions] : versions_) {
      if (request.path == "/api/v1/x/" + name + ".json") return {.body = "{\"versions\": {" + versions + "}}"};
    }
    auto file = find_file(home_ / ("hub" + request.path));
    return file ? ServerResponse{.body = *file} : ServerResponse{.status = 404};
  }
  DbtHome& home_;
  std::map<std::string, std::string> versions_;
  HttpServer server_;
};

TEST(CliDbt, OfTheHubThoseVersionsAreInstalledThatSuitEverybody) {
  DbtHome home;
  Hub hub(home);
  home.write("packages.yml", "packages:\n  - {package: x/a, version: '>=1.0.0'}\n  - {package: x/b, version: 1.0.0}\n");
  auto result = home.plumb({"deps"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  std::string lock = home.read("package-lock.yml");
  EXPECT_TRUE(lock.starts_with("packages:\n  - package: x/a\n    name: a\n    version: 1.1.0\n  - package: x/b\n"))
      << lock;
  EXPECT_EQ(home.read("dbt_packages/a/dbt_project.yml"), "name: a\nversion: '1.1.0'\n");

  hub.add("a", "1.1.5", "[]");
  home.plumb({"deps"});
  EXPECT_EQ(home.read("package-lock.yml"), lock) << "what is locked stays";
  home.plumb({"deps", "--upgrade"});
  EXPECT_EQ(home.read("dbt_packages/a/dbt_project.yml"), "name: a\nversion: '1.1.5'\n");
}

TEST(CliDbt, PackagesOfTheHubThatCantBeHadTogetherAreNamed) {
  DbtHome home;
  Hub hub(home);
  home.write("packages.yml", "packages:\n  - {package: x/b, version: 1.0.0}\n  - {package: x/c, version: 1.0.0}\n");
  auto result = home.plumb({"deps"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(
      result.errors.starts_with("packages.yml:3:5: Could not find a matching compatible version for package "
                                "x/a\n  Requested range: ['>=1.0.0', '<1.2.0', '2.0.0-rc1']\n"))
      << result.errors;
  home.write("packages.yml", "packages: [{package: x/d, version: 1.0.0}]\n");
  EXPECT_TRUE(
      home.plumb({"deps"}).errors.starts_with("packages.yml:1:12: Package x/d was not found in the package index\n"));
}

// As dbt computes it: the lock of either is the other's.
TEST(CliDbt, DepsAddsAPackageWhereTheListEnds) {
  DbtHome home;
  home.write("lib/dbt_project.yml", "name: lib\nversion: '1.0'\n");
  home.write("more/dbt_project.yml", "name: more\nversion: '1.0'\n");
  home.write("packages.yml", "packages:\n- local: lib\n\nother: 1\n");
  auto result = home.plumb({"deps", "--add-package", "more", "--source", "local"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(home.read("packages.yml"), "packages:\n- local: lib\n\n- local: more\nother: 1\n");
  EXPECT_EQ(home.names("dbt_packages"), (Words{"lib", "more"}));
  EXPECT_TRUE(
      home.plumb({"deps", "--add-package", "x/a"}).errors.starts_with("plumb: --add-package x/a: which version?"));
}

TEST(CliDbt, ALockHasTheHashThatDbtGivesIt) {
  DbtHome home;
  home.write("lib/dbt_project.yml", "name: lib\nversion: '1.0'\n");
  home.write("packages.yml", "packages:\n  - local: lib\n");
  home.plumb({"deps", "--lock"});
  EXPECT_EQ(home.read("package-lock.yml"),
            "packages:\n  - local: lib\n    name: lib\nsha1_hash: 53e758f4864519c3d3ec2d35824a0408594c0e7c\n");
  EXPECT_FALSE(std::filesystem::exists(home / "dbt_packages"));
}

TEST(CliDbt, DepsThatCantBeHadLeaveThoseBefore) {
  DbtHome home;
  home.write("lib/dbt_project.yml", "name: lib\nversion: '1.0'\n");
  home.write("packages.yml", "packages: [{local: lib}]\n");
  home.plumb({"deps"});
  home.write("packages.yml", "packages:\n  - local: lib\n  - local: nowhere\n");
  auto result = home.plumb({"deps"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.errors.starts_with("packages.yml:3:5: there is no package in 'nowhere'")) << result.errors;
  EXPECT_EQ(home.names("dbt_packages"), (Words{"lib"}));
}

TEST(CliDbt, CleanRemovesTheTargetFolderAndNothingElse) {
  DbtHome home;
  home.plumb({"parse"});
  EXPECT_EQ(home.plumb({"clean"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(home / "target"));
  home.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nclean-targets: [../x]\n");
  EXPECT_EQ(home.plumb({"clean"}).exit_code, 2);
}

TEST(CliDbt, ASignalEndsAStatementAndLeavesResults) {
  DbtHome home;
  home.write("models/named.sql",
             "{{ config(materialized='table') }} select count(*) as id from range(10000000) a, range(100000) b where "
             "a.range + b.range = 7");
  home.plumb({"seed"});
  auto command = home.command({"run"});
  command.timeout = std::chrono::seconds(30);
  auto result = home.shell("\"$PLUMB\" run & pid=$!; sleep 1; kill -TERM $pid; wait $pid; echo code $?");
  EXPECT_TRUE(says(result, "code 143")) << result.output << result.errors;
  EXPECT_TRUE(home.read("target/run_results.json").find("\"which\": \"run\"") != std::string::npos);
}

}  // namespace
}  // namespace plumb::story
