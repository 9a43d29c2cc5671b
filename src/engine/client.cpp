#include "engine/client.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <string>

#include "base/file.h"
#include "base/format.h"
#include "base/process.h"
#include "engine/leftovers.h"
#include "engine/messages.h"
#include "engine/wire.h"

namespace plumb::engine {

namespace {

using std::chrono::steady_clock;

// An engine that leaves before it takes a job is started anew so many times for it.
constexpr int kMostStarts = 3;

}  // namespace

std::string own_program() {
  std::error_code failed;
  auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed || !std::filesystem::exists(path, failed) ? "/proc/self/exe" : path.string();
}

struct EngineClient::State {
  struct Pending {
    std::string frame;  // kept until it has started
    int starts = 0;
    bool started = false;
  };

  explicit State(EngineOptions given)
      : options(std::move(given)),
        poll(::epoll_create1(EPOLL_CLOEXEC)),
        bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{.events = EPOLLIN, .data = {}};
    ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, bell.get(), &event);
  }

  // ---- The child

  void start_engine() {
    kill_leftovers(options.folder);
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw Error(ErrorKind::Io, "can't open a socket for the engine");
    }
    FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    Command command{.arguments = options.command};
    if (command.arguments.empty()) command.arguments = {own_program(), "engine"};
    for (const std::string& word :
         {std::string("--project-dir"), options.folder.string(), std::string("--owner"), std::string("0"),
          format("--idle={}", options.idle_timeout.count()), format("--jobs={}", options.most_jobs)}) {
      command.arguments.push_back(word);
    }
    command.folder = options.folder;
    command.environment.emplace();
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const std::size_t equals = text.find('=');
      if (equals != std::string_view::npos && text.substr(0, equals) != kMarkVariable)
        command.environment->emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    command.environment->emplace_back(kMarkVariable, engine_mark(options.folder));
    command.input_descriptor = theirs.get();
    child.emplace(command);
    socket = std::move(ours);
    reader = FrameReader();
    outbox = encode(FrameKind::Hello, 0, greeting_json({.protocol = kProtocol, .pid = ::getpid(), .folders = true}));
    leaving = false;
    watch(EPOLL_CTL_ADD);
    options.log.info(format("started engine {}", child->pid()));
  }

  void watch(int what) {
    epoll_event event{.events = outbox.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, .data = {}};
    ::epoll_ctl(poll.get(), what, socket.get(), &event);
  }

  // Kills what may be left of it, and says what is lost. Jobs that it had not begun go to the next one.
  void bury(std::string why) {
    socket.close();
    child->send_signal(SIGKILL);
    child->wait();
    child.reset();
    kill_leftovers(options.folder);
    outbox.clear();
    Lost lost{.jobs = {}, .why = std::move(why)};
    for (auto at = jobs.begin(); at != jobs.end();) {
      if (leaving && !at->second.started && at->second.starts < kMostStarts) {
        ++at;
        continue;
      }
      lost.jobs.push_back(at->first);
      at = jobs.erase(at);
    }
    if (!lost.jobs.empty()) tell(std::move(lost));
    if (!jobs.empty()) send_jobs_again();
  }

  void send_jobs_again() {
    for (auto& entry : jobs) entry.second.starts += 1;
    try_to_start([this] {
      for (const auto& entry : jobs) outbox += entry.second.frame;
    });
  }

  template <class Work>
  void try_to_start(Work&& work) {
    // No engine is an outcome for the scheduler, not its end.
    try {
      if (!child) start_engine();
      work();
      flush();
    } catch (const Error& error) {
      Lost lost{.jobs = {}, .why = error.message()};
      for (const auto& entry : jobs) lost.jobs.push_back(entry.first);
      jobs.clear();
      tell(std::move(lost));
    }
  }

  // ---- The conversation

  void tell(Event event) {
    events.push_back(std::move(event));
    ::eventfd_write(bell.get(), 1);
  }

  void flush() {
    const bool was_empty = outbox.empty();
    std::size_t sent_all = 0;
    while (sent_all < outbox.size()) {
      const auto sent =
          ::send(socket.get(), outbox.data() + sent_all, outbox.size() - sent_all, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) break;  // full, or gone: the next receive() finds out
      sent_all += static_cast<std::size_t>(sent);
    }
    outbox.erase(0, sent_all);
    if (!was_empty || !outbox.empty()) watch(EPOLL_CTL_MOD);
  }

  void send(FrameKind kind, std::uint64_t job, std::string_view body) {
    if (!socket) return;
    outbox += encode(kind, job, body);
    flush();
  }

  void hear() {
    if (!socket) return;
    if (!outbox.empty()) flush();
    std::array<char, 1 << 16> piece;
    bool gone = false;
    while (!gone) {
      const auto got = ::recv(socket.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      gone = got <= 0;
      if (!gone) reader.append({piece.data(), static_cast<std::size_t>(got)});
    }
    std::string why = "the engine died";
    // Nonsense from an engine is the engine's end.
    try {
      while (auto frame = reader.next()) take(*frame);
    } catch (const Error& error) {
      why = format("the engine was ended: {}", error.message());
      gone = true;
    }
    if (gone) bury(std::move(why));
  }

  void take(Frame& frame) {
    switch (frame.kind) {
      case FrameKind::Hello:
        if (int theirs = read_greeting(frame.body).protocol; theirs != kProtocol) {
          throw Error(ErrorKind::Data, format("it speaks protocol {}, and we {}", theirs, kProtocol));
        }
        return;
      case FrameKind::Leaving:
        leaving = true;
        return;
      default:
        break;
    }
    auto job = jobs.find(frame.job);
    if (job == jobs.end()) return;
    take_of_job(job, frame);
  }

  void take_of_job(std::map<std::uint64_t, Pending>::iterator job, Frame& frame) {
    switch (frame.kind) {
      case FrameKind::Started:
        job->second.started = true;
        job->second.frame.clear();
        tell(read_started(frame.job, frame.body));
        break;
      case FrameKind::Output:
      case FrameKind::Errors:
        tell(Output{frame.job, frame.kind == FrameKind::Output ? Stream::Output : Stream::Errors,
                    std::move(frame.body)});
        break;
      case FrameKind::WantLine:
      case FrameKind::WantAll:
        tell(InputWanted{frame.job, frame.kind == FrameKind::WantLine});
        break;
      case FrameKind::Ended: {
        auto ended = read_ended(frame.job, frame.body);
        jobs.erase(job);
        tell(std::move(ended));
        break;
      }
      default:
        throw Error(ErrorKind::Data, format("a frame of kind {} is none of an engine's", static_cast<int>(frame.kind)));
    }
  }

  EngineOptions options;
  FileDescriptor poll;
  FileDescriptor bell;  // rings while there are events to fetch
  FileDescriptor socket;
  std::optional<ChildProcess> child;
  FrameReader reader;
  std::string outbox;
  bool leaving = false;  // the engine takes no further job
  std::map<std::uint64_t, Pending> jobs;
  std::vector<Event> events;
};

EngineClient::EngineClient(EngineOptions options) : state_(std::make_unique<State>(std::move(options))) {}

EngineClient::~EngineClient() {
  stop(std::chrono::milliseconds(0));
}

int EngineClient::descriptor() const {
  return state_->poll.get();
}

std::vector<Event> EngineClient::receive() {
  state_->hear();
  eventfd_t count = 0;
  ::eventfd_read(state_->bell.get(), &count);
  return std::exchange(state_->events, {});
}

void EngineClient::start_job(const Job& job) {
  State::Pending pending{.frame = encode(FrameKind::Job, job.id, job_json(job)), .starts = 1, .started = false};
  if (pending.frame.size() > kLargestFrame) {
    state_->tell(Lost{.jobs = {job.id}, .why = "the job is larger than the protocol allows"});
    return;
  }
  auto& kept = state_->jobs[job.id];
  kept = std::move(pending);
  state_->try_to_start([&] { state_->outbox += kept.frame; });
}

void EngineClient::cancel(std::uint64_t job) {
  if (state_->jobs.contains(job)) state_->send(FrameKind::Cancel, job, {});
}

void EngineClient::send_input(std::uint64_t job, std::string_view text, bool last) {
  if (state_->jobs.contains(job)) state_->send(last ? FrameKind::LastInput : FrameKind::Input, job, text);
}

std::size_t EngineClient::jobs() const {
  return state_->jobs.size();
}

std::optional<int> EngineClient::pid() const {
  if (!state_->child) return std::nullopt;
  return state_->child->pid();
}

std::size_t EngineClient::memory() const {
  if (!state_->child) return 0;
  auto text = find_file(format("/proc/{}/statm", state_->child->pid()));
  if (!text) return 0;
  const std::size_t blank = text->find(' ');
  if (blank == std::string::npos) return 0;
  return std::strtoull(text->c_str() + blank + 1, nullptr, 10) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void EngineClient::stop(std::chrono::milliseconds grace) {
  if (!state_->child) return;
  if (grace.count() > 0) state_->child->send_signal(SIGTERM);
  const auto until = steady_clock::now() + grace;
  while (state_->child) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) break;
    pollfd waiting{state_->poll.get(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(left.count()));
    state_->hear();
    eventfd_t count = 0;
    ::eventfd_read(state_->bell.get(), &count);
  }
  state_->leaving = false;  // what has not begun is lost as well
  if (state_->child) state_->bury("the engine was stopped");
  if (!state_->events.empty()) ::eventfd_write(state_->bell.get(), 1);
}

}  // namespace plumb::engine
