// Where a project keeps its store.

#include "store/store.h"

namespace plumb::store {

db::DatabaseConfig default_store(const std::filesystem::path& project_folder, std::string_view setting) {
  db::DatabaseConfig config{.kind = db::Kind::Sqlite, .path = ".plumb/store.db"};
  if (db::is_database_uri(setting)) {
    config = db::parse_uri(setting).config;
  } else if (!setting.empty()) {
    config.path = setting;
  }
  config.name = "store";
  if (config.kind == db::Kind::Sqlite && !config.path.empty()) config.path = project_folder / config.path;
  return config;
}

}  // namespace plumb::store
