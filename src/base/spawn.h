// Below process.h: starting a program, and holding on to it until it is gone.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "base/file.h"
#include "base/process.h"

namespace plumb {

// A pipe of which no end is a standard descriptor, and none is inherited.
struct Pipe {
  Pipe();
  FileDescriptor read;
  FileDescriptor write;
};

// The descriptors that become a child's standard ones; -1 leaves ours.
struct StandardStreams {
  int input = -1;
  int output = -1;
  int errors = -1;
};

// A started program. Whatever happens it is waited for: an object that goes kills the program's group and reaps it.
class Child {
 public:
  // Throws Error(NotFound) or Error(Io).
  Child(const Command& command, const StandardStreams& streams);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Readable when the program has ended; without one (an old kernel) ask ended() now and then.
  int descriptor() const { return descriptor_.get(); }
  // Whether it has ended. Reaps nothing.
  bool ended() const;
  // Waits for the end, at most so long; for ever without a limit. False when it still runs.
  bool wait_for_end(std::optional<std::chrono::milliseconds> limit) const;
  void send_signal(int signal) const;
  // To all of its group, if it has one of its own.
  void send_signal_to_group(int signal) const;
  // SIGTERM, and SIGKILL if that is not enough.
  void end(std::chrono::milliseconds grace) const;
  // What the end was, as waitpid tells it. Waits for it, kills what is left of the group, and reaps, once.
  int reap();

 private:
  pid_t pid_ = -1;
  bool own_group_ = true;
  std::optional<int> status_;
  FileDescriptor descriptor_;
};

// What the child reads as its standard input: the text, or nothing.
FileDescriptor open_input(std::string_view text);

}  // namespace plumb
