// Values that tasks leave for others, as Airflow's "xcomEntries".
#include <algorithm>

#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

enum class With { Nothing, Value, Text };

void write_value(JsonWriter& json, const store::RunRow& run, const store::ValueRow& value, With with) {
  json.begin_object().field("key", value.key);
  put(json, "timestamp", value.at);
  put(json, "logical_date", run.logical_date);
  put(json, "run_after", run.run_after);
  json.field("map_index", value.map_index).field("task_id", value.task).field("dag_id", run.workflow);
  json.field("run_id", run.run_id).field("dag_display_name", run.workflow).field("task_display_name", value.task);
  std::string shown = names_a_secret(value.key) ? "\"***\"" : masked_json(value.value_json);
  if (with == With::Value) json.key("value").raw(shown);
  if (with == With::Text) json.field("value", shown);
  json.end_object();
}

ServerResponse list_values(Call& call) {
  store::RunRow run = get_run(call);
  std::string task = call.path("task_id") == "~" ? "" : call.path("task_id");
  std::optional<int> map_index;
  for (std::string_view name : {"map_index", "map_index_filter"}) {
    if (!call.query(name).empty()) map_index = static_cast<int>(call.query_number(name, -1, -1, INT32_MAX));
  }
  std::vector<store::ValueRow> values = call.reader().values_of(run.id, task, map_index);
  std::string key = call.query("xcom_key");
  std::erase_if(values, [&](const store::ValueRow& value) { return !key.empty() && value.key != key; });
  auto total = static_cast<std::int64_t>(values.size());
  store::PageRequest page = call.page({{"key", "key"}});
  auto first = std::min<std::size_t>(static_cast<std::size_t>(page.offset), values.size());
  auto last = std::min<std::size_t>(first + static_cast<std::size_t>(page.limit), values.size());
  values = {values.begin() + static_cast<std::ptrdiff_t>(first), values.begin() + static_cast<std::ptrdiff_t>(last)};
  return list_answer("xcom_entries", values, total, [&](JsonWriter& json, const store::ValueRow& value) {
    write_value(json, run, value, With::Nothing);
  });
}

ServerResponse show_value(Call& call) {
  store::RunRow run = get_run(call);
  int map_index = map_index_of(call);
  const std::string& key = call.path("xcom_key");
  for (const store::ValueRow& value : call.reader().values_of(run.id, call.path("task_id"), map_index)) {
    if (value.key != key) continue;
    bool text = call.query_bool("stringify").value_or(false);
    return one_answer([&](JsonWriter& json) { write_value(json, run, value, text ? With::Text : With::Value); });
  }
  throw not_found(format("XCom entry with key: `{}` not found", key));
}

ServerResponse refuse(Call&) {
  return error_answer(403, "values are left by tasks, in $PLUMB_VALUES; they can't be set from outside");
}

#define VALUES "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"
constexpr Route kRoutes[] = {
    {"GET", VALUES, Role::Viewer, list_values, "List the values of a task; ~ for those of all tasks",
     "XComCollectionResponse", "", 200, "page xcom_key map_index:integer"},
    {"POST", VALUES, Role::Operator, refuse, "Refused: tasks leave values", "", "", 201},
    {"GET", VALUES "/{xcom_key}", Role::Viewer, show_value, "Show a value", "XComResponseNative|XComResponseString", "",
     200, "map_index:integer stringify:boolean"},
    {"PATCH", VALUES "/{xcom_key}", Role::Operator, refuse, "Refused: tasks leave values"},
};
#undef VALUES

}  // namespace

Routes value_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
