// The documentation page of `plumb docs serve`: the files of docs_page/, which the build puts into the program, and
// what the server answers with them and the two artifacts of a target folder.
//
// Nothing else is ever served: a request's path is compared with a list of names and never becomes a path on disk. The
// page shows what the project's authors wrote, so its answers forbid everything but its own scripts and styles.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "base/http_server.h"

namespace plumb::cli {

struct PageFile {
  std::string_view path;  // "search.js"
  std::string_view text;
};
std::span<const PageFile> docs_page_files();

// Throws Error(NotFound) when manifest.json or catalog.json is not there.
void check_docs(const std::filesystem::path& target);

// `here_only`: the server listens on this machine's own address; then a request must name it as its host, so that no
// page from elsewhere can read the project by giving our address a name of its own.
ServerResponse answer_docs(const ServerRequest& request, const std::filesystem::path& target, bool here_only);

}  // namespace plumb::cli
