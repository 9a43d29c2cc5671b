// Other programs: started with a list of words (never a shell), given a limit, and waited for.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace plumb {

struct Command {
  std::vector<std::string> arguments;  // the program first, looked up in PATH
  std::string input = {};              // its standard input
  std::optional<std::vector<std::pair<std::string, std::string>>> environment = {};  // empty: ours
  std::filesystem::path folder = {};                                                 // empty: ours
  std::optional<std::chrono::milliseconds> timeout = {};  // then the whole process group is killed
  std::size_t largest_output = 16u << 20;                 // bytes kept of each stream; the rest is dropped
};

struct CommandResult {
  int exit_code = -1;  // of a normal end
  int signal = 0;      // of the other kind
  bool timed_out = false;
  std::string output;
  std::string errors;

  bool ok() const { return signal == 0 && exit_code == 0 && !timed_out; }
};

// Runs it to its end. Throws Error(NotFound) when there is no such program, Error(Cancelled) on a stop.
CommandResult run_command(const Command& command, std::stop_token stop = {});

// A program that runs beside us (a sandbox, a pager, a server under test). Ended with SIGTERM, then SIGKILL after two
// seconds, by stop() or the destructor.
class ChildProcess {
 public:
  explicit ChildProcess(const Command& command);  // its output goes where ours goes, unless captured
  ChildProcess(const Command& command, const std::filesystem::path& output_file);
  ~ChildProcess();
  ChildProcess(ChildProcess&&) noexcept;
  int pid() const;
  bool running();
  void send_signal(int signal);
  // Its end: exit code, or 128 + signal.
  int wait();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plumb
