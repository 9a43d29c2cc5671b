#include "cli/remote_operations.h"

#include "base/crypto.h"
#include "base/document.h"
#include "base/format.h"
#include "base/http_client.h"

namespace plumb::cli {

namespace {

using workflow::TaskChoice;

// What the server refused, as the error that it was.
Error refusal(const HttpResponse& answer) {
  const Document document = parse_json(answer.body.empty() ? "{}" : answer.body, "the server's answer");
  const Node detail = document.root().find("detail");
  std::string text = detail.kind() == NodeKind::Text ? detail.as_text() : detail.to_json();
  if (text.empty()) text = format("the server answered {}", answer.status);
  if (answer.status == 404) return Error(ErrorKind::NotFound, text);
  if (answer.status == 401 || answer.status == 403) return Error(ErrorKind::Auth, text);
  return Error(answer.status < 500 ? ErrorKind::Usage : ErrorKind::Service, text);
}

class Remote : public workflow::Operations {
 public:
  Remote(const std::filesystem::path& socket, const config::Project& project, store::Store& store, Clock& clock)
      : project_(project),
        store_(store),
        http_({.retry = {.attempts = 1}, .unix_socket = std::filesystem::absolute(socket).string()}, clock) {}

  std::shared_ptr<const workflow::Definitions> definitions() const override {
    if (!definitions_) definitions_ = std::make_shared<workflow::Definitions>(workflow::load_definitions(project_));
    return definitions_;
  }
  void reload() override { send("POST", "/api/plumb/v1/definitions/reload"); }

  store::RunRow trigger(const workflow::Trigger& wanted) override {
    JsonWriter body;
    body.begin_object().key("logical_date");
    wanted.logical_date ? body.text(format_instant(*wanted.logical_date)) : body.null();
    if (!wanted.run_id.empty()) body.field("dag_run_id", wanted.run_id);
    if (!wanted.note.empty()) body.field("note", wanted.note);
    if (wanted.params.kind() == jinja::Kind::Dict) body.key("conf").raw(workflow::json_of(wanted.params));
    const Document made = send("POST", path_of(wanted.workflow) + "/dagRuns", body.end_object().take());
    return get_run(wanted.workflow, made.root().get("dag_run_id").as_text());
  }

  void set_paused(std::string_view workflow, bool paused, std::string_view) override {
    send("PATCH", path_of(workflow), format("{{\"is_paused\":{}}}", paused));
  }

  std::vector<store::TaskOfRun> clear(const TaskChoice& choice, bool dry_run, bool newest_definition,
                                      std::string_view) override {
    JsonWriter body;
    body.begin_object().field("dry_run", dry_run).field("dag_run_id", choice.run_id);
    body.field("only_failed", choice.only_failed).field("only_running", choice.only_running);
    body.field("include_upstream", choice.upstream).field("include_downstream", choice.downstream);
    body.field("run_on_latest_version", newest_definition);
    if (!choice.tasks.empty()) {
      body.key("task_ids").begin_array();
      for (const auto& [task, map_index] : choice.tasks) {
        if (!map_index) {
          body.text(task);
        } else {
          body.begin_array().text(task).number(static_cast<std::int64_t>(*map_index)).end_array();
        }
      }
      body.end_array();
    }
    return tasks_of(send("POST", path_of(choice.workflow) + "/clearTaskInstances", body.end_object().take()));
  }

  std::vector<store::TaskOfRun> mark(const TaskChoice& choice, run::TaskState state, bool dry_run,
                                     std::string_view) override {
    std::vector<store::TaskOfRun> marked;
    for (const auto& [task, map_index] : choice.tasks) {
      JsonWriter body;
      body.begin_object().field("new_state", run::to_string(state));
      body.field("include_upstream", choice.upstream).field("include_downstream", choice.downstream);
      std::string path = run_path(choice.workflow, choice.run_id) + "/taskInstances/" + percent_encode(task);
      if (map_index && *map_index >= 0) path += format("/{}", *map_index);
      auto some = tasks_of(send("PATCH", path + (dry_run ? "/dry_run" : ""), body.end_object().take()));
      marked.insert(marked.end(), some.begin(), some.end());
    }
    return marked;
  }

  store::RunRow mark_run(std::string_view workflow, std::string_view run_id, run::RunState state,
                         std::string_view) override {
    send("PATCH", run_path(workflow, run_id), format("{{\"state\":\"{}\"}}", run::to_string(state)));
    return get_run(workflow, run_id);
  }
  store::RunRow cancel(std::string_view workflow, std::string_view run_id, std::string_view) override {
    send("POST", own_run_path(workflow, run_id) + "/cancel");
    return get_run(workflow, run_id);
  }
  void remove_run(std::string_view workflow, std::string_view run_id, std::string_view) override {
    send("DELETE", run_path(workflow, run_id));
  }
  void set_note(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index,
                std::string_view note, std::string_view) override {
    std::string path = run_path(workflow, run_id);
    if (!task.empty()) path += "/taskInstances/" + percent_encode(task);
    if (!task.empty() && map_index >= 0) path += format("/{}", map_index);
    send("PATCH", path, format("{{\"note\":{}}}", json_quote(note)));
  }
  void approve(std::string_view workflow, std::string_view run_id, std::string_view task, int map_index, bool approved,
               std::string_view note, std::string_view) override {
    JsonWriter body;
    body.begin_object().field("task", task).field("map_index", map_index).field("approved", approved);
    send("POST", own_run_path(workflow, run_id) + "/approve", body.field("note", note).end_object().take());
  }
  void signed_in(std::string_view connection) override {
    send("POST", "/api/plumb/v1/connections/" + percent_encode(connection) + "/signed_in");
  }

  workflow::BackfillPlan backfill(const workflow::NewBackfill& wanted) override {
    JsonWriter body;
    body.begin_object().field("dag_id", wanted.workflow).field("from_date", format_instant(wanted.from));
    body.field("to_date", format_instant(wanted.to)).field("run_backwards", wanted.backwards);
    body.field("reprocess_behavior", wanted.reprocess).field("max_active_runs", wanted.max_active_runs);
    if (wanted.params.kind() == jinja::Kind::Dict) body.key("dag_run_conf").raw(workflow::json_of(wanted.params));
    const std::string text = body.end_object().take();
    const Document dates = send("POST", "/api/v2/backfills/dry_run", text);
    workflow::BackfillPlan plan;
    const Node list = dates.root().get("backfills");
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (auto date = find_instant(list.at(i).get("logical_date").as_text())) plan.logical_dates.push_back(*date);
    }
    if (wanted.dry_run) return plan;
    const Document made = send("POST", "/api/v2/backfills", text);
    plan.backfill = *store_.reader()->find_backfill(made.root().get("id").as_int());
    return plan;
  }
  store::BackfillRow pause_backfill(std::int64_t id, bool paused, std::string_view) override {
    send("PUT", format("/api/v2/backfills/{}/{}", id, paused ? "pause" : "unpause"));
    return *store_.reader()->find_backfill(id);
  }
  store::BackfillRow cancel_backfill(std::int64_t id, std::string_view) override {
    send("PUT", format("/api/v2/backfills/{}/cancel", id));
    return *store_.reader()->find_backfill(id);
  }

  // An asset that nobody has named before comes into being with its first news.
  store::AssetEventRow add_asset_event(std::string_view asset, const std::string& extra_json, std::string_view,
                                       std::string_view) override {
    JsonWriter body;
    body.begin_object().field("asset", asset).key("extra").raw(extra_json);
    send("POST", "/api/plumb/v1/assets/events", body.end_object().take());
    auto events = store_.reader()->asset_events({.asset = std::string(asset)}, {.limit = 1});
    return events.rows.empty() ? store::AssetEventRow{.asset = std::string(asset)} : events.rows[0];
  }

  void save_pool(const store::PoolRow& pool, std::string_view) override {
    JsonWriter body;
    body.begin_object().field("name", pool.name).field("slots", pool.slots).field("description", pool.description);
    send("POST", "/api/v2/pools", body.end_object().take());
  }
  void remove_pool(std::string_view name, std::string_view) override {
    send("DELETE", "/api/v2/pools/" + percent_encode(name));
  }
  void save_variable(const store::VariableRow& variable, std::string_view) override {
    JsonWriter body;
    body.begin_object().field("key", variable.key).field("value", variable.value);
    send("POST", "/api/v2/variables", body.field("description", variable.description).end_object().take());
  }
  void remove_variable(std::string_view key, std::string_view) override {
    send("DELETE", "/api/v2/variables/" + percent_encode(key));
  }
  // The server keeps its own.
  void audit(store::EventRow) override {}

 private:
  static std::string path_of(std::string_view workflow) { return "/api/v2/dags/" + percent_encode(workflow); }
  static std::string run_path(std::string_view workflow, std::string_view run_id) {
    return path_of(workflow) + "/dagRuns/" + percent_encode(run_id);
  }
  static std::string own_run_path(std::string_view workflow, std::string_view run_id) {
    return "/api/plumb/v1/workflows/" + percent_encode(workflow) + "/runs/" + percent_encode(run_id);
  }

  Document send(const std::string& method, const std::string& path, std::string body = "{}") {
    HttpRequest request{
        .method = method, .url = "http://localhost" + path, .body = std::move(body), .repeatable = false};
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json");
    const HttpResponse answer = http_.send(request);
    if (!answer.ok()) throw refusal(answer);
    return parse_json(answer.body.empty() ? "{}" : answer.body, "the server's answer");
  }

  store::RunRow get_run(std::string_view workflow, std::string_view run_id) {
    auto row = store_.reader()->find_run(workflow, run_id);
    if (!row) throw Error(ErrorKind::NotFound, format("the workflow '{}' has no run '{}'", workflow, run_id));
    return *row;
  }

  static std::vector<store::TaskOfRun> tasks_of(const Document& answer) {
    std::vector<store::TaskOfRun> tasks;
    const Node list = answer.root().find("task_instances");
    for (std::size_t i = 0; i < list.size(); ++i) {
      store::TaskOfRun& one = tasks.emplace_back();
      one.task.task = list.at(i).get("task_id").as_text();
      one.task.map_index = static_cast<int>(list.at(i).get("map_index").as_int());
      one.workflow = list.at(i).get("dag_id").as_text();
      one.run_id = list.at(i).get("dag_run_id").as_text();
    }
    return tasks;
  }

  const config::Project& project_;
  store::Store& store_;
  HttpClient http_;
  mutable std::shared_ptr<const workflow::Definitions> definitions_;
};

}  // namespace

std::unique_ptr<workflow::Operations> remote_operations(const std::filesystem::path& socket,
                                                        const config::Project& project, store::Store& store,
                                                        Clock& clock) {
  return std::make_unique<Remote>(socket, project, store, clock);
}

}  // namespace plumb::cli
