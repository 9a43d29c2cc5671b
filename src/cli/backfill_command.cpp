#include "base/format.h"
#include "cli/platform.h"
#include "cli/text_table.h"
#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

int list(Context& context, Platform& platform, const std::string& workflow) {
  std::vector<std::vector<std::string>> rows;
  for (const store::BackfillRow& row : platform.reader()->backfills(workflow, {.limit = 100}).rows) {
    std::string state = row.completed_at ? "completed" : row.paused ? "paused" : "running";
    rows.push_back({std::to_string(row.id), row.workflow, format_instant(row.from), format_instant(row.to), state});
  }
  context.terminal.print(text_table({"id", "workflow", "from", "to", "state"}, rows));
  return 0;
}

int create(Context& context, Platform& platform, const BackfillArguments& arguments) {
  auto definition = platform.operations().definitions()->find(arguments.workflow);
  const Zone zone = definition ? definition->zone : platform.project().zone;
  Instant to = read_instant("--to", arguments.to, zone);
  // A day means all of it.
  if (find_date(arguments.to)) to += std::chrono::days(1) - std::chrono::microseconds(1);
  auto plan = platform.operations().backfill({.workflow = arguments.workflow,
                                              .from = read_instant("--from", arguments.from, zone),
                                              .to = to,
                                              .params = read_params(arguments.params),
                                              .max_active_runs = arguments.max_active_runs,
                                              .backwards = arguments.backwards,
                                              .reprocess = arguments.reprocess,
                                              .dry_run = context.dry_run,
                                              .who = "cli"});
  for (Instant date : plan.logical_dates) context.terminal.print(format_instant(date) + "\n");
  context.terminal.say(format("{} run{}{}", plan.logical_dates.size(), plan.logical_dates.size() == 1 ? "" : "s",
                              context.dry_run ? " would be made" : format(" made by backfill {}", plan.backfill.id)));
  if (!context.dry_run && !platform.served())
    context.terminal.say("no server is at work here: they will run when one starts");
  return 0;
}

}  // namespace

int backfill_command(Context& context, const BackfillArguments& arguments) {
  Platform platform(context);
  if (arguments.action == "list") return list(context, platform, arguments.workflow);
  if (arguments.action == "create") return create(context, platform, arguments);
  if (arguments.action == "cancel") {
    platform.operations().cancel_backfill(arguments.id, "cli");
  } else {
    platform.operations().pause_backfill(arguments.id, arguments.action == "pause", "cli");
  }
  context.terminal.print(format("backfill {}: {}\n", arguments.id, arguments.action));
  return 0;
}

}  // namespace plumb::cli
