#include "cli/docs_page.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/format.h"

namespace plumb::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kArtifacts = {"manifest.json", "catalog.json"};
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  if (path.ends_with(".json")) return "application/json";
  return "text/plain; charset=utf-8";
}

ServerResponse reply(int status, std::string_view type, std::string body) {
  ServerResponse response{.status = status, .body = std::move(body)};
  response.headers = {{"Content-Type", std::string(type)},
                      {"Content-Security-Policy", std::string(kPolicy)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"X-Frame-Options", "DENY"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      // The artifacts are made again while the page is open.
                      {"Cache-Control", "no-store"}};
  return response;
}

ServerResponse refuse(int status, std::string_view words) {
  return reply(status, "text/plain; charset=utf-8", std::string(words) + "\n");
}

// "localhost:8080" without its port.
std::string_view host_of(const ServerRequest& request) {
  const std::string* found = request.headers.find("Host");
  if (found == nullptr) return {};
  std::string_view host = *found;
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool names_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.empty();
}

}  // namespace

void check_docs(const fs::path& target) {
  std::error_code ignored;
  for (std::string_view name : kArtifacts) {
    if (fs::exists(target / name, ignored)) continue;
    throw Error(ErrorKind::NotFound,
                plumb::format("there is no documentation: '{}' is missing", (target / name).string()),
                {.hint = "run `plumb docs generate` first"});
  }
}

ServerResponse answer_docs(const ServerRequest& request, const fs::path& target, bool here_only) {
  if (here_only && !names_this_machine(host_of(request))) {
    return refuse(421, "this server answers for localhost; --host opens it to others");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = refuse(405, "only GET and HEAD");
    response.headers.add("Allow", "GET, HEAD");
    return response;
  }
  std::string_view name = std::string_view(request.path).substr(request.path.starts_with('/') ? 1 : 0);
  if (name.empty()) name = "index.html";
  if (std::find(kArtifacts.begin(), kArtifacts.end(), name) != kArtifacts.end()) {
    auto text = find_file(target / name);
    return text ? reply(200, type_of(name), std::move(*text)) : refuse(404, "run `plumb docs generate`");
  }
  for (const PageFile& file : docs_page_files()) {
    if (file.path == name) return reply(200, type_of(name), std::string(file.text));
  }
  return refuse(404, "there is nothing here");
}

}  // namespace plumb::cli
