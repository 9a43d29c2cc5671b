// Rows in files: CSV, NDJSON and JSON arrays, typed as they are found.
//
// A file is read twice: once to find the type of each column over all rows, once to read the rows; both in chunks, so
// memory does not grow with the file. What is read stands in docs/connectors/files.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "data/data.h"

namespace plumb::ingest {

enum class FileFormat { Csv, Ndjson, Json };
// By the name's ending: .csv .tsv .ndjson .jsonl .json. Throws Error(Usage) for another.
FileFormat file_format(const std::filesystem::path& path);

// A file whose types are known.
class RowFile {
 public:
  virtual ~RowFile() = default;
  virtual const data::Schema& schema() const = 0;
  // Pushes all rows, batch by batch, from the start. Throws Error(Data) with file and line.
  virtual void read(const std::function<void(data::Batch)>& sink, std::stop_token stop) = 0;
};
std::unique_ptr<RowFile> open_row_file(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace plumb::ingest
