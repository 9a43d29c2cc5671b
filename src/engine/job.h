// What is asked of an engine, and what comes back. All values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace plumb::engine {

// What the three standard streams of a job are at their other end.
struct Screen {
  bool input_is_terminal = false;
  bool output_is_terminal = false;
  bool errors_are_terminal = false;
  int width = 80;  // columns
};

// A command line of plumb's, to be carried out as if it had been typed.
struct Job {
  std::uint64_t id = 0;                // the client's own number, one for each job of its connection
  std::vector<std::string> arguments;  // without the program's name: {"build", "--select", "tag:daily"}
  std::filesystem::path folder = {};   // in which it was typed; empty: the engine's, the project's folder
  // Variables over the engine's own; with `whole_environment` there are no others.
  std::map<std::string, std::string> environment = {};
  bool whole_environment = false;
  Screen screen = {};
  std::string input = {};               // standard input
  bool asks_for_input = false;          // there is more than `input`: InputWanted comes when the command reads
  std::filesystem::path log_file = {};  // the attempt's log, written by the engine; empty: Output events in its place
  std::vector<std::string> masks = {};  // texts that the log shows as ***
  std::optional<std::chrono::milliseconds> timeout = {};  // then it is stopped, as by cancel()
};

enum class Stream { Output, Errors };

// An Error that ended a job, as far as a scheduler decides on it and a person wants to read it.
struct Failure {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
  std::string hint;
  bool retry_may_help = false;
};

struct Started {
  std::uint64_t job = 0;
  Instant at;
};
struct Output {
  std::uint64_t job = 0;
  Stream stream = Stream::Output;
  std::string text;
};
// The command waits for its standard input: provide it with EngineClient::send_input().
struct InputWanted {
  std::uint64_t job = 0;
  bool line = false;  // a line is enough; else all there is, up to the end
};
struct Ended {
  std::uint64_t job = 0;
  Instant at = {};
  int exit_code = 1;  // as the command's own would be: src/cli/cli.h
  bool cancelled = false;
  bool timed_out = false;
  std::optional<Failure> failure = {};  // the first Error that was told
  // What was done, as JSON; empty when nothing was. {"loads": [LoadReport…], "nodes": [{"unique_id", "resource_type",
  // "relation", "status", "rows_affected", "message", …}…]}
  std::string report = {};
  std::string last_lines = {};  // of what it printed, for alerts; at most 8 KiB, masked
};
// The engine is gone (it died, was killed, or could not be started), and with it these jobs. The next job starts
// another.
struct Lost {
  std::vector<std::uint64_t> jobs;
  std::string why;
};
using Event = std::variant<Started, Output, InputWanted, Ended, Lost>;

}  // namespace plumb::engine
