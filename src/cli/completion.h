// Shell completion: a script for bash, zsh or fish, made from the same grammar that parses.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace plumb::cli {

std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace plumb::cli
