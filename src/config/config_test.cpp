#include "config/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file.h"
#include "base/testing.h"

namespace plumb::config {
namespace {

class Folder : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  Project load(std::map<std::string, std::string> environment = {}) {
    return load_project(folder_.path(), Environment(std::move(environment)));
  }
  // The rendered error, with paths relative to the folder.
  template <class Work>
  std::string failure(Work work) {
    auto text = error_of(work);
    for (auto prefix = folder_.path().string() + "/"; text.find(prefix) != std::string::npos;)
      text.erase(text.find(prefix), prefix.size());
    return text;
  }
  TemporaryFolder folder_;
};

TEST_F(Folder, AProjectNeedsOnlyAName) {
  write("plumb.yml", "name: home\n");
  auto project = load();
  EXPECT_EQ(project.name, "home");
  EXPECT_EQ(project.zone.name(), "UTC");
  EXPECT_TRUE(project.connections.empty());
}

TEST_F(Folder, ValuesComeFromTheEnvironmentThenFromDotenv) {
  write("plumb.yml",
        "name: \"{{ env_var('WHO') }} and {{ env_var('NOBODY', 'the rest') }}\"\n"
        "vars: {town: Bremen}\n"
        "connections:\n  files: {type: sqlite, path: \"{{ var('town') }}/{{ env_var('KEY') }}\"}\n");
  write(".env", "# secrets\nexport WHO=file\nKEY='a b' # why\n");
  auto project = load({{"WHO", "process"}});
  EXPECT_EQ(project.name, "process and the rest");
  EXPECT_EQ(project.get_connection("files").text("path"), "Bremen/a b");
}

TEST_F(Folder, AMissingVariableIsToldWithItsPlace) {
  write("plumb.yml",
        "name: home\nconnections:\n  w: {type: openweather, api_key: \"{{ env_var('OPENWEATHER_API_KEY') }}\"}\n");
  EXPECT_EQ(failure([&] { load(); }),
            "plumb.yml:3:35: environment variable 'OPENWEATHER_API_KEY' is not set\n"
            "   3 |   w: {type: openweather, api_key: \"{{ env_var('OPENWEATHER_API_KEY') }}\"}\n"
            "     |                                   ^\n"
            "hint: set it in the environment or in .env, or write env_var('OPENWEATHER_API_KEY', 'default')");
}

TEST_F(Folder, ValuesAreTemplatesWhole) {
  write("plumb.yml",
        "name: \"{{ env_var('WHO')|upper ~ '-' ~ (var('n')|int + 1) }}\"\n"
        "vars: {n: 41}\n"
        "connections:\n"
        "  files: {type: sqlite, path: \"{% if env_var('LIVE', '') %}live{% else %}trial{% endif %}/data\"}\n");
  auto project = load({{"WHO", "me"}});
  EXPECT_EQ(project.name, "ME-42");
  EXPECT_EQ(project.get_connection("files").text("path"), "trial/data");
}

TEST_F(Folder, ABrokenTemplateAndAnUnknownNameAreToldWithTheirPlace) {
  write("plumb.yml", "name: \"{{ env_var('A' }}\"\n");
  EXPECT_EQ(failure([&] { load(); }).substr(0, 14), "plumb.yml:1:7:");
  write("plumb.yml", "name: \"{{ enw_var('A') }}\"\n");
  EXPECT_EQ(failure([&] { load(); }),
            "plumb.yml:1:7: 'enw_var' is undefined\n   1 | name: \"{{ enw_var('A') }}\"\n     |       ^\n"
            "hint: there are env_var and var, and Jinja2's own functions");
}

TEST_F(Folder, AMisspeltKeyNamesTheNearest) {
  write("plumb.yml", "name: home\ntimezome: UTC\n");
  auto said = failure([&] { load(); });
  EXPECT_NE(said.find("plumb.yml:2:1: unknown key 'timezome'"), std::string::npos) << said;
  EXPECT_NE(said.find("timezone"), std::string::npos) << said;
}

TEST_F(Folder, ADuplicateKeyAndBrokenYamlAreToldWithTheirPlace) {
  write("plumb.yml", "name: home\nname: other\n");
  EXPECT_EQ(failure([&] { load(); }).substr(0, 14), "plumb.yml:2:1:");
  write("plumb.yml", "name: [home\n");
  EXPECT_EQ(failure([&] { load(); }).substr(0, 10), "plumb.yml:");
}

TEST_F(Folder, AnUnknownConnectionNamesTheNearest) {
  write("plumb.yml", "name: home\nconnections:\n  files: {type: sqlite, path: data}\n");
  auto project = load();
  EXPECT_EQ(failure([&] { project.get_connection("file"); }), "unknown connection 'file'\nhint: did you mean 'files'?");
}

TEST_F(Folder, AnUnknownSettingOfADatabaseIsToldWithoutItsLine) {
  write("plumb.yml", "name: home\nconnections:\n  pg: {type: postgres, pasword: geheim}\n");
  auto project = load();
  auto said = failure([&] { database_config(project, project.get_connection("pg")); });
  EXPECT_EQ(
      said,
      "plumb.yml:3:33: unknown setting 'pasword' of the postgres connection 'pg'\nhint: did you mean 'password'?");
}

TEST_F(Folder, AFolderOfSqliteFilesHasOneForEachDataset) {
  write("plumb.yml",
        "name: home\nconnections:\n  files: {type: sqlite, path: data}\n  one: {type: sqlite, path: one.db}\n");
  auto project = load();
  EXPECT_EQ(database_config(project, project.get_connection("files"), "raw_bank").path,
            folder_.path() / "data/raw_bank.db");
  EXPECT_EQ(database_config(project, project.get_connection("one"), "raw_bank").path, folder_.path() / "one.db");
  expect_error(ErrorKind::Config, "is no dataset's name",
               [&] { database_config(project, project.get_connection("files"), "../escape"); });
}

TEST_F(Folder, AWrongLineInDotenvIsNamedButNotShown) {
  write("plumb.yml", "name: home\n");
  write(".env", "A=1\nPASSWORD='geheim\n");
  EXPECT_EQ(failure([&] { load(); }),
            ".env:2:1: this line is no NAME=value\nhint: quote values that hold blanks, and close the quote");
}

TEST_F(Folder, WithoutAProjectTheHintIsInit) {
  auto said = failure([&] { load(); });
  EXPECT_NE(said.find("plumb init"), std::string::npos) << said;
}

TEST_F(Folder, OtherRoomsReadTheirOwnSections) {
  write("plumb.yml", "name: home\npools: {bank: 1}\n");
  auto project = load();
  EXPECT_EQ(project.section("pools").find("bank").as_int(), 1);
  EXPECT_TRUE(project.section("alerts").missing());
  EXPECT_TRUE(Project().section("pools").missing());
}

TEST_F(Folder, SecretsAreWhatHasTheirNames) {
  write("plumb.yml",
        "name: home\nconnections:\n"
        "  landing: {type: postgres, host: localhost, password: \"{{ env_var('PG') }}\"}\n");
  write(".env", "PG=geheim\nMAIL_TOKEN=geheim-und-mehr\nCARD_PIN=12\nUSE_TOKEN=true\n");
  std::vector<std::string> secrets;
  for (const auto& secret : load({{"HOME", "/home/ada"}}).secrets()) secrets.push_back(secret.reveal());
  EXPECT_EQ(secrets, (std::vector<std::string>{"geheim-und-mehr", "geheim"}));
}

class Sessions : public testing::Test {
 protected:
  SessionStore store(std::map<std::string, std::string> more = {}) {
    more.emplace("XDG_CONFIG_HOME", (folder_.path() / "config").string());
    return SessionStore(folder_.path() / "sessions", Environment(std::move(more)));
  }
  TemporaryFolder folder_;
};

TEST_F(Sessions, AreSealedOnDiskAndReadableByTheirOwnerAlone) {
  store().save("bank", Secret("{\"token\":\"geheim\"}"));
  EXPECT_EQ(store().find("bank")->reveal(), "{\"token\":\"geheim\"}");
  EXPECT_FALSE(store().find("other"));
  auto file = folder_.path() / "sessions/bank.session";
  EXPECT_EQ(read_file(file).find("geheim"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat((folder_.path() / "config/plumb/key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Sessions, NeedTheKeyTheyWereSealedWith) {
  store({{"PLUMB_KEY", "one"}}).save("bank", Secret("x"));
  EXPECT_EQ(store({{"PLUMB_KEY", "one"}}).find("bank")->reveal(), "x");
  expect_error(ErrorKind::Auth, "PLUMB_KEY", [&] { store({{"PLUMB_KEY", "two"}}).find("bank"); });
}

TEST_F(Sessions, CannotBeMovedToAnotherConnection) {
  store().save("bank", Secret("x"));
  std::filesystem::rename(folder_.path() / "sessions/bank.session", folder_.path() / "sessions/other.session");
  EXPECT_THROW(store().find("other"), Error);
}

TEST_F(Sessions, AreUsedByOneProcessAtATime) {
  auto sessions = store();
  auto held = sessions.lock("bank", std::chrono::milliseconds(0));
  expect_error(ErrorKind::Busy, "another process", [&] { sessions.lock("bank", std::chrono::milliseconds(30)); });
  held.reset();
  sessions.lock("bank", std::chrono::milliseconds(0));
}

TEST_F(Sessions, WithoutAHomeTheKeyMustBeGiven) {
  SessionStore homeless(folder_.path() / "sessions", Environment(std::map<std::string, std::string>{}));
  expect_error(ErrorKind::Config, "HOME", [&] { homeless.save("bank", Secret("x")); });
}

}  // namespace
}  // namespace plumb::config
