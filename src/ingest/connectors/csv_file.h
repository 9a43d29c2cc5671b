// CSV as RFC 4180 has it, and as it is found: another separator, a byte order mark, blank lines at the end.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "ingest/connectors/files.h"

namespace plumb::ingest {

std::unique_ptr<RowFile> open_csv_file(const std::filesystem::path& path, std::stop_token stop);

}  // namespace plumb::ingest
