// plumb debug: whether the profile, the project and the connection are good.
#include <cstdlib>

#include "base/format.h"
#include "cli/dbt_console.h"
#include "cli/dbt_run.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;
using jinja::Value;
using transform::LineKind;

// Each check that fails, in words, for the end of the report.
using Failures = std::vector<std::string>;

std::string failure(std::string_view what, const Error& error) {
  return plumb::format("{} loading failed for the following reason:\n{}\n", what, error.render());
}

void report_files(DbtConsole& console, const project::SettingsCheck& check, const NodeArguments& arguments) {
  bool found = !check.profiles_file.empty();
  if (found) console.line("Using profiles.yml file at " + check.profiles_file.string());
  console.line("Using dbt_project.yml file at " + check.project_file.string());
  if (check.target) console.line("adapter type: " + check.target->type);
  if (arguments.only_connection) {
    console.line("Skipping steps before connection verification");
    return;
  }
  auto said = [&](std::string_view file, std::string_view state, bool good) {
    console.tell({.text = plumb::format("  {} file", file),
                  .status = std::string(state),
                  .kind = good ? LineKind::Good : LineKind::Bad});
  };
  console.line("Configuration:");
  bool good = check.target.has_value();
  said("profiles.yml", good ? "OK found and valid" : found ? "ERROR invalid" : "ERROR not found", good);
  bool valid = !check.project_error;
  said("dbt_project.yml", valid ? "OK found and valid" : "ERROR invalid", valid);
}

Failures failures_of(const project::SettingsCheck& check, bool only_connection) {
  Failures failures;
  if (check.profiles_file.empty() && check.profile_error) {
    failures.push_back(
        plumb::format("dbt looked for a profiles.yml file in {}, but did\nnot find one.\n", check.looked_in) +
        check.profile_error->hint());
  } else if (check.profile_error) {
    failures.push_back(failure("Profile", *check.profile_error));
  }
  if (check.project_error && !only_connection) failures.push_back(failure("Project", *check.project_error));
  return failures;
}

void report_target(DbtConsole& console, const project::Target& target) {
  console.line("Connection:");
  Value settings = target_value(target);
  std::size_t position = 0;
  while (const Value::Entry* entry = settings.as_dict().next(position)) {
    bool plain = entry->value.is_string() || entry->value.is_int();
    if (!plain) continue;
    std::string text =
        entry->value.is_int() ? std::to_string(entry->value.as_int()) : std::string(entry->value.as_string());
    console.line(plumb::format("  {}: {}", entry->key.as_string(), text));
  }
}

void try_connection(Context& context, DbtConsole& console, const project::Target& target, Failures& failures) {
  report_target(console, target);
  try {
    transform::Warehouse warehouse(target, dbt_folder(context), context.log());
    transform::Session session(warehouse, "debug");
    session.fetch("select 1 as id", false);
    console.tell({.text = "  Connection test:", .status = "OK connection ok", .kind = LineKind::Good});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled) throw;
    console.tell({.text = "  Connection test:", .status = "ERROR", .kind = LineKind::Bad});
    failures.push_back("dbt was unable to connect to the specified database.\n" + error.render());
  }
}

}  // namespace

int debug_command(Context& context, const NodeArguments& arguments) {
  DbtConsole console(context, {.format = arguments.log_format});
  auto check = check_project_settings(context, arguments.project);
  if (arguments.config_dir) {
    std::string folder = check.profiles_file.empty() ? check.looked_in : check.profiles_file.parent_path().string();
    console.line(plumb::format("To view your profiles.yml file, run:\n\nxdg-open {}", folder));
    return 0;
  }
  console.line("dbt version: " + std::string(project::kDbtVersion) + " (as " + version_text() + " understands it)");
  report_files(console, check, arguments);
  Failures failures = failures_of(check, arguments.only_connection);
  if (check.target) {
    try_connection(context, console, *check.target, failures);
  } else {
    console.line("Connection test skipped since no profile was found");
  }
  if (failures.empty()) {
    console.line("All checks passed!", LineKind::Good);
    return 0;
  }
  console.line(plumb::format("{} check{} failed:", failures.size(), failures.size() == 1 ? "" : "s"), LineKind::Bad);
  for (const std::string& text : failures) console.line(text, LineKind::Bad);
  return 1;
}

}  // namespace plumb::cli
