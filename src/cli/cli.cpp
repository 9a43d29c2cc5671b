#include "cli/cli.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
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

// Turns SIGINT, SIGTERM and SIGHUP into a stop; a second one ends the process as the system would. What was ignored
// when we started (nohup, a shell's background) stays ignored.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction before {};
      ::sigaction(signal, nullptr, &before);
      if (before.sa_handler != SIG_IGN) sigaddset(&set_, signal);
    }
    sigaddset(&set_, kWake);
    // Before any other thread exists, so that all of them inherit it and only ours takes the signals.
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error to tell, like a full disk
    thread_ = std::thread([this] { watch(); });
  }
  ~Signals() {
    done_ = true;
    pthread_kill(thread_.native_handle(), kWake);
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  std::stop_token token() const { return stop_.get_token(); }
  // The signal that came, or 0.
  int received() const { return received_; }

 private:
  static constexpr int kWake = SIGUSR2;  // our own, to end the watching

  void watch() {
    while (true) {
      int signal = 0;
      sigwait(&set_, &signal);
      if (done_) return;
      if (signal == kWake) continue;
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

// Words after "--" are the command's own.
bool wants_json(const std::vector<std::string>& arguments) {
  auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

}  // namespace

int exit_code(const Error& error) {
  switch (error.kind()) {
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

int run(const std::vector<std::string>& arguments) {
  Terminal terminal;
  if (wants_json(arguments)) terminal.tell_errors_as_json();
  // The door of the process: whatever went wrong is told here, and becomes the exit code.
  try {
    auto request = parse(arguments);
    if (!request.command) {
      terminal.print(request.text);
      return request.code;
    }
    Signals signals;
    terminal.end_waits_on(signals.token());
    try {
      int code = run_command(request, terminal, signals);
      return signals.received() != 0 && code != 0 ? 128 + signals.received() : code;
    } catch (const Error& error) {
      if (terminal.output_gone()) return 128 + SIGPIPE;
      terminal.say(error);
      return signals.received() != 0 ? 128 + signals.received() : exit_code(error);
    }
  } catch (const Error& error) {
    if (terminal.output_gone()) return 128 + SIGPIPE;
    terminal.say(error);
    return exit_code(error);
  } catch (const std::exception& error) {
    terminal.say(Error(ErrorKind::Internal, format("a fault of plumb's own: {}", error.what())));
    return 1;
  }
}

}  // namespace plumb::cli
