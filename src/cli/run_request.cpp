#include "cli/run_request.h"

#include <algorithm>
#include <csignal>
#include <memory>

#include "base/format.h"
#include "cli/cli.h"

namespace plumb::cli {

namespace {

std::map<std::string, std::string> read_vars(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> vars;
  for (const auto& text : texts) {
    auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorKind::Usage, format("--var: '{}' is no name=value", text));
    }
    vars[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return vars;
}

// PLUMB_NOW=2026-11-20T07:00:00Z starts the clock there, for trying things out; else the system's.
std::unique_ptr<Clock> make_clock(const config::Environment& environment) {
  auto text = environment.find("PLUMB_NOW");
  if (!text) return std::make_unique<SystemClock>();
  auto now = find_instant(*text);
  if (!now)
    throw Error(ErrorKind::Usage, format("PLUMB_NOW: '{}' is no time", *text), {.hint = "write 2026-11-21T07:00:00Z"});
  return std::make_unique<ShiftedClock>(*now);
}

// Words after "--" are the command's own.
bool wants_json(const std::vector<std::string>& arguments) {
  auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

}  // namespace

int run_request(const Request& request, const World& world) {
  const auto clock = make_clock(world.environment);
  Context context{.project_dir = request.project_dir,
                  .json = request.json,
                  .dry_run = request.dry_run,
                  .verbose = request.verbose,
                  .vars = read_vars(request.vars),
                  .terminal = world.terminal,
                  .clock = *clock,
                  .stop = world.stop,
                  .environment = world.environment,
                  .report = world.report};
  return request.command(context);
}

int guard(Terminal& terminal, const std::vector<std::string>& arguments, const std::function<int()>& received,
          const std::function<int()>& work) {
  if (wants_json(arguments)) terminal.tell_errors_as_json();
  try {
    const int code = work();
    return received() != 0 && code != 0 ? 128 + received() : code;
  } catch (const Error& error) {
    if (terminal.output_gone()) return 128 + SIGPIPE;
    terminal.say(error);
    return received() != 0 ? 128 + received() : exit_code(error);
  } catch (const std::exception& error) {
    terminal.say(Error(ErrorKind::Internal, format("a fault of plumb's own: {}", error.what())));
    return 1;
  }
}

}  // namespace plumb::cli
