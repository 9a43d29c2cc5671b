#include "workflow/loop/launch.h"

#include "base/format.h"
#include "workflow/loop/plain_command.h"
#include "workflow/render.h"

namespace plumb::workflow {

using jinja::Kind;
using jinja::Value;

namespace {

std::string plain(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return json_of(value);
}

// Lists become several words: {select: [a, b]} is --select a b; maps are JSON.
void add_option(std::vector<std::string>& words, const std::string& name, const Value& value) {
  std::string option = "--";
  for (char c : name) option += c == '_' ? '-' : c;
  if (value.kind() == Kind::Bool) {
    if (value.as_bool()) words.push_back(option);
    return;
  }
  words.push_back(option);
  if (value.kind() == Kind::List) {
    for (const Value& item : value.items()) words.push_back(plain(item));
  } else {
    words.push_back(plain(value));
  }
}

// What stands under a key, one word or several.
void add_words(std::vector<std::string>& words, const Value& value) {
  if (value.kind() == Kind::List) {
    for (const Value& item : value.items()) words.push_back(plain(item));
  } else if (!value.is_undefined() && !value.is_none()) {
    words.push_back(plain(value));
  }
}

// "docs-generate" is `docs generate`, and the keys are dbt's options: {select: [a, b], full_refresh: true}.
std::vector<std::string> dbt_words(const std::string& command, const Value& settings) {
  std::vector<std::string> words = {command};
  if (command == "docs-generate") words = {"docs", "generate"};
  if (command == "source-freshness") words = {"source", "freshness"};
  add_words(words, find_entry(settings, "macro"));
  std::size_t position = 0;
  while (settings.kind() == Kind::Dict) {
    const Value::Entry* entry = settings.as_dict().next(position);
    if (entry == nullptr) break;
    std::string_view key = entry->key.as_string();
    if (!entry->value.is_none() && key != "macro" && key != "arguments")
      add_option(words, std::string(key), entry->value);
  }
  add_words(words, find_entry(settings, "arguments"));
  return words;
}

std::vector<std::string> load_words(const Value& settings) {
  std::vector<std::string> words = {"load"};
  add_words(words, find_entry(settings, "pipeline"));
  return words;
}

// What the attempt is told of itself: our environment, .env, PLUMB_…, the task's own.
std::map<std::string, std::string> environment_of(const LaunchFacts& facts) {
  std::map<std::string, std::string> variables = facts.project.environment.all();
  // Ours alone.
  for (const char* own : {"PLUMB_KEY", "PLUMB_ADMIN_PASSWORD"}) variables.erase(own);
  auto text = [](const std::optional<Instant>& instant) { return instant ? format_instant(*instant) : std::string(); };
  variables["PLUMB_PROJECT_DIR"] = std::filesystem::absolute(facts.project.folder).lexically_normal().string();
  variables["PLUMB_WORKFLOW"] = facts.run.workflow;
  variables["PLUMB_RUN_ID"] = facts.run.run_id;
  variables["PLUMB_TASK_ID"] = facts.instance.task;
  variables["PLUMB_MAP_INDEX"] = std::to_string(facts.instance.map_index);
  variables["PLUMB_TRY_NUMBER"] = std::to_string(facts.instance.try_number);
  variables["PLUMB_LOGICAL_DATE"] = text(facts.run.logical_date);
  variables["PLUMB_DATA_INTERVAL_START"] = text(facts.run.interval_start);
  variables["PLUMB_DATA_INTERVAL_END"] = text(facts.run.interval_end);
  variables["PLUMB_VALUES"] = std::filesystem::absolute(values_file(facts.logs, facts.log)).string();
  if (facts.environment.kind() == Kind::Dict) {
    std::size_t position = 0;
    while (const Value::Entry* entry = facts.environment.as_dict().next(position))
      variables[plain(entry->key)] = plain(entry->value);
  }
  return variables;
}

std::filesystem::path folder_of(const LaunchFacts& facts, const Value& settings) {
  std::string folder = text_of(find_entry(settings, "folder"));
  std::filesystem::path base = std::filesystem::absolute(facts.project.folder).lexically_normal();
  return folder.empty() ? base : base / folder;
}

// In the folder that the settings name, or the project's.
run::Launch process(const LaunchFacts& facts, std::vector<std::string> arguments, const Value& settings = {}) {
  run::Launch launch{.arguments = std::move(arguments),
                     .folder = folder_of(facts, settings),
                     .log_file = facts.logs / facts.log,
                     .secrets = facts.secrets,
                     .last_lines = 10,
                     .timeout = facts.task.timeout};
  auto variables = environment_of(facts);
  variables["PWD"] = launch.folder.string();
  for (auto& [name, value] : variables) launch.environment.emplace_back(name, std::move(value));
  return launch;
}

run::Launch shell(const LaunchFacts& facts, const Value& settings) {
  const std::string command = text_of(settings, {"command"});
  run::Launch launch = process(facts, {"bash", "-c", command}, settings);
  auto words = plain_words(command, launch.folder, launch.environment);
  if (!words.empty()) launch.arguments = std::move(words);
  return launch;
}

run::Launch python(const LaunchFacts& facts, const Value& settings) {
  std::string interpreter = text_of(find_entry(settings, "interpreter"));
  std::string code = text_of(find_entry(settings, "code"));
  std::vector<std::string> words = {interpreter.empty() ? "python3" : interpreter};
  // Its output is to be seen as it comes.
  words.push_back("-u");
  if (code.empty()) {
    words.push_back(text_of(settings, {"script"}));
  } else {
    words.insert(words.end(), {"-c", code});
  }
  add_words(words, find_entry(settings, "arguments"));
  return process(facts, std::move(words), settings);
}

// `plumb task KIND`, with its settings as JSON on standard input. What has its own environment elsewhere (another
// machine, a container) is told which variables are the task's.
run::Launch helper(const LaunchFacts& facts, const std::string& kind, Value settings) {
  bool elsewhere = facts.task.kind == TaskKind::Ssh || facts.task.kind == TaskKind::Container;
  if (elsewhere && settings.kind() == Kind::Dict && facts.environment.kind() == Kind::Dict)
    settings.as_dict().set("env", facts.environment);
  run::Launch launch = process(facts, {facts.program, "--project-dir", facts.project.folder.string(), "task", kind});
  launch.input = json_of(settings);
  return launch;
}

engine::Job job(const LaunchFacts& facts, std::vector<std::string> words, const std::string& input = {}) {
  engine::Job job{.arguments = std::move(words),
                  .folder = std::filesystem::absolute(facts.project.folder).lexically_normal(),
                  .environment = environment_of(facts),
                  .input = input,
                  .log_file = std::filesystem::absolute(facts.logs / facts.log),
                  .timeout = facts.task.timeout};
  for (const Secret& secret : facts.secrets) job.masks.push_back(secret.reveal());
  return job;
}

}  // namespace

Value find_entry(const Value& dict, std::string_view key) {
  if (dict.kind() != Kind::Dict) return {};
  const Value* found = dict.as_dict().find(key);
  return found == nullptr ? Value() : *found;
}

std::string text_of(const Value& value, std::initializer_list<std::string_view> keys) {
  if (value.kind() == Kind::Dict) {
    for (std::string_view key : keys) {
      Value entry = find_entry(value, key);
      if (!entry.is_undefined() && !entry.is_none()) return plain(entry);
    }
    return {};
  }
  return value.is_undefined() || value.is_none() ? std::string() : plain(value);
}

std::string log_name(const store::RunRow& run, const store::TaskRow& task, std::string_view event) {
  return format("{}/{}/{}{}-{}{}{}.log", run.workflow, run.run_id, task.task,
                task.map_index < 0 ? "" : format(".{}", task.map_index), std::max(task.try_number, 1),
                event.empty() ? "" : ".", event);
}

std::filesystem::path values_file(const std::filesystem::path& logs, std::string_view log) {
  std::filesystem::path file = logs / log;
  return file.replace_extension(".values");
}

bool done_here(const Task& task) {
  switch (task.kind) {
    case TaskKind::Approve:
    case TaskKind::Workflow:
    case TaskKind::Branch:
    case TaskKind::Nothing:
      return true;
    case TaskKind::Wait:
      return find_entry(task.settings, "http").is_undefined() && find_entry(task.settings, "sql").is_undefined();
    default:
      return false;
  }
}

Carrier start_of(const LaunchFacts& facts, const Value& settings) {
  switch (facts.task.kind) {
    case TaskKind::Load:
      return job(facts, load_words(settings));
    case TaskKind::Dbt:
      return job(facts, dbt_words(facts.task.command, settings));
    case TaskKind::Sql:
      return job(facts, {"task", "sql"}, json_of(settings));
    case TaskKind::QueryCheck:
      return job(facts, {"task", "query-check"}, json_of(settings));
    case TaskKind::Shell:
      return shell(facts, settings);
    case TaskKind::Python:
      return python(facts, settings);
    case TaskKind::Wait:
      return helper(facts, "poke", settings);
    default:
      return helper(facts, std::string(to_string(facts.task.kind)), settings);
  }
}

// A message at once, by an alert of plumb.yml.
run::Launch alert(const LaunchFacts& facts, const std::string& name, std::string_view event) {
  run::Launch launch =
      process(facts, {facts.program, "--project-dir", facts.project.folder.string(), "alert", "send", name});
  bool of_run = facts.instance.task == "_run";
  JsonWriter json;
  json.begin_object();
  json.field("title", format("{}: {}{}", facts.run.workflow, of_run ? "" : facts.instance.task + " ", event));
  json.field("text", format("{}\n{}\n", facts.run.run_id, facts.instance.message)).end_object();
  launch.input = json.take();
  return launch;
}

run::Launch callback_launch(const LaunchFacts& facts, const Value& action, std::string_view event) {
  Value command = find_entry(action, "shell");
  Value told = find_entry(action, "alert");
  run::Launch launch = !told.is_undefined()      ? alert(facts, text_of(told, {}), event)
                       : !command.is_undefined() ? shell(facts, command)
                                                 : helper(facts, "http", find_entry(action, "http"));
  launch.environment.emplace_back("PLUMB_EVENT", std::string(event));
  launch.timeout = std::chrono::minutes(5);
  return launch;
}

engine::Job query_job(const LaunchFacts& facts, const Value& query) {
  engine::Job asked = job(facts, {"query", "--format", "json", text_of(query, {"query"})});
  asked.log_file.clear();
  return asked;
}

}  // namespace plumb::workflow
