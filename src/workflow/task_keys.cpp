#include "workflow/task_keys.h"

#include <algorithm>

namespace plumb::workflow {

namespace {

// A map of these keys, or what its short form looks like.
Shape settings(std::vector<Shape> short_forms, std::vector<Key> keys) {
  if (short_forms.empty()) return rendered(object(std::move(keys)));
  short_forms.push_back(object(std::move(keys)));
  return rendered(either(std::move(short_forms)));
}

Shape text() {
  return of(Form::Template);
}
Shape scalar() {
  return of(Form::Scalar);
}
Shape flag() {
  return of(Form::Bool);
}
Shape number() {
  return of(Form::Number);
}
Shape duration() {
  return of(Form::Duration);
}
Shape port() {
  return whole(1, 65535);
}
Shape texts() {
  return one_or_more(scalar());
}
Shape named_scalars() {
  return map_of(either({of(Form::Null), scalar()}));
}
Shape nothing() {
  return of(Form::Null);
}

constexpr std::string_view kConnection = "A connection of plumb.yml.";
constexpr std::string_view kFolder = "Where it runs; the project's folder unless said otherwise.";

TaskKindKeys load_kind() {
  return {TaskKind::Load, "load", "pipeline",
          settings({texts()}, {{"pipeline", texts(), "The pipeline, or several: their files in pipelines/.", true}}),
          "Loads a pipeline, as `plumb load` does."};
}

std::vector<Key> dbt_keys() {
  return {{"target", text(), "Which of the profile's outputs."},
          {"profile", text(), "Which profile, in place of dbt_project.yml's."},
          {"profiles_dir", text(), "Where profiles.yml is."},
          {"project_dir", text(), "The dbt project's folder, when it is not the project's."},
          {"vars", map_of(of(Form::Any)), "Variables of the dbt project."},
          {"threads", whole(1, 1024), "How many models run at once."},
          {"warn_error", flag(), "Warnings are errors."},
          {"arguments", list_of(scalar()), "Further words of the command line, as they are."}};
}

std::vector<Key> with(std::vector<Key> keys, std::vector<Key> more) {
  for (Key& key : more) keys.push_back(std::move(key));
  return keys;
}

std::vector<Key> selection_keys() {
  return with({{"select", texts(), "dbt's selection: \"tag:daily+ path:models/marts\"."},
               {"exclude", texts(), "What to leave out."},
               {"selector", text(), "A selection of selectors.yml."},
               {"resource_type", texts(), "Only these: model, test, seed, snapshot, …"},
               {"exclude_resource_type", texts(), "All but these."},
               {"fail_fast", flag(), "Stop at the first failure."},
               {"full_refresh", flag(), "Build incremental models and seeds anew."},
               {"defer", flag(), "Read what was not built here from the state's tables."},
               {"state", text(), "A folder with the artifacts of another run."},
               {"store_failures", flag(), "Keep the rows that fail tests."},
               {"event_time_start", text(), "Microbatches from this time on."},
               {"event_time_end", text(), "Microbatches up to this time."}},
              dbt_keys());
}

void add_dbt_kinds(std::vector<TaskKindKeys>& kinds) {
  struct Command {
    std::string_view name, description;
  };
  constexpr Command kSelecting[] = {
      {"build", "Builds seeds, models and snapshots, and tests each before what reads it, as `dbt build` does."},
      {"run", "Builds models, as `dbt run` does."},
      {"test", "Runs tests, as `dbt test` does."},
      {"seed", "Loads CSV files, as `dbt seed` does."},
      {"snapshot", "Keeps what changed since the last snapshot, as `dbt snapshot` does."},
      {"compile", "Writes compiled SQL, as `dbt compile` does."},
      {"source-freshness", "Looks how old the newest rows of sources are, as `dbt source freshness` does."},
      {"docs-generate", "Writes catalog.json and manifest.json, as `dbt docs generate` does."},
      {"clone", "Makes this target's tables of another environment's, as `dbt clone` does."},
      {"ls", "Lists what a selection chooses, as `dbt ls` does."},
  };
  for (const auto& [name, description] : kSelecting) {
    kinds.push_back({TaskKind::Dbt, name, "select", settings({nothing(), texts()}, selection_keys()), description});
  }
  kinds.push_back({TaskKind::Dbt, "run-operation", "macro",
                   settings({text()}, with({{"macro", text(), "The macro, or package.macro.", true},
                                            {"args", map_of(of(Form::Any)), "Its arguments."}},
                                           dbt_keys())),
                   "Calls a macro, as `dbt run-operation` does."});
  constexpr Command kOthers[] = {{"deps", "Installs packages, as `dbt deps` does."},
                                 {"parse", "Reads the dbt project, as `dbt parse` does."},
                                 {"clean", "Removes the folders of clean-targets, as `dbt clean` does."},
                                 {"retry", "Runs again what did not succeed, as `dbt retry` does."}};
  for (const auto& [name, description] : kOthers) {
    kinds.push_back({TaskKind::Dbt, name, "", settings({nothing()}, dbt_keys()), description});
  }
}

TaskKindKeys sql_kind() {
  return {TaskKind::Sql, "sql", "statement",
          settings({texts()}, {{"connection", text(), kConnection},
                               {"statement", texts(), "SQL: one text, or a list of statements."},
                               {"file", text(), "A file with SQL, a template as well; in place of `statement`."},
                               {"transaction", flag(), "All or nothing; true unless said otherwise."}}),
          "Runs SQL statements on a connection."};
}

TaskKindKeys query_check_kind() {
  return {TaskKind::QueryCheck, "query-check", "query",
          settings({text()}, {{"connection", text(), kConnection},
                              {"query", text(),
                               "A query. Unless something else is expected, every value of its first "
                               "row has to be true."},
                              {"file", text(), "A file with the query, in place of `query`."},
                              {"expect", word("expectation", {"true", "rows", "no rows"}),
                               "true: the first row's values are; rows: there are some; no rows: there is none."},
                              {"equals", scalar(), "What the first value has to be."},
                              {"at_least", number(), "What the first value has to be at least."},
                              {"at_most", number(), "What the first value may be at most."}}),
          "Fails unless a query's answer is as expected."};
}

TaskKindKeys shell_kind() {
  return {TaskKind::Shell, "shell", "command",
          settings({text()}, {{"command", text(), "A script for bash.", true},
                              {"folder", text(), kFolder},
                              {"skip_on_exit_code", one_or_more(whole(1, 255)),
                               "Exit codes that mean \"skipped\"; 99 unless said otherwise."}}),
          "Runs a script of bash. Exit code 99 means skipped."};
}

TaskKindKeys python_kind() {
  return {TaskKind::Python, "python", "script",
          settings({text()}, {{"script", text(), "The script's file."},
                              {"code", text(), "Python itself, in place of `script`."},
                              {"arguments", list_of(scalar()), "What the script finds in sys.argv."},
                              {"interpreter", text(), "The interpreter; python3 unless said otherwise."},
                              {"folder", text(), kFolder},
                              {"skip_on_exit_code", one_or_more(whole(1, 255)), "Exit codes that mean \"skipped\"."}}),
          "Runs a Python script in an interpreter of its own."};
}

std::vector<Key> http_keys() {
  return {{"url", text(), "Where to.", true},
          {"method", word("method", {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}),
           "GET; POST when there is a body."},
          {"headers", named_scalars(), "Headers by name."},
          {"params", named_scalars(), "What is added to the URL after the question mark."},
          {"json", of(Form::Any), "The body, sent as JSON."},
          {"form", named_scalars(), "The body, sent as a form."},
          {"body", text(), "The body as it is."},
          {"user", text(), "For basic authentication."},
          {"password", text(), "For basic authentication."},
          {"token", text(), "For a bearer's Authorization header."},
          {"status", one_or_more(whole(100, 599)), "Which answers are right; 200 to 299 unless said otherwise."},
          {"contains", text(), "What the answer's text has to contain."},
          {"expect", map_of(of(Form::Any)), "JSON pointers (\"/data/state\") and what has to stand there."},
          {"timeout", duration(), "How long to wait for the answer; 60s unless said otherwise."},
          {"value", text(), "The name under which the answer is kept as a value; `answer` unless said otherwise."},
          {"save", text(), "A file that the answer is written to."}};
}

TaskKindKeys http_kind() {
  return {TaskKind::Http, "http", "url", settings({text()}, http_keys()), "Makes a request."};
}

TaskKindKeys ssh_kind() {
  return {TaskKind::Ssh, "ssh", "",
          settings({}, {{"connection", text(), "A connection of plumb.yml of type ssh, in place of the keys below."},
                        {"host", text(), "The machine."},
                        {"port", port(), "22 unless said otherwise."},
                        {"user", text(), "Who to be there."},
                        {"password", text(), "A password; better is a key."},
                        {"key_file", text(), "A private key; an agent's and the usual ones unless said otherwise."},
                        {"passphrase", text(), "Of the key's file."},
                        {"agent", flag(), "Whether to ask the agent for keys."},
                        {"known_hosts", text(), "A file of host keys; ~/.ssh/known_hosts unless said otherwise."},
                        {"fingerprint", text(), "The host key's, SHA256:…, in place of `known_hosts`."},
                        {"command", text(), "What is run there.", true},
                        {"connect_timeout", duration(), "10s unless said otherwise."},
                        {"keepalive", duration(), "How often to ask whether the other side is there; 30s."}}),
          "Runs a command on another machine."};
}

TaskKindKeys container_kind() {
  return {TaskKind::Container, "container", "image",
          settings({text()}, {{"image", text(), "The image.", true},
                              {"command", one_or_more(scalar()), "The command in it: a text, or a list of words."},
                              {"entrypoint", text(), "In place of the image's."},
                              {"engine", word("container engine", {"docker", "podman"}),
                               "Which program; docker, else podman, unless said otherwise."},
                              {"volumes", texts(), "\"/here:/there:ro\", as docker's --volume."},
                              {"network", text(), "As docker's --network."},
                              {"user", text(), "Who to be in it."},
                              {"workdir", text(), "Where its command runs."},
                              {"pull", word("pull policy", {"always", "missing", "never"}), "When to fetch the image."},
                              {"memory", text(), "\"512m\", as docker's --memory."},
                              {"cpus", number(), "As docker's --cpus."},
                              {"platform", text(), "\"linux/arm64\", as docker's --platform."},
                              {"options", list_of(scalar()), "Further options of docker's or podman's `run`."}}),
          "Runs a container by the command line of docker or podman."};
}

Key every() {
  return {"every", duration(), "How often to look; 30s unless said otherwise."};
}

TaskKindKeys wait_kind() {
  Shape file = either({text(), object({{"path", text(), "A file or a pattern: data/*.csv.", true},
                                       {"older_than", duration(), "Unchanged for so long."},
                                       {"at_least", whole(0, INT64_MAX), "Bytes."}})});
  Shape query = either({text(), object({{"query", text(), "A query whose first value has to be true.", true},
                                        {"connection", text(), kConnection}})});
  Shape asset = either({text(), object({{"name", text(), "The asset.", true},
                                        {"since", text(),
                                         "News after this time; the run's begin unless said "
                                         "otherwise."}})});
  return {TaskKind::Wait, "wait", "time",
          settings({scalar()}, {{"time", scalar(), "A time of the day (\"14:30\"), a moment, or how long (\"10m\")."},
                                {"file", file, "A file that has to be there."},
                                {"http", either({text(), object(http_keys())}), "A request that has to succeed."},
                                {"sql", query, "A query whose answer has to be true."},
                                {"asset", asset, "An asset that has to have news."},
                                every(),
                                {"timeout", duration(), "How long to wait at most; a day unless said otherwise."},
                                {"skip_on_timeout", flag(), "Then the task is skipped rather than failed."}}),
          "Waits for a time, a file, an answer, rows or an asset."};
}

TaskKindKeys approve_kind() {
  return {TaskKind::Approve, "approve", "message",
          settings({nothing(), text()},
                   {{"message", text(), "What the person is asked."},
                    {"by", texts(), "Who may answer: names of users; any operator unless said otherwise."},
                    {"timeout", duration(), "How long to wait at most; for ever unless said otherwise."},
                    {"otherwise", word("outcome", {"fail", "skip", "go on"}),
                     "What a refusal, or no answer in time, means; fail unless said otherwise."}}),
          "Waits until a person says go on."};
}

TaskKindKeys workflow_kind() {
  return {TaskKind::Workflow, "workflow", "name",
          settings({text()}, {{"name", text(), "The workflow.", true},
                              {"params", map_of(of(Form::Any)), "Its params."},
                              {"logical_date", text(), "Its logical date; this run's moment unless said otherwise."},
                              {"wait", flag(), "Whether to wait for its end, and share its fate; true."}}),
          "Starts a run of another workflow, and waits for its end."};
}

std::vector<TaskKindKeys> make_kinds() {
  std::vector<TaskKindKeys> kinds{load_kind()};
  add_dbt_kinds(kinds);
  for (auto make : {sql_kind, query_check_kind, shell_kind, python_kind, http_kind, ssh_kind, container_kind, wait_kind,
                    approve_kind, workflow_kind})
    kinds.push_back(make());
  kinds.push_back(
      {TaskKind::Branch, "branch", "choose",
       rendered(
           either({of(Form::Expression),
                   object({{"choose", of(Form::Expression),
                            "An expression that gives the id of a task after this one, or a list of them.", true}})})),
       "Chooses which of the tasks directly after it go on; the others are skipped."});
  kinds.push_back({TaskKind::Nothing, "nothing", "", settings({nothing()}, {}), "Does nothing: a joint in the graph."});
  return kinds;
}

}  // namespace

const std::vector<TaskKindKeys>& task_kinds() {
  static const std::vector<TaskKindKeys> kKinds = make_kinds();
  return kKinds;
}

const TaskKindKeys* find_task_kind(std::string_view name) {
  const auto& kinds = task_kinds();
  auto found = std::find_if(kinds.begin(), kinds.end(), [&](const TaskKindKeys& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

jinja::Value settings_of(const TaskKindKeys& kind, const Node& node) {
  if (node.null()) return jinja::Value::dict();
  if (node.kind() == NodeKind::Map) return jinja::to_value(node);
  return jinja::Value::dict({{kind.short_key, jinja::to_value(node)}});
}

}  // namespace plumb::workflow
