// Below spawner.h: starting one program, fast. The new process shares our memory until it becomes the program (vfork),
// so everything it needs is laid out before.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "run/spawner.h"

namespace plumb::run {

// The signals that a spawner ignores, so that only its socket ends it; its programs do not.
inline constexpr std::array<int, 8> kIgnoredSignals = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                                       SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP};

struct ProgramStart {
  pid_t pid = -1;
  int exit_code = 0;    // as a shell has it, when it could not be started: 126, 127
  std::string problem;  // why
};

// Starts it as the leader of a process group, to be killed when we die, with these three descriptors (all above 2) as
// its standard ones, under the given mark.
ProgramStart start_program(const Launch& launch, std::string_view marker, std::uint64_t mark,
                           const std::array<int, 3>& streams);

}  // namespace plumb::run
