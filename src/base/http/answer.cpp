#include "base/http/answer.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/format.h"
#include "base/http/date.h"
#include "base/http/form.h"

namespace plumb {
namespace {

// Below this a packet is a packet.
constexpr std::size_t kWorthCompressing = 512;
// zlib's window bits for a gzip header.
constexpr int kGzipWindow = 15 + 16;

bool is_text(std::string_view content_type) {
  std::string_view type = trim_blanks(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
  if (type.empty() || type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml")) return true;
  constexpr std::array<std::string_view, 6> kText = {"application/json",  "application/x-ndjson",
                                                     "application/jsonl", "application/javascript",
                                                     "application/xml",   "application/x-www-form-urlencoded"};
  return std::find(kText.begin(), kText.end(), type) != kText.end();
}

bool breaks_lines(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos;
}

}  // namespace

void expect_sendable(const ServerResponse& response) {
  if (response.status < 200 || response.status > 599) {
    throw Error(ErrorKind::Internal, format("a handler answered with status {}", response.status));
  }
  for (const auto& [name, value] : response.headers) {
    bool word = !name.empty() && name.find_first_of(": \t") == std::string::npos;
    if (!word || breaks_lines(name) || breaks_lines(value)) {
      throw Error(ErrorKind::Internal, "a handler answered with a header that has a line break or no name");
    }
  }
}

bool may_have_body(int status) {
  return status != 204 && status != 304;
}

bool asks_to_close(const ServerResponse& response) {
  const std::string* connection = response.headers.find("Connection");
  return connection && same_name(trim_blanks(*connection), "close");
}

void compress(ServerResponse& response, const ServerRequest& request) {
  const std::string* type = response.headers.find("Content-Type");
  bool worth_it = !response.stream && response.body.size() >= kWorthCompressing && may_have_body(response.status) &&
                  !response.headers.find("Content-Encoding") && is_text(type ? *type : "");
  if (!worth_it) return;
  response.headers.add("Vary", "Accept-Encoding");
  const std::string* accepted = request.headers.find("Accept-Encoding");
  if (!accepted || !accepts_gzip(*accepted)) return;
  response.body = gzip(response.body);
  response.headers.add("Content-Encoding", "gzip");
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, deflateEnd);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  if (std::max(out.size(), bytes.size()) > std::numeric_limits<uInt>::max()) {
    throw Error(ErrorKind::Internal, "a body of 4 GB or more can't be compressed at once");
  }
  // zlib never writes through next_in; its type dates from before const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // deflateBound() is enough for one go
  out.resize(stream.total_out);
  return out;
}

std::string render_head(const ServerResponse& response, const HeadOptions& options) {
  std::string head = format("HTTP/1.1 {} {}\r\n", response.status, options.reason);
  for (const auto& [name, value] : response.headers) {
    bool ours =
        same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") || same_name(name, "Connection");
    if (!ours) head += format("{}: {}\r\n", name, value);
  }
  if (!response.headers.find("Date")) head += format("Date: {}\r\n", format_http_date(options.now));
  if (options.streamed) {
    if (options.chunked) head += "Transfer-Encoding: chunked\r\n";
    return head + "Connection: close\r\n\r\n";
  }
  if (may_have_body(response.status)) head += format("Content-Length: {}\r\n", response.body.size());
  head += options.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

std::string chunk(std::string_view piece, bool last) {
  std::string text = piece.empty() ? "" : format("{:x}\r\n{}\r\n", piece.size(), piece);
  if (last) text += "0\r\n\r\n";
  return text;
}

}  // namespace plumb
