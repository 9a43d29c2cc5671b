// Runs, as Airflow's "dagRuns".
#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"
#include "serve/live.h"

namespace plumb::serve {

namespace {

constexpr OrderName kOrder[] = {{"id", "id"},
                                {"dag_id", "workflow"},
                                {"run_id", "run_id"},
                                {"dag_run_id", "run_id"},
                                {"state", "state"},
                                {"run_type", "type"},
                                {"logical_date", "logical_date"},
                                {"run_after", "run_after"},
                                {"start_date", "started_at"},
                                {"end_date", "ended_at"},
                                {"queued_at", "queued_at"}};

ServerResponse answer_runs(Call& call, const store::RunFilter& filter, const store::PageRequest& request) {
  store::Page<store::RunRow> page = call.reader().runs(filter, request);
  Shapes shapes(call);
  return list_answer("dag_runs", page.rows, page.total,
                     [&](JsonWriter& json, const store::RunRow& row) { shapes.run(json, row); });
}

ServerResponse answer_run(Call& call, const store::RunRow& run) {
  return one_answer([&](JsonWriter& json) { Shapes(call).run(json, run); });
}

ServerResponse list_runs(Call& call) {
  std::string workflow = call.path("dag_id");
  if (workflow == "~") {
    workflow.clear();
  } else {
    get_workflow(call, workflow);
  }
  return answer_runs(call,
                     {.workflow = workflow,
                      .run_id_pattern = call.query_pattern("run_id_pattern"),
                      .states = call.query_states<store::RunState>("state", run::find_run_state),
                      .types = call.query_states<store::RunType>("run_type", store::find_run_type),
                      .logical_date = call.query_range("logical_date"),
                      .run_after = call.query_range("run_after"),
                      .started_at = call.query_range("start_date"),
                      .ended_at = call.query_range("end_date")},
                     call.page(kOrder));
}

// The same with the filter in a body. Of several workflows the pages are not joined: one, or all.
ServerResponse list_runs_by_body(Call& call) {
  Node body = call.body();
  std::vector<std::string> workflows = find_texts(body, "dag_ids");
  if (call.path("dag_id") != "~") throw Error(ErrorKind::Usage, "only /dags/~/dagRuns/list takes a filter in its body");
  if (workflows.size() > 1) throw invalid("body.dag_ids", "one workflow or none at a time");
  store::RunFilter filter{.logical_date = range_of(body, "logical_date"),
                          .run_after = range_of(body, "run_after"),
                          .started_at = range_of(body, "start_date"),
                          .ended_at = range_of(body, "end_date")};
  if (!workflows.empty()) filter.workflow = workflows.front();
  for (const std::string& text : find_texts(body, "states")) {
    std::optional<store::RunState> state = run::find_run_state(text);
    if (!state) throw invalid("body.states", "there is no such state");
    filter.states.push_back(*state);
  }
  return answer_runs(call, filter, page_of(body, kOrder));
}

ServerResponse show_run(Call& call) {
  return answer_run(call, get_run(call));
}

ServerResponse trigger_run(Call& call) {
  Node body = call.body({"dag_run_id", "data_interval_start", "data_interval_end", "logical_date", "run_after", "conf",
                         "note", "partition_key"});
  Node conf = body.find("conf");
  if (!conf.null() && conf.kind() != NodeKind::Map) throw invalid("body.conf", "Input should be a valid dictionary");
  workflow::Trigger trigger{.workflow = call.path("dag_id"),
                            .run_id = find_text(body, "dag_run_id").value_or(""),
                            .logical_date = find_instant(body, "logical_date"),
                            .interval_start = find_instant(body, "data_interval_start"),
                            .interval_end = find_instant(body, "data_interval_end"),
                            .run_after = find_instant(body, "run_after"),
                            .note = find_text(body, "note").value_or(""),
                            .who = call.who()};
  if (!conf.null()) trigger.params = workflow::value_of_json(conf.to_json());
  if (trigger.interval_start.has_value() != trigger.interval_end.has_value()) {
    throw invalid("body",
                  "Either both data_interval_start and data_interval_end must be provided or both must be None");
  }
  return answer_run(call, call.operations().trigger(trigger));
}

ServerResponse patch_run(Call& call) {
  Node body = call.body({"state", "note"});
  store::RunRow run = get_run(call);
  if (auto note = body.find("note")) {
    call.operations().set_note(run.workflow, run.run_id, "", -1, note.text_or(""), call.who());
  }
  if (auto text = find_text(body, "state")) {
    std::optional<store::RunState> state = run::find_run_state(*text);
    if (!state || *state == store::RunState::Running) {
      throw invalid("body.state", "Input should be 'queued', 'success' or 'failed'");
    }
    call.operations().mark_run(run.workflow, run.run_id, *state, call.who());
  }
  return answer_run(call, get_run(call));
}

ServerResponse remove_run(Call& call) {
  store::RunRow run = get_run(call);
  call.operations().remove_run(run.workflow, run.run_id, call.who());
  return no_content();
}

ServerResponse cancel_run(Call& call) {
  store::RunRow run = get_run(call);
  return answer_run(call, call.operations().cancel(run.workflow, run.run_id, call.who()));
}

ServerResponse clear_run(Call& call) {
  Node body = call.body({"dry_run", "only_failed", "run_on_latest_version"});
  store::RunRow run = get_run(call);
  bool dry = find_bool(body, "dry_run").value_or(true);
  std::vector<store::TaskOfRun> tasks = call.operations().clear(
      {.workflow = run.workflow, .run_id = run.run_id, .only_failed = find_bool(body, "only_failed").value_or(false)},
      dry, find_bool(body, "run_on_latest_version").value_or(false), call.who());
  if (!dry) return answer_run(call, get_run(call));
  Shapes shapes(call);
  return list_answer("task_instances", tasks, static_cast<std::int64_t>(tasks.size()),
                     [&](JsonWriter& json, const store::TaskOfRun& row) { shapes.task(json, row); });
}

ServerResponse list_upstream_events(Call& call) {
  std::vector<store::AssetEventRow> events = call.reader().news_of_run(get_run(call).id);
  Shapes shapes(call);
  return list_answer("asset_events", events, static_cast<std::int64_t>(events.size()),
                     [&](JsonWriter& json, const store::AssetEventRow& row) { shapes.asset_event(json, row); });
}

// A line of JSON with each look at the run until it has ended; the last one has the values that tasks left.
ServerResponse wait_for_run(Call& call) {
  store::RunRow run = get_run(call);
  std::int64_t interval = call.query_number("interval", 1, 1, 3600);
  return {.headers = {{"Content-Type", "application/x-ndjson"}, {"Cache-Control", "no-store"}},
          .stream = call.house().live.wait_for_run(run.id, std::chrono::seconds(interval), call.query_list("result"))};
}

constexpr std::string_view kFilters =
    "page run_id_pattern state:[string] run_type:[string] run_after_gte:date-time run_after_gt:date-time "
    "run_after_lte:date-time run_after_lt:date-time logical_date_gte:date-time logical_date_gt:date-time "
    "logical_date_lte:date-time logical_date_lt:date-time start_date_gte:date-time start_date_gt:date-time "
    "start_date_lte:date-time start_date_lt:date-time end_date_gte:date-time end_date_gt:date-time "
    "end_date_lte:date-time end_date_lt:date-time";

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/dags/{dag_id}/dagRuns", Role::Viewer, list_runs, "List runs; ~ for those of all workflows",
     "DAGRunCollectionResponse", "", 200, kFilters},
    {"POST", "/api/v2/dags/{dag_id}/dagRuns", Role::Operator, trigger_run, "Start a run", "DAGRunResponse",
     "TriggerDAGRunPostBody"},
    {"POST", "/api/v2/dags/{dag_id}/dagRuns/list", Role::Viewer, list_runs_by_body, "List runs by a filter in the body",
     "DAGRunCollectionResponse", "DAGRunsBatchBody"},
    {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", Role::Viewer, show_run, "Show a run", "DAGRunResponse"},
    {"PATCH", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", Role::Operator, patch_run,
     "Say what became of a run, or note something", "DAGRunResponse", "DAGRunPatchBody", 200, "update_mask:[string]"},
    {"DELETE", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", Role::Operator, remove_run, "Remove a run with its logs",
     "", "", 204},
    {"POST", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear", Role::Operator, clear_run,
     "Have the tasks of a run run again", "DAGRunResponse|TaskInstanceCollectionResponse", "DAGRunClearBody"},
    {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", Role::Viewer, list_upstream_events,
     "What started a run", "AssetEventCollectionResponse"},
    {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait", Role::Viewer, wait_for_run,
     "Lines of JSON until the run has ended", "*", "", 200, "interval:integer result:[string]"},
    {"POST", "/api/plumb/v1/workflows/{dag_id}/runs/{dag_run_id}/cancel", Role::Operator, cancel_run,
     "End what runs; the run fails", "DAGRunResponse"},
};

}  // namespace

Routes run_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
