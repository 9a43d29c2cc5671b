#include "cli/cli.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include "cli/guest.h"
#include "cli/run_request.h"
#include "cli/tell_assets.h"
#include "run/run.h"

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

// Where one of the three standard descriptors is closed, the next file we open would get its number, and a log line
// would be written into a database. So each is taken: for input and output in the wrong mode, so that reading and
// writing are told as errors as before; standard error, where nobody could be told, goes nowhere.
void take_standard_descriptors() {
  const std::array<int, 3> modes = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int number = 0; number < 3; ++number) {
    if (::fcntl(number, F_GETFD) < 0) ::open("/dev/null", modes[static_cast<std::size_t>(number)]);  // the lowest free
  }
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

End run(const std::vector<std::string>& arguments) {
  take_standard_descriptors();
  // What a scheduler starts when its spawner was killed: before there are threads.
  if (arguments == std::vector<std::string>{"spawner"}) return {.exit_code = run::run_spawner()};
  Terminal terminal;
  std::optional<Signals> signals;
  auto received = [&signals] { return signals ? signals->received() : 0; };
  const int ended_with = guard(terminal, arguments, received, [&] {
    auto request = parse(arguments);
    if (!request.command) {
      terminal.print(request.text);
      return request.code;
    }
    signals.emplace();
    terminal.end_waits_on(signals->token());
    JobReport report;
    World world{.terminal = terminal,
                .environment = config::Environment::of_process(),
                .stop = signals->token(),
                .report = &report};
    auto guest_code = run_as_guest(arguments, request, world);
    const int code = guest_code ? *guest_code : run_request(request, world);
    tell_assets(request, world);
    return code;
  });
  return {.exit_code = ended_with, .signal = received() != 0 && ended_with == 128 + received() ? received() : 0};
}

void end_process(const End& end) {
  if (end.signal != 0) {
    std::signal(end.signal, SIG_DFL);
    std::raise(end.signal);  // comes back where the first process of a container does this
  }
  std::exit(end.exit_code);
}

}  // namespace plumb::cli
