// A small process that starts other programs, writes their logs, and sees to it that nothing of them stays behind.
//
// It is forked before there are threads, stays at about a megabyte, and outlives us by no more than it takes to end
// what runs. Below it each attempt is a process group of its own. What comes of it arrives as events:
//
//     Spawner spawner = Spawner::start({.marker = "b1946ac9"});
//     spawner.launch({.id = 7, .arguments = {"bash", "-c", "make"}, .environment = {{"PATH", path}},
//                     .folder = project, .log_file = ".plumb/logs/morning/r1/make-1.log"});
//     poll(spawner.descriptor()) …
//     for (const SpawnerEvent& event : spawner.receive()) …   // Started{7, pid}, later Ended{7, exit_code}
//
// Every launch is answered by exactly one Ended, whatever happens, and by a Started before it if the program ran.
//
// Nothing stays behind:
//   - When an attempt's program ends, what is left of it is killed: its group, and whatever left the group (daemons,
//     setsid, nohup), before its Ended arrives.
//   - When we go, be it by kill -9, the spawner sends all attempts SIGTERM, two seconds later SIGKILL, and ends.
//   - When the spawner goes, its attempts die with it (the kernel sees to that); we inherit what they had started, kill
//     it, report each attempt as Ended with `lost`, and start another spawner.
//   - When both go at once, kill_leftovers() of the next start finds the rest by the marker.
// How descendants are recognised: attempts carry PLUMB_ATTEMPT="MARKER:ID" in their environment, and a mark in a
// resource limit that Linux keeps but no longer uses (RLIMIT_LOCKS); the latter survives `env -i`, setsid and double
// forks. Only a program that runs as another user (sudo) can get away.
//
// Belongs to one thread at a time. While it lives we are a subreaper: orphans among our descendants become our
// children.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace plumb::run {

struct Launch {
  std::uint64_t id = 0;                // names the attempt in events; of no other attempt that still runs
  std::vector<std::string> arguments;  // the program first, looked up in the PATH of `environment`
  std::vector<std::pair<std::string, std::string>> environment = {};  // all of it; PLUMB_ATTEMPT is added
  std::filesystem::path folder = {};                                  // empty: ours
  std::string input = {};                                             // its standard input
  std::filesystem::path log_file = {};    // both streams, as attempt_log.h says; its folders are made. Empty: none
  std::vector<Secret> secrets = {};       // texts that the log masks
  std::uint64_t largest_log = 64u << 20;  // bytes; what is beyond is dropped, but for the end
  std::size_t last_lines = 0;             // how many lines of the log Ended brings along
  std::optional<std::chrono::milliseconds> timeout = {};  // then it is ended as by end()
  std::chrono::milliseconds grace{5000};                  // from SIGTERM to SIGKILL on a timeout
};

struct Started {
  std::uint64_t id = 0;
  int pid = 0;
  Instant at;
};

struct Ended {
  std::uint64_t id = 0;
  int exit_code = -1;  // of a normal end; 127 when there is no such program, 126 when it could not be run
  int signal = 0;      // of the other kind
  bool timed_out = false;
  bool killed = false;      // by end()
  bool lost = false;        // the spawner died, and the attempt with it
  std::string problem;      // why it could not be started; else empty
  std::string log_problem;  // why its log lacks lines ("No space left on device"); else empty
  Instant at;
  std::chrono::microseconds cpu_time{0};  // of the program and of what it waited for
  std::uint64_t largest_memory = 0;       // bytes, of the largest process among these
  std::uint64_t dropped_bytes = 0;        // of output that the log does not hold
  std::vector<std::string> last_lines;    // of both streams, without time and stream

  bool ok() const { return exit_code == 0 && signal == 0 && !timed_out && !killed && !lost && problem.empty(); }
};

// Only of attempts under watch(): the log has grown. At most every 50 ms for each.
struct LogGrew {
  std::uint64_t id = 0;
  std::uint64_t size = 0;  // bytes
};

// The spawner died. Another one runs already, and descriptor() is a new one. Comes before the Ended of its attempts.
struct SpawnerLost {};

using SpawnerEvent = std::variant<Started, Ended, LogGrew, SpawnerLost>;

struct SpawnerOptions {
  // Letters and digits that no other spawner of this machine has or had: a random text, remembered where the next start
  // finds it. Empty: one is made, which nobody will find.
  std::string marker = {};
  // Command that becomes a spawner when the first one was lost: {"/proc/self/exe", "spawner"}, whose main calls
  // run_spawner(). Empty: it is forked again, which is only right as long as there are no threads.
  std::vector<std::string> again = {};
};

class Spawner {
 public:
  // Forks. Call it early: before threads, and while there is little memory to share. Throws Error(Io).
  static Spawner start(SpawnerOptions options = {});
  // Ends all attempts as if we had gone, and waits until all are gone.
  ~Spawner();
  Spawner(Spawner&&) noexcept;
  Spawner& operator=(Spawner&&) noexcept;

  void launch(const Launch& launch);
  // SIGTERM to the attempt's group, and SIGKILL to all that is left of it after `grace`. Does nothing if it has ended.
  void end(std::uint64_t id, std::chrono::milliseconds grace);
  void watch(std::uint64_t id, bool on);

  // Readable when receive() has something.
  int descriptor() const;
  // What has happened; empty when nothing has. Does not wait.
  std::vector<SpawnerEvent> receive();

  int pid() const;
  const std::string& marker() const;

 private:
  struct State;
  explicit Spawner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The life of a spawner in a process started by `again`: returns when its work is done. Standard input is the socket.
int run_spawner();

// Of a spawner that was killed together with its owner: waits for it if it still is at work (it has two seconds), kills
// every process that carries the marker, and says how many it killed. Returns when none is left.
std::size_t kill_leftovers(std::string_view marker);

}  // namespace plumb::run
