// A workflow as its file says it: workflows/NAME.yml, read and checked, every fault with its place.
//
//     Definitions definitions = load_definitions(project);         // all files; a faulty one is an entry in `faults`
//     const Workflow& morning = *definitions.find("morning");
//
// Values in it stay templates: a task's settings are rendered when it starts (render.h), with the run's dates, params
// and values. A Workflow never changes once read and may be shared; a run keeps the one it began with.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/zone.h"
#include "config/config.h"
#include "jinja/jinja.h"
#include "run/run.h"
#include "workflow/timetable.h"

namespace plumb::workflow {

enum class TaskKind {
  Load,        // load: bank
  Dbt,         // build: {select: …}, run:, test:, seed:, snapshot:, …: every dbt command
  Sql,         // sql: statements on a connection
  QueryCheck,  // query-check: rows that must (not) be there
  Shell,       // shell: bash
  Python,      // python: a script, its own interpreter
  Http,
  Ssh,
  Container,
  Wait,      // wait: for a file, an answer, rows, an asset, a time
  Approve,   // approve: a person says go on
  Workflow,  // workflow: a run of another one
  Branch,    // branch: an expression that names the tasks to go on with
  Nothing,   // nothing: a joint in the graph
};
std::string_view to_string(TaskKind kind);  // "query-check"

struct Retries {
  int retries = 0;  // attempts beyond the first
  std::chrono::milliseconds delay{std::chrono::minutes(5)};
  bool exponential = false;
  std::chrono::milliseconds longest_delay{std::chrono::hours(24)};
  double jitter = 0;  // 0.1: up to a tenth more or less
};

// What is done when something happens: a command line of bash, a webhook, or an alert by name. Rendered like a task.
struct Callback {
  jinja::Value action;  // {shell: …} | {http: …} | {alert: …}
  Place place;
};
struct Callbacks {
  std::vector<Callback> on_failure, on_retry, on_success, on_deadline;
};

// One instance of the task for each entry.
struct Map {
  jinja::Value over;  // a list, a template that gives one, or {query: …, connection: …}
  std::string as = "item";
  int at_once = 0;    // 0: as many as the workflow allows
  std::string label;  // a template that names an instance
};

struct Task {
  std::string id;
  TaskKind kind = TaskKind::Nothing;
  std::string command;    // of Dbt: "build"
  jinja::Value settings;  // what stands under the kind's key
  std::string description;
  std::vector<std::string> after;
  run::TriggerRule rule = run::TriggerRule::AllSuccess;
  std::string when;  // an expression; false: skipped
  bool setup = false, teardown = false;
  std::vector<std::string> teardown_of;
  std::optional<Map> map;
  Retries retries;
  std::optional<std::chrono::milliseconds> timeout;   // of one attempt
  std::optional<std::chrono::milliseconds> deadline;  // since the run's begin; passing it tells, and ends nothing
  std::string pool = "default_pool";
  int slots = 1;
  int priority = 1;        // the task's own
  int total_priority = 1;  // with those of all tasks after it, as Airflow's "downstream"
  int at_once = 0;         // instances of the task over all runs; 0: no limit
  bool depends_on_past = false;
  bool wait_for_downstream = false;
  std::map<std::string, jinja::Value> environment;  // env:
  jinja::Value values;                              // values: {name: template}, kept when it has succeeded
  std::vector<std::string> produces;                // assets
  std::vector<std::string> consumes;
  Callbacks callbacks;
  Place place;
};

struct Param {
  std::string name;
  std::string type = "string";  // string, integer, number, boolean, array, object, date, datetime
  jinja::Value fallback;        // undefined: must be given
  std::string description;
  jinja::Value schema;  // enum, minimum, maximum, pattern, min_length, …
};

// Another workflow that a task starts, where it is named: it may stand in a file that is not read yet.
struct WorkflowReference {
  std::string name;
  Place place;
};

struct Workflow {
  std::string name;
  std::string file;  // relative to the project's folder
  std::string text;  // as it stood
  std::string hash;
  std::string description, owner, group;
  std::vector<std::string> tags;
  std::shared_ptr<const Timetable> timetable;
  Zone zone;
  std::optional<Instant> start_date, end_date;
  bool catchup = false;
  int max_active_runs = 16;
  int max_active_tasks = 8;                           // at once, of a run
  bool paused = false;                                // when it is seen first
  std::optional<std::chrono::milliseconds> timeout;   // of a run
  std::optional<std::chrono::milliseconds> deadline;  // of a run: passing it tells
  std::vector<Param> params;
  std::vector<Task> tasks;
  std::shared_ptr<const run::Graph> graph;  // tasks in the same order
  std::vector<WorkflowReference> starts;    // by its tasks, where they name them plainly
  Callbacks callbacks;                      // of runs
  Place place;

  const Task* find_task(std::string_view id) const;
  // Its assets: those that its tasks declare, and what their loads and models write (found where that is known).
  std::vector<std::string> produces() const;
};

struct Pool {
  int slots = 128;
  std::string description;
  bool include_deferred = false;
};

// How history goes: runs that ended longer ago, and logs.
struct Retention {
  std::optional<std::chrono::hours> history, logs;
};

// The workflow parts of plumb.yml and all of workflows/*.yml.
struct Definitions {
  std::map<std::string, std::shared_ptr<const Workflow>, std::less<>> workflows;
  std::vector<Error> faults;          // of files that could not be taken: with their places
  std::map<std::string, Pool> pools;  // default_pool is always there
  Retention retention;
  std::map<std::string, std::vector<std::string>, std::less<>> pipelines;  // the tables that each writes

  std::shared_ptr<const Workflow> find(std::string_view name) const;
};

// A file whose text is what it was is not read again: its workflow is the very one that `before` has, which must be of
// the same project.
Definitions load_definitions(const config::Project& project, const Definitions& before = {});
// One text, for tests and `plumb workflows check`. Throws Error(Config) for the first fault.
std::shared_ptr<const Workflow> parse_workflow(std::string text, const std::string& file,
                                               const config::Project& project);
// The JSON Schema (draft 2020-12) of a workflow's file, for editors; made of the same tables that the reader uses.
std::string workflow_schema();

// The params of a run: what was given over the defaults, checked. Throws Error(Usage) that names the param.
jinja::Value check_params(const Workflow& workflow, const jinja::Value& given);

}  // namespace plumb::workflow
