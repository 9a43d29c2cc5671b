#include "workflow/loop/plain_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace plumb::workflow {
namespace {

// Characters that mean nothing to bash wherever they stand in a word.
bool means_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:,+@%=").find(c) != std::string_view::npos;
}

// Bash's own commands and keywords, as `compgen -b -k` of bash 5.2 lists them (those that consist of such characters).
// `true` and `false` are programs too, and the same.
constexpr std::array<std::string_view, 75> kBashWords = {
    ".",       ":",       "alias",     "bg",       "bind",     "break",   "builtin", "caller",  "case",    "cd",
    "command", "compgen", "complete",  "compopt",  "continue", "coproc",  "declare", "dirs",    "disown",  "do",
    "done",    "echo",    "elif",      "else",     "enable",   "esac",    "eval",    "exec",    "exit",    "export",
    "fc",      "fg",      "fi",        "for",      "function", "getopts", "hash",    "help",    "history", "if",
    "in",      "jobs",    "kill",      "let",      "local",    "logout",  "mapfile", "popd",    "printf",  "pushd",
    "pwd",     "read",    "readarray", "readonly", "return",   "select",  "set",     "shift",   "shopt",   "source",
    "suspend", "test",    "then",      "time",     "times",    "trap",    "type",    "typeset", "ulimit",  "umask",
    "unalias", "unset",   "until",     "wait",     "while"};

std::vector<std::string> split(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  for (char c : command) {
    if (c == ' ' || c == '\t') {
      in_word = false;
    } else if (!means_itself(c)) {
      return {};
    } else {
      if (!in_word) words.emplace_back();
      words.back() += c;
      in_word = true;
    }
  }
  return words;
}

// What the kernel starts by itself; any other text bash takes for a script of its own.
bool starts_by_itself(const std::filesystem::path& program) {
  std::array<char, 4> begin{};
  if (::access(program.c_str(), X_OK) != 0) return false;
  std::ifstream(program, std::ios::binary).read(begin.data(), begin.size());
  std::string_view magic(begin.data(), begin.size());
  return magic ==
             "\x7f"
             "ELF" ||
         magic.starts_with("#!");
}

// As bash looks it up: the first in PATH that may be executed.
std::filesystem::path look_up(const std::string& name, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    if (path.front() != '/') return {};  // a folder that depends on where we are
    std::filesystem::path candidate = std::filesystem::path(path.substr(0, end)) / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored) && ::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

bool changes_bash(const std::string& variable) {
  return variable == "BASH_ENV" || variable == "BASHOPTS" || variable == "SHELLOPTS" ||
         variable.starts_with("BASH_FUNC_");
}

}  // namespace

std::vector<std::string> plain_words(std::string_view command, const std::filesystem::path& folder,
                                     const std::vector<std::pair<std::string, std::string>>& variables) {
  while (command.ends_with('\n')) command.remove_suffix(1);
  std::vector<std::string> words = split(command);
  if (words.empty() || words.front().find('=') != std::string::npos) return {};
  if (std::find(kBashWords.begin(), kBashWords.end(), words.front()) != kBashWords.end()) return {};
  std::string_view path;
  for (const auto& [name, value] : variables) {
    if (changes_bash(name)) return {};
    if (name == "PATH") path = value;
  }
  const std::string& program = words.front();
  const bool named = program.find('/') != std::string::npos;
  if (!starts_by_itself(named ? folder / program : look_up(program, path))) return {};
  return words;
}

}  // namespace plumb::workflow
