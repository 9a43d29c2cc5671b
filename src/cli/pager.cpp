#include "cli/pager.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

extern char** environ;

namespace plumb::cli {

namespace {

constexpr int kPollMilliseconds = 20;

// Started by a shell, as $PAGER may hold options; with the signals that we block let through.
int spawn_pager(int read_end) {
  std::string command = find_environment("PAGER").value_or("");
  if (command.empty()) command = "LESS=${LESS-FRSX} less 2>/dev/null || cat";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, read_end, STDIN_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "/bin/sh";
  std::string option = "-c";
  char* words[] = {shell.data(), option.data(), command.data(), nullptr};
  pid_t process = -1;
  int failed = posix_spawn(&process, shell.c_str(), &actions, &attributes, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? process : -1;
}

}  // namespace

Pager::Pager(std::stop_token stop) : stop_(std::move(stop)) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::Io, "can't make a pipe for the pager");
  process_ = spawn_pager(ends[0]);
  ::close(ends[0]);
  pipe_ = ends[1];
}

Pager::~Pager() {
  finish();
}

// Somebody who reads slowly must not keep us from ending, so nothing here blocks for long.
void Pager::write(std::string_view text) {
  while (!text.empty() && !left_) {
    pollfd waiting{pipe_, POLLOUT, 0};
    if (::poll(&waiting, 1, kPollMilliseconds) <= 0) {
      if (stop_.stop_requested()) throw Error(ErrorKind::Cancelled, "stopped");
      continue;
    }
    auto written = ::write(pipe_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    left_ = written < 0;
    if (!left_) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Pager::finish() {
  if (pipe_ < 0) return;
  ::close(pipe_);
  pipe_ = -1;
  int status = 0;
  bool told = false;
  while (process_ > 0 && ::waitpid(process_, &status, WNOHANG) == 0) {
    if (stop_.stop_requested() && !std::exchange(told, true)) ::kill(process_, SIGTERM);
    ::poll(nullptr, 0, kPollMilliseconds);
  }
}

}  // namespace plumb::cli
