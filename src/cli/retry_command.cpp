// plumb retry: what did not succeed the last time, with that run's own arguments.
#include <array>

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "cli/dbt_run.h"
#include "cli/state_folder.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;
using jinja::Value;

// What the last run was told counts, unless this command says something else.
void take_arguments(NodeArguments& arguments, const plumb::Node& args) {
  constexpr std::array<std::string_view, 12> kFlags{
      "FULL_REFRESH", "EMPTY",       "SAMPLE",         "EVENT_TIME_START",   "EVENT_TIME_END", "FAIL_FAST",
      "DEFER",        "FAVOR_STATE", "STORE_FAILURES", "WARN_ERROR_OPTIONS", "WARN_ERROR",     "INDIRECT_SELECTION"};
  for (std::string_view flag : kFlags) {
    plumb::Node said = args.find(jinja::to_lower(flag));
    jinja::Dict& flags = arguments.project.flags.as_dict();
    if (!said.null() && flags.find(flag) == nullptr) flags.set(flag, project::to_value(said));
  }
  auto text = [&](std::string& argument, std::string_view name) {
    plumb::Node said = args.find(name);
    if (argument.empty() && !said.null()) argument = said.as_text();
  };
  plumb::Node vars = args.find("vars");
  if (arguments.project.vars.empty() && !vars.null()) arguments.project.vars = vars.to_json();
  text(arguments.project.target, "target");
  text(arguments.defer_state, "defer_state");
  arguments.project.flags.as_dict().set("STATE", Value::none());  // which named the last run's folder
  text(arguments.state, "state");
  arguments.command = args.find("which").as_text();
}

// [["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"], …]
std::vector<std::pair<Instant, Instant>> read_windows(const plumb::Node& list) {
  std::vector<std::pair<Instant, Instant>> windows;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto begin = find_instant(list.at(i).at(0).as_text()), end = find_instant(list.at(i).at(1).as_text());
    if (begin && end) windows.emplace_back(*begin, *end);
  }
  return windows;
}

void take_result(NodeArguments& arguments, const plumb::Node& result) {
  std::string status = result.find("status").as_text();
  std::string id = result.find("unique_id").as_text();
  bool again = status == "error" || status == "fail" || status == "skipped" || status == "runtime error" ||
               status == "partial success";
  if (!again || id.starts_with("operation.")) return;
  if (status == "partial success") {
    arguments.missing_batches[id] = read_windows(result.get("batch_results").get("failed"));
  }
  arguments.only.insert(std::move(id));
}

}  // namespace

int retry_command(Context& context, const NodeArguments& given) {
  NodeArguments arguments = given;
  auto settings = project_settings(context, arguments.project);
  fs::path folder = state_folder(settings, {});
  if (folder.empty()) folder = settings.target_path;
  auto text = find_file(folder / "run_results.json");
  if (!text) {
    throw Error(ErrorKind::Usage,
                plumb::format("Could not find previous run in '{}' target directory", folder.string()),
                {.hint = "retry runs again what did not succeed; run something first"});
  }
  Document document = parse_json(std::move(*text), (folder / "run_results.json").string());
  take_arguments(arguments, document.root().get("args"));
  plumb::Node results = document.root().find("results");
  for (std::size_t i = 0; i < results.size(); ++i) take_result(arguments, results.at(i));
  if (arguments.only.empty()) {
    DbtConsole(context, {.format = arguments.log_format}).line("Nothing to do: everything succeeded the last time");
    return 0;
  }
  return node_command(context, arguments);
}

}  // namespace plumb::cli
