// The audit log, as Airflow's "eventLogs"; and lists that Airflow has and we keep empty.
#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

void write_event(JsonWriter& json, const store::EventRow& row) {
  json.begin_object().field("event_log_id", row.id);
  put(json, "when", row.at);
  put_text(json, "dag_id", row.workflow);
  put_text(json, "dag_display_name", row.workflow);
  put_text(json, "task_id", row.task);
  put_text(json, "task_display_name", row.task);
  put_text(json, "run_id", row.run_id);
  auto number = [&](std::string_view name, std::optional<int> value) {
    json.key(name);
    value ? json.number(static_cast<std::int64_t>(*value)) : json.null();
  };
  number("map_index", row.map_index);
  number("try_number", row.try_number);
  json.field("event", row.event).key("logical_date").null();
  put_text(json, "owner", row.who);
  put_text(json, "extra", row.extra_json.empty() ? "" : masked_json(row.extra_json));
  json.end_object();
}

// By time is by number: so they were written, and those are found at once.
constexpr OrderName kOrder[] = {{"event_log_id", "id"}, {"id", "id"},           {"when", "id"},
                                {"dttm", "id"},         {"dag_id", "workflow"}, {"task_id", "task"},
                                {"run_id", "run_id"},   {"event", "event"},     {"owner", "who"}};

ServerResponse list_events(Call& call) {
  store::EventFilter filter{.workflow = call.query("dag_id"),
                            .run_id = call.query("run_id"),
                            .task = call.query("task_id"),
                            .event = call.query("event"),
                            .who = call.query("owner"),
                            .at = {call.query_instant("after"), call.query_instant("before")}};
  store::Page<store::EventRow> page = call.reader().events(filter, call.page(kOrder));
  return list_answer("event_logs", page.rows, page.total, write_event);
}

ServerResponse show_event(Call& call) {
  std::int64_t id = call.path_number("event_log_id");
  // Ids rise without gaps but for what retention took at their beginning.
  store::Page<store::EventRow> newest = call.reader().events({}, {.limit = 1, .order_by = "-id"});
  std::int64_t offset = newest.rows.empty() ? -1 : newest.rows.front().id - id;
  if (offset >= 0) {
    constexpr std::int64_t kAround = 100;
    store::PageRequest request{
        .limit = kAround, .offset = std::max<std::int64_t>(offset - kAround + 1, 0), .order_by = "-id"};
    for (const store::EventRow& row : call.reader().events({}, request).rows) {
      if (row.id == id) return one_answer([&](JsonWriter& json) { write_event(json, row); });
    }
  }
  throw not_found(format("The Event Log with id: `{}` not found", id));
}

std::int64_t number_of(std::string_view id) {
  std::int64_t number = 7;
  for (char c : id) number = (number * 31 + static_cast<unsigned char>(c)) & 0x7fffffff;
  return number;
}

ServerResponse list_jobs(Call& call) {
  std::vector<store::SchedulerRow> schedulers = call.reader().schedulers();
  return list_answer(
      "jobs", schedulers, static_cast<std::int64_t>(schedulers.size()),
      [&](JsonWriter& json, const store::SchedulerRow& row) {
        json.begin_object().field("id", number_of(row.id)).key("dag_id").null();
        json.key("dag_display_name").null();
        json.field("state", row.lease_until >= call.now() ? "running" : "failed");
        json.field("job_type", "SchedulerJob");
        put(json, "start_date", row.started_at);
        json.key("end_date").null();
        put(json, "latest_heartbeat", row.lease_until);
        json.field("executor_class", row.kind).field("hostname", row.host).key("unixname").null().end_object();
      });
}

ServerResponse list_nothing(Call& call) {
  std::string path = call.request().path;
  std::string_view name = path.ends_with("providers") ? "providers"
                          : path.ends_with("plugins") ? "plugins"
                                                      : "import_errors";
  return list_answer(name, std::vector<int>(), 0, [](JsonWriter&, int) {});
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/eventLogs", Role::Operator, list_events, "List who did what", "EventLogCollectionResponse", "",
     200, "page dag_id task_id run_id event owner after:date-time before:date-time"},
    {"GET", "/api/v2/eventLogs/{event_log_id}", Role::Operator, show_event, "Show an entry of the audit log",
     "EventLogResponse"},
    {"GET", "/api/v2/jobs", Role::Viewer, list_jobs, "List schedulers", "JobCollectionResponse", "", 200, "page"},
    {"GET", "/api/v2/providers", Role::Viewer, list_nothing, "Always empty", "ProviderCollectionResponse", "", 200,
     "page"},
    {"GET", "/api/v2/plugins", Role::Viewer, list_nothing, "Always empty", "PluginCollectionResponse", "", 200, "page"},
    {"GET", "/api/v2/plugins/importErrors", Role::Viewer, list_nothing, "Always empty",
     "PluginImportErrorCollectionResponse"},
};

}  // namespace

Routes event_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
