// What to call a job, from its command.
#include <algorithm>
#include <array>
#include <cctype>

#include "cli/crontab_import.h"

namespace plumb::cli {
namespace {

// Programs that only run others, and steps on the way to the real one.
constexpr std::array kWrappers = {"nice",    "ionice", "flock",  "timeout", "sudo", "env",       "chronic",    "nohup",
                                  "time",    "exec",   "setsid", "bash",    "sh",   "zsh",       "dash",       "python",
                                  "python3", "perl",   "php",    "ruby",    "node", "run-parts", "systemd-cat"};
constexpr std::array kSteps = {"cd",    ".",   "source", "test", "[",    "[[",      "export",
                               "sleep", "set", "umask",  "if",   "then", "command", "mkdir"};

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') == std::string_view::npos ? 0 : path.find_last_of('/') + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto begin = std::min(text.find_first_not_of(separators), text.size());
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parts;
}

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && word.find('/') > equals;
}

// The program of one simple command; empty when it is a step, or a wrapper without anything.
std::string_view program_of(std::string_view command) {
  std::string_view wrapper;
  for (std::string_view word : split(command, " \t\"'()`{}")) {
    const std::string_view name = base_name(word);
    const bool option = word.starts_with('-') || word.starts_with('>') || word.starts_with('<') ||
                        std::isdigit(static_cast<unsigned char>(word.front())) != 0;
    const bool locked = wrapper == "flock" && word.starts_with('/') &&
                        (word.ends_with(".lock") || word.starts_with("/var/lock") || word.starts_with("/run"));
    if (is_assignment(word) || option || locked || word.starts_with('$')) continue;
    if (contains(kSteps, name)) return {};
    if (!contains(kWrappers, name)) return name;
    wrapper = name;
  }
  return wrapper;
}

}  // namespace

std::string workflow_name(std::string_view command) {
  std::string_view program;
  for (std::string_view part : split(command, ";|&\n")) {
    program = program_of(part);
    if (!program.empty()) break;
  }
  const auto dot = program.find_last_of('.');
  const bool extension = dot != std::string_view::npos && dot > 0 && program.size() - dot <= 4;
  std::string name;
  for (char c : extension ? program.substr(0, dot) : program) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = byte < 128 && std::isalnum(byte) != 0;
    if (letter || c == '_') {
      name += static_cast<char>(std::tolower(byte));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "job" : name;
}

}  // namespace plumb::cli
