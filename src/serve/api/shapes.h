// The store's records in the shapes of Airflow's public API. (Private to serve.)
//
// What Airflow asks for and we have no notion of is null, empty, or the value that says so ("dags-folder" is our one
// bundle, "default" the one queue).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "serve/call.h"

namespace plumb::serve {

void put(JsonWriter& json, std::string_view name, const std::optional<Instant>& instant);
void put(JsonWriter& json, std::string_view name, Instant instant);
// Null for an empty text.
void put_text(JsonWriter& json, std::string_view name, std::string_view text);
void put_seconds(JsonWriter& json, std::string_view name, const std::optional<Instant>& from,
                 const std::optional<Instant>& to);
// A document of the store; null when it is empty or damaged.
void put_json(JsonWriter& json, std::string_view name, std::string_view document);
// A document with the values of keys that name a secret masked.
std::string masked_json(std::string_view document);
// The file of a fault, from the project's folder on; empty when its place is not known.
std::string file_of(const Error& fault, const config::Project& project);
// The same one for the same text: ids that Airflow's clients want to be UUIDs.
std::string uuid_of(std::string_view text);

// Writes records of one answer; what several of them share is asked for once.
class Shapes {
 public:
  explicit Shapes(Call& call) : call_(call), definitions_(call.definitions()) {}

  void workflow(JsonWriter& json, const store::WorkflowRow& row, bool details = false);
  void version(JsonWriter& json, const store::VersionRow& row);
  void run(JsonWriter& json, const store::RunRow& row);
  void task(JsonWriter& json, const store::TaskOfRun& row);
  void attempt(JsonWriter& json, const store::TaskOfRun& row, const store::AttemptRow& attempt);
  void task_definition(JsonWriter& json, const workflow::Workflow& workflow, const workflow::Task& task);
  void asset(JsonWriter& json, const store::AssetRow& row);
  void asset_event(JsonWriter& json, const store::AssetEventRow& row);
  void approval(JsonWriter& json, const store::TaskOfRun& row);

  // With the names of its run.
  store::TaskOfRun of_run(const store::TaskRow& task, const store::RunRow& run);

 private:
  void version_of(JsonWriter& json, std::string_view name, std::string_view workflow, std::int64_t number);
  std::optional<store::VersionRow> find_version(std::string_view workflow, std::int64_t number);
  std::optional<store::RunRow> find_run(std::int64_t id);
  void task_fields(JsonWriter& json, const store::TaskOfRun& row);

  Call& call_;
  std::shared_ptr<const workflow::Definitions> definitions_;
  std::map<std::pair<std::string, std::int64_t>, std::optional<store::VersionRow>, std::less<>> versions_;
  std::map<std::int64_t, std::optional<store::RunRow>> runs_;
};

// {"dag_runs": [ … ], "total_entries": n}
template <class Row, class Write>
ServerResponse list_answer(std::string_view name, const std::vector<Row>& rows, std::int64_t total, Write write) {
  JsonWriter json;
  json.begin_object().key(name).begin_array();
  for (const Row& row : rows) write(json, row);
  json.end_array().field("total_entries", total).end_object();
  return json_answer(json.take());
}
template <class Write>
ServerResponse one_answer(Write write, int status = 200) {
  JsonWriter json;
  write(json);
  return json_answer(json.take(), status);
}

// Deliver or throw a 404 in Airflow's words.
store::WorkflowRow get_workflow(Call& call, const std::string& name);
std::shared_ptr<const workflow::Workflow> get_definition(Call& call, const std::string& name);
store::RunRow get_run(Call& call, const std::string& workflow, const std::string& run_id);
store::RunRow get_run(Call& call);                                         // of the path
store::TaskOfRun get_task(Call& call, std::optional<int> map_index = {});  // of the path
// Of the path where it is there, else of the query, else -1.
int map_index_of(Call& call);

}  // namespace plumb::serve
