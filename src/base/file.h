// Files, as the house needs them: read whole, replaced atomically, and temporary folders.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace plumb {

// Throw Error(NotFound) or Error(Io) with the path and the system's words.
std::string read_file(const std::filesystem::path& path);
std::optional<std::string> find_file(const std::filesystem::path& path);

// Writes beside, syncs, renames: a reader sees the old or the new, never half. `mode` as in chmod.
void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0644);
// Writes in place and syncs nothing: for what the next run makes again.
void write_scratch_file(const std::filesystem::path& path, std::string_view text);

// What the system said when it refused: "can't read 'plumb.yml': Permission denied". NotFound for ENOENT, else Io; with
// a hint for a full disk and missing rights. `doing` is the part before the path.
Error file_error(std::string_view doing, const std::filesystem::path& path, int system_error);

// A file descriptor that closes itself.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { close(); }
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  void close();

 private:
  int descriptor_ = -1;
};

// A file that is written in pieces and replaces the old one when it is finished: a reader sees the old or the new. One
// that is never finished leaves nothing behind.
//
//     FileReplacement file(path);
//     for (const std::string& piece : pieces) file.write(piece);
//     file.finish();
class FileReplacement {
 public:
  explicit FileReplacement(const std::filesystem::path& path, unsigned mode = 0644);
  ~FileReplacement();
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;
  void write(std::string_view piece);
  // Syncs and renames.
  void finish();

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path target_, beside_;
  FileDescriptor file_;
  bool done_ = false;
};

// A fresh folder below the system's temporary one, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An environment variable, or empty when it is not set. (An empty variable is set.)
std::optional<std::string> find_environment(const std::string& name);

}  // namespace plumb
