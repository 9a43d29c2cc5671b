// What curl hands over while a request is under way, put together to an answer. (Private to base.)
#pragma once

#include <cstddef>
#include <string_view>

#include "base/http_client.h"

namespace plumb {

class Receiver {
 public:
  Receiver(std::size_t largest_body, bool repeatable) : largest_body_(largest_body), repeatable_(repeatable) {}

  bool sent() const { return sendings_ > 0; }
  // All headers of a final answer have come.
  bool complete() const { return complete_ && response_.status >= 200; }
  bool too_large() const { return too_large_; }
  bool out_of_memory() const { return out_of_memory_; }
  HttpResponse take() { return std::move(response_); }

  // curl's callbacks; `self` is a Receiver. Exceptions must not pass through curl.
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  // Before the request is written to a connection. When a kept connection turns out to be dead, curl writes it again
  // to a fresh one; what may not be repeated (a TAN) is stopped here, as the first may have arrived.
  static int on_sending(void* self, char* remote, char* local, int remote_port, int local_port) noexcept;

 private:
  void add_header_line(std::string_view line);

  std::size_t largest_body_;
  bool repeatable_;
  HttpResponse response_;
  int sendings_ = 0;
  bool complete_ = false;
  bool too_large_ = false;
  bool out_of_memory_ = false;
};

}  // namespace plumb
