#include "store/statements.h"

#include <algorithm>

#include "base/format.h"

namespace plumb::store {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Row>
std::string insert_with_id(std::string_view table) {
  return insert_sql(table, columns_without<Row>("id")) + " RETURNING id";
}

template <class Row>
std::string update_by_id(std::string_view table) {
  return update_sql(table, columns_without<Row>("id"));
}

// A lease ends by the clock of the database that all schedulers share: the caller's may differ from the next one's.
std::string save_scheduler_sql(bool postgres) {
  auto columns = column_names<SchedulerRow>();
  std::string ends = postgres ? "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint + ?::bigint" : "?";
  std::string updates;
  for (const std::string& name : columns) updates += format("{0} = excluded.{0}, ", quote_column(name));
  return format(
      "INSERT INTO schedulers ({}, expires_at) VALUES ({}, {}) ON CONFLICT (id) DO UPDATE SET {}expires_at = "
      "excluded.expires_at",
      list_columns(columns), placeholders(columns.size()), ends, updates);
}

}  // namespace

std::string quote_column(std::string_view name) {
  return format("\"{}\"", name);
}

std::string placeholders(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text;
}

std::string list_columns(const std::vector<std::string>& names, std::string_view prefix) {
  std::string text;
  for (const std::string& name : names) text += format("{}{}{}", text.empty() ? "" : ", ", prefix, quote_column(name));
  return text;
}

std::string insert_sql(std::string_view table, const std::vector<std::string>& columns) {
  return format("INSERT INTO {} ({}) VALUES ({})", table, list_columns(columns), placeholders(columns.size()));
}

std::string save_sql(std::string_view table, const std::vector<std::string>& columns,
                     const std::vector<std::string>& key, const std::vector<std::string>& kept) {
  std::string updates;
  for (const std::string& name : columns) {
    if (contains(key, name) || contains(kept, name)) continue;
    updates += format("{}{} = excluded.{}", updates.empty() ? "" : ", ", quote_column(name), quote_column(name));
  }
  return format("{} ON CONFLICT ({}) DO UPDATE SET {}", insert_sql(table, columns), list_columns(key), updates);
}

std::string update_sql(std::string_view table, const std::vector<std::string>& columns) {
  std::string updates;
  for (const std::string& name : columns)
    updates += format("{}{} = ?", updates.empty() ? "" : ", ", quote_column(name));
  return format("UPDATE {} SET {} WHERE id = ?", table, updates);
}

Statements::Statements(bool postgres) {
  save_workflow = save_sql("workflows", column_names<WorkflowRow>(), {"name"});
  save_version = save_sql("versions", column_names<VersionRow>(), {"workflow", "number"});
  // Whatever key it meets: the run is there already.
  insert_run = insert_sql("runs", columns_without<RunRow>("id")) + " ON CONFLICT DO NOTHING RETURNING id";
  update_run = update_by_id<RunRow>("runs");
  auto task = column_names<TaskRow>();
  task.insert(task.begin(), "workflow");
  save_task = save_sql("tasks", task, {"run", "task", "map_index"}, {"workflow"});
  save_attempt = save_sql("attempts", column_names<AttemptRow>(), {"run", "task", "map_index", "try_number"});
  save_value = save_sql("task_values", column_names<ValueRow>(), {"run", "task", "map_index", "key"});
  save_asset = save_sql("assets", columns_without<AssetRow>("id"), {"name"}, {"created_at"}) + " RETURNING id";
  insert_asset_event = insert_with_id<AssetEventRow>("asset_events");
  update_asset_event = update_by_id<AssetEventRow>("asset_events");
  save_pool = save_sql("pools", column_names<PoolRow>(), {"name"});
  save_variable = save_sql("variables", column_names<VariableRow>(), {"key"});
  insert_backfill = insert_with_id<BackfillRow>("backfills");
  update_backfill = update_by_id<BackfillRow>("backfills");
  save_user = save_sql("users", column_names<UserRow>(), {"name"});
  save_token = save_sql("tokens", column_names<TokenRow>(), {"id"});
  insert_event = insert_with_id<EventRow>("events");
  update_event = update_by_id<EventRow>("events");
  save_scheduler = save_scheduler_sql(postgres);
}

}  // namespace plumb::store
