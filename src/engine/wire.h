// Frames on a Unix socket, the bytes of the engine's protocol (docs/engine.md).
//
//     length  u32, little-endian: of all that follows
//     kind    u8, a letter
//     job     u64, little-endian: 0 where it is about none
//     body    JSON, or bytes of a stream
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace plumb::engine {

// The protocol's version; another one is not spoken with.
inline constexpr int kProtocol = 1;
inline constexpr std::size_t kLargestFrame = 16u << 20;

enum class FrameKind : char {
  Hello = 'H',      // both ways, first: {"protocol", "version", "pid", "folders"}
  Job = 'J',        // to the engine
  Cancel = 'C',     // to the engine
  Input = 'I',      // to the engine: a piece of the standard input
  LastInput = 'i',  // to the engine: a piece of it, and its end
  Started = 'S',    // from the engine, and all that follow
  Output = 'O',     // standard output
  Errors = 'E',     // standard error
  WantLine = 'L',   // a line of the standard input
  WantAll = 'A',    // all of it
  Ended = 'X',
  Leaving = 'B',  // no further job is taken: start or find another engine
};

struct Frame {
  FrameKind kind{};
  std::uint64_t job = 0;
  std::string body = {};
};

std::string encode(FrameKind kind, std::uint64_t job, std::string_view body);

// Puts frames together from what came in pieces.
class FrameReader {
 public:
  void append(std::string_view bytes);
  // Throws Error(Data) for a frame that is longer than kLargestFrame or shorter than its head.
  std::optional<Frame> next();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

// One end of a connection. receive() is for one thread, send() for any.
class Wire {
 public:
  explicit Wire(FileDescriptor socket);
  int descriptor() const { return socket_.get(); }

  // What has come, without waiting; false once the other end has gone.
  bool receive();
  std::optional<Frame> next() { return reader_.next(); }
  // Waits while the other end is slow; gives up, and breaks the connection off, when `patient` says no (asked twenty
  // times a second), as half a frame can't be taken back. False when the other end has gone.
  bool send(FrameKind kind, std::uint64_t job, std::string_view body, const std::function<bool()>& patient);
  // From any thread: whoever sends or receives finds the other end gone.
  void break_off();
  // False once break_off() was called or the other end was found gone.
  bool alive() const { return alive_; }

 private:
  FileDescriptor socket_;
  std::mutex sending_;
  std::atomic<bool> alive_ = true;
  FrameReader reader_;
};

// Sockets in a project's folder, .plumb/engine.sock, however long its path is. All are non-blocking.
std::filesystem::path socket_path(const std::filesystem::path& project_folder);
// Empty when nobody listens there.
std::optional<FileDescriptor> find_engine(const std::filesystem::path& project_folder);

// The place where guests find an engine; held by one process at a time, and gone with it.
class Listener {
 public:
  // Empty when another engine listens there, or the folder can't be written to: this one works for its owner alone.
  static std::optional<Listener> open(const std::filesystem::path& project_folder);
  ~Listener();
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) noexcept = delete;

  int descriptor() const { return socket_.get(); }
  // The next guest, if one waits that is of the same user.
  std::optional<FileDescriptor> accept() const;
  // Nobody finds us any more.
  void close();

 private:
  Listener(FileDescriptor lock, FileDescriptor socket, std::filesystem::path path);
  FileDescriptor lock_;
  FileDescriptor socket_;
  std::filesystem::path path_;
};

}  // namespace plumb::engine
