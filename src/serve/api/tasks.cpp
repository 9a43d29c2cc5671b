// Tasks of runs, as Airflow's "taskInstances".
#include <algorithm>

#include "base/format.h"
#include "serve/api/bulk.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

constexpr OrderName kOrder[] = {{"id", "run"},
                                {"task_id", "task"},
                                {"task_display_name", "task"},
                                {"state", "state"},
                                {"map_index", "map_index"},
                                {"rendered_map_index", "map_index"},
                                {"try_number", "try_number"},
                                {"pool", "pool"},
                                {"start_date", "started_at"},
                                {"end_date", "ended_at"},
                                {"logical_date", "logical_date"},
                                {"run_after", "run_after"},
                                {"queued_when", "queued_at"},
                                {"operator", "kind"}};

ServerResponse answer_tasks(Call& call, const std::vector<store::TaskOfRun>& tasks, std::int64_t total) {
  Shapes shapes(call);
  return list_answer("task_instances", tasks, total,
                     [&](JsonWriter& json, const store::TaskOfRun& row) { shapes.task(json, row); });
}

ServerResponse answer_tasks(Call& call, const std::vector<store::TaskOfRun>& tasks) {
  return answer_tasks(call, tasks, static_cast<std::int64_t>(tasks.size()));
}

std::optional<run::TaskState> find_state(std::string_view text) {
  return text == "null" ? run::TaskState::None : run::find_task_state(text);
}

store::TaskFilter filter_of(Call& call) {
  store::TaskFilter filter{.workflow = call.path("dag_id"),
                           .run_id = call.path("dag_run_id"),
                           .task = call.query("task_id"),
                           .states = call.query_states<run::TaskState>("state", find_state),
                           .pool = call.query("pool"),
                           .started_at = call.query_range("start_date"),
                           .ended_at = call.query_range("end_date")};
  if (filter.workflow == "~") filter.workflow.clear();
  if (filter.run_id == "~") filter.run_id.clear();
  if (!call.query("map_index").empty()) {
    filter.map_index = static_cast<int>(call.query_number("map_index", -1, -1, INT32_MAX));
  }
  if (!filter.workflow.empty()) get_workflow(call, filter.workflow);
  if (!filter.workflow.empty() && !filter.run_id.empty()) get_run(call);
  return filter;
}

ServerResponse list_tasks(Call& call) {
  store::Page<store::TaskOfRun> page = call.reader().tasks(filter_of(call), call.page(kOrder));
  return answer_tasks(call, page.rows, page.total);
}

ServerResponse list_mapped(Call& call) {
  store::TaskFilter filter = filter_of(call);
  filter.task = call.path("task_id");
  store::Page<store::TaskOfRun> page = call.reader().tasks(filter, call.page(kOrder));
  if (page.total == 0) {
    throw not_found(format("Task id {} was not found or is not mapped", filter.task));
  }
  return answer_tasks(call, page.rows, page.total);
}

ServerResponse list_by_body(Call& call) {
  Node body = call.body();
  store::TaskFilter filter{.started_at = range_of(body, "start_date"), .ended_at = range_of(body, "end_date")};
  auto one = [&](std::string_view key, std::string& into) {
    std::vector<std::string> texts = find_texts(body, key);
    if (texts.size() > 1) throw invalid("body." + std::string(key), "one or none at a time");
    if (!texts.empty()) into = texts.front();
  };
  one("dag_ids", filter.workflow);
  one("dag_run_ids", filter.run_id);
  one("task_ids", filter.task);
  one("pool", filter.pool);
  for (const std::string& text : find_texts(body, "state")) {
    std::optional<run::TaskState> state = find_state(text);
    if (!state) throw invalid("body.state", "there is no such state");
    filter.states.push_back(*state);
  }
  store::Page<store::TaskOfRun> page = call.reader().tasks(filter, page_of(body, kOrder));
  return answer_tasks(call, page.rows, page.total);
}

ServerResponse show_task(Call& call) {
  store::TaskOfRun task = get_task(call);
  return one_answer([&](JsonWriter& json) { Shapes(call).task(json, task); });
}

// --- Attempts

ServerResponse list_attempts(Call& call) {
  store::TaskOfRun task = get_task(call);
  std::vector<store::AttemptRow> attempts =
      call.reader().attempts_of(task.task.run, task.task.task, task.task.map_index);
  Shapes shapes(call);
  return list_answer("task_instances", attempts, static_cast<std::int64_t>(attempts.size()),
                     [&](JsonWriter& json, const store::AttemptRow& row) { shapes.attempt(json, task, row); });
}

ServerResponse show_attempt(Call& call) {
  store::TaskOfRun task = get_task(call);
  std::int64_t number = call.path_number("task_try_number");
  for (const store::AttemptRow& row : call.reader().attempts_of(task.task.run, task.task.task, task.task.map_index)) {
    if (row.try_number == number) {
      return one_answer([&](JsonWriter& json) { Shapes(call).attempt(json, task, row); });
    }
  }
  throw not_found(
      format("The Task Instance with dag_id: `{}`, run_id: `{}`, task_id: `{}`, try_number: `{}` was not found",
             task.workflow, task.run_id, task.task.task, number));
}

// --- Why a task does not run yet

ServerResponse list_dependencies(Call& call) {
  store::TaskOfRun task = get_task(call);
  std::vector<std::pair<std::string, std::string>> reasons;
  if (run::finished(task.task.state) || run::holds_place(task.task.state)) {
    reasons.emplace_back("Task Instance State", format("the task is {}", run::to_string(task.task.state)));
  } else if (!task.task.message.empty() || !task.task.waiting_for.empty()) {
    reasons.emplace_back("Waiting", task.task.message.empty() ? task.task.waiting_for : task.task.message);
  }
  if (task.task.state == run::TaskState::None) {
    std::shared_ptr<const workflow::Workflow> workflow = call.definitions()->find(task.workflow);
    const workflow::Task* definition = workflow ? workflow->find_task(task.task.task) : nullptr;
    if (definition) {
      std::string after;
      for (const std::string& id : definition->after) after += (after.empty() ? "" : ", ") + id;
      reasons.emplace_back("Trigger Rule", format("{}: waits for {}", run::to_string(definition->rule), after));
    }
  }
  JsonWriter json;
  json.begin_object().key("dependencies").begin_array();
  for (const auto& [name, reason] : reasons) {
    json.begin_object().field("name", name).field("reason", reason).end_object();
  }
  json.end_array().end_object();
  return json_answer(json.take());
}

ServerResponse list_links(Call& call) {
  get_task(call);
  return json_answer(R"({"extra_links":{},"total_entries":0})");
}

ServerResponse show_log_url(Call& call) {
  store::TaskOfRun task = get_task(call);
  (void)task;
  throw not_found("logs are kept here, and nowhere else: ask for …/logs/" + call.path("try_number"));
}

// --- Clear and mark

workflow::TaskChoice choice_of(Call& call, Node body, std::string_view workflow) {
  auto yes = [&](std::string_view key) { return find_bool(body, key).value_or(false); };
  (void)call;
  return {.workflow = std::string(workflow),
          .upstream = yes("include_upstream"),
          .downstream = yes("include_downstream"),
          .future = yes("include_future"),
          .past = yes("include_past")};
}

// "load", or ["load", 3].
std::pair<std::string, std::optional<int>> task_choice(Node node) {
  if (node.kind() == NodeKind::Text) return {node.as_text(), std::nullopt};
  bool pair = node.kind() == NodeKind::List && node.size() == 2 && node.at(0).kind() == NodeKind::Text &&
              node.at(1).kind() == NodeKind::Int;
  if (!pair) throw invalid("body.task_ids", "a task's id, or a pair of it and a map index");
  return {node.at(0).as_text(), static_cast<int>(node.at(1).as_int())};
}

// The state that somebody gives a task.
std::optional<run::TaskState> find_new_state(Node body) {
  std::optional<std::string> text = find_text(body, "new_state");
  if (!text) return {};
  std::optional<run::TaskState> state = run::find_task_state(*text);
  bool may = state && (*state == run::TaskState::Success || *state == run::TaskState::Failed ||
                       *state == run::TaskState::Skipped);
  if (!may) throw invalid("body.new_state", "Input should be 'success', 'failed' or 'skipped'");
  return state;
}

ServerResponse clear_tasks(Call& call) {
  Node body = call.body({"dry_run", "start_date", "end_date", "only_failed", "only_running", "reset_dag_runs",
                         "task_ids", "dag_run_id", "include_upstream", "include_downstream", "include_future",
                         "include_past", "run_on_latest_version", "prevent_running_task"});
  const std::string& workflow = call.path("dag_id");
  get_workflow(call, workflow);
  workflow::TaskChoice choice = choice_of(call, body, workflow);
  choice.run_id = find_text(body, "dag_run_id").value_or("");
  if (!choice.run_id.empty()) get_run(call, workflow, choice.run_id);
  choice.from = find_instant(body, "start_date");
  choice.to = find_instant(body, "end_date");
  choice.only_failed = find_bool(body, "only_failed").value_or(true);
  choice.only_running = find_bool(body, "only_running").value_or(false);
  if (choice.run_id.empty() && (choice.future || choice.past)) {
    throw invalid("body", "dag_run_id is required when include_past or include_future is set to true");
  }
  Node ids = body.find("task_ids");
  for (std::size_t i = 0; i < ids.size(); ++i) choice.tasks.push_back(task_choice(ids.at(i)));
  return answer_tasks(call,
                      call.operations().clear(choice, find_bool(body, "dry_run").value_or(true),
                                              find_bool(body, "run_on_latest_version").value_or(false), call.who()));
}

// What became of the instances of a task, by somebody's word: a PATCH's body, or an entity of a bulk request.
std::vector<store::TaskOfRun> change_task(Call& call, const store::RunRow& run, const std::string& task,
                                          std::optional<int> map_index, Node body, bool dry) {
  const store::TaskFilter filter{.workflow = run.workflow, .run_id = run.run_id, .task = task, .map_index = map_index};
  store::Page<store::TaskOfRun> found = call.reader().tasks(filter, {.limit = 1000});
  if (found.rows.empty()) {
    throw not_found(format("The Task Instance with dag_id: `{}`, run_id: `{}` and task_id: `{}` was not found",
                           run.workflow, run.run_id, task));
  }
  if (auto note = body.find("note"); note && !dry) {
    for (const store::TaskOfRun& row : found.rows) {
      call.operations().set_note(run.workflow, run.run_id, task, row.task.map_index, note.text_or(""), call.who());
    }
  }
  if (auto state = find_new_state(body)) {
    workflow::TaskChoice choice = choice_of(call, body, run.workflow);
    choice.run_id = run.run_id;
    choice.tasks = {{task, map_index}};
    return call.operations().mark(choice, *state, dry, call.who());
  }
  return call.reader().tasks(filter, {.limit = 1000}).rows;
}

ServerResponse patch_task_as(Call& call, bool dry) {
  Node body =
      call.body({"new_state", "note", "include_upstream", "include_downstream", "include_future", "include_past"});
  std::optional<int> map_index;
  if (call.has_path("map_index") || !call.query("map_index").empty()) map_index = map_index_of(call);
  return answer_tasks(call, change_task(call, get_run(call), call.path("task_id"), map_index, body, dry));
}

std::optional<int> map_index_of_entity(Node entity) {
  std::optional<std::int64_t> number = find_number(entity, "map_index");
  if (!number) return {};
  if (*number < -1 || *number > INT32_MAX) throw invalid("body.map_index", "Input should be -1 or more");
  return static_cast<int>(*number);
}

// Tasks are made and removed by nobody: they are what the workflow's file says.
ServerResponse change_tasks(Call& call) {
  store::RunRow run = get_run(call);
  BulkKind kind{.plural = "task instances with these task ids", .singular = "task instance", .name = "task_id"};
  kind.together = false;
  kind.known = [&](Node entity) {
    store::TaskFilter filter{.workflow = run.workflow, .run_id = run.run_id, .task = bulk_name(kind, entity)};
    if (entity.kind() == NodeKind::Map) filter.map_index = map_index_of_entity(entity);
    return !call.reader().tasks(filter, {.limit = 1}).rows.empty();
  };
  kind.check = [](Node entity) {
    find_new_state(entity);
    map_index_of_entity(entity);
  };
  kind.update = [&](Node entity) {
    change_task(call, run, bulk_name(kind, entity), map_index_of_entity(entity), entity, false);
  };
  return carry_out(call, kind);
}

ServerResponse refuse_removal(Call&) {
  return error_answer(403, "a run's tasks are those of its workflow: clear the task, or remove the run");
}

ServerResponse patch_task(Call& call) {
  return patch_task_as(call, false);
}
ServerResponse patch_task_dry(Call& call) {
  return patch_task_as(call, true);
}

// --- People's word, in the shapes of Airflow's human in the loop

bool is_approval(const store::TaskOfRun& row) {
  return row.task.kind == "approve";
}

ServerResponse list_approvals(Call& call) {
  store::TaskFilter filter{.workflow = call.path("dag_id"), .run_id = call.path("dag_run_id")};
  if (filter.workflow == "~") filter.workflow.clear();
  if (filter.run_id == "~") filter.run_id.clear();
  if (!call.query_bool("response_received").value_or(false)) filter.states = {run::TaskState::Deferred};
  store::Page<store::TaskOfRun> page = call.reader().tasks(filter, {.limit = 1000});
  std::erase_if(page.rows, [](const store::TaskOfRun& row) { return !is_approval(row); });
  Shapes shapes(call);
  return list_answer("hitl_details", page.rows, static_cast<std::int64_t>(page.rows.size()),
                     [&](JsonWriter& json, const store::TaskOfRun& row) { shapes.approval(json, row); });
}

store::TaskOfRun get_approval(Call& call) {
  store::TaskOfRun task = get_task(call);
  if (!is_approval(task)) throw not_found("Human-in-the-loop detail does not exist.");
  return task;
}

ServerResponse show_approval(Call& call) {
  store::TaskOfRun task = get_approval(call);
  return one_answer([&](JsonWriter& json) { Shapes(call).approval(json, task); });
}

ServerResponse respond_to_approval(Call& call) {
  store::TaskOfRun task = get_approval(call);
  std::vector<std::string> chosen = find_texts(call.body({"chosen_options", "params_input"}), "chosen_options");
  bool approved = chosen == std::vector<std::string>{"Approve"};
  if (!approved && chosen != std::vector<std::string>{"Reject"}) {
    throw invalid("body.chosen_options", "one of 'Approve' and 'Reject'");
  }
  if (run::finished(task.task.state)) return error_answer(409, "this was answered before");
  call.operations().approve(task.workflow, task.run_id, task.task.task, task.task.map_index, approved, "", call.who());
  return one_answer([&](JsonWriter& json) {
    json.begin_object()
        .key("responded_by")
        .begin_object()
        .field("id", call.who())
        .field("name", call.who())
        .end_object();
    put(json, "responded_at", call.now());
    json.key("chosen_options").begin_array().text(chosen.front()).end_array();
    json.key("params_input").begin_object().end_object().end_object();
  });
}

constexpr std::string_view kFilters =
    "page state:[string] pool start_date_gte:date-time start_date_gt:date-time start_date_lte:date-time "
    "start_date_lt:date-time end_date_gte:date-time end_date_gt:date-time end_date_lte:date-time "
    "end_date_lt:date-time map_index:integer";
#define TASKS "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances"

constexpr Route kRoutes[] = {
    {"GET", TASKS, Role::Viewer, list_tasks, "List the tasks of a run; ~ for those of all",
     "TaskInstanceCollectionResponse", "", 200, kFilters},
    {"POST", TASKS "/list", Role::Viewer, list_by_body, "List tasks by a filter in the body",
     "TaskInstanceCollectionResponse", "TaskInstancesBatchBody"},
    {"PATCH", TASKS, Role::Operator, change_tasks, "Say what became of several tasks, or note something",
     "BulkResponse", "BulkBody"},
    {"GET", TASKS "/{task_id}", Role::Viewer, show_task, "Show a task of a run", "TaskInstanceResponse"},
    {"PATCH", TASKS "/{task_id}", Role::Operator, patch_task, "Say what became of a task, or note something",
     "TaskInstanceCollectionResponse", "PatchTaskInstanceBody", 200, "map_index:integer update_mask:[string]"},
    {"DELETE", TASKS "/{task_id}", Role::Operator, refuse_removal, "Refused: tasks are those of the workflow"},
    {"PATCH", TASKS "/{task_id}/dry_run", Role::Viewer, patch_task_dry, "What that would change",
     "TaskInstanceCollectionResponse", "PatchTaskInstanceBody", 200, "map_index:integer update_mask:[string]"},
    {"GET", TASKS "/{task_id}/listMapped", Role::Viewer, list_mapped, "List the instances of a mapped task",
     "TaskInstanceCollectionResponse", "", 200, kFilters},
    {"GET", TASKS "/{task_id}/tries", Role::Viewer, list_attempts, "List the attempts of a task",
     "TaskInstanceHistoryCollectionResponse", "", 200, "map_index:integer"},
    {"GET", TASKS "/{task_id}/tries/{task_try_number}", Role::Viewer, show_attempt, "Show an attempt",
     "TaskInstanceHistoryResponse", "", 200, "map_index:integer"},
    {"GET", TASKS "/{task_id}/dependencies", Role::Viewer, list_dependencies, "Why a task does not run yet",
     "TaskDependencyCollectionResponse", "", 200, "map_index:integer"},
    {"GET", TASKS "/{task_id}/links", Role::Viewer, list_links, "Always empty", "ExtraLinkCollectionResponse", "", 200,
     "map_index:integer"},
    {"GET", TASKS "/{task_id}/externalLogUrl/{try_number}", Role::Viewer, show_log_url, "Never there",
     "ExternalLogUrlResponse", "", 200, "map_index:integer"},
    {"GET", TASKS "/{task_id}/{map_index}", Role::Viewer, show_task, "Show an instance of a mapped task",
     "TaskInstanceResponse"},
    {"PATCH", TASKS "/{task_id}/{map_index}", Role::Operator, patch_task, "Say what became of an instance",
     "TaskInstanceCollectionResponse", "PatchTaskInstanceBody", 200, "update_mask:[string]"},
    {"PATCH", TASKS "/{task_id}/{map_index}/dry_run", Role::Viewer, patch_task_dry, "What that would change",
     "TaskInstanceCollectionResponse", "PatchTaskInstanceBody", 200, "update_mask:[string]"},
    {"GET", TASKS "/{task_id}/{map_index}/dependencies", Role::Viewer, list_dependencies,
     "Why an instance does not run yet", "TaskDependencyCollectionResponse"},
    {"GET", TASKS "/{task_id}/{map_index}/tries", Role::Viewer, list_attempts, "List the attempts of an instance",
     "TaskInstanceHistoryCollectionResponse"},
    {"GET", TASKS "/{task_id}/{map_index}/tries/{task_try_number}", Role::Viewer, show_attempt,
     "Show an attempt of an instance", "TaskInstanceHistoryResponse"},
    {"GET", TASKS "/{task_id}/{map_index}/hitlDetails", Role::Viewer, show_approval, "What a person is asked",
     "HITLDetail"},
    {"PATCH", TASKS "/{task_id}/{map_index}/hitlDetails", Role::Operator, respond_to_approval, "A person's word",
     "HITLDetailResponse", "UpdateHITLDetailPayload"},
    {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/hitlDetails", Role::Viewer, list_approvals,
     "List what waits for a person; ~ for all", "HITLDetailCollection", "", 200, "page response_received:boolean"},
    {"POST", "/api/v2/dags/{dag_id}/clearTaskInstances", Role::Operator, clear_tasks, "Have tasks run again",
     "TaskInstanceCollectionResponse", "ClearTaskInstancesBody"},
};
#undef TASKS

}  // namespace

Routes task_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
