#include "base/document.h"
#include "cli/commands.h"
#include "db/db.h"

namespace plumb::cli {

namespace {

std::string version_of(db::Kind kind, const std::string& function) {
  auto database = db::open({.kind = kind, .name = "version"});
  return db::find_value(*database->connect(), "SELECT " + function).value_or("");
}

}  // namespace

std::string version_text() {
  return "plumb " PLUMB_VERSION;
}

int version_command(Context& context) {
  JsonWriter json;
  json.begin_object().field("plumb", PLUMB_VERSION);
  json.field("duckdb", version_of(db::Kind::DuckDb, "version()"));
  json.field("sqlite", version_of(db::Kind::Sqlite, "sqlite_version()"));
  // As docs/formats.md numbers them.
  json.key("formats").begin_object().field("load_tables", std::int64_t{1}).end_object().end_object();
  context.terminal.print(json.take() + "\n");
  return 0;
}

}  // namespace plumb::cli
