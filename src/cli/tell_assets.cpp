#include "cli/tell_assets.h"

#include "base/format.h"
#include "cli/platform.h"

namespace plumb::cli {

void tell_assets(const Request& request, const World& world) {
  const std::string report = world.report->json();
  if (report.empty()) return;
  std::optional<std::filesystem::path> folder;
  if (request.project_dir.empty()) {
    folder = config::find_project_folder(".");
  } else {
    folder = request.project_dir;
  }
  std::error_code ignored;
  if (!folder || !std::filesystem::exists(*folder / ".plumb" / "store.db", ignored)) return;
  // The command itself has done well; that nobody could be told of it is another matter.
  try {
    const auto news = workflow::news_of_report(report);
    if (news.empty()) return;
    SystemClock clock;
    Context context{.project_dir = *folder,
                    .terminal = world.terminal,
                    .clock = clock,
                    .stop = world.stop,
                    .environment = world.environment};
    Platform platform(context);
    for (const auto& one : news) platform.operations().add_asset_event(one.asset, one.extra_json, "cli", "cli");
  } catch (const Error& error) {
    world.terminal.say(format("the workflows could not be told of it: {}", error.message()));
  }
}

}  // namespace plumb::cli
