#include "workflow/store_place.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing.h"

namespace plumb::workflow {
namespace {

TEST(StorePlace, IsInTheProjectsFolderUnlessPlumbYmlSaysOtherwise) {
  TemporaryFolder folder;
  auto place = [&](const std::string& setting) {
    write_file(folder.path() / "plumb.yml", "name: t\nconnections: {state: {type: sqlite, path: data/state.db}}\n" +
                                                (setting.empty() ? "" : "store: " + setting + "\n"));
    return store_of(config::load_project(folder.path(), config::Environment()));
  };
  EXPECT_EQ(place("").path, folder.path() / ".plumb/store.db");
  EXPECT_EQ(place("state").path, folder.path() / "data/state.db");
  EXPECT_EQ(place("sqlite:///state.db").path, folder.path() / "state.db");
  EXPECT_EQ(place("postgresql://anna@host/db?schema=ours").settings.at("schema"), "ours");
  expect_error(ErrorKind::Config, "`store` is the name of a connection, or a URI", [&] { place("{path: a}"); });
}

}  // namespace
}  // namespace plumb::workflow
