#include "run/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "run/attempt_log.h"
#include "run/spawner_marks.h"
#include "run/spawner_process.h"
#include "run/spawner_wire.h"

namespace plumb::run {
namespace {

constexpr int kControlDescriptor = 3;  // in the spawner's process, with nothing above it

[[noreturn]] void fail(std::string_view doing) {
  throw Error(ErrorKind::Io, format("{}: {}", doing, std::generic_category().message(errno)));
}

// In the new process, whatever it was before: nothing of its owner stays open but the standard error stream, for a last
// word. A session of its own, so that Ctrl-C on the owner's terminal does not reach it.
int live(int control) {
  try {
    ::setsid();
    int null = ::open("/dev/null", O_RDWR);
    if (control != kControlDescriptor) ::dup2(control, kControlDescriptor);
    ::fcntl(kControlDescriptor, F_SETFD, FD_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::close_range(kControlDescriptor + 1, ~0u, 0);
    SpawnerProcess(FileDescriptor(kControlDescriptor)).run();
    return 0;
  } catch (const std::exception& error) {
    std::string text = format("plumb's spawner: {}\n", error.what());
    return ::write(STDERR_FILENO, text.data(), text.size()) > 0 ? 70 : 71;
  }
}

struct Sockets {
  Sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("can't start the spawner");
    ours = FileDescriptor(ends[0]);
    theirs = FileDescriptor(ends[1]);
  }
  FileDescriptor ours, theirs;
};

pid_t fork_spawner(const Sockets& sockets) {
  pid_t pid = ::fork();
  if (pid < 0) fail("can't start the spawner");
  if (pid == 0) ::_exit(live(sockets.theirs.get()));
  return pid;
}

pid_t run_again(const Sockets& sockets, std::vector<std::string> command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, sockets.theirs.get(), STDIN_FILENO);
  pid_t pid = -1;
  errno = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (errno != 0) fail("can't start another spawner");
  return pid;
}

}  // namespace

struct Spawner::State {
  struct Running {
    int pid = 0;  // 0 until it has started
    std::filesystem::path log_file;
  };

  explicit State(SpawnerOptions given) : options(std::move(given)) {
    if (options.marker.empty()) options.marker = random_hex(8);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Sockets sockets;
    pid = fork_spawner(sockets);
    control = std::move(sockets.ours);
    send(encode(Hello{options.marker}));
  }
  ~State() {
    control.close();
    ::waitpid(pid, nullptr, 0);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Waits while the socket is full: the spawner always reads. One that is gone shows itself in receive().
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      ssize_t sent = ::send(control.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void receive(std::vector<SpawnerEvent>& events) {
    std::array<char, 16384> buffer;
    for (;;) {
      ssize_t got = ::recv(control.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return replace(events);
      frames.add({buffer.data(), static_cast<std::size_t>(got)});
      while (auto message = frames.next()) {
        events.push_back(decode_event(*message));
        note(events.back());
      }
    }
  }

  void note(const SpawnerEvent& event) {
    if (const auto* started = std::get_if<Started>(&event)) running[started->id].pid = started->pid;
    if (const auto* ended = std::get_if<Ended>(&event)) running.erase(ended->id);
  }

  // The kernel kills the programs when the spawner is dead, and gives us what they had started. So first its death.
  void replace(std::vector<SpawnerEvent>& events) {
    control.close();
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    kill_marked(options.marker, false);
    Sockets sockets;
    pid = options.again.empty() ? fork_spawner(sockets) : run_again(sockets, options.again);
    control = std::move(sockets.ours);
    frames = {};
    send(encode(Hello{options.marker}));

    events.push_back(SpawnerLost{});
    Instant now = clock.now();
    for (auto& [id, attempt] : running) {
      if (!attempt.log_file.empty())
        append_note(attempt.log_file, "the process that ran this was killed, and this with it", now);
      Ended ended;
      ended.id = id;
      ended.lost = true;
      ended.at = now;
      events.push_back(std::move(ended));
    }
    running.clear();
  }

  SpawnerOptions options;
  pid_t pid = -1;
  FileDescriptor control;
  FrameBuffer frames;
  std::map<std::uint64_t, Running> running;
  SystemClock clock;
};

Spawner::Spawner(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spawner::~Spawner() = default;
Spawner::Spawner(Spawner&&) noexcept = default;
Spawner& Spawner::operator=(Spawner&&) noexcept = default;

Spawner Spawner::start(SpawnerOptions options) {
  return Spawner(std::make_unique<State>(std::move(options)));
}

void Spawner::launch(const Launch& launch) {
  state_->running[launch.id] = {.log_file = launch.log_file};
  state_->send(encode(launch));
}

void Spawner::end(std::uint64_t id, std::chrono::milliseconds grace) {
  state_->send(encode(EndRequest{id, grace}));
}

void Spawner::watch(std::uint64_t id, bool on) {
  state_->send(encode(WatchRequest{id, on}));
}

int Spawner::descriptor() const {
  return state_->control.get();
}

std::vector<SpawnerEvent> Spawner::receive() {
  std::vector<SpawnerEvent> events;
  state_->receive(events);
  return events;
}

int Spawner::pid() const {
  return state_->pid;
}

const std::string& Spawner::marker() const {
  return state_->options.marker;
}

int run_spawner() {
  return live(STDIN_FILENO);
}

std::size_t kill_leftovers(std::string_view marker) {
  return kill_marked(marker, true);
}

}  // namespace plumb::run
