#include "workflow/loop/active_run.h"

#include "base/format.h"

namespace plumb::workflow {

ActiveRun::ActiveRun(store::RunRow run_row, std::shared_ptr<const Workflow> definition)
    : row(std::move(run_row)), workflow(std::move(definition)), progress(workflow->graph) {
  for (std::size_t task = 0; task < workflow->tasks.size(); ++task) {
    tasks.emplace_back().push_back({.row = fresh_row(task, -1), .dirty = true});
    dirty_tasks.push_back({task, -1});
  }
}

TaskInstance& ActiveRun::at(run::Instance instance) {
  return tasks[instance.task].at(instance.map_index < 0 ? 0 : static_cast<std::size_t>(instance.map_index));
}

void ActiveRun::expand(std::size_t task, const std::vector<jinja::Value>& items) {
  auto& instances = tasks[task];
  instances.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    instances.push_back({.row = fresh_row(task, static_cast<int>(i)), .item = items[i], .dirty = true});
    dirty_tasks.push_back({task, static_cast<int>(i)});
  }
}

store::TaskRow ActiveRun::fresh_row(std::size_t task, int map_index) const {
  const Task& definition = workflow->tasks[task];
  return {.run = row.id,
          .task = definition.id,
          .map_index = map_index,
          .max_tries = definition.retries.retries + 1,
          .kind = definition.kind == TaskKind::Dbt ? definition.command : std::string(to_string(definition.kind)),
          .pool = definition.pool,
          .slots = definition.slots,
          .priority = definition.total_priority};
}

void ActiveRun::put_value(std::string_view task, int map_index, std::string_view key, const jinja::Value& value) {
  jinja::Dict& all = values.as_dict();
  const jinja::Value* known = all.find(task);
  if (known == nullptr) {
    all.set(task, map_index < 0 ? jinja::Value::dict() : jinja::Value::list());
    known = all.find(task);
  }
  jinja::Value kept = *known;
  if (map_index >= 0 && kept.kind() == jinja::Kind::List) {
    auto& items = kept.as_list().items;
    while (items.size() <= static_cast<std::size_t>(map_index)) items.push_back(jinja::Value::dict());
    kept = items[static_cast<std::size_t>(map_index)];
  }
  if (kept.kind() == jinja::Kind::Dict) kept.as_dict().set(key, value);
}

std::string ActiveRun::name_of(run::Instance instance) const {
  const std::string& id = workflow->tasks[instance.task].id;
  return instance.map_index < 0 ? id : format("{}[{}]", id, instance.map_index);
}

}  // namespace plumb::workflow
