// Assets and their news.
#include "base/format.h"
#include "serve/api/routes.h"
#include "serve/api/shapes.h"

namespace plumb::serve {

namespace {

store::AssetRow get_asset(Call& call, std::int64_t id) {
  std::optional<store::AssetRow> row = call.reader().find_asset(id);
  if (!row) throw not_found(format("The Asset with ID: `{}` was not found", id));
  return *row;
}

ServerResponse list_assets(Call& call) {
  std::string pattern = call.query_pattern("name_pattern");
  if (pattern.empty()) pattern = call.query_pattern("uri_pattern");
  store::Page<store::AssetRow> page = call.reader().assets(
      pattern, call.page({{"id", "id"}, {"name", "name"}, {"uri", "uri"}, {"created_at", "created_at"}}));
  Shapes shapes(call);
  return list_answer("assets", page.rows, page.total,
                     [&](JsonWriter& json, const store::AssetRow& row) { shapes.asset(json, row); });
}

ServerResponse show_asset(Call& call) {
  store::AssetRow row = get_asset(call, call.path_number("asset_id"));
  return one_answer([&](JsonWriter& json) { Shapes(call).asset(json, row); });
}

ServerResponse list_aliases(Call&) {
  return list_answer("asset_aliases", std::vector<int>(), 0, [](JsonWriter&, int) {});
}

ServerResponse list_events(Call& call) {
  store::AssetEventFilter filter{.workflow = call.query("source_dag_id"),
                                 .run_id = call.query("source_run_id"),
                                 .task = call.query("source_task_id"),
                                 .at = call.query_range("timestamp")};
  if (!call.query("asset_id").empty())
    filter.asset = get_asset(call, call.query_number("asset_id", 0, 0, INT64_MAX)).name;
  store::Page<store::AssetEventRow> page =
      call.reader().asset_events(filter, call.page({{"id", "id"},
                                                    {"timestamp", "at"},
                                                    {"source_dag_id", "workflow"},
                                                    {"source_task_id", "task"},
                                                    {"source_run_id", "run_id"},
                                                    {"source_map_index", "map_index"}}));
  Shapes shapes(call);
  return list_answer("asset_events", page.rows, page.total,
                     [&](JsonWriter& json, const store::AssetEventRow& row) { shapes.asset_event(json, row); });
}

ServerResponse add_event(Call& call) {
  Node body = call.body({"asset_id", "extra", "partition_key"});
  std::optional<std::int64_t> id = find_number(body, "asset_id");
  if (!id) throw invalid("body.asset_id", "Field required");
  Node extra = body.find("extra");
  if (!extra.null() && extra.kind() != NodeKind::Map) throw invalid("body.extra", "Input should be a valid dictionary");
  store::AssetEventRow event = call.operations().add_asset_event(
      get_asset(call, *id).name, extra.null() ? "{}" : extra.to_json(), "rest_api", call.who());
  return one_answer([&](JsonWriter& json) { Shapes(call).asset_event(json, event); });
}

// A run of the one workflow that makes the asset.
ServerResponse materialize(Call& call) {
  store::AssetRow asset = get_asset(call, call.path_number("asset_id"));
  std::vector<std::string> makers;
  for (const auto& [name, workflow] : call.definitions()->workflows) {
    for (const std::string& made : workflow->produces()) {
      if (made == asset.name) makers.push_back(name);
    }
  }
  if (makers.empty()) throw not_found(format("No DAG materializes asset with ID: {}", asset.id));
  if (makers.size() > 1) {
    return error_answer(409, format("More than one DAG materializes asset with ID: {}", asset.id));
  }
  store::RunRow run = call.operations().trigger({.workflow = makers.front(), .who = call.who()});
  return one_answer([&](JsonWriter& json) { Shapes(call).run(json, run); });
}

// --- News that a workflow has not seen yet

ServerResponse answer_news(Call& call, const std::vector<std::string>& workflows, const std::string& asset) {
  std::vector<std::pair<std::string, store::AssetEventRow>> news;
  for (const std::string& workflow : workflows) {
    for (store::AssetEventRow& event : call.reader().news_for(workflow)) {
      if (asset.empty() || event.asset == asset) news.emplace_back(workflow, std::move(event));
    }
  }
  if (news.empty()) throw not_found("Queue event was not found");
  return list_answer("queued_events", news, static_cast<std::int64_t>(news.size()),
                     [&](JsonWriter& json, const auto& row) {
                       std::optional<store::AssetRow> known = call.reader().find_asset(row.second.asset);
                       json.begin_object().field("dag_id", row.first).field("dag_display_name", row.first);
                       json.field("asset_id", known ? known->id : 0);
                       put(json, "created_at", row.second.at);
                       json.end_object();
                     });
}

ServerResponse list_news_of_asset(Call& call) {
  std::string asset = get_asset(call, call.path_number("asset_id")).name;
  std::vector<std::string> workflows;
  for (const auto& [name, workflow] : call.definitions()->workflows) {
    if (workflow->timetable && workflow->timetable->assets()) workflows.push_back(name);
  }
  return answer_news(call, workflows, asset);
}

ServerResponse list_news(Call& call) {
  std::string workflow = get_workflow(call, call.path("dag_id")).name;
  std::string asset = call.has_path("asset_id") ? get_asset(call, call.path_number("asset_id")).name : "";
  return answer_news(call, {workflow}, asset);
}

ServerResponse show_news(Call& call) {
  std::string workflow = get_workflow(call, call.path("dag_id")).name;
  store::AssetRow asset = get_asset(call, call.path_number("asset_id"));
  for (const store::AssetEventRow& event : call.reader().news_for(workflow)) {
    if (event.asset != asset.name) continue;
    return one_answer([&](JsonWriter& json) {
      json.begin_object().field("dag_id", workflow).field("dag_display_name", workflow).field("asset_id", asset.id);
      put(json, "created_at", event.at);
      json.end_object();
    });
  }
  throw not_found(format("Queued event with dag_id: `{}` and asset_id: `{}` was not found", workflow, asset.id));
}

ServerResponse show_alias(Call& call) {
  throw not_found(format("The Asset Alias with ID: `{}` was not found", call.path("asset_alias_id")));
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v2/assets", Role::Viewer, list_assets, "List assets", "AssetCollectionResponse", "", 200,
     "page name_pattern uri_pattern"},
    {"GET", "/api/v2/assets/aliases", Role::Viewer, list_aliases, "Always empty", "AssetAliasCollectionResponse", "",
     200, "page"},
    {"GET", "/api/v2/assets/aliases/{asset_alias_id}", Role::Viewer, show_alias, "Never there", "AssetAliasResponse"},
    {"GET", "/api/v2/assets/events", Role::Viewer, list_events, "List news of assets", "AssetEventCollectionResponse",
     "", 200,
     "page asset_id:integer source_dag_id source_task_id source_run_id timestamp_gte:date-time timestamp_gt:date-time "
     "timestamp_lte:date-time timestamp_lt:date-time"},
    {"POST", "/api/v2/assets/events", Role::Operator, add_event, "Tell of news that no task of ours made",
     "AssetEventResponse", "CreateAssetEventsBody"},
    {"GET", "/api/v2/assets/{asset_id}", Role::Viewer, show_asset, "Show an asset", "AssetResponse"},
    {"POST", "/api/v2/assets/{asset_id}/materialize", Role::Operator, materialize,
     "Start the workflow that makes the asset", "DAGRunResponse"},
    {"GET", "/api/v2/assets/{asset_id}/queuedEvents", Role::Viewer, list_news_of_asset,
     "List news of an asset that workflows have not seen yet", "QueuedEventCollectionResponse"},
    {"GET", "/api/v2/dags/{dag_id}/assets/queuedEvents", Role::Viewer, list_news,
     "List news that a workflow has not seen yet", "QueuedEventCollectionResponse"},
    {"GET", "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", Role::Viewer, show_news,
     "News of an asset that a workflow has not seen yet", "QueuedEventResponse"},
};

}  // namespace

Routes asset_routes() {
  return kRoutes;
}

}  // namespace plumb::serve
