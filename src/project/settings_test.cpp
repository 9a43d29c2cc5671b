#include "project/settings.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "project/packages.h"
#include "project/selection.h"
#include "project/version_check.h"

namespace plumb::project {
namespace {

using jinja::Value;

constexpr const char* kProject = "name: p\nprofile: home\n";
constexpr const char* kProfiles = "home: {target: dev, outputs: {dev: {type: duckdb, path: lake.duckdb}}}\n";

class Settings : public ::testing::Test {
 protected:
  Settings() {
    write("dbt_project.yml", kProject);
    write("profiles.yml", kProfiles);
  }
  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    write_file(folder_.path() / path, text);
  }
  ProjectSettings load() { return load_settings(folder_.path(), config::Environment(variables_), options_); }
  std::string complaint() {
    try {
      load();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string project_complaint(const std::string& more) {
    write("dbt_project.yml", kProject + more);
    return complaint();
  }
  std::string profile_complaint(const std::string& output) {
    write("profiles.yml", "home:\n  target: dev\n  outputs:\n    dev: " + output + "\n");
    return complaint();
  }
  static std::string json(const Value& value) {
    return jinja::Environment().parse("{{ x|tojson }}")->render(jinja::Context(Value::dict({{"x", value}})));
  }
  // The keys in their order, which tojson sorts.
  static std::string pairs(const Value& value) {
    return jinja::Environment()
        .parse("{% for k, v in x.items() %}{{ k }}={{ v }} {% endfor %}")
        ->render(jinja::Context(Value::dict({{"x", value}})));
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_{{"X", "ex"}};
  InvocationOptions options_;
};

TEST_F(Settings, AProjectOfTwoLinesHasDbtsDefaults) {
  ProjectSettings settings = load();
  EXPECT_EQ(settings.root.name, "p");
  EXPECT_EQ(settings.root.model_paths, std::vector<std::string>{"models"});
  EXPECT_EQ(settings.root.clean_targets, std::vector<std::string>{"target"});
  EXPECT_EQ(settings.target_path, folder_.path() / "target");
  EXPECT_EQ(settings.packages_path, folder_.path() / "dbt_packages");
  EXPECT_EQ(settings.profiles_file, folder_.path() / "profiles.yml");
  EXPECT_TRUE(settings.query_comment.is_undefined());
  EXPECT_EQ(settings.target.profile + "/" + settings.target.name + "/" + settings.target.type, "home/dev/duckdb");
  EXPECT_TRUE(settings.warnings.empty());
}

TEST_F(Settings, TreesAreRenderedButHooksAndVarsAreNot) {
  options_.vars = Value::dict({{"q", 1}});
  write("dbt_project.yml",
        "name: p\nprofile: home\non-run-start: \"{{ foo() }}\"\non-run-end: [\"a {{ x }}\", b]\n"
        "vars: {a: \"{{ env_var('X') }}\"}\n"
        "models: {+pre-hook: \"{{ foo() }}\", p: {+schema: \"{{ target.name }}_{{ var('q') }}\", post-hook: \"{{ b() "
        "}}\", "
        "sub: {+enabled: \"{{ target.type == 'duckdb' }}\"}}}\n"
        "dispatch: [{macro_namespace: dbt_utils, search_order: [p, \"{{ 'dbt_utils' }}\"]}]\n"
        "tests: {+severity: warn}\nquoting: {database: true, schema: }\nquery-comment: \"{{ x }}\"\n");
  ProjectSettings settings = load();
  EXPECT_EQ(settings.root.on_run_start, std::vector<std::string>{"{{ foo() }}"});
  EXPECT_EQ(settings.root.on_run_end, (std::vector<std::string>{"a {{ x }}", "b"}));
  EXPECT_EQ(pairs(settings.root.vars), "a={{ env_var('X') }} ");
  EXPECT_EQ(pairs(settings.root.config_trees.at("models")),
            "+pre-hook={{ foo() }} p={'+schema': 'dev_1', 'post-hook': '{{ b() }}', 'sub': {'+enabled': True}} ");
  EXPECT_EQ(pairs(settings.root.dispatch.items().at(0)), "macro_namespace=dbt_utils search_order=['p', 'dbt_utils'] ");
  EXPECT_EQ(pairs(settings.root.config_trees.at("data_tests")), "+severity=warn ");
  EXPECT_EQ(pairs(settings.root.quoting), "database=True ");
  EXPECT_EQ(settings.query_comment.as_string(), "{{ x }}");
}

TEST_F(Settings, TheTargetDictIsDbts) {
  EXPECT_EQ(pairs(target_value(load().target)),
            "database=lake schema=main path=lake.duckdb config_options=None extensions=None settings={} "
            "external_root=. use_credential_provider=None attach=None filesystems=None remote=None plugins=None "
            "disable_transactions=False type=duckdb threads=1 name=dev target_name=dev profile_name=home ");
  variables_["PORT"] = "5433";
  variables_["DBT_ENV_SECRET_P"] = "s3";
  write("profiles.yml",
        "home: {outputs: {default: {type: postgres, host: h, user: u, pass: \"{{ env_var('DBT_ENV_SECRET_P') }}\", "
        "port: \"{{ env_var('PORT') | as_number }}\", dbname: d, schema: s, threads: 4}}}\n");
  Target target = load().target;
  EXPECT_EQ(pairs(target_value(target)),
            "host=h port=5433 user=u database=d schema=s connect_timeout=10 role=None search_path=None "
            "keepalives_idle=0 sslmode=None sslcert=None sslkey=None sslrootcert=None application_name=dbt "
            "autocommit=False retries=1 dbname=d type=postgres threads=4 name=default target_name=default "
            "profile_name=home ");
  EXPECT_EQ(target.settings.as_dict().find("password")->as_string(), "s3");
}

TEST_F(Settings, ADuckDbFileNamesItsDatabase) {
  auto database = [&](std::string_view path) {
    write("profiles.yml", "home: {outputs: {default: {type: duckdb, path: \"" + std::string(path) + "\"}}}");
    return load().target.database;
  };
  EXPECT_EQ(database(":memory:"), "memory");
  EXPECT_EQ(database("data/my.file.db"), "my");
  EXPECT_EQ(database("md:my_db?token=a"), "my_db");
  EXPECT_EQ(database("s3://b/x.duckdb"), "x");
  EXPECT_EQ(database("ducklake:x.ducklake"), "x");
  EXPECT_EQ(profile_complaint("{type: duckdb, path: x.db, database: z, attach: [{path: b.db, alias: z}]}"), "");
  EXPECT_EQ(
      profile_complaint("{type: duckdb, path: x.db, database: y}"),
      "profiles.yml:4:47: Credentials in profile \"home\", target \"dev\" invalid: Inconsistency detected between "
      "'path' and 'database' fields in profile; the 'database' property must be set to 'x' to match the 'path'");
}

TEST_F(Settings, OnlyTheTargetThatIsUsedIsRendered) {
  write("profiles.yml",
        "home: {target: \"{{ env_var('T', 'dev') }}\", outputs: {dev: {type: duckdb}, prod: {type: duckdb, path: \"{{ "
        "env_var('NOPE') }}\"}}}\n");
  EXPECT_EQ(load().target.name, "dev");
  variables_["DBT_TARGET"] = "prod";
  EXPECT_EQ(complaint(), "profiles.yml:1:103: Env var required but not provided: 'NOPE'");
  options_.target = "dev";
  EXPECT_EQ(load().target.name, "dev");
}

TEST_F(Settings, ProfilesAreLookedForInDbtsOrder) {
  auto target = [&](const std::string& name) {
    return "home: {outputs: {default: {type: duckdb, schema: " + name + "}}}";
  };
  for (const char* place : {"home/.dbt", "work", "named", "said"}) {
    write(std::string(place) + "/profiles.yml", target(place == std::string("home/.dbt") ? "at_home" : place));
  }
  std::filesystem::remove(folder_.path() / "profiles.yml");
  variables_["HOME"] = (folder_.path() / "home").string();
  EXPECT_EQ(load().target.schema, "at_home");
  write("profiles.yml", target("project"));
  EXPECT_EQ(load().target.schema, "project");
  options_.working_folder = folder_.path() / "work";
  EXPECT_EQ(load().target.schema, "work");
  variables_["DBT_PROFILES_DIR"] = (folder_.path() / "named").string();
  EXPECT_EQ(load().target.schema, "named");
  options_.profiles_folder = folder_.path() / "said";
  EXPECT_EQ(load().target.schema, "said");
}

TEST_F(Settings, WithoutProfilesAConnectionOfPlumbStandsIn) {
  std::filesystem::remove(folder_.path() / "profiles.yml");
  write("plumb.yml", "name: home\nconnections:\n  home: {type: duckdb, path: data/lake.duckdb}\n");
  Target target = load().target;
  EXPECT_EQ(target.name + "|" + target.database, "default|lake");
  EXPECT_EQ(target.settings.as_dict().find("path")->as_string(), (folder_.path() / "data/lake.duckdb").string());
}

TEST_F(Settings, ProfileFaultsAreToldInDbtsWords) {
  EXPECT_EQ(profile_complaint("{path: a}"),
            "profiles.yml:4:10: required field \"type\" not found in profile home and target dev");
  EXPECT_EQ(profile_complaint("{type: mysql}"),
            "profiles.yml:4:17: Credentials in profile \"home\", target \"dev\" invalid: Could not find adapter type "
            "mysql!");
  EXPECT_EQ(profile_complaint("{type: duckdb, threads: x}"),
            "profiles.yml:4:34: at path ['threads']: 'x' is not of type 'integer'");
  EXPECT_EQ(profile_complaint("{type: postgres, host: h}"),
            "profiles.yml:4:10: Credentials in profile \"home\", target \"dev\" invalid: 'database' is a required "
            "property");
  EXPECT_EQ(profile_complaint("{type: postgres, port: \"1\"}"),
            "profiles.yml:4:33: Credentials in profile \"home\", target \"dev\" invalid: '1' is not of type 'integer'");
  EXPECT_EQ(
      profile_complaint("{type: postgres, pass: a, password: b}"),
      "profiles.yml:4:46: Credentials in profile \"home\", target \"dev\" invalid: Got duplicate keys: (password) "
      "all map to \"password\"");
  EXPECT_EQ(profile_complaint(""), "profiles.yml:4:9: output 'dev' of profile 'home' is misconfigured in profiles.yml");
  options_.target = "prod";
  EXPECT_EQ(profile_complaint("{type: duckdb}"),
            "profiles.yml:4:5: The profile 'home' does not have a target named 'prod'. The valid target names for this "
            "profile are:\n- dev");
  write("profiles.yml", "home: {target: dev}");
  EXPECT_EQ(complaint(), "profiles.yml:1:7: outputs not specified in profile 'home'");
  write("profiles.yml", "hone: {target: dev}");
  EXPECT_EQ(complaint(), "profiles.yml:1:1: Could not find profile named 'home'");
  write("profiles.yml", "");
  EXPECT_EQ(complaint().substr(0, 40), "profiles.yml:1:1: The profiles.yml file ");
  write("dbt_project.yml", "name: p\n");
  write("profiles.yml", kProfiles);
  EXPECT_EQ(complaint(), "dbt_project.yml:1:1: dbt cannot run because no profile was specified for this dbt project.");
  std::filesystem::remove(folder_.path() / "profiles.yml");
  EXPECT_EQ(complaint(), "Could not find profile named '': there is no profiles.yml");
}

TEST_F(Settings, ProjectFaultsAreToldInDbtsWords) {
  EXPECT_EQ(project_complaint("zoo: 1\nbar: 2\n"),
            "dbt_project.yml:3:1: at path []: Additional properties are not allowed ('bar', 'zoo' were unexpected)");
  EXPECT_EQ(project_complaint("model-paths: models\n"),
            "dbt_project.yml:3:14: at path ['model-paths']: 'models' is not valid under any of the given schemas");
  EXPECT_EQ(project_complaint("vars: [1]\n"),
            "dbt_project.yml:3:7: at path ['vars']: [1] is not valid under any of the given schemas");
  EXPECT_EQ(project_complaint("models: [1]\n"), "dbt_project.yml:3:9: at path ['models']: [1] is not of type 'object'");
  EXPECT_EQ(project_complaint("on-run-start: [3]\n"),
            "dbt_project.yml:3:15: at path ['on-run-start']: [3] is not valid under any of the given schemas");
  EXPECT_EQ(project_complaint("quoting: {foo: true}\n").substr(0, 46),
            "dbt_project.yml:3:10: at path ['quoting']: {\"f");
  EXPECT_EQ(project_complaint("dispatch: [{macro_namespace: dbt}]\n").substr(0, 67),
            "dbt_project.yml:3:12: at path []: Invalid project dispatch config: ");
  EXPECT_EQ(project_complaint("tests: {}\ndata_tests: {}\n"),
            "dbt_project.yml:3:8: at path []: Invalid project config: cannot have both 'tests' and 'data_tests' "
            "defined");
  EXPECT_EQ(project_complaint("flags: [1]\n"), "dbt_project.yml:3:8: at path ['flags']: [1] is not of type 'object'");
  EXPECT_EQ(project_complaint("query-comment: {foo: 1}\n").substr(0, 48),
            "dbt_project.yml:3:16: at path ['query-comment']:");
  EXPECT_EQ(project_complaint("models: {+schema: \"{{ env_var('NOPE') }}\"}\n"),
            "dbt_project.yml:3:19: Env var required but not provided: 'NOPE'");
  write("dbt_project.yml", "profile: home\n");
  EXPECT_EQ(complaint(), "dbt_project.yml:1:1: Required \"name\" field not present in project");
  write("dbt_project.yml", "name: p-x\nprofile: home\n");
  EXPECT_EQ(complaint(), "dbt_project.yml:1:7: at path ['name']: 'p-x' does not match '^[^\\\\d\\\\W]\\\\w*$'");
  write("dbt_project.yml", "- a\n");
  EXPECT_EQ(complaint(), "dbt_project.yml:1:1: dbt_project.yml does not parse to a dictionary");
  std::filesystem::remove(folder_.path() / "dbt_project.yml");
  EXPECT_EQ(complaint().substr(0, 47), "No dbt_project.yml found at expected path /tmp/");
}

TEST_F(Settings, OldWordsAreWarnedOf) {
  write("dbt_project.yml", "name: p\nprofile: home\nsource-paths: [src]\ntarget-path: out\n");
  ProjectSettings settings = load();
  EXPECT_EQ(settings.root.model_paths, std::vector<std::string>{"src"});
  EXPECT_EQ(settings.target_path, folder_.path() / "out");
  ASSERT_EQ(settings.warnings.size(), 2u);
  EXPECT_EQ(settings.warnings[0].name, "ConfigSourcePathDeprecation");
  EXPECT_EQ(settings.warnings[1].name, "ConfigTargetPathDeprecation");
  EXPECT_EQ(settings.warnings[1].place.line, 4);
}

TEST_F(Settings, FlagsComeFromDefaultsFilesEnvironmentAndCommandLine) {
  write("dbt_project.yml",
        "name: p\nprofile: home\nflags: {fail_fast: true, full_refresh: true, printer_width: 50, x: \"{{ env_var('X') "
        "}}\"}\n");
  variables_["DBT_ENGINE_FULL_REFRESH"] = "no";
  variables_["DBT_PRINTER_WIDTH"] = "77";
  options_.flags = Value::dict({{"FAIL_FAST", false}});
  Value flags = load().flags;
  auto shown = [&](std::string_view name) { return json(*flags.as_dict().find(name)); };
  EXPECT_EQ(shown("FAIL_FAST") + shown("FULL_REFRESH") + shown("PRINTER_WIDTH") + shown("X"), "falsefalse77\"ex\"");
  EXPECT_EQ(shown("PARTIAL_PARSE") + shown("INDIRECT_SELECTION") + shown("TARGET"), "true\"eager\"null");
  variables_["DBT_DEFER"] = "maybe";
  EXPECT_EQ(complaint(), "DBT_DEFER: 'maybe' is not a valid boolean.");
}

TEST_F(Settings, PackagesAreProjectsOfTheirOwn) {
  write("packages.yml",
        "packages:\n  - local: ../a\n  - package: dbt-labs/dbt_utils\n    version: [\">=1.0.0\", \"<2.0.0\"]\n");
  write("dbt_packages/b/dbt_project.yml", "name: b\nmodels: {+schema: \"{{ target.name }}\"}\n");
  EXPECT_EQ(complaint(),
            "packages.yml:2:5: dbt found 2 package(s) specified in packages.yml, but only 1 package(s) installed in "
            "dbt_packages. Run \"dbt deps\" to install package dependencies.");
  write("dbt_packages/a/dbt_project.yml", "name: a\nmodel-paths: [m]\n");
  write("dbt_packages/__hidden/x", "");
  ProjectSettings settings = load();
  ASSERT_EQ(settings.packages.size(), 2u);
  EXPECT_EQ(settings.packages[0].model_paths, std::vector<std::string>{"m"});
  EXPECT_EQ(pairs(settings.packages[1].config_trees.at("models")), "+schema=dev ");
  write("dbt_packages/a/dbt_project.yml", "name: b\n");
  EXPECT_EQ(complaint().substr(0, 92),
            "dbt_packages/b/dbt_project.yml:1:7: dbt found more than one package with the name \"b\" includ");
  write("dbt_packages/c/x", "");
  EXPECT_EQ(complaint().substr(0, 41), "No dbt_project.yml found at expected path");
}

TEST_F(Settings, PackageListsHaveFiveKindsOfEntries) {
  auto list = [&](const char* file, const std::string& text) {
    write(file, text);
    return read_package_list(folder_.path(), config::Environment(variables_), Value::dict());
  };
  variables_["DBT_ENV_SECRET_T"] = "tok";
  PackageList wanted = list("dependencies.yml",
                            "packages:\n- {git: \"https://{{ env_var('DBT_ENV_SECRET_T') }}@x\", revision: 1.0, "
                            "subdirectory: s}\n- {tarball: t.tgz, name: t}\n- {package: a/b, version: 1.2.3}\n");
  EXPECT_EQ(wanted.file, "dependencies.yml");
  EXPECT_EQ(wanted.entries[0].location + "|" + wanted.entries[0].revision, "https://tok@x|1.0");
  EXPECT_EQ(wanted.entries[2].versions, std::vector<std::string>{"1.2.3"});
  EXPECT_THROW(list("packages.yml", "packages: []\n"), Error);
  std::filesystem::remove(folder_.path() / "dependencies.yml");
  EXPECT_THROW(list("packages.yml", "packages: [{foo: 1}]\n"), Error);
  EXPECT_THROW(list("packages.yml", "packages: [{package: a/b}]\n"), Error);
  EXPECT_TRUE(list("packages.yml", "").entries.empty());
}

TEST_F(Settings, SelectorsAreRenderedWithTheTarget) {
  EXPECT_TRUE(load_selectors(load()).empty());
  write("selectors.yml", "selectors: [{name: a, default: \"{{ target.name == 'dev' }}\", definition: \"tag:x\"}]");
  EXPECT_TRUE(load_selectors(load()).at(0).is_default);
}

TEST(RequiredVersion, IsComparedAsDbtDoes) {
  auto complaint = [](std::string required) {
    Document file = parse_yaml("require-dbt-version: " + required, "dbt_project.yml");
    try {
      check_required_version(file.root().get("require-dbt-version"), "p", "1.11.16");
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };
  for (const char* fits : {"\">=1.0.0\"", "1.11.16", "\">1.11.0,<2.0.0\"", "[\">=1.0.0\", \"<2.0.0\"]",
                           "\">=1.11.0rc1\"", "\">=1.11.16b1\"", "[]"}) {
    EXPECT_EQ(complaint(fits), "") << fits;
  }
  for (const char* not_met : {"1.10.0", "\">=1.12.0b1\"", "\"<1.11.16\"", "\">1.11.16\""}) {
    EXPECT_NE(complaint(not_met).find("is not supported with the 'p' package"), std::string::npos) << not_met;
  }
  for (const char* odd : {"\"1.11\"", "\">=1.0.0, <2.0.0\"", "\"~1.11\"", "\"\"", "[\">=1.0.0,<2.0.0\"]"}) {
    EXPECT_NE(complaint(odd).find("is not a valid semantic version."), std::string::npos) << odd;
  }
  EXPECT_EQ(complaint("[\">=1.12.0b1\"]"),
            "This version of dbt is not supported with the 'p' package.\n  Installed version of dbt: =1.11.16\n  "
            "Required version of dbt for 'p': ['>=1.12.0-b1']");
}

}  // namespace
}  // namespace plumb::project
