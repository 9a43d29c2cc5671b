#include "serve/api/shapes.h"

#include <algorithm>
#include <cmath>

#include "base/crypto.h"
#include "base/format.h"
#include "base/secret.h"

namespace plumb::serve {

namespace {

constexpr std::string_view kBundle = "dags-folder";

void copy_masked(JsonWriter& json, Node node) {
  switch (node.kind()) {
    case NodeKind::Map:
      json.begin_object();
      for (std::size_t i = 0; i < node.size(); ++i) {
        json.key(node.key_at(i));
        bool secret = names_a_secret(node.key_at(i)) && !node.at(i).null();
        secret ? void(json.text("***")) : copy_masked(json, node.at(i));
      }
      json.end_object();
      return;
    case NodeKind::List:
      json.begin_array();
      for (std::size_t i = 0; i < node.size(); ++i) copy_masked(json, node.at(i));
      json.end_array();
      return;
    default:
      json.raw(node.to_json());
  }
}

std::string triggered_by(const store::RunRow& run) {
  if (run.triggered_by == "scheduler") return "timetable";
  if (run.triggered_by == "workflow") return "operator";
  for (std::string_view known : {"cli", "rest_api", "ui", "asset", "backfill"}) {
    if (run.triggered_by == known) return run.triggered_by;
  }
  return {};
}

void put_duration(JsonWriter& json, std::string_view name, const std::optional<std::chrono::milliseconds>& time) {
  json.key(name);
  if (!time) {
    json.null();
    return;
  }
  auto days = std::chrono::floor<std::chrono::days>(*time);
  auto seconds = std::chrono::floor<std::chrono::seconds>(*time - days);
  json.begin_object().field("__type", "TimeDelta").field("days", static_cast<std::int64_t>(days.count()));
  json.field("seconds", static_cast<std::int64_t>(seconds.count()));
  json.field("microseconds", static_cast<std::int64_t>(std::chrono::microseconds(*time - days - seconds).count()));
  json.end_object();
}

void put_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

}  // namespace

void put(JsonWriter& json, std::string_view name, Instant instant) {
  json.field(name, format_instant(instant));
}

void put(JsonWriter& json, std::string_view name, const std::optional<Instant>& instant) {
  if (instant) return put(json, name, *instant);
  json.key(name).null();
}

void put_text(JsonWriter& json, std::string_view name, std::string_view text) {
  text.empty() ? json.key(name).null() : json.field(name, text);
}

void put_seconds(JsonWriter& json, std::string_view name, const std::optional<Instant>& from,
                 const std::optional<Instant>& to) {
  json.key(name);
  from&& to ? json.number(std::chrono::duration<double>(*to - *from).count()) : json.null();
}

std::string masked_json(std::string_view document) {
  try {
    JsonWriter json;
    Document parsed = parse_json(std::string(document), "stored");
    copy_masked(json, parsed.root());
    return json.take();
  } catch (const Error&) {
    return "null";  // what is damaged in the store is no reason not to show the rest
  }
}

void put_json(JsonWriter& json, std::string_view name, std::string_view document) {
  json.key(name).raw(document.empty() ? "null" : masked_json(document));
}

std::string file_of(const Error& fault, const config::Project& project) {
  if (!fault.find_place()) return {};
  std::filesystem::path file = std::filesystem::absolute(fault.find_place()->file).lexically_normal();
  std::filesystem::path folder = std::filesystem::absolute(project.folder).lexically_normal();
  std::string relative = file.lexically_relative(folder).string();
  return relative.starts_with("..") ? fault.find_place()->file : relative;
}

std::string uuid_of(std::string_view text) {
  std::string hex = sha256_hex(text).substr(0, 32);
  hex[12] = '8';  // a UUID of one's own making, RFC 9562
  hex[16] = 'a';
  return format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                hex.substr(20));
}

void Shapes::workflow(JsonWriter& json, const store::WorkflowRow& row, bool details) {
  std::shared_ptr<const workflow::Workflow> read = definitions_->find(row.name);
  bool faulty = std::any_of(definitions_->faults.begin(), definitions_->faults.end(),
                            [&](const Error& fault) { return file_of(fault, call_.parts().project) == row.file; });
  const std::filesystem::path& folder = call_.parts().project.folder;
  json.begin_object().field("dag_id", row.name).field("dag_display_name", row.name);
  json.field("is_paused", row.paused).field("is_stale", !row.active);
  put(json, "last_parsed_time", row.parsed_at);
  json.key("last_parse_duration").null().key("last_expired").null();
  json.field("bundle_name", kBundle).key("bundle_version").null();
  json.field("relative_fileloc", row.file)
      .field("fileloc", std::filesystem::absolute(folder / row.file).lexically_normal().string());
  put_text(json, "description", row.description);
  put_text(json, "timetable_summary", row.schedule);
  json.field("timetable_description", read && read->timetable ? read->timetable->describe() : row.schedule);
  json.key("tags").begin_array();
  Document tags = parse_json(row.tags_json.empty() ? "[]" : row.tags_json, "tags");
  for (std::size_t i = 0; i < tags.root().size(); ++i) {
    json.begin_object().field("name", tags.root().at(i).text_or("")).field("dag_id", row.name);
    json.field("dag_display_name", row.name).end_object();
  }
  json.end_array();
  json.field("max_active_tasks", read ? read->max_active_tasks : 8);
  json.field("max_active_runs", read ? read->max_active_runs : 16);
  json.field("max_consecutive_failed_dag_runs", 0);
  json.field("has_task_concurrency_limits", read && std::any_of(read->tasks.begin(), read->tasks.end(),
                                                                [](const auto& task) { return task.at_once > 0; }));
  json.field("has_import_errors", faulty);
  put(json, "next_dagrun_logical_date", row.next_logical_date);
  put(json, "next_dagrun_data_interval_start", row.next_interval_start);
  put(json, "next_dagrun_data_interval_end", row.next_interval_end);
  put(json, "next_dagrun_run_after", row.next_run_after);
  put_texts(json, "owners", {read && !read->owner.empty() ? read->owner : "plumb"});
  json.field("file_token", uuid_of(row.file));
  if (details) {
    json.field("catchup", read && read->catchup);
    json.key("dag_run_timeout");
    read && read->timeout ? json.text(format("PT{}S", std::chrono::duration<double>(*read->timeout).count()))
                          : json.null();
    json.key("asset_expression").null().key("doc_md").null();
    put(json, "start_date", read ? read->start_date : std::nullopt);
    put(json, "end_date", read ? read->end_date : std::nullopt);
    json.field("is_paused_upon_creation", read && read->paused);
    json.key("params").begin_object();
    if (read) {
      for (const workflow::Param& param : read->params) {
        json.key(param.name).begin_object().key("value").raw(workflow::json_of(param.fallback));
        put_text(json, "description", param.description);
        json.key("schema").begin_object().field("type", param.type).end_object().end_object();
      }
    }
    json.end_object();
    json.field("render_template_as_native_obj", true).key("template_search_path").null();
    put_text(json, "timezone", row.timezone);
    put(json, "last_parsed", row.parsed_at);
    json.key("default_args").null().key("owner_links").null().field("is_favorite", false);
    version_of(json, "latest_dag_version", row.name, row.version);
    json.field("concurrency", read ? read->max_active_tasks : 8);
  }
  json.end_object();
}

void Shapes::version(JsonWriter& json, const store::VersionRow& row) {
  json.begin_object().field("id", uuid_of(format("{} {}", row.workflow, row.number)));
  json.field("version_number", row.number).field("dag_id", row.workflow).field("dag_display_name", row.workflow);
  json.field("bundle_name", kBundle).field("bundle_version", row.hash).key("bundle_url").null();
  put(json, "created_at", row.created_at);
  json.end_object();
}

std::optional<store::VersionRow> Shapes::find_version(std::string_view workflow, std::int64_t number) {
  auto key = std::make_pair(std::string(workflow), number);
  auto found = versions_.find(key);
  if (found == versions_.end()) found = versions_.emplace(key, call_.reader().find_version(workflow, number)).first;
  return found->second;
}

std::optional<store::RunRow> Shapes::find_run(std::int64_t id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) found = runs_.emplace(id, call_.reader().find_run(id)).first;
  return found->second;
}

void Shapes::version_of(JsonWriter& json, std::string_view name, std::string_view workflow, std::int64_t number) {
  std::optional<store::VersionRow> row = find_version(workflow, number);
  json.key(name);
  row ? version(json, *row) : void(json.null());
}

void Shapes::run(JsonWriter& json, const store::RunRow& row) {
  json.begin_object().field("dag_run_id", row.run_id).field("dag_id", row.workflow);
  json.field("dag_display_name", row.workflow);
  put(json, "logical_date", row.logical_date);
  put(json, "queued_at", row.queued_at);
  put(json, "start_date", row.started_at);
  put(json, "end_date", row.ended_at);
  put_seconds(json, "duration", row.started_at, row.ended_at);
  put(json, "data_interval_start", row.interval_start);
  put(json, "data_interval_end", row.interval_end);
  put(json, "run_after", row.run_after);
  put(json, "last_scheduling_decision", row.started_at);
  json.field("run_type", to_string(row.type)).field("state", run::to_string(row.state));
  put_text(json, "triggered_by", triggered_by(row));
  put_text(json, "triggering_user_name", row.triggering_user);
  put_json(json, "conf", row.params_json);
  put_text(json, "note", row.note);
  json.key("dag_versions").begin_array();
  if (auto found = find_version(row.workflow, row.version)) version(json, *found);
  json.end_array().key("bundle_version").null().end_object();
}

store::TaskOfRun Shapes::of_run(const store::TaskRow& task, const store::RunRow& run) {
  return {.task = task,
          .workflow = run.workflow,
          .run_id = run.run_id,
          .logical_date = run.logical_date,
          .run_after = run.run_after};
}

// What a task and each of its attempts have in common.
void Shapes::task_fields(JsonWriter& json, const store::TaskOfRun& row) {
  const store::TaskRow& task = row.task;
  json.field("task_id", task.task).field("dag_id", row.workflow).field("dag_run_id", row.run_id);
  json.field("map_index", task.map_index).field("max_tries", std::max(task.max_tries - 1, 0));
  json.field("task_display_name", task.task).field("dag_display_name", row.workflow);
  json.key("unixname").null().field("pool", task.pool).field("pool_slots", task.slots).field("queue", "default");
  json.field("priority_weight", task.priority).field("operator", task.kind).field("operator_name", task.kind);
  json.key("executor").null().field("executor_config", "{}");
  put(json, "scheduled_when", task.scheduled_at);
  std::optional<store::RunRow> run = find_run(task.run);
  version_of(json, "dag_version", row.workflow, run ? run->version : 0);
}

void Shapes::task(JsonWriter& json, const store::TaskOfRun& row) {
  const store::TaskRow& task = row.task;
  json.begin_object().field("id", uuid_of(format("{} {} {}", task.run, task.task, task.map_index)));
  task_fields(json, row);
  json.key("state");
  task.state == run::TaskState::None ? json.null() : json.text(run::to_string(task.state));
  json.field("try_number", task.try_number);
  put(json, "logical_date", row.logical_date);
  put(json, "run_after", row.run_after);
  put(json, "queued_when", task.queued_at);
  put(json, "start_date", task.started_at);
  put(json, "end_date", task.ended_at);
  put_seconds(json, "duration", task.started_at, task.ended_at);
  put_text(json, "hostname", task.host);
  json.key("pid");
  task.pid ? json.number(task.pid) : json.null();
  put_text(json, "note", task.note);
  put_text(json, "rendered_map_index", task.map_label);
  std::string rendered = masked_json(task.rendered_json.empty() ? "{}" : task.rendered_json);
  json.key("rendered_fields").raw(rendered.starts_with('{') ? rendered : "{}");
  json.key("trigger").null().key("triggerer_job").null();
  put_text(json, "plumb_message", task.message);
  put_text(json, "plumb_waiting_for", task.waiting_for);
  put(json, "plumb_next_try_at", task.next_try_at);
  json.end_object();
}

void Shapes::attempt(JsonWriter& json, const store::TaskOfRun& row, const store::AttemptRow& attempt) {
  json.begin_object();
  task_fields(json, row);
  json.field("state", run::to_string(attempt.state)).field("try_number", attempt.try_number);
  put(json, "queued_when", attempt.queued_at);
  put(json, "start_date", attempt.started_at);
  put(json, "end_date", attempt.ended_at);
  put_seconds(json, "duration", attempt.started_at, attempt.ended_at);
  put_text(json, "hostname", attempt.host);
  json.key("pid");
  attempt.pid ? json.number(attempt.pid) : json.null();
  json.key("plumb_exit_code");
  attempt.exit_code ? json.number(static_cast<std::int64_t>(*attempt.exit_code)) : json.null();
  put_text(json, "plumb_message", attempt.message);
  json.end_object();
}

void Shapes::task_definition(JsonWriter& json, const workflow::Workflow& workflow, const workflow::Task& task) {
  std::string_view kind = workflow::to_string(task.kind);
  std::vector<std::string> after;
  if (auto index = workflow.graph->find(task.id)) {
    for (std::size_t next : workflow.graph->following(*index)) after.push_back(workflow.graph->task(next).id);
  }
  json.begin_object().field("task_id", task.id).field("task_display_name", task.id);
  json.field("owner", workflow.owner.empty() ? "plumb" : workflow.owner).field("operator_name", kind);
  put(json, "start_date", workflow.start_date);
  put(json, "end_date", workflow.end_date);
  json.field("trigger_rule", run::to_string(task.rule)).field("depends_on_past", task.depends_on_past);
  json.field("wait_for_downstream", task.wait_for_downstream).field("retries", task.retries.retries);
  json.field("queue", "default").field("pool", task.pool).field("pool_slots", task.slots);
  put_duration(json, "execution_timeout", task.timeout);
  put_duration(json, "retry_delay", task.retries.delay);
  json.field("retry_exponential_backoff", task.retries.exponential).field("priority_weight", task.priority);
  json.field("weight_rule", "downstream").key("ui_color").null().key("ui_fgcolor").null();
  json.key("template_fields").begin_array().end_array();
  put_texts(json, "downstream_task_ids", after);
  put_text(json, "doc_md", task.description);
  json.key("class_ref").begin_object().field("module_path", "plumb").field("class_name", kind).end_object();
  json.field("is_mapped", task.map.has_value()).key("params").begin_object().end_object();
  json.key("extra_links").begin_array().end_array().end_object();
}

void Shapes::asset(JsonWriter& json, const store::AssetRow& row) {
  json.begin_object().field("id", row.id).field("name", row.name).field("uri", row.uri.empty() ? row.name : row.uri);
  json.field("group", row.group.empty() ? "asset" : row.group);
  std::string extra = masked_json(row.extra_json);
  json.key("extra").raw(extra.starts_with('{') ? extra : "{}");
  put(json, "created_at", row.created_at);
  put(json, "updated_at", row.created_at);
  auto reference = [&](const std::string& dag, const std::string& task) {
    json.begin_object().field("dag_id", dag);
    if (!task.empty()) json.field("task_id", task);
    put(json, "created_at", row.created_at);
    put(json, "updated_at", row.created_at);
    json.end_object();
  };
  json.key("scheduled_dags").begin_array();
  for (const auto& [name, read] : definitions_->workflows) {
    const workflow::AssetCondition* assets = read->timetable ? read->timetable->assets() : nullptr;
    if (!assets) continue;
    std::vector<std::string> names = assets->names();
    if (std::find(names.begin(), names.end(), row.name) != names.end()) reference(name, "");
  }
  json.end_array();
  auto tasks = [&](std::string_view key, std::vector<std::string> workflow::Task::*list) {
    json.key(key).begin_array();
    for (const auto& [name, read] : definitions_->workflows) {
      for (const workflow::Task& task : read->tasks) {
        const auto& names = task.*list;
        if (std::find(names.begin(), names.end(), row.name) != names.end()) reference(name, task.id);
      }
    }
    json.end_array();
  };
  tasks("producing_tasks", &workflow::Task::produces);
  tasks("consuming_tasks", &workflow::Task::consumes);
  json.key("aliases").begin_array().end_array().key("last_asset_event");
  store::Page<store::AssetEventRow> last = call_.reader().asset_events({.asset = row.name}, {.limit = 1});
  if (last.rows.empty()) {
    json.null();
  } else {
    json.begin_object().field("id", last.rows[0].id);
    put(json, "timestamp", last.rows[0].at);
    json.end_object();
  }
  json.end_object();
}

void Shapes::asset_event(JsonWriter& json, const store::AssetEventRow& row) {
  std::optional<store::AssetRow> asset = call_.reader().find_asset(row.asset);
  json.begin_object().field("id", row.id).field("asset_id", asset ? asset->id : 0);
  json.field("uri", asset && !asset->uri.empty() ? asset->uri : row.asset).field("name", row.asset);
  json.field("group", asset && !asset->group.empty() ? asset->group : "asset");
  std::string extra = masked_json(row.extra_json);
  json.key("extra").raw(extra.starts_with('{') ? extra : "{}");
  put_text(json, "source_task_id", row.task);
  put_text(json, "source_dag_id", row.workflow);
  put_text(json, "source_run_id", row.run_id);
  json.field("source_map_index", row.map_index).key("created_dagruns").begin_array().end_array();
  put(json, "timestamp", row.at);
  json.end_object();
}

// An approve task in the shape of Airflow's human in the loop: two options, of which the first lets the run go on.
void Shapes::approval(JsonWriter& json, const store::TaskOfRun& row) {
  bool open = row.task.state == run::TaskState::Deferred;
  bool approved = row.task.state == run::TaskState::Success;
  json.begin_object().key("task_instance");
  task(json, row);
  json.key("options").begin_array().text("Approve").text("Reject").end_array();
  json.field("subject", row.task.message.empty() ? format("{} waits for a person", row.task.task) : row.task.message);
  json.key("body").null().key("defaults").null().field("multiple", false);
  json.key("params").begin_object().end_object();
  json.key("assigned_users").begin_array().end_array();
  put(json, "created_at", row.task.started_at ? *row.task.started_at : row.run_after);
  json.key("responded_by_user").null();
  put(json, "responded_at", open ? std::nullopt : row.task.ended_at);
  json.key("chosen_options");
  open ? json.null() : json.begin_array().text(approved ? "Approve" : "Reject").end_array();
  json.key("params_input").begin_object().end_object().field("response_received", !open).end_object();
}

store::WorkflowRow get_workflow(Call& call, const std::string& name) {
  std::optional<store::WorkflowRow> row = call.reader().find_workflow(name);
  if (!row) throw not_found(format("Dag with id {} was not found", name));
  return *row;
}

std::shared_ptr<const workflow::Workflow> get_definition(Call& call, const std::string& name) {
  std::shared_ptr<const workflow::Workflow> found = call.definitions()->find(name);
  if (!found) throw not_found(format("Dag with id {} was not found", name));
  return found;
}

store::RunRow get_run(Call& call, const std::string& workflow, const std::string& run_id) {
  std::optional<store::RunRow> run = call.reader().find_run(workflow, run_id);
  if (!run) throw not_found(format("The DagRun with dag_id: `{}` and run_id: `{}` was not found", workflow, run_id));
  return *run;
}

store::RunRow get_run(Call& call) {
  return get_run(call, call.path("dag_id"), call.path("dag_run_id"));
}

int map_index_of(Call& call) {
  if (call.has_path("map_index")) return static_cast<int>(call.path_number("map_index"));
  return static_cast<int>(call.query_number("map_index", -1, -1, INT32_MAX));
}

store::TaskOfRun get_task(Call& call, std::optional<int> map_index) {
  store::RunRow run = get_run(call);
  const std::string& task = call.path("task_id");
  std::optional<store::TaskRow> row = call.reader().find_task(run.id, task, map_index.value_or(map_index_of(call)));
  if (!row) {
    throw not_found(format("The Task Instance with dag_id: `{}`, run_id: `{}` and task_id: `{}` was not found",
                           run.workflow, run.run_id, task));
  }
  return Shapes(call).of_run(*row, run);
}

}  // namespace plumb::serve
