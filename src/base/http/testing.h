// For tests only: the other end of a connection, on plain sockets, for what neither our client nor our server would do.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"

namespace plumb {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A listening socket on any free port of loopback.
class Listener {
 public:
  explicit Listener(int backlog = 16) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.get(), generic, size), 0);
    EXPECT_EQ(::listen(socket_.get(), backlog), 0);
    EXPECT_EQ(::getsockname(socket_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  int get() const { return socket_.get(); }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  FileDescriptor socket_;
  std::uint16_t port_ = 0;
};

// One end of a connection.
class Wire {
 public:
  explicit Wire(FileDescriptor socket) : socket_(std::move(socket)) {}

  static Wire connect(std::uint16_t port) {
    Wire wire(FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    sockaddr_in address = loopback(port);
    EXPECT_EQ(::connect(wire.socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return wire;
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Everything up to and with the mark, or to the end. What follows stays for the next call.
  std::string read_until(std::string_view mark) {
    while (true) {
      std::size_t found = seen_.find(mark);
      if (found != std::string::npos) return take(found + mark.size());
      if (!read_some()) return take(seen_.size());
    }
  }
  std::string read(std::size_t count) {
    while (seen_.size() < count && read_some()) {
    }
    return take(std::min(count, seen_.size()));
  }
  std::string read_all() {
    while (read_some()) {
    }
    return take(seen_.size());
  }
  // True when the last read met a reset, not an orderly end.
  bool was_reset() const { return reset_; }

  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_.close(); }
  // Ends the connection the hard way.
  void reset() {
    linger hard{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    socket_.close();
  }

 private:
  bool read_some() {
    char bytes[16384];
    ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    reset_ = count < 0 && errno == ECONNRESET;
    if (count <= 0) return false;
    seen_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }
  std::string take(std::size_t count) {
    std::string text = seen_.substr(0, count);
    seen_.erase(0, count);
    return text;
  }

  FileDescriptor socket_;
  std::string seen_;
  bool reset_ = false;
};

// Serves each connection by the next script, and further ones by the last; one at a time.
class RawPeer {
 public:
  using Script = std::function<void(Wire&)>;
  explicit RawPeer(std::vector<Script> scripts) : scripts_(std::move(scripts)), thread_([this] { run(); }) {}
  ~RawPeer() {
    ending_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string url() const { return listener_.url(); }
  std::uint16_t port() const { return listener_.port(); }
  int connections() const { return connections_; }

  // Reads one request without a body and answers it with these bytes.
  static Script answer(std::string bytes) {
    return [bytes = std::move(bytes)](Wire& wire) {
      wire.read_until("\r\n\r\n");
      wire.send(bytes);
    };
  }

 private:
  void run() {
    while (!ending_) {
      FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) return;
      auto index = static_cast<std::size_t>(connections_++);
      Wire wire(std::move(socket));
      scripts_[std::min(index, scripts_.size() - 1)](wire);
    }
  }

  std::vector<Script> scripts_;
  Listener listener_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace plumb
