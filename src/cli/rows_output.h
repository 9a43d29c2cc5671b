// Rows for a reader: a table for eyes, CSV, JSON and NDJSON for programs. Streams; only the table looks ahead, to find
// its columns' widths.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "data/data.h"

namespace plumb::cli {

using TextSink = std::function<void(std::string_view)>;

class RowsOutput {
 public:
  virtual ~RowsOutput() = default;
  virtual void write(const data::Batch& batch) = 0;
  virtual void finish() = 0;
};

// `format`: table, csv, json, ndjson, arrow. `width` is the terminal's, for the table; 0: as wide as the rows.
std::unique_ptr<RowsOutput> make_rows_output(std::string_view format, const data::Schema& schema, TextSink sink,
                                             int width);

}  // namespace plumb::cli
