// The names that a task's templates see. What Airflow's templates have is there under its name as well.
#include "base/format.h"
#include "project/project.h"
#include "workflow/render.h"
#include "workflow/render_environment.h"

namespace plumb::workflow {

namespace {

using jinja::Arguments;
using jinja::Value;

Value moment(const std::optional<Instant>& instant) {
  return instant ? project::python_utc_datetime(*instant) : Value::none();
}

Value text(std::string_view text) {
  return Value(text);
}

Value local_moment(Instant instant, const Zone& zone) {
  return project::python_datetime(zone.to_local(instant), zone.offset_at(instant));
}

Value make_env_var(const config::Environment& environment) {
  return jinja::make_function("env_var", [&environment](jinja::State& state, Arguments arguments) -> Value {
    static const jinja::Signature kSignature{"env_var", {"name", "default"}, 1};
    auto [name, fallback] = jinja::bind<2>(kSignature, arguments);
    const std::string wanted = jinja::to_str(state, name);
    if (auto found = environment.find(wanted)) return Value(*std::move(found));
    if (jinja::given(fallback)) return fallback;
    throw Error(ErrorKind::Config, format("environment variable '{}' is not set", wanted),
                {.hint = format("set it in the environment or in .env, or write env_var('{}', 'default')", wanted)});
  });
}

// var.value.NAME and var.json.NAME of what the store keeps; {{ var('NAME') }} as in plumb.yml, whose own come first.
class StoredVariables final : public jinja::Object {
 public:
  StoredVariables(Value stored, bool as_json) : stored_(std::move(stored)), as_json_(as_json) {}
  std::string_view type_name() const override { return "Variables"; }
  std::optional<Value> find_attribute(jinja::State& state, std::string_view name) override {
    if (name == "get") return std::nullopt;  // the method below
    const Value* found = stored_.kind() == jinja::Kind::Dict ? stored_.as_dict().find(name) : nullptr;
    if (found == nullptr) return std::nullopt;
    return as_json_ ? value_of_json(jinja::to_str(state, *found)) : *found;
  }
  std::optional<Value> find_item(jinja::State& state, const Value& key) override {
    return key.is_string() ? find_attribute(state, key.as_string()) : std::nullopt;
  }
  std::optional<Value> call_method(jinja::State& state, std::string_view name, Arguments arguments) override {
    if (name != "get") return std::nullopt;
    static const jinja::Signature kSignature{"get", {"key", "default_var"}, 1};
    auto [key, fallback] = jinja::bind<2>(kSignature, arguments);
    if (auto found = find_item(state, key)) return found;
    return jinja::given(fallback) ? fallback : Value::none();
  }

 private:
  const Value stored_;
  const bool as_json_;
};

class Variables final : public jinja::Object {
 public:
  Variables(const config::Project& project, Value stored) : vars_(project.vars), stored_(std::move(stored)) {}
  std::string_view type_name() const override { return "Variables"; }
  bool callable() const override { return true; }
  Value call(jinja::State& state, Arguments arguments) override {
    static const jinja::Signature kSignature{"var", {"name", "default"}, 1};
    auto [name, fallback] = jinja::bind<2>(kSignature, arguments);
    const std::string wanted = jinja::to_str(state, name);
    if (auto found = vars_.find(wanted); found != vars_.end()) return Value(found->second);
    if (stored_.kind() == jinja::Kind::Dict) {
      if (const Value* found = stored_.as_dict().find(wanted)) return *found;
    }
    if (jinja::given(fallback)) return fallback;
    throw Error(ErrorKind::Config, plumb::format("var '{}' is not set", wanted),
                {.hint = "add it under `vars:` in plumb.yml, or as a variable"});
  }
  std::optional<Value> find_attribute(jinja::State&, std::string_view name) override {
    if (name == "value") return jinja::make<StoredVariables>(stored_, false);
    if (name == "json") return jinja::make<StoredVariables>(stored_, true);
    return std::nullopt;
  }

 private:
  const std::map<std::string, std::string> vars_;
  const Value stored_;
};

// What is no secret of the connections' settings.
Value make_connections(const config::Project& project) {
  Value connections = Value::dict();
  for (const auto& [name, connection] : project.connections) {
    Value settings = Value::dict({{"name", name}, {"type", connection.type}});
    for (const auto& [key, setting] : connection.settings) {
      if (!names_a_secret(key)) settings.as_dict().set(key, setting.value);
    }
    connections.as_dict().set(name, std::move(settings));
  }
  return connections;
}

// ti.xcom_pull(task_ids='list', key='files'): values['list']['files'].
Value make_xcom_pull(const Value& values) {
  return jinja::make_function("xcom_pull", [values](jinja::State& state, Arguments arguments) -> Value {
    static const jinja::Signature kSignature{"xcom_pull", {"task_ids", "key"}, 1};
    auto [tasks, key] = jinja::bind<2>(kSignature, arguments);
    const std::string wanted = jinja::given(key) ? jinja::to_str(state, key) : "return_value";
    const auto pull = [&](const Value& of) -> Value {
      const Value* task = values.kind() == jinja::Kind::Dict && of.is_string() ? values.as_dict().find(of) : nullptr;
      if (task == nullptr) return Value::none();
      const auto get = [&](const Value& one) {
        const Value* found = one.kind() == jinja::Kind::Dict ? one.as_dict().find(wanted) : nullptr;
        return found != nullptr ? *found : Value::none();
      };
      if (task->kind() != jinja::Kind::List) return get(*task);
      std::vector<Value> all;
      for (const Value& one : task->items()) all.push_back(get(one));
      return Value::list(std::move(all));
    };
    if (tasks.kind() != jinja::Kind::List) return pull(tasks);
    std::vector<Value> all;
    for (const Value& one : tasks.items()) all.push_back(pull(one));
    return Value::list(std::move(all));
  });
}

void add_times(jinja::Dict& names, const RunFacts& facts) {
  const store::RunRow& run = *facts.run;
  const Zone zone = facts.workflow != nullptr ? facts.workflow->zone : Zone();
  // A run without a logical date (of assets) is called by the moment from which it might run.
  const Instant at = run.logical_date.value_or(run.run_after);
  names.set("ds", ds_text(at));
  names.set("ds_nodash", ds_nodash_text(at));
  names.set("ts", ts_text(at));
  names.set("ts_nodash", ts_nodash_text(at));
  names.set("ts_nodash_with_tz", ts_nodash_text(at) + "+0000");
  names.set("logical_date", project::python_utc_datetime(at));
  names.set("data_interval_start", moment(run.interval_start));
  names.set("data_interval_end", moment(run.interval_end));
  // By the clock of the workflow's zone: at half past midnight in Berlin `ds` is still yesterday.
  names.set("local_ds", format_date(zone.date_of(at)));
  names.set("local_logical_date", local_moment(at, zone));
  names.set("now", project::python_utc_datetime(facts.now));
}

Value run_dict(const RunFacts& facts) {
  const store::RunRow& run = *facts.run;
  return Value::dict({{"id", run.id},
                      {"run_id", text(run.run_id)},
                      {"workflow", text(run.workflow)},
                      {"dag_id", text(run.workflow)},
                      {"type", text(store::to_string(run.type))},
                      {"run_type", text(store::to_string(run.type))},
                      {"state", text(run::to_string(run.state))},
                      {"logical_date", moment(run.logical_date)},
                      {"data_interval_start", moment(run.interval_start)},
                      {"data_interval_end", moment(run.interval_end)},
                      {"run_after", moment(run.run_after)},
                      {"queued_at", moment(run.queued_at)},
                      {"start_date", moment(run.started_at)},
                      {"triggered_by", text(run.triggered_by)},
                      {"note", text(run.note)},
                      {"conf", facts.params}});
}

Value task_dict(const RunFacts& facts) {
  const Task& task = *facts.task;
  Value dict = Value::dict({{"id", text(task.id)},
                            {"task_id", text(task.id)},
                            {"kind", text(to_string(task.kind))},
                            {"owner", facts.workflow != nullptr ? text(facts.workflow->owner) : text("")},
                            {"pool", text(task.pool)},
                            {"retries", task.retries.retries}});
  if (facts.instance != nullptr) {
    dict.as_dict().set("try_number", facts.instance->try_number);
    dict.as_dict().set("max_tries", facts.instance->max_tries);
    dict.as_dict().set("map_index", facts.instance->map_index);
    dict.as_dict().set("state", text(run::to_string(facts.instance->state)));
    dict.as_dict().set("message", text(facts.instance->message));
  }
  return dict;
}

}  // namespace

Value run_names(const RunFacts& facts) {
  Value made = Value::dict();
  jinja::Dict& names = made.as_dict();
  const Value params = facts.params.kind() == jinja::Kind::Dict ? facts.params : Value::dict();
  const Value values = facts.values.kind() == jinja::Kind::Dict ? facts.values : Value::dict();
  names.set("params", params);
  names.set("values", values);
  names.set("asset_events", facts.asset_events.is_undefined() ? Value::list() : facts.asset_events);
  if (facts.project != nullptr) {
    names.set("env_var", make_env_var(facts.project->environment));
    names.set("var", jinja::make<Variables>(*facts.project, facts.variables));
    const Value connections = make_connections(*facts.project);
    names.set("connections", connections);
    names.set("conn", connections);
  }
  if (facts.workflow != nullptr) {
    const Workflow& workflow = *facts.workflow;
    const Value dict = Value::dict({{"name", text(workflow.name)},
                                    {"dag_id", text(workflow.name)},
                                    {"owner", text(workflow.owner)},
                                    {"description", text(workflow.description)},
                                    {"timezone", text(workflow.zone.name())}});
    names.set("workflow", dict);
    names.set("dag", dict);
  }
  if (facts.run != nullptr) {
    add_times(names, facts);
    const Value run = run_dict(facts);
    names.set("run", run);
    names.set("dag_run", run);
    names.set("run_id", text(facts.run->run_id));
  }
  if (facts.task != nullptr) {
    const Value task = task_dict(facts);
    names.set("task", task);
    Value instance = Value::dict();
    std::size_t position = 0;
    while (const auto* entry = task.as_dict().next(position)) instance.as_dict().set(entry->key, entry->value);
    instance.as_dict().set("xcom_pull", make_xcom_pull(values));
    names.set("ti", instance);
    names.set("task_instance", instance);
    if (!facts.item.is_undefined()) names.set(facts.task->map ? facts.task->map->as : "item", facts.item);
  }
  return made;
}

}  // namespace plumb::workflow
