#include "run/spawner_marks.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <set>
#include <string>

#include "base/file.h"
#include "base/format.h"

namespace plumb::run {
namespace {

// A spawner whose owner is gone gives its attempts two seconds.
constexpr int kPatience = 3000;  // ms
// Death by SIGKILL takes microseconds, unless the kernel waits for a disk.
constexpr int kLongestDeath = 2000;  // ms

template <class Number>
std::optional<Number> find_number(std::string_view text) {
  Number number{};
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    if (auto pid = find_number<pid_t>(entry->d_name)) pids.push_back(*pid);
  }
  return pids;
}

// Of a file that has no size, and whose process may be gone by now: then empty.
std::string read_proc(const std::string& path) {
  std::string text;
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> piece;
  ssize_t got = 0;
  while (file && (got = ::read(file.get(), piece.data(), piece.size())) > 0)
    text.append(piece.data(), static_cast<std::size_t>(got));
  return text;
}

// Of /proc/PID/stat, "7 (name) S 1 …": the state and the parent. The name may hold anything.
struct Stat {
  char state = 'X';
  pid_t parent = 0;
};
Stat stat_of(pid_t pid) {
  std::string text = read_proc(format("/proc/{}/stat", pid));
  std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || text.size() < name_end + 5) return {};
  std::string_view rest = std::string_view(text).substr(name_end + 4);
  return {text[name_end + 2], find_number<pid_t>(rest.substr(0, rest.find(' '))).value_or(0)};
}

bool is_dead(char state) {
  return state == 'Z' || state == 'X';
}

void wait_for_end(pid_t pid, int limit) {
  FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  if (process) ::poll(&end, 1, limit);
}

}  // namespace

std::uint32_t instance_of(std::string_view marker) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (char c : marker) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  // One bit less than there is room for: no limit at all is all bits set.
  return static_cast<std::uint32_t>((hash ^ hash >> 32) & 0x7fffffff) | 1;
}

std::uint64_t mark_of(std::uint32_t instance, std::uint32_t launch) {
  return std::uint64_t{instance} << 32 | launch;
}

void set_mark(std::uint64_t mark) {
  rlimit limit{};
  ::getrlimit(RLIMIT_LOCKS, &limit);
  limit.rlim_cur = mark;
  ::setrlimit(RLIMIT_LOCKS, &limit);
}

std::optional<std::uint32_t> find_launch(pid_t pid, std::uint32_t instance) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_LOCKS, nullptr, &limit) != 0 || limit.rlim_cur >> 32 != instance) return std::nullopt;
  return static_cast<std::uint32_t>(limit.rlim_cur);
}

bool is_spawner(pid_t pid) {
  rlimit limit{};
  return ::prlimit(pid, RLIMIT_LOCKS, nullptr, &limit) == 0 && limit.rlim_cur != 0 &&
         static_cast<std::uint32_t>(limit.rlim_cur) == 0;
}

std::optional<std::uint64_t> find_attempt(pid_t pid, std::string_view marker) {
  std::string environment = read_proc(format("/proc/{}/environ", pid));
  std::string wanted = format("PLUMB_ATTEMPT={}:", marker);
  std::size_t at = environment.find(wanted);
  if (at == std::string::npos || (at > 0 && environment[at - 1] != '\0')) return std::nullopt;
  std::string_view rest = std::string_view(environment).substr(at + wanted.size());
  return find_number<std::uint64_t>(rest.substr(0, rest.find('\0')));
}

std::vector<pid_t> children() {
  std::vector<pid_t> pids;
  pid_t self = ::getpid();
  std::string file = format("/proc/{0}/task/{0}/children", self);
  if (::access(file.c_str(), R_OK) == 0) {
    std::string text = read_proc(file);
    std::string_view rest = text;
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find(' '), rest.size());
      if (auto pid = find_number<pid_t>(rest.substr(0, end))) pids.push_back(*pid);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return pids;
  }
  // A kernel without CONFIG_PROC_CHILDREN.
  for (pid_t pid : all_processes()) {
    if (stat_of(pid).parent == self) pids.push_back(pid);
  }
  return pids;
}

std::size_t kill_marked(std::string_view marker, bool patience) {
  std::uint32_t instance = instance_of(marker);
  std::set<pid_t> killed;
  bool found = true;
  while (found) {
    found = false;
    for (pid_t pid : all_processes()) {
      auto launch = find_launch(pid, instance);
      if (pid == ::getpid() || (!launch && !find_attempt(pid, marker))) continue;
      if (is_dead(stat_of(pid).state)) {
        ::waitpid(pid, nullptr, WNOHANG);
        continue;
      }
      if (launch == 0u && patience) {
        wait_for_end(pid, kPatience);
        patience = false;
        found = true;
        break;
      }
      if (::kill(pid, SIGKILL) != 0) continue;
      wait_for_end(pid, kLongestDeath);
      ::waitpid(pid, nullptr, WNOHANG);
      found = killed.insert(pid).second || found;
    }
  }
  return killed.size();
}

}  // namespace plumb::run
