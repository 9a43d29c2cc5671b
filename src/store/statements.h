// The statements that write and read records, made from their columns once, when the store is opened.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/columns.h"

namespace plumb::store {

std::string quote_column(std::string_view name);
// "?, ?, ?"
std::string placeholders(std::size_t count);
// "a", "b"; each behind a prefix such as "t.".
std::string list_columns(const std::vector<std::string>& names, std::string_view prefix = {});
// INSERT INTO table (…) VALUES (?, …)
std::string insert_sql(std::string_view table, const std::vector<std::string>& columns);
// The same, and a row of that key is replaced; columns of `kept` stay as they are.
std::string save_sql(std::string_view table, const std::vector<std::string>& columns,
                     const std::vector<std::string>& key, const std::vector<std::string>& kept = {});
// UPDATE table SET … WHERE id = ?, in the order of the columns, the id last.
std::string update_sql(std::string_view table, const std::vector<std::string>& columns);

template <class Row>
std::vector<std::string> columns_without(std::string_view left_out) {
  auto names = column_names<Row>();
  std::erase(names, left_out);
  return names;
}

struct Statements {
  explicit Statements(bool postgres);

  std::string save_workflow, save_version, insert_run, update_run, save_task, save_attempt, save_value, save_asset,
      insert_asset_event, update_asset_event, save_pool, save_variable, insert_backfill, update_backfill, save_user,
      save_token, insert_event, update_event, save_scheduler;
};

}  // namespace plumb::store
