#include "workflow/definition_keys.h"

#include <array>
#include <utility>

#include "run/run.h"
#include "workflow/task_keys.h"

namespace plumb::workflow {

namespace {

// A task that is named so in other programs' files.
constexpr std::array<std::pair<std::string_view, std::string_view>, 25> kOtherWords{{
    {"needs", "after"},
    {"depends_on", "after"},
    {"depends", "after"},
    {"upstream", "after"},
    {"bash", "shell"},
    {"bash_command", "shell"},
    {"command", "shell"},
    {"cron", "schedule"},
    {"schedule_interval", "schedule"},
    {"name", "workflow"},
    {"dag", "workflow"},
    {"dag_id", "workflow"},
    {"task_id", "id"},
    {"if", "when"},
    {"condition", "when"},
    {"rule", "trigger_rule"},
    {"execution_timeout", "timeout"},
    {"dagrun_timeout", "timeout"},
    {"priority_weight", "priority"},
    {"pool_slots", "slots"},
    {"max_active_tis_per_dag", "at_once"},
    {"concurrency", "max_active_tasks"},
    {"outlets", "produces"},
    {"inlets", "consumes"},
    {"on_failure_callback", "on-failure"},
}};

std::vector<Key> callback_keys(std::string_view whose) {
  const bool run = whose == "run";
  const Shape action =
      either({of(Form::Text), object({{"shell", rendered(find_task_kind("shell")->settings), "A script of bash."},
                                      {"http", rendered(find_task_kind("http")->settings), "A request."},
                                      {"alert", of(Form::Text), "An alert of plumb.yml."}})});
  const Shape actions = named("actions", one_or_more(action));
  std::vector<Key> keys{
      {"on-failure", actions,
       run ? "What is done when a run has failed." : "What is done when it has failed for good."},
      {"on-success", actions, run ? "What is done when a run has succeeded." : "What is done when it has succeeded."},
      {"on-deadline", actions, "What is done when the deadline has passed."}};
  if (!run) keys.push_back({"on-retry", actions, "What is done when it will be tried again."});
  return keys;
}

void append(std::vector<Key>& keys, std::vector<Key> more) {
  for (Key& key : more) keys.push_back(std::move(key));
}

// Keys of a task that may have a default.
std::vector<Key> default_keys() {
  const auto rules = run::trigger_rule_names();
  std::vector<Key> keys{
      {"retries", whole(0, 10'000), "How often it is tried again when it fails: 1 is two attempts."},
      {"retry_delay", of(Form::Duration), "How long after the end of an attempt the next one begins; 5m."},
      {"retry_backoff", word("backoff", {"constant", "exponential"}),
       "exponential: each delay is twice the one before."},
      {"retry_max_delay", of(Form::Duration), "What an exponential delay is at most; 1d."},
      {"retry_jitter", of(Form::Number), "0.1: each delay is up to a tenth longer or shorter."},
      {"timeout", of(Form::Duration), "How long an attempt may take; then it is ended, and failed."},
      {"deadline", of(Form::Duration), "How long after the run's begin it should be done; then on-deadline tells."},
      {"trigger_rule", word("trigger rule", {rules.begin(), rules.end()}),
       "How the tasks before it must have ended; all_success."},
      {"pool", of(Form::Text), "The pool whose slots it takes; default_pool."},
      {"slots", whole(1, INT32_MAX), "How many slots it takes; 1."},
      {"priority", whole(-1'000'000, 1'000'000),
       "What goes first when slots are short: the higher, with the priorities "
       "of all tasks after it added; 1."},
      {"at_once", whole(1, INT32_MAX), "How many instances may run at once, over all runs."},
      {"depends_on_past", of(Form::Bool), "It waits for its own success in the run before."},
      {"wait_for_downstream", of(Form::Bool), "As depends_on_past, and for the tasks directly after it in that run."},
      {"env", map_of(either({of(Form::Null), rendered(of(Form::Scalar))})), "Environment variables."}};
  append(keys, callback_keys("task"));
  return keys;
}

Shape names() {
  return one_or_more(of(Form::Name));
}

std::vector<Key> task_keys() {
  Shape query_map =
      object({{"over", either({of(Form::Template), list_of(of(Form::Any))}), "A list, or a template that gives one."},
              {"query", of(Form::Template), "A query: one instance for each of its rows."},
              {"connection", of(Form::Template), "Where the query is asked."},
              {"as", of(Form::Name), "What templates call the entry; item."},
              {"at_once", whole(1, INT32_MAX), "How many instances run at once."},
              {"label", of(Form::Template), "What an instance is called."}});
  std::vector<Key> keys{{"id", of(Form::Name), "Its name: letters, digits, \"_\", \"-\", \".\"."},
                        {"description", of(Form::Text), "What it is for."},
                        {"after", names(), "The tasks before it."},
                        {"when", of(Form::Expression), "An expression; the task is skipped when it is false."},
                        {"map", either({of(Form::Template), list_of(of(Form::Any)), std::move(query_map)}),
                         "One instance of the task for each entry of a list."},
                        {"setup", of(Form::Bool), "It prepares what the tasks after it need, up to its teardown."},
                        {"teardown", either({of(Form::Bool), names()}),
                         "It cleans up, however the work went: true, or the setups that it belongs to."},
                        {"values", map_of(of(Form::Any)), "Values that later tasks find under values.TASK.NAME."},
                        {"produces", one_or_more(of(Form::Text)), "The assets that have news when it has succeeded."},
                        {"consumes", one_or_more(of(Form::Text)), "The assets that it reads, for the lineage."},
                        {"owner", of(Form::Text), "Who looks after it."}};
  append(keys, default_keys());
  for (const TaskKindKeys& kind : task_kinds()) keys.push_back({kind.name, kind.settings, kind.description});
  return keys;
}

Shape schedule_shape() {
  const Shape times = one_or_more(of(Form::Text));
  const Shape days = list_of(of(Form::Data));
  return elsewhere(either(
      {of(Form::Null), of(Form::Text), list_of(of(Form::Text)),
       object({{"cron", times, "Cron's five fields, or six with seconds; several of them."},
               {"every", of(Form::Duration), "An interval."},
               {"anchor", of(Form::Date), "Where the intervals are counted from."},
               {"once", of(Form::Date), "A moment."},
               {"assets", of(Form::Data), "Assets that must have news: a list (all), {any: […]}, {all: […]}."},
               {"timezone", of(Form::Text), "In place of the workflow's."},
               {"interval", word("interval", {"start", "end"}), "Which end of its data interval names a run."},
               {"jitter", of(Form::Duration), "Runs begin up to so much later, each workflow at another moment."},
               {"calendar", of(Form::Data), "A calendar of plumb.yml: no runs on its days of rest."},
               {"exclude", days, "Days without a run."}})}));
}

std::vector<Key> run_keys() {
  return {{"catchup", of(Form::Bool), "Whether runs that were missed since start_date are made; false."},
          {"max_active_runs", whole(1, INT32_MAX), "How many runs may be at work at once; 16."},
          {"max_active_tasks", whole(1, INT32_MAX), "How many tasks of a run may be at work at once; 8."},
          {"paused", of(Form::Bool), "Whether it is paused when it is seen first; false."},
          {"owner", of(Form::Text), "Who looks after it."}};
}

std::vector<Key> workflow_keys() {
  Shape listed = task_shape();
  listed.required_here = {"id"};
  const Shape tasks = either({list_of(std::move(listed)), map_of(task_shape())});
  std::vector<Key> keys{
      {"workflow", of(Form::Name), "Its name: letters, digits, \"_\", \"-\", \".\".", true},
      {"tasks", tasks, "What is done: a list, or a map of ids to tasks.", true},
      {"description", of(Form::Text), "What it is for."},
      {"schedule", schedule_shape(), "When it runs; by hand when left out."},
      {"timezone", of(Form::Text), "The zone of the schedule; that of plumb.yml when left out."},
      {"start_date", of(Form::Date), "No run before."},
      {"end_date", of(Form::Date), "No run after."},
      {"timeout", of(Form::Duration), "How long a run may take; then it is ended, and failed."},
      {"deadline", of(Form::Duration), "How long a run should take; then on-deadline tells."},
      {"params", map_of(param_shape()), "What a run may be given: a default, or {type, default, …}."},
      {"defaults", task_defaults_shape(), "What holds for all tasks that do not say otherwise."},
      {"env", map_of(either({of(Form::Null), rendered(of(Form::Scalar))})), "Environment variables of all tasks."},
      {"tags", one_or_more(of(Form::Text)), "Words to find it by."},
      {"group", of(Form::Text), "What it stands under in lists."}};
  append(keys, run_keys());
  append(keys, callback_keys("run"));
  return keys;
}

}  // namespace

const Shape& workflow_shape() {
  static const Shape kShape = object(workflow_keys());
  return kShape;
}

const Shape& task_shape() {
  static const Shape kShape = [] {
    Shape task = named("task", object(task_keys()));
    for (const TaskKindKeys& kind : task_kinds()) task.one_of.push_back(kind.name);
    return task;
  }();
  return kShape;
}

const Shape& param_shape() {
  static const Shape kShape = named(
      "param",
      either({object({{"type",
                       word("type", {"string", "integer", "number", "boolean", "array", "object", "date", "datetime"}),
                       "Of what type it is; that of the default."},
                      {"default", of(Form::Data), "What it is unless given; without one it must be given."},
                      {"description", of(Form::Text), "What it is for."},
                      {"nullable", of(Form::Bool), "Whether it may be null."},
                      {"enum", list_of(of(Form::Data)), "What it may be."},
                      {"minimum", of(Form::Number), "What it is at least."},
                      {"maximum", of(Form::Number), "What it is at most."},
                      {"min_length", whole(0, INT32_MAX), "How long it is at least."},
                      {"max_length", whole(0, INT32_MAX), "How long it is at most."},
                      {"pattern", of(Form::Text), "A regular expression that is found in it."}}),
              of(Form::Data)}));
  return kShape;
}

const Shape& task_defaults_shape() {
  static const Shape kShape = object(default_keys());
  return kShape;
}

const Shape& project_defaults_shape() {
  static const Shape kShape = [] {
    auto keys = default_keys();
    append(keys, run_keys());
    keys.push_back({"start_date", of(Form::Date), "No run before."});
    return object(std::move(keys));
  }();
  return kShape;
}

const Shape& pools_shape() {
  static const Shape kShape = map_of(
      either({whole(0, INT32_MAX),
              object({{"slots", whole(0, INT32_MAX), "How many tasks, or slots of tasks, may run at once.", true},
                      {"description", of(Form::Text), "What it is for."},
                      {"include_deferred", of(Form::Bool), "Whether tasks that wait take slots; false."}})}));
  return kShape;
}

const Shape& retention_shape() {
  static const Shape kShape = object({{"history", of(Form::Duration), "How long runs are remembered after their end."},
                                      {"logs", of(Form::Duration), "How long the logs of attempts are kept."}});
  return kShape;
}

std::string_view find_other_word(std::string_view key) {
  for (const auto& [other, ours] : kOtherWords) {
    if (other == key) return ours;
  }
  return {};
}

}  // namespace plumb::workflow
