// Other programs: started with a list of words (never a shell), given a limit, and waited for.
//
//     CommandResult result = run_command({.arguments = {"initdb", "-D", folder}, .timeout = 60s});
//     if (!result.ok()) …
//
// A program gets a process group of its own, none of our descriptors but the three standard ones, and the default
// action for every signal that we may ignore. What is left of its group when it ends is killed: nothing stays behind
// but what made itself a session of its own, as daemons do. Messages name the program and never its arguments.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb {

struct Command {
  std::vector<std::string> arguments;  // the program first, looked up in PATH
  std::string input = {};              // its standard input; without it there is nothing to read
  std::optional<std::vector<std::pair<std::string, std::string>>> environment = {};  // empty: ours
  std::filesystem::path folder = {};                                                 // empty: ours
  // Of run_command alone.
  std::optional<std::chrono::milliseconds> timeout = {};  // then the whole process group is killed
  std::size_t largest_output = 16u << 20;                 // bytes kept of each stream; the rest is dropped
  // Of ChildProcess alone.
  bool open_input = false;    // standard input is what write() sends
  int input_descriptor = -1;  // a descriptor of ours that becomes its standard input: a socket to speak with it
  bool foreground = false;    // a pager or an editor: stays in our process group, and so at the terminal; without
                              // `input` it reads ours
};

struct CommandResult {
  int exit_code = -1;  // of a normal end
  int signal = 0;      // of the other kind
  bool timed_out = false;
  std::string output;
  std::string errors;

  bool ok() const { return signal == 0 && exit_code == 0 && !timed_out; }
};

// Runs it to its end. Throws Error(NotFound) when there is no such program, Error(Cancelled) on a stop, which ends it
// with SIGTERM, then SIGKILL after half a second.
CommandResult run_command(const Command& command, std::stop_token stop = {});

// A program that runs beside us (a sandbox, a pager, a server under test). Ended with SIGTERM, then SIGKILL after two
// seconds, by stop() or the destructor. Belongs to one thread at a time.
class ChildProcess {
 public:
  explicit ChildProcess(const Command& command);  // its output goes where ours goes
  // Both streams go into a file, which is emptied first.
  ChildProcess(const Command& command, const std::filesystem::path& output_file);
  ~ChildProcess();
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;

  int pid() const;
  bool running();
  // To the program alone. Does nothing when it has ended.
  void send_signal(int signal);
  // Feeds an open_input; false when the program reads no longer (somebody left the pager).
  bool write(std::string_view text);
  void close_input();
  // Its end: exit code, or 128 + signal. Closes an open input first.
  int wait();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb
