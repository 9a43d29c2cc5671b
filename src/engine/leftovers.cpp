#include "engine/leftovers.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/crypto.h"
#include "base/format.h"

namespace plumb::engine {

namespace {

namespace fs = std::filesystem;

std::string digest_of(const fs::path& folder) {
  std::error_code failed;
  auto whole = fs::weakly_canonical(folder, failed);
  return sha256_hex((failed ? folder : whole).string()).substr(0, 16) + ":";
}

std::optional<int> find_number(std::string_view text) {
  int number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// The variable's value in the environment with which a process was started; empty for other users' processes.
std::string mark_of(int pid) {
  std::ifstream file(format("/proc/{}/environ", pid), std::ios::binary);
  const std::string variables{std::istreambuf_iterator<char>(file), {}};
  const std::string wanted = std::string(kMarkVariable) + "=";
  std::size_t at = variables.starts_with(wanted) ? 0 : variables.find('\0' + wanted);
  if (at == std::string::npos) return {};
  at = variables.find('=', at) + 1;
  return variables.substr(at, variables.find('\0', at) - at);
}

bool is_left_over(const std::string& mark, const std::string& digest) {
  if (!mark.starts_with(digest)) return false;
  auto owner = find_number(std::string_view(mark).substr(digest.size()));
  return owner && (*owner == ::getpid() || (::kill(*owner, 0) != 0 && errno == ESRCH));
}

}  // namespace

std::string engine_mark(const fs::path& folder) {
  return digest_of(folder) + std::to_string(::getpid());
}

void kill_leftovers(const fs::path& folder) {
  const std::string digest = digest_of(folder);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    auto pid = find_number(entry.path().filename().string());
    if (pid && *pid != ::getpid() && is_left_over(mark_of(*pid), digest)) ::kill(*pid, SIGKILL);
  }
}

}  // namespace plumb::engine
