#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/spawn.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kCancelGrace{500};
constexpr milliseconds kStopGrace{2000};

// Turns a request to stop into a descriptor that becomes readable.
class StopDescriptor {
 public:
  explicit StopDescriptor(std::stop_token stop)
      : descriptor_(::eventfd(0, EFD_CLOEXEC)),
        callback_(std::move(stop), [this] { ::eventfd_write(descriptor_.get(), 1); }) {}
  int get() const { return descriptor_.get(); }

 private:
  FileDescriptor descriptor_;
  std::stop_callback<std::function<void()>> callback_;
};

// One stream of a program's output: its pipe, and what came out of it so far.
class Capture {
 public:
  explicit Capture(std::size_t most) : most_(most) { ::fcntl(pipe_.read.get(), F_SETFL, O_NONBLOCK); }
  int writing_end() const { return pipe_.write.get(); }
  void close_writing_end() { pipe_.write.close(); }
  // -1 once it has ended: poll then passes over it.
  int reading_end() const { return pipe_.read.get(); }

  // Reads all that is there now.
  void drain() {
    std::array<char, 65536> buffer;
    while (pipe_.read) {
      ssize_t got = ::read(pipe_.read.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        pipe_.read.close();
        return;
      }
      text_.append(buffer.data(), std::min(static_cast<std::size_t>(got), most_ - text_.size()));
    }
  }
  std::string take() { return std::move(text_); }

 private:
  Pipe pipe_;
  std::size_t most_;
  std::string text_;
};

// Carries a command from its start to its end: waits for output, the end, a stop and the time limit all at once.
class CommandRun {
 public:
  CommandRun(const Command& command, std::stop_token stop)
      : output_(command.largest_output),
        errors_(command.largest_output),
        input_(open_input(command.input)),
        stop_(stop),
        stop_descriptor_(std::move(stop)),
        child_(command, {input_.get(), output_.writing_end(), errors_.writing_end()}),
        program_(command.arguments[0]) {
    if (command.timeout) until_ = steady_clock::now() + *command.timeout;
    output_.close_writing_end();
    errors_.close_writing_end();
    input_.close();
  }

  CommandResult run() {
    CommandResult result;
    while (!child_.ended()) {
      if (stop_.stop_requested()) {
        child_.end(kCancelGrace);
        throw Error(ErrorKind::Cancelled, format("'{}' was stopped", program_));
      }
      if (until_ && steady_clock::now() >= *until_) {
        result.timed_out = true;
        child_.send_signal_to_group(SIGKILL);
        break;
      }
      wait();
      output_.drain();
      errors_.drain();
    }
    int status = child_.reap();
    output_.drain();
    errors_.drain();
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.output = output_.take();
    result.errors = errors_.take();
    return result;
  }

 private:
  void wait() const {
    std::array<pollfd, 4> events{{{output_.reading_end(), POLLIN, 0},
                                  {errors_.reading_end(), POLLIN, 0},
                                  {stop_descriptor_.get(), POLLIN, 0},
                                  {child_.descriptor(), POLLIN, 0}}};
    std::int64_t milliseconds_left = child_.descriptor() < 0 ? 10 : 1'000'000;
    if (until_) {
      auto left = std::chrono::ceil<milliseconds>(*until_ - steady_clock::now());
      milliseconds_left = std::clamp<std::int64_t>(left.count(), 0, milliseconds_left);
    }
    ::poll(events.data(), events.size(), static_cast<int>(milliseconds_left));
  }

  Capture output_;
  Capture errors_;
  FileDescriptor input_;
  std::stop_token stop_;
  StopDescriptor stop_descriptor_;
  Child child_;
  std::string program_;
  std::optional<steady_clock::time_point> until_;
};

// Writes to a pipe whose reader may be gone. The signal that would tell is held back in this thread for the moment,
// and taken away if it is ours.
bool write_to_pipe(int descriptor, std::string_view text) {
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::sigpending(&pending);
  bool was_pending = ::sigismember(&pending, SIGPIPE) == 1;
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  bool alive = true;
  while (alive && !text.empty()) {
    ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    alive = written >= 0;
    if (alive) text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (!alive && !was_pending) {
    timespec at_once{};
    ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return alive;
}

FileDescriptor open_output(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) throw file_error("can't write", path, errno);
  return file;
}

}  // namespace

CommandResult run_command(const Command& command, std::stop_token stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::Cancelled, "stopped before a program was started");
  return CommandRun(command, std::move(stop)).run();
}

struct ChildProcess::State {
  FileDescriptor input;  // the writing end of an open input
  std::unique_ptr<Child> child;

  static std::unique_ptr<State> start(const Command& command, int output) {
    auto state = std::make_unique<State>();
    std::optional<Pipe> pipe;
    FileDescriptor given;
    bool ours = command.foreground && command.input.empty();
    if (command.open_input) {
      pipe.emplace();
      state->input = std::move(pipe->write);
    } else if (!ours && command.input_descriptor < 0) {
      given = plumb::open_input(command.input);
    }
    int input = pipe ? pipe->read.get() : given ? given.get() : command.input_descriptor;
    state->child = std::make_unique<Child>(command, StandardStreams{input, output, output});
    return state;
  }
};

ChildProcess::ChildProcess(const Command& command) : state_(State::start(command, -1)) {}
ChildProcess::ChildProcess(const Command& command, const std::filesystem::path& output_file)
    : state_(State::start(command, open_output(output_file).get())) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  if (state_) stop();
  state_ = std::move(other.state_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (state_) stop();
}

int ChildProcess::pid() const {
  return state_->child->pid();
}

bool ChildProcess::running() {
  return !state_->child->ended();
}

void ChildProcess::send_signal(int signal) {
  if (running()) state_->child->send_signal(signal);
}

bool ChildProcess::write(std::string_view text) {
  return state_->input && write_to_pipe(state_->input.get(), text);
}

void ChildProcess::close_input() {
  state_->input.close();
}

int ChildProcess::wait() {
  close_input();
  int status = state_->child->reap();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::stop() {
  close_input();
  state_->child->end(kStopGrace);
  state_->child->reap();
}

}  // namespace plumb
