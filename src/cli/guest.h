// A command that is carried out by a server's engine, because that holds the project's files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/run_request.h"

namespace plumb::cli {

// The exit code; empty when no engine is at work in the project, or the command needs none of its files: then it runs
// here. Looking for one takes microseconds.
std::optional<int> run_as_guest(const std::vector<std::string>& arguments, const Request& request, const World& world);

}  // namespace plumb::cli
