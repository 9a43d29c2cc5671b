// NDJSON (an object a line) and files that are one JSON array of objects.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "ingest/connectors/files.h"

namespace plumb::ingest {

std::unique_ptr<RowFile> open_ndjson_file(const std::filesystem::path& path, std::stop_token stop);
std::unique_ptr<RowFile> open_json_file(const std::filesystem::path& path, std::stop_token stop);

}  // namespace plumb::ingest
