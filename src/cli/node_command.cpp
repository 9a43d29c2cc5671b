// plumb run, build, test, seed, snapshot and compile.
#include "base/format.h"
#include "cli/dbt_run.h"

namespace plumb::cli {

namespace {

using jinja::Value;
using project::ResourceType;
using transform::RunKind;

RunKind kind_of(const std::string& command) {
  if (command == "build") return RunKind::Build;
  if (command == "test") return RunKind::Test;
  if (command == "seed") return RunKind::Seed;
  if (command == "snapshot") return RunKind::Snapshot;
  if (command == "compile") return RunKind::Compile;
  if (command == "clone") return RunKind::Clone;
  return RunKind::Run;
}

// What a command works on, of what is selected.
bool concerns(RunKind kind, ResourceType type) {
  bool tabled = type == ResourceType::Model || type == ResourceType::Seed || type == ResourceType::Snapshot;
  switch (kind) {
    case RunKind::Run:
      return type == ResourceType::Model;
    case RunKind::Test:
      return type == ResourceType::Test || type == ResourceType::UnitTest;
    case RunKind::Seed:
      return type == ResourceType::Seed;
    case RunKind::Snapshot:
      return type == ResourceType::Snapshot;
    case RunKind::Clone:
      return tabled;
    case RunKind::Compile:
      return tabled || type == ResourceType::Test || type == ResourceType::Analysis;
    default:
      return tabled || type == ResourceType::Test || type == ResourceType::UnitTest || type == ResourceType::Function;
  }
}

std::set<std::string> choose(DbtRun& run, RunKind kind) {
  auto selected = run.select();
  std::set<std::string> chosen;
  for (const project::Node& node : run.manifest().nodes) {
    // A file with nothing in it is no model yet.
    bool blank = node.type != ResourceType::Seed && node.type != ResourceType::UnitTest && node.raw_code.empty();
    if (concerns(kind, node.type) && selected.contains(node.unique_id) && !blank) chosen.insert(node.unique_id);
  }
  return chosen;
}

void print_plan(DbtRun& run, const std::set<std::string>& chosen, RunKind kind) {
  transform::NodeQueue queue(run.manifest(), chosen, kind == RunKind::Build);
  std::size_t index = 0;
  for (const project::Node* node : queue.plan()) {
    run.console().print(plumb::format("{:>4}  {}  {}\n", ++index, node->unique_id, node->relation_name));
  }
}

// What compile says of nodes that were asked for by name.
void print_compiled(DbtRun& run, const transform::Outcome& outcome, const NodeArguments& arguments) {
  if (arguments.selection.select.empty()) return;
  for (const transform::RunResult& result : outcome.results) {
    if (!result.compiled || result.node->type == ResourceType::Test) continue;
    if (arguments.output == "json") {
      std::string text;
      project::append_json(text, Value::dict({{"node", result.node->name}, {"compiled", result.compiled->code}}));
      run.console().print(text + "\n");
    } else {
      run.console().print(plumb::format("Compiled node '{}' is:\n{}\n\n", result.node->name, result.compiled->code));
    }
  }
}

void print_errors(DbtRun& run, const transform::Outcome& outcome) {
  for (const transform::RunResult& result : outcome.results) {
    if (troubled(result) && result.message) run.console().line(*result.message, transform::LineKind::Bad);
  }
}

}  // namespace

int node_command(Context& context, const NodeArguments& arguments) {
  DbtRun run(context, arguments);
  RunKind kind = kind_of(arguments.command);
  auto chosen = choose(run, kind);
  if (chosen.empty()) {
    run.warn_nothing_to_do();
    run.write_manifest();
    run.write_results({});
    return 0;
  }
  if (context.dry_run) {
    print_plan(run, chosen, kind);
    return 0;
  }
  run.invocation().missing_batches = arguments.missing_batches;
  run.invocation().selected.assign(chosen.begin(), chosen.end());
  run.defer(kind == RunKind::Clone ? std::set<std::string>() : chosen);
  if (kind == RunKind::Clone) run.invocation().materialization = "clone";
  transform::Runner runner(run.invocation(), run.compiler(), run.progress());
  auto outcome =
      runner.run(chosen, {.kind = kind, .threads = run.settings().target.threads, .fail_fast = run.flag("FAIL_FAST")});
  if (kind == RunKind::Compile) {
    print_compiled(run, outcome, arguments);
    print_errors(run, outcome);
  } else {
    run.progress().summary(outcome, kind);
  }
  run.write_manifest();
  run.write_results(outcome);
  return outcome.successful() ? 0 : 1;
}

}  // namespace plumb::cli
