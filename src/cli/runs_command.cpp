#include "base/document.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/text_table.h"
#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

std::string shown(const std::optional<Instant>& instant) {
  return instant ? format_instant(std::chrono::floor<std::chrono::seconds>(*instant)) : "-";
}

std::string took(const std::optional<Instant>& from, const std::optional<Instant>& to) {
  if (!from || !to) return "-";
  return format("{:.1f} s", std::chrono::duration<double>(*to - *from).count());
}

void write_run(JsonWriter& json, const store::RunRow& run) {
  json.begin_object().field("workflow", run.workflow).field("run_id", run.run_id);
  json.field("state", run::to_string(run.state)).field("type", to_string(run.type));
  json.field("logical_date", shown(run.logical_date)).field("started_at", shown(run.started_at));
  json.field("ended_at", shown(run.ended_at)).field("note", run.note);
}

int list(Context& context, Platform& platform, const RunsArguments& arguments) {
  store::RunFilter filter{.workflow = arguments.workflow};
  for (const std::string& name : arguments.states) {
    auto state = run::find_run_state(name);
    if (!state) {
      throw Error(ErrorKind::Usage, format("--state: '{}' is no state of a run", name),
                  {.hint = "queued, running, success, failed"});
    }
    filter.states.push_back(*state);
  }
  auto page = platform.reader()->runs(filter, {.limit = arguments.limit});
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::RunRow& run : page.rows) {
    rows.push_back({run.workflow, run.run_id, std::string(run::to_string(run.state)), shown(run.started_at),
                    took(run.started_at, run.ended_at)});
    write_run(json, run);
    json.end_object();
  }
  context.terminal.print(context.json ? json.end_array().take() + "\n"
                                      : text_table({"workflow", "run", "state", "started", "took"}, rows));
  return 0;
}

int show(Context& context, Platform& platform, const store::RunRow& run) {
  auto tasks = platform.reader()->tasks_of(run.id);
  JsonWriter json;
  write_run(json, run);
  json.key("tasks").begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::TaskRow& task : tasks) {
    std::string name = task.map_index < 0 ? task.task : format("{}[{}]", task.task, task.map_index);
    rows.push_back({name, std::string(run::to_string(task.state)), std::to_string(task.try_number),
                    shown(task.started_at), took(task.started_at, task.ended_at), task.message});
    json.begin_object().field("task", task.task).field("map_index", task.map_index);
    json.field("state", run::to_string(task.state)).field("try_number", task.try_number).field("kind", task.kind);
    json.field("started_at", shown(task.started_at)).field("ended_at", shown(task.ended_at));
    json.field("message", task.message).end_object();
  }
  json.end_array().end_object();
  if (context.json) {
    context.terminal.print(json.take() + "\n");
    return 0;
  }
  context.terminal.print(format("{} {}: {}\n\n", run.workflow, run.run_id, run::to_string(run.state)) +
                         text_table({"task", "state", "try", "started", "took", "message"}, rows));
  return 0;
}

workflow::TaskChoice choice_of(const RunsArguments& arguments, const store::RunRow& run) {
  workflow::TaskChoice choice{.workflow = run.workflow,
                              .run_id = run.run_id,
                              .only_failed = arguments.only_failed,
                              .upstream = arguments.upstream,
                              .downstream = arguments.downstream};
  for (const std::string& task : arguments.tasks) choice.tasks.emplace_back(task, std::nullopt);
  return choice;
}

int tell_tasks(Context& context, Platform& platform, std::string_view what,
               const std::vector<store::TaskOfRun>& tasks) {
  if (tasks.empty()) context.terminal.say("no task fits");
  for (const store::TaskOfRun& one : tasks) {
    std::string name = one.task.map_index < 0 ? one.task.task : format("{}[{}]", one.task.task, one.task.map_index);
    context.terminal.print(format("{} {}\n", name, what));
  }
  if (!tasks.empty() && !context.dry_run && !platform.served() && what == "cleared")
    context.terminal.say("no server is at work here: they will run when one starts");
  return 0;
}

// The task that waits for a person: the one that was named, or the only one.
int approve(Context& context, Platform& platform, const RunsArguments& arguments, const store::RunRow& run) {
  std::vector<store::TaskRow> waiting;
  for (store::TaskRow& task : platform.reader()->tasks_of(run.id)) {
    const bool waits =
        task.state == run::TaskState::Deferred && (task.waiting_for == "approval" || task.waiting_for == "sign-in");
    const bool named = arguments.tasks.empty() || arguments.tasks[0] == task.task;
    const bool index = arguments.map_index < 0 || arguments.map_index == task.map_index;
    if (waits && named && index) waiting.push_back(std::move(task));
  }
  if (waiting.empty()) throw Error(ErrorKind::NotFound, "no task of that run waits for a person");
  if (waiting.size() > 1)
    throw Error(ErrorKind::Usage, "several tasks wait for a person", {.hint = "name one with --task"});
  platform.operations().approve(run.workflow, run.run_id, waiting[0].task, waiting[0].map_index, !arguments.reject,
                                arguments.note, "cli");
  context.terminal.print(format("{} {}\n", waiting[0].task, arguments.reject ? "rejected" : "approved"));
  return 0;
}

}  // namespace

int runs_command(Context& context, const RunsArguments& arguments) {
  Platform platform(context);
  if (arguments.action == "list") return list(context, platform, arguments);
  const store::RunRow run = platform.get_run(arguments.workflow, arguments.run_id);
  if (arguments.action == "show") return show(context, platform, run);
  workflow::Operations& operations = platform.operations();
  if (arguments.action == "clear") {
    return tell_tasks(context, platform, "cleared",
                      operations.clear(choice_of(arguments, run), context.dry_run, arguments.newest, "cli"));
  }
  if (arguments.action == "retry") {
    workflow::TaskChoice choice = choice_of(arguments, run);
    choice.only_failed = arguments.tasks.empty();
    choice.downstream = true;
    return tell_tasks(context, platform, "cleared", operations.clear(choice, context.dry_run, false, "cli"));
  }
  if (arguments.action == "mark") {
    if (arguments.tasks.empty() && !context.dry_run) {
      if (arguments.state == "skipped") throw Error(ErrorKind::Usage, "a whole run can't be skipped; name tasks");
      operations.mark_run(run.workflow, run.run_id, *run::find_run_state(arguments.state), "cli");
      context.terminal.print(format("{} marked as {}\n", run.run_id, arguments.state));
      return 0;
    }
    return tell_tasks(
        context, platform, "marked as " + arguments.state,
        operations.mark(choice_of(arguments, run), *run::find_task_state(arguments.state), context.dry_run, "cli"));
  }
  if (arguments.action == "approve") return approve(context, platform, arguments, run);
  if (arguments.action == "cancel") {
    operations.cancel(run.workflow, run.run_id, "cli");
    context.terminal.print(format("{} cancelled\n", run.run_id));
  } else {
    operations.remove_run(run.workflow, run.run_id, "cli");
    context.terminal.print(format("{} deleted\n", run.run_id));
  }
  return 0;
}

}  // namespace plumb::cli
