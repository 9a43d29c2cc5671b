#include <algorithm>

#include "base/format.h"
#include "workflow/definition_keys.h"
#include "workflow/definition_reader.h"
#include "workflow/duration.h"
#include "workflow/task_keys.h"

namespace plumb::workflow {

namespace {

using jinja::Value;

std::optional<std::chrono::milliseconds> read_duration(const Node& node) {
  if (node.null()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(parse_duration(node));
}

int read_int(const Node& node, int fallback) {
  return node.null() ? fallback : static_cast<int>(node.as_int());
}

bool read_bool(const Node& node, bool fallback) {
  return node.null() ? fallback : node.as_bool();
}

// At most one of these keys, and one of them if it is needed.
void expect_one_of(const Node& settings, std::initializer_list<std::string_view> keys, bool needed, const Node& at) {
  std::string_view found;
  for (auto key : keys) {
    if (settings.find(key).null()) continue;
    if (!found.empty()) throw fault_at(settings.find(key), format("'{}' and '{}' exclude each other", found, key));
    found = key;
  }
  if (needed && found.empty()) throw fault_at(at, format("it needs one of {}", fmt::join(keys, ", ")));
}

// A literal name in settings, not a template.
bool is_literal(const Node& node) {
  return node.kind() == NodeKind::Text && !is_template(node.scalar());
}

template <class Visit>
void each(const Node& node, Visit visit) {
  if (node.kind() != NodeKind::List) {
    if (!node.null()) visit(node);
    return;
  }
  for (std::size_t i = 0; i < node.size(); ++i) visit(node.at(i));
}

std::vector<std::string_view> keys_of(const auto& map) {
  std::vector<std::string_view> keys;
  keys.reserve(map.size());
  for (const auto& entry : map) keys.push_back(entry.first);
  return keys;
}

std::optional<Map> read_map(const Node& node) {
  if (node.null()) return std::nullopt;
  Map map;
  if (node.kind() != NodeKind::Map) {
    map.over = jinja::to_value(node);
    return map;
  }
  expect_one_of(node, {"over", "query"}, true, node);
  if (Node query = node.find("query"); !query.null()) {
    map.over = Value::dict({{"query", query.as_text()}, {"connection", jinja::to_value(node.find("connection"))}});
  } else {
    if (Node stray = node.find("connection")) throw fault_at(stray, "'connection' belongs to 'query'");
    map.over = jinja::to_value(node.get("over"));
  }
  map.as = node.find("as").text_or(map.as);
  map.at_once = read_int(node.find("at_once"), 0);
  map.label = node.find("label").text_or("");
  return map;
}

}  // namespace

Error fault_at(const Node& node, std::string message, std::string hint) {
  return Error(ErrorKind::Config, std::move(message), {.place = node.place(), .hint = std::move(hint)});
}

std::vector<std::string> read_texts(const Node& node) {
  std::vector<std::string> texts;
  each(node, [&](const Node& one) { texts.push_back(one.as_text()); });
  return texts;
}

TaskReader::TaskReader(const ReaderContext& context, const Node& root, HasShape has_shape, std::vector<Error>& faults)
    : context_(context),
      root_(root),
      list_(root.get("tasks")),
      defaults_(root.find("defaults")),
      has_shape_(std::move(has_shape)),
      faults_(faults) {}

Node TaskReader::setting(const Node& task, std::string_view key) const {
  if (Node own = task.find(key)) return own;
  if (Node common = defaults_.find(key)) return common;
  return context_.sections.defaults.find(key);
}

std::string TaskReader::id_of(std::size_t index) const {
  const Node id = list_.at(index).find("id");
  return std::string(id.null() ? list_.key_at(index) : id.scalar());
}

std::vector<Task> TaskReader::read_all() {
  std::vector<Task> tasks;
  if (list_.size() == 0) faults_.push_back(fault_at(list_, "a workflow needs at least one task"));
  const bool named = list_.kind() == NodeKind::Map;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const Node node = list_.at(i);
    if (!has_shape_(node, task_shape())) continue;
    // A task's faults are told together with those of the others.
    try {
      const Node id = node.find("id");
      if (id.null() && !named)
        throw fault_at(node, "missing key 'id'", "every task has a name: {id: bank, load: bank}");
      tasks.push_back(read(node, id_of(i), named ? list_.key_place_at(i) : id.place()));
    } catch (const Error& error) {
      faults_.push_back(error);
    }
  }
  check_order();
  return tasks;
}

Task TaskReader::read(const Node& node, std::string id, const Place& place) {
  Task task;
  task.id = std::move(id);
  task.place = place;
  if (!is_name(task.id)) {
    throw Error(ErrorKind::Config, format("'{}' can't be a name", printable(task.id)),
                {.place = place, .hint = "names are letters, digits, '_', '-' and '.'"});
  }
  task.description = node.find("description").text_or("");
  read_kind(node, task);
  read_order(node, task);
  read_limits(node, task);
  read_environment(node, task);
  read_assets(node, task);
  task.map = read_map(node.find("map"));
  if (task.map && (task.kind == TaskKind::Approve || task.kind == TaskKind::Branch)) {
    throw fault_at(node.find("map"), format("a task of kind {} can't have a map", to_string(task.kind)));
  }
  task.callbacks = read_callbacks(node);
  return task;
}

void TaskReader::read_kind(const Node& node, Task& task) {
  const TaskKindKeys* kind = nullptr;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const auto* found = find_task_kind(node.key_at(i));
    if (found == nullptr) continue;
    if (kind != nullptr) {
      throw Error(ErrorKind::Config, format("a task does one thing: '{}' or '{}'", kind->name, found->name),
                  {.place = node.key_place_at(i), .hint = "make two tasks of it, the second one `after` the first"});
    }
    kind = found;
    task.kind = kind->kind;
    if (kind->kind == TaskKind::Dbt) task.command = kind->name;
    task.settings = settings_of(*kind, node.at(i));
    check_kind(node.at(i), task);
  }
  if (kind == nullptr) {
    throw Error(ErrorKind::Config, format("the task '{}' does not say what it does", task.id),
                {.place = task.place, .hint = "give it load, build, sql, shell, python, http, wait, … or nothing"});
  }
}

void TaskReader::check_kind(const Node& settings, const Task& task) {
  const auto at = [&](std::string_view key) {
    return settings.kind() == NodeKind::Map ? settings.find(key) : settings;
  };
  const bool map = settings.kind() == NodeKind::Map;
  if (map) {
    if (Node connection = settings.find("connection"); is_literal(connection)) {
      context_.project.get_connection(connection.scalar(), connection.place());
    }
  }
  switch (task.kind) {
    case TaskKind::Load:
      each(at("pipeline"), [&](const Node& name) {
        if (!is_literal(name) || context_.sections.pipelines.contains(name.scalar())) return;
        refuse_name(name, "pipeline", name.scalar(), keys_of(context_.sections.pipelines),
                    "there is no such file in pipelines/");
      });
      break;
    case TaskKind::Sql:
      if (map) expect_one_of(settings, {"statement", "file"}, true, settings);
      break;
    case TaskKind::QueryCheck:
      if (map) expect_one_of(settings, {"query", "file"}, true, settings);
      break;
    case TaskKind::Python:
      if (map) expect_one_of(settings, {"script", "code"}, true, settings);
      break;
    case TaskKind::Http:
      if (map) expect_one_of(settings, {"json", "form", "body"}, false, settings);
      break;
    case TaskKind::Ssh:
      if (map) expect_one_of(settings, {"host", "connection"}, true, settings);
      break;
    case TaskKind::Wait: {
      if (map) expect_one_of(settings, {"time", "file", "http", "sql", "asset"}, true, settings);
      // 14:30 without quotes is a number in YAML 1.1, and no person means that.
      Node time = at("time");
      if (time.null()) break;
      task.settings.as_dict().set("time", Value(time.scalar()));
      break;
    }
    case TaskKind::Workflow:
      if (is_literal(at("name"))) references_.push_back({at("name").as_text(), at("name").place()});
      break;
    default:
      break;
  }
}

void TaskReader::read_order(const Node& node, Task& task) const {
  task.after = read_texts(node.find("after"));
  const Node rule = setting(node, "trigger_rule");
  if (!rule.null()) task.rule = run::find_trigger_rule(rule.scalar()).value_or(task.rule);
  task.when = without_braces(node.find("when").text_or(""));
  task.setup = read_bool(node.find("setup"), false);
  const Node teardown = node.find("teardown");
  if (teardown.kind() == NodeKind::Bool) {
    task.teardown = teardown.as_bool();
  } else {
    task.teardown_of = read_texts(teardown);
    task.teardown = !task.teardown_of.empty();
  }
  if (task.setup && task.teardown) throw fault_at(teardown, "a task can't be both setup and teardown");
  if (task.teardown && !node.find("trigger_rule").null()) {
    throw fault_at(node.find("trigger_rule"), "a teardown has no trigger rule: it runs when its setups succeeded");
  }
}

void TaskReader::read_limits(const Node& node, Task& task) const {
  Retries& retries = task.retries;
  retries.retries = read_int(setting(node, "retries"), retries.retries);
  if (auto delay = read_duration(setting(node, "retry_delay"))) retries.delay = *delay;
  retries.exponential = setting(node, "retry_backoff").text_or("") == "exponential";
  if (auto longest = read_duration(setting(node, "retry_max_delay"))) retries.longest_delay = *longest;
  if (Node jitter = setting(node, "retry_jitter"); !jitter.null()) {
    retries.jitter = jitter.as_double();
    if (!(retries.jitter >= 0 && retries.jitter <= 1)) throw fault_at(jitter, "expected a number from 0 to 1");
  }
  task.timeout = read_duration(setting(node, "timeout"));
  task.deadline = read_duration(setting(node, "deadline"));
  const Node pool = setting(node, "pool");
  task.pool = pool.text_or(task.pool);
  const auto& pools = context_.sections.pools;
  const auto found = pools.find(task.pool);
  if (found == pools.end()) refuse_name(pool, "pool", task.pool, keys_of(pools), "add it under `pools:` in plumb.yml");
  const Node slots = setting(node, "slots");
  task.slots = read_int(slots, task.slots);
  if (task.slots > found->second.slots && found->second.slots > 0) {
    throw fault_at(slots,
                   format("the pool '{}' has {} slots: the task would never run", task.pool, found->second.slots));
  }
  task.priority = read_int(setting(node, "priority"), task.priority);
  task.at_once = read_int(setting(node, "at_once"), task.at_once);
  task.wait_for_downstream = read_bool(setting(node, "wait_for_downstream"), false);
  task.depends_on_past = task.wait_for_downstream || read_bool(setting(node, "depends_on_past"), false);
}

void TaskReader::read_environment(const Node& node, Task& task) const {
  // From what holds for most to what holds for this one.
  for (const Node& layer :
       {context_.sections.defaults.find("env"), root_.find("env"), defaults_.find("env"), node.find("env")}) {
    for (std::size_t i = 0; i < layer.size(); ++i) {
      task.environment[std::string(layer.key_at(i))] =
          layer.at(i).kind() == NodeKind::Text ? Value(layer.at(i).scalar()) : jinja::to_value(layer.at(i));
    }
  }
}

void TaskReader::read_assets(const Node& node, Task& task) const {
  if (Node values = node.find("values"); !values.null()) task.values = jinja::to_value(values);
  task.produces = read_texts(node.find("produces"));
  task.consumes = read_texts(node.find("consumes"));
  if (task.kind != TaskKind::Load) return;
  const Value* names = task.settings.as_dict().find("pipeline");
  const auto add = [&](const Value& name) {
    const auto found =
        name.is_string() ? context_.sections.pipelines.find(name.as_string()) : context_.sections.pipelines.end();
    if (found == context_.sections.pipelines.end()) return;
    for (const std::string& asset : found->second) {
      if (std::find(task.produces.begin(), task.produces.end(), asset) == task.produces.end()) {
        task.produces.push_back(asset);
      }
    }
  };
  if (names->kind() != jinja::Kind::List) return add(*names);
  for (const Value& name : names->items()) add(name);
}

// Names of tasks in tasks: also of those that are faulty themselves.
void TaskReader::check_order() const {
  std::map<std::string, std::size_t, std::less<>> ids;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const std::string id = id_of(i);
    const auto [first, fresh] = ids.emplace(id, i);
    if (fresh) {
      names.push_back(id);
    } else if (!id.empty()) {
      faults_.push_back(fault_at(list_.at(i).find("id"), format("there are two tasks '{}'", id),
                                 format("the first one stands in line {}", list_.at(first->second).place().line)));
    }
  }
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const auto check = [&](const Node& name, bool setups) {
      // One name's fault does not hide another's.
      try {
        const auto found = ids.find(name.scalar());
        if (found == ids.end()) {
          refuse_name(name, "task", name.scalar(), names, format("the tasks are {}", fmt::join(names, ", ")));
        }
        if (found->second == i) throw fault_at(name, format("'{}' can't wait for itself", found->first));
        const Node setup = list_.at(found->second).find("setup");
        if (setups && !(setup.kind() == NodeKind::Bool && setup.as_bool())) {
          throw fault_at(name, format("'{}' is no setup", found->first), "give that task `setup: true`");
        }
      } catch (const Error& error) {
        faults_.push_back(error);
      }
    };
    const Node task = list_.at(i);
    each(task.find("after"), [&](const Node& name) { check(name, false); });
    if (task.find("teardown").kind() != NodeKind::Bool) {
      each(task.find("teardown"), [&](const Node& name) { check(name, true); });
    }
  }
}

Callbacks TaskReader::read_callbacks(const Node& node) const {
  // The workflow's own callbacks have no defaults: those are of tasks.
  const bool run = node.find("workflow").kind() == NodeKind::Text && node.find("tasks");
  const auto get = [&](std::string_view key) { return read_actions(run ? node.find(key) : setting(node, key)); };
  return {.on_failure = get("on-failure"),
          .on_retry = get("on-retry"),
          .on_success = get("on-success"),
          .on_deadline = get("on-deadline")};
}

std::vector<Callback> TaskReader::read_actions(const Node& node) const {
  std::vector<Callback> callbacks;
  each(node, [&](const Node& action) {
    Node alert = action.kind() == NodeKind::Text ? action : action.find("alert");
    if (!alert.null() && !context_.sections.alerts.contains(alert.scalar())) {
      refuse_name(alert, "alert", alert.scalar(), context_.sections.alerts,
                  "add it under `alerts:` in plumb.yml; a command is written {shell: …}");
    }
    if (action.kind() == NodeKind::Text) {
      callbacks.push_back({Value::dict({{"alert", action.as_text()}}), action.place()});
      return;
    }
    expect_one_of(action, {"shell", "http", "alert"}, true, action);
    Value made = Value::dict();
    for (std::size_t i = 0; i < action.size(); ++i) {
      const auto* kind = find_task_kind(action.key_at(i));
      made.as_dict().set(action.key_at(i),
                         kind != nullptr ? settings_of(*kind, action.at(i)) : jinja::to_value(action.at(i)));
    }
    callbacks.push_back({std::move(made), action.place()});
  });
  return callbacks;
}

}  // namespace plumb::workflow
