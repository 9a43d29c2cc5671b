// The front door: reads the words a person typed, wires the rooms, prints, and gives the exit code.
//
//   0  done
//   1  the work failed: a service, a database, the data, a file
//   2  the command line or a configuration file is wrong
//   3  a person has to act: a credential was refused, a TAN is missing
//   4  somebody else holds the file or the lock; try again later
//   130, 143  stopped by Ctrl-C or SIGTERM (129: the terminal went away), as a shell counts: the process dies of it
//   141  nobody reads the output any more (plumb query … | head)
//
// main() catches everything; nothing below it does, and nothing below it ends the process.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace plumb::cli {

// What main() ends with after this error.
int exit_code(const Error& error);

// How a command line ended.
struct End {
  int exit_code = 0;
  int signal = 0;  // what stopped it; the code is then 128 and this
};

// Runs one command line, without the program's name. Installs signal handling for SIGINT and SIGTERM while a command
// works; to be called once at a time.
End run(const std::vector<std::string>& arguments);

// Ends the process with the code; by the signal itself if one stopped the work. Only so does a shell's loop know that
// Ctrl-C was meant for it too.
[[noreturn]] void end_process(const End& end);

}  // namespace plumb::cli
