// The owner's side of an engine: the scheduler of `plumb serve`, or of `plumb start`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "engine/job.h"

namespace plumb::engine {

struct EngineOptions {
  std::filesystem::path folder;  // the project's
  // What starts the engine; --owner and the like follow. Empty: this very program, as `plumb engine`.
  std::vector<std::string> command = {};
  std::chrono::seconds idle_timeout{60};  // without a job it ends after so long
  int most_jobs = 16;                     // at once; further ones wait in the engine
  Log log = {};
};

// This program, by its name while the file is there: after an upgrade the old one still runs, and has none.
std::string own_program();

// Starts an engine when a job wants one, speaks with it, and notices its end. Nothing here waits, and nothing heavy is
// loaded. To be used by one thread.
class EngineClient {
 public:
  explicit EngineClient(EngineOptions options);
  // Ends the engine as stop() does, without grace.
  ~EngineClient();
  EngineClient(const EngineClient&) = delete;
  EngineClient& operator=(const EngineClient&) = delete;

  // To be polled for reading, the same one for all of this object's life: receive() has something to do then.
  int descriptor() const;
  // What has happened since. Also sends what could not be sent at once, and reaps an engine that has ended.
  std::vector<Event> receive();

  // Takes the job and returns at once. Whatever goes wrong becomes an event.
  void start_job(const Job& job);
  // Asks the job to stop; its Ended follows, with exit code 130 or what the command made of it. Unknown ids are
  // ignored.
  void cancel(std::uint64_t job);
  void send_input(std::uint64_t job, std::string_view text, bool last);

  // Jobs that were started and have not ended.
  std::size_t jobs() const;
  // The running engine; empty when there is none.
  std::optional<int> pid() const;
  // Its resident memory in bytes, as /proc tells; 0 when there is none.
  std::size_t memory() const;
  // Stops all jobs, waits so long for the engine's end, then kills it. Jobs that had not ended are lost: receive()
  // tells.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb::engine
