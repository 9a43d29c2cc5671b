// Where a project keeps its store.

#include "store/store.h"

namespace plumb::store {

db::DatabaseConfig default_store(const std::filesystem::path& project_folder) {
  return {.kind = db::Kind::Sqlite, .name = "store", .path = project_folder / ".plumb" / "store.db"};
}

}  // namespace plumb::store
