// What we read of HTTP ourselves (the rest is curl's and Beast's): forms, targets, dates, Retry-After, header lines;
// and requests, of which none may be taken that two readers could take for two. Whatever comes, it must not crash, and
// what was understood must survive being written and read again.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <cstdlib>

#include "base/http/date.h"
#include "base/http/form.h"
#include "base/http/receiver.h"
#include "base/http/request_parser.h"
#include "base/http/retry.h"

namespace plumb {
namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void read_dates(std::string_view text) {
  if (auto date = find_http_date(text)) expect(find_http_date(format_http_date(*date)) == date);
  std::string value(text);
  auto wait = find_retry_after({{"Retry-After", value}, {"Date", value.substr(value.size() / 2)}}, Instant{});
  expect(!wait || *wait >= Duration(0));
}

void read_forms(std::string_view text) {
  FormFields fields = parse_form(text);
  expect(parse_form(form_encode(fields)) == fields);
  if (auto target = find_target(text)) {
    expect(!target->path.empty());
    expect(target->path.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos);
  }
  accepts_gzip(text);
}

void read_lines(std::string_view text) {
  Receiver receiver(64, true);
  std::string lines(text);
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t end = std::min(lines.find('\n', at), lines.size() - 1);
    expect(Receiver::on_header(lines.data() + at, 1, end + 1 - at, &receiver) == end + 1 - at);
    at = end + 1;
  }
  std::size_t taken = Receiver::on_body(lines.data(), 1, lines.size(), &receiver);
  expect(taken == (lines.size() <= 64 ? lines.size() : 0));
}

void read_requests(std::string_view text) {
  RequestParser parser;
  parser.header_limit(4096);
  parser.body_limit(1024);
  parser.eager(true);
  boost::system::error_code error;
  std::size_t taken = parser.put(boost::asio::buffer(text.data(), text.size()), error);
  expect(taken <= text.size());
  if (error || !parser.is_done()) return;
  bool modern = parser.knows_chunks();
  ServerRequest request = parser.take();
  auto count = [&](std::string_view name) {
    return std::count_if(request.headers.begin(), request.headers.end(),
                         [&](const auto& header) { return same_name(header.first, name); });
  };
  expect(count("Host") == 1 || (!modern && count("Host") == 0));
  expect(count("Content-Length") + count("Transfer-Encoding") <= 1);
  expect(request.body.size() <= 1024);
}

}  // namespace
}  // namespace plumb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  plumb::read_dates(text);
  plumb::read_forms(text);
  plumb::read_lines(text);
  plumb::read_requests(text);
  return 0;
}
