#include <pwd.h>
#include <unistd.h>

#include <array>

#include "base/file.h"
#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

bool is_name(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  for (char c : text) {
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!fits) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

char escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

// The value after '=': 'literal', "with \n escapes", or bare up to a " #". Empty when a quote is not closed.
std::optional<std::string> find_value(std::string_view text) {
  text = trim(text);
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) {
    if (!text.empty() && text.front() == '#') return "";
    std::size_t comment = text.find(" #");
    return std::string(trim(text.substr(0, comment)));
  }
  char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return value;
    if (text[i] == '\\' && quote == '"' && i + 1 < text.size()) {
      value += escaped(text[++i]);
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

// What the machine's list of accounts says of ours.
std::optional<std::string> find_home_of_account() {
  std::array<char, 16384> memory;
  struct passwd account {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &account, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return std::string(account.pw_dir);
}

}  // namespace

Environment Environment::of_process() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      environment.variables_.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  if (!environment.find("HOME")) {
    if (auto home = find_home_of_account()) environment.variables_.emplace("HOME", *std::move(home));
  }
  return environment;
}

void Environment::read_dotenv(const std::filesystem::path& file) {
  auto text = find_file(file);
  if (!text) return;
  std::string_view rest = *text;
  for (int line = 1; !rest.empty(); ++line) {
    std::size_t end = rest.find('\n');
    std::string_view entry = trim(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (entry.empty() || entry.front() == '#') continue;
    if (entry.starts_with("export ")) entry = trim(entry.substr(7));
    std::size_t equals = entry.find('=');
    std::string_view name = trim(entry.substr(0, equals));
    auto value = equals == std::string_view::npos ? std::nullopt : find_value(entry.substr(equals + 1));
    if (!is_name(name) || !value) {
      // The line itself is not shown: it may hold a secret.
      throw Error(
          ErrorKind::Config, "this line is no NAME=value",
          {.place = Place{file.string(), line, 1, ""}, .hint = "quote values that hold blanks, and close the quote"});
    }
    variables_.emplace(name, *std::move(value));  // what is set already stays
  }
}

std::map<std::string, std::string> Environment::with_prefix(std::string_view prefix) const {
  std::map<std::string, std::string> found;
  for (auto at = variables_.lower_bound(std::string(prefix)); at != variables_.end() && at->first.starts_with(prefix);
       ++at) {
    found[at->first.substr(prefix.size())] = at->second;
  }
  return found;
}

std::optional<std::string> Environment::find(const std::string& name) const {
  auto it = variables_.find(name);
  if (it == variables_.end()) return std::nullopt;
  return it->second;
}

}  // namespace plumb::config
