// Workflows, as Airflow's "dags".
#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "base/format.h"
#include "base/secret.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

constexpr OrderName kOrder[] = {{"dag_id", "name"},
                                {"dag_display_name", "name"},
                                {"is_paused", "paused"},
                                {"next_dagrun", "next_run_after"},
                                {"last_parsed_time", "parsed_at"}};

store::WorkflowFilter filter_of(Call& call) {
  std::string pattern = call.query_pattern("dag_id_pattern");
  if (pattern.empty()) pattern = call.query_pattern("dag_display_name_pattern");
  bool fresh = call.query_bool("exclude_stale").value_or(true);
  return {.name_pattern = pattern,
          .tags = call.query_list("tags"),
          .paused = call.query_bool("paused"),
          .active = fresh ? std::optional(true) : std::nullopt};
}

ServerResponse list_workflows(Call& call) {
  store::Page<store::WorkflowRow> page = call.reader().workflows(filter_of(call), call.page(kOrder));
  Shapes shapes(call);
  return list_answer("dags", page.rows, page.total,
                     [&](JsonWriter& json, const store::WorkflowRow& row) { shapes.workflow(json, row); });
}

ServerResponse show_workflow(Call& call) {
  store::WorkflowRow row = get_workflow(call, call.path("dag_id"));
  return one_answer([&](JsonWriter& json) { Shapes(call).workflow(json, row); });
}

ServerResponse show_details(Call& call) {
  store::WorkflowRow row = get_workflow(call, call.path("dag_id"));
  return one_answer([&](JsonWriter& json) { Shapes(call).workflow(json, row, true); });
}

bool paused_of(Call& call) {
  std::optional<bool> paused = find_bool(call.body({"is_paused"}), "is_paused");
  if (!paused) throw invalid("body.is_paused", "Field required");
  return *paused;
}

ServerResponse patch_workflow(Call& call) {
  bool paused = paused_of(call);
  store::WorkflowRow row = get_workflow(call, call.path("dag_id"));
  call.operations().set_paused(row.name, paused, call.who());
  row.paused = paused;
  return one_answer([&](JsonWriter& json) { Shapes(call).workflow(json, row); });
}

ServerResponse patch_workflows(Call& call) {
  bool paused = paused_of(call);
  store::Page<store::WorkflowRow> page = call.reader().workflows(filter_of(call), call.page(kOrder));
  for (store::WorkflowRow& row : page.rows) {
    call.operations().set_paused(row.name, paused, call.who());
    row.paused = paused;
  }
  Shapes shapes(call);
  return list_answer("dags", page.rows, page.total,
                     [&](JsonWriter& json, const store::WorkflowRow& row) { shapes.workflow(json, row); });
}

ServerResponse refuse_removal(Call& call) {
  store::WorkflowRow row = get_workflow(call, call.path("dag_id"));
  return error_answer(
      403, format("the workflow '{}' is the file {}: remove that, and its runs go by retention", row.name, row.file));
}

ServerResponse mark_favorite(Call& call) {
  get_workflow(call, call.path("dag_id"));
  return no_content();
}

ServerResponse list_tags(Call& call) {
  std::set<std::string> tags;
  std::string wanted = call.query("tag_name_pattern");
  for (const auto& [name, workflow] : call.definitions()->workflows) {
    for (const std::string& tag : workflow->tags) {
      if (tag.find(wanted) != std::string::npos) tags.insert(tag);
    }
  }
  std::vector<std::string> all(tags.begin(), tags.end());
  return list_answer("tags", all, static_cast<std::int64_t>(all.size()),
                     [](JsonWriter& json, const std::string& tag) { json.text(tag); });
}

ServerResponse show_source(Call& call) {
  store::WorkflowRow row = get_workflow(call, call.path("dag_id"));
  std::int64_t number = call.query_number("version_number", row.version, 1, INT64_MAX);
  std::optional<store::VersionRow> version = call.reader().find_version(row.name, number);
  if (!version)
    throw not_found(format("The source code of the DAG {}, version_number {} was not found", row.name, number));
  std::string text = redact(version->text);
  const std::string* accept = call.request().headers.find("Accept");
  if (accept && accept->starts_with("text/plain")) {
    return {.headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = text};
  }
  return one_answer([&](JsonWriter& json) {
    json.begin_object().field("content", text).field("dag_id", row.name).field("version_number", number);
    json.field("dag_display_name", row.name).end_object();
  });
}

ServerResponse list_versions(Call& call) {
  const std::string& name = call.path("dag_id");
  if (name != "~") get_workflow(call, name);
  store::Page<store::VersionRow> page = call.reader().versions(
      name == "~" ? "" : name, call.page({{"version_number", "number"}, {"id", "number"}, {"dag_id", "workflow"}}));
  Shapes shapes(call);
  return list_answer("dag_versions", page.rows, page.total,
                     [&](JsonWriter& json, const store::VersionRow& row) { shapes.version(json, row); });
}

ServerResponse show_version(Call& call) {
  const std::string& name = call.path("dag_id");
  std::optional<store::VersionRow> row = call.reader().find_version(name, call.path_number("version_number"));
  if (!row) {
    throw not_found(format("The DagVersion with dag_id: `{}` and version_number: `{}` was not found", name,
                           call.path("version_number")));
  }
  return one_answer([&](JsonWriter& json) { Shapes(call).version(json, *row); });
}

ServerResponse list_stats(Call& call) {
  std::vector<std::string> names = call.query_list("dag_ids");
  if (names.empty()) {
    for (const store::WorkflowRow& row : call.reader().workflows({}, {.limit = 1000}).rows) names.push_back(row.name);
  }
  std::erase_if(names, [&](const std::string& name) { return !call.reader().find_workflow(name); });
  return list_answer(
      "dags", names, static_cast<std::int64_t>(names.size()), [&](JsonWriter& json, const std::string& name) {
        json.begin_object().field("dag_id", name).field("dag_display_name", name).key("stats").begin_array();
        for (store::RunState state :
             {store::RunState::Queued, store::RunState::Running, store::RunState::Success, store::RunState::Failed}) {
          store::Page<store::RunRow> runs = call.reader().runs({.workflow = name, .states = {state}}, {.limit = 0});
          json.begin_object().field("state", run::to_string(state)).field("count", runs.total).end_object();
        }
        json.end_array().end_object();
      });
}

ServerResponse list_warnings(Call&) {
  return list_answer("dag_warnings", std::vector<int>(), 0, [](JsonWriter&, int) {});
}

ServerResponse list_tasks(Call& call) {
  std::shared_ptr<const workflow::Workflow> workflow = get_definition(call, call.path("dag_id"));
  Shapes shapes(call);
  return list_answer(
      "tasks", workflow->tasks, static_cast<std::int64_t>(workflow->tasks.size()),
      [&](JsonWriter& json, const workflow::Task& task) { shapes.task_definition(json, *workflow, task); });
}

ServerResponse show_task(Call& call) {
  std::shared_ptr<const workflow::Workflow> workflow = get_definition(call, call.path("dag_id"));
  const workflow::Task* task = workflow->find_task(call.path("task_id"));
  if (!task) throw not_found(format("Task with id {} was not found", call.path("task_id")));
  return one_answer([&](JsonWriter& json) { Shapes(call).task_definition(json, *workflow, *task); });
}

void write_fault(JsonWriter& json, Call& call, const Error& fault, std::size_t number) {
  json.begin_object().field("import_error_id", static_cast<std::int64_t>(number));
  put(json, "timestamp", call.now());
  json.field("filename", file_of(fault, call.parts().project)).field("bundle_name", "dags-folder");
  json.field("stack_trace", fault.render()).end_object();
}

// Faults have no number of their own; theirs is the place in the list.
ServerResponse list_faults(Call& call) {
  std::shared_ptr<const workflow::Definitions> definitions = call.definitions();
  std::size_t number = 0;
  return list_answer("import_errors", definitions->faults, static_cast<std::int64_t>(definitions->faults.size()),
                     [&](JsonWriter& json, const Error& fault) { write_fault(json, call, fault, ++number); });
}

ServerResponse show_fault(Call& call) {
  std::shared_ptr<const workflow::Definitions> definitions = call.definitions();
  auto number = static_cast<std::size_t>(std::max<std::int64_t>(call.path_number("import_error_id"), 0));
  if (number < 1 || number > definitions->faults.size()) {
    throw not_found(format("The ImportError with import_error_id: `{}` was not found", number));
  }
  return one_answer([&](JsonWriter& json) { write_fault(json, call, definitions->faults[number - 1], number); });
}

// Airflow's way to have one file read again; we read all that changed.
ServerResponse reparse(Call& call) {
  call.operations().reload();
  return {.status = 201};
}

constexpr std::string_view kFilters =
    "page dag_id_pattern dag_display_name_pattern tags:[string] paused:boolean exclude_stale:boolean";

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/dags", Role::Viewer, list_workflows, "List workflows", "DAGCollectionResponse", "", 200, kFilters},
    {"PATCH", "/api/v2/dags", Role::Operator, patch_workflows, "Pause or unpause all that match",
     "DAGCollectionResponse", "DAGPatchBody", 200, kFilters},
    {"GET", "/api/v2/dags/{dag_id}", Role::Viewer, show_workflow, "Show a workflow", "DAGResponse"},
    {"PATCH", "/api/v2/dags/{dag_id}", Role::Operator, patch_workflow, "Pause or unpause a workflow", "DAGResponse",
     "DAGPatchBody", 200, "update_mask:[string]"},
    {"DELETE", "/api/v2/dags/{dag_id}", Role::Operator, refuse_removal, "Refused: a workflow is its file"},
    {"GET", "/api/v2/dags/{dag_id}/details", Role::Viewer, show_details, "Show a workflow with everything",
     "DAGDetailsResponse"},
    {"POST", "/api/v2/dags/{dag_id}/favorite", Role::Viewer, mark_favorite, "Does nothing yet", "", "", 204},
    {"POST", "/api/v2/dags/{dag_id}/unfavorite", Role::Viewer, mark_favorite, "Does nothing yet", "", "", 204},
    {"GET", "/api/v2/dagTags", Role::Viewer, list_tags, "List tags", "DAGTagCollectionResponse", "", 200,
     "page tag_name_pattern"},
    {"GET", "/api/v2/dagSources/{dag_id}", Role::Viewer, show_source, "The file of a workflow, as it stood",
     "DAGSourceResponse", "", 200, "version_number:integer"},
    {"GET", "/api/v2/dags/{dag_id}/dagVersions", Role::Viewer, list_versions, "List versions of a workflow",
     "DAGVersionCollectionResponse", "", 200, "page"},
    {"GET", "/api/v2/dags/{dag_id}/dagVersions/{version_number}", Role::Viewer, show_version, "Show a version",
     "DagVersionResponse"},
    {"GET", "/api/v2/dagStats", Role::Viewer, list_stats, "Count runs by state", "DagStatsCollectionResponse", "", 200,
     "dag_ids:[string]"},
    {"GET", "/api/v2/dagWarnings", Role::Viewer, list_warnings, "Always empty: what is wrong is an import error",
     "DAGWarningCollectionResponse", "", 200, "page"},
    {"GET", "/api/v2/dags/{dag_id}/tasks", Role::Viewer, list_tasks, "List a workflow's tasks",
     "TaskCollectionResponse", "", 200, "order_by"},
    {"GET", "/api/v2/dags/{dag_id}/tasks/{task_id}", Role::Viewer, show_task, "Show a task", "TaskResponse"},
    {"GET", "/api/v2/importErrors", Role::Viewer, list_faults, "List files that could not be read",
     "ImportErrorCollectionResponse", "", 200, "page filename_pattern"},
    {"GET", "/api/v2/importErrors/{import_error_id}", Role::Viewer, show_fault, "Show what is wrong with a file",
     "ImportErrorResponse"},
    {"PUT", "/api/v2/parseDagFile/{file_token}", Role::Operator, reparse, "Read the definitions again", "", "", 201},
};

}  // namespace

Routes workflow_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
