// One command line, carried out: in this process's name, or as a job of the engine's.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace plumb::cli {

// What a command line meets.
struct World {
  Terminal& terminal;
  config::Environment environment;
  std::stop_token stop;
  JobReport* report = nullptr;
};

// Runs the command that was asked for; its exit code.
int run_request(const Request& request, const World& world);

// The door of a unit of work: whatever goes wrong in it is told on the terminal, and becomes the exit code. `received`
// is the number of a signal that came meanwhile, or 0.
int guard(Terminal& terminal, const std::vector<std::string>& arguments, const std::function<int()>& received,
          const std::function<int()>& work);

}  // namespace plumb::cli
