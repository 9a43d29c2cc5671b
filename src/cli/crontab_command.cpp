// plumb init --from-crontab: reads a crontab, writes workflows/*.yml, says what to look at.
#include <pwd.h>

#include "base/document.h"
#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "base/zone_rules.h"
#include "cli/commands.h"
#include "cli/crontab_import.h"

namespace plumb::cli {
namespace {

namespace fs = std::filesystem;

std::string read_source(Context& context, const std::string& source) {
  if (source == "-") return context.terminal.read_input();
  if (!source.empty()) return read_file(source);
  const CommandResult result =
      run_command({.arguments = {"crontab", "-l"}, .timeout = std::chrono::seconds(10)}, context.stop);
  if (!result.ok()) {
    throw Error(ErrorKind::NotFound, "you have no crontab",
                {.hint = "name a file: plumb init --from-crontab /etc/crontab", .cause = result.errors});
  }
  return result.output;
}

bool is_user(const std::string& name) {
  return getpwnam(name.c_str()) != nullptr;
}

CrontabKind kind_of(const std::string& source, std::string_view text) {
  if (source == "/etc/crontab" || source.starts_with("/etc/cron.d/")) return CrontabKind::System;
  return guess_crontab_kind(text, is_user);
}

// The zone that cron goes by: the system's. Empty when it has no name.
std::string system_zone(const Context& context) {
  std::string name = context.environment.find("TZ").value_or("");
  if (name.starts_with(':')) name.erase(0, 1);
  if (name.empty()) {
    std::error_code ignored;
    const std::string target = fs::read_symlink("/etc/localtime", ignored).string();
    const auto at = target.find("zoneinfo/");
    if (at != std::string::npos) name = target.substr(at + 9);
  }
  if (name == "Etc/UTC") name = "UTC";
  return find_zone_rules(name) ? name : "";
}

void write(Context& context, const fs::path& folder, const fs::path& file, const std::string& text) {
  const fs::path path = folder / file;
  std::error_code failed;
  if (fs::exists(path, failed)) {
    context.terminal.print(format("kept   {}\n", file.string()));
    return;
  }
  if (!context.dry_run) {
    fs::create_directories(path.parent_path(), failed);
    if (failed) throw Error(ErrorKind::Io, format("can't make {}: {}", path.parent_path().string(), failed.message()));
    write_file(path, text);
  }
  context.terminal.print(format("{} {}\n", context.dry_run ? "would make" : "made  ", file.string()));
}

// What workflows have to say of their time zone: nothing, where the project's is cron's.
std::string zone_to_name(Context& context, const fs::path& folder, const std::string& zone) {
  std::error_code none;
  if (zone.empty() || !fs::exists(folder / "plumb.yml", none)) return {};
  return config::load_project(folder, context.environment, context.vars).zone.name() == zone ? std::string() : zone;
}

}  // namespace

int crontab_command(Context& context, const InitArguments& arguments) {
  fs::path folder = fs::absolute(arguments.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::string text = read_source(context, arguments.crontab);
  const std::string zone = system_zone(context);
  const CrontabImport import =
      import_crontab(read_crontab(text, kind_of(arguments.crontab, text)), zone_to_name(context, folder, zone));
  write(context, folder, "plumb.yml",
        format("name: {}\ntimezone: {}\n", json_quote(folder.filename().string()), zone.empty() ? "UTC" : zone));
  for (const ImportedWorkflow& workflow : import.workflows) {
    write(context, folder, fs::path("workflows") / (workflow.name + ".yml"), workflow.text);
  }
  for (const std::string& note : import.notes) context.terminal.say("note: " + note);
  for (const std::string& fault : import.faults) context.terminal.say("not taken: " + fault);
  if (!import.workflows.empty()) {
    context.terminal.say(
        format("\nLook at them: plumb workflows check\nTry one:      plumb start {}\n"
               "Then take their lines out of the crontab, or both will run them, and start: plumb serve",
               import.workflows.front().name));
  }
  return import.faults.empty() ? 0 : 1;
}

}  // namespace plumb::cli
