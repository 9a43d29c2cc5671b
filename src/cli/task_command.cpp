// plumb task KIND: what a scheduler starts for a task that Plumb carries out itself. Nobody types it, but may.
#include <fstream>

#include "base/file.h"
#include "cli/commands.h"
#include "workflow/workflow.h"

namespace plumb::cli {
namespace {

// One JSON object, in the place that the scheduler reads.
void write_values(const std::map<std::string, std::string>& values, const config::Environment& environment) {
  auto file = environment.find("PLUMB_VALUES");
  if (!file || file->empty() || values.empty()) return;
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : values) json.key(name).raw(value);
  json.end_object();
  write_scratch_file(*file, json.take());
}

int code_of(workflow::TaskEnd end) {
  return static_cast<int>(end);
}

}  // namespace

int task_command(Context& context, const TaskArguments& arguments) {
  try {
    std::string text = arguments.settings.empty() ? context.terminal.read_input() : arguments.settings;
    Document settings = parse_json(std::move(text), "the task's settings");
    workflow::TaskWorld world{.project = [&] { return context.project(); },
                              .environment = context.environment,
                              .output = [&](std::string_view bytes) { context.terminal.print(bytes); },
                              .errors = [&](std::string_view bytes) { context.terminal.print_errors(bytes); },
                              .clock = context.clock,
                              .stop = context.stop,
                              .log = context.log()};
    workflow::TaskResult result = workflow::carry_out(arguments.kind, settings.root(), world);
    write_values(result.values, context.environment);
    return code_of(result.end);
  } catch (const Error& error) {
    context.terminal.say(error);
    return code_of(workflow::end_of(error));
  }
}

}  // namespace plumb::cli
