// The engine's own side: takes jobs from its owner and from guests, and has each carried out on a thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/log.h"
#include "engine/job.h"

namespace plumb::engine {

// What a job is given beside its words. Members may be called from any of the job's threads.
class JobStreams {
 public:
  virtual ~JobStreams() = default;
  // False when nobody listens any more. Waits while the other end is slow.
  virtual bool write(Stream stream, std::string_view text) = 0;
  // A line (without its end) or all of the input; empty at its end, and when the job is stopped.
  virtual std::string read(bool line) = 0;
};

// Carries a command line out and says how it ended: everything of Ended but `job`, `at`, and what became of the time.
// Called on a thread of its own, in the job's working folder, several at a time.
using CarryOut = std::function<Ended(const Job& job, JobStreams& streams, std::stop_token stop)>;

struct HostOptions {
  std::filesystem::path folder;  // the project's; guests find the engine there, in .plumb/engine.sock
  int owner = -1;                // a connected socket to the owner, whose end is the engine's end; -1: none
  std::chrono::milliseconds idle_timeout{60'000};
  int most_jobs = 16;
  // Jobs that don't heed a stop: called once when they still run so long after the owner has gone.
  std::chrono::milliseconds patience{5'000};
  std::function<void()> give_up = {};
  Log log = {};
};

// Works until it has been idle for long enough, its owner has gone, or a stop is asked for; the jobs concerned are
// stopped then, and waited for.
void host(const HostOptions& options, const CarryOut& carry_out, std::stop_token stop);

}  // namespace plumb::engine
