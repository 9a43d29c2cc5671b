// Backfills: runs for a range of the past.
#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

void write_backfill(JsonWriter& json, const store::BackfillRow& row) {
  json.begin_object().field("id", row.id).field("dag_id", row.workflow).field("dag_display_name", row.workflow);
  put(json, "from_date", row.from);
  put(json, "to_date", row.to);
  std::string conf = masked_json(row.params_json);
  json.key("dag_run_conf").raw(conf.starts_with('{') ? conf : "{}").field("is_paused", row.paused);
  json.field("reprocess_behavior", row.reprocess).field("max_active_runs", row.max_active_runs);
  put(json, "created_at", row.created_at);
  put(json, "completed_at", row.completed_at);
  put(json, "updated_at", row.completed_at.value_or(row.created_at));
  json.end_object();
}

ServerResponse answer_backfill(const store::BackfillRow& row) {
  return one_answer([&](JsonWriter& json) { write_backfill(json, row); });
}

ServerResponse list_backfills(Call& call) {
  store::Page<store::BackfillRow> page = call.reader().backfills(call.query("dag_id"), call.page({{"id", "id"}}));
  return list_answer("backfills", page.rows, page.total, write_backfill);
}

store::BackfillRow get_backfill(Call& call) {
  std::optional<store::BackfillRow> row = call.reader().find_backfill(call.path_number("backfill_id"));
  if (!row) throw not_found("Backfill not found");
  return *row;
}

ServerResponse show_backfill(Call& call) {
  return answer_backfill(get_backfill(call));
}

workflow::BackfillPlan plan(Call& call, bool dry) {
  Node body = call.body({"dag_id", "from_date", "to_date", "run_backwards", "dag_run_conf", "reprocess_behavior",
                         "max_active_runs", "run_on_latest_version"});
  workflow::NewBackfill wanted{.workflow = get_text(body, "dag_id"),
                               .from = get_instant(body, "from_date"),
                               .to = get_instant(body, "to_date"),
                               .max_active_runs = static_cast<int>(find_number(body, "max_active_runs").value_or(10)),
                               .backwards = find_bool(body, "run_backwards").value_or(false),
                               .reprocess = find_text(body, "reprocess_behavior").value_or("none"),
                               .dry_run = dry,
                               .who = call.who()};
  get_workflow(call, wanted.workflow);
  if (wanted.reprocess != "none" && wanted.reprocess != "failed" && wanted.reprocess != "completed") {
    throw invalid("body.reprocess_behavior", "Input should be 'failed', 'completed' or 'none'");
  }
  if (wanted.to < wanted.from) throw invalid("body.to_date", "it lies before from_date");
  if (wanted.max_active_runs < 1) throw invalid("body.max_active_runs", "Input should be greater than or equal to 1");
  Node conf = body.find("dag_run_conf");
  if (conf.kind() == NodeKind::Map) wanted.params = workflow::value_of_json(conf.to_json());
  return call.operations().backfill(wanted);
}

ServerResponse create_backfill(Call& call) {
  return answer_backfill(plan(call, false).backfill);
}

ServerResponse try_backfill(Call& call) {
  std::vector<Instant> dates = plan(call, true).logical_dates;
  return list_answer("backfills", dates, static_cast<std::int64_t>(dates.size()), [](JsonWriter& json, Instant date) {
    json.begin_object();
    put(json, "logical_date", date);
    json.end_object();
  });
}

ServerResponse pause_backfill(Call& call) {
  return answer_backfill(call.operations().pause_backfill(get_backfill(call).id, true, call.who()));
}
ServerResponse unpause_backfill(Call& call) {
  return answer_backfill(call.operations().pause_backfill(get_backfill(call).id, false, call.who()));
}
ServerResponse cancel_backfill(Call& call) {
  store::BackfillRow row = get_backfill(call);
  if (row.completed_at) return error_answer(409, "Backfill is already completed.");
  return answer_backfill(call.operations().cancel_backfill(row.id, call.who()));
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/backfills", Role::Viewer, list_backfills, "List backfills", "BackfillCollectionResponse", "", 200,
     "page dag_id"},
    {"POST", "/api/v2/backfills", Role::Operator, create_backfill, "Start a backfill", "BackfillResponse",
     "BackfillPostBody"},
    {"POST", "/api/v2/backfills/dry_run", Role::Viewer, try_backfill, "What a backfill would run",
     "DryRunBackfillCollectionResponse", "BackfillPostBody"},
    {"GET", "/api/v2/backfills/{backfill_id}", Role::Viewer, show_backfill, "Show a backfill", "BackfillResponse"},
    {"PUT", "/api/v2/backfills/{backfill_id}/pause", Role::Operator, pause_backfill, "Pause a backfill",
     "BackfillResponse"},
    {"PUT", "/api/v2/backfills/{backfill_id}/unpause", Role::Operator, unpause_backfill, "Go on with a backfill",
     "BackfillResponse"},
    {"PUT", "/api/v2/backfills/{backfill_id}/cancel", Role::Operator, cancel_backfill, "Cancel a backfill",
     "BackfillResponse"},
};

}  // namespace

Routes backfill_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
