// plumb run, build, test, seed, snapshot and compile.
#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/dbt_console.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;
using jinja::Value;
using project::ResourceType;
using transform::RunKind;

RunKind kind_of(const std::string& command) {
  if (command == "build") return RunKind::Build;
  if (command == "test") return RunKind::Test;
  if (command == "seed") return RunKind::Seed;
  if (command == "snapshot") return RunKind::Snapshot;
  if (command == "compile") return RunKind::Compile;
  return RunKind::Run;
}

// What a command works on, of what is selected.
bool concerns(RunKind kind, ResourceType type) {
  switch (kind) {
    case RunKind::Run:
      return type == ResourceType::Model;
    case RunKind::Test:
      return type == ResourceType::Test || type == ResourceType::UnitTest;
    case RunKind::Seed:
      return type == ResourceType::Seed;
    case RunKind::Snapshot:
      return type == ResourceType::Snapshot;
    case RunKind::Compile:
      return type == ResourceType::Model || type == ResourceType::Test || type == ResourceType::Analysis ||
             type == ResourceType::Snapshot || type == ResourceType::Seed;
    default:
      return type == ResourceType::Model || type == ResourceType::Test || type == ResourceType::UnitTest ||
             type == ResourceType::Seed || type == ResourceType::Snapshot;
  }
}

std::set<std::string> choose(const project::Manifest& manifest, const project::ProjectSettings& settings,
                             const NodeArguments& arguments, DbtConsole& console) {
  std::vector<project::Warning> warnings;
  auto selected = project::select_nodes(manifest, selection_of(settings, arguments.selection),
                                        {.root_package = settings.root.name}, &warnings);
  for (const project::Warning& warning : warnings) console.line(warning.message, {}, transform::LineKind::Warning);
  std::set<std::string> chosen;
  RunKind kind = kind_of(arguments.command);
  for (const project::Node& node : manifest.nodes) {
    if (concerns(kind, node.type) && selected.contains(node.unique_id)) chosen.insert(node.unique_id);
  }
  return chosen;
}

// What run_results.json says of the command line.
Value arguments_value(const project::ProjectSettings& settings, const NodeArguments& arguments) {
  auto list = [](const std::vector<std::string>& texts) {
    return Value::list(std::vector<Value>(texts.begin(), texts.end()));
  };
  Value args = Value::dict({{"which", arguments.command},
                            {"project_dir", settings.folder.string()},
                            {"profiles_dir", settings.profiles_file.parent_path().string()},
                            {"select", list(arguments.selection.select)},
                            {"exclude", list(arguments.selection.exclude)},
                            {"vars", settings.command_line_vars}});
  std::size_t position = 0;
  while (const Value::Entry* entry = settings.flags.as_dict().next(position)) {
    if (entry->value.is_none()) continue;
    std::string name(entry->key.as_string());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    args.as_dict().set(name, entry->value);
  }
  if (!arguments.selection.selector.empty()) args.as_dict().set("selector", arguments.selection.selector);
  if (!arguments.project.target.empty()) args.as_dict().set("target", arguments.project.target);
  if (arguments.project.threads > 0) args.as_dict().set("threads", arguments.project.threads);
  return args;
}

void print_plan(DbtConsole& console, const project::Manifest& manifest, const std::set<std::string>& chosen,
                RunKind kind) {
  transform::NodeQueue queue(manifest, chosen, kind == RunKind::Build);
  std::size_t index = 0;
  for (const project::Node* node : queue.plan()) {
    console.print(plumb::format("{:>4}  {}  {}\n", ++index, node->unique_id, node->relation_name));
  }
}

// What compile says of nodes that were asked for by name.
void print_compiled(DbtConsole& console, const transform::Outcome& outcome, const NodeArguments& arguments) {
  if (arguments.selection.select.empty()) return;
  for (const transform::RunResult& result : outcome.results) {
    if (!result.compiled || result.node->type != ResourceType::Model) continue;
    if (arguments.output == "json") {
      std::string text;
      project::append_json(text, Value::dict({{"node", result.node->name}, {"compiled", result.compiled->code}}));
      console.print(text + "\n");
    } else {
      console.print(plumb::format("Compiled node '{}' is:\n{}\n", result.node->name, result.compiled->code));
    }
  }
}

void write_results(const Context& context, const project::ProjectSettings& settings, const NodeArguments& arguments,
                   const transform::Invocation& invocation, const transform::Outcome& outcome) {
  fs::create_directories(settings.target_path);
  write_file(settings.target_path / "run_results.json",
             run_results_json(outcome.results, {.generated_at = format_instant(context.clock.now()),
                                                .invocation_id = settings.invocation_id,
                                                .invocation_started_at = format_instant(invocation.started_at()),
                                                .elapsed_seconds = outcome.seconds,
                                                .args = arguments_value(settings, arguments),
                                                .env = {}}));
}

}  // namespace

int node_command(Context& context, const NodeArguments& arguments) {
  auto settings = project_settings(context, arguments.project);
  bool colors = context.terminal.output_is_terminal() && settings.flags.as_dict().find("USE_COLORS")->as_bool();
  DbtConsole console(context, context.json ? "json" : arguments.log_format, arguments.project.quiet, colors);
  settings.say = [&](std::string_view text, bool info) {
    if (info || context.verbose) console.line(text);
  };
  settings.flags.as_dict().set("WHICH", arguments.command);
  RunKind kind = kind_of(arguments.command);
  console.line(plumb::format("Running with {}, as dbt {}", version_text(), project::kDbtVersion));
  auto manifest = load_project_manifest(context, settings, arguments.project.quiet);
  transform::LineProgress progress(settings, console.sink());
  progress.found(manifest);
  auto chosen = choose(manifest, settings, arguments, console);
  if (chosen.empty()) {
    console.line("Nothing to do. Try checking your model configs and model specification args", {},
                 transform::LineKind::Warning);
    return 0;
  }
  if (context.dry_run) {
    print_plan(console, manifest, chosen, kind);
    return 0;
  }
  transform::Warehouse warehouse(settings.target, settings.folder, context.log());
  transform::Invocation invocation(settings, manifest, warehouse, context.clock);
  invocation.selected.assign(chosen.begin(), chosen.end());
  invocation.stop = context.stop;
  transform::Compiler compiler;
  transform::Runner runner(invocation, compiler, progress);
  auto outcome =
      runner.run(chosen, {.kind = kind, .threads = settings.target.threads, .fail_fast = invocation.flag("FAIL_FAST")});
  if (kind == RunKind::Compile) {
    print_compiled(console, outcome, arguments);
  } else {
    progress.summary(outcome, kind);
  }
  if (invocation.flag("WRITE_JSON")) write_results(context, settings, arguments, invocation, outcome);
  return outcome.successful() ? 0 : 1;
}

}  // namespace plumb::cli
