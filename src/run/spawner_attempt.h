// Below spawner.h, in the spawner's process: one attempt from its launch to its Ended.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/file.h"
#include "run/attempt_log.h"
#include "run/spawner.h"

namespace plumb::run {

using Moment = std::chrono::steady_clock::time_point;

class Attempt {
 public:
  // Opens the log and the pipes, and starts the program. When that fails the attempt is over at once: finished().
  Attempt(const Launch& launch, std::string_view marker, std::uint64_t mark, Instant now);

  std::uint64_t id() const { return id_; }
  pid_t pid() const { return pid_; }
  bool started() const { return pid_ > 0; }
  // Where its output is read; -1 when that has ended.
  int descriptor(LogStream stream) const { return pipe(stream).get(); }

  // Takes what is there now, but not for ever.
  void read(LogStream stream, std::span<char> buffer, Instant now);

  // SIGTERM now, SIGKILL after `grace`. Again: the shorter grace counts.
  void end(std::chrono::milliseconds grace, Moment now);
  void kill_by_request(std::chrono::milliseconds grace, Moment now);
  // The program has ended but is not reaped yet: kills its group. reap() then takes its status.
  void kill_group() const;
  void reaped(int status, const rusage& usage, Instant now);
  bool program_ended() const { return status_.has_value() || pid_ <= 0; }
  // Processes that left its group still live, and have been killed.
  void set_leftovers(bool some, Moment now);
  // Nothing more will come.
  bool finished() const;
  // Closes the log. Once, when finished.
  Ended take_result(Instant now);

  // When fire() wants to be called next: a time limit, the end of a grace, news for a watcher.
  std::optional<Moment> next_moment() const;
  void fire(Moment now, Instant instant);

  void watch(bool on);
  // The log's size, if it has grown since and a watcher may hear of it now.
  std::optional<std::uint64_t> take_growth(Moment now);

 private:
  FileDescriptor& pipe(LogStream stream) { return stream == LogStream::Err ? errors_ : output_; }
  const FileDescriptor& pipe(LogStream stream) const { return stream == LogStream::Err ? errors_ : output_; }
  void open_log(const Launch& launch);
  void note(std::string_view text, Instant now);
  void note_end(Instant now);
  void signal_group(int signal) const;

  std::uint64_t id_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  std::optional<AttemptLog> log_;
  FileDescriptor output_, errors_;
  std::size_t last_lines_;
  std::chrono::milliseconds grace_;
  std::optional<std::chrono::milliseconds> timeout_;
  std::optional<Moment> time_limit_, kill_at_;
  std::optional<Moment> drain_until_;  // after its end: how long somebody else may hold its pipes
  bool leftovers_ = true;
  Ended result_;
  bool watched_ = false;
  std::uint64_t told_size_ = 0;
  Moment told_at_{};
};

}  // namespace plumb::run
