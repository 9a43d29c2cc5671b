// plumb docs serve.
#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/docs_page.h"

namespace plumb::cli {

namespace {

// Where there is a desktop to open it on. The browser outlives us, so it gets a session of its own; whether there is
// one at all is no business of ours.
void open_browser(const Context& context, const std::string& url) {
  if (!find_environment("DISPLAY") && !find_environment("WAYLAND_DISPLAY") && !find_environment("BROWSER")) return;
  std::string opener = find_environment("BROWSER").value_or("xdg-open");
  try {
    auto result = run_command({.arguments = {"setsid", "-f", opener, url}, .timeout = std::chrono::seconds(5)});
    if (!result.ok()) context.log().info(plumb::format("{} did not open a browser", opener));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Cancelled) throw;
    context.log().info(error.message());
  }
}

}  // namespace

int docs_serve_command(Context& context, const DocsServeArguments& arguments) {
  const std::filesystem::path target = project_settings(context, arguments.project).target_path;
  check_docs(target);
  const bool here_only = arguments.host == "localhost" || arguments.host == "::1" || arguments.host.starts_with("127.");
  if (context.dry_run) {
    context.terminal.print(plumb::format("serve {} at {}:{}\n", target.string(), arguments.host, arguments.port));
    return 0;
  }
  HttpServer server({.address = arguments.host, .port = arguments.port, .gzip = true, .log = context.log()},
                    [&](const ServerRequest& request) { return answer_docs(request, target, here_only); });
  if (context.json) {
    context.terminal.print(plumb::format("{{\"url\":\"{}\"}}\n", server.url()));
  } else {
    context.terminal.print(plumb::format("Serving docs at {}\nPress Ctrl+C to exit.\n", server.url()));
  }
  if (arguments.browser) open_browser(context, server.url());
  while (context.clock.sleep_for(std::chrono::hours(1), context.stop)) {
  }
  server.stop();
  return 0;
}

}  // namespace plumb::cli
