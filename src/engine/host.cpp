#include "engine/host.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/format.h"
#include "engine/hosted_job.h"
#include "engine/messages.h"
#include "engine/wire.h"

namespace plumb::engine {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Wakes the loop from other threads.
class Bell {
 public:
  Bell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  int descriptor() const { return event_.get(); }
  void ring() const { ::eventfd_write(event_.get(), 1); }
  void silence() const {
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
  }

 private:
  FileDescriptor event_;
};

// One loop, in which everything but the jobs themselves happens:
//
//   1. wait for a frame, a guest, a job's end, a deadline, the idle time
//   2. read frames: jobs are queued, stopped, fed; whoever has gone takes its jobs along
//   3. forget jobs that have ended, start those that waited
//   4. leave when there is nothing left to do and no reason to stay
class Host {
 public:
  Host(const HostOptions& options, const CarryOut& carry_out)
      : options_(options),
        carry_out_(carry_out),
        folders_(threads_have_folders()),
        listener_(options.folder.empty() ? std::nullopt : Listener::open(options.folder)) {
    if (options_.owner >= 0) owner_ = greet(FileDescriptor(options_.owner));
  }

  void run(const std::stop_token& stop) {
    std::stop_callback wake(stop, [this] { bell_.ring(); });
    while (true) {
      wait();
      bell_.silence();
      if (stop.stop_requested()) leave();
      hear_peers();
      hear_guests();
      const auto now = steady_clock::now();
      end_late_jobs(now);
      forget_ended_jobs(now);
      start_waiting_jobs();
      if (jobs_.empty() && (leaving_ || now >= idle_since_ + options_.idle_timeout)) break;
    }
    if (listener_) listener_->close();
    for (const auto& peer : peers_) peer->send(FrameKind::Leaving, 0, {}, [] { return false; });
  }

 private:
  using Peer = std::shared_ptr<Wire>;

  Peer greet(FileDescriptor socket) {
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    auto peer = std::make_shared<Wire>(std::move(socket));
    const Greeting greeting{.protocol = kProtocol, .pid = static_cast<int>(::getpid()), .folders = folders_};
    peer->send(FrameKind::Hello, 0, greeting_json(greeting), [] { return false; });
    peers_.push_back(peer);
    return peer;
  }

  void wait() const {
    std::vector<pollfd> waiting{{bell_.descriptor(), POLLIN, 0}};
    if (listener_ && !leaving_) waiting.push_back({listener_->descriptor(), POLLIN, 0});
    for (const auto& peer : peers_) waiting.push_back({peer->descriptor(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), milliseconds_to_wait());
  }

  int milliseconds_to_wait() const {
    std::optional<steady_clock::time_point> until = given_up_ ? std::nullopt : give_up_at_;
    auto earlier = [&until](steady_clock::time_point other) { until = until ? std::min(*until, other) : other; };
    if (jobs_.empty()) earlier(idle_since_ + options_.idle_timeout);
    for (const auto& job : jobs_) {
      if (job->deadline()) earlier(*job->deadline());
    }
    if (!until) return -1;
    const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
  }

  void hear_peers() {
    // What has come before the other end went still counts.
    for (const auto& peer : std::vector<Peer>(peers_)) {
      const bool there = peer->receive();
      // Nonsense ends the connection it came on, and nothing else: the place where frames enter.
      try {
        while (auto frame = peer->next()) take(peer, *frame);
      } catch (const Error& error) {
        options_.log.warn(format("a connection was broken off: {}", error.message()));
        peer->break_off();
      }
      if (!there || !peer->alive()) forget(peer);
    }
  }

  void take(const Peer& peer, Frame& frame) {
    switch (frame.kind) {
      case FrameKind::Hello:
        if (read_greeting(frame.body).protocol != kProtocol) {
          throw Error(ErrorKind::Data, format("the other side speaks another protocol than {}", kProtocol));
        }
        break;
      case FrameKind::Job:
        if (leaving_) break;
        jobs_.push_back(
            std::make_unique<HostedJob>(read_job(frame.job, frame.body), peer, carry_out_, [this] { bell_.ring(); }));
        break;
      case FrameKind::Cancel:
        // One that still waits ends like the others: it starts, with its stop asked for.
        if (auto* job = find_job(*peer, frame.job)) job->cancel();
        break;
      case FrameKind::Input:
      case FrameKind::LastInput:
        if (auto* job = find_job(*peer, frame.job))
          job->feed(std::move(frame.body), frame.kind == FrameKind::LastInput);
        break;
      default:
        throw Error(ErrorKind::Data, format("a frame of kind {} is none for an engine", static_cast<int>(frame.kind)));
    }
  }

  HostedJob* find_job(const Wire& wire, std::uint64_t id) const {
    for (const auto& job : jobs_) {
      if (&job->wire() == &wire && job->id() == id) return job.get();
    }
    return nullptr;
  }

  void forget(const Peer& peer) {
    peer->break_off();
    std::erase_if(jobs_, [&](const auto& job) { return &job->wire() == peer.get() && !job->started(); });
    for (const auto& job : jobs_) {
      if (&job->wire() == peer.get()) job->cancel();
    }
    std::erase(peers_, peer);
    if (peer == owner_) {
      leaving_ = true;
      give_up_at_ = steady_clock::now() + options_.patience;
      if (listener_) listener_->close();
    }
  }

  void hear_guests() {
    if (!listener_ || leaving_) return;
    while (auto guest = listener_->accept()) greet(*std::move(guest));
  }

  void end_late_jobs(steady_clock::time_point now) {
    for (const auto& job : jobs_) {
      if (job->deadline() && now >= *job->deadline()) job->time_out();
    }
    if (given_up_ || !give_up_at_ || now < *give_up_at_) return;
    given_up_ = true;
    // Guests' jobs may take the time that they need.
    bool stuck =
        std::any_of(jobs_.begin(), jobs_.end(), [this](const auto& job) { return &job->wire() == owner_.get(); });
    if (stuck && options_.give_up) options_.give_up();
  }

  void forget_ended_jobs(steady_clock::time_point now) {
    if (std::erase_if(jobs_, [](const auto& job) { return job->finished(); }) == 0) return;
    idle_since_ = now;
    if (jobs_.empty()) ::malloc_trim(0);
  }

  void start_waiting_jobs() {
    auto running = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->started(); });
    for (const auto& job : jobs_) {
      if (running >= options_.most_jobs) return;
      if (job->started()) continue;
      job->start();
      ++running;
    }
  }

  void leave() {
    if (leaving_) return;
    leaving_ = true;
    if (listener_) listener_->close();
    for (const auto& job : jobs_) job->cancel();
  }

  const HostOptions& options_;
  const CarryOut& carry_out_;
  const bool folders_;
  Bell bell_;
  Peer owner_;
  std::vector<Peer> peers_;
  std::optional<Listener> listener_;
  std::list<std::unique_ptr<HostedJob>> jobs_;  // in the order in which they came
  steady_clock::time_point idle_since_ = steady_clock::now();
  std::optional<steady_clock::time_point> give_up_at_;
  bool given_up_ = false;
  bool leaving_ = false;
};

}  // namespace

void host(const HostOptions& options, const CarryOut& carry_out, std::stop_token stop) {
  Host(options, carry_out).run(stop);
}

}  // namespace plumb::engine
