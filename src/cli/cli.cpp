#include "cli/cli.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "cli/arguments.h"

namespace plumb::cli {

namespace {

// Turns SIGINT and SIGTERM into a stop; a second one ends the process as the system would.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    // Before any other thread exists, so that all of them inherit it and only ours takes the signals.
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    std::signal(SIGPIPE, SIG_IGN);
    thread_ = std::thread([this] { watch(); });
  }
  ~Signals() {
    done_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  std::stop_token token() const { return stop_.get_token(); }
  // The signal that came, or 0.
  int received() const { return received_; }

 private:
  void watch() {
    while (true) {
      int signal = 0;
      sigwait(&set_, &signal);
      if (done_) return;
      if (received_ != 0) {
        std::signal(signal, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
        std::raise(signal);
      }
      received_ = signal;
      stop_.request_stop();
    }
  }

  sigset_t set_{};
  sigset_t before_{};
  std::atomic<bool> done_ = false;
  std::atomic<int> received_ = 0;
  std::stop_source stop_;
  std::thread thread_;
};

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
    case ErrorKind::Config:
      return 2;
    case ErrorKind::Auth:
    case ErrorKind::Approval:
      return 3;
    case ErrorKind::Busy:
      return 4;
    default:
      return 1;
  }
}

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
std::unique_ptr<Clock> make_clock() {
  auto text = find_environment("PLUMB_NOW");
  if (!text) return std::make_unique<SystemClock>();
  auto now = find_instant(*text);
  if (!now)
    throw Error(ErrorKind::Usage, format("PLUMB_NOW: '{}' is no time", *text), {.hint = "write 2026-11-21T07:00:00Z"});
  return std::make_unique<ShiftedClock>(*now);
}

int run_command(const Request& request, Terminal& terminal, Signals& signals) {
  const auto clock = make_clock();
  Context context{.project_dir = request.project_dir,
                  .json = request.json,
                  .dry_run = request.dry_run,
                  .verbose = request.verbose,
                  .vars = read_vars(request.vars),
                  .terminal = terminal,
                  .clock = *clock,
                  .stop = signals.token()};
  return request.command(context);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  Terminal terminal;
  // The door of the process: whatever went wrong is told here, and becomes the exit code.
  try {
    auto request = parse(arguments);
    if (!request.command) {
      terminal.print(request.text);
      return request.code;
    }
    Signals signals;
    try {
      int code = run_command(request, terminal, signals);
      return signals.received() != 0 && code != 0 ? 128 + signals.received() : code;
    } catch (const Error& error) {
      if (terminal.output_gone()) return 128 + SIGPIPE;
      terminal.say(error);
      return signals.received() != 0 ? 128 + signals.received() : exit_code(error.kind());
    }
  } catch (const Error& error) {
    if (terminal.output_gone()) return 128 + SIGPIPE;
    terminal.say(error);
    return exit_code(error.kind());
  } catch (const std::exception& error) {
    terminal.say(Error(ErrorKind::Internal, format("a fault of plumb's own: {}", error.what())));
    return 1;
  }
}

}  // namespace plumb::cli
