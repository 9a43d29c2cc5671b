#include "base/document.h"
#include "base/format.h"
#include "cli/platform.h"
#include "cli/text_table.h"
#include "cli/workflow_commands.h"

namespace plumb::cli {

namespace {

int list(Context& context, Platform& platform) {
  auto reader = platform.reader();
  auto page = reader->assets("", {.limit = 1000});
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::AssetRow& asset : page.rows) {
    auto last = reader->asset_events({.asset = asset.name}, {.limit = 1});
    std::string when = last.rows.empty() ? "-" : format_instant(last.rows[0].at);
    rows.push_back({asset.name, when, std::to_string(last.total)});
    json.begin_object().field("asset", asset.name).field("last_event", when).field("events", last.total).end_object();
  }
  context.terminal.print(context.json ? json.end_array().take() + "\n"
                                      : text_table({"asset", "last news", "events"}, rows));
  return 0;
}

int events(Context& context, Platform& platform, const AssetsArguments& arguments) {
  auto page = platform.reader()->asset_events({.asset = arguments.name}, {.limit = arguments.limit});
  JsonWriter json;
  json.begin_array();
  std::vector<std::vector<std::string>> rows;
  for (const store::AssetEventRow& event : page.rows) {
    std::string by =
        event.workflow.empty() ? event.made_by : format("{} {} {}", event.workflow, event.run_id, event.task);
    rows.push_back({format_instant(event.at), event.asset, by, event.extra_json});
    json.begin_object()
        .field("at", format_instant(event.at))
        .field("asset", event.asset)
        .field("made_by", event.made_by);
    json.field("workflow", event.workflow).field("run_id", event.run_id).field("task", event.task);
    json.key("extra").raw(event.extra_json).end_object();
  }
  context.terminal.print(context.json ? json.end_array().take() + "\n"
                                      : text_table({"at", "asset", "by", "extra"}, rows));
  return 0;
}

}  // namespace

int assets_command(Context& context, const AssetsArguments& arguments) {
  Platform platform(context);
  if (arguments.action == "list") return list(context, platform);
  if (arguments.action == "events") return events(context, platform, arguments);
  parse_json(arguments.extra, "--extra");  // throws what is wrong with it
  auto event = platform.operations().add_asset_event(arguments.name, arguments.extra, "cli", "cli");
  context.terminal.print(format("{}: event {}\n", event.asset, event.id));
  return 0;
}

}  // namespace plumb::cli
