#include "engine/wire.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/format.h"

namespace plumb::engine {

namespace {

constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kHeadSize = 1 + 8;  // kind and job
constexpr int kGlanceMilliseconds = 50;

void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

std::string encode(FrameKind kind, std::uint64_t job, std::string_view body) {
  std::string frame;
  frame.reserve(kLengthSize + kHeadSize + body.size());
  append_number(frame, kHeadSize + body.size(), kLengthSize);
  frame += static_cast<char>(kind);
  append_number(frame, job, 8);
  frame += body;
  return frame;
}

void FrameReader::append(std::string_view bytes) {
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  }
  bytes_ += bytes;
}

std::optional<Frame> FrameReader::next() {
  std::string_view rest = std::string_view(bytes_).substr(at_);
  if (rest.size() < kLengthSize) return std::nullopt;
  const std::uint64_t length = read_number(rest.substr(0, kLengthSize));
  if (length < kHeadSize || length > kLargestFrame) {
    throw Error(ErrorKind::Data, format("a frame of {} bytes is none of the engine's protocol", length));
  }
  rest.remove_prefix(kLengthSize);
  if (rest.size() < length) {
    // Half a frame stays at the front, so that many of them don't grow the buffer.
    bytes_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  Frame frame{static_cast<FrameKind>(rest[0]), read_number(rest.substr(1, 8)),
              std::string(rest.substr(kHeadSize, length - kHeadSize))};
  at_ += kLengthSize + length;
  return frame;
}

Wire::Wire(FileDescriptor socket) : socket_(std::move(socket)) {}

bool Wire::receive() {
  std::array<char, 1 << 16> piece;
  while (alive_) {
    const auto got = ::recv(socket_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (got > 0) {
      reader_.append({piece.data(), static_cast<std::size_t>(got)});
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    alive_ = false;
  }
  return false;
}

bool Wire::send(FrameKind kind, std::uint64_t job, std::string_view body, const std::function<bool()>& patient) {
  const std::string frame = encode(kind, job, body);
  std::string_view rest = frame;
  std::lock_guard lock(sending_);
  while (alive_ && !rest.empty()) {
    const auto sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd waiting{socket_.get(), POLLOUT, 0};
      if (::poll(&waiting, 1, kGlanceMilliseconds) == 0 && !patient()) break_off();
    } else if (errno != EINTR) {
      break_off();
    }
  }
  return alive_;
}

void Wire::break_off() {
  alive_ = false;
  ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace plumb::engine
