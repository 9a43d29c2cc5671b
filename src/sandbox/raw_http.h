// For tests only: HTTP spoken by hand over a socket, so that a sandbox is tested by nobody's client.
//
//     RawAnswer answer = raw_exchange(sandbox->url(), "GET /data/2.5/weather?q=Berlin HTTP/1.1\r\nHost: x\r\n\r\n");
//     answer.status;   // 401
//     answer.body;     // up to Content-Length, or to the break
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumb::sandbox {

struct RawAnswer {
  int status = 0;
  std::string head;  // status line and headers, as they came
  std::string body;
  bool broken = false;  // the connection was reset, or ended before Content-Length was reached

  // The value of a header whose name is spelt so; empty when there is none.
  std::string header(std::string_view name) const {
    std::string line = "\r\n" + std::string(name) + ": ";
    std::size_t at = head.find(line);
    if (at == std::string::npos) return {};
    at += line.size();
    return head.substr(at, head.find("\r\n", at) - at);
  }
};

// Sends the text to a server such as "http://127.0.0.1:8801" and reads one answer.
inline RawAnswer raw_exchange(const std::string& url, std::string_view request) {
  RawAnswer answer;
  int port = std::atoi(url.substr(url.rfind(':') + 1).c_str());
  int socket_fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "nobody listens at " << url;
    ::close(socket_fd);
    return answer;
  }
  while (!request.empty()) {
    ssize_t sent = ::send(socket_fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string text;
  std::size_t head_end = std::string::npos;
  std::size_t length = 0;
  char buffer[8192];
  while (head_end == std::string::npos || text.size() < head_end + length) {
    ssize_t got = ::recv(socket_fd, buffer, sizeof buffer, 0);
    if (got <= 0) {
      answer.broken = true;
      break;
    }
    text.append(buffer, static_cast<std::size_t>(got));
    if (head_end != std::string::npos) continue;
    if (std::size_t blank = text.find("\r\n\r\n"); blank != std::string::npos) {
      head_end = blank + 4;
      answer.head = text.substr(0, blank + 2);
      length = static_cast<std::size_t>(std::atoll(answer.header("Content-Length").c_str()));
    }
  }
  ::close(socket_fd);
  if (head_end != std::string::npos) {
    answer.status = std::atoi(answer.head.c_str() + answer.head.find(' '));
    answer.body = text.substr(head_end);
  }
  return answer;
}

inline RawAnswer raw_get(const std::string& url, std::string_view target,
                         const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  std::string request = "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + url.substr(url.find("//") + 2) + "\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  return raw_exchange(url, request + "Connection: close\r\n\r\n");
}

}  // namespace plumb::sandbox
