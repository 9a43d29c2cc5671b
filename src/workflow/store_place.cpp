#include "workflow/store_place.h"

namespace plumb::workflow {

db::DatabaseConfig store_of(const config::Project& project) {
  Node setting = project.section("store");
  db::DatabaseConfig store{.kind = db::Kind::Sqlite, .path = ".plumb/store.db"};
  if (setting.kind() == NodeKind::Map || setting.kind() == NodeKind::List) {
    throw Error(ErrorKind::Config, "`store` is the name of a connection, or a URI",
                {.place = setting.place(), .hint = "store: landing"});
  }
  if (!setting.null()) {
    const std::string text = project.values().text(setting);
    if (!db::is_database_uri(text))
      return config::database_config(project, project.get_connection(text, setting.place()));
    store = db::parse_uri(text).config;
  }
  store.name = "store";
  if (store.kind == db::Kind::Sqlite && !store.path.empty()) store.path = project.folder / store.path;
  return store;
}

}  // namespace plumb::workflow
