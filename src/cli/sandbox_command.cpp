#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "cli/commands.h"
#include "sandbox/sandbox.h"

namespace plumb::cli {

namespace {

std::optional<Instant> read_now(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto now = find_instant(text);
  if (!now)
    throw Error(ErrorKind::Usage, format("--now: '{}' is no time", text), {.hint = "write 2026-11-21T07:00:00Z"});
  return now;
}

sandbox::TanKind read_tan_kind(const std::string& text) {
  if (text == "P_TAN") return sandbox::TanKind::Photo;
  if (text == "M_TAN") return sandbox::TanKind::Mobile;
  return sandbox::TanKind::Push;
}

std::unique_ptr<sandbox::Sandbox> start(const SandboxArguments& arguments, Log log) {
  auto now = read_now(arguments.now);
  if (arguments.service == "comdirect") {
    return sandbox::start_comdirect({.port = arguments.port,
                                     .seed = arguments.seed,
                                     .now = now,
                                     .preferred = read_tan_kind(arguments.tan),
                                     .push_delay = std::chrono::milliseconds(arguments.push_delay_ms),
                                     .log = std::move(log)});
  }
  return sandbox::start_openweather(
      {.port = arguments.port, .seed = arguments.seed, .now = now, .log = std::move(log)});
}

// What to set, so that a shell can eval it or a person can copy it.
std::string environment_of(const std::string& service, const std::string& url) {
  if (service == "comdirect") {
    return format(
        "export COMDIRECT_BASE_URL={}\nexport COMDIRECT_CLIENT_ID=sandbox-client\nexport "
        "COMDIRECT_CLIENT_SECRET=sandbox-secret\nexport COMDIRECT_USERNAME=12345678\nexport "
        "COMDIRECT_PASSWORD=123456\n# the TAN "
        "is 123456\n",
        url);
  }
  return format("export OPENWEATHER_BASE_URL={}\nexport OPENWEATHER_API_KEY=sandbox-key\n", url);
}

}  // namespace

int sandbox_command(Context& context, const SandboxArguments& arguments) {
  auto server = start(arguments, context.log().module("sandbox"));
  if (!arguments.port_file.empty()) {
    auto url = server->url();
    write_file(arguments.port_file, url.substr(url.rfind(':') + 1) + "\n");
  }
  context.terminal.print(environment_of(arguments.service, server->url()));
  context.terminal.say(format("{} sandbox on {}; Ctrl-C ends it", arguments.service, server->url()));
  while (context.clock.sleep_for(std::chrono::hours(1), context.stop)) {
  }
  server->stop();
  return 0;
}

}  // namespace plumb::cli
