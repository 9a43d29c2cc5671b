#include "base/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/format.h"

namespace plumb {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(std::string_view doing, int code) {
  throw Error(ErrorKind::Io, format("{}: {}", doing, std::generic_category().message(code)));
}

// The child's standard descriptors are put upon ours of these numbers; so none of ours may have them.
FileDescriptor above_standard(int descriptor) {
  if (descriptor > STDERR_FILENO) return FileDescriptor(descriptor);
  FileDescriptor low(descriptor);
  FileDescriptor moved(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) fail("can't open a descriptor", errno);
  return moved;
}

// posix_spawn's two bags of wishes.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void connect(int ours, int theirs) {
    if (ours >= 0) ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs);
  }
  void enter(const std::filesystem::path& folder) {
    if (!folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  void close_the_rest() { ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1); }

  // No signal blocked or ignored, whatever we do with ours; a group of its own if wanted.
  void set_attributes(bool own_group) {
    sigset_t none;
    sigset_t usual;
    ::sigemptyset(&none);
    ::sigemptyset(&usual);
    for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU})
      ::sigaddset(&usual, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0);
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }

  // The error number, or 0.
  int start(pid_t& pid, char* const* arguments, char* const* environment) const {
    return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// The texts as C wants them: pointers with a null one at the end. Valid as long as the texts.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    if (text.find('\0') != std::string::npos)
      throw Error(ErrorKind::Data, "a program can't be given a text with a NUL");
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(const Command& command, const StandardStreams& streams) {
  if (command.arguments.empty()) throw Error(ErrorKind::Internal, "a command needs the name of its program");
  std::error_code ignored;
  if (!command.folder.empty() && !std::filesystem::is_directory(command.folder, ignored)) {
    throw Error(ErrorKind::NotFound, format("there is no folder '{}' to run in", command.folder.string()));
  }
  SpawnPlan plan;
  plan.connect(streams.input, STDIN_FILENO);
  plan.connect(streams.output, STDOUT_FILENO);
  plan.connect(streams.errors, STDERR_FILENO);
  plan.enter(command.folder);
  plan.close_the_rest();
  plan.set_attributes(!command.foreground);

  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> variables;
  if (command.environment) {
    for (const auto& [name, value] : *command.environment) variables.push_back(format("{}={}", name, value));
  }
  std::vector<char*> argument_pointers = pointers_to(arguments);
  std::vector<char*> variable_pointers = pointers_to(variables);
  pid_t pid = -1;
  int code = plan.start(pid, argument_pointers.data(), command.environment ? variable_pointers.data() : environ);
  if (code == ENOENT || code == ENOTDIR) {
    throw Error(ErrorKind::NotFound, format("there is no program '{}'", arguments[0]),
                {.hint = "install it, or add its folder to PATH"});
  }
  if (code != 0) fail(format("can't run '{}'", arguments[0]), code);
  return pid;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("can't keep a program's input", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("can't open a pipe", errno);
  write = FileDescriptor(ends[1]);
  read = above_standard(ends[0]);
  if (write.get() <= STDERR_FILENO) write = FileDescriptor(::fcntl(write.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!write) fail("can't open a pipe", errno);
}

// A file in memory rather than a pipe: it needs nobody to feed it, and no care when the program does not read it.
FileDescriptor open_input(std::string_view text) {
  if (text.empty()) {
    int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0) fail("can't open /dev/null", errno);
    return above_standard(null);
  }
  int memory = ::memfd_create("plumb-input", MFD_CLOEXEC);
  if (memory < 0) fail("can't keep a program's input", errno);
  FileDescriptor file = above_standard(memory);
  write_all(file.get(), text);
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

Child::Child(const Command& command, const StandardStreams& streams)
    : pid_(start(command, streams)), own_group_(!command.foreground) {
  // By number, as glibc 2.35 has no function for it yet. The descriptor is closed on exec by nature.
  descriptor_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Child::~Child() {
  if (status_) return;
  send_signal(SIGKILL);
  reap();
}

bool Child::ended() const {
  if (status_) return true;
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

bool Child::wait_for_end(std::optional<milliseconds> limit) const {
  constexpr milliseconds kGlance{10};  // between two looks, where nothing wakes us
  auto until = steady_clock::now() + limit.value_or(milliseconds(0));
  while (!ended()) {
    auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (limit && left <= milliseconds(0)) return false;
    milliseconds wait = limit ? left : milliseconds(-1);
    if (!descriptor_) wait = limit ? std::min(left, kGlance) : kGlance;
    pollfd end{.fd = descriptor_.get(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, static_cast<int>(std::min<std::int64_t>(wait.count(), 1'000'000)));
  }
  return true;
}

void Child::send_signal(int signal) const {
  if (!status_) ::kill(pid_, signal);
}

void Child::send_signal_to_group(int signal) const {
  // Before it is reaped the number is its own; later it might be somebody else's.
  if (!status_) ::kill(own_group_ ? -pid_ : pid_, signal);
}

void Child::end(milliseconds grace) const {
  if (ended()) return;
  send_signal_to_group(SIGTERM);
  send_signal_to_group(SIGCONT);  // a stopped program hears nothing else
  if (!wait_for_end(grace)) send_signal_to_group(SIGKILL);
}

int Child::reap() {
  if (status_) return *status_;
  wait_for_end(std::nullopt);
  if (own_group_) send_signal_to_group(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
  return status;
}

}  // namespace plumb
