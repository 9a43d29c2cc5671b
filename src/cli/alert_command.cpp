// plumb alert: what the server starts to send a message, and how a person tries an alert out.
#include "base/format.h"
#include "cli/workflow_commands.h"
#include "serve/serve.h"

namespace plumb::cli {

namespace {

// "Not now, perhaps later", as mail programs have it.
constexpr int kTryAgain = 75;

serve::AlertMessage test_message(const config::Project& project) {
  return {.title = format("{}: a test", project.name),
          .text = "Somebody tried out whether this alert arrives. It does.\n"};
}

}  // namespace

int alert_command(Context& context, const AlertArguments& arguments) {
  config::Project project = context.project();
  serve::AlertChannel channel = serve::get_alert_channel(project, arguments.name);
  serve::AlertMessage message =
      arguments.action == "test" ? test_message(project) : serve::parse_message(context.terminal.read_input());
  try {
    serve::send_alert(channel, message, context.clock);
  } catch (const Error& error) {
    // The exit code tells the server, which decides whether and when.
    if (!error.retry_may_help()) throw;
    context.terminal.say(error);
    return kTryAgain;
  }
  if (arguments.action == "test") context.terminal.print(format("'{}' was told\n", arguments.name));
  return 0;
}

}  // namespace plumb::cli
