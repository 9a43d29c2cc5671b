// The command line's grammar: which words there are, and which command each calls.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace plumb::cli {

// What the words ask for: a command to run, or a text to print at once (help, version, completion).
struct Request {
  std::function<int(Context&)> command;  // empty: print `text` and end with `code`
  std::string text;
  int code = 0;
  std::string word;  // the command's: "load", "docs generate"
  // The options that work everywhere; moved into the Context.
  std::string project_dir;
  bool json = false;
  bool dry_run = false;
  bool verbose = false;
  std::vector<std::string> vars;  // name=value
};

Request parse(const std::vector<std::string>& arguments);

}  // namespace plumb::cli
