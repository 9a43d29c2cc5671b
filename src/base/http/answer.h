// A handler's answer made ready for the wire. (Private to base.)
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/http_server.h"

namespace plumb {

// Throws Error(Internal) for a status or header that would break the protocol: a bug of the handler's.
void expect_sendable(const ServerResponse& response);

// Compresses the body where the client takes it and it is worth it: some text, not already encoded, not too short.
void compress(ServerResponse& response, const ServerRequest& request);
std::string gzip(std::string_view bytes);

// 204 and 304 have no body, whatever the handler says.
bool may_have_body(int status);
// The handler asks for the end of the connection by "Connection: close".
bool asks_to_close(const ServerResponse& response);

struct HeadOptions {
  std::string_view reason;  // "Not Found"
  bool keep_alive = true;
  bool streamed = false;  // the length is not known: in chunks, or for old clients up to the end of the connection
  bool chunked = false;
  std::chrono::sys_seconds now;
};
// The status line and headers with the blank line. A Date of the handler's is kept (a sandbox has its own clock), a
// length is not.
std::string render_head(const ServerResponse& response, const HeadOptions& options);
// A piece of a streamed body as a chunk, with the mark of the end behind the last one.
std::string chunk(std::string_view piece, bool last);

}  // namespace plumb
