#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/crypto.h"
#include "base/format.h"

namespace plumb {
namespace {

std::string hint_for(int system_error) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
      return "the disk is full: free some space and try again";
    case EROFS:
      return "the file system is read-only";
    case EACCES:
    case EPERM:
      return "check the rights of the file and of its folder";
    default:
      return "";
  }
}

// Reads until the end: sizes lie for pipes and /proc.
std::string read_all(int descriptor, const std::filesystem::path& path) {
  std::string text;
  struct stat status = {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    text.reserve(static_cast<std::size_t>(status.st_size) + 1);
  }
  std::size_t filled = 0;
  while (true) {
    if (text.size() == filled) text.resize(std::max<std::size_t>(text.capacity(), filled + 65536));
    ssize_t got = ::read(descriptor, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw file_error("can't read", path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw file_error("can't write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Error file_error(std::string_view doing, const std::filesystem::path& path, int system_error) {
  bool absent = system_error == ENOENT || system_error == ENOTDIR;
  return Error(absent ? ErrorKind::NotFound : ErrorKind::Io,
               format("{} '{}': {}", doing, path.string(), std::generic_category().message(system_error)),
               {.hint = hint_for(system_error)});
}

std::string read_file(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw file_error("can't read", path, errno);
  return read_all(file.get(), path);
}

std::optional<std::string> find_file(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (!file) throw file_error("can't read", path, errno);
  return read_all(file.get(), path);
}

FileReplacement::FileReplacement(const std::filesystem::path& path, unsigned mode) : target_(path) {
  // A link stays a link: what it points to is replaced.
  std::error_code ignored;
  if (std::filesystem::is_symlink(path, ignored)) target_ = std::filesystem::weakly_canonical(path, ignored);
  if (ignored) target_ = path;
  beside_ = target_;
  beside_.replace_filename(format(".{}.{}", target_.filename().string(), random_hex(6)));
  file_ = FileDescriptor(::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file_) throw file_error("can't write", target_, errno);
  if (::fchmod(file_.get(), mode) == 0) return;
  int code = errno;
  ::unlink(beside_.c_str());
  throw file_error("can't write", target_, code);
}

FileReplacement::~FileReplacement() {
  if (!done_) ::unlink(beside_.c_str());
}

void FileReplacement::write(std::string_view piece) {
  write_all(file_.get(), piece, target_);
}

void FileReplacement::finish() {
  if (::fsync(file_.get()) != 0) fail();
  if (::rename(beside_.c_str(), target_.c_str()) != 0) fail();
  done_ = true;
  // The name is durable once its folder is. Some file systems can't sync a folder; then there is no more to do.
  std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : ".";
  FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
}

void FileReplacement::fail() const {
  int code = errno;
  throw file_error("can't write", target_, code);
}

void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  FileReplacement file(path, mode);
  file.write(text);
  file.finish();
}

void write_scratch_file(const std::filesystem::path& path, std::string_view text) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) throw file_error("can't write", path, errno);
  write_all(file.get(), text, path);
}

TemporaryFolder::TemporaryFolder() {
  std::error_code failure;
  std::filesystem::path parent = std::filesystem::temp_directory_path(failure);
  if (failure) parent = "/tmp";
  std::string name = (parent / "plumb-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw file_error("can't make a folder in", parent, errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::optional<std::string> find_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

void FileDescriptor::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace plumb
