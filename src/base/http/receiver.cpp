#include "base/http/receiver.h"

#include <curl/curl.h>

#include <charconv>
#include <new>

#include "base/http/form.h"

namespace plumb {
namespace {

// The number after the first blank of "HTTP/1.1 200 OK"; 0 if there is none.
int status_of(std::string_view line) {
  std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return 0;
  line.remove_prefix(blank + 1);
  int status = 0;
  std::from_chars(line.data(), line.data() + line.size(), status);
  return status;
}

}  // namespace

void Receiver::add_header_line(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  bool at_start = complete_ || response_.status == 0;
  if (at_start && line.starts_with("HTTP/")) {  // also after an interim answer such as "100 Continue"
    response_ = {.status = status_of(line)};
    complete_ = false;
  } else if (line.empty()) {
    complete_ = true;
  } else if (std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    response_.headers.add(std::string(trim_blanks(line.substr(0, colon))),
                          std::string(trim_blanks(line.substr(colon + 1))));
  }
}

std::size_t Receiver::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& receiver = *static_cast<Receiver*>(self);
  try {
    receiver.add_header_line({data, size * count});
  } catch (const std::bad_alloc&) {
    receiver.out_of_memory_ = true;
    return 0;
  }
  return size * count;
}

std::size_t Receiver::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& receiver = *static_cast<Receiver*>(self);
  std::string& body = receiver.response_.body;
  if (size * count > receiver.largest_body_ - body.size()) {
    receiver.too_large_ = true;
    return 0;
  }
  try {
    body.append(data, size * count);
  } catch (const std::bad_alloc&) {
    receiver.out_of_memory_ = true;
    return 0;
  }
  return size * count;
}

int Receiver::on_sending(void* self, char*, char*, int, int) noexcept {
  auto& receiver = *static_cast<Receiver*>(self);
  bool again = receiver.sendings_++ > 0;
  return again && !receiver.repeatable_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

}  // namespace plumb
