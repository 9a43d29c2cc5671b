#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "config/config.h"

namespace plumb::config {

namespace {

// The version of the file's layout stands in front of the box: docs/formats.md.
constexpr std::string_view kMagic = "plumb-session-1\n";
constexpr std::string_view kSalt = "plumb-session-key-1";

std::filesystem::path configuration_folder(const Environment& environment) {
  if (auto folder = environment.find("XDG_CONFIG_HOME"); folder && !folder->empty())
    return std::filesystem::path(*folder) / "plumb";
  if (auto home = environment.find("HOME"); home && !home->empty())
    return std::filesystem::path(*home) / ".config/plumb";
  throw Error(ErrorKind::Config,
              "there is no place for the key that seals sessions: HOME and XDG_CONFIG_HOME are not set",
              {.hint = "set PLUMB_KEY to a passphrase or 64 hex digits"});
}

void make_private_folder(const std::filesystem::path& folder, std::string hint = {}) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw Error(ErrorKind::Io, format("can't make the folder {}: {}", folder.string(), failed.message()),
                {.hint = std::move(hint)});
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
}

class HeldLock : public SessionLock {
 public:
  explicit HeldLock(FileDescriptor file) : file_(std::move(file)) {}

 private:
  FileDescriptor file_;  // closing it frees the lock
};

}  // namespace

SessionStore::SessionStore(std::filesystem::path folder, Environment environment)
    : folder_(std::move(folder)), environment_(std::move(environment)) {}

Secret SessionStore::key() const {
  if (auto material = environment_.find("PLUMB_KEY"); material && !material->empty()) {
    return derive_key(Secret(*material), kSalt);
  }
  auto folder = configuration_folder(environment_);
  auto file = folder / "key";
  if (auto kept = find_file(file)) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0) {
      throw Error(ErrorKind::Config, format("{} can be read by others", file.string()),
                  {.hint = format("chmod 600 {}", file.string())});
    }
    return derive_key(Secret(*std::move(kept)), kSalt);
  }
  make_private_folder(folder, "without a home folder, PLUMB_KEY may hold the key that seals sessions");
  // Two processes may get here at once: whoever links first wins, and both read what stands there.
  Secret fresh(to_hex(random_bytes(32)));
  auto mine = folder / format("key.{}", random_hex(8));
  write_file(mine, fresh.reveal(), 0600);
  std::error_code exists;
  std::filesystem::create_hard_link(mine, file, exists);
  std::filesystem::remove(mine);
  return derive_key(Secret(read_file(file)), kSalt);
}

std::optional<Secret> SessionStore::find(const std::string& connection) const {
  auto file = folder_ / (connection + ".session");
  auto text = find_file(file);
  if (!text) return std::nullopt;
  if (!text->starts_with(kMagic)) {
    throw Error(ErrorKind::Auth, format("{} was written by a newer version, or is damaged", file.string()),
                {.hint = format("remove it and run `plumb connections login {}`", connection)});
  }
  try {
    return Secret(unseal(std::string_view(*text).substr(kMagic.size()), key(), connection));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Auth) throw;
    throw Error(ErrorKind::Auth, format("the session in {} {}", file.string(), error.message()),
                {.hint = format("use the PLUMB_KEY it was sealed with, or run `plumb connections login {}` again",
                                connection)});
  }
}

void SessionStore::save(const std::string& connection, const Secret& text) {
  make_private_folder(folder_);
  write_file(folder_ / (connection + ".session"), std::string(kMagic) + seal(text.reveal(), key(), connection), 0600);
}

void SessionStore::remove(const std::string& connection) {
  std::error_code ignored;
  std::filesystem::remove(folder_ / (connection + ".session"), ignored);
}

std::unique_ptr<SessionLock> SessionStore::lock(const std::string& connection,
                                                std::chrono::milliseconds patience) const {
  make_private_folder(folder_);
  auto path = folder_ / (connection + ".lock");
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) throw Error(ErrorKind::Io, format("can't open {}", path.string()));
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw Error(ErrorKind::Io, format("can't lock {}", path.string()));
    if (std::chrono::steady_clock::now() >= give_up) {
      throw Error(ErrorKind::Busy, format("another process is using the session of '{}'", connection),
                  {.hint = "wait for the other load, or end it", .retry_may_help = true});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return std::make_unique<HeldLock>(std::move(file));
}

}  // namespace plumb::config
