#include <algorithm>

#include "base/document.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/workflow_commands.h"
#include "run/run.h"

namespace plumb::cli {

namespace {

constexpr std::size_t kLastLines = 12;

std::string seconds_between(const std::optional<Instant>& from, const std::optional<Instant>& to) {
  if (!from || !to) return {};
  return format("{:.1f} s", std::chrono::duration<double>(*to - *from).count());
}

std::string name_of(const store::TaskRow& task) {
  return task.map_index < 0 ? task.task : format("{}[{}]", task.task, task.map_index);
}

// A line when a task ends, and the last words of one that failed.
void tell_attempt(Context& context, const workflow::Scheduler& scheduler, const workflow::Change& change) {
  const store::TaskRow& task = *change.task;
  const store::AttemptRow* attempt = change.attempt;
  std::string state(run::to_string(task.state));
  if (!change.last_attempt) state = "failed, will be tried again";
  if (change.last_attempt && attempt != nullptr && attempt->state == run::TaskState::Failed) state = "failed";
  std::string line = format("{:<30} {}", name_of(task), state);
  if (attempt != nullptr) {
    std::string took = seconds_between(attempt->started_at, attempt->ended_at);
    if (!took.empty()) line += format("  {}", took);
    if (!attempt->message.empty() && state.starts_with("failed")) line += "  " + attempt->message;
  }
  context.terminal.say(line);
  if (attempt == nullptr || attempt->state != run::TaskState::Failed) return;
  for (const auto& last : run::read_log_tail(scheduler.log_file(*attempt), kLastLines, true).lines)
    context.terminal.say("  | " + last.text);
}

std::string to_json(const store::RunRow& run, const std::vector<store::TaskRow>& tasks) {
  JsonWriter json;
  json.begin_object().field("workflow", run.workflow).field("run_id", run.run_id);
  json.field("state", run::to_string(run.state)).key("tasks").begin_array();
  for (const store::TaskRow& task : tasks) {
    json.begin_object().field("task", task.task).field("map_index", task.map_index);
    json.field("state", run::to_string(task.state)).field("try_number", task.try_number);
    json.field("message", task.message).end_object();
  }
  return json.end_array().end_object().take() + "\n";
}

}  // namespace

int start_command(Context& context, const StartArguments& arguments) {
  config::Project project = context.project();
  store::Store store(workflow::store_of(project), context.clock, context.log().module("store"));
  workflow::Scheduler scheduler({.kind = "start", .schedules = false, .watches_files = false}, project, store,
                                context.clock, context.log().module("workflow"));
  const auto known = scheduler.definitions();
  auto definition = known->find(arguments.workflow);
  if (!definition) {
    // A fault in its file says more than that it is not there.
    for (const Error& fault : known->faults) {
      const Place* place = fault.find_place();
      if (place != nullptr && place->file.find(arguments.workflow + ".y") != std::string::npos) throw fault;
    }
  }
  workflow::Trigger trigger{.workflow = arguments.workflow,
                            .run_id = arguments.run_id,
                            .params = read_params(arguments.params, arguments.params_json),
                            .note = arguments.note,
                            .by = "cli"};
  if (!arguments.logical_date.empty()) {
    trigger.logical_date =
        read_instant("--logical-date", arguments.logical_date, definition ? definition->zone : project.zone);
  }
  if (context.dry_run) {
    if (!definition) scheduler.trigger(trigger);  // throws, with the nearest name
    workflow::check_params(*definition, trigger.params);
    for (std::size_t index : definition->graph->order()) {
      const auto& after = definition->graph->task(index).after;
      context.terminal.print(format("{}{}\n", definition->tasks[index].id,
                                    after.empty() ? "" : format(" after {}", fmt::join(after, ", "))));
    }
    return 0;
  }
  const bool tells = !arguments.quiet && !context.json;
  scheduler.listen([&](const workflow::Change& change) {
    if (!tells || change.task == nullptr) return;
    if (change.kind == workflow::Change::Kind::AttemptEnded) tell_attempt(context, scheduler, change);
    if (change.kind == workflow::Change::Kind::Waiting)
      context.terminal.say(format("{:<30} {}", name_of(*change.task), change.text));
  });
  const store::RunRow begun = scheduler.trigger(trigger);
  scheduler.run_until_finished(begun.id, context.stop);
  auto reader = store.reader();
  const store::RunRow run = *reader->find_run(begun.id);
  if (context.json) {
    context.terminal.print(to_json(run, reader->tasks_of(run.id)));
  } else {
    context.terminal.print(format("{}: {} in {}\n", run.workflow, run::to_string(run.state),
                                  seconds_between(run.started_at, run.ended_at.value_or(context.clock.now()))));
  }
  return run.state == run::RunState::Success ? 0 : 1;
}

}  // namespace plumb::cli
