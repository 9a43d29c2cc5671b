#include "store/schema.h"

#include <array>

#include "base/format.h"

namespace plumb::store {
namespace {

// {id} a key that the database gives, never twice · {text} text ordered by its bytes · {clustered} rows lie in the
// order of their key · {nulls} nulls come first in an index, as they do in SQLite anyway.
//
// Indexes end in the id, so that a page is a stretch of one of them. No foreign keys: whoever removes a run removes
// what belongs to it (batch_remove.cpp), and tasks are saved for runs that are there.
constexpr std::string_view kVersion1 = R"(
CREATE TABLE workflows (
  "name" {text} NOT NULL PRIMARY KEY, "paused" BOOLEAN NOT NULL, "active" BOOLEAN NOT NULL, "file" {text} NOT NULL,
  "description" {text} NOT NULL, "schedule" {text} NOT NULL, "timezone" {text} NOT NULL, "tags_json" {text} NOT NULL,
  "version" BIGINT NOT NULL, "parsed_at" BIGINT,
  "last_logical_date" BIGINT, "last_interval_start" BIGINT, "last_interval_end" BIGINT, "last_run_after" BIGINT,
  "next_logical_date" BIGINT, "next_interval_start" BIGINT, "next_interval_end" BIGINT, "next_run_after" BIGINT,
  "definition_json" {text} NOT NULL);
CREATE INDEX workflows_by_state ON workflows (active, paused, name);

CREATE TABLE versions (
  "workflow" {text} NOT NULL, "number" BIGINT NOT NULL, "hash" {text} NOT NULL, "created_at" BIGINT NOT NULL,
  "text" {text} NOT NULL, PRIMARY KEY (workflow, number));

CREATE TABLE runs (
  "id" {id}, "workflow" {text} NOT NULL, "run_id" {text} NOT NULL, "type" {text} NOT NULL, "state" {text} NOT NULL,
  "logical_date" BIGINT, "interval_start" BIGINT, "interval_end" BIGINT, "run_after" BIGINT NOT NULL,
  "queued_at" BIGINT NOT NULL, "started_at" BIGINT, "ended_at" BIGINT, "version" BIGINT NOT NULL,
  "triggered_by" {text} NOT NULL, "triggering_user" {text} NOT NULL, "note" {text} NOT NULL, "backfill" BIGINT,
  "parent_run" BIGINT, "parent_task" {text} NOT NULL, "parent_map_index" BIGINT NOT NULL, "owner" {text} NOT NULL,
  "params_json" {text} NOT NULL);
CREATE UNIQUE INDEX runs_by_run_id ON runs (run_id, workflow);
CREATE UNIQUE INDEX runs_scheduled ON runs (workflow, logical_date) WHERE type = 'scheduled';
CREATE INDEX runs_by_workflow ON runs (workflow, id);
CREATE INDEX runs_by_state ON runs (state, id);
CREATE INDEX runs_by_workflow_state ON runs (workflow, state, id);
CREATE INDEX runs_by_run_after ON runs (run_after, id);
CREATE INDEX runs_by_workflow_run_after ON runs (workflow, run_after, id);
CREATE INDEX runs_by_logical_date ON runs (workflow, logical_date {nulls}, id);
CREATE INDEX runs_by_start ON runs (started_at {nulls}, id);
CREATE INDEX runs_by_end ON runs (ended_at {nulls}, id);
CREATE INDEX runs_by_backfill ON runs (backfill, id) WHERE backfill IS NOT NULL;

CREATE TABLE tasks (
  "id" {id}, "workflow" {text} NOT NULL, "run" BIGINT NOT NULL, "task" {text} NOT NULL, "map_index" BIGINT NOT NULL,
  "state" {text} NOT NULL, "try_number" BIGINT NOT NULL, "max_tries" BIGINT NOT NULL, "kind" {text} NOT NULL,
  "pool" {text} NOT NULL, "slots" BIGINT NOT NULL, "priority" BIGINT NOT NULL, "scheduled_at" BIGINT,
  "queued_at" BIGINT, "started_at" BIGINT, "ended_at" BIGINT, "next_try_at" BIGINT, "host" {text} NOT NULL,
  "pid" BIGINT NOT NULL, "message" {text} NOT NULL, "waiting_for" {text} NOT NULL, "map_label" {text} NOT NULL,
  "note" {text} NOT NULL, "rendered_json" {text} NOT NULL);
CREATE UNIQUE INDEX tasks_by_run ON tasks (run, task, map_index);
CREATE INDEX tasks_by_state ON tasks (state, id);
CREATE INDEX tasks_by_workflow ON tasks (workflow, id);
CREATE INDEX tasks_by_workflow_state ON tasks (workflow, state, id);
CREATE INDEX tasks_by_start ON tasks (started_at {nulls}, id);
CREATE INDEX tasks_by_task ON tasks (workflow, task, id);

CREATE TABLE attempts (
  "run" BIGINT NOT NULL, "task" {text} NOT NULL, "map_index" BIGINT NOT NULL, "try_number" BIGINT NOT NULL,
  "state" {text} NOT NULL, "queued_at" BIGINT, "started_at" BIGINT, "ended_at" BIGINT, "exit_code" BIGINT,
  "signal" BIGINT NOT NULL, "message" {text} NOT NULL, "log" {text} NOT NULL, "host" {text} NOT NULL,
  "pid" BIGINT NOT NULL, "owner" {text} NOT NULL, PRIMARY KEY (run, task, map_index, try_number)) {clustered};

CREATE TABLE task_values (
  "run" BIGINT NOT NULL, "task" {text} NOT NULL, "map_index" BIGINT NOT NULL, "key" {text} NOT NULL,
  "at" BIGINT NOT NULL, "value_json" {text} NOT NULL, PRIMARY KEY (run, task, map_index, key));

CREATE TABLE assets (
  "id" {id}, "name" {text} NOT NULL UNIQUE, "uri" {text} NOT NULL, "group" {text} NOT NULL,
  "created_at" BIGINT NOT NULL, "extra_json" {text} NOT NULL);
CREATE TABLE asset_events (
  "id" {id}, "asset" {text} NOT NULL, "at" BIGINT NOT NULL, "run" BIGINT, "workflow" {text} NOT NULL,
  "run_id" {text} NOT NULL, "task" {text} NOT NULL, "map_index" BIGINT NOT NULL, "made_by" {text} NOT NULL,
  "extra_json" {text} NOT NULL);
CREATE INDEX asset_events_by_asset ON asset_events (asset, id);
CREATE INDEX asset_events_by_workflow ON asset_events (workflow, id);
CREATE INDEX asset_events_by_run_id ON asset_events (run_id, id) WHERE run_id <> '';
CREATE TABLE news (
  "workflow" {text} NOT NULL, "asset" {text} NOT NULL, "event" BIGINT NOT NULL,
  PRIMARY KEY (workflow, asset, event)) {clustered};
CREATE TABLE run_news ("run" BIGINT NOT NULL, "event" BIGINT NOT NULL, PRIMARY KEY (run, event)) {clustered};

CREATE TABLE pools (
  "name" {text} NOT NULL PRIMARY KEY, "slots" BIGINT NOT NULL, "description" {text} NOT NULL,
  "include_deferred" BOOLEAN NOT NULL);
CREATE TABLE variables (
  "key" {text} NOT NULL PRIMARY KEY, "value" {text} NOT NULL, "description" {text} NOT NULL);
CREATE TABLE backfills (
  "id" {id}, "workflow" {text} NOT NULL, "from" BIGINT NOT NULL, "to" BIGINT NOT NULL, "params_json" {text} NOT NULL,
  "max_active_runs" BIGINT NOT NULL, "paused" BOOLEAN NOT NULL, "backwards" BOOLEAN NOT NULL,
  "reprocess" {text} NOT NULL, "created_at" BIGINT NOT NULL, "completed_at" BIGINT, "created_by" {text} NOT NULL);
CREATE INDEX backfills_by_workflow ON backfills (workflow, id);

CREATE TABLE users (
  "name" {text} NOT NULL PRIMARY KEY, "password_hash" {text} NOT NULL, "role" {text} NOT NULL,
  "active" BOOLEAN NOT NULL, "created_at" BIGINT NOT NULL);
CREATE TABLE tokens (
  "id" {text} NOT NULL PRIMARY KEY, "user" {text} NOT NULL, "hash" {text} NOT NULL, "description" {text} NOT NULL,
  "created_at" BIGINT NOT NULL, "expires_at" BIGINT, "last_used_at" BIGINT);
CREATE TABLE events (
  "id" {id}, "at" BIGINT NOT NULL, "event" {text} NOT NULL, "who" {text} NOT NULL, "workflow" {text} NOT NULL,
  "run_id" {text} NOT NULL, "task" {text} NOT NULL, "map_index" BIGINT, "try_number" BIGINT,
  "extra_json" {text} NOT NULL);
CREATE INDEX events_by_workflow ON events (workflow, id);
CREATE INDEX events_by_run_id ON events (run_id, id) WHERE run_id <> '';

CREATE TABLE schedulers (
  "id" {text} NOT NULL PRIMARY KEY, "host" {text} NOT NULL, "pid" BIGINT NOT NULL, "started_ticks" BIGINT NOT NULL,
  "started_at" BIGINT NOT NULL, "lease_until" BIGINT NOT NULL, "kind" {text} NOT NULL,
  "expires_at" BIGINT NOT NULL) {clustered};
CREATE TABLE notes ("name" {text} NOT NULL PRIMARY KEY, "value" {text} NOT NULL) {clustered};
CREATE TABLE counts (
  "what" {text} NOT NULL, "name" {text} NOT NULL, "state" {text} NOT NULL, "n" BIGINT NOT NULL,
  PRIMARY KEY (what, name, state)) {clustered};
)";

constexpr std::array<std::string_view, kSchemaVersion> kMigrations = {kVersion1};

std::string replaced(std::string text, std::string_view mark, std::string_view by) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
    text.replace(at, mark.size(), by);
  }
  return text;
}

}  // namespace

std::string migration_sql(int version, db::Kind kind) {
  bool postgres = kind == db::Kind::Postgres;
  std::string sql(kMigrations.at(static_cast<std::size_t>(version) - 1));
  sql =
      replaced(sql, "{id}",
               postgres ? "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT");
  sql = replaced(sql, "{text}", postgres ? "TEXT COLLATE \"C\"" : "TEXT");
  sql = replaced(sql, "{clustered}", postgres ? "" : "WITHOUT ROWID");
  return replaced(sql, "{nulls}", postgres ? "NULLS FIRST" : "");
}

bool migrate(db::Connection& connection, const std::string& where) {
  bool postgres = connection.kind() == db::Kind::Postgres;
  // to_regclass() would answer from memory, as of before the wait for whoever else migrates.
  std::string table = postgres ? "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND "
                                 "tablename = 'store_version'"
                               : "SELECT name FROM sqlite_schema WHERE name = 'store_version'";
  auto find_version = [&]() -> int {
    if (!db::find_value(connection, table)) return 0;
    return std::stoi(db::find_value(connection, "SELECT version FROM store_version").value_or("0"));
  };
  int version = find_version();
  if (version < kSchemaVersion) {
    db::Transaction transaction(connection);
    // "plumb store" in a number: whoever else migrates waits here.
    if (postgres) connection.execute("SELECT pg_advisory_xact_lock(7587526012)");
    int before = version = find_version();
    if (version == 0) connection.execute("CREATE TABLE store_version (version BIGINT NOT NULL)");
    while (version < kSchemaVersion) connection.execute(migration_sql(++version, connection.kind()));
    if (before == 0) connection.execute("INSERT INTO store_version VALUES (0)");
    if (before < version) connection.execute(format("UPDATE store_version SET version = {}", version));
    transaction.commit();
    return before == 0;
  }
  if (version > kSchemaVersion) {
    throw Error(
        ErrorKind::Database,
        format("{} was written by a newer Plumb: version {}, and this one knows {}", where, version, kSchemaVersion),
        {.hint = "update Plumb, or give this one a store of its own"});
  }
  return false;
}

}  // namespace plumb::store
