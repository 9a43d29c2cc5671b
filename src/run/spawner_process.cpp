#include "run/spawner_process.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "run/spawner_marks.h"
#include "run/spawner_program.h"

namespace plumb::run {
namespace {

constexpr std::chrono::seconds kGraceOfOrphans{2};
constexpr std::size_t kBuffer = 64u << 10;

// What an epoll event is about: the socket, a death, or an attempt's stream as launch * 2 + stream.
constexpr std::uint64_t kControl = 0, kDeath = 1;
std::uint64_t source_of(std::uint32_t launch, LogStream stream) {
  return std::uint64_t{launch} * 2 + (stream == LogStream::Err ? 1 : 0);
}

}  // namespace

SpawnerProcess::SpawnerProcess(FileDescriptor control) : control_(std::move(control)), buffer_(kBuffer) {
  ::prctl(PR_SET_NAME, "plumb-spawner");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int signal : kIgnoredSignals) ::signal(signal, SIG_IGN);
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::signal(SIGCHLD, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &child, nullptr);
  deaths_ = FileDescriptor(::signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC));
  epoll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  watch(control_.get(), EPOLLIN, kControl);
  watch(deaths_.get(), EPOLLIN, kDeath);
}

void SpawnerProcess::run() {
  while (!closing_ || !attempts_.empty() || children_left_) {
    wait();
    fire();
    if (reaped_some_) sweep();
    finish();
    flush();
  }
}

void SpawnerProcess::wait() {
  std::optional<Moment> next;
  for (const auto& [launch, attempt] : attempts_) {
    auto moment = attempt.next_moment();
    if (moment && (!next || *moment < *next)) next = moment;
  }
  std::int64_t limit = -1;
  if (next && *next != Moment::max()) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - std::chrono::steady_clock::now()).count();
    limit = std::clamp<std::int64_t>(left, 0, 3'600'000);
  }
  std::array<epoll_event, 64> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), static_cast<int>(limit));
  bool deaths = false;
  for (int i = 0; i < count; ++i) {
    std::uint64_t source = events[static_cast<std::size_t>(i)].data.u64;
    deaths = deaths || source == kDeath;
    if (source == kControl) read_requests();
    if (source <= kDeath) continue;
    auto attempt = attempts_.find(static_cast<std::uint32_t>(source / 2));
    LogStream stream = source % 2 == 1 ? LogStream::Err : LogStream::Out;
    if (attempt != attempts_.end()) attempt->second.read(stream, buffer_, clock_.now());
  }
  // After the output, so that an end comes after what was said before it.
  if (deaths) reap();
}

void SpawnerProcess::read_requests() {
  while (!closing_) {
    ssize_t got = ::recv(control_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return flush();
    if (got <= 0) return close();
    requests_.add({buffer_.data(), static_cast<std::size_t>(got)});
    while (auto message = requests_.next()) handle(decode_request(*message));
  }
}

void SpawnerProcess::handle(SpawnerRequest request) {
  if (const auto* hello = std::get_if<Hello>(&request)) {
    marker_ = hello->marker;
    instance_ = instance_of(marker_);
    set_mark(mark_of(instance_, 0));
  } else if (const auto* wanted = std::get_if<Launch>(&request)) {
    launch(*wanted);
  } else if (const auto* end = std::get_if<EndRequest>(&request)) {
    if (Attempt* attempt = find(end->id)) attempt->kill_by_request(end->grace, std::chrono::steady_clock::now());
  } else if (const auto* watched = std::get_if<WatchRequest>(&request)) {
    if (Attempt* attempt = find(watched->id)) attempt->watch(watched->on);
  }
}

void SpawnerProcess::launch(const Launch& launch) {
  std::uint32_t number = ++launches_;
  Instant now = clock_.now();
  Attempt& attempt = attempts_.try_emplace(number, launch, marker_, mark_of(instance_, number), now).first->second;
  launch_of_id_[launch.id] = number;
  if (!attempt.started()) return;
  launch_of_pid_[attempt.pid()] = number;
  send(Started{launch.id, attempt.pid(), now});
  for (LogStream stream : {LogStream::Out, LogStream::Err}) {
    if (attempt.descriptor(stream) >= 0) watch(attempt.descriptor(stream), EPOLLIN, source_of(number, stream));
  }
}

void SpawnerProcess::reap() {
  signalfd_siginfo information;
  while (::read(deaths_.get(), &information, sizeof information) > 0) {
  }
  for (;;) {
    siginfo_t dead{};
    if (::waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) != 0 || dead.si_pid == 0) return;
    auto program = launch_of_pid_.find(dead.si_pid);
    Attempt* attempt = program == launch_of_pid_.end() ? nullptr : &attempts_.at(program->second);
    if (attempt != nullptr) attempt->kill_group();
    int status = 0;
    rusage usage{};
    ::wait4(dead.si_pid, &status, 0, &usage);
    reaped_some_ = true;
    if (attempt == nullptr) continue;
    Instant now = clock_.now();
    attempt->reaped(status, usage, now);
    for (LogStream stream : {LogStream::Out, LogStream::Err}) attempt->read(stream, buffer_, now);
    launch_of_pid_.erase(program);
  }
}

// When a process dies, its children become ours before we hear of its death. So whatever is left of an ended attempt
// has an ancestor among our children; killing that brings the next, with another death to hear of.
void SpawnerProcess::sweep() {
  reaped_some_ = false;
  std::vector<std::uint32_t> with_leftovers;
  children_left_ = false;
  for (pid_t child : children()) {
    if (launch_of_pid_.contains(child)) continue;
    auto launch = find_launch_of(child);
    auto attempt = launch ? attempts_.find(*launch) : attempts_.end();
    bool belongs = attempt != attempts_.end() && !attempt->second.program_ended();
    // One that can't be told stays as long as it may belong to somebody.
    bool unknown = !launch && !idle();
    if (belongs || unknown) continue;
    // Of a program that was a scheduler itself: ends all that is its own, and then itself.
    bool spawner = is_spawner(child);
    if (!spawner && ::kill(child, SIGKILL) != 0) continue;  // it runs as another user
    children_left_ = true;
    if (launch) with_leftovers.push_back(*launch);
  }
  auto now = std::chrono::steady_clock::now();
  for (auto& [launch, attempt] : attempts_) {
    if (!attempt.program_ended()) continue;
    bool some = std::find(with_leftovers.begin(), with_leftovers.end(), launch) != with_leftovers.end();
    attempt.set_leftovers(some, now);
  }
}

// The environment is for those that changed their limits.
std::optional<std::uint32_t> SpawnerProcess::find_launch_of(pid_t child) const {
  if (auto launch = find_launch(child, instance_)) return launch;
  auto id = find_attempt(child, marker_);
  if (!id) return std::nullopt;
  auto launch = launch_of_id_.find(*id);
  return launch == launch_of_id_.end() ? 0 : launch->second;
}

void SpawnerProcess::fire() {
  auto now = std::chrono::steady_clock::now();
  for (auto& [launch, attempt] : attempts_) {
    attempt.fire(now, clock_.now());
    if (auto size = attempt.take_growth(now)) send(LogGrew{attempt.id(), *size});
  }
}

void SpawnerProcess::finish() {
  for (auto entry = attempts_.begin(); entry != attempts_.end();) {
    if (!entry->second.finished()) {
      ++entry;
      continue;
    }
    Ended ended = entry->second.take_result(clock_.now());
    launch_of_id_.erase(ended.id);
    send(ended);
    entry = attempts_.erase(entry);
  }
}

void SpawnerProcess::close() {
  closing_ = true;
  unsent_.clear();
  auto now = std::chrono::steady_clock::now();
  for (auto& [launch, attempt] : attempts_) attempt.end(kGraceOfOrphans, now);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, control_.get(), nullptr);
  control_.close();
  reaped_some_ = true;
}

void SpawnerProcess::send(const SpawnerEvent& event) {
  if (!closing_) unsent_ += encode(event);
}

void SpawnerProcess::flush() {
  while (!closing_ && !unsent_.empty()) {
    ssize_t sent = ::send(control_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      unsent_.erase(0, static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      break;
    } else if (sent >= 0 || errno != EINTR) {
      return close();
    }
  }
  if (closing_ || waits_to_send_ != unsent_.empty()) return;
  waits_to_send_ = !unsent_.empty();
  epoll_event event{.events = EPOLLIN | (waits_to_send_ ? EPOLLOUT : 0u), .data = {.u64 = kControl}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, control_.get(), &event);
}

void SpawnerProcess::watch(int descriptor, std::uint32_t events, std::uint64_t what) {
  epoll_event event{.events = events, .data = {.u64 = what}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

Attempt* SpawnerProcess::find(std::uint64_t id) {
  auto launch = launch_of_id_.find(id);
  return launch == launch_of_id_.end() ? nullptr : &attempts_.at(launch->second);
}

bool SpawnerProcess::idle() const {
  return std::all_of(attempts_.begin(), attempts_.end(),
                     [](const auto& entry) { return entry.second.program_ended(); });
}

}  // namespace plumb::run
