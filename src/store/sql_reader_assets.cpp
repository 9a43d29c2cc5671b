// Assets, what happened to them, and who has not seen it yet.

#include "base/format.h"
#include "store/sql_reader.h"

namespace plumb::store {

Page<AssetRow> SqlReader::assets(std::string_view name_pattern, const PageRequest& request) {
  Question question{.table = "assets", .default_order = "name", .columns = {}};
  question.conditions.like(connection_->kind(), "name", name_pattern);
  return page<AssetRow>(std::move(question), request);
}

std::optional<AssetRow> SqlReader::find_asset(std::string_view name) {
  return find<AssetRow>("assets", "WHERE name = ?", {std::string(name)});
}

std::optional<AssetRow> SqlReader::find_asset(std::int64_t id) {
  return find<AssetRow>("assets", "WHERE id = ?", {id});
}

Page<AssetEventRow> SqlReader::asset_events(const AssetEventFilter& filter, const PageRequest& request) {
  Question question{.table = "asset_events", .default_order = "-id", .columns = {}};
  Conditions& conditions = question.conditions;
  conditions.equal("workflow", filter.workflow);
  conditions.equal("run_id", filter.run_id);
  conditions.equal("task", filter.task);
  conditions.between("at", filter.at);
  if (conditions.empty()) question.total = counted(kAssetEventCount, filter.asset, {});
  conditions.equal("asset", filter.asset);
  return page<AssetEventRow>(std::move(question), request);
}

std::vector<AssetEventRow> SqlReader::news_for(std::string_view workflow) {
  return rows<AssetEventRow>("asset_events", std::string(kNewsOfWorkflow), {std::string(workflow)});
}

std::vector<AssetEventRow> SqlReader::news_of_run(std::int64_t run) {
  return rows<AssetEventRow>("asset_events", "WHERE id IN (SELECT event FROM run_news WHERE run = ?) ORDER BY id",
                             {run});
}

}  // namespace plumb::store
