// News of assets: made by tasks, by the command line, by others; and the workflows whose runs they start.
#include <algorithm>

#include "base/document.h"
#include "base/format.h"
#include "workflow/asset_news.h"
#include "workflow/loop/loop.h"

namespace plumb::workflow {

using jinja::Value;

jinja::Value value_of(const store::AssetEventRow& event) {
  Value extra = value_of_json(event.extra_json);
  Value value = Value::dict({{"asset", event.asset},
                             {"at", format_instant(event.at)},
                             {"extra", extra},
                             {"workflow", event.workflow},
                             {"run_id", event.run_id},
                             {"task", event.task},
                             {"made_by", event.made_by}});
  value.as_dict().set("rows", find_entry(extra, "rows").is_undefined() ? Value::none() : find_entry(extra, "rows"));
  return value;
}

void Loop::index_assets() {
  consumers_.clear();
  for (const auto& [name, scheduled] : scheduled_) {
    const auto* condition = scheduled.workflow ? scheduled.workflow->timetable->assets() : nullptr;
    if (condition == nullptr) continue;
    for (const std::string& asset : condition->names()) consumers_[asset].push_back(name);
  }
}

void Loop::add_news(store::AssetEventRow& event) {
  batch().take_turn();
  store::AssetRow asset{.name = event.asset, .created_at = now()};
  batch().save(asset);
  batch().save(event);
  tell({.kind = Change::Kind::AssetEvent, .event = &event});
  auto consumers = consumers_.find(event.asset);
  if (consumers != consumers_.end()) {
    const std::vector<std::string> names = consumers->second;
    for (const std::string& name : names) {
      Scheduled& scheduled = scheduled_[name];
      batch().add_news(name, event.asset, event.id);
      scheduled.news[event.asset] = event;
      start_if_fulfilled(scheduled);
    }
  }
  reset_waits_for(event.asset, event);
}

void Loop::add_task_news(ActiveRun& active, run::Instance instance, const std::string& asset,
                         const std::string& extra_json) {
  const store::TaskRow& row = active.at(instance).row;
  store::AssetEventRow event{.asset = asset,
                             .at = now(),
                             .extra_json = extra_json,
                             .run = active.row.id,
                             .workflow = active.row.workflow,
                             .run_id = active.row.run_id,
                             .task = row.task,
                             .map_index = row.map_index,
                             .made_by = "task"};
  add_news(event);
}

store::AssetEventRow Loop::add_asset_event(std::string_view asset, const std::string& extra_json, std::string_view by,
                                           std::string_view who) {
  store::AssetEventRow event{
      .asset = std::string(asset), .at = now(), .extra_json = extra_json, .made_by = std::string(by)};
  add_news(event);
  audit({.event = "asset_event", .who = std::string(who), .extra_json = json_of(Value::dict({{"asset", asset}}))});
  return event;
}

// The tables that a load wrote and the relations that a build made, as the engine reports them; and what the task says
// that it produces.
void Loop::take_report(ActiveRun& active, run::Instance instance, const std::string& report) {
  const auto reported = news_of_report(report);
  for (const AssetNews& news : reported) add_task_news(active, instance, news.asset, news.extra_json);
  const Task& task = active.task(instance);
  if (task.kind == TaskKind::Load && !report.empty()) return;  // it knows what it wrote
  for (const std::string& asset : task.produces) {
    auto same = [&](const AssetNews& news) { return news.asset == asset; };
    if (std::none_of(reported.begin(), reported.end(), same)) add_task_news(active, instance, asset, "{}");
  }
}

// All news since its last run, taken together, make one run; a paused one keeps them until it goes on.
void Loop::start_if_fulfilled(Scheduled& scheduled) {
  if (scheduled.workflow == nullptr || scheduled.row.paused || !options_.schedules || options_.passive) return;
  const auto* condition = scheduled.workflow->timetable->assets();
  if (condition == nullptr) return;
  if (store_.shared()) {
    // Others add news as well, and take them.
    batch().take_turn();
    scheduled.news.clear();
    for (store::AssetEventRow& event : batch().news_for(scheduled.workflow->name))
      scheduled.news[event.asset] = std::move(event);
  }
  if (scheduled.news.empty()) return;
  auto most = static_cast<std::size_t>(scheduled.workflow->max_active_runs);
  const std::size_t elsewhere = runs_elsewhere(scheduled.workflow->name, {RunState::Queued, RunState::Running});
  if (scheduled.active.size() + scheduled.queue.size() + elsewhere >= most) return;  // the end of one looks again
  bool fulfilled = condition->fulfilled([&](const AssetCondition& leaf) {
    auto event = scheduled.news.find(leaf.asset);
    if (event == scheduled.news.end()) return false;
    if (leaf.when.empty()) return true;
    try {
      return renderer_.truth(leaf.when, Value::dict({{"event", value_of(event->second)}}), leaf.place);
    } catch (const Error& error) {
      log_.warn(error.render());
      return false;
    }
  });
  if (!fulfilled) return;
  const std::string name = scheduled.workflow->name;
  const Due due = scheduled.workflow->timetable->manual(now());
  std::vector<Value> news;
  for (const auto& [asset, event] : scheduled.news) news.push_back(value_of(event));
  scheduled.news.clear();
  store::RunRow row{.workflow = name,
                    .run_id = free_run_id(name, "asset_triggered", now()),
                    .type = store::RunType::AssetTriggered,
                    .logical_date = std::nullopt,
                    .interval_start = due.interval.start,
                    .interval_end = due.interval.end,
                    .run_after = now(),
                    .triggered_by = "asset"};
  row.params_json = json_of(check_params(*scheduled.workflow, Value()));
  row.state = RunState::Queued;
  row.queued_at = now();
  row.version = scheduled.row.version;
  row.owner = self_.id;
  if (!batch().insert(row)) return;
  batch().take_news(name, row.id);
  run_news_[row.id] = Value::list(std::move(news));
  enqueue(row);
  start_queued(name);
}

}  // namespace plumb::workflow
