// What Airflow has no notion of: approvals by name, changes as they happen, definitions, lineage, the engine.
#include <set>

#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"
#include "serve/live.h"

namespace plumb::serve {

namespace {

ServerResponse follow_changes(Call& call) {
  return {
      .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
      .stream = call.house().live.follow_changes({call.query("workflow"), call.query("run_id")})};
}

ServerResponse approve(Call& call) {
  Node body = call.body({"task", "map_index", "approved", "note"});
  std::optional<bool> approved = find_bool(body, "approved");
  if (!approved) throw invalid("body.approved", "Field required");
  const std::string& workflow = call.path("workflow");
  store::RunRow run = get_run(call, workflow, call.path("run_id"));
  call.operations().approve(workflow, run.run_id, find_text(body, "task").value_or(""),
                            static_cast<int>(find_number(body, "map_index").value_or(-1)), *approved,
                            find_text(body, "note").value_or(""), call.who());
  return no_content();
}

ServerResponse signed_in(Call& call) {
  call.operations().signed_in(call.path("connection"));
  return no_content();
}

// By name, so that it may be the first that is heard of the asset.
ServerResponse add_news(Call& call) {
  Node body = call.body({"asset", "extra"});
  const std::string asset = find_text(body, "asset").value_or("");
  if (asset.empty()) throw invalid("body.asset", "Field required");
  Node extra = body.find("extra");
  call.operations().add_asset_event(asset, extra.kind() == NodeKind::Map ? extra.to_json() : "{}", "rest_api",
                                    call.who());
  return no_content();
}

// What waits for something that time alone does not bring: a person, a connection's sign-in, another run, an asset.
ServerResponse list_waiting(Call& call) {
  store::Page<store::TaskOfRun> page =
      call.reader().tasks({.states = {run::TaskState::Deferred}}, call.page(OrderNames()));
  return list_answer("waiting", page.rows, page.total, [](JsonWriter& json, const store::TaskOfRun& row) {
    json.begin_object().field("workflow", row.workflow).field("run_id", row.run_id).field("task", row.task.task);
    json.field("map_index", row.task.map_index).field("waiting_for", row.task.waiting_for);
    json.field("message", row.task.message);
    put(json, "since", row.task.started_at);
    put(json, "until", row.task.next_try_at);
    json.end_object();
  });
}

ServerResponse check_definitions(Call& call) {
  std::shared_ptr<const workflow::Definitions> definitions = call.definitions();
  return one_answer([&](JsonWriter& json) {
    json.begin_object().field("workflows", static_cast<std::int64_t>(definitions->workflows.size()));
    json.key("faults").begin_array();
    for (const Error& fault : definitions->faults) {
      const Place* place = fault.find_place();
      json.begin_object().field("file", file_of(fault, call.parts().project)).field("line", place ? place->line : 0);
      json.field("column", place ? place->column : 0).field("message", fault.message()).field("hint", fault.hint());
      json.field("text", fault.render()).end_object();
    }
    json.end_array().end_object();
  });
}

ServerResponse reload(Call& call) {
  call.operations().reload();
  return check_definitions(call);
}

// Assets, and the workflows between them.
ServerResponse show_lineage(Call& call) {
  std::shared_ptr<const workflow::Definitions> definitions = call.definitions();
  std::set<std::string> assets;
  JsonWriter edges;
  edges.begin_array();
  auto edge = [&](std::string_view from, std::string_view to, std::string_view task) {
    edges.begin_object().field("from", from).field("to", to);
    put_text(edges, "task", task);
    edges.end_object();
  };
  for (const auto& [name, workflow] : definitions->workflows) {
    std::string node = "workflow:" + name;
    if (const workflow::AssetCondition* waits = workflow->timetable ? workflow->timetable->assets() : nullptr) {
      for (const std::string& asset : waits->names()) {
        assets.insert(asset);
        edge("asset:" + asset, node, "");
      }
    }
    for (const workflow::Task& task : workflow->tasks) {
      for (const std::string& asset : task.consumes) {
        assets.insert(asset);
        edge("asset:" + asset, node, task.id);
      }
      for (const std::string& asset : task.produces) {
        assets.insert(asset);
        edge(node, "asset:" + asset, task.id);
      }
    }
  }
  edges.end_array();
  return one_answer([&](JsonWriter& json) {
    json.begin_object().key("nodes").begin_array();
    for (const auto& [name, workflow] : definitions->workflows) {
      json.begin_object().field("id", "workflow:" + name).field("kind", "workflow").field("name", name).end_object();
    }
    for (const std::string& asset : assets) {
      json.begin_object().field("id", "asset:" + asset).field("kind", "asset").field("name", asset).end_object();
    }
    json.end_array().key("edges").raw(edges.str()).end_object();
  });
}

ServerResponse show_status(Call& call) {
  workflow::SchedulerHealth health = call.parts().health ? call.parts().health() : workflow::SchedulerHealth{};
  return one_answer([&](JsonWriter& json) {
    json.begin_object().field("version", call.house().options.version);
    put(json, "started_at", health.started_at);
    put(json, "last_round", health.last_round);
    json.field("open_runs", health.open_runs).field("running_tasks", health.running_tasks);
    json.field("queued_tasks", health.queued_tasks);
    json.field("lag_seconds", std::chrono::duration<double>(health.lag).count());
    json.key("engine").begin_object().field("running", health.engine_pid != 0);
    json.field("pid", health.engine_pid).field("bytes", health.engine_bytes).end_object().end_object();
  });
}

ServerResponse show_schema(Call&) {
  return json_answer(workflow::workflow_schema());
}

constexpr Route kRoutes[] = {
    {"GET", "/api/plumb/v1/status", Role::Viewer, show_status, "How the scheduler and the engine are doing", "Status"},
    {"GET", "/api/plumb/v1/changes", Role::Viewer, follow_changes, "Changes as server-sent events", "*", "", 200,
     "workflow run_id"},
    {"GET", "/api/plumb/v1/waiting", Role::Viewer, list_waiting, "What waits for a person, a run, an asset",
     "WaitingCollection", "", 200, "page"},
    {"POST", "/api/plumb/v1/workflows/{workflow}/runs/{run_id}/approve", Role::Operator, approve, "A person's word", "",
     "ApproveBody", 204},
    {"POST", "/api/plumb/v1/connections/{connection}/signed_in", Role::Operator, signed_in,
     "A connection was signed in again: what waits for it goes on", "", "", 204},
    {"POST", "/api/plumb/v1/assets/events", Role::Operator, add_news, "An asset has news", "", "AssetNewsBody", 204},
    {"GET", "/api/plumb/v1/definitions", Role::Viewer, check_definitions, "What is wrong with the files",
     "DefinitionsCheck"},
    {"POST", "/api/plumb/v1/definitions/reload", Role::Operator, reload, "Read the files again", "DefinitionsCheck"},
    {"GET", "/api/plumb/v1/definitions/schema", Role::Viewer, show_schema, "The JSON Schema of a workflow's file", "*"},
    {"GET", "/api/plumb/v1/lineage", Role::Viewer, show_lineage, "Assets and the workflows between them", "Lineage"},
};

}  // namespace

Routes own_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
