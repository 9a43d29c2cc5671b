#include "base/document.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/text_table.h"
#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

// In the platform's zone, to the second.
std::string local(const std::optional<Instant>& instant, const Zone& zone) {
  if (!instant) return "-";
  auto second = std::chrono::floor<std::chrono::seconds>(zone.to_local(*instant));
  std::string text = format_instant(Instant(second.time_since_epoch()));
  text[10] = ' ';
  text.pop_back();
  return text;
}

int list(Context& context, Platform& platform) {
  const auto known = platform.operations().definitions();
  auto reader = platform.reader();
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, workflow] : known->workflows) {
    auto row = reader->find_workflow(name);
    auto last = reader->runs({.workflow = name}, {.limit = 1}).rows;
    const bool paused = row ? row->paused : workflow->paused;
    const std::string state = last.empty() ? "-" : std::string(run::to_string(last[0].state));
    const std::optional<Instant> when = last.empty() ? std::nullopt : std::optional(last[0].run_after);
    const std::optional<Instant> next = row && !paused ? row->next_run_after : std::nullopt;
    rows.push_back({name, paused ? "paused" : workflow->timetable->describe(), state,
                    local(when, platform.project().zone), local(next, platform.project().zone)});
    json.begin_object().field("workflow", name).field("file", workflow->file).field("paused", paused);
    json.field("schedule", workflow->timetable->summary()).field("description", workflow->timetable->describe());
    json.field("last_state", state).key("last_run");
    when ? json.text(format_instant(*when)) : json.null();
    json.key("next_run");
    next ? json.text(format_instant(*next)) : json.null();
    json.end_object();
  }
  if (context.json) {
    context.terminal.print(json.end_array().take() + "\n");
  } else {
    context.terminal.print(text_table({"workflow", "schedule", "last", "at", "next"}, rows));
  }
  for (const Error& fault : known->faults) context.terminal.say(fault);
  return known->faults.empty() ? 0 : 2;
}

int show(Context& context, Platform& platform, const std::string& name) {
  auto workflow = platform.operations().definitions()->find(name);
  if (!workflow) throw Error(ErrorKind::NotFound, format("there is no workflow '{}'", name));
  std::string text = format("{}  {}\n", name, workflow->file);
  if (!workflow->description.empty()) text += workflow->description + "\n";
  text += workflow->timetable->describe() + "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (std::size_t index : workflow->graph->order()) {
    const workflow::Task& task = workflow->tasks[index];
    std::string kind = task.kind == workflow::TaskKind::Dbt ? task.command : std::string(to_string(task.kind));
    rows.push_back({task.id, kind, format("{}", fmt::join(task.after, ", ")), std::string(run::to_string(task.rule)),
                    std::to_string(task.retries.retries)});
  }
  text += text_table({"task", "kind", "after", "rule", "retries"}, rows);
  context.terminal.print(text);
  return 0;
}

int trigger(Context& context, Platform& platform, const StartArguments& arguments) {
  auto definition = platform.operations().definitions()->find(arguments.workflow);
  workflow::Trigger wanted{.workflow = arguments.workflow,
                           .run_id = arguments.run_id,
                           .params = read_params(arguments.params, arguments.params_json),
                           .note = arguments.note,
                           .by = "cli"};
  if (!arguments.logical_date.empty()) {
    wanted.logical_date =
        read_instant("--logical-date", arguments.logical_date, definition ? definition->zone : platform.project().zone);
  }
  const store::RunRow run = platform.operations().trigger(wanted);
  context.terminal.print(run.run_id + "\n");
  if (!platform.served()) context.terminal.say("no server is at work here: it will run when one starts");
  return 0;
}

}  // namespace

int workflows_command(Context& context, const WorkflowsArguments& arguments) {
  if (arguments.action == "check") return check_workflows(context, arguments.names);
  if (arguments.action == "schema") {
    context.terminal.print(workflow::workflow_schema() + "\n");
    return 0;
  }
  Platform platform(context);
  if (arguments.action == "list") return list(context, platform);
  if (arguments.action == "show") return show(context, platform, arguments.names.at(0));
  if (arguments.action == "trigger") return trigger(context, platform, arguments.trigger);
  const bool pause = arguments.action == "pause";
  for (const std::string& name : arguments.names) {
    platform.operations().set_paused(name, pause, "cli");
    context.terminal.print(format("{} {}\n", name, pause ? "is paused" : "runs by its schedule"));
  }
  return 0;
}

}  // namespace plumb::cli
