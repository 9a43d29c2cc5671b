#include "ingest/connectors/files.h"

#include "base/error.h"
#include "base/format.h"
#include "ingest/connectors/csv_file.h"
#include "ingest/connectors/json_file.h"

namespace plumb::ingest {

FileFormat file_format(const std::filesystem::path& path) {
  auto ending = path.extension().string();
  if (ending == ".csv" || ending == ".tsv") return FileFormat::Csv;
  if (ending == ".ndjson" || ending == ".jsonl") return FileFormat::Ndjson;
  if (ending == ".json") return FileFormat::Json;
  throw Error(ErrorKind::Usage, format("can't tell what {} holds", path.string()),
              {.hint = "files end in .csv, .tsv, .ndjson, .jsonl or .json"});
}

std::unique_ptr<RowFile> open_row_file(const std::filesystem::path& path, std::stop_token stop) {
  switch (file_format(path)) {
    case FileFormat::Csv:
      return open_csv_file(path, std::move(stop));
    case FileFormat::Ndjson:
      return open_ndjson_file(path, std::move(stop));
    case FileFormat::Json:
      return open_json_file(path, std::move(stop));
  }
  return nullptr;
}

}  // namespace plumb::ingest
