// The log of an attempt: a text file, a line for each line of output.
//
//     2026-11-21T07:00:00.123456Z OUT 4096 rows
//     2026-11-21T07:00:00.130002Z ERR warning: 2 rows without a date
//     2026-11-21T07:00:01.000417Z PLUMB ended by signal 9
//
// The file comes into being with its first line; without a line there is none, and its folder alone.
// OUT and ERR are what the program wrote, PLUMB are words of our own; times are UTC, of when we read it. The file is
// written as the lines come and never rewritten: whoever follows it needs no more than the offset where he stopped. It
// is UTF-8 whatever the program wrote: bad bytes and control characters become U+FFFD, colours and cursor movements
// (escape sequences) go, a carriage return ends a line as a line feed does (so a progress bar is many lines). A line
// longer than 32 kB is cut, and says so at its end.
//
// Secrets: the given texts are masked as "***" wherever they stand, also in parts for a secret of several lines, and
// what looks like a credential is masked by redact().
//
// Size: after `largest` bytes a PLUMB line says so and nothing more is written until the end; then another one says how
// much was dropped, and the last 64 kB follow. A full disk drops lines too, and never disturbs the program.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace plumb::run {

enum class LogStream { Out, Err, Plumb };
// "OUT", "ERR", "PLUMB".
std::string_view to_string(LogStream stream);

struct AttemptLogOptions {
  std::vector<Secret> secrets = {};
  std::uint64_t largest = 64u << 20;
};

// Belongs to one thread at a time. An existing file is continued.
class AttemptLog {
 public:
  // Makes the folders, too. Throws Error(Io).
  AttemptLog(const std::filesystem::path& file, AttemptLogOptions options);
  ~AttemptLog();
  AttemptLog(AttemptLog&&) noexcept;
  AttemptLog& operator=(AttemptLog&&) noexcept;

  // Bytes as they were read, at `now`: a line may come in many pieces.
  void output(LogStream stream, std::string_view bytes, Instant now);
  // Words of our own, whole lines.
  void note(std::string_view text, Instant now);
  // Lines without an end are ended, and what was kept back of a too large output is appended. Once.
  void close(Instant now);

  std::uint64_t size() const;           // of the file so far
  std::uint64_t dropped_bytes() const;  // of output
  const std::string& problem() const;   // why lines are missing ("No space left on device"); else empty
  // The last lines of output in the file, without time and stream.
  std::vector<std::string> last_lines(std::size_t count) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Appends words of our own to a log that somebody else may be writing to. Does nothing when it can't.
void append_note(const std::filesystem::path& file, std::string_view text, Instant now);

// --- Reading

struct LogLine {
  Instant at;
  LogStream stream = LogStream::Out;
  std::string text;
  std::uint64_t offset = 0;  // where the line begins in the file
};

// A part of a log. Reading on at `next_offset` gives what follows, be it written later.
struct LogPage {
  std::vector<LogLine> lines;
  std::uint64_t next_offset = 0;
  std::uint64_t size = 0;  // of the file
  bool at_end() const { return next_offset >= size; }
};

struct LogPageLimits {
  std::size_t bytes = 1u << 20;
  std::size_t lines = 10'000;
  // The log is finished: a last line without its end (of a crash) is a line, too. Otherwise it is not there yet.
  bool finished = false;
};

// Whole lines from the first that begins at `offset` or after it; at least one if there is one. A line that is not in
// the form above (a damaged file) is given as PLUMB with the time of the line before. Without a file: no lines. Throws
// Error(Io).
LogPage read_log(const std::filesystem::path& file, std::uint64_t offset, const LogPageLimits& limits = {});
// The last lines: reads no more of the file than it needs.
LogPage read_log_tail(const std::filesystem::path& file, std::size_t lines, bool finished = false);

// Waits, without polling, for a file to grow beyond `size` or to come into being.
class LogWatch {
 public:
  explicit LogWatch(const std::filesystem::path& file);
  ~LogWatch();
  LogWatch(LogWatch&&) noexcept;
  LogWatch& operator=(LogWatch&&) noexcept;
  // False when the time is up or a stop was asked for.
  bool wait(std::uint64_t size, std::chrono::milliseconds limit, std::stop_token stop = {});
  // Readable after a change, for an event loop; clear() before looking at the file again.
  int descriptor() const;
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb::run
